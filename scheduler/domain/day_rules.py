"""The rules by which awareness days recur: each finds the first day of a year's holding, and says how sure that is.

All are pure. A rule that counts from another day asks for it with `FindDay`. `rule_words.py` reads them from words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple, Protocol

from scheduler.domain.awareness import DateStatus, Holding

FindDay = Callable[[str, int], Holding]
"""Given the id of another day and a year, return that holding. Raises KeyError if there is no such day."""

Found = tuple[dt.date | None, DateStatus]
"""The first day that a rule gives for a year, None if it gives none, and how sure it is."""

LAST = -1
_LONGEST_HIJRI_MONTH = 30
NOTHING: Found = (None, DateStatus.UNKNOWN)


class Rule(Protocol):
    """How a day recurs."""

    def find(self, year: int, find_day: FindDay) -> Found:
        """Return the first day of a year's holding and how sure it is."""
        ...


class Fixed(NamedTuple):
    """The same date every year. 29 February is none."""

    month: int
    day: int

    def find(self, year: int, find_day: FindDay) -> Found:
        return _computed(dt.date(year, self.month, self.day))


class WholeMonth(NamedTuple):
    """A month, from its first day to its last."""

    month: int

    def find(self, year: int, find_day: FindDay) -> Found:
        return _computed(dt.date(year, self.month, 1))


class NthWeekday(NamedTuple):
    """The nth (1 to 4, or LAST) of a weekday (0 is Monday) in a month."""

    nth: int
    weekday: int
    month: int

    def find(self, year: int, find_day: FindDay) -> Found:
        if self.nth == LAST:
            last = _following_month(year, self.month) - dt.timedelta(days=1)
            return _computed(last - dt.timedelta(days=(last.weekday() - self.weekday) % 7))
        first = dt.date(year, self.month, 1)
        return _computed(first + dt.timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1)))


class WorkingWeekDay(NamedTuple):
    """A weekday of the nth week of a month that has a day from Monday to Friday in it.

    Safer Internet Day is the Tuesday of the second such week of February: 5 February in 2019, for Friday the 1st
    made a week of its own (UK Safer Internet Centre's dates of 2019 to 2026, checked November 2026).
    """

    weekday: int
    nth: int
    month: int

    def find(self, year: int, find_day: FindDay) -> Found:
        first = dt.date(year, self.month, 1)
        monday = first - dt.timedelta(days=first.weekday())
        if first.weekday() > 4:  # a weekend only: it is no working week of this month
            monday += dt.timedelta(days=7)
        return _computed(monday + dt.timedelta(days=7 * (self.nth - 1) + self.weekday))


class NearestWeekday(NamedTuple):
    """The weekday nearest to a date; the two sides are never as near."""

    weekday: int
    month: int
    day: int

    def find(self, year: int, find_day: FindDay) -> Found:
        middle = dt.date(year, self.month, self.day)
        return _computed(middle + dt.timedelta(days=(self.weekday - middle.weekday() + 3) % 7 - 3))


class WeekContaining(NamedTuple):
    """The week that holds a date, begun on a weekday (0 is Monday)."""

    month: int
    day: int
    begins_on: int = 0

    def find(self, year: int, find_day: FindDay) -> Found:
        middle = dt.date(year, self.month, self.day)
        return _computed(middle - dt.timedelta(days=(middle.weekday() - self.begins_on) % 7))


class EasterSunday(NamedTuple):
    """Easter Sunday of the western churches."""

    def find(self, year: int, find_day: FindDay) -> Found:
        from dateutil.easter import easter

        return _computed(easter(year))


class HijriDate(NamedTuple):
    """A date of the Islamic calendar: always an estimate, since the moon is sighted, and may be a day off either way.

    By the Umm al-Qura calendar of hijridate, whose makers warn against religious use; it knows 1924 to 2077. A year
    that holds the date twice (Ramadan begins twice in 2030) gives the first.
    """

    month: int
    day: int

    def find(self, year: int, find_day: FindDay) -> Found:
        found = _find_hijri(self.month, self.day, year)
        return NOTHING if found is None else (found[0], DateStatus.ESTIMATED)


class HijriMonth(NamedTuple):
    """A month of the Islamic calendar, to the day before the next one begins: 29 or 30 days, an estimate as above."""

    month: int

    def find(self, year: int, find_day: FindDay) -> Found:
        return HijriDate(self.month, 1).find(year, find_day)


class AnotherDay(NamedTuple):
    """When another day begins, or the last day of it."""

    day: str
    is_end: bool = False

    def find(self, year: int, find_day: FindDay) -> Found:
        other = find_day(self.day, year)
        if other.first is None:
            return NOTHING
        return (other.last if self.is_end else other.first), other.status


class Shifted(NamedTuple):
    """So many days after another rule's (before it: less than zero), in the year in which that falls."""

    base: Rule
    days: int

    def find(self, year: int, find_day: FindDay) -> Found:
        for base_year in (year, year + 1, year - 1):
            first, status = self.base.find(base_year, find_day)
            if first is not None and (first + dt.timedelta(days=self.days)).year == year:
                return first + dt.timedelta(days=self.days), status
        return NOTHING


class Usually(NamedTuple):
    """Where it falls as a rule that is not kept to, or not known to be: an estimate."""

    base: Rule

    def find(self, year: int, find_day: FindDay) -> Found:
        first, status = self.base.find(year, find_day)
        return first, DateStatus.ESTIMATED if status is DateStatus.COMPUTED else status


class Announced(NamedTuple):
    """No rule: the organiser says each year when it is."""

    def find(self, year: int, find_day: FindDay) -> Found:
        return NOTHING


def count_days(rule: Rule, year: int) -> int:
    """Return how many days a rule gives to a year's holding where nothing else is said."""
    match rule:
        case WholeMonth(month):
            return (_following_month(year, month) - dt.date(year, month, 1)).days
        case HijriMonth(month):
            found = _find_hijri(month, 1, year)
            return _LONGEST_HIJRI_MONTH if found is None else found[1]
        case WeekContaining():
            return 7
        case Usually(base):
            return count_days(base, year)
        case _:
            return 1


def repeat_week(seen: dt.date, year: int) -> dt.date:
    """Return the same weekday in the same week of its month (the fifth: the last) of another year."""
    nth = (seen.day - 1) // 7 + 1
    first = dt.date(year, seen.month, 1)
    first += dt.timedelta(days=(seen.weekday() - first.weekday()) % 7 + 7 * (nth - 1))
    return first if first.month == seen.month else first - dt.timedelta(days=7)


def _find_hijri(month: int, day: int, year: int) -> tuple[dt.date, int] | None:
    """Return the first such date of the Islamic calendar in a year, and how many days its month has."""
    from hijridate import Hijri

    around = (year - 622) * 33 // 32
    for islamic in range(around - 1, around + 3):
        try:
            found = Hijri(islamic, month, day)
            civil = found.to_gregorian()
        except (ValueError, OverflowError):  # the calendar's end, or a month of 29 days
            continue
        if civil.year == year:
            return dt.date(civil.year, civil.month, civil.day), found.month_length()
    return None


def _computed(first: dt.date) -> Found:
    return first, DateStatus.COMPUTED


def _following_month(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1)
