"""An account of LinkedIn or YouTube behind its real door, with the record and the sessions that the publisher keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, PreparedPart, Receipt
from scheduler.domain.ports import Context, Finds, Retracts, Verifies
from scheduler.platforms import load_platform
from scheduler.sessions import FileStore, MemoryStore
from tests.accounts import ShiftedClock
from tests.films import SPOKEN

KEY = "ce/think/2027/force"
TEXT = "Think, spot, speak out."


@dataclass
class FilmDesk:
    """Publishes parts of one delivery, and looks for them. `on_look` hears of each last look."""

    channel: AccountChannel
    clock: ShiftedClock
    folder: Path
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    kept: dict[int, Mapping[str, str]] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()
    on_look: Callable[[], None] = lambda: None

    def prepare(self, *parts: ContentPart, **about: Any) -> tuple[PreparedPart, ...]:
        """Return the parts as they would be sent."""
        return self.channel.platform.prepare(Content(parts, **about), self.channel.account, {}).parts

    def publish(self, part: PreparedPart, *earlier: Receipt) -> Receipt:
        """Send a part that follows the earlier ones."""
        with self.channel.open(self.on_look, **self._about(earlier)) as context:
            return self.channel.platform.publish_part(part, len(earlier), context)

    def find(self, part: PreparedPart, *earlier: Receipt) -> Receipt | Found:
        """Look for a part."""
        platform = self.channel.platform
        assert isinstance(platform, Finds)
        with self.channel.open(self.on_look, sent_after=self.created_at, **self._about(earlier)) as context:
            return platform.find(part, len(earlier), context)

    def retract(self, receipt: Receipt) -> None:
        """Take a part back."""
        platform = self.channel.platform
        assert isinstance(platform, Retracts)
        self.use(lambda context: platform.retract(receipt, 0, context))

    def is_live(self, receipt: Receipt) -> bool:
        """Look whether a part is still there."""
        platform = self.channel.platform
        assert isinstance(platform, Verifies)
        return bool(self.use(lambda context: platform.is_live(receipt, 0, context)))

    def use(self, act: Callable[[Context], Any]) -> Any:
        """Do something with the account that publishes nothing."""
        with self.channel.open(self.on_look) as context:
            return act(context)

    def _about(self, earlier: tuple[Receipt, ...]) -> dict[str, Any]:
        index = len(earlier)

        def keep(values: Mapping[str, str]) -> None:
            self.kept[index] = dict(values)

        about = {"key": KEY, "created_at": self.created_at, "earlier": earlier, "bound": lambda: self.bound}
        return {**about, "kept": self.kept.get(index, {}), "keep": keep}


def open_film_desk(name: str, server: str, folder: Path, secrets: Mapping[str, str], **settings: str) -> FilmDesk:
    """Return a desk for an account called `force`; its secrets and sessions lie in `folder`."""
    references = {}
    for setting, word in secrets.items():
        path = folder / f"{setting}.secret"
        path.write_text(word, encoding="utf-8")
        references[setting] = SecretRef("file", str(path))
    account, clock = Account("force", name, server, settings, references), ShiftedClock()
    channel = AccountChannel(
        account,
        load_platform(name),
        clock,
        sessions=FileStore(folder / "sessions"),
        limits_store=MemoryStore(),
    )
    return FilmDesk(channel, clock, folder)


def make_large_film(folder: Path, size: int, captions: str = "srt", title: str = "She noticed") -> Media:
    """Return what is sent as a film of that many bytes, each piece of it another; it cannot be watched."""
    path = folder / "large.mp4"
    with path.open("wb") as file:
        for number in range(0, size, 2**16):
            file.write(sha256(str(number).encode()).digest() * 2**11)
        file.truncate(size)
    digest = sha256(path.read_bytes()).hexdigest()
    film = Media(str(path), "A teacher asks.", digest, "video/mp4", 1280, 720, size, seconds=60.0, title=title)
    words = folder / f"large.{captions}"
    words.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{SPOKEN}\n", encoding="utf-8")
    return film._replace(captions=str(words), captions_digest=sha256(words.read_bytes()).hexdigest())
