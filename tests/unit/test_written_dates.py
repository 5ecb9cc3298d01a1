"""Dates in the middle of a text: which words are one, and another date in their place."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.when import parse_date
from scheduler.domain.written_dates import find_date, find_dates, replace_date, settle_dates

AUTUMN = date(2024, 11, 20)
FOUND = {
    "on Tuesday 18 March we": "18-3 Tue",
    "Monday, 11 November is": "11-11 Mon",
    "the 18th of March 2027,": "18-3-2027",
    "18th March (Tues)": "18-3 Tue",
    "until Friday, February 12th": "12-2 Fri",
    "Thu, 18th of March 2027, 08:00": "18-3-2027 Thu",
    "18 MARCH": "18-3",
    "On Saturday 3 May 10 people": "3-5 Sat",
    "18/03/2027 at noon": "18-3-2027",
    "2027-03-18T08:00": "18-3-2027",
    "18-Mar-27": "18-3-2027",
    "on 18th\nMarch": "18-3",
    "10-14 November 2025": "10-11-2025 to 14-11-2025",
    "10 to 16 November": "10-11 to 16-11",
    "Monday 25 - Sunday December 2nd": "25-11 Mon to 2-12 Sun",
    "Mon 25 - Sun 2 December": "25-11 Mon to 2-12 Sun",
    "06th February - 12th January 2017": "6-2-2017 to 12-1-2017",
    "between 3 March and 5 April": "3-3 to 5-4",
    "March 18-20, 2027": "18-3-2027 to 20-3-2027",
    "16-10 March": "16-3 to 10-3",
    "Mon 16, Tue 17 and Wed 18 March": "16-3 Mon, 17-3 Tue, 18-3 Wed",
    "31 May and 2 June": "31-5 | 2-6",
    "from 2pm to 4pm on 5 March": "5-3",
    "8-10am on 5 March {yyyy}": "5-3",
}
NONE = ("up to 5 may apply", "we march 18 miles", "people sat 3 to a table", "call 0800 1111 Mayor", "May 2027",
        "£5.10 March offer", "at 10:30 March off", "10\n\nMarch is here", "v1.2.27")  # fmt: skip


def say(text: str) -> str:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    stretches = []
    for stretch in find_dates(text):
        dates = [
            f"{each.day}-{each.month}"
            + (f"-{each.year}" if each.year else "")
            + (f" {names[each.weekday]}" if each.weekday is not None else "")
            for each in stretch.dates
        ]
        stretches.append((" to " if stretch.is_range else ", ").join(dates))
    return " | ".join(stretches)


@pytest.mark.parametrize("text", FOUND)
def test_dates_are_found_as_people_write_them(text: str) -> None:
    assert say(text) == FOUND[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date_is_none(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("18 March", [date(2024, 3, 18)]),
        ("30 February", [None]),
        ("20 December - 5 January", [date(2024, 12, 20), date(2025, 1, 5)]),
        ("20 December - 5 January 2024", [date(2023, 12, 20), date(2024, 1, 5)]),
        ("6 February - 12 January 2017", [date(2017, 2, 6), date(2017, 1, 12)]),
        ("28 February 2027 to 3 March 2027", [date(2027, 2, 28), date(2027, 3, 3)]),
    ],
)
def test_dates_without_a_year_are_of_the_campaigns(text: str, settled: list[date | None]) -> None:
    [stretch] = find_dates(text)
    assert settle_dates(stretch, AUTUMN) == settled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Monday 27 September 2027 10:00", "Thursday 1 November 2029 10:00"),
        ("Thu, 18th of March 2027, 08:00", "Thu, 1st of November 2029, 08:00"),
        ("MON 1 MAR 2027", "THU 1 NOV 2029"),
        ("18/11/27", "01/11/29"),
        ("8/3/2027", "1/11/2029"),
        ("18-Mar-27 9am", "1-Nov-29 9am"),
        ("9am on 2027-03-18", "9am on 2029-11-01"),
        ("1 sept 2027", "1 nov 2029"),
        ("08 May 2027", "01 November 2029"),
        ("18 March 2027 (Thursday)", "1 November 2029 (Thursday)"),
    ],
)
def test_another_date_is_written_in_the_same_manner(text: str, expected: str) -> None:
    written = find_date(text)
    assert written is not None
    assert replace_date(text, written, date(2029, 11, 1)) == expected


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        ["{0:%d/%m/%Y}", "{0:%d %B %Y}", "{0:%A} {0.day} {0:%b} {0:%Y}", "{0:%Y-%m-%d}", "{0.day}-{0:%b-%y}"]
    ),
)
def test_what_is_written_is_what_was_meant(old: date, new: date, form: str) -> None:
    text = form.format(old)
    assert parse_date(text) == old
    written = find_date(text)
    assert written is not None
    assert parse_date(replace_date(text, written, new)) == new


@given(st.text(st.sampled_from("0123456789 /-.,()thMarchSundyJ\n"), max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    for stretch in find_dates(text):
        start, stop = stretch.span
        assert 0 <= start < stop <= len(text)
        assert len(settle_dates(stretch, AUTUMN)) == len(stretch.dates)
