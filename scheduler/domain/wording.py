"""What changed in a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_WORDS = re.compile(r"\s+|[^\s]+")


class Fate(StrEnum):
    """What became of a piece of a text."""

    KEPT = "kept"
    TAKEN_OUT = "taken out"
    PUT_IN = "put in"


class Piece(NamedTuple):
    """A run of words, with the space between them."""

    fate: Fate
    text: str


def compare_words(old: str, new: str) -> list[Piece]:
    """Return the pieces of which two texts are made, in order: what is kept and taken out is the old one, what is
    kept and put in the new one. Words are compared, and the space between them; nothing is left out.
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces = []
    matcher = SequenceMatcher(lambda word: word.isspace(), before, after)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Fate.KEPT, "".join(before[first:last])))
            continue
        pieces += [Piece(Fate.TAKEN_OUT, "".join(before[first:last]))] if last > first else []
        pieces += [Piece(Fate.PUT_IN, "".join(after[start:end]))] if end > start else []
    return list(_join_across_spaces(pieces))


def _join_across_spaces(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield pieces so that what changed word after word is one change, not one for each: easier to read."""
    gone = came = ""
    for number, piece in enumerate(pieces, start=1):
        more_follows = number < len(pieces) and pieces[number].fate is not Fate.KEPT
        if piece.fate is Fate.TAKEN_OUT:
            gone += piece.text
        elif piece.fate is Fate.PUT_IN:
            came += piece.text
        elif gone and came and more_follows and piece.text.isspace():
            gone, came = gone + piece.text, came + piece.text
        else:
            yield from _give(gone, came)
            gone = came = ""
            yield piece
    yield from _give(gone, came)


def _give(gone: str, came: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Fate.TAKEN_OUT, gone)
    if came:
        yield Piece(Fate.PUT_IN, came)
