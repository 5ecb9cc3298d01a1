"""Facebook Pages. Nothing keeps a repeated post from appearing twice: a lost reply is resolved by listing the page's.

Pictures are uploaded unpublished, and a film with its captions too; the one call that makes anything public is small
and comes last. A film is published by its number, which is on record before: the same again changes nothing.

Sources, checked on 25 November 2026: Meta's reference of Page (feed, photos, videos, published_posts), of Video and its
captions, and the parameter tables of Meta's package facebook_business 26.0.3. What only others report is marked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object
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
from scheduler.domain.meta_calls import GraphCalls
from scheduler.domain.meta_graph import Listed, NothingThere, find_post, read_beginning
from scheduler.errors import Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform, Reply

_CHECKED = date(2026, 11, 25)
_FEED = Source(
    "Meta's reference of Page, Feed and Photos; number, bytes and types of pictures: others' reports", _CHECKED
)
_TEXT = Source("what others report: Meta publishes no figure", _CHECKED)
_VIDEO = Source(
    "Meta's reference of Video and of its captions (200 kB); the other bounds are what others report", _CHECKED
)
_VERSION = "v25.0"
_SCOPES = "pages_manage_posts, pages_read_engagement, pages_show_list and, for first comments, pages_manage_engagement"
_ALT_LENGTH = 10_000  # our own bound: Meta publishes none
_POSTS = Listed("message", "created_time", "")
_CHUNK_BYTES = 16_000_000
_POLLS = (0.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before each look at a film that Facebook is working on: five minutes in all."""
_COUNTRIES = {
    "en": "GB",
    "cy": "GB",
    "gd": "GB",
    "ga": "IE",
    "ar": "AR",
    "ur": "PK",
    "uk": "UA",
    "zh": "CN",
    "hi": "IN",
}


