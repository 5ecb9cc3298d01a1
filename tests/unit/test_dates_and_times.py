"""Dates, times of day and lengths of time: what is read, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.when import MONTHS, WEEKDAYS, YEARS, WhenError, parse_date, parse_duration, parse_time

# What is typed, the words pointed at, a part of the message, a part of the hint.
REFUSED_DATES = [
    ("03/18/2027", "03/18/2027", "'03/18/2027' has 18 where the month should be", "'18 March 2027'"),
    ("2027-18-03", "2027-18-03", "'2027-18-03' has 18 where the month should be", "'18 March 2027'"),
    ("18/13/2027", "18/13/2027", "has 13 where the month should be", "'18/03/2027'"),
    ("18/00/2027", "18/00/2027", "has 0 where the month should be", "'18/03/2027'"),
    ("31 April 2027", "31 April 2027", "'31 April 2027' does not exist", "'30 April 2027'"),
    ("29 February 2027", "29 February 2027", "does not exist", "February 2027 has 28 days: type '28 February 2027'"),
    ("0 March 2027", "0 March 2027", "does not exist", "'31 March 2027'"),
    ("18 March", "18 March", "has no year", "Add the year"),
    (" Friday 18 March 2027 ", "Friday 18 March 2027", "18 March 2027 is a Thursday", "'Thursday 18 March 2027'"),
    ("March 18, 2027", "March 18, 2027", "month before the day", "'18 March 2027'"),
    ("18 March 0207", "18 March 0207", "the year 0207", "2027"),
    ("18 Foo 2027", "Foo", "'Foo' is not a month", "'18 March 2027'"),
    ("today", "today", "something else at every reading", "18 March 2027"),
    ("18 March 2027 08:00", "18 March 2027 08:00", "is not a date", "'18 March 2027'"),
    ("18 March 20277", "18 March 20277", "is not a date", "'18 March 2027'"),
    ("١٨ March 2027", "١", "'١' in", "'18 March 2027'"),
]
REFUSED_TIMES = [
    ("midnight", "midnight", "'midnight' may be the start or the end", "'00:00' for the start of the day or '23:59'"),
    ("12am", "12am", "'12am' may be the start or the end", "'00:00'"),
    ("24:00", "24:00", "'24:00' is not on the clock", "'00:00' for the start of the day or '23:59'"),
    ("15:00pm", "15:00pm", "mixes the 24-hour clock", "'09:00'"),
    ("0am", "0am", "mixes the 24-hour clock", "'09:00'"),
    ("9", "9", "'9' alone", "'9am'"),
    (" 9 o'clock ", "9 o'clock", "'9 o'clock' is not a time", "'9am'"),
    ("9:5", "9:5", "'9:5' is not a time", "'09:00'"),
    ("09:00 XYZ", "09:00 XYZ", "'09:00 XYZ' is not a time", "'09:00'"),
    ("nooon", "nooon", "'nooon'", "Did you mean 'noon'?"),
]
REFUSED_DURATIONS = [
    ("0 hours", "0 hours", "no time at all", "'3 hours'"),
    ("-3 hours", "-3 hours", "'-3 hours' is not a length", "'3 hours'"),
    ("3", "3", "'3' is not a length of time", "'3 hours'"),
    ("3 huors", "huors", "'3 huors'", "Did you mean 'hours'?"),
    ("1.5 hours", "1.5 hours", "is not a length", "'1 hour 30 minutes'"),
    ("3:00", "3:00", "is not a length", "'3 hours'"),
    ("2 months", "2 months", "is not a length", "'1 day'"),
    ("30 minutes 1 hour", "30 minutes 1 hour", "is not a length", "'1 hour 30 minutes'"),
    ("3661 days", "3661 days", "more than ten years", "'1 day'"),
    ("9999999 hours", "9999999 hours", "is not a length", "'3 hours'"),
    (" ", " ", "Nothing is typed", "'3 hours'"),
]
READERS: tuple[Callable[[str], object], ...] = (parse_date, parse_time, parse_duration)
REFUSED = zip(READERS, (REFUSED_DATES, REFUSED_TIMES, REFUSED_DURATIONS), strict=True)


@pytest.mark.parametrize(("reader", "row"), [(reader, row) for reader, rows in REFUSED for row in rows])
def test_everything_else_is_refused_with_what_to_type(
    reader: Callable[[str], object], row: tuple[str, str, str, str]
) -> None:
    text, words, message, hint = row
    with pytest.raises(WhenError) as caught:
        reader(text)
    problem = caught.value
    assert message in problem.message
    assert hint in problem.hint
    assert text[problem.start : problem.end] == words


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *((clock, ("09:00", None)) for clock in ("09:00", "9:00", "09.00", "9am", "9 AM", "9.00 a.m.", "0900", "900")),
        *((clock, ("09:30", None)) for clock in ("9.30am", "09:30:00", "0930hrs", "09:30 hours", " 09:30 ")),
        *((clock, ("12:00", None)) for clock in ("noon", "12 noon", "Midday", "12pm", "12:00")),
        *((clock, ("00:30", None)) for clock in ("12.30am", "00:30", "0:30")),
        ("11:59pm", ("23:59", None)),
        ("00:00", ("00:00", None)),
        ("01:30 GMT", ("01:30", "GMT")),
        ("01:30bst", ("01:30", "BST")),
        ("9am utc", ("09:00", "UTC")),
        ("09:00Z", ("09:00", "UTC")),
        ("09:00+0100", ("09:00", "+01:00")),
    ],
)
def test_times(text: str, meaning: tuple[str, str | None]) -> None:
    assert parse_time(text) == (time.fromisoformat(meaning[0]), meaning[1])


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("3 hours", 180),
        ("90 minutes", 90),
        ("1 hour 30 minutes", 90),
        ("1 hour and 30 mins", 90),
        ("2h", 120),
        ("1h30m", 90),
        ("1 day", 1440),
        ("AN HOUR", 60),
        (" two  hours ", 120),
        ("1 week 1 day", 8 * 1440),
        ("30 seconds", 0.5),
        ("3660 days", 3660 * 1440),
    ],
)
def test_durations(text: str, minutes: float) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


DAYS = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def write_dates(day: date) -> list[str]:
    """Return the ways in which people in Britain write a date."""
    name, weekday = MONTHS[day.month - 1], WEEKDAYS[day.weekday()]
    written = [
        f"{day.day} {name} {day.year}",
        f"{day.day} {name[:3]} {day.year}",
        f"{weekday} {day.day} {name} {day.year}",
        f"{weekday}, {day.day} {name[:3]} {day.year}",
        f"{weekday[:3]} the {day.day}th of {name}, {day.year}",
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day}-{name[:3]}-{day.year}",
        f"{day}",
        f"{day:%Y/%m/%d}",
    ]
    if day.year // 100 == 20:
        written += [f"{day.day}/{day.month}/{day:%y}", f"{day:%d.%m.%y}", f"{day.day}-{name[:3]}-{day:%y}"]
    return written


def write_clocks(clock: time) -> list[str]:
    """Return the ways in which people in Britain write a time of day."""
    written = [f"{clock:%H:%M}", f"{clock.hour}:{clock:%M}", f"{clock:%H.%M}", f"{clock:%H%M} hrs", f"{clock:%H:%M}:00"]
    hour, half = clock.hour % 12 or 12, "am" if clock.hour < 12 else "pm"
    if (clock.hour, clock.minute) != (0, 0):
        written += [f"{hour}.{clock:%M}{half}", f"{hour}:{clock:%M} {half[0]}.m.", f"{hour}{clock:%M}{half.upper()}"]
        written += [f"{hour}{half}"] if clock.minute == 0 else []
    return written + (["noon", "12 noon", "midday"] if (clock.hour, clock.minute) == (12, 0) else [])


@given(DAYS)
def test_each_form_of_a_date_reads_back(day: date) -> None:
    for written in write_dates(day):
        assert parse_date(written) == day


@given(CLOCKS)
def test_each_form_of_a_time_reads_back(clock: time) -> None:
    for written in write_clocks(clock):
        assert parse_time(written) == (clock, None)


@given(DAYS, st.integers(0, 6))
def test_a_weekday_that_disagrees_is_never_read(day: date, weekday: int) -> None:
    written = f"{WEEKDAYS[weekday]} {day:%d/%m/%Y}"
    if weekday == day.weekday():
        assert parse_date(written) == day
    else:
        with pytest.raises(WhenError, match="cannot be"):
            parse_date(written)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1970, 2199))
def test_numbers_are_a_date_only_as_day_month_year(first: int, second: int, year: int) -> None:
    written = f"{first:02}/{second:02}/{year}"
    try:
        meant = date(year, second, first)
    except ValueError:
        with pytest.raises(WhenError):
            parse_date(written)
    else:
        assert parse_date(written) == meant


@given(st.integers(0, 99), st.integers(0, 23), st.integers(1, 59))
def test_each_duration_reads_back(days: int, hours: int, minutes: int) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes)
    assert parse_duration(f"{days} days {hours} hours {minutes} minutes") == length
    assert parse_duration(f"{days}d{hours}h{minutes}m") == length
