"""What a receipt says of a post, also of one that a person saw live and recorded by its address alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from scheduler.domain.delivery import Receipt
from scheduler.errors import Rejected


def find_post_id(receipt: Receipt, after: str = "") -> str:
    """Return the last word of a post's id or, where a person gave its address instead, of that address.

    It is the post's number on Mastodon and X, and the key of its record on Bluesky. In addresses that go on behind it,
    it is the word that stands `after` that one. Raise Rejected if there is none.
    """
    try:
        path = urlsplit(receipt.url).path
    except ValueError:  # brackets that are no host
        path = ""
    words = (receipt.remote_id or path).strip("/").split("/")
    word = words[words.index(after) + 1] if after and after in words[:-1] else words[-1]
    if not word:
        raise Rejected(f"Which post is meant cannot be told from its address ({receipt.url or 'none'}). Look there.")
    return word
