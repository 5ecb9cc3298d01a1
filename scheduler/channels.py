"""Accounts made ready to use: a platform, a door to its server or folder, its secrets, stores and limits."""

from __future__ import annotations

import hashlib
import logging
import secrets as random_bytes
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Limits, add_chosen_limits, read_told_limits
from scheduler.domain.content import Media
from scheduler.domain.ports import Clock, Context, MediaFile, Platform, Sessions, TellsLimits
from scheduler.domain.trusted_hosts import list_trusted
from scheduler.errors import PublishError, Rejected, Unauthorised, Unavailable
from scheduler.media import fit_image
from scheduler.noticeboard_folder import Board, FolderWire
from scheduler.prepared_media import PreparedMedia
from scheduler.public_media import PublicFolder, put_file
from scheduler.sessions import FileStore, MemoryStore
from scheduler.sources.secrets import read_secret
from scheduler.video import open_captions, open_film

LIMITS_LAST = timedelta(days=1)
NONE_TOLD_LASTS = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)

log = logging.getLogger(__name__)
_SALT = random_bytes.token_bytes(16)  # fingerprints mean nothing outside this process


class AccountChannel:
    """Implements the port Channel. With a `board` its door is that folder, whatever the platform's server.

    `prepared` keeps pictures made fit for others like it; `public` is where a platform that fetches its media can.
    """

    def __init__(
        self,
        account: Account,
        platform: Platform,
        clock: Clock,
        *,
        sessions: Sessions,
        limits_store: FileStore | MemoryStore,
        board: Board | None = None,
        prepared: PreparedMedia | None = None,
        public: PublicFolder | None = None,
    ) -> None:
        self.account = account
        self.platform = platform
        self.board = board
        self.prepared = prepared
        self.public = public
        self._clock = clock
        self._sessions = sessions
        self._limits_store = limits_store
        self._asking = threading.Lock()  # lanes and the daemon's own job ask
        self._told: Mapping[str, Any] = {}  # as the store keeps it, should the store be of no use
        self._failure: PublishError | None = None
        self._failed_at: datetime | None = None
        self._pause = FIRST_PAUSE

    def limits(self) -> Limits:
        """Return what its instance told of its limits, from the cache, and what its settings say of them."""
        told = read_told_limits(self._load_told(), self.account.server)
        return add_chosen_limits(told, self.platform.settings, self.account.settings)

    def refresh_limits(self) -> None:
        """Ask the instance for its limits if it is time to; see the port."""
        if not isinstance(self.platform, TellsLimits):
            return
        with self._asking:
            now = self._clock.now()
            if self._is_fresh(now):
                return
            if self._failure is not None and self._failed_at is not None:
                if self._failed_at <= now < self._failed_at + self._pause:
                    raise self._failure.with_traceback(None)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
            try:
                self._ask_limits(self.platform, now)
            except PublishError as failure:
                self._failure, self._failed_at = failure, now
                raise
            self._failure, self._pause = None, FIRST_PAUSE

    def _is_fresh(self, now: datetime) -> bool:
        """Return whether the instance was asked not long ago."""
        told = self._load_told()
        try:
            read_at = datetime.fromisoformat(told["read_at"])
            lasts = LIMITS_LAST if read_told_limits(told, self.account.server) else NONE_TOLD_LASTS
            return bool(told["server"] == self.account.server and read_at <= now < read_at + lasts)
        except (KeyError, TypeError, ValueError):  # never asked, or a file that somebody wrote into
            return False

    def _ask_limits(self, platform: TellsLimits, now: datetime) -> None:
        try:
            with self.open(lambda: None) as context:
                limits = dict(platform.read_limits(context))
            self._told = {"server": self.account.server, "read_at": now.isoformat(), "limits": limits}
            self._limits_store.store(self.account.name, self._told)
        except PublishError:
            raise
        except Exception as failure:  # whatever a server tells must not stop a lane
            log.exception("account=%s the answer about its limits could not be read", self.account.name)
            raise Unavailable(
                f"The limits could not be read: a fault in the program ({type(failure).__name__})."
            ) from None

    def _load_told(self) -> Mapping[str, Any]:
        return self._told or self._limits_store.load(self.account.name)

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
                open_captions=self._open_captions,
                find_address=self._find_address,
                **about,
            )
        finally:
            wire.close()

    def _open_wire(self, last_look: Callable[[], None], secrets: Mapping[str, str]) -> Any:
        if self.board is not None:
            return FolderWire(self.board, last_look=last_look, account=self.account.name)
        from scheduler.wire import HttpWire

        wire = HttpWire(self.account.server, last_look=last_look, secrets=list(secrets.values()))
        wire.trusted = list_trusted(self.platform, self.account)
        return wire

    def _read_secrets(self) -> dict[str, str]:
        return {name: read_secret(reference) for name, reference in self.account.secrets.items()}

    def _open_media(self, media: Media) -> MediaFile:
        if media.is_video:
            if self.platform.capabilities.videos is None:
                raise Rejected(f"{self.platform.title} takes no films.")
            return open_film(media, None if self.prepared is None else self.prepared.find_room())
        images = self.platform.capabilities.images
        if images is None:
            raise Rejected(f"{self.platform.title} takes no pictures.")
        images = images.within(self.limits())
        return fit_image(media, images) if self.prepared is None else self.prepared.fit(media, images)

    def _open_captions(self, media: Media) -> str:
        videos = self.platform.capabilities.videos
        if videos is None or not videos.captions or not media.captions:
            raise Rejected(f"{self.platform.title} takes no file of captions, or {media.path} has none.")
        return open_captions(media, videos.captions)

    def _find_address(self, media: Media) -> str:
        if self.public is None:
            message = f"{self.platform.title} fetches media from a public address, and the settings name none."
            raise Rejected(f"{message} Add 'public_media:' to them.")
        return put_file(self._open_media(media), self.public)


def refresh_all(channels: Mapping[str, AccountChannel]) -> dict[str, str]:
    """Ask every instance that tells its limits; return why by account where it could not be asked."""
    failures = {}
    for name, channel in channels.items():
        try:
            channel.refresh_limits()
        except PublishError as failure:
            failures[name] = str(failure)
    return failures
