"""Killed with SIGKILL along the path, on every platform that is found, before a server made of its canned replies.

The steps of each platform have an account each, in one project; the daemon dies once for each of them, and all are
settled by one that lives. How it ends is known beforehand: what was never sent, or can be looked for, is there once;
what nobody can tell is unknown and says so. The steps are those where platforms differ; `test_crashes.py` has them all,
on real servers.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.delivery import Record, Status
from scheduler.domain.ports import Platform
from scheduler.platforms import list_platforms, load_platform
from scheduler.reconcile import LOOKS
from tests.acceptance.crashing import Moment
from tests.acceptance.keeping_server import FarSide, KeepingServer, KeptFolder
from tests.acceptance.steps import CALL, CLAIM, KEEP, LOOK, MARK, PUT, REPLY, SETTLE, TAKE_OVER, at, then
from tests.boards import Project, write_utc
from tests.conformance.harness import TEXT, Harness
from tests.conformance.replies import read_replies
from tests.daemons import run_daemon

NO, MARKED, YES = "no", "marked as being sent, and not", "yes"
"""Whether a post is out when the daemon dies."""


@dataclass(frozen=True)
class Death:
    """Where the daemon dies, each time it is started, and whether the post is out by then."""

    name: str
    times: tuple[tuple[Moment, ...], ...]
    out: str
    loses_reply: bool = False


_MARKED = at(MARK, "return")
_BEFORE = (
    Death("before the last look", ((at(LOOK, "call"),),), NO),
    Death("marked as being sent", ((_MARKED,),), MARKED),
)
_EARLIER_CALLS = (Death("an earlier call is out", ((at(CLAIM, "return"), then(REPLY, "call")),), NO),)
_PROGRESS = (Death("progress is on disk", ((at(KEEP, "return"),),), NO),)
_SERVER = (
    Death("request written, no reply read", ((_MARKED, then(REPLY, "call")),), YES),
    Death("and again as it took over", ((_MARKED, then(CALL, "return")), (at(TAKE_OVER, "return"),)), YES),
)
_FOLDER = (
    Death("the file is there, no reply", ((_MARKED, then(PUT, "return")),), YES),
    Death("and again as it took over", ((_MARKED, then(PUT, "return")), (at(TAKE_OVER, "return"),)), YES),
)
_RECEIPT = (Death("reply read, no receipt on disk", ((at(SETTLE, "call"),),), YES),)
_LOST = (Death("the reply is lost, and it lives", (), YES, loses_reply=True),)


def list_deaths(harness: Harness) -> list[Death]:
    """Return the steps that a platform's post goes through: it is published once, and its calls are counted."""
    harness.publish(harness.prepare_way("pictures"))
    has_server = harness.door.board is None
    deaths = [*_BEFORE, *(_SERVER if has_server else _FOLDER)]
    deaths += _EARLIER_CALLS if has_server and len(harness.door.seen()) > 1 else ()
    deaths += _LOST if has_server or any(setting.name == "faults" for setting in harness.platform.settings) else ()
    deaths += _PROGRESS if harness.keeps else ()
    deaths += () if harness.platform.capabilities.by_hand else _RECEIPT
    return deaths


