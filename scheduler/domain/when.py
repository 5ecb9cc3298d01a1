"""The grammar of `when`, and from what was written to an instant.

Each row below is a test, on a campaign from Thursday 18 to Wednesday 24 March 2027 in England. Case and surplus spaces
do not matter; `at` and a leading `on` may be left out.

| `when` | means | on that campaign |
| --- | --- | --- |
| `on the day at 08:00` | the campaign's date; of a week, its first day | Thu 18 Mar 2027 08:00 GMT |
| `the eve at 18:00` | the day before | Wed 17 Mar 2027 18:00 GMT |
| `the day before at 10:00` | the same; also `the week before`, `the fortnight before` | Wed 17 Mar 2027 10:00 GMT |
| `the day after at 09:00` | one day later | Fri 19 Mar 2027 09:00 GMT |
| `7 days before at 10:00` | counted back from the date, at most 3660 days | Thu 11 Mar 2027 10:00 GMT |
| `14 days after at 09:00` | counted on from it; the clock on the wall counts | Thu 1 Apr 2027 09:00 BST |
| `two weeks before at 9am` | in weeks or fortnights; one to ten may be words | Thu 4 Mar 2027 09:00 GMT |
| `T-7 at 10:00` | 7 days before, `T+1` one day after | Thu 11 Mar 2027 10:00 GMT |
| `the Monday before at 09:00` | the nearest Monday before the date | Mon 15 Mar 2027 09:00 GMT |
| `the Thursday after at noon` | the nearest Thursday after it, never the date itself | Thu 25 Mar 2027 12:00 GMT |
| `day 2 at 12:30` | the second day of a campaign with `until:` | Fri 19 Mar 2027 12:30 GMT |
| `day 2 of 7 at 12:30` | the same; refused if the campaign does not have 7 days | Fri 19 Mar 2027 12:30 GMT |
| `the third day at 12:30` | day 3 | Sat 20 Mar 2027 12:30 GMT |
| `the last day at 17:00` | the day of `until:` | Wed 24 Mar 2027 17:00 GMT |
| `1 day after the last day at 09:00` | counted from there | Thu 25 Mar 2027 09:00 GMT |
| `the working day before at 09:00` | no weekend, no bank holiday | Wed 17 Mar 2027 09:00 GMT |
| `3 working days after the last day at 10:00` | here Easter is left out | Wed 31 Mar 2027 10:00 BST |
| `the day or the next working day at 09:00` | the day itself if it is one, else the next | Thu 18 Mar 2027 09:00 GMT |
| `18 March 2027 at 08:00` | that date, whatever the campaign's own is | Thu 18 Mar 2027 08:00 GMT |
| `Thursday 18 March 2027 9am` | the same; a weekday that disagrees is refused | Thu 18 Mar 2027 09:00 GMT |
| `Thu, 18th of March 2027, 08:00` | the same | Thu 18 Mar 2027 08:00 GMT |
| `01/04/2027 08:00` | day first, always: 1 April | Thu 1 Apr 2027 08:00 BST |
| `18/03/27 8am` | the same with two figures; `18.03.2027` and `18-Mar-27` too | Thu 18 Mar 2027 08:00 GMT |
| `2027-03-18 08:00` | year first, also `2027-03-18T08:00` | Thu 18 Mar 2027 08:00 GMT |
| `08:00 on the day` | the time may come first | Thu 18 Mar 2027 08:00 GMT |
| `31 October 2027 01:30 GMT` | the second 01:30 of that night; `01:30 BST` is the first | Sun 31 Oct 2027 01:30 GMT |

Clock times: `09:00`, `9:00`, `09.00`, `9am`, `9.30 p.m.`, `0900 hrs`, `noon`, `12 noon`, `midday`. Midnight has to be
written as 00:00 (the day begins) or 23:59 (the day ends). Times are wall-clock times of the campaign's zone.
"""

from __future__ import annotations

import datetime as dt
import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.clock_changes import find_instant
from scheduler.domain.dates_and_times import (
    CLOCK,
    CLOCK_FORM,
    DATE_FORM,
    FARTHEST_DAYS,
    YEARS,
    parse_date,
    parse_duration,
    parse_time,
    read_clock,
    read_date,
    write_date,
)
from scheduler.domain.when_words import (
    DATE_EXAMPLES,
    FLAGS,
    MONTHS,
    NUMBER_FORM,
    ORDINAL_WORDS,
    WEEKDAY_FORM,
    WEEKDAY_NUMBERS,
    WEEKDAYS,
    WHEN_EXAMPLES,
    WhenError,
    count,
    explain,
    make_plain,
    refuse,
)
from scheduler.domain.working_days import FARTHEST_WORKING_DAYS, IsWorking, count_working_days

