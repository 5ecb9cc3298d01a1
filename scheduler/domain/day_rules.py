"""The rules by which awareness days recur: each finds the first day of a year's holding, and says how sure that is.

All are pure. A rule that counts from another day asks for it with `FindDay`. `rule_words.py` reads them from words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.domain.awareness import DateStatus, Holding

FindDay = Callable[[str, int], Holding]
"""Given the id of another day and a year, return that holding. Raises KeyError if there is no such day."""

Found = tuple[dt.date | None, DateStatus]
"""The first day that a rule gives for a year, None if it gives none, and how sure it is."""

LAST = -1
NOTHING: Found = (None, DateStatus.UNKNOWN)


class Rule:
    """How a day recurs."""

    __slots__ = ()

    def find(self, year: int, find_day: FindDay) -> Found:
        """Return the first day of a year's holding and how sure it is."""
        raise NotImplementedError

    def count_days(self, year: int) -> int:
        """Return how many days it lasts where nothing else is said."""
        return 1


class Reckoned(Rule):
    """A rule of the civil calendar, which needs nothing but the year."""

    __slots__ = ()

    def compute(self, year: int) -> dt.date:
        """Return the first day of a year's holding."""
        raise NotImplementedError

    def find(self, year: int, find_day: FindDay) -> Found:
        return self.compute(year), DateStatus.COMPUTED


@dataclass(frozen=True, slots=True)
class Fixed(Reckoned):
    """The same date every year. 29 February is none."""

    month: int
    day: int

    def compute(self, year: int) -> dt.date:
        return dt.date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class WholeMonth(Reckoned):
    """A month, from its first day to its last."""

    month: int

    def compute(self, year: int) -> dt.date:
        return dt.date(year, self.month, 1)

    def count_days(self, year: int) -> int:
        following = dt.date(year + self.month // 12, self.month % 12 + 1, 1)
        return (following - self.compute(year)).days


@dataclass(frozen=True, slots=True)
class NthWeekday(Reckoned):
    """The nth (1 to 4, or LAST) of a weekday (0 is Monday) in a month."""

    nth: int
    weekday: int
    month: int

    def compute(self, year: int) -> dt.date:
        if self.nth == LAST:
            last = dt.date(year + self.month // 12, self.month % 12 + 1, 1) - dt.timedelta(days=1)
            return last - dt.timedelta(days=(last.weekday() - self.weekday) % 7)
        first = dt.date(year, self.month, 1)
        return first + dt.timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))


@dataclass(frozen=True, slots=True)
class WorkingWeekDay(Reckoned):
    """A weekday of the nth week of a month that has a day from Monday to Friday in it.

    Safer Internet Day is the Tuesday of the second such week of February: 5 February in 2019, for Friday the 1st
    made a week of its own (UK Safer Internet Centre's dates of 2019 to 2026, checked November 2026).
    """

    weekday: int
    nth: int
    month: int

    def compute(self, year: int) -> dt.date:
        first = dt.date(year, self.month, 1)
        monday = first - dt.timedelta(days=first.weekday())
        if first.weekday() > 4:  # a weekend only: it is no working week of this month
            monday += dt.timedelta(days=7)
        return monday + dt.timedelta(days=7 * (self.nth - 1) + self.weekday)


@dataclass(frozen=True, slots=True)
class NearestWeekday(Reckoned):
    """The weekday nearest to a date; the two sides are never as near."""

    weekday: int
    month: int
    day: int

    def compute(self, year: int) -> dt.date:
        middle = dt.date(year, self.month, self.day)
        return middle + dt.timedelta(days=(self.weekday - middle.weekday() + 3) % 7 - 3)


@dataclass(frozen=True, slots=True)
class WeekContaining(Reckoned):
    """The week that holds a date, begun on a weekday (0 is Monday)."""

    month: int
    day: int
    begins_on: int = 0

    def compute(self, year: int) -> dt.date:
        middle = dt.date(year, self.month, self.day)
        return middle - dt.timedelta(days=(middle.weekday() - self.begins_on) % 7)

    def count_days(self, year: int) -> int:
        return 7


@dataclass(frozen=True, slots=True)
class EasterSunday(Reckoned):
    """Easter Sunday of the western churches."""

    def compute(self, year: int) -> dt.date:
        from dateutil.easter import easter

        return easter(year)


@dataclass(frozen=True, slots=True)
class HijriDate(Rule):
    """A date of the Islamic calendar: always an estimate, since the moon is sighted, and may be a day off either way.

    By the Umm al-Qura calendar of hijridate, whose makers warn against religious use; it knows 1924 to 2077. A year
    that holds the date twice (Ramadan begins twice in 2030) gives the first.
    """

    month: int
    day: int

    def find(self, year: int, find_day: FindDay) -> Found:
        from hijridate import Hijri

        around = (year - 622) * 33 // 32
        for islamic in range(around - 1, around + 3):
            try:
                civil = Hijri(islamic, self.month, self.day).to_gregorian()
            except (ValueError, OverflowError):  # the calendar's end, or a month of 29 days
                continue
            if civil.year == year:
                return dt.date(civil.year, civil.month, civil.day), DateStatus.ESTIMATED
        return NOTHING


@dataclass(frozen=True, slots=True)
class AnotherDay(Rule):
    """When another day begins, or the last day of it."""

    day: str
    is_end: bool = False

    def find(self, year: int, find_day: FindDay) -> Found:
        other = find_day(self.day, year)
        if other.first is None:
            return NOTHING
        return (other.last if self.is_end else other.first), other.status


@dataclass(frozen=True, slots=True)
class Shifted(Rule):
    """So many days after another rule's (before it: less than zero), in the year in which that falls."""

    base: Rule
    days: int

    def find(self, year: int, find_day: FindDay) -> Found:
        for base_year in (year, year + 1, year - 1):
            first, status = self.base.find(base_year, find_day)
            if first is not None and (first + dt.timedelta(days=self.days)).year == year:
                return first + dt.timedelta(days=self.days), status
        return NOTHING


@dataclass(frozen=True, slots=True)
class Usually(Rule):
    """Where it falls as a rule that is not kept to, or not known to be: an estimate."""

    base: Rule

    def find(self, year: int, find_day: FindDay) -> Found:
        first, status = self.base.find(year, find_day)
        return first, DateStatus.ESTIMATED if status is DateStatus.COMPUTED else status

    def count_days(self, year: int) -> int:
        return self.base.count_days(year)


@dataclass(frozen=True, slots=True)
class Announced(Rule):
    """No rule: the organiser says each year when it is."""

    def find(self, year: int, find_day: FindDay) -> Found:
        return NOTHING


def repeat_week(seen: dt.date, year: int) -> dt.date:
    """Return the same weekday in the same week of its month (the fifth: the last) of another year."""
    nth = (seen.day - 1) // 7 + 1
    return NthWeekday(nth if nth < 5 else LAST, seen.weekday(), seen.month).compute(year)
