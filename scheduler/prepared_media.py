"""Pictures made fit for a channel, kept on disk for the next account with equal limits, or the next attempt.

It is a cache and no more: where it is damaged, full or cannot be written, pictures are made anew, which takes longer.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import threading
import time
from pathlib import Path
from typing import NamedTuple
from weakref import WeakValueDictionary

from scheduler.domain.capabilities import ImageLimits
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.media import fit_picture, read_picture

MAX_BYTES = 256 * 2**20
"""Of all that is kept; the pictures of some hundred posts."""

# Changes with what `scheduler.media` makes of a picture: what an older version made is then made anew.
_MAKING = 1
_ENDING = ".picture"
_ABANDONED = 3600.0  # seconds after which a file half written is nobody's

log = logging.getLogger(__name__)


class _Lock:
    """A lock that can be forgotten when nobody holds it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class _Kept(NamedTuple):
    path: Path
    size: int
    used: float


class PreparedMedia:
    """A folder of prepared pictures, named by the content and the limits they were made for. Safe for several threads.

    No more than `max_bytes` are kept; what was not used longest goes first.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._guard = threading.Lock()

    def fit(self, media: Media, limits: ImageLimits) -> MediaFile:
        """Return a picture within a channel's limits; see `scheduler.media.fit_image`, which it raises as."""
        content = read_picture(media)
        name = _name(media, limits)
        with self._guard:
            lock = self._locks.setdefault(name, _Lock())
        with lock.lock:  # a picture that goes to many accounts at once is made once
            found = self._load(name)
            if found is None:
                found = fit_picture(content, media, limits)
                if found.content != content:
                    self._store(name, found)
            return found

    def find_room(self) -> Path | None:
        """Return the folder if it can be written to, for files without a name; None if it cannot."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return None
        return self.folder if os.access(self.folder, os.W_OK) else None

    def _load(self, name: str) -> MediaFile | None:
        path = self.folder / f"{name}{_ENDING}"
        try:
            head, _, content = path.read_bytes().partition(b"\n")
            told = json.loads(head)
            if hashlib.sha256(content).hexdigest() != told["digest"]:
                raise ValueError("it is damaged")
            os.utime(path)
            return MediaFile(content, str(told["type"]), int(told["width"]), int(told["height"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as failure:
            log.warning("picture=%s was kept and cannot be used: it is made anew (%s)", path, failure)
            return None

    def _store(self, name: str, file: MediaFile) -> None:
        about = {"type": file.content_type, "width": file.width, "height": file.height}
        about["digest"] = hashlib.sha256(file.content).hexdigest()
        whole = json.dumps(about).encode() + b"\n" + bytes(file.content)
        hidden = self.folder / f".{name}.{secrets.token_hex(4)}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                hidden.write_bytes(whole)
                hidden.replace(self.folder / f"{name}{_ENDING}")
            finally:
                hidden.unlink(missing_ok=True)
            self._make_room()
        except OSError as failure:
            log.warning("folder=%s prepared pictures cannot be kept there (%s)", self.folder, failure.strerror)

    def _make_room(self) -> None:
        """Drop what was not used longest, and what was left half written."""
        kept = []
        for path in self.folder.iterdir():
            try:
                about = path.stat()
                if path.suffix == ".part" and about.st_mtime < time.time() - _ABANDONED:
                    path.unlink()
                elif path.suffix == _ENDING:
                    kept.append(_Kept(path, about.st_size, about.st_mtime))
            except FileNotFoundError:  # another process has dropped it
                continue
        excess = sum(each.size for each in kept) - self.max_bytes
        for each in sorted(kept, key=lambda each: each.used):
            if excess <= 0:
                return
            each.path.unlink(missing_ok=True)
            excess -= each.size


def _name(media: Media, limits: ImageLimits) -> str:
    """Return a name that differs with the picture and with every limit that what is made of it depends on."""
    facts = [_MAKING, media.digest, limits.max_bytes, limits.types, limits.max_side, limits.uncertain]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