__all__ = ["FARTHEST_DAYS", "MONTHS", "WEEKDAYS", "YEARS", "When", "WhenError", "parse_date", "parse_duration",
           "parse_time", "parse_when", "resolve", "write_date"]  # fmt: skip

_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_ORDINALS = {word: n for n, word in enumerate(ORDINAL_WORDS.split("|"), start=1)}
_THE = r"(?:the\s+)?"
# The longer form stands before the one that it begins with: what follows it is taken for the time.
_DAY_FORM = (
    r"(?P<day>(?:on\s+)?(?:"
    # 2 weeks before, the working day after the last day, the Monday before
    rf"(?:(?P<count>the(?:\s+(?:first|next|last))?|an?|{NUMBER_FORM})\s+)?"
    rf"(?P<unit>(?P<working>(?:working|business)\s+day)|day|week|fortnight|{WEEKDAY_FORM})(?(count)s?)"
    r"\s+(?P<way>before|after)(?:\s+the\s+(?:first\s+|(?P<from_last>last\s+|final\s+))?day)?"
    rf"|(?P<date>{DATE_FORM})"
    rf"|(?P<rolled>the\s+day,?\s+or\s+(?:on\s+)?{_THE}next\s+(?:working|business)\s+day)"
    rf"|day\s+(?P<nth>{NUMBER_FORM})(?:\s+of\s+(?P<length>{NUMBER_FORM}))?"
    rf"|{_THE}(?:(?P<ordinal>{ORDINAL_WORDS}|\d+(?:st|nd|rd|th))|(?P<last>last|final))\s+day"
    rf"|{_THE}(?P<eve>eve)(?:\s+of\s+the\s+day)?|t\s?(?P<tee>[+-]\s?\d+)|(?P<same>the\s+day)))"
)
_DAY_FIRST = re.compile(rf"\s*{_DAY_FORM}(?:[\s,]+(?:at\b\s*)?|(?<=-\d\d)t(?=\d)|$)(?P<clock>.*)", FLAGS | re.DOTALL)
# Compiled when first used, for it is rare: it would double the time to import this module.
_CLOCK_FIRST = rf"\s*(?:at\s+)?{CLOCK_FORM}[\s,]+{_DAY_FORM}\s*"


class When(NamedTuple):
    """What was written, not yet an instant: either `date` or `offset_days` is set.

    `offset_days` counts from the campaign's date (0 is the day itself), or from its last day if `from_last`; `time` is
    what the clock on the wall shows, `fold` the abbreviation or offset written after it ("GMT", "+01:00").

    `span_day` is the n of `day n`, `span_length` the N of `day n of N`. With `weekday` (0 is Monday), the day meant is
    the nearest such weekday at least `offset_days` away, on the side of its sign. `working_days` are counted from
    there: 1 is the working day after, -1 the one before, 0 the day itself or else the next.
    """

    offset_days: int | None
    date: dt.date | None
    time: dt.time
    fold: str | None
    span_day: int | None = None
    span_length: int | None = None
    from_last: bool = False
    weekday: int | None = None
    working_days: int | None = None


@lru_cache(512)  # a year's posts go out at few hours, so many days before or after
def parse_when(text: str) -> When:
    """Given what stands after `when:`, return the day and the time it names. Raise WhenError if it names none."""
    text = make_plain(text, WHEN_EXAMPLES)
    found = _DAY_FIRST.fullmatch(text) or re.fullmatch(_CLOCK_FIRST, text, FLAGS)
    if not found and CLOCK.fullmatch(text):
        raise refuse(text, "{} has no day.", "Add the day, such as 'on the day at 09:00'.")
    if not found:
        raise explain(text, "{} is not a day and a time.", WHEN_EXAMPLES)
    if not found["clock"].strip():
        hint = f"Add a time, such as '{' '.join(found['day'].split())} at 09:00'."
        raise refuse(text, "{} has no time.", hint)
    try:
        start = found.start("day")
        day = _read_day(found["day"])
        start = found.start("clock")
        clock, fold = read_clock(found["clock"])
    except WhenError as problem:
        raise problem.moved(start) from None
    return When(day[0], day[1], clock, fold, *day[4:])


def resolve(when: When, day: date | None, until: date | None, zone: ZoneInfo, is_working: IsWorking) -> datetime:
    """Given the campaign's date and, for a week, its last day, return the instant as an aware datetime in `zone`.

    `is_working` is asked only where working days are counted. Raise WhenError if the day cannot be counted, lies
    outside the campaign, or the clocks of `zone` do not show that time once on that day: never in spring's gap, twice
    in autumn unless `when.fold` says which.
    """
    try:
        found = when.date or _count_day(when, day, until, is_working)
        return find_instant(datetime.combine(found, when.time, tzinfo=zone), when.fold)
    except OverflowError:
        raise WhenError(f"'{when.time:%H:%M}' on that day falls outside the calendar.", DATE_EXAMPLES) from None


