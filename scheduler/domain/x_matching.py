"""Which of an account's listed posts is the one that was sent to X: by its words, its time and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from scheduler.domain.answers import read_object, read_objects

_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def restore_text(post: Mapping[str, Any]) -> str:
    """Return the text of a listed post as it was written: links in full, without the one that X adds for its media.

    `post` is an item of the listing with its `entities`. Of a long post `text` is cut short, and `note_tweet` has all
    of it, with entities of its own. The text is in NFC, as X composes it.
    """
    import html

    whole = read_object(post, "note_tweet")
    said = whole if whole.get("text") else post
    text = html.unescape(str(said.get("text") or ""))
    links = [link for each in (said, post) for link in read_objects(read_object(each, "entities"), "urls")]
    for link in links:
        short, full = str(link.get("url") or ""), str(link.get("expanded_url") or "")
        if "media_key" in link or f"/status/{post.get('id')}/" in full:
            text = text.rstrip().removesuffix(short)
        elif short and full:
            text = text.replace(short, full)
    return normalize("NFC", text.strip())


def is_match(post: Mapping[str, Any], text: str, parent: str | None, window: tuple[datetime, datetime]) -> bool:
    """Return whether a listed post has these words, answers `parent` (None: nobody), and is from the window (aware)."""
    try:
        created = datetime.fromisoformat(str(post.get("created_at"))).astimezone(UTC)
    except ValueError:
        return False
    others = read_objects(post, "referenced_tweets")
    answered = [str(other.get("id")) for other in others if other.get("type") == "replied_to"]
    if answered != ([parent] if parent else []) or not window[0] <= created <= window[1]:
        return False
    return _simplify(restore_text(post)) == _simplify(text)


def _simplify(text: str) -> list[str]:
    """Return the words of a text without what X may change: spaces, and the scheme of a bare domain's full address."""
    return [word.rstrip("/") for word in _SCHEME.sub("", normalize("NFC", text)).split()]
