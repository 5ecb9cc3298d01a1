"""One campaign in two files, last year's and this year's: neither stands in for the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from scheduler.domain.delivery import Status
from tests.scene import CALENDAR, DUE, Scene

NEXT_YEAR = CALENDAR.replace("2027", "2028").replace("p0", "p9").replace("Zero", "Nine")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()


def test_each_year_is_sent_in_its_own_time(scene: Scene) -> None:
    scene.write(NEXT_YEAR, name="next-year")
    assert not scene.rounds.broken
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero", "One"]
    scene.run_at(DUE.replace(year=2028))
    assert sorted(scene.posted("board")[2:]) == ["Nine", "One"]


def test_what_this_year_missed_is_not_taken_for_older_than_the_ledger(scene: Scene) -> None:
    scene.write(NEXT_YEAR, name="next-year")
    scene.clock.move_to(DUE + timedelta(hours=4))
    scene.rounds.load()
    scene.run_at(DUE + timedelta(hours=4))
    assert scene.status("p0") is Status.MISSED


def test_a_broken_file_stays_in_force_beside_the_other_year(scene: Scene) -> None:
    scene.write(NEXT_YEAR, name="next-year")
    scene.write(CALENDAR.replace("when", "whn"))
    assert list(scene.rounds.broken) == [file for file in scene.rounds.broken if file.endswith("a.yaml")]
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero", "One"]


def test_a_post_of_either_year_can_be_exempt_from_a_hold(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write(NEXT_YEAR, name="next-year")
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for post in ("ce/p0", "ce/p9"):
        done = runner.invoke(group, ["hold", "--reason", "r", "--except", post], standalone_mode=False)
        assert done.exit_code == 0, done.exception
        assert "note:" not in done.output
