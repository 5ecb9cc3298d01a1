"""Instagram, in two steps: a container is made, then published, at most once; its status tells what a lost reply meant.

Pictures are fetched by Instagram from a public address. Films are sent as bytes, since Instagram takes them: a film of
hundreds of megabytes then stands on no web server, and no robots.txt or time-out of a fetch can come between.

Sources, checked on 25 November 2026: Meta's pages on content publishing, IG User, IG Media and error codes of the
Instagram Platform. What only others report is marked where it stands.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer
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
from scheduler.domain.measure import Unit, find_mentions, find_urls
from scheduler.domain.meta_calls import POSTS_A_DAY, GraphCalls, read_quota
from scheduler.domain.meta_container import Containers, read_number
from scheduler.domain.meta_graph import Listed, find_post, read_beginning
from scheduler.errors import Rejected

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_CHECKED = date(2026, 11, 25)
_MEDIA = Source("Meta's reference of IG User, Media, and its guide to content publishing", _CHECKED)
_TAGS = Source("ayrshare's and the product's cap since December 2025; Meta's page still says 30", _CHECKED)
_COMMENT = Source("ayrshare's documents; Meta publishes no figure", _CHECKED)
_TOKENS = Source("Meta's Instagram API with Instagram Login: sixty days, renewed when a day old", _CHECKED)
_VERSION = "v25.0"
_MOST_HANDLES = 20
_POSTS = Listed("caption", "timestamp", "permalink")
_COMMENTS = Listed("text", "timestamp", "")
_INSTAGRAM_HOST = "https://graph.instagram.com"
_UPLOAD_HOSTS = (".facebook.com", ".instagram.com")


class Instagram:
    """Implements the ports Platform, Finds, TellsLimits, WhoAmI, Retracts, Verifies, Refreshes and TellsEnd."""

    name = "instagram"
    title = "Instagram"
    server = "https://graph.facebook.com"
    hosts = _UPLOAD_HOSTS
    capabilities = Capabilities(
        text=(TextLimit(2200, Unit.CHARACTERS, _MEDIA),),
        repeat=Repeat(
            Idempotency.LISTING, Source("a container is published at most once, and tells whether it was", _CHECKED)
        ),
        source=_MEDIA,
        images=ImageLimits(
            10,
            8_000_000,
            ("image/jpeg",),
            1000,  # what ayrshare's documents say; Meta publishes no figure
            _MEDIA,
            max_side=1440,  # Instagram scales what is wider, and enlarges what is narrower than 320
            min_ratio=0.8,
            max_ratio=1.91,
            fetched=True,
            uncertain=("alt_length",),
        ),
        videos=VideoLimits(
            300_000_000,
            3.0,
            900.0,
            ("video/mp4", "video/quicktime"),
            _MEDIA,
            codecs=("h264", "hevc"),
            min_rate=23.0,
            max_rate=60.0,
            min_ratio=0.01,
            max_ratio=10.0,
        ),
        media_required=True,
        comments=(TextLimit(2200, Unit.CHARACTERS, _COMMENT, certain=False),),
        hashtags=Count(5, _TAGS, certain=False, refused_above=30),
        retract="the post, if the account logs in with Facebook; comments of the program always",
        rate=Rate(100, timedelta(days=1), _MEDIA, setting=POSTS_A_DAY, counts_replies=False),
        tokens=Tokens(timedelta(days=60), True, _TOKENS),
    )
    settings = (
        Setting(
            "user",
            "the number of the Instagram account, as the Graph API tells it",
            '"17841400000000000"',
            pattern=r"\d{5,20}",
            shape="a number of 5 to 20 figures",
        ),
        Setting(
            "token",
            "a token that may publish: of the Facebook page (instagram_content_publish, instagram_manage_comments, "
            "instagram_manage_contents), or of Instagram Login (instagram_business_content_publish)",
            "env:INSTAGRAM_TOKEN",
            secret=True,
        ),
        Setting(
            "login",
            "how the token was made: `facebook` or `instagram`; with `instagram` no program can delete a post",
            "facebook",
            required=False,
            default="facebook",
            pattern="facebook|instagram",
            shape="facebook or instagram",
        ),
        Setting(
            "version",
            "the version of the Graph API",
            _VERSION,
            required=False,
            default=_VERSION,
            pattern=r"v\d{2}\.\d",
            shape="a v with a number such as 25.0",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return what each part says. Raise Rejected if it names more accounts than Instagram takes."""
        return Prepared(tuple([_prepare_part(part, account) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Make the container, or go on with the one on record, wait until it is ready, and publish it.

        The first comment is one call.
        """
        calls = _open(context)
        if not part.body["is_comment"]:
            return _list_containers(part, calls).publish()
        path = f"/{read_number(context.earlier[0], self.title)}/comments"
        return _make_comment(calls.post(path, {"message": part.text}, commit=True).field("id"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Ask the container what became of it; if it was published, look for the post and its address.

        A comment is looked for below the post; not seen proves nothing.
        """
        calls = _open(context)
        if not part.body["is_comment"]:
            return _list_containers(part, calls).find()
        path = f"/{read_number(context.earlier[0], self.title)}/comments"
        comments = calls.list_objects(path, {"fields": _COMMENTS.fields})
        found = find_post(comments, part.text, _COMMENTS, context)
        return Found.UNSURE if found is None else _make_comment(found[0])

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post. Raise Rejected where Instagram lets no program do so."""
        if _logs_in_with_instagram(context.account) and "comment" not in receipt.data:
            raise Rejected(
                f"Instagram lets no program delete a post of {context.account.name}, which logs in with Instagram. "
                "Delete it in the app, then say so with --by-hand; an account with `login: facebook` could do it."
            )
        _open(context).delete(read_number(receipt, self.title))

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the post is there."""
        return _open(context).exists(read_number(receipt, self.title))

    def read_limits(self, context: Context) -> Limits:
        """Return how many posts a day the account may make, as Instagram tells it."""
        path = f"/{context.account.settings['user']}/content_publishing_limit"
        return read_quota(_open(context).get(path, {"fields": "quota_usage,config"}))

    def who_am_i(self, context: Context) -> str:
        """Return the account's name with its @."""
        if _logs_in_with_instagram(context.account):
            return "@" + _open(context).get("/me", {"fields": "user_id,username"}).field("username")
        path = f"/{context.account.settings['user']}"
        return "@" + _open(context).get(path, {"fields": "id,username"}).field("username")

    def refresh(self, context: Context) -> datetime | None:
        """Get a token of Instagram Login for another sixty days, once a week; others need no renewal."""
        if not _logs_in_with_instagram(context.account):
            return None
        return _open(context).renew_token("ig_refresh_token")

    def read_end(self, context: Context) -> datetime | None:
        """Return when the token ends, as Facebook tells of its own, or as it was told when it was last renewed."""
        if _logs_in_with_instagram(context.account):
            return self.refresh(context)
        return _open(context).read_debugged_end()


def find_host(account: Account) -> str:
    """Return the host that takes the place of the account's server: that of Instagram Login, if nothing else is set."""
    return _INSTAGRAM_HOST if _logs_in_with_instagram(account) and account.server == Instagram.server else ""


def _open(context: Context) -> GraphCalls:
    account = context.account
    return GraphCalls(context, Instagram.title, account.settings.get("version") or _VERSION, find_host(account))


def _logs_in_with_instagram(account: Account) -> bool:
    return account.settings.get("login") == "instagram"


def _prepare_part(part: ContentPart, account: Account) -> PreparedPart:
    handles = len({handle.lower() for _, _, handle in find_mentions(part.text)})
    if handles > _MOST_HANDLES:
        message = f"The text for {account.name} names {handles} accounts; Instagram takes {_MOST_HANDLES}."
        raise Rejected(f"{message} Take some out, or give this account a variant.")
    body = {"text": part.text, "alts": [media.alt for media in part.media], "is_comment": part.is_comment}
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _make_comment(number: str) -> Receipt:
    return Receipt(number, "", {"comment": "yes"})


# --- The two steps ---------------------------------------------------------------------------------------------------


def _list_containers(part: PreparedPart, calls: GraphCalls) -> Containers:
    """Return how the container of a part is made and published."""
    user = calls.context.account.settings["user"]
    return Containers(
        calls,
        state_field="status_code",
        fault_field="status",
        publish_path=f"/{user}/media_publish",
        make=lambda: _make_container(part, calls),
        find_published=lambda: _find_published(part, calls),
    )


def _make_container(part: PreparedPart, calls: GraphCalls) -> str:
    """Make the container of a part, and before it those of its pictures if there are several. Return its id."""
    caption = {"caption": part.body["text"]}
    if part.media[0].is_video:
        return _make_reel(part.media[0], caption, calls)
    pictures = [_describe(each, alt, calls) for each, alt in zip(part.media, part.body["alts"], strict=True)]
    if len(pictures) == 1:
        return _make({**pictures[0], **caption}, calls)
    children = [_make({**picture, "is_carousel_item": "true"}, calls) for picture in pictures]
    return _make({"media_type": "CAROUSEL", "children": ",".join(children), **caption}, calls)


def _make(form: dict[str, str], calls: GraphCalls) -> str:
    return calls.post(f"/{calls.context.account.settings['user']}/media", form).field("id")


def _describe(picture: Media, alt: str, calls: GraphCalls) -> dict[str, str]:
    """Return what says of a container where its picture is, and what it shows."""
    return {"image_url": calls.context.find_address(picture), **({"alt_text": alt} if alt else {})}


def _make_reel(film: Media, caption: dict[str, str], calls: GraphCalls) -> str:
    """Make the container of a film, and send the film to where Instagram says. Return the container's id."""
    file = calls.context.open_media(film)
    about = {"media_type": "REELS", "upload_type": "resumable", "share_to_feed": "true", **caption}
    reply = calls.post(f"/{calls.context.account.settings['user']}/media", about)
    container, address = reply.field("id"), reply.field("uri")
    server = calls.context.account.server
    if not (_is_metas(address) or urlsplit(address).netloc == urlsplit(server).netloc):
        raise reply.problem("names an address for the film that is not Meta's")  # the token would go there
    headers = {"offset": "0", "file_size": str(len(file.content)), "Content-Type": file.content_type}
    sent = calls.send("POST", address, scheme="OAuth", headers=headers, body=file.content, upload=True)
    if read_answer(sent).get("success") is not True:
        raise sent.problem("does not say that the film has arrived")
    return container


def _is_metas(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and f".{parts.hostname or ''}".endswith(_UPLOAD_HOSTS)


def _find_published(part: PreparedPart, calls: GraphCalls) -> Receipt | None:
    """Look for the post among the account's own."""
    since = str(int(read_beginning(calls.context).timestamp()))
    path = f"/{calls.context.account.settings['user']}/media"
    posts = calls.list_objects(path, {"fields": _POSTS.fields, "since": since})
    found = find_post(posts, part.text, _POSTS, calls.context)
    return None if found is None else Receipt(*found)


PLATFORM: Platform = Instagram()
