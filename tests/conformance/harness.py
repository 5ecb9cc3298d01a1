"""One account of a platform before a canned server or a folder, used as the publisher and the reconciler use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, PreparedPart, Receipt
from scheduler.domain.ports import Context, Finds, Platform
from scheduler.ledger.prepared import read_prepared, write_prepared
from scheduler.public_media import PublicFolder
from scheduler.rehearsal import FastClock
from scheduler.sessions import MemoryStore
from scheduler.wire import HttpWire, Patience
from tests.accounts import make_part, make_picture
from tests.conformance.canned_server import Failure, start_canned
from tests.conformance.doors import Door, FolderDoor, ServerDoor
from tests.conformance.replies import CannedCall, Replies, Where
from tests.conformance.seen_call import SeenCall

KEY = "ce/think/2027/force"
TEXT = "Think, spot, speak out."
START = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
CANARY = "canary-"
_PATIENT = Patience(connect=60.0, read=60.0, upload=60.0)  # good answers may take long on a busy machine
_IMPATIENT = Patience(connect=0.3, read=0.3, upload=0.3)  # none will come


class Harness:
    """An account called `force`; its secrets, which begin with `canary-`, lie in files of their own.

    `looks` says for each last look how many calls had arrived by then.
    """

    def __init__(self, platform: Platform, replies: Replies, folder: Path, cleanup: ExitStack) -> None:
        self.platform, self.replies, self.folder = platform, replies, folder
        self.clock = FastClock(START)
        self.door = self._open_door(cleanup)
        self.secrets = {setting.name: f"{CANARY}{setting.name}+/&=%" for setting in platform.settings if setting.secret}
        self.account = Account(
            "force",
            platform.name,
            self.door.server,
            {**replies.settings, **self.door.settings},
            {name: self._keep_secret(name, value) for name, value in self.secrets.items()},
        )
        self.channel = AccountChannel(
            self.account,
            platform,
            self.clock,
            sessions=MemoryStore(),
            limits_store=MemoryStore(),
            public=PublicFolder(folder / "public", "https://media.example.org"),
        )
        self.looks: list[int] = []
        self._patience = _PATIENT
        self._wire: HttpWire | None = None

    def _open_door(self, cleanup: ExitStack) -> Door:
        if any(setting.name == "folder" for setting in self.platform.settings):
            return FolderDoor(self.folder / "board", self.clock, self.replies.commit)
        canned = cleanup.enter_context(start_canned(self.replies.calls, self.replies.refusal))
        canned.on_turn = self._wait
        return ServerDoor(canned)

    def _wait(self, in_vain: bool) -> None:
        """Wait only a moment for the call that fails, and as long as it takes for every other."""
        self._patience = _IMPATIENT if in_vain else _PATIENT
        if self._wire is not None:
            self._wire.patience = self._patience

    def _keep_secret(self, name: str, value: str) -> SecretRef:
        path = self.folder / f"{name}.secret"
        path.write_text(value, encoding="utf-8")
        return SecretRef("file", str(path))

    # --- What is to be sent ---

    def prepare(self, *parts: ContentPart) -> tuple[PreparedPart, ...]:
        """Return the parts as the publisher gets them: out of the ledger."""
        prepared = self.platform.prepare(Content(parts), self.account, {})
        return read_prepared(write_prepared(prepared)).parts

    def prepare_text(self, text: str = TEXT) -> PreparedPart:
        """Return the only part of a post without pictures."""
        return self.prepare(make_part(text))[0]

    def draw_pictures(self, *alts: str) -> tuple[Media, ...]:
        """Return pictures with these alt texts, each in another colour: as many as the platform takes."""
        images = self.platform.capabilities.images
        colours = ("teal", "seagreen", "plum")[: images.maximum if images else 0]
        return tuple(make_picture(self.folder, colour, alt) for colour, alt in zip(colours, alts, strict=False))

    def prepare_with_pictures(self, *alts: str) -> PreparedPart:
        """Return the only part of a post with pictures, if the platform takes any."""
        return self.prepare(make_part(TEXT, *self.draw_pictures(*alts)))[0]

    # --- What is done ---

    @contextmanager
    def open(self, **about: Any) -> Iterator[Context]:
        """Return a context; a call for which no reply is canned fails the test, whatever the platform made of it."""
        self.channel.board = self.door.board
        defaults: dict[str, Any] = {"key": KEY, "created_at": START, "sent_after": START}
        try:
            with self.channel.open(self._look, **(defaults | about)) as context:
                self._wire = context.wire if isinstance(context.wire, HttpWire) else None
                if self._wire is not None:
                    self._wire.patience = self._patience
                yield context
        finally:
            if unexpected := self.door.unexpected():
                calls = ", ".join(dict.fromkeys(unexpected))
                pytest.fail(f"No reply is canned for {calls}. Add it to replies/{self.platform.name}.yaml.")

    def publish(self, part: PreparedPart, *earlier: Receipt, key: str = KEY) -> Receipt:
        """Publish a part that follows the earlier ones."""
        with self.open(key=key, earlier=earlier) as context:
            return self.platform.publish_part(part, len(earlier), context)

    def find(self, part: PreparedPart) -> Receipt | Found:
        """Look for the only part of a post."""
        assert isinstance(self.platform, Finds)
        with self.open() as context:
            return self.platform.find(part, 0, context)

    def fail(self, failure: Failure, number: int, *, commits: bool = False) -> None:
        """Let the call with that number fail, counted from now, from 0; `commits` says whether that is the last."""
        self.door.fail(failure, number, commits=commits)

    def answer_first_with(self, calls: tuple[CannedCall, ...]) -> None:
        """Let these replies come before the others."""
        if isinstance(self.door, ServerDoor):
            self.door.canned.calls = (*calls, *self.replies.calls)

    def _look(self) -> None:
        self.looks.append(len(self.door.seen()))

    # --- What arrived ---

    def commits(self) -> list[SeenCall]:
        """Return the committing calls that arrived."""
        commit = self.replies.commit
        return [call for call in self.door.seen() if commit.matches(call.method, call.path)]

    def read_commit(self, place: str) -> str:
        """Return what stands at a place of the last committing call."""
        found = self.commits()[-1].read(place)
        assert len(found) == 1, f"the committing call has {found} at '{place}'"
        return found[0]

    def read_all(self, where: Where) -> list[str]:
        """Return what stands at a place in every call that it names, in order."""
        wanted = CannedCall(where.call or self.replies.commit.call)
        return [
            value
            for call in self.door.seen()
            if wanted.matches(call.method, call.path)
            for value in call.read(where.at)
        ]
