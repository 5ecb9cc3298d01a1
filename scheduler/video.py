"""Films: what they are. They are never cut or encoded anew: what does not fit a channel is refused beforehand."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scheduler.domain.campaign import Video
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.errors import Rejected, Unavailable, UnfitPicture

MAX_BYTES = 2**30
"""Of a file; few channels take more, and what is larger belongs on a page of its own."""

_BLOCK = 2**20


class _Facts(NamedTuple):
    digest: str
    content_type: str
    width: int
    height: int
    size: int
    seconds: float


def inspect_video(video: Video) -> Media:
    """Return the facts of a film. Raise UnfitPicture if it or its captions are missing, damaged or too large."""
    path = Path(video.path)
    about = _look_at(path, "film")
    if about.st_size > MAX_BYTES:
        raise UnfitPicture(f"{path} has {about.st_size // 2**20} MB: too large. Export a smaller one.")
    facts = _inspect(video.path, about.st_mtime_ns, about.st_size)
    captions_digest = ""
    if video.captions:
        stamp = _look_at(Path(video.captions), "file of captions")
        captions_digest = _digest(video.captions, stamp.st_mtime_ns, stamp.st_size)
    return Media(
        video.path,
        video.alt,
        facts.digest,
        facts.content_type,
        facts.width,
        facts.height,
        facts.size,
        seconds=facts.seconds,
        title=video.title,
        captions=video.captions,
        captions_digest=captions_digest,
    )


def open_film(media: Media) -> MediaFile:
    """Return a film as it was when its post was made ready, mapped, so that it takes no memory.

    It is a mapping of a copy without a name, made while its digest is looked at: whatever becomes of the file
    meanwhile, what is sent is what was looked at, and one that is cut short beneath a mapping ends the process.

    Raise Rejected if the file is another one by now; Unavailable if it cannot be read or there is no room for the copy.
    """
    whole = hashlib.sha256()
    try:
        with Path(media.path).open("rb") as film, tempfile.TemporaryFile() as copy:
            while block := film.read(_BLOCK):
                whole.update(block)
                copy.write(block)
            copy.flush()
            if whole.hexdigest() != media.digest:
                raise Rejected(f"The film {media.path} was changed after this post was made ready to send.")
            content = mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as failure:
        raise Unavailable(f"The film {media.path} cannot be read or copied ({failure.strerror}).") from None
    return MediaFile(content, media.content_type, media.width, media.height)


def _look_at(path: Path, noun: str) -> os.stat_result:
    try:
        about = path.stat()
    except (OSError, ValueError) as failure:
        why = getattr(failure, "strerror", None) or "no file can have that name"
        raise UnfitPicture(f"The {noun} {path} is not there ({why}). Check its name.", passing=True) from None
    if not stat.S_ISREG(about.st_mode):
        raise UnfitPicture(f"{path} is not a file. Name a {noun}.")
    return about


@lru_cache(maxsize=256)
def _inspect(path: str, changed: int, size: int) -> _Facts:
    from pymediainfo import MediaInfo

    digest = _digest(path, changed, size)
    tracks = MediaInfo.parse(path).video_tracks
    general = MediaInfo.parse(path).general_tracks
    if not tracks or not general or not tracks[0].width:
        raise UnfitPicture(f"{path} is not a film that can be read. Save it as MP4 (H.264, AAC).")
    kind = str(general[0].internet_media_type or general[0].format or "").lower()
    width, height = int(tracks[0].width), int(tracks[0].height)
    if round(float(tracks[0].rotation or 0)) % 180 == 90:
        width, height = height, width
    seconds = float(general[0].duration or 0) / 1000
    return _Facts(digest, kind if kind.startswith("video/") else f"video/{kind}", width, height, size, seconds)


@lru_cache(maxsize=1024)
def _digest(path: str, _changed: int, _size: int) -> str:
    whole = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while block := file.read(_BLOCK):
                whole.update(block)
    except OSError as failure:
        raise UnfitPicture(f"{path} cannot be read ({failure.strerror}).", passing=True) from None
    return whole.hexdigest()
