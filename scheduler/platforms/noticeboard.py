"""A local folder in place of a platform: one JSON file a part, and a page to read. Rehearsals post to it.

The folder's door (`noticeboard_folder.py`) speaks the same protocol as a server's: PUT makes a file exactly once.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
from scheduler.domain.campaign import Replies
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    ImageLimits,
    Limits,
    Repeat,
    Setting,
    Source,
    TextLimit,
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_OURS = Source("our own: nothing limits a folder, these figures keep a page readable", date(2026, 11, 24))

_ENDINGS = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}

# What the folder's door can make go wrong (`noticeboard_folder.FAULTS`), and with which post, counted from 1.
_FAULT = "(lost-reply|unavailable|rate-limit|reject|unauthorised|crash)@[1-9][0-9]{0,5}"


def name_file(key: str, index: int) -> str:
    """Return the name of a part's file: its delivery's key and its number, which no other part has."""
    return f"{key.replace('/', '.')}.{index}.json"


def _prepare_part(part: ContentPart, content: Content) -> PreparedPart:
    body = {
        "text": part.text,
        "language": content.language,
        "link": part.link.url if part.link else None,
        "link_title": part.link.title if part.link else "",
        "is_comment": part.is_comment,
        "content_warning": "" if part.is_comment else content.content_warning,
        "replies": None if part.is_comment or content.replies is None else content.replies.value,
        "media": [{"path": media.path, "alt": media.alt} for media in part.media],
    }
    return PreparedPart(part.text, body, part.media, tuple(url for _, _, url in find_urls(part.text)))


def _put_media(media: Media, number: int, context: Context) -> dict[str, Any]:
    """Put a picture or a film, and its captions, into the folder; return what the post's file says of it."""
    file = context.open_media(media)
    name = f"/media/{media.digest[:16]}-{number}.{_ENDINGS[file.content_type]}"
    stored = context.wire.request("PUT", name, body=file.content, upload=True)
    told = {"path": stored.field("path"), "alt": media.alt, "width": file.width, "height": file.height}
    if not media.is_video:
        return told
    told |= {"type": file.content_type, "seconds": media.seconds, "title": media.title, "captions": ""}
    if media.captions:
        name = f"/media/{media.captions_digest[:16]}.vtt"
        told["captions"] = context.wire.request("PUT", name, body=context.open_captions(media).encode()).field("path")
    return told


class Noticeboard:
    """Implements the port Platform; `find` tells for certain, since a file's name is the delivery's key."""

    name = "noticeboard"
    title = "Noticeboard"
    server = ""
    capabilities = Capabilities(
        text=(TextLimit(5000, Unit.GRAPHEMES, _OURS),),
        repeat=Repeat(Idempotency.OWN_KEY, _OURS),
        source=_OURS,
        images=ImageLimits(
            20, 20_000_000, ("image/jpeg", "image/png", "image/gif", "image/webp"), 5000, _OURS, Unit.GRAPHEMES
        ),
        videos=VideoLimits(
            max_bytes=2**30,
            shortest=0.0,
            longest=86_400.0,
            types=("video/mp4", "video/quicktime", "video/webm"),
            source=_OURS,
            captions="vtt",
            alt_length=5000,
            alt_unit=Unit.GRAPHEMES,
        ),
        threads=True,
        comments=(TextLimit(5000, Unit.GRAPHEMES, _OURS),),
        content_warnings=True,
        replies=tuple(Replies),
        link_card="client",
        retract="the file",
    )
    settings = (
        Setting("folder", "the folder that posts are put in", "noticeboard"),
        Setting(
            "faults",
            "for rehearsals: what goes wrong with which post, such as 'lost-reply@2, rate-limit@3'; others are "
            "unavailable, reject, unauthorised and crash",
            "lost-reply@2",
            required=False,
            pattern=rf"[,\s]*({_FAULT}([,\s]+|$))*",
            shape="faults, each with @ and the number of a post",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part as the file will say it."""
        return Prepared(tuple(_prepare_part(part, content) for part in content.parts))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Put one file into the folder; if it is there already, that is the post. A comment has one of its own."""
        media = [_put_media(media, number, context) for number, media in enumerate(part.media)]
        name = name_file(context.key, index)
        answered = context.earlier[0 if part.body.get("is_comment") else -1].remote_id if context.earlier else None
        document = {
            **part.body,
            "key": context.key,
            "part": index,
            "account": context.account.name,
            "media": media,
            "posted_at": context.clock.now().isoformat(timespec="seconds"),
            "reply_to": answered,
        }
        reply = context.wire.request("PUT", f"/{name}", json=document, commit=True)
        return Receipt(name, reply.field("url"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Look for the part's file: not there by that name means not posted."""
        name = name_file(context.key, index)
        reply = context.wire.request("GET", f"/{name}")
        return Receipt(name, reply.field("url")) if reply.status == 200 else Found.ABSENT

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Take the part's file out of the folder."""
        context.wire.request("DELETE", f"/{receipt.remote_id}")

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the part's file is still in the folder."""
        return context.wire.request("GET", f"/{receipt.remote_id}").status == 200


PLATFORM: Platform = Noticeboard()
