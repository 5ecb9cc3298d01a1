"""What a person posts: an intranet, WhatsApp, Nextdoor and the like. Words, pictures and alt texts are laid ready.

Such places have no interface that a public body may use, or none that can be trusted (Nextdoor's is for approved
partners, and no public specification of it was found; checked 25 November 2026). `campaign tasks` shows what lies
ready, `campaign done` takes the address when it is posted.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
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
from scheduler.domain.content import Content
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_OURS = Source("our own: a person posts it, and sees what does not fit", date(2026, 11, 25))
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_ENDINGS = {"video/quicktime": "mov"}  # of the others it is the second word of the type


class Handoff:
    """Implements the ports Platform and Finds. A card in its folder is the whole post; it is never public by itself.

    A receipt's address is the card's place on the folder's page, which a person can read.
    """

    name = "handoff"
    title = "Hand-off to a person"
    server = ""
    capabilities = Capabilities(
        text=(TextLimit(10_000, Unit.GRAPHEMES, _OURS),),
        repeat=Repeat(Idempotency.OWN_KEY, _OURS),
        source=_OURS,
        images=ImageLimits(20, 20_000_000, _IMAGES, 5000, _OURS, Unit.GRAPHEMES),
        videos=VideoLimits(2**30, 0.0, 36_000.0, ("video/mp4", "video/quicktime"), _OURS, "srt", 5000),
        content_warnings=True,
        by_hand=True,
        retract="nothing: a person deletes it there",
    )
    settings = (
        Setting("folder", "the folder that cards with pictures are put in, for the person who posts", "tasks"),
        Setting("place", "where the person is to post it, in words", "our intranet's news page"),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return the card: everything that the person needs."""
        [part] = content.parts
        body = {
            "place": account.settings.get("place", ""),
            "text": part.text,
            "language": content.language,
            "content_warning": content.content_warning,
            "link": part.link.url if part.link else None,
            "media": [{"path": media.path, "alt": media.alt} for media in part.media],
        }
        links = tuple(url for _, _, url in find_urls(part.text))
        return Prepared((PreparedPart(part.text, body, part.media, links),))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Put the card and its pictures into the folder; the post itself is for a person."""
        media = []
        for number, each in enumerate(part.media):
            file = context.open_media(each)
            ending = _ENDINGS.get(file.content_type) or file.content_type.rpartition("/")[2]
            path = f"/media/{each.digest[:16]}-{number}.{ending}"
            stored = context.wire.request("PUT", path, body=file.content, upload=True)
            told: dict[str, Any] = {"path": stored.field("path"), "alt": each.alt}
            told |= {"width": file.width, "height": file.height}
            if each.is_video:
                told |= {"type": file.content_type, "seconds": each.seconds, "title": each.title}
            if each.captions:
                words = context.open_captions(each).encode()
                kept = context.wire.request("PUT", f"/media/{each.digest[:16]}-{number}.srt", body=words, upload=True)
                told["captions"] = kept.field("path")
            media.append(told)
        name = _name_card(context.key)
        card = {**part.body, "key": context.key, "part": index, "account": context.account.name, "media": media}
        card["posted_at"] = context.clock.now().isoformat(timespec="seconds")
        card["not_after"] = context.not_after.isoformat(timespec="seconds") if context.not_after else None
        reply = context.wire.request("PUT", f"/{name}", json=card, commit=True)
        return Receipt(name, reply.field("page"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Look for the card: not there by its name means that none was laid ready."""
        name = _name_card(context.key)
        reply = context.wire.request("GET", f"/{name}")
        return Receipt(name, reply.field("page")) if reply.status == 200 else Found.ABSENT


def _name_card(key: str) -> str:
    return f"{key.replace('/', '.')}.json"


PLATFORM: Platform = Handoff()
