"""Characters that nobody sees in a text and that change what readers see, or break words, addresses and hashtags.

Those of writing from right to left are at home in a text with such letters, all but the two that override the order of
letters; a space without width is at home in scripts that write no spaces, joiners beside any letter but a Latin one.
Names and ranges are those of the Unicode standard (https://www.unicode.org/charts/, checked November 2026).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_HIDDEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_OVERRIDES = "\u202d\u202e"
_SPACE_WITHOUT_WIDTH = "\u200b"
_JOINERS = "\u200c\u200d"
_FROM_THE_RIGHT = frozenset({"R", "AL"})
_LONGEST = 20  # characters of the word shown


class HiddenSign(NamedTuple):
    """A character that nobody sees and that does not belong there; `start` is where it stands in its text."""

    start: int
    sign: str
    message: str


def find_hidden_signs(text: str) -> list[HiddenSign]:
    """Return the characters that nobody sees and that do not belong in a text, the first of each kind."""
    if text.isascii() or _HIDDEN.search(text) is None:
        return []
    first: dict[str, HiddenSign] = {}
    for found in _list_misplaced(text):
        sign = found[0]
        if sign not in first:
            name = f"{unicodedata.name(sign).lower()}, U+{ord(sign):04X}"
            where = _say_where(text, found.start())
            first[sign] = HiddenSign(found.start(), sign, f"A character that nobody sees stands {where}: {name}.")
    return list(first.values())


@cache
def _spaceless() -> re.Pattern[str]:
    """Return the pattern of Thai and Lao, Tibetan, Myanmar, Khmer, Chinese and Japanese; few need it."""
    return re.compile("[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def _list_misplaced(text: str) -> Iterator[re.Match[str]]:
    has_from_right = any(unicodedata.bidirectional(sign) in _FROM_THE_RIGHT for sign in _HIDDEN.sub("", text))
    for found in _HIDDEN.finditer(text):
        sign = found[0]
        beside = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
        if sign == _SPACE_WITHOUT_WIDTH:
            belongs = _spaceless().search(beside) is not None
        elif sign in _JOINERS:  # they join signs of an emoji, and letters of Persian or Hindi
            belongs = not beside.isascii()
        else:
            belongs = has_from_right and sign not in _OVERRIDES
        if not belongs:
            yield found


def _say_where(text: str, start: int) -> str:
    before = _HIDDEN.sub("", text[:start]).split()
    return f"after '{before[-1][-_LONGEST:]}'" if before else "at the beginning"
