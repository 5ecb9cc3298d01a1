"""The rules of awareness days: their words row by row, and their dates held against slower ways to find them."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.domain import rule_words
from scheduler.domain.awareness import DateStatus, Holding
from scheduler.domain.day_rules import (
    LAST,
    Announced,
    AnotherDay,
    EasterSunday,
    Fixed,
    HijriDate,
    HijriMonth,
    NearestWeekday,
    NthWeekday,
    Rule,
    Shifted,
    Usually,
    WeekContaining,
    WholeMonth,
    WorkingWeekDay,
    count_days,
    repeat_week,
)
from scheduler.domain.rule_words import parse_rule
from scheduler.domain.when import MONTHS, WEEKDAYS, WhenError

years = st.integers(1971, 2198)
months = st.integers(1, 12)
weekdays = st.integers(0, 6)
month_days = st.integers(1, 28)

MEANT: dict[str, Rule] = {
    "18 March": Fixed(3, 18),
    "October": WholeMonth(10),
    "first Thursday of February": NthWeekday(1, 3, 2),
    "last Sunday of March": NthWeekday(LAST, 6, 3),
    "Tuesday of the second working week of February": WorkingWeekDay(1, 2, 2),
    "Sunday nearest 29 September": NearestWeekday(6, 9, 29),
    "week of 20 June": WeekContaining(6, 20, 0),
    "week of 20 June from Saturday": WeekContaining(6, 20, 5),
    "Easter": EasterSunday(),
    "21 days before Easter": Shifted(EasterSunday(), -21),
    "the day after the fourth Thursday of November": Shifted(NthWeekday(4, 3, 11), 1),
    "2 days after hate-crime-awareness-week": Shifted(AnotherDay("hate-crime-awareness-week"), 2),
    "2 days after the end of sixteen-days": Shifted(AnotherDay("sixteen-days", True), 2),
    "1 Ramadan": HijriDate(9, 1),
    "Ramadan": HijriMonth(9),
    "usually first Monday of June": Usually(NthWeekday(1, 0, 6)),
    "announced": Announced(),
    # Not in the table, and read all the same.
    "the 18th of March": Fixed(3, 18),
    "18 Mar": Fixed(3, 18),
    "5 Sept": Fixed(9, 5),
    "the month of October": WholeMonth(10),
    "the 2nd wednesday in march": NthWeekday(2, 2, 3),
    "the nearest Sunday to 29 September": NearestWeekday(6, 9, 29),
    "the week that holds the 20th of June": WeekContaining(6, 20, 0),
    "two weeks before Easter Sunday": Shifted(EasterSunday(), -14),
    "a week after 18 March": Shifted(Fixed(3, 18), 7),
    "1 Dhu al-Hijjah": HijriDate(12, 1),
    "12 of Rabi al-Awwal": HijriDate(3, 12),
    "the month of Rabi al-Awwal": HijriMonth(3),
    "announced each year": Announced(),
}


def test_every_row_of_the_table_has_its_test() -> None:
    rows = [row.strip() for row in (rule_words.__doc__ or "").splitlines() if row.startswith("    ")]
    written = [re.split(r" {2,}", row)[0] for row in rows]
    assert written[0] == "written"
    assert written[1:] == list(MEANT)[: len(written) - 1]


@pytest.mark.parametrize("words", MEANT)
def test_words_are_read(words: str) -> None:
    rule = parse_rule(words)
    assert (type(rule), rule) == (type(MEANT[words]), MEANT[words])
    assert parse_rule(f"  {words.upper()} ") == parse_rule(words) or "-" in words


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        ("frist Thursday of February", "is not a rule", "Did you mean 'first'?"),
        ("second Tusday of February", "'Tusday' is not a day of the week", "Did you mean 'Tuesday'?"),
        ("18 Marhc", "'Marhc' is not a month", "Did you mean 'March'?"),
        ("1 Ramadhan", "'Ramadhan' is not a month", "Did you mean 'Ramadan'?"),
        ("second Funday of March", "'Funday' is not a day of the week", "Did you mean 'Sunday'?"),
        ("31 February", "There is no 31 February in every year", "18 March"),
        ("29 February", "There is no 29 February in every year", "18 March"),
        ("0 March", "There is no 0 March", "18 March"),
        ("31 Ramadan", "have no day 31", "18 March"),
        ("fifth Monday of March", "Not every month has five", "'last'"),
        ("Sunday nearest 1 January", "may fall in another year", "'announced'"),
        ("week of 31 December", "may fall in another year", "'announced'"),
        ("Monday of the last working week of May", "first to the fourth", "18 March"),
        ("Monday of the first working week of January", "in January, from the second", "18 March"),
        ("2 days after", "is not a rule", "18 March"),
        ("400 days after Easter", "more than a year away", "18 March"),
        ("2 days after the big party", "not the id of a day", "18 March"),
        ("2 days after announced", "has no rule to count from", "its id"),
        ("usually announced", "is not a rule", "18 March"),
        ("hate-crime-awareness-week", "is not a rule", ""),
        ("", "is not a rule", "18 March"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_to_type(words: str, said: str, hint: str) -> None:
    with pytest.raises(WhenError) as failure:
        parse_rule(words)
    assert said in failure.value.message
    assert hint in failure.value.hint
    assert 0 <= failure.value.start <= failure.value.end <= len(words)


@given(st.text(max_size=60))
def test_no_words_crash_the_reader(words: str) -> None:
    try:
        parse_rule(words)
    except WhenError as failure:
        assert failure.hint


def nothing(day: str, year: int) -> Holding:
    raise KeyError(day)


def compute(rule: Rule, year: int) -> date:
    first, status = rule.find(year, nothing)
    assert first is not None
    assert status is DateStatus.COMPUTED
    return first


def days_of(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]


@given(years, months, weekdays, st.sampled_from([1, 2, 3, 4, LAST]))
def test_nth_weekday_is_that_of_a_list_of_all(year: int, month: int, weekday: int, nth: int) -> None:
    listed = [day for day in days_of(year, month) if day.weekday() == weekday]
    assert compute(NthWeekday(nth, weekday, month), year) == listed[nth - 1 if nth > 0 else -1]


@given(years, months, st.integers(0, 4), st.integers(2, 4))
@example(2019, 2, 1, 2)
def test_a_working_week_is_a_row_of_a_wall_calendar(year: int, month: int, weekday: int, nth: int) -> None:
    rows = calendar.Calendar().monthdatescalendar(year, month)
    working = [row for row in rows if any(day.month == month for day in row[:5])]
    assert compute(WorkingWeekDay(weekday, nth, month), year) == working[nth - 1][weekday]


@given(years, st.integers(2, 11), month_days, weekdays)
def test_the_nearest_weekday_is_the_least_far(year: int, month: int, day: int, weekday: int) -> None:
    middle = date(year, month, day)
    around = [middle + timedelta(days=away) for away in range(-10, 11)]
    [nearest] = [each for each in around if each.weekday() == weekday and abs((each - middle).days) <= 3]
    assert compute(NearestWeekday(weekday, month, day), year) == nearest


@given(years, st.integers(2, 11), month_days, weekdays)
def test_the_week_containing_a_date_contains_it(year: int, month: int, day: int, begins_on: int) -> None:
    rule = WeekContaining(month, day, begins_on)
    first = compute(rule, year)
    week = [first + timedelta(days=number) for number in range(count_days(rule, year))]
    assert date(year, month, day) in week
    assert (len(week), first.weekday()) == (7, begins_on)


@given(years, months)
def test_a_month_is_all_its_days(year: int, month: int) -> None:
    first = compute(WholeMonth(month), year)
    last = first + timedelta(days=count_days(WholeMonth(month), year) - 1)
    assert (first, last) == (days_of(year, month)[0], days_of(year, month)[-1])


@given(years)
def test_easter_is_that_of_the_tables_of_the_prayer_book(year: int) -> None:
    """By the anonymous algorithm that Nature printed in 1876, as Meeus gives it."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    assert compute(EasterSunday(), year) == date(year, month, day + 1)


