"""LinkedIn's `little` text: what stands in a post's commentary, where some characters are syntax.

Each of them is written with a backslash before it, also within addresses: one that is not cuts the post short, and
nobody is told. Only the sign of a hashtag is left alone, which makes it one; readers see the same words either way.

Source, checked on 25 November 2026: learn.microsoft.com, LinkedIn, "little Text Format".
"""

from __future__ import annotations

import re

from scheduler.domain.measure import find_urls

_RESERVED = re.compile(r"[|{}@\[\]()<>#*_~\\]")
# A hashtag begins where no word runs on, and holds a letter.
_HASHTAG = re.compile(r"(?<![\w&/#\\])#(?=[^\W_]*[^\W\d_])")
_ELEMENT = re.compile(
    r"\\(?P<plain>.)"
    r"|\{hashtag\|\\?[#＃]\|(?P<tag>(?:\\.|[^}\\])*)\}"
    r"|@\[(?P<name>(?:\\.|[^\]\\])*)\]\s?\(urn:li:[^)]*\)",
    re.DOTALL,
)


def write_little(text: str) -> str:
    """Return the commentary that readers will see as this text, its hashtags as hashtags."""
    tags = {match.start() for match in _HASHTAG.finditer(text)}
    if tags:
        tags -= {place for start, end, _ in find_urls(text, bare_domains=True) for place in range(start, end)}
    return _RESERVED.sub(lambda match: match[0] if match.start() in tags else f"\\{match[0]}", text)


def read_little(commentary: str) -> str:
    """Return the text that readers see of a commentary, also where LinkedIn wrote its hashtags or mentions anew."""
    return _ELEMENT.sub(_read_element, commentary)


def _read_element(match: re.Match[str]) -> str:
    if match["plain"] is not None:
        return match["plain"]
    if match["tag"] is not None:
        return "#" + read_little(match["tag"])
    return read_little(match["name"])
