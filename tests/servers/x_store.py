"""What X has stored: accounts, posts and media, and how it shows a post."""

from __future__ import annotations

import html
import re
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers.seen import SeenPost, make_name

# X's ids count milliseconds from 4 November 2010, shifted by 22 bits.
_ID_EPOCH_MS = 1_288_834_974_657
_LINK = re.compile(r"https?://[^\s]+[^\s.,;:!?)\]'\"]")


@dataclass(frozen=True)
class XAccount:
    """An account with the four keys of OAuth 1.0a; `id` is the numeric user id, as a string."""

    id: str
    username: str
    api_key: str
    api_secret: str
    access_token: str
    access_secret: str


@dataclass
class XMedia:
    """An upload: one-shot, or in segments until it is finalised."""

    id: str
    owner: str
    category: str
    media_type: str
    total_bytes: int
    segments: dict[int, bytes] = field(default_factory=dict)
    ready: bool = False
    looks_until_ready: int = 0
    alt_text: str = ""
    captions: dict[str, bytes] = field(default_factory=dict)  # by language

    @property
    def content(self) -> bytes:
        """The bytes uploaded so far, in the order of their segments."""
        return b"".join(self.segments[index] for index in sorted(self.segments))


@dataclass(frozen=True)
class XPost:
    """A post as it was sent, and the addresses that X has shortened in it."""

    id: str
    author: str
    text: str
    media: tuple[XMedia, ...]
    parent: str | None
    conversation: str
    created: float
    links: tuple[tuple[str, str], ...]
    reply_settings: str = "everyone"

    def show_text(self) -> str:
        """Return the text as the API gives it: links shortened, one to the media at the end, `&<>` escaped."""
        text = html.escape(self.text, quote=False)
        for short, long in self.links:
            text = text.replace(html.escape(long, quote=False), short)
        return f"{text} https://t.co/{self.id[-10:]}" if self.media else text

    def show(self, fields: Sequence[str]) -> dict[str, Any]:
        """Return the post as JSON, with those of the optional fields that were asked for."""
        optional: dict[str, Any] = {
            "created_at": format_time(self.created),
            "author_id": self.author,
            "conversation_id": self.conversation,
            "reply_settings": self.reply_settings,
        }
        if self.parent:
            optional["referenced_tweets"] = [{"type": "replied_to", "id": self.parent}]
        if self.links or self.media:
            optional["entities"] = {"urls": self._show_links()}
        if self.media:
            optional["attachments"] = {"media_keys": [f"3_{media.id}" for media in self.media]}
        shown = {name: value for name, value in optional.items() if name in fields}
        return {"id": self.id, "text": self.show_text(), "edit_history_tweet_ids": [self.id], **shown}

    def _show_links(self) -> list[dict[str, Any]]:
        text = self.show_text()
        links = list(self.links)
        if self.media:
            links.append((f"https://t.co/{self.id[-10:]}", f"https://x.com/i/status/{self.id}/photo/1"))
        shown = []
        for short, long in links:
            place = {"start": text.index(short), "end": text.index(short) + len(short)}
            shown.append({**place, "url": short, "expanded_url": long, "display_url": long.partition("://")[2][:30]})
        return shown


class XStore:
    """The state of the server; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._accounts: dict[str, XAccount] = {}
        self._posts: dict[str, XPost] = {}
        self._media: dict[str, XMedia] = {}
        self._last_id = 0

    def new_account(self, name: str) -> XAccount:
        """Create an account with an app of its own."""
        user = self.next_id()
        account = XAccount(
            id=user,
            username=make_name(name),
            api_key=secrets.token_hex(12),
            api_secret=secrets.token_hex(25),
            access_token=f"{user}-{secrets.token_hex(15)}",
            access_secret=secrets.token_hex(22),
        )
        with self._lock:
            self._accounts[account.id] = account
        return account

    def accounts(self) -> list[XAccount]:
        """Return all accounts."""
        with self._lock:
            return list(self._accounts.values())

    def next_id(self) -> str:
        """Return an id larger than all before it, holding the present time as X's ids do."""
        with self._lock:
            now = (int(time.time() * 1000) - _ID_EPOCH_MS) << 22
            self._last_id = max(now, self._last_id + 1)
            return str(self._last_id)

    def add_post(
        self, author: str, text: str, media: Sequence[XMedia], parent: str | None, reply_settings: str = "everyone"
    ) -> XPost | None:
        """Store a post and return it, or None if the author has one with this text and these media already."""
        with self._lock:
            kept = tuple(media)
            if any((post.text, post.media) == (text, kept) for post in self.posts_of(author)):
                return None
            number = self.next_id()
            conversation = self._posts[parent].conversation if parent else number
            links = tuple((f"https://t.co/{secrets.token_hex(5)}", link) for link in _find_links(text))
            post = XPost(number, author, text, kept, parent, conversation, time.time(), links, reply_settings)
            self._posts[number] = post
            return post

    def posts_of(self, author: str) -> list[XPost]:
        """Return the author's posts, oldest first."""
        with self._lock:
            return [post for post in self._posts.values() if post.author == author]

    def find_post(self, number: str) -> XPost | None:
        """Return a post that has not been deleted."""
        with self._lock:
            return self._posts.get(number)

    def delete_post(self, number: str) -> None:
        """Forget a post."""
        with self._lock:
            self._posts.pop(number, None)

    def add_media(self, owner: str, category: str, media_type: str, total_bytes: int) -> XMedia:
        """Begin an upload."""
        with self._lock:
            media = XMedia(self.next_id(), owner, category, media_type, total_bytes)
            self._media[media.id] = media
            return media

    def find_media(self, number: str, owner: str) -> XMedia | None:
        """Return the owner's upload with this id."""
        with self._lock:
            media = self._media.get(number)
            return media if media and media.owner == owner else None


def _find_links(text: str) -> list[str]:
    # The longest first: one address may be the beginning of another.
    return sorted(set(_LINK.findall(text)), key=len, reverse=True)


def format_time(instant: float) -> str:
    """Return Unix seconds as X writes them, such as 2026-11-24T07:28:02.000Z."""
    moment = datetime.fromtimestamp(instant, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def read_post(post: XPost) -> SeenPost:
    """Return the post as tests see it: `text` as it was sent, `raw` with every field as the API shows it."""
    fields = ["created_at", "author_id", "conversation_id", "reply_settings"]
    fields += ["referenced_tweets", "entities", "attachments"]
    alts = tuple(media.alt_text for media in post.media)
    return SeenPost(post.id, post.text, alts, post.parent, format_time(post.created), post.show(fields))
