"""Which instant a `when` means: across the nights when clocks change, from days of the campaign, in working days."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.domain.when import When, WhenError, parse_when
from scheduler.domain.when import resolve as resolve_when
from scheduler.sources.bank_holidays import is_working_day

LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks move by half an hour, and have no abbreviation
APIA = ZoneInfo("Pacific/Apia")  # left out 30 December 2011
MARCH_18 = date(2027, 3, 18)
WEEK_END = date(2027, 3, 24)
EIGHT = parse_when("18 March 2027 08:00")


def resolve(when: When, day: date | None, until: date | None, zone: ZoneInfo) -> datetime:
    return resolve_when(when, day, until, zone, is_working_day)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("28 March 2026 09:00", "2026-03-28T09:00Z"),
        ("30 March 2026 09:00", "2026-03-30T08:00Z"),
        ("29 March 2026 00:59", "2026-03-29T00:59Z"),
        ("29 March 2026 02:00", "2026-03-29T01:00Z"),
        ("25 October 2026 01:30 BST", "2026-10-25T00:30Z"),
        ("25 October 2026 01:30 GMT", "2026-10-25T01:30Z"),
        ("25 October 2026 01:30+01:00", "2026-10-25T00:30Z"),
        ("1 July 2027 09:00 BST", "2027-07-01T08:00Z"),
        ("on the day at 08:00", "2027-03-18T08:00Z"),
        ("14 days after at 08:00", "2027-04-01T07:00Z"),
        ("7 days before at 10:00", "2027-03-11T10:00Z"),
        ("day 1 at 12:30", "2027-03-18T12:30Z"),
        ("day 7 at 12:30", "2027-03-24T12:30Z"),
    ],
)
def test_wall_time_becomes_an_instant(text: str, instant: str) -> None:
    moment = resolve(parse_when(text), MARCH_18, WEEK_END, LONDON)
    assert moment.astimezone(UTC) == datetime.fromisoformat(instant)
    assert moment.tzinfo is LONDON


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("29 March 2026 01:30", LONDON, "'01:30' does not exist on 29 March 2026: the clocks go forward at 01:00"),
        ("28 March 2027 01:00 BST", LONDON, "Type '02:00'"),
        ("3 October 2027 02:15", LORD_HOWE, "the clocks go forward at 02:00. Type '02:45'"),
        ("30 December 2011 12:00", APIA, "at 00:00. Type '31 December 2011 12:00'"),
        (
            "25 October 2026 01:30",
            LONDON,
            "happens twice on 25 October 2026: the clocks go back. Write '01:30 BST' for",
        ),
        ("25 October 2026 01:30 CET", LONDON, "Write '01:30 BST' for the first or '01:30 GMT' for the second"),
        ("4 April 2027 01:45", LORD_HOWE, "Write '01:45+11:00' for the first or '01:45+10:30' for the second"),
        ("1 July 2027 09:00 GMT", LONDON, "'09:00 GMT' is not what the clocks show on 1 July 2027"),
        ("1 January 2027 09:00 BST", LONDON, "they show '09:00 GMT'. Type '09:00' or '09:00 GMT'"),
        ("day 9 at 09:00", LONDON, "no 'day 9': the campaign runs from 18 March 2027 to 24 March 2027. Type 'day 7'"),
        ("day 2 of 8 at 9am", LONDON, "It is not 'day 2 of 8': the campaign runs from 18 March 2027 to 24 March 2027."),
    ],
)
def test_a_time_that_the_clocks_do_not_show_once_is_refused(text: str, zone: ZoneInfo, words: str) -> None:
    with pytest.raises(WhenError, match=re.escape(words)):
        resolve(parse_when(text), MARCH_18, WEEK_END, zone)


def test_a_day_is_counted_only_where_there_is_one() -> None:
    assert resolve(parse_when("day 1 at 09:00"), MARCH_18, None, LONDON).date() == MARCH_18
    with pytest.raises(WhenError, match="the campaign has one day, 18 March 2027"):
        resolve(parse_when("day 2 at 09:00"), MARCH_18, None, LONDON)
    with pytest.raises(WhenError, match="the campaign has none"):
        resolve(parse_when("on the day at 09:00"), None, None, LONDON)
    assert resolve(EIGHT, None, None, LONDON).date() == MARCH_18


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
@pytest.mark.parametrize("zone", [LONDON, LORD_HOWE, ZoneInfo("America/New_York")])
def test_each_minute_of_a_day_resolves_as_often_as_clocks_show_it(day: date, zone: ZoneInfo) -> None:
    midnight = datetime.combine(day, time(0), tzinfo=UTC)
    moments = [midnight + timedelta(minutes=minute) for minute in range(-24 * 60, 48 * 60)]
    shown = Counter(moment.astimezone(zone).replace(tzinfo=None) for moment in moments)
    for minute in range(24 * 60):
        wall = datetime.combine(day, time(*divmod(minute, 60)))
        if shown[wall] == 1:
            moment = resolve(When(None, day, wall.time(), None), None, None, zone)
            assert moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
        else:
            with pytest.raises(WhenError, match="happens twice" if shown[wall] else "does not exist"):
                resolve(When(None, day, wall.time(), None), None, None, zone)


@pytest.mark.parametrize(
    ("day", "text", "instant"),
    [
        ("2026-03-18", "the day or the next working day at 09:00", "2026-03-18T09:00"),  # a Wednesday
        ("2028-03-18", "the day or the next working day at 09:00", "2028-03-20T09:00"),  # a Saturday
        ("2028-03-18", "the working day after at 09:00", "2028-03-20T09:00"),
        ("2028-03-18", "the working day before at 09:00", "2028-03-17T09:00"),
        ("2026-05-25", "the day or the next working day at 09:00", "2026-05-26T09:00"),  # spring bank holiday
        ("2026-12-24", "the working day after at 09:00", "2026-12-29T09:00"),  # Boxing Day is made up for on the 28th
        ("2026-12-30", "3 working days before at 09:00", "2026-12-23T09:00"),
        ("2027-03-25", "2 working days after at 09:00", "2027-03-31T09:00"),  # over Easter
        ("2028-03-18", "the Saturday before at 09:00", "2028-03-11T09:00"),
        ("2028-03-18", "the Saturday after at 09:00", "2028-03-25T09:00"),
        ("2028-03-18", "the Sunday after at 09:00", "2028-03-19T09:00"),
        ("2028-03-18", "3 Fridays before at 09:00", "2028-03-03T09:00"),
        ("2028-03-18", "the last day at 09:00", "2028-03-18T09:00"),  # of a campaign with one day
    ],
)
def test_working_days_and_weekdays_are_counted(day: str, text: str, instant: str) -> None:
    moment = resolve(parse_when(text), date.fromisoformat(day), None, LONDON)
    assert moment.replace(tzinfo=None) == datetime.fromisoformat(instant)


@given(st.integers(-260, 260), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_working_days_are_as_many_as_were_written(number: int, day: date) -> None:
    text = f"{abs(number)} working days {'before' if number < 0 else 'after'} at 12:00"
    found = resolve(parse_when(text), day, None, LONDON).date()
    low, high = sorted((day, found))
    between = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    assert is_working_day(found)
    assert sum(is_working_day(each) for each in between if each != day) == (abs(number) or int(found != day))


@given(st.integers(-3660, 3660), st.dates(), st.none() | st.dates(), st.times(), st.sampled_from(["", "GMT", "+01:00"]))
@example(1, date.max, None, time(0), "")
@example(0, date.min, None, time(0), "")
def test_resolve_raises_only_when_errors(days: int, day: date, until: date | None, clock: time, fold: str) -> None:
    for zone in (LONDON, LORD_HOWE, APIA):
        for span_day in (None, abs(days) + 1):
            try:
                moment = resolve(When(days, None, clock, fold or None, span_day), day, until, zone)
            except WhenError as problem:
                assert problem.message and problem.hint
            else:
                assert moment.replace(tzinfo=None, fold=0) == datetime.combine(day + timedelta(days), clock)


@given(st.dates(), st.booleans(), st.sampled_from([None, 0, 6]), st.sampled_from([None, -260, 0, 260]))
@example(date.max, False, 6, 260)
@example(date.min, False, 0, -260)
def test_no_day_is_too_far(day: date, from_last: bool, weekday: int | None, working_days: int | None) -> None:
    for offset in (-1, 1):
        when = When(offset, None, time(9), None, None, None, from_last, weekday, working_days)
        try:
            resolve(when, day, None, LONDON)
        except WhenError as problem:
            assert "outside the calendar" in problem.message
