"""Threads, in two steps: a container is made, then published, at most once; its status tells what a lost reply meant.

Threads fetches pictures and films from a public address: it takes no bytes.

Sources, checked on 25 November 2026: developers.facebook.com/docs/threads (posts, reply management, long-lived tokens).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.account import Account
from scheduler.domain.campaign import Replies
from scheduler.domain.capabilities import (
    Capabilities,
    Count,
    Idempotency,
    ImageLimits,
    Limits,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
    Tokens,
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.domain.meta_calls import POSTS_A_DAY, REPLIES_A_DAY, GraphCalls, read_quota
from scheduler.domain.meta_container import Containers, read_number
from scheduler.domain.meta_graph import Listed, find_post, read_beginning

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_CHECKED = date(2026, 11, 25)
_POSTS = Source("developers.facebook.com/docs/threads/posts and /overview", _CHECKED)
_VERSION = "v1.0"
_SCOPES = "threads_basic, threads_content_publish, threads_manage_replies, threads_read_replies and threads_delete"
_TEXT = TextLimit(500, Unit.EMOJI_BYTES, _POSTS)
_LISTED = Listed("text", "timestamp", "permalink")
_ALT_LENGTH = 1000  # our own bound: Threads publishes none
_CONTROLS = {Replies.EVERYONE: "everyone", Replies.FOLLOWERS: "followers_only", Replies.MENTIONED: "mentioned_only"}


class Threads:
    """Implements the ports Platform, Finds, TellsLimits, WhoAmI, Retracts, Verifies and Refreshes."""

    name = "threads"
    title = "Threads"
    server = "https://graph.threads.net"
    capabilities = Capabilities(
        text=(_TEXT,),
        repeat=Repeat(
            Idempotency.LISTING, Source("a container is published at most once, and tells whether it was", _CHECKED)
        ),
        source=_POSTS,
        images=ImageLimits(
            20,
            8_000_000,
            ("image/jpeg", "image/png"),
            _ALT_LENGTH,
            _POSTS,
            max_side=1440,
            min_ratio=0.1,
            max_ratio=10.0,
            fetched=True,
            uncertain=("alt_length", "min_ratio"),  # "10:1" is all that is said of shapes
        ),
        videos=VideoLimits(
            1_000_000_000,
            0.0,
            300.0,
            ("video/mp4", "video/quicktime"),
            _POSTS,
            alt_length=_ALT_LENGTH,
            fetched=True,
            codecs=("h264", "hevc"),
            min_rate=23.0,
            max_rate=60.0,
            uncertain=("alt_length",),
        ),
        threads=True,
        comments=(_TEXT,),
        replies=tuple(_CONTROLS),
        links=Count(5, _POSTS),
        link_card="server",
        retract="the post; answers to it stay",
        rate=Rate(250, timedelta(days=1), _POSTS, setting=POSTS_A_DAY, counts_replies=False),
        reply_rate=Rate(1000, timedelta(days=1), _POSTS, setting=REPLIES_A_DAY),
        tokens=Tokens(timedelta(days=60), True, _POSTS),
    )
    settings = (Setting("token", f"a long-lived token with the scopes {_SCOPES}", "env:THREADS_TOKEN", secret=True),)

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return what each part's container says, but for the ids and addresses that are known only then."""
        first, *others = content.parts
        controlled = {"reply_control": _CONTROLS[content.replies]} if content.replies in _CONTROLS else {}
        return Prepared((_prepare_part(first, controlled), *[_prepare_part(part, {}) for part in others]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Make the container, or go on with the one on record, wait until it is ready, and publish it."""
        return _list_containers(part, GraphCalls(context, self.title, _VERSION)).publish()

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Ask the container what became of it; if it was published, look for the post and its address."""
        return _list_containers(part, GraphCalls(context, self.title, _VERSION)).find()

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post; one that is gone counts as taken back."""
        GraphCalls(context, self.title, _VERSION).delete(read_number(receipt, self.title))

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the post is there."""
        return GraphCalls(context, self.title, _VERSION).exists(read_number(receipt, self.title))

    def read_limits(self, context: Context) -> Limits:
        """Return how many posts and how many replies a day the account may make, as Threads tells it."""
        query = {"fields": "quota_usage,config,reply_quota_usage,reply_config"}
        return read_quota(GraphCalls(context, self.title, _VERSION).get("/me/threads_publishing_limit", query))

    def who_am_i(self, context: Context) -> str:
        """Return the account's name with its @."""
        return "@" + GraphCalls(context, self.title, _VERSION).get("/me", {"fields": "id,username"}).field("username")

    def refresh(self, context: Context) -> datetime | None:
        """Get a token for another sixty days, once a week."""
        return GraphCalls(context, self.title, _VERSION).renew_token("th_refresh_token")


def _prepare_part(part: ContentPart, about: dict[str, str]) -> PreparedPart:
    alts = [media.alt for media in part.media]
    body = {"text": part.text, "alts": alts, "is_comment": part.is_comment, **about}
    if part.link is not None and not part.media:
        body["link_attachment"] = part.link.url
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _list_containers(part: PreparedPart, calls: GraphCalls) -> Containers:
    """Return how the container of a part is made and published."""
    return Containers(
        calls,
        state_field="status",
        fault_field="error_message",
        publish_path="/me/threads_publish",
        make=lambda: _make_container(part, calls),
        find_published=lambda: _find_published(part, calls),
    )


def _make_container(part: PreparedPart, calls: GraphCalls) -> str:
    """Make the container of a part, and before it those of its pictures if there are several. Return its id."""
    form = {name: part.body[name] for name in ("text", "link_attachment", "reply_control") if name in part.body}
    if parent := _find_parent(part, calls.context):
        form["reply_to_id"] = parent
    media = list(zip(part.media, part.body["alts"], strict=True))
    if len(media) > 1:
        children = [_make({**_describe(each, alt, calls), "is_carousel_item": "true"}, calls) for each, alt in media]
        form |= {"media_type": "CAROUSEL", "children": ",".join(children)}
    else:
        form |= _describe(*media[0], calls) if media else {"media_type": "TEXT"}
    return _make(form, calls)


def _make(form: dict[str, str], calls: GraphCalls) -> str:
    return calls.post("/me/threads", form).field("id")


def _describe(media: Media, alt: str, calls: GraphCalls) -> dict[str, str]:
    """Return what says of a container where its picture or film is, and what it shows."""
    kind, place = ("VIDEO", "video_url") if media.is_video else ("IMAGE", "image_url")
    about = {"alt_text": alt} if alt else {}
    return {"media_type": kind, place: calls.context.find_address(media), **about}


def _find_parent(part: PreparedPart, context: Context) -> str:
    """Return the id of the post that a part answers: the first comment the first one, others the one before."""
    if not context.earlier:
        return ""
    return read_number(context.earlier[0 if part.body["is_comment"] else -1], Threads.title)


def _find_published(part: PreparedPart, calls: GraphCalls) -> Receipt | None:
    """Look for the post among the account's own, or for the answer among its answers."""
    path = "/me/replies" if calls.context.earlier else "/me/threads"
    since = str(int(read_beginning(calls.context).timestamp()))
    posts = calls.list_objects(path, {"fields": _LISTED.fields, "since": since})
    found = find_post(posts, part.text, _LISTED, calls.context)
    return None if found is None else Receipt(*found)


PLATFORM: Platform = Threads()
