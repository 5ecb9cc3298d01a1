"""The words of a status as servers show it, in a form in which they can be compared with ours."""

from __future__ import annotations

import re
import unicodedata

from scheduler.domain.measure import find_mentions


def normalise_text(text: str) -> str:
    """Return a text in the form in which ours is compared with a server's: one kind of space, `@user` for every handle.

    Servers show `@user@example.org` as `@user`, and Unicode in a form of their own.
    """
    short = text
    for start, end, handle in reversed(find_mentions(text)):
        short = f"{short[:start]}@{handle[1:].partition('@')[0]}{short[end:]}"
    return " ".join(unicodedata.normalize("NFC", short).split())


def turn_html_to_text(content: str) -> str:
    """Return the words of a status as servers render it; paragraphs and line breaks become single spaces or breaks."""
    import html

    lines = re.sub(r"<(?:br|/p|/li|/div|/pre|/blockquote|/h\d)\b[^>]*>", "\n", content, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"</?[a-zA-Z][^>]*>", "", lines)).strip()
