"""Accounts made ready to use: a platform, a door to its server or folder, its secrets, stores and limits."""

from __future__ import annotations

import hashlib
import secrets as random_bytes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Limits
from scheduler.domain.content import Media
from scheduler.domain.ports import Clock, Context, MediaFile, Platform, Sessions, TellsLimits
from scheduler.errors import PublishError, Rejected, Unauthorised
from scheduler.media import fit_image
from scheduler.noticeboard_folder import Board, FolderWire
from scheduler.sessions import FileStore, MemoryStore
from scheduler.sources.secrets import read_secret

LIMITS_LAST = timedelta(days=1)
_SALT = random_bytes.token_bytes(16)  # fingerprints mean nothing outside this process


class AccountChannel:
    """Implements the port Channel. With a `board` its door is that folder, whatever the platform's server."""

    def __init__(
        self,
        account: Account,
        platform: Platform,
        clock: Clock,
        *,
        sessions: Sessions,
        limits_store: FileStore | MemoryStore,
        board: Board | None = None,
    ) -> None:
        self.account = account
        self.platform = platform
        self.board = board
        self._clock = clock
        self._sessions = sessions
        self._limits_store = limits_store

    def limits(self) -> Limits:
        """Return what its instance told of its limits, from the cache."""
        kept = self._limits_store.load(self.account.name)
        return read_limits(kept, self.account)

    def refresh_limits(self) -> None:
        """Ask the instance for its limits if that was not done within a day. Raise a PublishError if it can't."""
        if not isinstance(self.platform, TellsLimits):
            return
        kept = self._limits_store.load(self.account.name)
        now = self._clock.now()
        fresh = kept.get("server") == self.account.server and kept.get("read_at")
        if fresh and datetime.fromisoformat(kept["read_at"]) + LIMITS_LAST > now:
            return
        with self.open(lambda: None) as context:
            limits = dict(self.platform.read_limits(context))
        self._limits_store.store(
            self.account.name, {"server": self.account.server, "read_at": now.isoformat(), "limits": limits}
        )

    def fingerprint(self) -> str:
        """Return a word that changes when a secret of the account does."""
        try:
            values = "\0".join(value for _, value in sorted(self._read_secrets().items()))
        except Unauthorised as failure:
            values = str(failure)
        return hashlib.blake2b(values.encode(), key=_SALT, digest_size=16).hexdigest()

    @contextmanager
    def open(self, last_look: Callable[[], None], **about: Any) -> Iterator[Context]:
        """Return a context for one delivery, its door closed at the end."""
        secrets = self._read_secrets()
        wire = self._open_wire(last_look, secrets)
        try:
            yield Context(
                account=self.account,
                wire=wire,
                clock=self._clock,
                sessions=self._sessions,
                secret=lambda name: secrets[name],
                open_media=self._open_media,
                limits=self.limits(),
                **about,
            )
        finally:
            wire.close()

    def _open_wire(self, last_look: Callable[[], None], secrets: Mapping[str, str]) -> Any:
        if self.board is not None:
            return FolderWire(self.board, last_look=last_look)
        from scheduler.wire import HttpWire

        return HttpWire(self.account.server, last_look=last_look, secrets=list(secrets.values()))

    def _read_secrets(self) -> dict[str, str]:
        return {name: read_secret(reference) for name, reference in self.account.secrets.items()}

    def _open_media(self, media: Media) -> MediaFile:
        images = self.platform.capabilities.images
        if images is None:
            raise Rejected(f"{self.platform.title} takes no pictures.")
        return fit_image(media, images)


def read_limits(kept: Mapping[str, Any], account: Account) -> Limits:
    """Return the limits in what a store kept, if they are of this account's server."""
    limits = kept.get("limits")
    if kept.get("server") != account.server or not isinstance(limits, dict):
        return {}
    return {name: value for name, value in limits.items() if isinstance(value, int)}


def refresh_all(channels: Mapping[str, AccountChannel]) -> dict[str, str]:
    """Ask every instance that tells its limits; return why by account where it could not be asked."""
    failures = {}
    for name, channel in channels.items():
        try:
            channel.refresh_limits()
        except PublishError as failure:
            failures[name] = str(failure)
    return failures
