r"""Codes of programs and of web pages in a text, which are posted as they stand: `\n`, `\"`, `&amp;`, `&#8217;`.

They come with what is pasted from a program's file or a page's source. Names of signs are those of HTML 5, as Python
knows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Compiled when first used: most calendars have none. `C:\news` is a path, and no new line.
_BACKSLASHED = r"(?<!\b[A-Za-z]:)(?<!\\)\\++(?:r\\++n|n|u[0-9a-fA-F]{4}|[\"'])"
_NAMED = r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"


class TypedCode(NamedTuple):
    """A code in a text: where it starts there, its words, what is wrong with it and what to type instead."""

    start: int
    words: str
    message: str
    hint: str


def find_typed_codes(text: str) -> list[TypedCode]:
    """Return the codes of a text in order, the first of each kind."""
    first: dict[str, TypedCode] = {}
    for code in sorted([*_find_backslashed(text), *_find_named(text)]):
        first.setdefault(code.words, code)
    return list(first.values())


def _find_backslashed(text: str) -> Iterator[TypedCode]:
    for found in re.finditer(_BACKSLASHED, text):
        words = found[0]
        if words.endswith("n"):
            message = f"'{words}' makes no new line: it would be posted as it stands."
            hint = "Take it out and press Enter there: a text of several lines stands below a line such as 'text: |'."
            yield TypedCode(found.start(), words, message, hint)
        elif words[-1] in "\"'":
            yield _make_code(found, words, words[-1])
        else:
            yield _make_code(found, words, chr(int(words[-4:], 16)))


def _find_named(text: str) -> Iterator[TypedCode]:
    from html import unescape
    from html.entities import html5

    for found in re.finditer(_NAMED, text):
        if found[1][0] == "#" or f"{found[1]};" in html5:
            yield _make_code(found, found[0], unescape(f"&{found[1]};"))
        elif found[0].startswith("&amp;"):
            yield _make_code(found, "&amp;", "&")


def _make_code(found: re.Match[str], words: str, sign: str) -> TypedCode:
    hint = f"Type {sign} in its place."
    if sign.isspace():
        hint = "Type a space in its place."
    elif "\ud800" <= sign <= "\udfff":  # half of a sign
        hint = "Type the sign itself in its place."
    elif not sign.isprintable():
        hint = "Take it out."
    return TypedCode(found.start(), words, f"'{words}' would be posted as it stands.", hint)
