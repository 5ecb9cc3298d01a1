"""A day of the week with a day of the month and no month, "Tuesday 18th": has a month that may be meant such a day?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import cache

from scheduler.domain.date_doubts import Finding, Occasion
from scheduler.domain.stale_hints import has_ordinal
from scheduler.domain.when import MONTHS, WEEKDAYS, write_date
from scheduler.domain.written_dates import Stretch, is_name, name_in_manner, weekday_number

_NEAR = dt.timedelta(days=14)
"""So near to a post or its campaign, a day of the month before or after needs no name of that."""

_WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_DAY = rf"\b(?P<weekday>{_WEEKDAY})\b\.?,?\s+(?:the\s+)?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)\b"
_ANOTHER = rf"(?:\s*(?:and|or|to|until|till|&|,|-|–|—)\s*(?:{_WEEKDAY}\s+)?(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)\b)*"
# What may follow a day, so that the 18th birthday, the 5th floor and 3rd Avenue are none.
_FOLLOWS = (
    r"(?=\s*$|\s*\n|\s*[.,;:!?()\[\]–—|/]|\s+-\s|\s+(?:at|from|to|until|till|and|or|in|is|was|we|you|for|between|by|"
    r"with|on|as|when|noon|midday|midnight|\d{1,2}[:.]\d\d|\d{1,2}(?:\s?-\s?\d{1,2})?\s?[ap]m)\b|\s+@)"
)
_SEARCH = rf"(?P<whole>{_DAY})(?={_ANOTHER}{_FOLLOWS})"
_MONTH_NAME = re.compile(rf"\b(?:{'|'.join(rf'{name}|{name[:3]}' for name in MONTHS)}|Sept)\b", re.IGNORECASE)
_OTHER_MONTH = re.compile(r"\b(?:next|last|each|every|any|previous|following|past|coming) month\b", re.IGNORECASE)
_PROVERBIAL = (4, 13)  # Friday the 13th


def find_monthless(
    text: str, stretches: Iterable[Stretch], occasion: Occasion, posted: dt.date | None
) -> Iterator[Finding]:
    """Yield the days of the week that stand with a day of the month that is another in every month that may be meant.

    These are the campaign's months, that of `posted`, the day a post goes out (None if it is no post's text), any that
    the text names, and what is a fortnight from these days. Days in `stretches` have a month and are left alone.
    """
    if not has_ordinal(text):
        return
    found = [each for each in _compile().finditer(text) if is_name(each["weekday"]) and 1 <= int(each["day"]) <= 31]
    if not found or _OTHER_MONTH.search(text):
        return
    dated = list(stretches)
    months = _list_months(text, dated, occasion, posted)
    for each in found:
        start, stop = each.span("whole")
        weekday, day = weekday_number(each["weekday"]), int(each["day"])
        if (weekday, day) == _PROVERBIAL or any(one.span[0] < stop and start < one.span[1] for one in dated):
            continue
        near = [_find_day(year, month, day) for year, month in _list_near_months(occasion, posted)]
        days = [_find_day(year, month, day) for year, month in months]
        days += [one for one in near if one and _is_near(one, occasion, posted)]
        if all(one is None or one.weekday() != weekday for one in days):
            yield _say(each, [one for one in days if one is not None], months[0])


@cache
def _compile() -> re.Pattern[str]:
    return re.compile(_SEARCH, re.IGNORECASE)


def _list_months(
    text: str, stretches: Iterable[Stretch], occasion: Occasion, posted: dt.date | None
) -> list[tuple[int, int]]:
    """Return the months, each with its year, that a day without one may be of; the campaign's first."""
    ends = (occasion.first, occasion.last)
    first, last = (day.year * 12 + day.month - 1 for day in ends)
    months = [(number // 12, number % 12 + 1) for number in range(first, last + 1)]
    if posted is not None:
        months.append((posted.year, posted.month))
    named = {MONTHS.index(_find_month(found[0])) + 1 for found in _MONTH_NAME.finditer(text) if found[0][0].isupper()}
    named |= {written.month for stretch in stretches for written in stretch.dates}
    months += [(year, month) for month in sorted(named) for year in (occasion.year, occasion.year + 1)]
    return list(dict.fromkeys(months))


def _find_month(name: str) -> str:
    return next(month for month in MONTHS if month[:3] == name[:3].capitalize())


def _list_near_months(occasion: Occasion, posted: dt.date | None) -> set[tuple[int, int]]:
    """Return the months that begin or end within a fortnight of the campaign or of a post."""
    days = [occasion.first - _NEAR, occasion.last + _NEAR]
    if posted is not None:
        days += [posted - _NEAR, posted + _NEAR]
    return {(day.year, day.month) for day in days}


def _is_near(day: dt.date, occasion: Occasion, posted: dt.date | None) -> bool:
    if posted is not None and abs(day - posted) <= _NEAR:
        return True
    return occasion.first - _NEAR <= day <= occasion.last + _NEAR


def _find_day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _say(found: re.Match[str], days: list[dt.date], month: tuple[int, int]) -> Finding:
    start, stop = found.span("whole")
    words = found["whole"]
    quoted = f"'{' '.join(words.split())}'"
    if not days:
        message = f"{quoted} cannot be: {MONTHS[month[1] - 1]} {month[0]} has no day {int(found['day'])}."
        return Finding(start, stop, message, "Put the date right, or write its month.")
    day = days[0]
    message = f"{quoted} cannot be: {write_date(day)} is a {WEEKDAYS[day.weekday()]}."
    right = name_in_manner(found["weekday"], WEEKDAYS[day.weekday()]) + words[len(found["weekday"]) :]
    return Finding(
        start, stop, message, f"Type '{' '.join(right.split())}', or put the date right, or write its month."
    )
