"""A campaign whose awareness day is not sure is planned, shown and never sent, until somebody settles the date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.domain.delivery import Status
from tests.scene import Scene

DUE = datetime(2027, 4, 19, 8, 0, tzinfo=UTC)
WEEK = """\
campaign: ce
day: stalking-awareness-week
year: 2027
accounts: [board]
posts:
  - {id: p0, when: on the day at 09:00, text: "Zero #NSAW{yyyy}"}
"""
TOLD = "dates:\n  stalking-awareness-week:\n    2027: {on: 19 April 2027, source: https://example.org}\n"
SKIPPED = "dates:\n  ce-awareness-day:\n    2027: {skip: nobody is free}\n"
SURE = WEEK.replace("stalking-awareness-week", "ce-awareness-day").replace("NSAW", "CE")
CE_DUE = datetime(2027, 3, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    scenes: list[Scene] = []

    def start(calendar: str, days: str = "") -> Scene:
        if days:
            (tmp_path / "days.yaml").write_text(days)
        scenes.append(Scene(tmp_path, calendar=calendar))
        return scenes[-1]

    yield start
    for scene in scenes:
        scene.close()


def test_a_date_that_is_not_known_is_never_sent(play: Callable[..., Scene]) -> None:
    scene = play(WEEK)
    for minutes in (0, 1, 60, 125, 60 * 24 * 7):
        scene.run_at(DUE + timedelta(minutes=minutes))
    assert scene.posted("board") == []
    assert scene.steps == []
    assert scene.rounds.list_broken() == []


@pytest.mark.parametrize("day", ["ramadan-start", "volunteers-week", "mental-health-awareness-week"])
def test_an_estimate_is_never_sent(play: Callable[..., Scene], day: str) -> None:
    scene = play(WEEK.replace("stalking-awareness-week", day))
    [delivery] = scene.rounds.agenda.all
    scene.run_at(delivery.due)
    scene.run_at(delivery.due + timedelta(minutes=1))
    assert scene.posted("board") == []
    assert "estimate" in delivery.withheld


def test_a_certain_date_is_sent_with_the_campaigns_year(play: Callable[..., Scene]) -> None:
    scene = play(SURE)
    scene.run_at(CE_DUE)
    assert scene.posted("board") == ["Zero #CE2027"]


def test_a_day_that_the_team_declined_is_never_sent(play: Callable[..., Scene]) -> None:
    scene = play(SURE, SKIPPED)
    scene.run_at(CE_DUE)
    assert scene.posted("board") == []


def test_what_the_organiser_said_settles_it_before_it_is_due(play: Callable[..., Scene]) -> None:
    scene = play(WEEK)
    scene.run_at(DUE - timedelta(hours=1))
    (scene.folder / "days.yaml").write_text(TOLD)
    scene.rounds.load()
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero #NSAW2027"]
    assert scene.status("p0") is Status.POSTED


def test_a_date_settled_too_late_sends_nothing_old(play: Callable[..., Scene]) -> None:
    scene = play(WEEK)
    scene.run_at(DUE + timedelta(days=1))
    (scene.folder / "days.yaml").write_text(TOLD)
    scene.rounds.load()
    scene.run_at(DUE + timedelta(days=1, minutes=1))
    assert scene.posted("board") == []


def test_a_decision_taken_while_the_daemon_runs_holds_at_once(play: Callable[..., Scene]) -> None:
    scene = play(SURE)
    (scene.folder / "days.yaml").write_text(SKIPPED)
    scene.rounds.load()
    scene.run_at(CE_DUE)
    assert scene.posted("board") == []


def test_while_the_file_of_days_has_errors_its_last_good_version_is_in_force(play: Callable[..., Scene]) -> None:
    scene = play(WEEK, TOLD)
    (scene.folder / "days.yaml").write_text("dates: [\n")
    scene.rounds.load()
    assert scene.rounds.list_broken() != []
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero #NSAW2027"]


def test_a_decision_stays_in_force_while_the_file_of_days_has_errors(play: Callable[..., Scene]) -> None:
    scene = play(SURE, SKIPPED)
    (scene.folder / "days.yaml").write_text(SKIPPED.replace("skip", "skp"))
    scene.rounds.load()
    scene.run_at(CE_DUE)
    assert scene.posted("board") == []
    (scene.folder / "days.yaml").write_text(SKIPPED)
    scene.rounds.load()
    assert scene.rounds.list_broken() == []


def test_a_file_of_days_that_was_never_good_keeps_its_campaigns_out(play: Callable[..., Scene]) -> None:
    scene = play(SURE, "dates: [\n")
    scene.run_at(CE_DUE)
    assert scene.posted("board") == []
    [broken] = scene.rounds.list_broken()
    assert broken.endswith("a.yaml")
