"""What a record on Bluesky says: its key, what a reader can click, its card, and who may answer.

Sources, checked on 25 November 2026: the lexicons of `bluesky-social/atproto`, and its data server 0.4.217 run locally.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from scheduler.domain.answers import read_object, read_objects
from scheduler.domain.campaign import Replies
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import PreparedPart
from scheduler.domain.measure import Unit, find_hashtags, find_mentions, find_urls, measure, utf8_offset

POSTS = "app.bsky.feed.post"
GATES = "app.bsky.feed.threadgate"
_LINK, _TAG, _MENTION = (f"app.bsky.richtext.facet#{feature}" for feature in ("link", "tag", "mention"))
_KEY_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_LONGEST_TAG, _LONGEST_TAG_BYTES = 64, 640  # graphemes, bytes: lexicon app.bsky.richtext.facet
_LONGEST_HANDLE = 253
_HANDLE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# Whose answers are let through; without a gate, everyone's are (lexicon app.bsky.feed.threadgate).
_ALLOWED: Mapping[Replies, tuple[str, ...]] = {
    Replies.FOLLOWERS: ("followerRule",),
    Replies.MENTIONED: ("mentionRule",),
    Replies.NOBODY: (),
}


def make_record_key(key: str, index: int, created_at: datetime) -> str:
    """Return the record key of a part: a TID, 13 digits to base 32 that sort by part and never change.

    `key` is the delivery's, `created_at` (aware) was fixed with its claim. The number is the claim's second plus the
    part's number, in microseconds, with a hash in place of the fraction and of the ten bits of the clock's name.
    """
    from hashlib import sha256

    digest = int.from_bytes(sha256(f"{key}\n{index}".encode()).digest()[:8], "big")
    microseconds = (int(created_at.timestamp()) + index) * 1_000_000 + (digest >> 10) % 1_000_000
    number = microseconds << 10 | digest & 0x3FF
    return "".join(_KEY_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def find_facets(text: str) -> list[dict[str, Any]]:
    """Return what a reader can click, in order: links, hashtags and mentions, each with its place in UTF-8 bytes.

    A mention names its `handle` here; publishing puts the account's id (`did`) in its place, which takes a call.
    """
    # An invisible U+FEFF, as comes with pasted text, ends an address: the server takes it for a space and refuses.
    links = [
        (start, start + len(url), url) for start, _, long in find_urls(text) if (url := long.partition("\ufeff")[0])
    ]
    found = [(start, end, {"$type": _LINK, "uri": url}) for start, end, url in links]
    for start, end, tag in find_hashtags(text):
        fits = len(tag) <= _LONGEST_TAG or _fits_tag(tag[1:])  # a code point is at most a grapheme, and four bytes
        # `#taghttps://…` without a space is read as a tag that runs into the link.
        if fits and not any(start < link_end and link_start < end for link_start, link_end, _ in links):
            found.append((start, end, {"$type": _TAG, "tag": tag[1:]}))
    for start, end, handle in find_mentions(text):
        if len(handle) <= _LONGEST_HANDLE and _HANDLE.fullmatch(handle, 1):
            found.append((start, end, {"$type": _MENTION, "handle": handle[1:].lower()}))
    if not text.isascii():
        found = [(utf8_offset(text, start), utf8_offset(text, end), feature) for start, end, feature in found]
    found.sort(key=itemgetter(0))
    return [{"index": {"byteStart": start, "byteEnd": end}, "features": [feature]} for start, end, feature in found]


def _fits_tag(word: str) -> bool:
    return measure(word, Unit.GRAPHEMES) <= _LONGEST_TAG and len(word.encode()) <= _LONGEST_TAG_BYTES


def prepare_part(part: ContentPart, content: Content) -> PreparedPart:
    """Return what is known of a part's record beforehand; `allow` says who may answer, if not everyone."""
    body: dict[str, Any] = {
        "text": part.text,
        "langs": [content.language],
        "facets": find_facets(part.text),
        "card": _make_card(part),
        "alts": [media.alt for media in part.media],
    }
    allowed = _ALLOWED.get(content.replies) if content.replies else None
    if allowed is not None and part is content.parts[0]:  # a gate is of a whole thread
        body["allow"] = [{"$type": f"{GATES}#{rule}"} for rule in allowed]
    if part.is_comment:
        body["is_comment"] = True
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _make_card(part: ContentPart) -> dict[str, Any] | None:
    """Return the card of the part's link; a post carries one embed, so pictures leave no room for it."""
    if part.link is None or part.media:
        return None
    title = part.link.title or _name_address(part.link.url)
    external = {"uri": part.link.url, "title": title, "description": part.link.description}
    return {"$type": "app.bsky.embed.external", "external": external}


def _name_address(url: str) -> str:
    address = urlsplit(url)
    return (address.netloc + address.path).rstrip("/")


def name_data_server(session: Mapping[str, Any], server: str) -> str:
    """Return the name (`did:web:…`) of the server that an account's records are on.

    `session` is the answer to getSession; what `server` names may stand in front of many, and is taken where none is
    told.
    """
    told = [
        str(service.get("serviceEndpoint"))
        for service in read_objects(read_object(session, "didDoc"), "service")
        if str(service.get("id")).endswith("#atproto_pds")
    ]
    host = urlsplit(told[0] if told else server).netloc
    return "did:web:" + host.replace(":", "%3A")


def list_writes(did: str, rkey: str, record: Mapping[str, Any], allow: Sequence[Mapping[str, str]]) -> list[Any]:
    """Return what makes a post and its gate in one call; both have the same key."""
    post = f"at://{did}/{POSTS}/{rkey}"
    gate = {"$type": GATES, "post": post, "allow": list(allow), "createdAt": record["createdAt"]}
    return [
        {"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": rkey, "value": value}
        for collection, value in ((POSTS, record), (GATES, gate))
    ]
