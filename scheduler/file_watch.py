"""Which files changed and have rested since: a file that is being written can be valid YAML halfway through."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

REST_SECONDS = 2.0

Stamps = Mapping[str, tuple[int, int]]
"""The time of change (nanoseconds) and the size (bytes) of each file, by its path."""


def read_stamps(paths: Iterable[Path]) -> Stamps:
    """Return the stamps of some files; zeros for one that cannot be looked at."""
    stamps = {}
    for path in paths:
        try:
            status = path.stat()
            stamps[str(path)] = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamps[str(path)] = (0, 0)
    return stamps


@dataclass
class FileWatch:
    """Says when to read again. It watches for how long stamps stay as they are: what they say may be any time."""

    loaded: Stamps
    _seen: Stamps = field(default_factory=dict)
    _seen_at: float = 0.0

    def is_due(self, stamps: Stamps) -> bool:
        """Return whether files are not as they were loaded, and have been as they are for two seconds."""
        now = time.monotonic()
        if stamps != self._seen:
            self._seen, self._seen_at = stamps, now
        return stamps != self.loaded and now - self._seen_at >= REST_SECONDS

    def put_off(self, seconds: float) -> None:
        """Try again in so many seconds what could not be loaded."""
        self._seen_at = time.monotonic() + seconds - REST_SECONDS
