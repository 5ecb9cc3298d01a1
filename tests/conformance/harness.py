"""One account of a platform before a canned server or a folder, used as the publisher and the reconciler use it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
from tests.conformance.samples import choose_size
from tests.conformance.seen_call import SeenCall
from tests.films import make_film

KEY = "ce/think/2027/force"
TEXT = "Think, spot, speak out."
START = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
CANARY = "canary-"
WAYS = ("pictures", "text", "film")
"""What a post may be made of, as far as it may take other calls."""
_PATIENT = Patience(connect=60.0, read=60.0, upload=60.0)  # good answers may take long on a busy machine
_IMPATIENT = Patience(connect=0.3, read=0.3, upload=0.3)  # none will come


class Harness:
    """An account called `force`; its secrets, which hold a word that begins with `canary-`, lie in files of their own.

    `looks` says for each last look how many calls had arrived by then, `keeps` the same of what a platform put on
    record between its calls; `kept` is that record, by key and number of the part.
    """

    def __init__(self, platform: Platform, replies: Replies, folder: Path, cleanup: ExitStack) -> None:
        self.platform, self.replies, self.folder = platform, replies, folder
        self.clock = FastClock(START)
        self.door = self._open_door(cleanup)
        self.words = {setting.name: f"{CANARY}{setting.name}+/&=%" for setting in platform.settings if setting.secret}
        self.secrets = {name: self._make_secret(name, word) for name, word in self.words.items()}
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
        self.keeps: list[int] = []
        self.kept: dict[tuple[str, int], Mapping[str, str]] = {}
        self._patience = _PATIENT
        self._wire: HttpWire | None = None

    def _open_door(self, cleanup: ExitStack) -> Door:
        if any(setting.name == "folder" for setting in self.platform.settings):
            return FolderDoor(self.folder / "board", self.clock, self.replies.commits)
        canned = cleanup.enter_context(start_canned(self.replies.calls, self.replies.refusal))
        canned.on_turn = self._wait
        return ServerDoor(canned)

    def _wait(self, in_vain: bool) -> None:
        """Wait only a moment for the call that fails, and as long as it takes for every other."""
        self._patience = _IMPATIENT if in_vain else _PATIENT
        if self._wire is not None:
            self._wire.patience = self._patience

    def _make_secret(self, name: str, word: str) -> str:
        """Return a secret: the word, or an address with it in it, if the file of replies says so."""
        address = self.replies.secrets.get(name)
        return word if address is None else address.replace("{canary}", quote(word, safe=""))

    def _keep_secret(self, name: str, value: str) -> SecretRef:
        path = self.folder / f"{name}.secret"
        path.write_text(value, encoding="utf-8")
        return SecretRef("file", str(path))

    # --- What is to be sent ---

    def prepare(self, *parts: ContentPart, **about: Any) -> tuple[PreparedPart, ...]:
        """Return the parts as the publisher gets them: out of the ledger. `about` are other fields of the content."""
        prepared = self.platform.prepare(Content(parts, **about), self.account, {})
        return read_prepared(write_prepared(prepared)).parts

    def make_part(self, text: str) -> ContentPart:
        """Return a message of words alone or, where there can be none, with what the platform requires."""
        return make_part(text, *self.draw_required())

    def prepare_text(self, text: str = TEXT, **about: Any) -> PreparedPart:
        """Return the only part of a post with no more media than it must have."""
        return self.prepare(self.make_part(text), **about)[0]

    def draw_required(self) -> tuple[Media, ...]:
        """Return what no post can do without."""
        if not self.platform.capabilities.media_required:
            return ()
        return self.draw_pictures("A palm.") or (self.draw_film("A teacher asks."),)

    def draw_pictures(self, *alts: str) -> tuple[Media, ...]:
        """Return pictures with these alt texts, each in another colour: as many as the platform takes."""
        images = self.platform.capabilities.images
        colours = ("teal", "seagreen", "plum")[: images.maximum if images else 0]
        return tuple(make_picture(self.folder, colour, alt) for colour, alt in zip(colours, alts, strict=False))

    def draw_film(self, alt: str) -> Media:
        """Return a film of a length that the platform takes, with captions if it takes any."""
        videos = self.platform.capabilities.videos
        assert videos is not None
        size = choose_size(videos)
        seconds = max(ceil(videos.shortest), 1)
        return make_film(self.folder, alt, seconds=seconds, size=size, captions=videos.captions, title="She noticed")

    def prepare_with_pictures(self, *alts: str) -> PreparedPart:
        """Return the only part of a post with pictures, if the platform takes any."""
        return self.prepare(make_part(TEXT, *(self.draw_pictures(*alts) or self.draw_required())))[0]

    def prepare_with_film(self, alt: str = "A teacher asks.") -> PreparedPart:
        """Return the only part of a post with a film."""
        return self.prepare(make_part(TEXT, self.draw_film(alt)))[0]

    def prepare_way(self, way: str) -> PreparedPart:
        """Return the only part of a post of one of the WAYS."""
        if way == "film":
            return self.prepare_with_film()
        return self.prepare_text() if way == "text" else self.prepare_with_pictures("A palm.", "A fist.")

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
        with self.open(key=key, earlier=earlier, **self._about_keeping(key, len(earlier))) as context:
            return self.platform.publish_part(part, len(earlier), context)

    def find(self, part: PreparedPart) -> Receipt | Found:
        """Look for the only part of a post."""
        assert isinstance(self.platform, Finds)
        with self.open(**self._about_keeping(KEY, 0)) as context:
            return self.platform.find(part, 0, context)

    def _about_keeping(self, key: str, index: int) -> dict[str, Any]:
        def keep(values: Mapping[str, str]) -> None:
            self.keeps.append(len(self.door.seen()))
            self.kept[key, index] = json.loads(json.dumps(dict(values)))

        return {"kept": self.kept.get((key, index), {}), "keep": keep}

    def fail(self, failure: Failure, number: int, *, commits: bool = False) -> None:
        """Let the call with that number fail, counted from now, from 0; `commits` says whether that is the last."""
        self.door.fail(failure, number, commits=commits)

    def answer_first_with(self, calls: tuple[CannedCall, ...]) -> None:
        """Let these replies come before the others."""
        if isinstance(self.door, ServerDoor):
            self.door.canned.calls = (*calls, *self.replies.calls)

    def change_settings(self, name: str) -> None:
        """Give the account the settings that the file of replies has for a thing to be done."""
        others = self.replies.settings_for.get(name, {})
        self.account = self.channel.account = self.account._replace(settings={**self.account.settings, **others})

    def _look(self) -> None:
        self.looks.append(len(self.door.seen()))

    # --- What arrived ---

    def commits(self) -> list[SeenCall]:
        """Return the committing calls that arrived."""
        return [call for call in self.door.seen() if self.is_commit(call)]

    def is_commit(self, seen: SeenCall) -> bool:
        """Return whether a call makes a part public."""
        call = self.replies.name_call(seen.method, seen.path, seen.query)
        return call is not None and call.commits

    def read_calls(self, where: Where, calls: Sequence[SeenCall] | None = None) -> list[list[str]]:
        """Return what stands at a place in each call that it names and that has it, in order."""
        named = CannedCall(where.call)
        read = [
            where.read(call)
            for call in (self.door.seen() if calls is None else calls)
            if (named.matches(call.method, call.path, call.query) if where.call else self.is_commit(call))
        ]
        return [found for found in read if found]

    def read_all(self, where: Where) -> list[str]:
        """Return what stands at a place in every call that it names, in order."""
        return [value for found in self.read_calls(where) for value in found]

    def read_last(self, where: Where) -> str:
        """Return what stands at a place of the last call that has it."""
        found = self.read_calls(where)
        assert found, f"no call has '{where.at}' (a name that holds a dot must stand in quotes)"
        assert len(found[-1]) == 1, f"the call has {found[-1]} at '{where.at}'"
        return found[-1][0]


def rehearse_ways(make_harness: Callable[[], Harness]) -> list[tuple[str, list[SeenCall]]]:
    """Return the WAYS of publishing that differ in the calls that they take, each with those calls."""
    ways: dict[frozenset[str], tuple[str, list[SeenCall]]] = {}
    capabilities = make_harness().platform.capabilities
    for way in WAYS:
        if way == "film" and capabilities.videos is None:
            continue
        harness = make_harness()
        harness.publish(harness.prepare_way(way))
        seen = harness.door.seen()
        names = {str(harness.replies.name_call(call.method, call.path, call.query)) for call in seen}
        ways.setdefault(frozenset(names), (way, seen))
    return list(ways.values())
