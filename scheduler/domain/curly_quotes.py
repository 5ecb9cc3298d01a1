"""The curly quotes of a word processor around a whole value: they are part of it, where straight ones are not."""

from __future__ import annotations

OPENING = "“„‟‘‚"
_PAIRS = {"“": '”“"', "„": '“”"', "‟": '”"', "‘": "’'", "‚": "‘’'"}


def find_inside(text: str) -> str:
    """Return what stands between curly quotes that enclose all of a text; empty if none do, or it is not one quotation.

    Two quotations, as in “Think” and “Spot”, are none. An apostrophe within is no end of it.
    """
    ends = _PAIRS.get(text[:1], "")
    inside = text[1:-1]
    if len(text) < 3 or text[-1] not in ends or text[0] in inside:
        return ""
    is_double = '"' in ends
    return "" if is_double and any(end in inside for end in ends) else inside.strip()
