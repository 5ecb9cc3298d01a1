"""Accounts that keep everything but the network: each call that posts takes a given time and succeeds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Limits
from scheduler.domain.content import Media
from scheduler.domain.ports import Clock, Context, MediaFile, Platform
from scheduler.platforms import load_platform
from scheduler.sessions import MemoryStore


class Calls:
    """When each call began, in seconds of the machine's clock. Safe for several threads."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun: list[float] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def make(self) -> None:
        """Be one call."""
        with self._lock:
            self.begun.append(time.time())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.seconds:
            time.sleep(self.seconds)
        with self._lock:
            self._at_once -= 1


class _Answer:
    status = 201
    headers: Mapping[str, str] = {}
    text = "{}"

    def json(self) -> Any:
        return {}

    def field(self, *path: str) -> str:
        return path[-1]

    def problem(self, message: str) -> NoReturn:
        raise RuntimeError(message)


class _Wire:
    """Takes the last look as any door does, then makes the call."""

    resting_until: datetime | None = None

    def __init__(self, calls: Calls, last_look: Callable[[], None]) -> None:
        self._calls = calls
        self._last_look = last_look

    def request(self, method: str, path: str, *, commit: bool = False, **more: Any) -> _Answer:
        if commit:
            self._last_look()
        self._calls.make()
        return _Answer()


class PacedChannel:
    """Implements the port Channel for an account of any platform; what is sent is the noticeboard's."""

    board = None

    def __init__(self, account: Account, clock: Clock, calls: Calls) -> None:
        self.account = account
        self.platform: Platform = load_platform("noticeboard")
        self._clock = clock
        self._calls = calls

    def limits(self) -> Limits:
        """Return no limits."""
        return {}

    def refresh_limits(self) -> None:
        """Ask nobody."""

    def fingerprint(self) -> str:
        """Return the same word always."""
        return ""

    @contextmanager
    def open(self, last_look: Callable[[], None], **about: Any) -> Iterator[Context]:
        """Return a context whose door takes its time."""
        wire: Any = _Wire(self._calls, last_look)
        yield Context(
            account=self.account,
            wire=wire,
            clock=self._clock,
            sessions=MemoryStore(),
            secret=str,
            open_media=_open_nothing,
            limits={},
            **about,
        )


def _open_nothing(media: Media) -> MediaFile:
    raise RuntimeError(f"the benchmarks post no pictures: {media.path}")
