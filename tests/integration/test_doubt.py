"""A try whose answer was lost, on a platform that remembers a key for an hour: never sent again without its key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.domain.capabilities import Idempotency, Repeat, Source
from scheduler.domain.delivery import Found, PreparedPart, Receipt, Status
from scheduler.domain.hold import Hold
from scheduler.domain.ports import Context
from scheduler.platforms.noticeboard import Noticeboard
from tests.scene import DUE, Scene

_HOUR = timedelta(hours=1)
_OURS = Source("made up", date(2026, 11, 24))


class Forgetful(Noticeboard):
    """A noticeboard that makes another post of each call, and whose listing lags: it never shows what is there."""

    capabilities = Noticeboard.capabilities._replace(repeat=Repeat(Idempotency.KEY_HEADER, _OURS, _HOUR))

    def __init__(self) -> None:
        self.calls: list[str] = []

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        name = f"{len(self.calls)}.json"
        self.calls.append(name)
        document = {**part.body, "key": context.key, "posted_at": context.clock.now().isoformat()}
        reply = context.wire.request("PUT", f"/{name}", json=document, commit=True)
        return Receipt(name, reply.field("url"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        assert context.created_at is not None
        return Found.ABSENT if context.clock.now() < context.created_at + timedelta(minutes=50) else Found.UNSURE


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, request.param, platform=Forgetful())
    yield made
    made.close()


@pytest.mark.parametrize("scene", ["lost-reply@1"], indirect=True)
def test_within_the_hour_it_is_sent_again_as_it_was(scene: Scene) -> None:
    scene.run_at(DUE)
    assert scene.status("p0") is Status.UNKNOWN
    scene.run_at(DUE + timedelta(minutes=2))
    assert scene.status("p0") is Status.POSTED
    assert scene.record("p0").doubt_since is None


@pytest.mark.parametrize(
    "scene", [",".join(["lost-reply@1", *(f"unavailable@{n}" for n in range(3, 30))])], indirect=True
)
def test_a_key_that_is_forgotten_is_not_trusted(scene: Scene) -> None:
    """It cannot be reached until the hour is over: then the same call could make a second post."""
    for minute in range(0, 64, 2):  # a key is trusted for 50 minutes, and the longest pause is 12
        scene.run_at(DUE + timedelta(minutes=minute))
    assert scene.status("p0") is Status.UNKNOWN
    assert scene.posted("board").count("Zero") == 1
    for minute in range(65, 200, 5):
        scene.run_at(DUE + timedelta(minutes=minute))
    assert scene.status("p0") is Status.UNKNOWN
    assert scene.posted("board").count("Zero") == 1


@pytest.mark.parametrize("scene", ["lost-reply@1,unavailable@3"], indirect=True)
def test_what_may_be_out_is_not_called_held_or_missed(scene: Scene) -> None:
    scene.run_at(DUE)
    scene.run_at(DUE + timedelta(minutes=2))  # it is looked for, and the next try is in vain
    assert (scene.status("p0"), scene.record("p0").doubt_since) == (Status.PLANNED, DUE)
    scene.rounds.desk.place_hold(Hold(0, DUE + timedelta(minutes=2), "duty officer", "mourning"))
    scene.run_at(DUE + timedelta(minutes=4))
    assert scene.status("p0") is Status.UNKNOWN
    assert "may be out" in scene.record("p0").error
