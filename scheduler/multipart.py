"""A form with a film in it (RFC 7578), sent piece by piece: made whole it would stand in memory three times."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from mmap import mmap

from urllib3.fields import RequestField

_PIECE = 2**20

Files = Mapping[str, tuple[str, bytes | mmap, str]]
"""By the name of the field: the file's name, its content, and its media type."""


class StreamedForm:
    """The body of a request, which `requests` sends with its length as it goes through it. It can be sent again."""

    def __init__(self, fields: Sequence[tuple[str, str]], files: Files) -> None:
        self._boundary = os.urandom(16).hex()
        self._pieces: list[bytes | mmap] = []
        for name, value in fields:
            self._add(name, value.encode(), None, None)
        for name, (file, content, kind) in files.items():
            self._add(name, content, file, kind)
        self._pieces.append(f"--{self._boundary}--\r\n".encode())

    @property
    def content_type(self) -> str:
        """The header that goes with it."""
        return f"multipart/form-data; boundary={self._boundary}"

    def _add(self, name: str, content: bytes | mmap, file: str | None, kind: str | None) -> None:
        field = RequestField(name, b"", file)
        field.make_multipart(content_type=kind)
        self._pieces += [f"--{self._boundary}\r\n{field.render_headers()}".encode(), content, b"\r\n"]

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            for start in range(0, len(piece), _PIECE):
                yield piece[start : start + _PIECE]


def holds_film(files: Files | None) -> bool:
    """Return whether one of the files is mapped, as only films are."""
    return any(isinstance(content, mmap) for _, content, _ in (files or {}).values())
