"""Killed with SIGKILL at every step of the path, against real servers, and started again: nothing lost without a word,
nothing doubled. What counts is what is on the server.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.daemon import SAFETY_SECONDS
from scheduler.domain.delivery import Record, Status
from scheduler.reconcile import LOOKS
from tests.acceptance.crashing import Moment
from tests.acceptance.steps import (
    CALL,
    CLAIM,
    CONNECTED,
    HEAR,
    HIDDEN,
    LOOK,
    MARK,
    PICTURE,
    PUT,
    RECONCILE,
    REPLY,
    SETTLE,
    TAKE_OVER,
    WRITTEN,
    Step,
    at,
    then,
)
from tests.boards import Project
from tests.conftest import ProxyFor
from tests.daemons import LONG_ENOUGH, run_daemon
from tests.stages import STAGES, Stage, build_stage, find_server, write_thread

AT_ONCE = 6
"""Crashes played side by side; most of the time a daemon waits."""


def list_part_steps(part: int) -> list[Step]:
    """The steps that each part goes through, everywhere."""
    name = f"part {part}"
    return [
        Step(f"{name}: before the last look", (at(LOOK, "call", part),)),
        Step(f"{name}: receipt on disk", (at(SETTLE, "return", part),)),
    ]


def list_call_steps(part: int) -> list[Step]:
    """The steps about the call that posts: what they end in depends on the platform."""
    name, marked = f"part {part}", at(MARK, "return", part)
    return [
        Step(f"{name}: marked as being sent", (marked,), doubt=True),
        Step(f"{name}: connected, nothing written", (marked, then(CONNECTED, "return")), doubt=True),
        Step(f"{name}: request written, no reply read", (marked, then(REPLY, "call")), doubt=True),
        Step(f"{name}: head of the reply read", (marked, then(CALL, "return"))),
        Step(f"{name}: reply read, no receipt on disk", (at(SETTLE, "call", part),)),
    ]


def list_folder_steps(part: int) -> list[Step]:
    """The same where the call makes a file, and the steps of the ledger's own, which no server sees."""
    name, marked = f"part {part}", at(MARK, "return", part)
    return [
        Step(f"{name}: marked, not committed", (at(MARK, "call", part), at(WRITTEN, "return"))),
        Step(f"{name}: marked as being sent", (marked,), doubt=True),
        Step(f"{name}: the file is there, hidden", (marked, then(HIDDEN, "return")), doubt=True),
        Step(f"{name}: the file is there, no reply", (marked, then(PUT, "return"))),
        Step(f"{name}: reply read, no receipt on disk", (at(SETTLE, "call", part),)),
        Step(f"{name}: receipt written, not committed", (at(SETTLE, "call", part), at(WRITTEN, "return"))),
    ]


FIRST_STEPS = [
    Step("before the claim", (at(CLAIM, "call"),)),
    Step("after the claim", (at(CLAIM, "return"),)),
    Step("before the upload", (at(PICTURE, "call"),)),
]
LAST_STEPS = [
    Step("all on disk, the round not ended", (at(HEAR, "call"),)),
    Step("again as it took over", (at(SETTLE, "call", 2),), again=(at(TAKE_OVER, "return"),)),
    Step("again when it had looked", (at(SETTLE, "call"),), again=(at(RECONCILE, "return"),)),
]
CALL_STEPS = [step for part in (1, 2) for step in list_call_steps(part)]
SERVER_STEPS = [
    *FIRST_STEPS,
    Step("during the upload", (at(PICTURE, "return"), then(REPLY, "call"))),
    Step("after the upload", (at(PICTURE, "return"), then(CALL, "return"))),
    *CALL_STEPS,
    *(step for part in (1, 2) for step in list_part_steps(part)),
    *LAST_STEPS,
]
FOLDER_STEPS = [
    *FIRST_STEPS,
    Step("the claim written, not committed", (at(CLAIM, "call"), at(WRITTEN, "return"))),
    Step("after the upload", (at(PICTURE, "return"), then(PUT, "return"))),
    *(step for part in (1, 2) for step in [*list_part_steps(part), *list_folder_steps(part)]),
    *LAST_STEPS,
]
STEPS = {
    "noticeboard": FOLDER_STEPS,
    "bluesky": SERVER_STEPS,
    "snac2": SERVER_STEPS,
    "mastodon_mock": SERVER_STEPS,
    "x_server": CALL_STEPS,  # up to there it is what the others do
}


