"""What is out is taken back, and looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.domain.delivery import Status
from scheduler.errors import UsageError
from scheduler.ledger.verifying import Verifier
from scheduler.retraction import retract_delivery, verify_delivery
from tests.scene import DUE, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    made.run_at(DUE)
    yield made
    made.close()


def _retract(scene: Scene, post: str) -> None:
    channel, now = scene.rounds.channels["board"], scene.clock.now()
    retract_delivery(scene.record(post), channel, scene.rounds.desk, reason="wrong number", who="jo", now=now)


def test_what_was_taken_back_is_gone_and_never_sent_again(scene: Scene) -> None:
    assert scene.posted("board") == ["Zero", "One"]
    _retract(scene, "p0")
    assert scene.posted("board") == ["One"]
    scene.run_at(DUE + timedelta(minutes=1))
    assert scene.posted("board") == ["One"]
    assert (scene.status("p0"), scene.record("p0").retracted_at) == (
        Status.POSTED,
        scene.clock.now() - timedelta(minutes=1),
    )
    told = [event for event in scene.rounds.desk.events([scene.record("p0").key]) if event.kind == "retracted"]
    assert [(event.who, event.detail["reason"], event.detail["by_hand"]) for event in told] == [
        ("jo", "wrong number", False)
    ]
    desk = scene.rounds.desk
    assert Verifier(desk.engine, desk.address).find_tampering() == []


def test_nothing_is_taken_back_twice_or_before_it_is_out(scene: Scene) -> None:
    _retract(scene, "p0")
    with pytest.raises(UsageError, match="taken back already"):
        _retract(scene, "p0")
    scene.write(CALENDAR_WITH_DRAFT, "b")
    with pytest.raises(KeyError):
        scene.record("p2")


CALENDAR_WITH_DRAFT = """\
campaign: other
date: 18 March 2027
accounts: [board]
posts:
  - {id: late, when: on the day at 07:00, text: Late}
"""


def test_the_rest_of_a_thread_does_not_follow_what_was_taken_back(tmp_path: Path) -> None:
    calendar = """\
campaign: ce
date: 18 March 2027
accounts: [board]
posts:
  - {id: p0, when: on the day at 08:00, thread: [{text: One}, {text: Two}]}
"""
    scene = Scene(tmp_path, faults="reject@2", calendar=calendar)
    scene.run_at(DUE)
    assert (scene.status("p0"), scene.posted("board")) == (Status.PARTIAL, ["One"])
    _retract(scene, "p0")
    scene.rounds.desk.resolve_retry(scene.record("p0").key, "", "jo", scene.clock.now(), even_late=True)
    scene.run_at(DUE + timedelta(minutes=10))
    assert scene.posted("board") == []
    scene.close()


def test_what_is_gone_is_noticed(scene: Scene) -> None:
    desk, channel = scene.rounds.desk, scene.rounds.channels["board"]

    def look(post: str) -> tuple[bool, int]:
        sighting = verify_delivery(scene.record(post), channel, desk, who="jo", now=scene.clock.now())
        assert sighting is not None
        return sighting.is_live, len(sighting.gone)

    assert look("p0") == (True, 0)
    next((scene.folder / "boards/board").glob("ce.p0.*.json")).unlink()
    assert look("p0") == (False, 1)
    assert look("p1") == (True, 0)
    told = [event.detail["gone"] for event in desk.events([scene.record("p0").key]) if event.kind == "verified"]
    assert told == [[], [0]]


def test_what_a_person_settled_by_its_address_is_for_a_person_to_delete(tmp_path: Path) -> None:
    scene = Scene(tmp_path, faults="reject@1")
    scene.run_at(DUE)
    desk, channel = scene.rounds.desk, scene.rounds.channels["board"]
    key = scene.record("p0").key
    desk.resolve_skip(key, "typed by hand", "jo", scene.clock.now())
    desk.resolve_posted(key, "https://example.org/1", "jo", scene.clock.now())
    with pytest.raises(UsageError, match=r"by hand \(https://example.org/1\)"):
        _retract(scene, "p0")
    assert verify_delivery(scene.record("p0"), channel, desk, who="jo", now=scene.clock.now()) is None
    desk.keep_retraction(key, "deleted there", "jo", scene.clock.now(), by_hand=True)
    assert scene.record("p0").retracted_at is not None
    scene.close()
