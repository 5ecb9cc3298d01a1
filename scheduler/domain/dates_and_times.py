"""Dates, times of day and lengths of time, as people in Britain write them."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from functools import lru_cache

from scheduler.domain.when_words import (
    DATE_EXAMPLES,
    DURATION_EXAMPLES,
    FLAGS,
    MONTH_NUMBERS,
    MONTHS,
    NUMBER_WORDS,
    TIME_EXAMPLES,
    WEEKDAY_NUMBERS,
    WEEKDAYS,
    ZONE_FORM,
    count,
    explain,
    make_plain,
    read_name,
    refuse,
)

FARTHEST_DAYS = 3660
YEARS = range(1970, 2200)

_DURATION_UNITS = {"weeks": "w", "days": "d", "hours": "h|hrs?", "minutes": "m|mins?", "seconds": "s|secs?"}
_MIDNIGHT = "Type '00:00' for the start of the day or '23:59' for its end."
DATE_FORM = (
    r"(?:(?P<weekday>[a-z]+)(?:\s*,\s*|\.?\s+))?(?:the\s+)?"
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?:\s*-\s*|\s+)(?:of\s+)?(?P<m1>[a-z]+)"
    r"(?:(?:\.?\s*,\s*|\s*-\s*|\.?\s+)(?P<y1>\d{4})|-(?P<short1>\d\d))"
    r"|(?P<y2>\d{4})[-/.](?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})"
    r"|(?P<d3>\d{1,2})[-/.](?P<m3>\d{1,2})[-/.](?:(?P<y3>\d{4})|(?P<short3>\d\d)))"
)
CLOCK_FORM = (
    r"(?P<clock>(?:(?:12\s*)?(?P<word>noon|midday|midnight)\b|(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d\d)(?::(?P<second>\d\d))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?|\s*(?:hours|hrs?)\b)?)"
    rf"(?:\s*(?P<zone>{ZONE_FORM})\b|(?P<offset>[+-]\d\d:?\d\d))?)"
)
_DATE = re.compile(rf"\s*(?:on\s+)?{DATE_FORM}\s*", FLAGS)
CLOCK = re.compile(rf"\s*{CLOCK_FORM}\s*", FLAGS)
_AMOUNT_FORMS = (
    rf"(?:(?:\s*,|\s+and\b)?\s*(?P<{unit}>\d{{1,6}}|(?:an?|{NUMBER_WORDS})\b)\s*(?:{unit}?|{short})(?![a-z]))?"
    for unit, short in _DURATION_UNITS.items()
)
# Compiled when first used: with all that is rare it would double the time to import this module.
_DURATION = "".join(_AMOUNT_FORMS) + r"\s*"


def parse_date(text: str) -> date:
    """Given a date as people in Britain write it, with its year, day first, return it. Raise WhenError otherwise.

    A weekday may stand before it and is checked. Two-digit years are 2000 to 2099.
    """
    return read_date(make_plain(text, DATE_EXAMPLES))


def parse_time(text: str) -> tuple[time, str | None]:
    """Given a time of day, return it and the abbreviation or UTC offset written after it. Raise WhenError otherwise."""
    return read_clock(make_plain(text, TIME_EXAMPLES))


def parse_duration(text: str) -> timedelta:
    """Given a length of time, largest unit first, return it: over zero, at most 3660 days. Else raise WhenError."""
    text = make_plain(text, DURATION_EXAMPLES)
    found = re.fullmatch(_DURATION, text, FLAGS)
    counts = {unit: count(number) for unit, number in found.groupdict().items() if number} if found else {}
    if not counts:
        raise explain(text, "{} is not a length of time.", DURATION_EXAMPLES, _DURATION_UNITS)
    length = timedelta(**counts)
    if not timedelta() < length <= timedelta(days=FARTHEST_DAYS):
        why = "is more than ten years" if length else "is no time at all: it has to be longer than zero"
        raise refuse(text, f"{{}} {why}.", DURATION_EXAMPLES)
    return length


def write_date(day: date) -> str:
    """Return a date as people in Britain write it: `18 March 2027`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=2048)
def read_date(words: str) -> date:
    """Return the date that plain words name. Raise WhenError if they name none."""
    found = _DATE.fullmatch(words)
    if not found:
        raise explain(words, "{} is not a date.", DATE_EXAMPLES)
    short = found["short1"] or found["short3"]
    year = 2000 + int(short) if short else int(found["y1"] or found["y2"] or found["y3"])
    month = read_name(found, "m1", MONTHS, MONTH_NUMBERS) if found["m1"] else int(found["m2"] or found["m3"])
    day = _make_date(words, year, month, int(found["d1"] or found["d2"] or found["d3"]))
    if found["weekday"] and read_name(found, "weekday", WEEKDAYS, WEEKDAY_NUMBERS) != day.weekday():
        real = WEEKDAYS[day.weekday()]
        message = f"{{}} cannot be: {write_date(day)} is a {real}."
        raise refuse(words, message, f"Type '{real} {write_date(day)}', or put the date right.")
    return day


def _make_date(words: str, year: int, month: int, number: int) -> date:
    """Return a date, or raise WhenError that says what its numbers got wrong."""
    if year not in YEARS:
        raise refuse(words, f"{{}} has the year {year:04}.", "Type the year that is meant, such as 2027.")
    if not 1 <= month <= 12:
        swapped = f"Day before month, or year-month-day: type '{month} {MONTHS[(number - 1) % 12]} {year}'."
        hint = swapped if 1 <= number <= 12 < month <= 31 else DATE_EXAMPLES
        raise refuse(words, f"{{}} has {month} where the month should be.", hint)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    if not 1 <= number <= last.day:
        hint = f"{MONTHS[month - 1]} {year} has {last.day} days: type '{write_date(last)}' if its last day is meant."
        raise refuse(words, "{} does not exist.", hint)
    return date(year, month, number)


@lru_cache(maxsize=2048)
def read_clock(words: str) -> tuple[time, str | None]:
    """Return the time that plain words name, and what stands after it. Raise WhenError if they name none."""
    found = CLOCK.fullmatch(words)
    if not found:
        raise explain(words, "{} is not a time of day.", TIME_EXAMPLES)
    zone, offset = (found["zone"] or "").upper(), found["offset"]
    called = (f"{offset[:3]}:{offset[-2:]}" if offset else "UTC" if zone == "Z" else zone) or None
    word, minute = (found["word"] or "").lower(), int(found["minute"] or 0)
    hour = 12 if word else int(found["hour"])
    if word == "midnight" or (hour == 12 and not word and not minute and found["half"] in ("a", "A")):
        raise refuse(words, "{} may be the start or the end of the day.", _MIDNIGHT)
    if int(found["second"] or 0):
        raise refuse(words, "{} has seconds; posts go out on the minute.", TIME_EXAMPLES)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise refuse(words, "{} mixes the 24-hour clock with am or pm.", TIME_EXAMPLES)
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    elif not word and not found["minute"]:
        raise refuse(words, "{} alone may be morning or evening, or no time at all.", TIME_EXAMPLES)
    if hour > 23 or minute > 59:
        hint = _MIDNIGHT if (hour, minute) == (24, 0) else TIME_EXAMPLES
        raise refuse(words, "{} is not on the clock: it goes from 00:00 to 23:59.", hint)
    return time(hour, minute), called
