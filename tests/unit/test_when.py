"""The grammar of `when`, row by row: what is read, what is refused and with which words."""

from __future__ import annotations

import re
import time as clock_time
from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.domain import when as grammar
from scheduler.domain.when import When, WhenError, parse_date, parse_duration, parse_time, parse_when, resolve
from scheduler.domain.when_words import LONGEST
from scheduler.sources.bank_holidays import is_working_day
from tests.unit.test_dates_and_times import CLOCKS, DAYS, write_clocks, write_dates

README = Path(__file__).parents[2] / "README.md"
LONDON = ZoneInfo("Europe/London")
MARCH_18 = date(2027, 3, 18)
WEEK_END = date(2027, 3, 24)
resolve_then = partial(resolve, day=MARCH_18, until=WEEK_END, zone=LONDON, is_working=is_working_day)


def read_table(text: str) -> list[tuple[str, str]]:
    """Return what is written and the instant it means, of each row of a table of `when`."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [(cells[0].strip("`"), cells[-1]) for cells in rows if cells[0] != "`when`"]


TABLE = read_table(grammar.__doc__ or "")


@pytest.mark.parametrize(("text", "instant"), TABLE)
def test_each_row_of_the_table_means_what_it_says(text: str, instant: str) -> None:
    moment = resolve_then(parse_when(text))
    assert f"{moment:%a} {moment.day} {moment:%b %Y %H:%M %Z}" == instant


def test_the_table_is_there() -> None:
    assert len(TABLE) > 20


def test_the_readme_shows_forms_that_are_read() -> None:
    table = README.read_text(encoding="utf-8").partition("\n| `when` |")[2].partition("\n\n")[0]
    forms = re.findall(r"`([^`]+)`", "\n".join(line.split(" | ")[0] for line in table.splitlines()[2:]))
    assert len(forms) > 7
    for form in forms:
        assert parse_when(form)
    for form, instant in read_table(table):
        assert "2027" not in instant or (form, instant) in TABLE


def relative(days: int, clock: str, fold: str | None = None, **more: int) -> When:
    return When(days, None, time.fromisoformat(clock), fold, **more)  # type: ignore[arg-type]


def nth(day: int, clock: str) -> When:
    return relative(day - 1, clock, span_day=day)


def absolute(written: str, fold: str | None = None) -> When:
    moment = datetime.fromisoformat(written)
    return When(None, moment.date(), moment.time(), fold)


EIGHT = absolute("2027-03-18 08:00")
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
    "eve at 6pm": relative(-1, "18:00"),
    "on the eve of the day at 18:00": relative(-1, "18:00"),
    "t - 14 9am": relative(-14, "09:00"),
    "T+1 at 09:00": relative(1, "09:00"),
    "day 3 of 7, 9am": relative(2, "09:00", span_day=3, span_length=7),
    "the 2nd day at 09:00": nth(2, "09:00"),
    "on the tenth day at 09:00": nth(10, "09:00"),
    "the final day at 5pm": relative(0, "17:00", from_last=True),
    "9am the last day": relative(0, "09:00", from_last=True),
    "2 weeks after the final day at 09:00": relative(14, "09:00", from_last=True),
    "the day after the first day at 09:00": relative(1, "09:00"),
    "a working day after at 09:00": relative(0, "09:00", working_days=1),
    "2 Business Days before at 10:00": relative(0, "10:00", working_days=-2),
    "the next working day after at 09:00": relative(0, "09:00", working_days=1),
    "the last working day before at 09:00": relative(0, "09:00", working_days=-1),
    "two working days after the last day at 9am": relative(0, "09:00", from_last=True, working_days=2),
    "the day or next business day 09:00": relative(0, "09:00", working_days=0),
    "9am on the day or the next working day": relative(0, "09:00", working_days=0),
    "on the day, or on the next working day, at 09:00": relative(0, "09:00", working_days=0),
    "Mon before at 09:00": relative(-1, "09:00", weekday=0),
    "the first Friday after at 09:00": relative(1, "09:00", weekday=4),
    "2 Tuesdays before the day at 09:00": relative(-8, "09:00", weekday=1),
    "the Sunday after the last day at 09:00": relative(1, "09:00", from_last=True, weekday=6),
}


@pytest.mark.parametrize(("text", "meaning"), OTHER_FORMS.items())
def test_a_form_is_read_as_meant(text: str, meaning: When) -> None:
    assert parse_when(text) == meaning


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
    ("D-3 at 09:00", "D-3", "not how days are counted", "'3 days before at 09:00'"),
    ("morning", "morning", "'morning' may be any of several hours", "'on the day at 09:00'"),
    ("on the day, early afternoon", "early afternoon", "any of several hours", "'on the day at 09:00'"),
    ("18 March 2027 at lunchtime", "lunchtime", "any of several hours", "'on the day at 09:00'"),
    ("18 March 2027 COP", "COP", "any of several hours", "'on the day at 09:00'"),
    ("the next working day at 09:00", "the next working day", "the day itself or the one after", "'the day or"),
    ("9am next business day", "next business day", "the day itself or the one after", "'the working day after at"),
    ("2 working days at 09:00", "working days", "does not say before or after", "'2 working days before at 10:00'"),
    ("the next bank holiday at 09:00", "next bank", "something else at every reading", "'on the day at 09:00'"),
    ("the bank holiday at 09:00", "bank holiday", "not a day that can be told", "'the working day after at 09:00'"),
    ("2 school days before at 09:00", "school days", "not a day that can be told", "or a date"),
    ("the following day at 09:00", "following day", "not a day that can be told", "'the day after at 09:00'"),
    ("Easter Monday at 09:00", "Easter Monday", "not worked out here", "'29 March 2027 at 09:00'"),
    ("on New Year's Day at 09:00", "New Year's Day", "not worked out here", "Type its date"),
    ("the weekend before at 09:00", "weekend", "not a day that can be told", "or a date"),
    ("0 Mondays before at 09:00", "0 Mondays before", "is no day", "'the Monday before at 09:00'"),
    ("261 working days after at 9am", "261 working days after", "more than a year away", "Type the date"),
    ("600 Mondays before at 9am", "600 Mondays before", "more than ten years", "Type the date"),
    ("0th day at 09:00", "0th day", "the first day is day 1", "'day 1'"),
    ("the eleventh day at 09:00", "the eleventh day at 09:00", "not a day and a time", "'on the day at 09:00'"),
    ("-7 days before at 09:00", "-7", "not how days are counted", "'3 days before at 09:00'"),
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
READERS: tuple[Callable[[str], object], ...] = (parse_when, parse_date, parse_time, parse_duration)


@pytest.mark.parametrize(("text", "words", "message", "hint"), REFUSED_WHENS)
def test_everything_else_is_refused_with_what_to_type(text: str, words: str, message: str, hint: str) -> None:
    with pytest.raises(WhenError) as caught:
        parse_when(text)
    problem = caught.value
    assert message in problem.message
    assert hint in problem.hint
    assert text[problem.start : problem.end] == words
    assert str(problem) == f"{problem.message} {problem.hint}"


def test_what_a_refusal_says_to_type_is_read() -> None:
    for text, *_ in REFUSED_WHENS:
        with pytest.raises(WhenError) as caught:
            parse_when(text)
        for typed in re.findall(r"'([^']+ [^']*\d\d:\d\d)'", caught.value.hint):
            assert parse_when(typed)


PIECES = st.sampled_from(
    [*" ".join([*dict(TABLE), *OTHER_FORMS]).split(), "31", "0", "99", "-", ",", "noon", "{}", "a" * 30]
)
SENTENCES = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=2), max_size=8).map(" ".join))


@given(SENTENCES)
@example("{0} {message}")
@example("\ud800 at 09:00")
@example("9" * 200)
def test_no_text_raises_anything_but_a_when_error(text: str) -> None:
    for reader in READERS:
        try:
            read = reader(text)
        except WhenError as problem:
            assert problem.message and problem.hint
            assert 0 <= problem.start <= problem.end <= len(text)
        else:
            if isinstance(read, When):
                resolve_or_refuse(read)


def resolve_or_refuse(when: When) -> datetime | None:
    try:
        return resolve_then(when)
    except WhenError as problem:
        assert problem.message and problem.hint
        return None


@given(SENTENCES)
def test_no_number_that_was_written_is_lost(text: str) -> None:
    try:
        when = parse_when(text)
    except WhenError:
        return
    hour, minute = when.time.hour, when.time.minute
    kept = [hour, (hour - 1) % 12 + 1, minute, hour * 100 + minute, ((hour - 1) % 12 + 1) * 100 + minute, 0]
    days = abs(when.offset_days or 0)
    weeks = (days // 7, days // 14, days // 7 + 1) if days % 7 in (0, 1) else ()
    kept += [days, *weeks, when.span_day or 0, when.span_length or 0, abs(when.working_days or 0)]
    if when.date is not None:
        kept += [when.date.day, when.date.month, when.date.year, when.date.year % 100]
    offset = [int(part) for part in (when.fold or "").strip("+-").split(":") if part.isdigit()]
    kept += [*offset, *(one * 100 + other for one, other in [offset] if offset)] if offset else []
    assert {int(number) for number in re.findall(r"\d+", text)} <= set(kept)


@given(DAYS, CLOCKS)
def test_each_form_of_a_date_and_a_time_reads_back(day: date, clock: time) -> None:
    sentences = ("{day} {clock}", "{day} AT {clock}", "on {day}, {clock}", "{clock} {day}", "at {clock} on {day}")
    for written, clock_written, sentence in product(write_dates(day), write_clocks(clock), sentences):
        assert parse_when(sentence.format(day=written, clock=clock_written)) == When(None, day, clock, None)


@given(st.integers(0, 260), st.sampled_from(["before", "after"]), CLOCKS)
def test_each_offset_reads_back(number: int, way: str, clock: time) -> None:
    sign = -1 if way == "before" else 1
    for at, last in ((f"at {clock:%H:%M}", False), (f"the last day {clock:%H:%M}", True)):
        day, working = parse_when(f"{number} days {way} {at}"), parse_when(f"{number} working days {way} {at}")
        assert day == When(sign * number, None, clock, None, from_last=last)
        assert working == When(0, None, clock, None, from_last=last, working_days=sign * number)
        assert parse_when(f"{number} weeks {way} {at}") == day._replace(offset_days=7 * sign * number)
    assert parse_when(f"T{'-' if sign < 0 else '+'}{number} {clock:%H:%M}") == When(sign * number, None, clock, None)


@pytest.mark.parametrize(
    "piece", ["9", " ", "on the ", "18 March ", "1 day ", ":", "- ", "T+1 ", "the first ", "a ", "h "]
)
@pytest.mark.parametrize("reader", READERS)
def test_a_long_text_is_refused_at_once(reader: Callable[[str], object], piece: str) -> None:
    longest, far_longer = (piece * LONGEST)[:LONGEST], piece * (10**6 // len(piece))
    for text in (longest, longest[:-1] + "!", far_longer):
        begun = clock_time.process_time()
        with pytest.raises(WhenError):
            reader(text)
        assert clock_time.process_time() - begun < 0.25
