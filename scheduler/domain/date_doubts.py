"""What cannot be, of the dates in a text: weekdays, ranges, days that no month has, and dates of known days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scheduler.domain.awareness import SURE, Holding
from scheduler.domain.day_names import Name
from scheduler.domain.day_rules import FindDay
from scheduler.domain.when import MONTHS, WEEKDAYS, write_date
from scheduler.domain.written_dates import Stretch, WrittenDate, replace_date, settle_dates

YEARS_NEAR = 3
"""A year further away than this is history or a plan, not one that somebody forgot to change."""

_FARTHEST_APART = 80  # characters between a name and its date
# What may stand between a name and its date, and no more: "Time to Talk Day 2026 is on …".
_AFTER_NAME = re.compile(
    r"(?:[\s,:;()–—-]|\b(?:is|are|was|will|be|falls|fall|takes|place|runs|returns|comes|on|from|between|this|year|held|"
    r"happens|takes|starts|begins|starting|beginning|marked|celebrated|observed|the|today|back|{yyyy}|20\d\d)\b|{yyyy})*",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(
    r"(?P<quiet>[\s,:;–—-]|\b(?:we|it['’]s|will|be|the|this|year['’]s|our)\b)*"
    r"(?:\b(?P<verb>is|are|marks|mark|sees|for)\b(?:\s|\bthe\b)*)?",
    re.IGNORECASE,
)
_WEEK = 7
_MIDWEEK = range(1, 5)  # from Tuesday to Friday
_BEGINNING = re.compile(r"\b(?:starts|begins|starting|beginning)\b", re.IGNORECASE)
_ENDS_THERE = re.compile(r"\s*(?:[^\sa-z]|$)")


class Finding(NamedTuple):
    """What is wrong with the words of a text from `start` to `stop`, and what to do about it."""

    start: int
    stop: int
    message: str
    hint: str


class Occasion(NamedTuple):
    """When a campaign is: its first and its last day, which may be the same."""

    first: dt.date
    last: dt.date

    @property
    def year(self) -> int:
        """Return the year that the campaign is known by."""
        return self.first.year


def find_impossible(text: str, stretch: Stretch, occasion: Occasion) -> Iterator[Finding]:
    """Yield what cannot be of dates written together, whatever is known of awareness days."""
    settled = settle_dates(stretch, occasion.first)
    for written, day in zip(stretch.dates, settled, strict=True):
        if day is None:
            yield _say_no_such_day(written, occasion)
        elif written.weekday not in {None, day.weekday()} and not _fits_next_year(written, day, occasion):
            yield _say_weekday(text, written, day)
    first, last = settled[0], settled[-1]
    if not stretch.is_range or first is None or last is None:
        return
    start, stop = stretch.span
    if first > last:
        message = f"{_quote(text[start:stop])} ends before it begins."
        yield Finding(start, stop, message, "Put one of the two dates right.")
    elif first == occasion.first < occasion.last < last:
        message = f"{_quote(text[start:stop])} is longer than this campaign, which ends on {write_date(occasion.last)}."
        yield Finding(start, stop, message, "Both days of a range are included: put one right, or 'until:'.")
    elif stretch.dates[0].weekday is None and (year := _find_year_of_week(text, stretch, first, last)):
        message = f"{_quote(text[start:stop])} begins on a {WEEKDAYS[first.weekday()]}: in {year} it was a Monday."
        yield Finding(start, stop, message, "Put it right; if it is on these dates every year, write the weekdays too.")


def find_misdated(
    text: str, stretches: Sequence[Stretch], names: Iterable[Name], occasion: Occasion, find_day: FindDay
) -> Iterator[Finding]:
    """Yield the dates that a text gives to an awareness day and that are not its own. Raises as `find_day` does."""
    for name in names:
        stretch, gap = _find_its_dates(text, name, stretches)
        if stretch is None:
            continue
        year = stretch.dates[0].year or occasion.year
        if abs(year - occasion.year) > YEARS_NEAR:
            continue
        holding = find_day(name.day, year)
        settled = settle_dates(stretch, occasion.first)
        if holding.first is None or holding.status not in SURE or None in settled:
            continue
        begins = bool(_BEGINNING.search(gap)) and not stretch.is_range
        if not _agrees([day for day in settled if day], holding, stretch.is_range, begins):
            start, stop = stretch.span
            message = f"{holding.name} {year} is {say_dates(holding)}, not {_quote(text[start:stop])}."
            hint = "Put it right; if it was moved, record that in your own days (README, 'Awareness days')."
            yield Finding(start, stop, message, hint)


def _find_year_of_week(text: str, stretch: Stretch, first: dt.date, last: dt.date) -> int | None:
    """Return the year not long ago in which a week that begins in the middle of one now began on a Monday.

    Weeks that begin with a month or end with it are the same dates every year, as a rule.
    """
    is_whole = (last - first).days == _WEEK - 1 and first.weekday() in _MIDWEEK
    same_each_year = first.day == 1 or (last + dt.timedelta(days=1)).day == 1
    ahead = text[max(0, stretch.span[0] - _FARTHEST_APART) : stretch.span[0]]
    if not is_whole or same_each_year or re.search(r"\bweek\b", ahead, re.IGNORECASE) is None:
        return None
    before = [(year, stretch.dates[0].in_year(year)) for year in range(first.year - 1, first.year - YEARS_NEAR - 1, -1)]
    return next((year for year, day in before if day is not None and day.weekday() == 0), None)


def _say_no_such_day(written: WrittenDate, occasion: Occasion) -> Finding:
    year = f" {written.year or occasion.year}" if (written.day, written.month) == (29, 2) else ""
    month = MONTHS[written.month - 1] if 1 <= written.month <= 12 else f"of a month {written.month}"
    message = f"There is no {written.day} {month}{year}."
    return Finding(written.start, written.stop, message, "Put the date right.")


def _fits_next_year(written: WrittenDate, day: dt.date, occasion: Occasion) -> bool:
    """Return whether a date without a year fits where it is nearer: in December people write of January."""
    if written.year is not None:
        return False
    others = [written.in_year(day.year - 1), written.in_year(day.year + 1)]
    distance = abs(day - occasion.first)
    return any(
        other is not None and other.weekday() == written.weekday and abs(other - occasion.first) < distance
        for other in others
    )


def _say_weekday(text: str, written: WrittenDate, day: dt.date) -> Finding:
    words = text[written.start : written.stop]
    shifted = written._replace(
        spans={part: (start - written.start, stop - written.start) for part, (start, stop) in written.spans.items()}
    )
    message = f"{_quote(words)} cannot be: {write_date(day)} is a {WEEKDAYS[day.weekday()]}."
    hint = f"Type {_quote(replace_date(words, shifted, day))}, or put the date right."
    return Finding(written.start, written.stop, message, hint)


def _find_its_dates(text: str, name: Name, stretches: Iterable[Stretch]) -> tuple[Stretch | None, str]:
    """Return the dates that a text gives to a day that it names, if any, and the words between."""
    for stretch in stretches:
        start, stop = stretch.span
        if name.stop <= start <= name.stop + _FARTHEST_APART:
            gap = text[name.stop : start]
            if "\n\n" not in gap and _AFTER_NAME.fullmatch(gap):
                return stretch, gap
        elif stop <= name.start <= stop + _FARTHEST_APART:
            gap = text[stop : name.start]
            found = _BEFORE_NAME.fullmatch(gap)
            if found and "\n\n" not in gap and (found["verb"] or _ENDS_THERE.match(text, name.stop)):
                return stretch, gap
    return None, ""


def _agrees(days: list[dt.date], holding: Holding, is_range: bool, begins: bool) -> bool:
    first = holding.first
    last = holding.last or first
    if first is None or last is None:
        return True
    if is_range:
        return (days[0], days[-1]) == (first, last)
    return days[0] == first if begins else all(first <= day <= last for day in days)


def say_dates(holding: Holding) -> str:
    """Return when a day is held, as words that follow "is"."""
    first, last = holding.first, holding.last
    if first is None or last is None or first == last:
        return f"on {write_date(first)}" if first else "not held"
    shared = f" {MONTHS[last.month - 1]} {last.year}" if first.month == last.month else f" {last.year}"
    return f"from {write_date(first).removesuffix(shared)} to {write_date(last)}"


def _quote(words: str) -> str:
    return f"'{' '.join(words.split())}'"
