"""Days and times as toolkits give them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.toolkit_when import CellValue, find_length, read_moment, read_timing
from scheduler.domain.when import WhenError, parse_when, resolve

DAY = date(2027, 3, 18)
LONDON = ZoneInfo("Europe/London")
APIA = ZoneInfo("Pacific/Apia")  # left out 30 December 2011


@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        ("18/03/27", "9am", "18 March 2027 at 09:00"),
        ("01/04/2027", "09.30", "1 April 2027 at 09:30"),
        ("18 March", "9:30pm", "18 March 2027 at 21:30"),
        ("Thurs 18 March", "0900", "18 March 2027 at 09:00"),
        ("Thursday 18th March, 9am", "", "18 March 2027 at 09:00"),
        ("18/03", "noon", "18 March 2027 at 12:00"),
        ("30 December", "9am", "30 December 2026 at 09:00"),
        ("2027-03-18 00:00:00", "9am", "18 March 2027 at 09:00"),
        ("18/03/2027 08:15", "", "18 March 2027 at 08:15"),
        (datetime(2027, 3, 18), time(9), "18 March 2027 at 09:00"),
        (datetime(2027, 3, 18, 8, 5), None, "18 March 2027 at 08:05"),
        (date(2027, 3, 18), 0.375, "18 March 2027 at 09:00"),
        (date(2027, 3, 18), timedelta(hours=9), "18 March 2027 at 09:00"),
        (date(2027, 3, 18), datetime(1900, 1, 1, 9), "18 March 2027 at 09:00"),
        ("T-3", "9am", "3 days before at 09:00"),
        ("T+1", "9am", "1 day after at 09:00"),
        ("T – 7", "9am", "7 days before at 09:00"),
        ("D-2 weeks", "9am", "14 days before at 09:00"),
        ("-3", "9am", "3 days before at 09:00"),
        ("T", "9am", "on the day at 09:00"),
        ("Day 2", "9am", "1 day after at 09:00"),
        ("Launch day", "9am", "on the day at 09:00"),
        ("the day before", "9am", "the day before at 09:00"),
        ("7 days before at 10am", "", "7 days before at 10am"),
        ("18 June 2027", "9am BST", "18 June 2027 at 09:00 BST"),
    ],
)
def test_what_is_clear_is_taken(day: CellValue, clock: CellValue, words: str) -> None:
    timing = read_timing(day, clock, DAY, LONDON)
    assert (timing.words, timing.doubts) == (words, ())


@pytest.mark.parametrize(
    ("day", "clock", "words", "column"),
    [
        ("18/03/27", "", "18 March 2027 at 09:00", "time"),
        ("18/03/27", "morning", "18 March 2027 at 09:00", "time"),
        ("18/03/27", "Afternoon", "18 March 2027 at 15:00", "time"),
        ("18/03/27", "TBC", "18 March 2027 at 09:00", "time"),
        ("18/03/27", "10-11am", "18 March 2027 at 09:00", "time"),
        ("18/03/27", "9", "18 March 2027 at 09:00", "time"),
        ("TBC", "9am", "on the day at 09:00", "date"),
        ("", "9am", "on the day at 09:00", "date"),
        ("Mon 18 March 2027", "9am", "18 March 2027 at 09:00", "date"),
        ("w/c 15 March", "9am", "15 March 2027 at 09:00", "date"),
        ("03/18/2027", "9am", "on the day at 09:00", "date"),
        ("18-20 March", "9am", "on the day at 09:00", "date"),
        ("soon", "9am", "on the day at 09:00", "date"),
        ("T-3661", "9am", "on the day at 09:00", "date"),
        ("T+600 weeks", "9am", "on the day at 09:00", "date"),
        ("46464", "9am", "18 March 2027 at 09:00", "date"),
    ],
)
def test_what_is_not_clear_is_to_be_settled(day: str, clock: str, words: str, column: str) -> None:
    timing = read_timing(day, clock, DAY, LONDON)
    assert timing.words == words
    [doubt] = timing.doubts
    assert doubt.column == column
    assert not (day or clock) or (day if column == "date" else clock) in doubt.message


@pytest.mark.parametrize(
    ("value", "words"),
    [("18/03/27 00:01", "18 March 2027 at 00:01"), (datetime(2027, 3, 18), "18 March 2027 at 00:00"),
     ("T", "on the day at 00:00"), ("until launch", None)],
)  # fmt: skip
def test_embargoes(value: CellValue, words: str | None) -> None:
    moment = read_moment(value, DAY, LONDON)
    assert (moment.words if moment else None) == words


@pytest.mark.parametrize(
    ("day", "clock", "words", "said"),
    [
        ("28/03/2027 01:30", "", "28 March 2027 at 02:30", "does not exist on 28 March 2027"),
        ("28/03/2027", "01:30", "28 March 2027 at 02:30", "does not exist"),
        (datetime(2027, 3, 28, 1, 30), None, "28 March 2027 at 02:30", "does not exist"),
        ("T+10", "1.30am", "10 days after at 02:30", "does not exist"),
        ("31/10/2027 01:30", "", "31 October 2027 at 01:30 BST", "happens twice"),
        ("18/03/2027", "9am BST", "18 March 2027 at 09:00", "not what the clocks show"),
        ("31/10/2027", "01:30 EST", "31 October 2027 at 01:30 BST", "happens twice"),
    ],
)
def test_a_time_that_the_clocks_do_not_show_once_is_to_be_settled(
    day: CellValue, clock: CellValue, words: str, said: str
) -> None:
    timing = read_timing(day, clock, DAY, LONDON)
    assert timing.words == words
    [doubt] = timing.doubts
    assert doubt.column == "time"
    assert said in doubt.message
    assert f"{words.rpartition(' at ')[2]} stands in 'when:'" in doubt.hint


def test_what_says_which_of_two_times_it_is_needs_nobody() -> None:
    assert read_timing("31/10/2027", "01:30 GMT", DAY, LONDON) == ("31 October 2027 at 01:30 GMT", (), False,
                                                                   date(2027, 10, 31))  # fmt: skip


def test_a_day_that_a_zone_left_out_becomes_the_next() -> None:
    assert read_timing("30/12/2011", "9am", None, APIA).words == "31 December 2011 at 09:00"


def test_no_embargo_ends_too_soon_because_clocks_change() -> None:
    for value, words in (
        ("31/10/2027 01:30", "31 October 2027 at 01:30 GMT"),
        ("28/03/2027 01:30", "28 March 2027 at 02:30"),
    ):
        moment = read_moment(value, DAY, LONDON)
        assert moment is not None
        assert (moment.words, [doubt.column for doubt in moment.doubts]) == (words, ["embargo"])


@pytest.mark.parametrize(
    ("day", "length", "words", "said"),
    [
        ("day 2 of 7", 7, "day 2 of 7", ""),
        ("Day 2/7", 7, "day 2 of 7", ""),
        ("Day 2", 7, "1 day after", ""),
        ("the third day", 7, "the third day", ""),
        ("the third day", None, "2 days after", ""),
        ("day three", 2, "2 days after", ""),
        ("the last day", 7, "the last day", ""),
        ("day 2 of 7", None, "1 day after", "'day 2 of 7' needs the campaign's last day, which is not known."),
        ("day 2 of 5", 7, "1 day after", "'day 2 of 5' cannot be: the campaign has 7 days."),
        ("day 2 of 7", 1, "1 day after", "'day 2 of 7' cannot be: the campaign has 1 day."),
        ("day 9 of 7", 7, "8 days after", "'day 9 of 7' cannot be: the campaign has 7 days."),
        ("day 0 of 7", 7, "day 1 of 7", ""),
        ("the last day", None, "the last day", "'the last day' needs the campaign's last day, which is not known."),
        ("1 day after the last day", None, "1 day after the last day", "'1 day after the last day' needs"),
    ],
)
def test_days_of_a_span_fit_the_campaign_or_are_to_be_settled(
    day: str, length: int | None, words: str, said: str
) -> None:
    timing = read_timing(day, "9am", DAY, LONDON, length)
    assert timing.words == f"{words} at 09:00"
    assert [doubt.message[: len(said)] for doubt in timing.doubts] == ([said] if said else [])
    assert all(doubt.column == "date" for doubt in timing.doubts)
    until = DAY + timedelta(days=length - 1) if length else None
    resolve(parse_when(timing.words), DAY, until, LONDON, lambda day: day.weekday() < 5)


def test_the_length_is_what_most_rows_say() -> None:
    cells: list[CellValue] = ["day 1 of 5", "Day 2 of 7", "day 3/7", "T", "18/03/27", None, 7, "day 9 of 8", "TBC"]
    assert find_length(cells) == 7
    assert find_length(["Day 2", "T+1", ""]) is None


def test_clock_changes_are_seen_on_a_day_of_a_span() -> None:
    [doubt] = read_timing("day 11 of 14", "01:30", DAY, LONDON, 14).doubts
    assert "does not exist on 28 March 2027" in doubt.message
    moment = read_moment("day 2 of 7", DAY, LONDON)
    assert moment is not None
    assert [doubt.column for doubt in moment.doubts] == ["embargo"]


@given(
    st.text(max_size=30) | st.floats() | st.integers() | st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1)),
    st.text(max_size=12),
)
def test_whatever_stands_there_a_calendar_can_hold_it(day: CellValue, clock: str) -> None:
    words = read_timing(day, clock, DAY, LONDON).words
    assert words.count(" at ") >= 1
    try:
        resolve(parse_when(words), DAY, DAY + timedelta(days=6), LONDON, lambda day: day.weekday() < 5)
    except WhenError as failure:
        assert "campaign" in failure.message  # has no such day