class Facebook:
    """Implements the ports Platform, Finds, WhoAmI, Retracts, Verifies and TellsEnd."""

    name = "facebook"
    title = "Facebook"
    server = "https://graph.facebook.com"
    capabilities = Capabilities(
        text=(TextLimit(63_206, Unit.CHARACTERS, _TEXT, certain=False),),
        repeat=Repeat(
            Idempotency.LISTING,
            Source("no key, and duplicates are refused only now and then (koala issue 699)", _CHECKED),
        ),
        source=_FEED,
        images=ImageLimits(
            10,
            4_000_000,
            ("image/jpeg", "image/png"),
            _ALT_LENGTH,
            _FEED,
            uncertain=("maximum", "max_bytes", "types", "alt_length"),
        ),
        videos=VideoLimits(
            10_000_000_000,
            0.0,
            14_400.0,
            ("video/mp4", "video/quicktime"),
            _VIDEO,
            captions="srt",
            captions_bytes=200_000,
            uncertain=("max_bytes", "longest", "types"),
        ),
        comments=(TextLimit(8000, Unit.CHARACTERS, _TEXT, certain=False),),
        link_card="server",
        retract="the post with its comments; what others shared of it shows that it is gone",
    )
    settings = (
        Setting(
            "page",
            "the number of the page, as its 'About' shows it",
            '"104000000000000"',
            pattern=r"\d{5,20}",
            shape="a number of 5 to 20 figures",
        ),
        Setting(
            "token",
            f"the page's own token, got with a long-lived one of a person or system user, with the scopes {_SCOPES}",
            "env:FACEBOOK_TOKEN",
            secret=True,
        ),
        Setting(
            "version",
            "the version of the Graph API; one that has ended is answered as the oldest that still lives",
            _VERSION,
            required=False,
            default=_VERSION,
            pattern=r"v\d{2}\.\d",
            shape="a v with a number such as 25.0",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for the numbers that only Facebook knows."""
        return Prepared(tuple([_prepare_part(part, content.language) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload pictures or a film where nobody sees them, then post; the first comment is one call."""
        calls = _open(context)
        if part.media and part.media[0].is_video:
            return _publish_film(part, calls)
        if part.body["is_comment"]:
            path = f"/{context.earlier[0].remote_id}/comments"
            return _make_receipt(calls.post(path, {"message": part.text}, commit=True).field("id"))
        form = {name: part.body[name] for name in ("message", "link") if name in part.body}
        pictures = [_upload(each, alt, calls) for each, alt in zip(part.media, part.body["alts"], strict=True)]
        if pictures:
            form["attached_media"] = json.dumps([{"media_fbid": number} for number in pictures])
        return _make_receipt(calls.post(f"/{_page(context)}/feed", form, commit=True).field("id"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """List the page's posts, or the comments below the post, for one of the same words and time.

        Not seen proves nothing. A film is looked for by its number: it is published or it is not.
        """
        calls = _open(context)
        if part.media and part.media[0].is_video:
            return _find_film(calls)
        query = {"fields": _POSTS.fields}
        if part.body["is_comment"]:
            posts = calls.list_objects(f"/{context.earlier[0].remote_id}/comments", {**query, "filter": "stream"})
        else:
            since = {"since": str(int(read_beginning(context).timestamp()))}
            posts = calls.list_objects(f"/{_page(context)}/published_posts", {**query, **since})
        found = find_post(posts, part.text, _POSTS, context)
        return Found.UNSURE if found is None else _make_receipt(found[0])

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post; one that is gone counts as taken back."""
        _open(context).delete(receipt.remote_id)

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the post is there."""
        return _open(context).exists(receipt.remote_id)

    def who_am_i(self, context: Context) -> str:
        """Return the name of the page. Raise Unauthorised also if the token is another page's or a person's."""
        reply = _open(context).get("/me", {"fields": "id,name"})
        number, name = reply.field("id"), reply.field("name")
        if number != _page(context):
            message = f"The token of {context.account.name} is that of {name} ({number}), not of page {_page(context)}."
            raise Unauthorised(f"{message} Take the page's own token: GET /me/accounts tells it.")
        return name

    def read_end(self, context: Context) -> datetime | None:
        """Return when the token ends, None for one that does not."""
        return _open(context).read_debugged_end()


def _open(context: Context) -> GraphCalls:
    return GraphCalls(context, Facebook.title, context.account.settings.get("version") or _VERSION)


def _page(context: Context) -> str:
    return context.account.settings["page"]


def _make_receipt(number: str) -> Receipt:
    return Receipt(number, f"https://www.facebook.com/{number}")


def _prepare_part(part: ContentPart, language: str) -> PreparedPart:
    body: dict[str, Any] = {
        "message": part.text,
        "alts": [media.alt for media in part.media],
        "is_comment": part.is_comment,
    }
    if part.link is not None and not part.media:
        body["link"] = part.link.url
    if part.media and part.media[0].is_video:
        body["locale"] = find_locale(language)
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def find_locale(language: str) -> str:
    """Return a language as Facebook's captions name it, such as en_GB; without a country, the likeliest here."""
    code, *others = language.replace("_", "-").split("-")
    country = next((other for other in others if len(other) == 2), _COUNTRIES.get(code.lower(), code))
    return f"{code.lower()}_{country.upper()}"


def _upload(picture: Media, alt: str, calls: GraphCalls) -> str:
    """Return the number of an uploaded picture that nobody sees."""
    file = calls.context.open_media(picture)
    files = {"source": (f"picture.{file.content_type.rpartition('/')[2]}", file.content[:], file.content_type)}
    form = {"published": "false", **({"alt_text_custom": alt} if alt else {})}
    return calls.post(f"/{_page(calls.context)}/photos", form, files=files, upload=True).field("id")


# --- Films -----------------------------------------------------------------------------------------------------------


def _publish_film(part: PreparedPart, calls: GraphCalls) -> Receipt:
    """Go on with the film on record, or upload it with its captions and put it there; then make it public."""
    film = calls.context.kept.get("film", "")
    state = _read_film(film, calls) if film else None
    if state is not None and state.get("published") is True:
        return _make_receipt(film)
    if state is None:
        film = _upload_film(part, calls)
        calls.context.keep({"film": film})
    _wait_for_film(film, calls)
    reply = calls.post(f"/{film}", {"published": "true"}, commit=True)
    if read_answer(reply).get("success") is not True:
        raise reply.problem("does not say that the film is published")
    return _make_receipt(film)


def _find_film(calls: GraphCalls) -> Receipt | Found:
    """Say what became of the film on record; publishing it once more could make no second one."""
    film = calls.context.kept.get("film", "")
    state = _read_film(film, calls) if film else {"published": False}
    if state is None or not isinstance(state.get("published"), bool):
        return Found.UNSURE
    return _make_receipt(film) if state["published"] else Found.ABSENT


def _read_film(film: str, calls: GraphCalls) -> Mapping[str, Any] | None:
    """Return what Facebook says of a film, None if it has none of that number."""
    try:
        return read_answer(calls.get(f"/{film}", {"fields": "id,published,status"}))
    except NothingThere:
        return None


def _upload_film(part: PreparedPart, calls: GraphCalls) -> str:
    """Upload a film in pieces, unpublished, with its words and captions. Return its number."""
    film, content = part.media[0], calls.context.open_media(part.media[0]).content
    began = _post_phase("start", {"file_size": str(len(content))}, calls)
    number, session, reply = began.field("video_id"), began.field("upload_session_id"), began
    sent = -1
    while (start := _read_offset(reply, "start_offset")) < min(_read_offset(reply, "end_offset"), len(content)):
        if start <= sent:
            raise reply.problem("takes no more of the film")
        end = min(_read_offset(reply, "end_offset"), start + _CHUNK_BYTES)
        files = {"video_file_chunk": ("film", content[start:end], "application/octet-stream")}
        about = {"upload_session_id": session, "start_offset": str(start)}
        reply, sent = _post_phase("transfer", about, calls, files=files, upload=True), start
    words = {"description": part.body["message"], **({"title": film.title} if film.title else {})}
    _post_phase("finish", {"upload_session_id": session, "published": "false", **words}, calls)
    if film.captions:
        _upload_captions(film, number, part.body["locale"], calls)
    return number


def _post_phase(phase: str, form: Mapping[str, str], calls: GraphCalls, **request: Any) -> Reply:
    return calls.post(f"/{_page(calls.context)}/videos", form, query={"upload_phase": phase}, **request)


def _read_offset(reply: Reply, name: str) -> int:
    words = reply.field(name)
    if not words.isdecimal():
        raise reply.problem(f"answered with a '{name}' that is no number")
    return int(words)


def _upload_captions(film: Media, number: str, locale: str, calls: GraphCalls) -> None:
    content = calls.context.open_captions(film).encode()
    files = {"captions_file": (f"captions.{locale}.srt", content, "application/x-subrip")}
    calls.post(f"/{number}/captions", {"default_locale": locale}, files=files, upload=True)


def _wait_for_film(film: str, calls: GraphCalls) -> None:
    """Come back when a film can be shown. Raise Rejected if it cannot be used, Unavailable if that takes too long."""
    for seconds in _POLLS:
        calls.context.clock.sleep(seconds)
        state = read_object(_read_film(film, calls) or {}, "status").get("video_status")
        if state == "ready":
            return
        if state == "error":
            raise Rejected("Facebook cannot use the film of this post. Save it anew, as MP4 (H.264, AAC).")
    raise Unavailable("Facebook is still working on the film of this post. Nothing was sent.")


PLATFORM: Platform = Facebook()
