"""Films: what they are. They are never cut or encoded anew: what does not fit a channel is refused beforehand.

One that tells where it was filmed is refused, too: taking that out would be making another file than was approved.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
from functools import lru_cache
from pathlib import Path

from scheduler import captions as subtitles
from scheduler.captions import Captions, check_end, read_captions, write_captions
from scheduler.domain.campaign import Video
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.domain.problem import Problem, Severity, has_errors
from scheduler.errors import Rejected, Unavailable, UnfitPicture
from scheduler.film_boxes import read_boxes
from scheduler.film_probe import FilmFacts, probe_film

MAX_BYTES = 2**30
"""Of a file; few channels take more, and what is larger belongs on a page of its own."""

_BLOCK = 2**20


def inspect_video(video: Video) -> Media:
    """Return the facts of a film. Raise UnfitPicture if it or its captions are missing, damaged or too large."""
    path = Path(video.path)
    about = _look_at(path, "film")
    if about.st_size > MAX_BYTES:
        raise UnfitPicture(f"{path} has {about.st_size // 2**20} MB: too large. Export a smaller one.")
    digest, facts = _inspect(video.path, about.st_mtime_ns, about.st_size)
    media = Media(
        video.path,
        video.alt,
        digest,
        facts.content_type,
        facts.width,
        facts.height,
        about.st_size,
        seconds=facts.seconds,
        title=video.title,
        captions_needed=video.captions_needed,
        frame_rate=facts.frame_rate,
        codec=facts.codec,
        sound=facts.sound,
    )
    return _add_captions(media, video.captions) if video.captions else media


def _add_captions(media: Media, file: str) -> Media:
    captions, digest = _load_captions(file)
    for problem in captions.problems:
        if problem.severity is Severity.ERROR:
            message = f"The captions {file} cannot be used. Line {problem.place.line}: {problem.message}"
            raise UnfitPicture(f"{message} {problem.hint}".rstrip())
    size = len(write_captions(captions, "vtt").encode())
    return media._replace(captions=file, captions_digest=digest, captions_size=size)


def check_captions(video: Video) -> list[Problem]:
    """Return the problems of a film's captions, each with its line in their own file; none if they are not there.

    The line is not quoted from a file that is not called .srt or .vtt: it may be anything, and no business of a report.
    """
    try:
        captions, _ = _load_captions(video.captions)
        problems = list(captions.problems)
        if not has_errors(problems):
            seconds = inspect_video(video._replace(captions="")).seconds
            problems += check_end(captions, seconds, video.captions)
    except UnfitPicture:
        return []  # which `inspect_video` says as well
    if Path(os.path.realpath(video.captions)).suffix.lower() not in {f".{form}" for form in subtitles.FORMS}:
        problems = [problem._replace(line_text="") for problem in problems]
    return problems


def open_captions(media: Media, form: str) -> str:
    """Return a film's captions as text in a form, "srt" or "vtt".

    Raise Rejected if they are other ones than when the post was made ready; Unavailable if they cannot be read.
    """
    try:
        captions, digest = _load_captions(media.captions)
    except UnfitPicture as failure:
        raise (Unavailable if failure.passing else Rejected)(str(failure)) from None
    if digest != media.captions_digest or has_errors(captions.problems):
        raise Rejected(f"The captions {media.captions} were changed after this post was made ready to send.")
    return write_captions(captions, form)


def _load_captions(file: str) -> tuple[Captions, str]:
    """Return captions and the digest of their file."""
    stamp = _look_at(Path(file), "file of captions")
    if stamp.st_size > subtitles.MAX_BYTES:
        raise UnfitPicture(f"{file} has {stamp.st_size // 2**20} MB: too large for captions. Name the right file.")
    return _read_captions(file, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=256)
def _read_captions(file: str, _changed: int, _size: int) -> tuple[Captions, str]:
    try:
        content = Path(file).read_bytes()
    except OSError as failure:
        raise UnfitPicture(f"The captions {file} cannot be read ({failure.strerror}).", passing=True) from None
    return read_captions(content, file), hashlib.sha256(content).hexdigest()


def open_film(media: Media, folder: Path | None = None) -> MediaFile:
    """Return a film as it was when its post was made ready, mapped, so that it takes no memory.

    It is a mapping of a copy without a name in `folder` (that of temporary files if None), made while its digest is
    looked at: whatever becomes of the file meanwhile, what is sent is what was looked at, and a file that is cut short
    beneath a mapping would end the process.

    Raise Rejected if the file is another one by now; Unavailable if it cannot be read or there is no room for the copy.
    """
    whole = hashlib.sha256()
    try:
        with Path(media.path).open("rb") as film, tempfile.TemporaryFile(dir=folder) as copy:
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
def _inspect(path: str, changed: int, size: int) -> tuple[str, FilmFacts]:
    """Return the digest of a film and its facts."""
    digest = _digest(path, changed, size)
    try:
        is_whole = read_boxes(Path(path)).is_whole
        facts = probe_film(Path(path))
    except OSError as failure:
        raise UnfitPicture(f"The film {path} cannot be read ({failure.strerror}).", passing=True) from None
    if not is_whole:
        raise UnfitPicture(f"{path} is damaged: its end is missing. Copy or export it anew.")
    if facts is None or not facts.seconds:
        raise UnfitPicture(f"{path} is not a film that can be read. Save it as MP4 (H.264, AAC).")
    if facts.tells_place:
        hint = "Export it without its location (on a phone: share it with the location turned off)."
        raise UnfitPicture(f"{path} tells where it was filmed. {hint}")
    return digest, facts


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