class Play:
    """A thread of two parts, due now, in a project of its own."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.project = Project(folder)
        self.key = write_thread(self.project, stage, datetime.now(UTC))

    def crash(self, moments: Sequence[Moment]) -> None:
        """Run the daemon until it dies at the moment."""
        with run_daemon(self.project, crash=moments, environment=self.stage.environment) as daemon:
            daemon.wait_for_crash()

    def finish(self, within: float = LONG_ENOUGH) -> None:
        """Run the daemon until the delivery is settled, and stop it."""
        with run_daemon(self.project, environment=self.stage.environment) as daemon:
            daemon.wait_until_started()
            daemon.wait_until(self.is_settled, within)
            daemon.stop()

    def record(self) -> Record | None:
        return self.project.read_ledger().get(self.key)

    def is_settled(self) -> bool:
        """Posted, or left for a person after every look."""
        record = self.record()
        if record is None:
            return False
        return record.status is Status.POSTED or (record.status is Status.UNKNOWN and record.looks >= LOOKS)

    def verify(self, *, doubt: bool) -> None:
        """Fail unless each part is on the server once, or (where that is allowed) missing with a word about it."""
        record, posts = self.record(), self.stage.posts()
        assert record is not None
        if record.status is Status.POSTED:
            assert [post.text for post in posts] == ["First part", "Second part"]
            assert posts[0].alt_texts == ("An open hand.",)
            assert posts[1].parent == posts[0].id
            return
        assert doubt and not self.stage.can_tell, f"it must not end as {record.status}: {record.error}"
        out = [part.receipt is not None for part in record.parts]
        assert [post.text for post in posts] == ["First part", "Second part"][: sum(out)]
        entry = self.project.history()[self.key]
        assert entry["status"] == "unknown"
        assert "campaign resolve" in entry["error"]


def play(step: Step, stage: Stage, folder: Path) -> None:
    """Crash, start again until all is settled, stop, and look at the server."""
    played = Play(stage, folder)
    played.crash(step.moments)
    if step.again:
        played.crash(step.again)
    played.finish()
    played.verify(doubt=step.doubt)


@pytest.mark.parametrize("name", STAGES)
def test_killed_at_every_step(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = find_server(name, request)
    played = []
    for number, step in enumerate(STEPS[name]):
        folder = tmp_path / str(number)
        folder.mkdir()
        played.append((step, build_stage(name, server, folder), folder))  # all before the first post: see `build_stage`
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = [(step, pool.submit(play, step, stage, folder)) for step, stage, folder in played]
        failures = [f"killed {step.name}: {failure}" for step, future in ended if (failure := future.exception())]
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize("name", STAGES[1:])
def test_killed_while_the_reply_hangs(
    name: str, request: pytest.FixtureRequest, lossy_proxy: ProxyFor, tmp_path: Path
) -> None:
    """The server has committed, the reply never comes, and the kill comes from outside."""
    server = find_server(name, request)
    proxy = lossy_proxy(server.base_url)
    stage = build_stage(name, server, tmp_path)
    played = Play(stage.behind(proxy.base_url), tmp_path)
    proxy.fail_next("slow", path=stage.committing, seconds=0)  # the first part passes
    proxy.fail_next("hang-after", path=stage.committing)
    with run_daemon(played.project, environment=stage.environment) as daemon:
        daemon.wait_until(lambda: len(stage.posts()) == 2)
        daemon.send(signal.SIGKILL)
        daemon.wait_for_crash()
    played.finish()
    assert proxy.pending() == 0
    played.verify(doubt=False)


@pytest.mark.parametrize("name", STAGES[1:])
@pytest.mark.parametrize("fault", ["kill-after", "html-502"])
def test_a_reply_is_lost_and_the_daemon_lives(
    name: str, fault: str, request: pytest.FixtureRequest, lossy_proxy: ProxyFor, tmp_path: Path
) -> None:
    """It is looked for when it is time, and not only when the safety round comes after half a minute."""
    server = find_server(name, request)
    proxy = lossy_proxy(server.base_url)
    stage = build_stage(name, server, tmp_path)
    played = Play(stage.behind(proxy.base_url), tmp_path)
    proxy.fail_next(fault, path=stage.committing)
    played.finish(within=SAFETY_SECONDS)
    assert proxy.pending() == 0
    played.verify(doubt=False)
