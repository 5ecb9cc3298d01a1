"""The catalogue of awareness days that comes with the program, held against every date seen in public pages."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.domain.awareness import DateStatus, Holding, YearEntry
from scheduler.domain.day_rules import Announced
from scheduler.domain.holding import find_era, find_holding
from scheduler.domain.when import YEARS
from scheduler.sources.catalogue import SHIPPED, Catalogue, Shipped, shipped
from scheduler.sources.yaml_text import read_yaml
from tests.seen_days import Seen, list_seen

DAYS = Catalogue()
SEEN = list_seen()
COUNT = 116
"""How many dates were seen: what 58 days of police, safeguarding, council and NHS calendars had in public pages."""


def test_all_dates_seen_are_reproduced() -> None:
    wrong = [
        (seen, holding.first, holding.last)
        for seen in SEEN
        if (holding := DAYS.find(seen.day, seen.first.year))[3:5] != (seen.first, seen.last)
    ]
    print(f"{len(SEEN) - len(wrong)} of {len(SEEN)} dates seen of {len({seen.day for seen in SEEN})} days reproduced")
    assert wrong == []
    assert len(SEEN) == len(set(SEEN)) == COUNT


def find_by_rule(day: str, year: int) -> Holding:
    """Return a holding as the rule alone has it, whatever is known of the year."""
    return find_holding(shipped().describe(day)._replace(years={}), year, find_by_rule)


def has_rule(seen: Seen) -> bool:
    day = shipped().describe(seen.day)
    is_moved = bool(day.years.get(seen.first.year, YearEntry()).why)
    return not isinstance(find_era(day, seen.first.year).rule, Announced) and not is_moved


def test_rules_alone_give_every_date_seen_that_was_not_moved() -> None:
    ruled = [seen for seen in SEEN if has_rule(seen)]
    found = [(by_rule := find_by_rule(seen.day, seen.first.year), by_rule.first, by_rule.last) for seen in ruled]
    assert [dates for _, *dates in found] == [[seen.first, seen.last] for seen in ruled]
    print(f"{len(ruled)} of them by rules, {len(SEEN) - len(ruled)} announced or moved")
    assert len(ruled) == 61


def test_every_date_that_was_seen_is_written_down_as_confirmed() -> None:
    assert {DAYS.find(seen.day, seen.first.year).status for seen in SEEN} == {DateStatus.CONFIRMED}


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("safer-internet-day", date(2019, 2, 5), date(2019, 2, 5)),
        ("hate-crime-awareness-week", date(2026, 10, 10), date(2026, 10, 17)),
        ("999-day", date(2022, 10, 19), date(2022, 10, 19)),
        ("999-day", date(2026, 9, 9), date(2026, 9, 9)),
        ("ce-awareness-day", date(2027, 3, 18), date(2027, 3, 18)),
        ("mothering-sunday", date(2026, 3, 15), date(2026, 3, 15)),
        ("good-friday", date(2027, 3, 26), date(2027, 3, 26)),
        ("black-friday", date(2026, 11, 27), date(2026, 11, 27)),
        ("police-memorial-day", date(2027, 9, 26), date(2027, 9, 26)),
        ("refugee-week", date(2026, 6, 15), date(2026, 6, 21)),
        ("black-history-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("sixteen-days", date(2027, 11, 25), date(2027, 12, 10)),
        ("volunteers-week", date(2023, 6, 1), date(2023, 6, 7)),
        ("volunteers-week", date(2027, 6, 7), date(2027, 6, 13)),
        ("ramadan-start", date(2026, 2, 18), date(2026, 3, 19)),
        ("ramadan-start", date(2025, 3, 1), date(2025, 3, 29)),
        ("ramadan-start", date(2032, 12, 4), date(2033, 1, 1)),
    ],
)
def test_fixed_examples(day: str, first: date, last: date) -> None:
    holding = DAYS.find(day, first.year)
    assert (holding.first, holding.last) == (first, last)


def test_a_move_says_why_and_a_day_not_held_is_not_one_unknown() -> None:
    assert DAYS.find("999-day", 2022).note == "moved because of national mourning"
    missed, unknown = DAYS.find("asb-awareness-week", 2020), DAYS.find("asb-awareness-week", 2027)
    assert (missed.status, missed.first) == (DateStatus.NOT_HELD, None)
    assert (unknown.status, unknown.first) == (DateStatus.UNKNOWN, date(2027, 6, 28))


def test_the_day_was_renamed_in_2020_and_its_hashtag_follows_the_year() -> None:
    before, after = DAYS.find("ce-awareness-day", 2019), DAYS.find("ce-awareness-day", 2027)
    assert "CSE" in before.name
    assert after.name == "National Child Exploitation Awareness Day"
    assert (before.hashtags[0], after.hashtags[0]) == ("#CSEDay19", "#CEADay27")
    day = DAYS.describe("ce-awareness-day")
    assert ("CSE Day", 2020) in day.former_names
    assert day.retired_hashtags == (("#CSEDay{yy}", 2020),)
    assert DAYS.describe("hate-crime-awareness-week").retired_hashtags == (("#NHCAW", 2023),)


def test_ramadan_ends_the_day_before_eid() -> None:
    apart = []
    for year in range(1990, 2077):
        last = DAYS.find("ramadan-start", year).last
        eids = [DAYS.find("eid-al-fitr", each).first for each in (year, year + 1)]
        if last is None or last + timedelta(days=1) not in eids:
            apart.append(year)
    assert apart == [2000, 2033, 2065], "years that Eid falls in twice, of which the first one is known"


def test_days_that_go_by_the_moon_or_are_announced_are_never_sure() -> None:
    for holding in (DAYS.find(name, 2027) for name in DAYS.names()):
        era = find_era(DAYS.describe(holding.day), 2027)
        if isinstance(era.rule, Announced) or holding.day in {"ramadan-start", "eid-al-fitr", "volunteers-week"}:
            assert holding.status in {DateStatus.ESTIMATED, DateStatus.UNKNOWN}, holding


def test_every_day_is_whole() -> None:
    assert len(DAYS.names()) == 59
    for name in DAYS.names():
        day = DAYS.describe(name)
        assert day.sources, name
        assert day.topics, name
        assert day.verified_on is not None, name
        assert all(tag.startswith("#") for era in day.eras for tag in era.hashtags), name


def test_every_day_can_be_reckoned_in_every_year() -> None:
    for year in (YEARS.start, 2019, 2024, 2028, 2030, YEARS.stop - 1):
        for holding in (DAYS.find(name, year) for name in DAYS.names()):
            if holding.first is not None and holding.last is not None:
                assert holding.first.year == year, holding
                assert holding.first <= holding.last, holding


def test_the_catalogue_has_no_problem_and_no_number_without_quotes_is_changed() -> None:
    assert read_yaml(SHIPPED.read_bytes(), SHIPPED.name).problems == ()


def test_the_catalogue_loads_in_under_30_milliseconds() -> None:
    best = 1.0
    for _ in range(5):
        begun = time.perf_counter()
        Shipped().describe("ce-awareness-day")
        best = min(best, time.perf_counter() - begun)
    print(f"{best * 1000:.1f} ms")
    assert best < 0.03


def test_a_preview_without_awareness_days_loads_nothing_of_them(tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "config.yaml").write_text("accounts: {board: {platform: noticeboard, folder: wall}}\n")
    (tmp_path / "campaigns/a.yaml").write_text(
        "campaign: a\ndate: 18 March 2027\naccounts: [board]\nposts: [{id: p, when: on the day at 9am, text: T}]\n"
    )
    script = (
        "import json, sys\nfrom scheduler.cli import run\nrun(['preview'])\n"
        "print(json.dumps([name for name in sys.modules if 'day_' in name or name in {'dateutil', 'hijridate'}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in loaded if name.startswith(("scheduler", "dateutil", "hijridate"))] == []
