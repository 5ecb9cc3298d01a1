"""The grammar of `when`, row by row: what is read, what is refused and with which words, and which instant it means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.domain import when as grammar
from scheduler.domain.when import When, WhenError, parse_date, parse_duration, parse_time, parse_when, resolve

LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks move by half an hour, and have no abbreviation
APIA = ZoneInfo("Pacific/Apia")  # left out 30 December 2011
MARCH_18 = date(2027, 3, 18)
WEEK_END = date(2027, 3, 24)


def relative(days: int, clock: str, fold: str | None = None) -> When:
    return When(days, None, time.fromisoformat(clock), fold)


def nth(day: int, clock: str) -> When:
    return When(day - 1, None, time.fromisoformat(clock), None, day)


def absolute(written: str, fold: str | None = None) -> When:
    moment = datetime.fromisoformat(written)
    return When(None, moment.date(), moment.time(), fold)


EIGHT = absolute("2027-03-18 08:00")
GRAMMAR = {
    "on the day at 08:00": relative(0, "08:00"),
    "the day before at 10:00": relative(-1, "10:00"),
    "the day after at 09:00": relative(1, "09:00"),
    "7 days before at 10:00": relative(-7, "10:00"),
    "1 day after at 09:00": relative(1, "09:00"),
    "2 weeks before at 9am": relative(-14, "09:00"),
    "a week before at 09:00": relative(-7, "09:00"),
    "day 2 at 12:30": nth(2, "12:30"),
    "18 March 2027 at 08:00": EIGHT,
    "Thursday 18 March 2027 9am": absolute("2027-03-18 09:00"),
    "Thu, 18th of March 2027, 08:00": EIGHT,
    "18/03/2027 08:00": EIGHT,
    "2027-03-18 08:00": EIGHT,
    "08:00 on the day": relative(0, "08:00"),
    "31 October 2027 01:30 GMT": absolute("2027-10-31 01:30", "GMT"),
}
OTHER_FORMS = {
    "ON  THE\tDAY   AT 8AM ": relative(0, "08:00"),
    "on\u00a0the day at\u202f08:00": relative(0, "08:00"),
    "on the day 08:00": relative(0, "08:00"),
    "on the day, 08:00": relative(0, "08:00"),
    "the day at 8am": relative(0, "08:00"),
    "on the day 12 noon": relative(0, "12:00"),
    "on the day 10am": relative(0, "10:00"),
    "on the day before at 10:00": relative(-1, "10:00"),
    "day before at 10:00": relative(-1, "10:00"),
    "7 days before the day at 10:00": relative(-7, "10:00"),
    "0 days before at 10:00": relative(0, "10:00"),
    "3660 days after at 10:00": relative(3660, "10:00"),
    "ten days after at 10:00": relative(10, "10:00"),
    "two days after at 09:00": relative(2, "09:00"),
    "the week before at 09:00": relative(-7, "09:00"),
    "a fortnight before at 9.00": relative(-14, "09:00"),
    "at 9am 7 days before": relative(-7, "09:00"),
    "on day two at noon": nth(2, "12:00"),
    "day 2 12 noon": nth(2, "12:00"),
    "18 March 2027 08:00": EIGHT,
    "on 18 march 2027 at 08.00": EIGHT,
    "18 Mar 2027 8am": EIGHT,
    "18-Mar-27 08:00": EIGHT,
    "Thursday, 18 March 2027, at 8:00": EIGHT,
    "on Thursday the 18th of March, 2027 at 8 a.m.": EIGHT,
    "Thu 18/03/27 0800 hrs": EIGHT,
    "18.03.2027 08.00": EIGHT,
    "2027-3-18 08:00": EIGHT,
    "2027/03/18 08:00": EIGHT,
    "2027-03-18T08:00": EIGHT,
    "2027-03-18t08:00:00": EIGHT,
    "2027-03-18T08:00Z": absolute("2027-03-18 08:00", "UTC"),
    "2027-03-18T08:00:00+0000": absolute("2027-03-18 08:00", "+00:00"),
    "8am on 18 March 2027": EIGHT,
    "8 am 18 March 2027": EIGHT,
    "08:00, Thursday 18 March 2027": EIGHT,
    "12 noon 18 March 2027": absolute("2027-03-18 12:00"),
    "31 October 2027 01:30 bst": absolute("2027-10-31 01:30", "BST"),
    "on the day at 9.30pm GMT": relative(0, "21:30", "GMT"),
}


@pytest.mark.parametrize(("text", "meaning"), [*GRAMMAR.items(), *OTHER_FORMS.items()])
def test_a_form_is_read_as_meant(text: str, meaning: When) -> None:
    assert parse_when(text) == meaning


def test_the_table_in_the_documentation_is_the_table_tested() -> None:
    lines = (grammar.__doc__ or "").splitlines()
    rows = [re.split(r"  +", line.strip())[0] for line in lines if line.startswith("    ")]
    assert rows == ["written", *GRAMMAR]


# What is typed, the words pointed at, a part of the message, a part of the hint.
REFUSED_WHENS = [
    ("on the day", "on the day", "'on the day' has no time", "'on the day at 09:00'"),
    ("18 March 2027 at ", "18 March 2027 at", "has no time", "'18 March 2027 at 09:00'"),
    ("08:00", "08:00", "'08:00' has no day", "'on the day at 09:00'"),
    ("tomorrow at 09:00", "tomorrow", "something else at every reading", "'on the day at 09:00'"),
    ("asap", "asap", "'asap' would mean something else", "'18 March 2027 09:00'"),
    ("next Tuesday at 09:00", "next Tuesday", "'next Tuesday' would mean something else", "'18 March 2027 09:00'"),
    ("TBC", "TBC", "'TBC' is not a time yet, which is fine", "'draft: yes'"),
    ("on the day at TBC", "TBC", "not a time yet", "'draft: yes'"),
    ("0 9 * * 1", "0 9 * * 1", "rule for repeating", "a post for each time"),
    ("@daily", "@daily", "rule for repeating", "a post for each time"),
    ("every Monday at 09:00", "every", "rule for repeating", "a post for each time"),
    ("on the last day at 09:00", "last day", "not how days are counted", "'day 2 at 12:30'"),
    ("T-3 at 09:00", "T-3", "not how days are counted", "'3 days before at 09:00'"),
    ("-7 days before at 09:00", "-7", "not how days are counted", "'3 days before at 09:00'"),
    ("1 working day after at 09:00", "working day", "cannot be counted", "'1 day after at 09:00'"),
    ("2 hours before at 09:00", "hours before", "cannot be counted", "days or weeks"),
    ("Thursday at 09:00", "Thursday", "does not say which week", "'Thursday 18 March 2027 at 09:00'"),
    ("on teh day at 08:00", "teh", "'on teh day at 08:00'", "Did you mean 'the'?"),
    ("7 dyas before at 08:00", "dyas", "'7 dyas before at 08:00'", "Did you mean 'days'?"),
    ("the day befor at 08:00", "befor", "'befor'", "Did you mean 'before'?"),
    ("18 Marhc 2027 08:00", "Marhc", "'Marhc' is not a month", "Did you mean 'March'?"),
    ("08:00 on 18 Marhc 2027", "Marhc", "'Marhc' is not a month", "Did you mean 'March'?"),
    ("Thrusday 18 March 2027 08:00", "Thrusday", "'Thrusday' is not a day", "Did you mean 'Thursday'?"),
    ("on Tuesday 18 March 2027 8am", "on Tuesday 18 March 2027", "is a Thursday", "'Thursday 18 March 2027'"),
    ("March 18 2027 08:00", "March 18 2027", "month before the day", "'18 March 2027'"),
    ("18 March 08:00", "18 March", "'18 March' has no year", "'18 March 2027'"),
    ("18 March 27 08:00", "18 March", "'18 March' has no year", "'18 March 2027'"),
    ("18/03 08:00", "18/03", "'18/03' has no year", "'18 March 2027'"),
    ("5000 days before at 09:00", "5000 days before", "more than ten years", "Type the date"),
    ("days before at 09:00", "days before at 09:00", "'days before at 09:00'", "'7 days before at 10:00'"),
    ("3 days at 09:00", "3 days at 09:00", "'3 days at 09:00'", "'7 days before at 10:00'"),
    ("day 0 at 09:00", "day 0", "the first day is day 1", "'day 1'"),
    ("on the day at 9", "9", "'9' alone", "'09:00', '9am'"),
    ("on the day at 25:00", "25:00", "'25:00' is not on the clock", "'09:00'"),
    ("on the day at 09:60", "09:60", "'09:60' is not on the clock", "'09:00'"),
    ("on the day at midnight", "midnight", "'midnight' may be the start or the end", "'00:00'"),
    ("on the day at 08:00 or 09:00", "08:00 or 09:00", "'08:00 or 09:00' is not a time", "'09:00'"),
    ("18 March 2027 at quarter past nine", "quarter past nine", "not a time of day", "'9.30pm'"),
    ("2027-03-18 08:00:30", "08:00:30", "has seconds", "'09:00'"),
    ("２ days before at 09:00", "２", "'２' in '２ days", "'7 days before at 10:00'"),
    ("18 March 2027 – 09:00", "–", "'–' in '18 March", "'18 March 2027 09:00'"),
    ("hello", "hello", "'hello' is not a day and a time", "'on the day at 09:00'"),
    ("", "", "Nothing is typed", "'on the day at 09:00'"),
    ("x" * 201, "x" * 201, "too long", "'on the day at 09:00'"),
]
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
READERS: tuple[Callable[[str], object], ...] = (parse_when, parse_date, parse_time, parse_duration)
REFUSED = zip(READERS, (REFUSED_WHENS, REFUSED_DATES, REFUSED_TIMES, REFUSED_DURATIONS), strict=True)


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
    assert str(problem) == f"{problem.message} {problem.hint}"


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
    ],
)
def test_a_time_that_the_clocks_do_not_show_once_is_refused(text: str, zone: ZoneInfo, words: str) -> None:
    with pytest.raises(WhenError, match=re.escape(words)):
        resolve(parse_when(text), MARCH_18, WEEK_END, zone)


def test_a_day_is_counted_only_where_there_is_one() -> None:
    assert resolve(nth(1, "09:00"), MARCH_18, None, LONDON).date() == MARCH_18
    with pytest.raises(WhenError, match="the campaign has one day, 18 March 2027"):
        resolve(nth(2, "09:00"), MARCH_18, None, LONDON)
    with pytest.raises(WhenError, match="the campaign has none"):
        resolve(relative(0, "09:00"), None, None, LONDON)
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


DAYS = st.dates(date(grammar.YEARS[0], 1, 1), date(grammar.YEARS[-1], 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
PIECES = st.sampled_from(
    [*" ".join([*GRAMMAR, *OTHER_FORMS]).split(), "31", "0", "99", "-", ",", "noon", "{}", "a" * 30]
)
SENTENCES = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=2), max_size=8).map(" ".join))


@given(SENTENCES)
@example("{0} {message}")
@example("\ud800 at 09:00")
@example("9" * 200)
def test_no_text_raises_anything_but_a_when_error(text: str) -> None:
    for reader in READERS:
        try:
            reader(text)
        except WhenError as problem:
            assert problem.message and problem.hint
            assert 0 <= problem.start <= problem.end <= len(text)


@given(DAYS, CLOCKS)
def test_each_form_of_a_date_and_a_time_reads_back(day: date, clock: time) -> None:
    name, weekday = grammar.MONTHS[day.month - 1], grammar.WEEKDAYS[day.weekday()]
    dates = [f"{day.day} {name} {day.year}", f"{weekday}, {day.day} {name[:3]} {day.year}", f"{day:%d/%m/%Y}", f"{day}"]
    hour = clock.hour % 12 or 12
    times = [f"{clock:%H:%M}", f"{clock:%H.%M}", f"{clock:%H%M}"]
    if (clock.hour, clock.minute) != (0, 0):
        times.append(f"{hour}.{clock:%M}{'am' if clock.hour < 12 else 'pm'}")
    if day.year // 100 == 20:
        dates.append(f"{day.day}/{day.month}/{day:%y}")
    for written in dates:
        assert parse_date(written) == day
        for clock_written in times:
            for sentence in (
                f"{written} {clock_written}",
                f"{written} AT {clock_written}",
                f"{clock_written} {written}",
            ):
                assert parse_when(sentence) == When(None, day, clock, None)


@given(st.integers(0, 3660), st.sampled_from(["before", "after"]), CLOCKS)
def test_each_offset_reads_back(days: int, way: str, clock: time) -> None:
    signed = -days if way == "before" else days
    assert parse_when(f"{days} days {way} at {clock:%H:%M}") == When(signed, None, clock, None)


@given(st.integers(0, 99), st.integers(0, 23), st.integers(1, 59))
def test_each_duration_reads_back(days: int, hours: int, minutes: int) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes)
    assert parse_duration(f"{days} days {hours} hours {minutes} minutes") == length
    assert parse_duration(f"{days}d{hours}h{minutes}m") == length


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
