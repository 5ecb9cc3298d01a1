"""A quick look at a text: may anything of another year, or a date that cannot be, stand in it at all?"""

from __future__ import annotations

import re

# One set of first letters, so that the search runs over all else at the speed of C: it is asked of every text.
_BEGINNINGS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Day|Wee|Mon"
_SECONDS = "an|eb|a[ry]|pr|u[nlg]|ep|ct|ov|ec|ee|on"
_HINT = re.compile(
    r"[2/.JFMASONDW-](?:(?<=2)0\d\d|(?<=[/.-])\d\d?[/.-]\d\d"
    rf"|(?:{_SECONDS}|{_SECONDS.upper()})(?<={_BEGINNINGS}|{_BEGINNINGS.upper()}))"
)
_ORDINAL = re.compile(r"[0-9][SNRTsnrt][TDHtdh]\b")  # apart: in one pattern, digits would slow the search down


def may_be_stale(text: str) -> bool:
    """Return whether a text holds a hashtag, a year, a day as in 18th, or the beginning of a date or a day's name."""
    return "#" in text or may_be_dated(text)


def may_be_dated(text: str) -> bool:
    """Return whether a text holds a year of this century, a day as in 18th, or the beginning of a date or a day's name.

    Months count with a capital letter only, as dates in texts do.
    """
    return _HINT.search(text) is not None or _ORDINAL.search(text) is not None


def has_ordinal(text: str) -> bool:
    """Return whether a text holds a number as in 18th."""
    return _ORDINAL.search(text) is not None