class Channel:
    """A project with one post, which is due now, and an account of one platform for each death."""

    def __init__(self, platform: Platform, folder: Path, cleanup: ExitStack) -> None:
        self.platform = platform
        self.replies = read_replies(platform.name)
        self.project = Project(folder)
        self.now = datetime.now(UTC)
        self.harness = Harness(platform, self.replies, _make(folder / "campaigns" / "force"), cleanup)
        self.media = self._write_media()
        self.deaths = {f"force-{number}": death for number, death in enumerate(list_deaths(self.harness))}
        self.sides = {name: self._open_side(name, death, cleanup) for name, death in self.deaths.items()}

    def _write_media(self) -> str:
        """Return the line of the calendar with what the post shows, as far as it may show anything."""
        media = self.harness.draw_pictures("A palm.") or self.harness.draw_required()
        if not media:
            return ""
        file = {"file": self._beside(media[0].path), "alt": media[0].alt}
        if not media[0].is_video:
            return f"images: {json.dumps([file])}"
        captions = self._beside(media[0].captions) if media[0].captions else "burnt in"
        return f"video: {json.dumps(file | {'captions': captions})}"

    def _beside(self, path: str) -> str:
        """Return a path as a calendar must write it."""
        return str(Path(path).relative_to(self.project.folder / "campaigns"))

    def _open_side(self, name: str, death: Death, cleanup: ExitStack) -> FarSide:
        if self.harness.door.board is not None:
            return KeptFolder(self.project.folder / f"board-{name}", loses_reply=death.loses_reply)
        server = KeepingServer(self.replies, self.key(name), loses_reply=death.loses_reply)
        cleanup.callback(server.close)
        return server

    def key(self, name: str) -> str:
        """Return the key of an account's delivery."""
        return f"ce/think/{self.now.year}/{name}"

    def use(self, *names: str) -> None:
        """Write settings and a calendar with these accounts and no others."""
        self.project.write_accounts(
            {name: self._describe(name) for name in names},
            public_media=json.dumps({"folder": "public", "address": "https://media.example.org"}),
        )
        lines = [
            "campaign: ce",
            f"date: {self.now.date()}",
            "timezone: UTC",
            f"accounts: [{', '.join(names)}]",
            "posts:",
            "  - id: think",
            f"    when: {write_utc(self.now)}",
            f"    text: {TEXT}",
            f"    {self.media}",
        ]
        self.project.write_calendar("\n".join(lines) + "\n")

    def _describe(self, name: str) -> dict[str, str]:
        account = self.harness.account
        secrets = {name: str(reference) for name, reference in account.secrets.items()}
        return {"platform": self.platform.name, **account.settings, **secrets, **self.sides[name].door}

    def die(self, name: str) -> None:
        """Run the daemon until it dies, as often as it is to."""
        self.use(name)
        for moments in self.deaths[name].times:
            with run_daemon(self.project, crash=moments) as daemon:
                daemon.wait_for_crash()

    def finish(self) -> None:
        """Run the daemon until everything is settled, and stop it."""
        self.use(*self.deaths)
        with run_daemon(self.project) as daemon:
            daemon.wait_until_started()
            daemon.wait_until(self.is_settled)
            daemon.stop()

    def is_settled(self) -> bool:
        """Return whether each is posted, or handed over, or left for a person after every look."""
        records = self.project.read_ledger()
        return all(_is_settled(records.get(self.key(name))) for name in self.deaths)

    def verify(self, name: str, record: Record, said: str) -> None:
        """Fail unless it ended as it must; `said` is what the history says of it."""
        death, side = self.deaths[name], self.sides[name]
        side.check()
        told = self.can_tell(death)
        assert len(side.list_posts()) == (1 if told or death.out == YES else 0), said
        if told:
            assert record.status is (Status.HANDED if self.platform.capabilities.by_hand else Status.POSTED), said
        else:
            assert record.status is Status.UNKNOWN, said
            assert "campaign resolve" in said
        if isinstance(side, KeepingServer) and side.committed:
            arrived = self.harness.read_calls(self.replies.text, side.requests)
            assert {text for found in arrived for text in found} == {TEXT}

    def can_tell(self, death: Death) -> bool:
        """Return whether the platform knows what became of a post when the daemon died so."""
        idempotency = self.platform.capabilities.repeat.idempotency
        if death.out == NO:
            return True
        if death.out == YES:
            return idempotency is not Idempotency.NONE
        return idempotency in {Idempotency.OWN_KEY, Idempotency.KEY_HEADER} or bool(self.replies.proof)


def _is_settled(record: Record | None) -> bool:
    if record is None:
        return False
    return record.status in {Status.POSTED, Status.HANDED} or (
        record.status is Status.UNKNOWN and record.looks >= LOOKS
    )


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", list_platforms())
def test_killed_along_the_path(name: str, tmp_path: Path) -> None:
    with ExitStack() as cleanup:
        channel = Channel(load_platform(name), tmp_path, cleanup)
        for account in channel.deaths:
            channel.die(account)
        channel.finish()
        records, history = channel.project.read_ledger(), channel.project.history()
        failures = []
        for account, death in channel.deaths.items():
            key = channel.key(account)
            try:
                channel.verify(account, records[key], history[key]["error"])
            except AssertionError as failure:
                failures.append(f"killed {death.name}: {failure}")
        assert not failures, "\n\n".join(failures)
