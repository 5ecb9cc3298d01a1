"""What a person posts: laid ready once, and recorded as posted only when they say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from scheduler.domain.delivery import Status
from scheduler.health import read_health
from scheduler.ledger.verifying import Verifier
from scheduler.platforms.handoff import PLATFORM
from tests.scene import DUE, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, platform=PLATFORM)
    made.run_at(DUE)
    yield made
    made.close()


def _run(scene: Scene, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, ["--config", str(scene.folder / "config.yaml"), *words], standalone_mode=False)
    return int(result.return_value or 0) if result.exception is None else 2, result.output + str(result.exception or "")


def test_a_card_is_laid_ready_once_and_the_next_post_does_not_wait_for_it(scene: Scene) -> None:
    assert [scene.status(post) for post in ("p0", "p1")] == [Status.HANDED, Status.HANDED]
    scene.run_at(DUE + timedelta(minutes=20))
    cards = sorted(path.name for path in (scene.folder / "boards/board").glob("*.json"))
    assert cards == ["ce.p0.2027.board.json", "ce.p1.2027.board.json", "ce.p2.2027.board.json"]
    assert scene.posted("second") == ["Zero", "One", "Two"]


def test_it_is_posted_when_a_person_says_where(scene: Scene) -> None:
    exit_code, output = _run(scene, "tasks", "--format", "json")
    told = json.loads(output)
    assert (exit_code, [each["text"] for each in told]) == (1, ["Zero", "One"])
    exit_code, output = _run(scene, "done", told[0]["key"], "--url", "https://intranet.example.org/1")
    assert (exit_code, output) == (0, f"{told[0]['key']} is recorded as posted.\n")
    assert (scene.status("p0"), scene.record("p0").receipts[0].url) == (Status.POSTED, "https://intranet.example.org/1")
    assert _run(scene, "done", told[0]["key"], "--url", "https://intranet.example.org/1")[0] == 2
    assert _run(scene, "done", told[1]["key"], "--url", "intranet")[0] == 2
    desk = scene.rounds.desk
    assert Verifier(desk.engine, desk.address).find_tampering() == []


def test_a_task_that_nobody_did_is_red_when_its_time_is_over(scene: Scene) -> None:
    desk = scene.rounds.desk
    early = read_health(desk, scene.rounds.agenda.all, [], DUE + timedelta(minutes=30))
    late = read_health(desk, scene.rounds.agenda.all, [], DUE + timedelta(hours=3))
    keys = [scene.record(post).key for post in ("p0", "p1")]
    assert (early.tasks, early.late_tasks) == (keys, [])
    assert f"to be posted by hand, and its time is over: {keys[0]}" in late.red


def test_a_person_may_refuse_a_task(scene: Scene) -> None:
    key = scene.record("p0").key
    scene.rounds.desk.resolve_skip(key, "not for the intranet", "jo", scene.clock.now())
    assert scene.status("p0") is Status.SKIPPED
