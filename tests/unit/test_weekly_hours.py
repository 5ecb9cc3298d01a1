"""Hours of the week: what is read, what is refused and at which words, and which times lie in them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.weekly_hours import parse_hours
from scheduler.domain.when import WEEKDAYS, WhenError

EIGHT_TO_SIX = ((480, 1080),)
OFFICE = (EIGHT_TO_SIX,) * 5 + ((), ())
EVERY_DAY = (EIGHT_TO_SIX,) * 7


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Monday to Friday 08:00 to 18:00", OFFICE),
        ("Mon-Fri 8am-6pm", OFFICE),
        ("Mon–Fri 8am–6pm", OFFICE),
        ("Mondays to Fridays, from 8.00 until 18.00", OFFICE),
        ("monday to friday: 0800 - 1800", OFFICE),
        ("weekdays between 8am and 6pm", OFFICE),
        ("Mon, Tue, Weds, Thurs and Fri 08:00 to 18:00", OFFICE),
        ("every day 08:00 to 18:00", EVERY_DAY),
        ("daily 8am to 6pm", EVERY_DAY),
        ("08:00 to 18:00", EVERY_DAY),
        ("Saturday to Friday 08:00 to 18:00", EVERY_DAY),
        ("Monday to Friday 08:00 to 18:00; weekends 9am to noon", OFFICE[:5] + (((540, 720),),) * 2),
        ("weekdays 08:00 to 12:00 and 13:00 to 18:00", (((480, 720), (780, 1080)),) * 5 + ((), ())),
        ("Sunday 22:00 to 24:00", ((),) * 6 + (((1320, 1440),),)),
        ("Sunday 10pm to midnight and 00:00 to 02:00", ((),) * 6 + (((0, 120), (1320, 1440)),)),
    ],
)
def test_hours_are_read_as_meant(text: str, days: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    assert parse_hours(text).days == days


@pytest.mark.parametrize(
    ("text", "words", "message", "hint"),
    [
        ("Monday to Friday", "Monday to Friday", "has no hours", "'every day 7am to 9pm'"),
        ("Mon 8am to 6pm, Sat and Sun", "Sat and Sun", "has no hours", "'every day 7am to 9pm'"),
        ("8am to 6pm Monday to Friday", "8am to 6pm", "has no day before it", "'Monday to Friday 08:00 to 18:00"),
        ("8am to 6pm Mon to Fri, 9am to noon Sat", "8am to 6pm", "has no day before it", "'Monday to Friday"),
        ("Mondey 08:00 to 18:00", "Mondey", "neither a day of the week nor hours", "Did you mean 'Monday'?"),
        ("Monday 9am", "9am", "neither a day of the week nor hours", "'Monday to Friday 08:00 to 18:00"),
        ("always", "always", "neither a day of the week nor hours", "'every day 7am to 9pm'"),
        ("every day 08:00 to 20:00 except Sunday", "except", "neither a day", "'Monday to Friday 08:00 to 18:00"),
        ("Monday 9 to 17:00", "9", "'9' alone may be morning or evening", "'9am'"),
        ("Monday 9am to 17", "17", "'17' alone", "'9am'"),
        ("Monday 08:00 to 25:00", "25:00", "not on the clock", "'09:00'"),
        ("every day 22:00 to 06:00", "22:00 to 06:00", "ends before it begins", "'every day 22:00 to 24:00, 00:00"),
        ("Monday 09:00 to 09:00", "09:00 to 09:00", "ends before it begins", "in two parts"),
        ("", "", "Nothing is typed", "'every day 7am to 9pm'"),
    ],
)
def test_other_hours_are_refused_with_what_to_type(text: str, words: str, message: str, hint: str) -> None:
    with pytest.raises(WhenError) as caught:
        parse_hours(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert text[caught.value.start : caught.value.end] == words


@pytest.mark.parametrize(
    ("moment", "strictly", "to_the_end"),
    [
        ("2027-03-18 07:59", False, False),
        ("2027-03-18 08:00", True, True),
        ("2027-03-18 17:59", True, True),
        ("2027-03-18 18:00", False, True),
        ("2027-03-18 18:01", False, False),
        ("2027-03-21 12:00", False, False),  # a Sunday
    ],
)
def test_the_end_belongs_to_posting_hours_only(moment: str, strictly: bool, to_the_end: bool) -> None:
    hours = parse_hours("Monday to Friday 08:00 to 18:00")
    assert hours.hold(datetime.fromisoformat(moment), to_the_end=False) is strictly
    assert hours.hold(datetime.fromisoformat(moment), to_the_end=True) is to_the_end


WORDS = "Monday Sun to - – and , ; 8am 18:00 24:00 noon midnight from every day weekdays 9 x"


@given(st.text() | st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join))
def test_no_text_raises_anything_but_a_when_error(text: str) -> None:
    try:
        hours = parse_hours(text)
    except WhenError as problem:
        assert problem.message and problem.hint
        assert 0 <= problem.start <= problem.end <= len(text)
    else:
        assert any(hours.days)


@given(st.lists(st.booleans(), min_size=7, max_size=7).filter(any), st.integers(0, 1438), st.integers(1, 1440))
def test_hours_read_back(open_days: list[bool], start: int, length: int) -> None:
    end = min(start + length, 1440)
    names = [day for day, is_open in zip(WEEKDAYS, open_days, strict=True) if is_open]
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end)]
    hours = parse_hours(f"{', '.join(names)} {' to '.join(times)}")
    assert hours.days == tuple(((start, end),) if is_open else () for is_open in open_days)
