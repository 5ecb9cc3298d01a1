"""Days and times as toolkits give them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.toolkit_when import CellValue, read_moment, read_timing
from scheduler.domain.when import parse_when

DAY = date(2027, 3, 18)


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
        ("18 March 2027", "9am BST", "18 March 2027 at 09:00 BST"),
    ],
)
def test_what_is_clear_is_taken(day: CellValue, clock: CellValue, words: str) -> None:
    timing = read_timing(day, clock, DAY)
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
        ("46464", "9am", "18 March 2027 at 09:00", "date"),
    ],
)
def test_what_is_not_clear_is_to_be_settled(day: str, clock: str, words: str, column: str) -> None:
    timing = read_timing(day, clock, DAY)
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
    assert read_moment(value, DAY) == words


@given(
    st.text(max_size=30) | st.floats() | st.integers() | st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1)),
    st.text(max_size=12),
)
def test_whatever_stands_there_a_calendar_can_hold_it(day: CellValue, clock: str) -> None:
    words = read_timing(day, clock, DAY).words
    assert words.count(" at ") >= 1
    parse_when(words)
