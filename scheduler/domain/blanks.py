"""Blanks that a toolkit leaves for its partners to fill: `[insert force name]`, `<LOCAL NUMBER>`, `{force}`, `XXXX`.

Square and angle brackets have their uses in posts (a word put right in a quotation, `<3`), so that only what is
surely a blank counts: `[insert …]`, `[enter …]`, `[your …]` and `[force …]` with a word after it, `[force]`,
`[local number]` and the like, capitals in angle brackets, four X or more, and digits that end in x's.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scheduler.domain.problem import suggest

_LOCAL = "area|authority|branch|contact|council|details|force|helpline|link|name|number|phone|police|service|team|url"
_BRACKETED = r"(?:insert|enter)\b[^\[\]\n]{0,120}|(?:your|force|organisation|council)\s[^\[\]\n]{1,120}|force"
_BLANK = (
    rf"(?i:\[(?:{_BRACKETED}|(?:add\s+)?local\s(?:{_LOCAL})\b[^\[\]\n]{{0,120}})\]|<insert\s[^<>\n]{{1,120}}>)"
    r"|<[A-Z][A-Z0-9 ,.'’/&_-]{0,80}[A-Z0-9]>"
    r"|(?<!\w)(?:\d[\d ]{1,15}x{3,}(?: ?x+)*|\d[\d ]{1,15}X{3,}(?: ?X+)*|X{4,})(?!\w)"
)
# Compiled when first used: most calendars have no blank.
# Possessive, so that a text made of braces costs no more than another.
_BRACES = r"(?<!\{)\{++ *+[^\W\d][^{}\n]*+\}++"
_YEARS = {"{yy}", "{yyyy}"}


class _Piece(NamedTuple):
    before: str
    blank: str


def may_hold_blanks(text: str) -> bool:
    """Return whether a text has any sign that a blank is made of: quick, for thousands of texts that have none."""
    return "{" in text or "[" in text or "<" in text or "XXX" in text or "xxx" in text


def find_blanks(text: str) -> list[str]:
    """Return the blanks of a text as they are written, in order, each once; `{yy}` and `{yyyy}` are none."""
    if not may_hold_blanks(text):
        return []
    found = [(match.start(), match[0]) for match in re.finditer(_BLANK, text)]
    found += [(match.start(), match[0]) for match in re.finditer(_BRACES, text) if match[0] not in _YEARS]
    return list(dict.fromkeys(words for _, words in sorted(found)))


def explain_blank(blank: str) -> tuple[str, str]:
    """Return what is wrong with a blank that was not filled, and what to do."""
    if not blank.startswith("{"):
        return f"{blank} is a blank that nobody has filled in.", "Type the words themselves in its place."
    near = suggest(blank.strip("{} "), ("yy", "yyyy")).replace("'yy'", "'{yy}'").replace("'yyyy'", "'{yyyy}'")
    hint = near or "Only {yy} and {yyyy}, the year, are filled in: type the words themselves."
    return f"Nothing is known for {blank}.", hint


def carry_fillings(blank: str, filled: str, new: str) -> str | None:
    """Given a text with blanks, the same with some filled in, and its next version, return that one filled alike.

    None if `filled` is not just `blank` with its blanks filled in, or if one blank was filled in two ways.
    """
    pieces, end = _split(blank.strip())
    fillings: dict[str, str] = {}
    rest = filled.strip()
    for number, piece in enumerate(pieces):
        after = pieces[number + 1].before if number + 1 < len(pieces) else end
        last = number + 1 == len(pieces)
        if not rest.startswith(piece.before) or not (after or last):
            return None
        rest = rest.removeprefix(piece.before)
        stop = len(rest) - len(after) if last else rest.find(after, 1)
        if stop < 1 or not rest.endswith(end) or fillings.setdefault(piece.blank, rest[:stop]) != rest[:stop]:
            return None
        rest = rest[stop:]
    if not pieces or rest != end:
        return None
    for words, filling in fillings.items():
        new = new.replace(words, filling)
    return new


def _split(text: str) -> tuple[list[_Piece], str]:
    """Return each blank of a text with the words before it, and the words after the last."""
    blanks = find_blanks(text)
    pieces: list[_Piece] = []
    while blanks:
        start, words = min((text.find(words), words) for words in blanks)
        pieces.append(_Piece(text[:start], words))
        text = text[start + len(words) :]
        blanks = [words for words in blanks if words in text]
    return pieces, text