def _day(offset_days: int | None, found: date | None = None, **more: int | bool | None) -> When:
    """Return a day whose time is not read yet."""
    return When(offset_days, found, time(), None, **more)  # type: ignore[arg-type]  # the names are those of When


@lru_cache(maxsize=2048)
def _read_day(words: str) -> When:
    """Return the day that words name; its time is to be put in."""
    found = _DAY_FIRST.fullmatch(words)
    if not found or found["date"]:
        return _day(None, read_date(words))
    if found["same"]:
        return _day(0)
    if found["eve"]:
        return _day(-1)
    if found["last"]:
        return _day(0, from_last=True)
    if found["rolled"]:
        return _day(0, working_days=0)
    if found["nth"] or found["ordinal"]:
        return _read_span_day(words, found)
    return _read_offset(words, found)


def _read_span_day(words: str, found: re.Match[str]) -> When:
    """Return `day n`, `day n of N` or `the third day`."""
    ordinal = (found["ordinal"] or "").lower()
    nth = count(found["nth"]) if found["nth"] else _ORDINALS.get(ordinal) or int(ordinal[:-2])
    if not 1 <= nth <= FARTHEST_DAYS:
        raise refuse(words, "{} does not exist: the first day is day 1.", "Type 'day 1' or 'day 2'.")
    return _day(nth - 1, span_day=nth, span_length=count(found["length"]) if found["length"] else None)


def _read_offset(words: str, found: re.Match[str]) -> When:
    """Return what is so many days, weeks, working days or Mondays before or after."""
    if found["tee"]:
        number, unit, sign = int(found["tee"][1:]), "day", -1 if found["tee"][0] == "-" else 1
    else:
        number, unit = count((found["count"] or "a").split()[0]), found["unit"].lower()
        sign = -1 if found["way"].lower() == "before" else 1
    from_last = bool(found["from_last"])
    if found["working"]:
        if number > FARTHEST_WORKING_DAYS:
            raise refuse(words, "{} is more than a year away.", "Type the date itself, such as '18 March 2027'.")
        return _day(0, from_last=from_last, working_days=sign * number)
    weekday = WEEKDAY_NUMBERS.get(unit)
    days = number * _UNIT_DAYS[unit] if weekday is None else 7 * number - 6
    if days > FARTHEST_DAYS:
        raise refuse(words, "{} is more than ten years away.", "Type the date itself, such as '18 March 2027'.")
    if weekday is not None and not number:
        raise refuse(words, "{} is no day.", "Type 'the Monday before at 09:00', or the date itself.")
    return _day(sign * days, from_last=from_last, weekday=weekday)


def _count_day(when: When, day: date | None, until: date | None, is_working: IsWorking) -> date:
    """Return the date that a relative `when` names; raise WhenError if there is none, OverflowError past year 9999."""
    if day is None:
        message = f"'{when.time:%H:%M}' counts from the campaign's date, and the campaign has none."
        raise WhenError(message, "Add 'date: 18 March 2027' to the campaign, or type the date here.")
    if when.span_day:
        _check_span(when, day, until)
    offset = when.offset_days or 0
    found = ((until or day) if when.from_last else day) + timedelta(days=offset)
    if when.weekday is not None:
        ahead = (when.weekday - found.weekday()) % 7 if offset > 0 else -((found.weekday() - when.weekday) % 7)
        found += timedelta(days=ahead)
    return found if when.working_days is None else count_working_days(found, when.working_days, is_working)


def _check_span(when: When, day: date, until: date | None) -> None:
    """Raise WhenError if `day n` is not one of the campaign's, or it does not have the N days that were written."""
    length = max(((until or day) - day).days + 1, 1)
    spans = (
        f"has one day, {write_date(day)}"
        if until is None
        else f"runs from {write_date(day)} to {write_date(until)}"
    )  # fmt: skip
    if (when.span_day or 0) > length:
        message = f"There is no 'day {when.span_day}': the campaign {spans}."
        raise WhenError(message, f"Type 'day {length}', the date itself, or put the campaign's 'until:' right.")
    if when.span_length not in (None, length):
        message = f"It is not 'day {when.span_day} of {when.span_length}': the campaign {spans}."
        hint = f"Type 'day {when.span_day} of {length}', or put the campaign's 'date:' or 'until:' right."
        raise WhenError(message, hint)
