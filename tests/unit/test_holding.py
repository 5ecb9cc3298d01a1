"""One year of a day: what is known of it goes before the rule, and doubt is passed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from scheduler.domain.awareness import AwarenessDay, DateStatus, Era, Holding, YearEntry, say_doubt
from scheduler.domain.holding import find_holding, list_doubtful, merge_entries
from scheduler.domain.rule_words import parse_rule

WEEK = (date(2025, 4, 21), date(2025, 4, 25))


def make_day(rule: str, *, days: int | None = None, **more: object) -> AwarenessDay:
    return AwarenessDay("x", (Era(0, "Day X", parse_rule(rule), days, ("#X{yy}",)),))._replace(**more)  # type: ignore[arg-type]  # fields by name


def find_in(*known: AwarenessDay) -> Callable[[str, int], Holding]:
    """Return how to find the holdings of some days."""
    days = {day.id: day for day in known}

    def find(day: str, year: int) -> Holding:
        return find_holding(days[day], year, find)

    return find


def find(day: AwarenessDay, year: int) -> Holding:
    return find_in(day)(day.id, year)


def test_a_day_by_its_rule_is_computed() -> None:
    holding = find(make_day("18 March"), 2027)
    assert (holding.first, holding.last, holding.status) == (date(2027, 3, 18), date(2027, 3, 18), DateStatus.COMPUTED)
    assert (holding.hashtags, holding.note, say_doubt(holding)) == (("#X27",), "", "")


@pytest.mark.parametrize(
    ("rule", "days", "count"),
    [("18 March", None, 1), ("18 March", 8, 8), ("February", None, 28), ("week of 20 June", None, 7),
     ("usually week of 20 June", None, 7), ("week of 20 June", 5, 5)],
)  # fmt: skip
def test_how_long_it_lasts(rule: str, days: int | None, count: int) -> None:
    holding = find(make_day(rule, days=days), 2027)
    assert holding.first is not None
    assert holding.last is not None
    assert (holding.last - holding.first).days + 1 == count


def test_a_date_known_of_a_year_goes_before_the_rule() -> None:
    entry = YearEntry(date(2027, 10, 19), why="moved because of mourning", source="the organiser")
    holding = find(make_day("9 September", days=2, years={2027: entry}), 2027)
    assert (holding.first, holding.last) == (date(2027, 10, 19), date(2027, 10, 20))
    assert (holding.status, holding.note) == (DateStatus.CONFIRMED, "moved because of mourning")
    assert find(make_day("9 September", years={2027: entry}), 2028).first == date(2028, 9, 9)


def test_what_is_not_held_has_no_date_and_says_why() -> None:
    holding = find(make_day("9 September", years={2027: YearEntry(not_held="no money")}), 2027)
    assert (holding.first, holding.last, holding.status) == (None, None, DateStatus.NOT_HELD)
    assert say_doubt(holding) == "Day X 2027: it is not held (no money)"


def test_what_is_announced_and_not_known_is_where_it_usually_falls() -> None:
    day = make_day("announced", days=7, years={2025: YearEntry(*WEEK), 2031: YearEntry(date(2031, 5, 5))})
    holding = find(day, 2027)
    assert (holding.first, holding.last, holding.status) == (date(2027, 4, 19), date(2027, 4, 23), DateStatus.UNKNOWN)
    assert say_doubt(holding) == "Day X 2027: its date is not known yet (it last began on 21 April 2025)"
    assert find(day, 2020).first == date(2020, 4, 20)  # before the first that is known


def test_an_estimate_of_one_year_is_none_of_the_next() -> None:
    estimate = YearEntry(date(2026, 4, 27), status=DateStatus.ESTIMATED)
    day = make_day("announced", years={2025: YearEntry(*WEEK), 2026: estimate})
    assert find(day, 2026).status is DateStatus.ESTIMATED
    assert find(day, 2027).first == date(2027, 4, 19)


def test_nothing_at_all_may_be_known() -> None:
    holding = find(make_day("announced"), 2027)
    assert (holding.first, holding.status) == (None, DateStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "note"),
    [("usually first Monday of June", "it usually falls so, and not always"),
     ("1 Ramadan", "it goes by the moon and may be a day earlier or later"),
     ("2 days before 1 Ramadan", "it goes by the moon and may be a day earlier or later")],
)  # fmt: skip
def test_an_estimate_says_why(rule: str, note: str) -> None:
    holding = find(make_day(rule), 2027)
    assert (holding.status, holding.note) == (DateStatus.ESTIMATED, note)


@pytest.mark.parametrize(
    ("entry", "status"),
    [(None, DateStatus.UNKNOWN), (YearEntry(date(2027, 4, 26)), DateStatus.CONFIRMED),
     (YearEntry(date(2027, 4, 26), status=DateStatus.ESTIMATED), DateStatus.ESTIMATED)],
)  # fmt: skip
def test_a_day_that_counts_from_another_is_as_sure_as_that(entry: YearEntry | None, status: DateStatus) -> None:
    years = {2025: YearEntry(*WEEK)} | ({2027: entry} if entry else {})
    base = make_day("announced", days=5, years=years)
    after = make_day("2 days after the end of x")._replace(id="after")
    holding = find_in(base, after)("after", 2027)
    assert holding.status is status
    assert holding.first == (date(2027, 5, 2) if entry else date(2027, 4, 25))


def test_a_day_that_counts_from_one_not_held_is_not_known() -> None:
    base = make_day("announced", years={year: YearEntry(not_held="x") for year in range(2026, 2029)})
    after = make_day("2 days after x")._replace(id="after")
    assert find_in(base, after)("after", 2027).status is DateStatus.UNKNOWN


def test_names_rules_lengths_and_hashtags_hold_from_a_year_on() -> None:
    day = make_day("1 June", days=7)
    eras = (*day.eras, Era(2024, "Week Y", parse_rule("first Monday of June"), 5, ("#Y",)))
    before, after = (find(day._replace(eras=eras), year) for year in (2023, 2024))
    assert (before.name, before.first, before.last, before.hashtags) == (
        "Day X", date(2023, 6, 1), date(2023, 6, 7), ("#X23",))  # fmt: skip
    assert (after.name, after.first, after.last, after.hashtags) == (
        "Week Y", date(2024, 6, 3), date(2024, 6, 7), ("#Y",))  # fmt: skip
    assert day._replace(eras=eras).name == "Week Y"


def test_a_year_may_have_hashtags_and_themes_of_its_own() -> None:
    entry = YearEntry(hashtags=("#NoMoreIn{yy}",), themes=("Monday's", "Tuesday's"))
    holding = find(make_day("18 March", days=2, years={2024: entry}), 2024)
    assert holding.hashtags == ("#X24", "#NoMoreIn24")
    assert holding.themes == ("Monday's", "Tuesday's")


def test_the_teams_word_goes_before_the_catalogues() -> None:
    known = YearEntry(*WEEK, status=DateStatus.ESTIMATED, source="a page", hashtags=("#A",))
    own = YearEntry(date(2025, 4, 7), source="the organiser")
    assert merge_entries(known, own) == YearEntry(date(2025, 4, 7), source="the organiser", hashtags=("#A",))
    assert merge_entries(known, YearEntry(declined="no time")) == known._replace(declined="no time")
    assert merge_entries(known, YearEntry(not_held="ended")).first is None


def test_what_is_near_and_not_certain_is_listed_in_order() -> None:
    unknown = find(make_day("announced", years={2025: YearEntry(*WEEK)}), 2027)
    estimated = find(make_day("usually 5 March"), 2027)
    sure = find(make_day("18 March"), 2027)
    declined = estimated._replace(declined="no time")
    later = find(make_day("usually 5 December"), 2027)
    not_held = find(make_day("5 March", years={2027: YearEntry(not_held="x")}), 2027)
    listed = list_doubtful([unknown, estimated, sure, declined, later, not_held], date(2027, 3, 5), 180)
    assert listed == [estimated, unknown]
    assert list_doubtful([estimated], date(2027, 3, 6), 180) == []
    assert list_doubtful([later], date(2027, 6, 8), 180) == [later]
    assert list_doubtful([later], date(2027, 6, 7), 180) == []