def tabular(islamic: int, month: int, day: int) -> date:
    """Return a date of the arithmetic Islamic calendar (30 years of 10,631 days), which is at most two days off."""
    days = day + (59 * (month - 1) + 1) // 2 + (islamic - 1) * 354 + (3 + 11 * islamic) // 30
    return date.fromordinal(227014 + days - 1)


@given(st.integers(1935, 2076), months, st.integers(1, 29))
def test_an_islamic_date_is_an_estimate_near_the_arithmetic_calendar(year: int, month: int, day: int) -> None:
    first, status = HijriDate(month, day).find(year, nothing)
    possible = [tabular(islamic, month, day) for islamic in range(1340, 1510)]
    assert first is not None
    assert first.year == year
    assert min(abs((first - each).days) for each in possible) <= 2
    assert status is DateStatus.ESTIMATED


def test_outside_of_its_calendar_an_islamic_date_is_unknown() -> None:
    assert HijriDate(9, 1).find(2100, nothing) == (None, DateStatus.UNKNOWN)


def test_a_year_that_holds_an_islamic_date_twice_gives_the_first() -> None:
    assert HijriDate(9, 1).find(2030, nothing)[0] == date(2030, 1, 5)


@given(years, months, month_days, st.integers(-366, 366))
def test_what_is_shifted_falls_in_the_year_asked_for(year: int, month: int, day: int, days: int) -> None:
    first, _ = Shifted(Fixed(month, day), days).find(year, nothing)
    shifted = [date(each, month, day) + timedelta(days=days) for each in range(year - 2, year + 3)]
    within = [each for each in shifted if each.year == year]  # a year from New Year's Day, there may be none
    assert first in within if within else first is None


@given(st.dates(date(1971, 1, 1), date(2198, 12, 31)), years)
def test_the_same_week_of_another_year_has_the_weekday_and_the_place_in_its_month(seen: date, year: int) -> None:
    guess = repeat_week(seen, year)
    assert (guess.year, guess.month, guess.weekday()) == (year, seen.month, seen.weekday())
    assert (guess.day - 1) // 7 == (seen.day - 1) // 7 or ((seen.day - 1) // 7, (guess.day - 1) // 7) == (4, 3)


def test_names_of_months_and_weekdays_are_those_of_the_grammar() -> None:
    for number, month in enumerate(MONTHS, start=1):
        assert parse_rule(f"3 {month}") == Fixed(number, 3)
    for number, weekday in enumerate(WEEKDAYS):
        assert parse_rule(f"last {weekday} of May") == NthWeekday(LAST, number, 5)
