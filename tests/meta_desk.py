"""An account of one of Meta's services behind its real door, with a record of containers, as the publisher keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Found, PreparedPart, Receipt
from scheduler.domain.ports import Finds
from scheduler.platforms import load_platform
from scheduler.public_media import PublicFolder
from scheduler.sessions import FileStore, MemoryStore
from tests.accounts import PLACE, ShiftedClock, make_part, make_picture
from tests.servers.meta import MetaServer
from tests.servers.meta_service import PAGE, USER

KEY = "ce/think/2027/force"
TEXT = "Think, spot, speak out."
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "facebook": {"page": PAGE, "version": "v25.0"},
    "instagram": {"user": USER, "version": "v25.0", "login": "facebook"},
    "threads": {},
}
TWO_STEPS = ("instagram", "threads")


class Killed(BaseException):
    """The process died here."""


@dataclass
class MetaDesk:
    """Publishes parts of one delivery, and looks for them. `killed_at` is `kept` or `look`, to die right after it."""

    server: MetaServer
    channel: AccountChannel
    clock: ShiftedClock
    folder: Path
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    kept: dict[int, Mapping[str, str]] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    killed_at: str = ""

    def prepare(self, *parts: ContentPart, **about: Any) -> tuple[PreparedPart, ...]:
        platform, account = self.channel.platform, self.channel.account
        return platform.prepare(Content(parts, **about), account, {}).parts

    def prepare_post(self, text: str = TEXT, pictures: int = 1) -> PreparedPart:
        """Return a post with pictures, or of words alone where that is possible."""
        colours = ("teal", "plum", "seagreen")[:pictures]
        return self.prepare(make_part(text, *(make_picture(self.folder, each, f"A {each} hand.") for each in colours)))[
            0
        ]

    def prepare_comment(self, text: str = "Call 101.") -> PreparedPart:
        comment = ContentPart(text, PLACE, is_comment=True)
        return self.prepare(make_part(TEXT, make_picture(self.folder, "teal", "A hand.")), comment)[1]

    def publish(self, part: PreparedPart, *earlier: Receipt) -> Receipt:
        index = len(earlier)
        with self.channel.open(self._look, **self._about(earlier)) as context:
            return self.channel.platform.publish_part(part, index, context)

    def find(self, part: PreparedPart, *earlier: Receipt) -> Receipt | Found:
        platform = self.channel.platform
        assert isinstance(platform, Finds)
        with self.channel.open(lambda: None, sent_after=self.created_at, **self._about(earlier)) as context:
            return platform.find(part, len(earlier), context)

    def _about(self, earlier: tuple[Receipt, ...]) -> dict[str, Any]:
        index = len(earlier)

        def keep(values: Mapping[str, str]) -> None:
            self.kept[index] = dict(values)
            self._die("kept")

        about = {"key": KEY, "created_at": self.created_at, "earlier": earlier, "bound": lambda: self.bound}
        return {**about, "kept": self.kept.get(index, {}), "keep": keep}

    def _look(self) -> None:
        self._die("look")

    def _die(self, moment: str) -> None:
        if self.killed_at == moment:
            self.killed_at = ""
            raise Killed


def open_meta_desk(server: MetaServer, name: str, folder: Path, **settings: str) -> MetaDesk:
    """Return a desk for an account of `facebook`, `instagram` or `threads`; its tokens are kept in `folder`."""
    secret = folder / f"{name}.token"
    secret.write_text(server.service.tokens[0])
    values = {**SETTINGS[name], **settings}
    account = Account("force", name, server.base_url, values, {"token": SecretRef("file", str(secret))})
    clock = ShiftedClock()
    channel = AccountChannel(
        account,
        load_platform(name),
        clock,
        sessions=FileStore(folder / "sessions"),
        limits_store=MemoryStore(),
        public=PublicFolder(folder / "public", "https://media.example.org"),
    )
    return MetaDesk(server, channel, clock, folder)
