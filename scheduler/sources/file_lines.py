"""The lines of a file under edit: what is not edited stays byte for byte, line breaks and the mark at its start too."""

from __future__ import annotations

import re
from bisect import insort

_BREAK = re.compile(r"(\r\n|\r|\n)")
_MARK = "\ufeff"


class FileLines:
    """A UTF-8 text by its lines, counted from 1. Edits say where they go in the text as it was; `write` makes them."""

    def __init__(self, content: bytes) -> None:
        """Take the bytes of a file, which must be UTF-8."""
        text = content.decode()
        self._mark = _MARK if text.startswith(_MARK) else ""
        pieces = _BREAK.split(text.removeprefix(_MARK))
        self._lines, self._breaks = pieces[::2], [*pieces[1::2], ""]
        self._edits: dict[int, list[tuple[int, int, str]]] = {}
        self._dropped: set[int] = set()
        self._added: dict[int, list[str]] = {}

    def text(self, number: int) -> str:
        """Return a line as it was, without its break."""
        return self._lines[number - 1]

    def replace(self, number: int, start: int, stop: int, new: str) -> bool:
        """Put something in the place of the characters [start, stop) of a line; return whether that is a new edit."""
        edits = self._edits.setdefault(number, [])
        if (start, stop, new) in edits:
            return False
        insort(edits, (start, stop, new))
        return True

    def drop(self, number: int) -> None:
        """Take a line out."""
        self._dropped.add(number)

    def insert_after(self, number: int, line: str) -> None:
        """Put a line after another."""
        self._added.setdefault(number, []).append(line)

    def write(self) -> bytes:
        """Return the text with all edits made."""
        usual = next((end for end in self._breaks if end), "\n")
        written = [self._mark]
        for number, end in enumerate(self._breaks, start=1):
            if number not in self._dropped:
                written += [self._write_line(number), end]
            for added in self._added.get(number, []):
                written += [added, usual] if end else [usual, added]
        return "".join(written).encode()

    def _write_line(self, number: int) -> str:
        line = self.text(number)
        for start, stop, new in reversed(self._edits.get(number, [])):
            line = line[:start] + new + line[stop:]
        return line
