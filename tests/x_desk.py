"""Use X as the product does: one account with its channel, parts made ready, pictures to send."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow

from scheduler.bootstrap import SystemClock
from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Image
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Found, PreparedPart, Receipt
from scheduler.domain.ports import Clock
from scheduler.domain.problem import Place
from scheduler.media import inspect_image
from scheduler.platforms.x import X
from scheduler.sessions import MemoryStore
from scheduler.wire import HttpWire, Patience

if TYPE_CHECKING:
    from tests.servers.x import XServer
    from tests.servers.x_store import XAccount

PLATFORM = X()
PLACE = Place("a.yaml")
SECRETS = ("api_key", "api_secret", "access_token", "access_secret")


class Desk:
    """One account with its channel, used as the publisher and the reconciler use it; its secrets lie in `folder`.

    `wrong` are secrets in place of the user's own, `settings` those of the account.
    """

    def __init__(
        self,
        address: str,
        user: XAccount,
        folder: Path,
        *,
        clock: Clock | None = None,
        wrong: Mapping[str, str] = {},
        **settings: str,
    ) -> None:
        self.user = user
        self.values = {name: wrong.get(name, getattr(user, name)) for name in SECRETS}
        folder.mkdir(exist_ok=True)
        for name, value in self.values.items():
            (folder / name).write_text(value, encoding="utf-8")
        references = {name: SecretRef("file", str(folder / name)) for name in SECRETS}
        self.sessions = MemoryStore()
        self.clock = clock or SystemClock()
        account = Account(user.username, "x", address, settings, references)
        self.channel = AccountChannel(account, PLATFORM, self.clock, sessions=self.sessions, limits_store=MemoryStore())
        self.looks = 0
        self.began = self.clock.now()

    def look(self) -> None:
        """Count a last look."""
        self.looks += 1

    def publish(
        self, part: PreparedPart, *earlier: Receipt, look: Callable[[], None] | None = None, patience: float = 30.0
    ) -> Receipt:
        """Publish a part in answer to the earlier ones, waiting `patience` seconds for an answer."""
        about: dict[str, Any] = {"key": "ce/think/2027/x", "created_at": self.began, "earlier": earlier}
        with self.channel.open(look or self.look, **about) as context:
            assert isinstance(context.wire, HttpWire)
            context.wire.patience = Patience(read=patience)
            return PLATFORM.publish_part(part, len(earlier), context)

    def find(
        self,
        part: PreparedPart,
        *earlier: Receipt,
        bound: frozenset[str] = frozenset(),
        claimed: datetime | None = None,
        sent: datetime | None = None,
    ) -> Receipt | Found:
        """Look for a part, claimed and sent when this desk was set up unless told otherwise."""
        claimed = claimed or self.began
        about = {"created_at": claimed, "sent_after": sent or claimed, "earlier": earlier}
        with self.channel.open(self.look, key="ce/think/2027/x", bound=lambda: bound, **about) as context:
            return PLATFORM.find(part, len(earlier), context)

    def who_am_i(self) -> str:
        """Ask X whose secrets these are."""
        with self.channel.open(self.look) as context:
            return PLATFORM.who_am_i(context)

    def tells(self, words: object) -> bool:
        """Return whether a secret of this account stands in the words of something."""
        return any(value in f"{words} {words!r}" for value in self.values.values())


def prepare(*texts: str, images: Mapping[Path, str] | None = None) -> tuple[PreparedPart, ...]:
    """Return the parts as the publisher gets them; the pictures, with their alt texts, go with the first."""
    media = tuple(inspect_image(Image(str(path), alt, PLACE)) for path, alt in (images or {}).items())
    parts = tuple(ContentPart(text, PLACE, media=media if number == 0 else ()) for number, text in enumerate(texts))
    return PLATFORM.prepare(Content(parts), Account("x", "x"), {}).parts


def prepare_part(text: str, images: Mapping[Path, str] | None = None) -> PreparedPart:
    """Return the only part of a post."""
    return prepare(text, images=images)[0]


def draw(path: Path, size: tuple[int, int] = (16, 9), *, noise: bool = False) -> Path:
    """Save a picture, of one colour or of noise that cannot be compressed."""
    picture = Pillow.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)) if noise else Pillow.new("RGB", size)
    picture.save(path)
    return path


def list_calls(server: XServer, user: XAccount) -> list[str]:
    """Return the calls the account has made, with every id left out."""
    paths = [seen for seen in server.requests if seen.account == user.username]
    return [f"{seen.method} {re.sub('[0-9]{2,}', '*', seen.path)}" for seen in paths]
