"""Pictures and films where a platform can fetch them: a folder that the body's own web server shows to everybody.

Some platforms take no bytes, only a public https address, and fetch from it when the post is made (Instagram, Threads:
their documents, checked 25 November 2026). A file is named by the SHA-256 of its bytes, so that nobody finds it before
it is posted, and a name never stands for other bytes. Files may be deleted once their posts are out.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from scheduler.domain.ports import MediaFile
from scheduler.errors import Rejected, Unavailable

_ENDINGS = {
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_BLOCK = 2**20


class PublicFolder(NamedTuple):
    """A folder, and the address under which a web server shows what is in it, without a slash at its end."""

    folder: Path
    address: str


def put_file(file: MediaFile, public: PublicFolder) -> str:
    """Put a file into the folder, readable by all, and return its public address; the same bytes are put there once.

    It appears in one step and is never written into. Raise Rejected for a kind of file that no platform fetches,
    Unavailable if the folder cannot be written.
    """
    ending = _ENDINGS.get(file.content_type)
    if ending is None:
        raise Rejected(f"No platform fetches a file of the type {file.content_type}.")
    digest = hashlib.sha256(file.content).hexdigest()
    path = public.folder / f"{digest}.{ending}"
    try:
        if _holds(path, digest):
            os.utime(path)  # whoever clears the folder of what is old leaves what is needed again
        else:
            _write(path, file)
    except OSError as failure:
        message = f"The folder of public media, {public.folder}, cannot be written: {failure.strerror}."
        hint = "Check 'public_media:' in the settings, and that this program may write there."
        raise Unavailable(f"{message} {hint}") from None
    return f"{public.address}/{path.name}"


def _holds(path: Path, digest: str) -> bool:
    """Return whether a file is there and is what its name says: one that was cut short would be posted as it is."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def _write(path: Path, file: MediaFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with hidden.open("xb") as out:
            for start in range(0, len(file.content), _BLOCK):
                out.write(file.content[start : start + _BLOCK])
            out.flush()
            os.fsync(out.fileno())  # after a power cut its name must not stand for nothing
        hidden.chmod(0o644)
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)
