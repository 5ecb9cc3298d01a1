"""One account of a platform behind its real door, for tests that publish and look without a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Image
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, Prepared, Receipt
from scheduler.domain.ports import Finds, Platform, Retracts, Verifies
from scheduler.domain.problem import Place
from scheduler.media import inspect_image
from scheduler.sessions import MemoryStore

PLACE = Place("campaigns/ce.yaml", 7, 3)


class ShiftedClock:
    """The machine's clock, so many seconds ahead. Sleeping moves it on at once and is remembered."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Sender:
    """Publishes parts of one delivery through an account's channel, and looks for them, as the publisher would.

    `looks` counts the last looks taken, one for each committing call.
    """

    channel: AccountChannel
    clock: ShiftedClock
    key: str = "ce/think/2027/force"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent_after: datetime | None = None
    bound: frozenset[str] = frozenset()
    looks: int = 0

    def prepare(self, *parts: ContentPart, **about: Any) -> Prepared:
        """Return the parts as they would be sent; `about` are other fields of the content."""
        return self.channel.platform.prepare(Content(parts, **about), self.channel.account, self.channel.limits())

    def publish(self, prepared: Prepared, earlier: Sequence[Receipt] = ()) -> Receipt:
        """Send the part that follows those already out."""
        with self.channel.open(
            self._look, key=self.key, created_at=self.created_at, earlier=tuple(earlier), bound=lambda: self.bound
        ) as context:
            return self.channel.platform.publish_part(prepared.parts[len(earlier)], len(earlier), context)

    def find(self, prepared: Prepared, earlier: Sequence[Receipt] = ()) -> Receipt | Found:
        """Look for the part that follows those that are known to be out."""
        platform = self.channel.platform
        assert isinstance(platform, Finds)
        with self.channel.open(
            self._look,
            key=self.key,
            created_at=self.created_at,
            sent_after=self.sent_after or self.created_at,
            earlier=tuple(earlier),
            bound=lambda: self.bound,
        ) as context:
            return platform.find(prepared.parts[len(earlier)], len(earlier), context)

    def publish_all(self, prepared: Prepared) -> list[Receipt]:
        """Send every part, in order."""
        receipts: list[Receipt] = []
        for _ in prepared.parts:
            receipts.append(self.publish(prepared, receipts))
        return receipts

    def retract(self, receipt: Receipt, index: int = 0) -> None:
        """Take a part back."""
        platform = self.channel.platform
        assert isinstance(platform, Retracts)
        with self.channel.open(self._look, key=self.key, created_at=self.created_at) as context:
            platform.retract(receipt, index, context)

    def is_live(self, receipt: Receipt, index: int = 0) -> bool:
        """Look whether a part is still there."""
        platform = self.channel.platform
        assert isinstance(platform, Verifies)
        with self.channel.open(self._look, key=self.key, created_at=self.created_at) as context:
            return platform.is_live(receipt, index, context)

    def _look(self) -> None:
        self.looks += 1


def make_sender(platform: Platform, server: str, secrets: dict[str, Path], **settings: str) -> Sender:
    """Return a sender for an account called `force`; each secret is in a file of its own."""
    references = {name: SecretRef("file", str(path)) for name, path in secrets.items()}
    account = Account("force", platform.name, server, settings, references)
    clock = ShiftedClock()
    channel = AccountChannel(account, platform, clock, sessions=MemoryStore(), limits_store=MemoryStore())
    return Sender(channel, clock)


def make_part(text: str, *media: Media) -> ContentPart:
    """Return one message."""
    return ContentPart(text, PLACE, media=media)


def make_comment(text: str) -> ContentPart:
    """Return a first comment."""
    return ContentPart(text, PLACE, is_comment=True)


def make_picture(folder: Path, colour: str, alt: str) -> Media:
    """Return a small picture in a colour."""
    from PIL import Image as Pillow

    path = folder / f"{colour}.png"
    Pillow.new("RGB", (16, 9), colour).save(path)
    return inspect_image(Image(str(path), alt, PLACE))
