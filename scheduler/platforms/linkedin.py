"""LinkedIn, pages of organisations, through the Posts API.

Nothing keeps a repeated call from posting twice, but LinkedIn refuses a double and names its twin. As that may be the
ghost of a post deleted up to two days before, it is taken for ours only after a look at its words, author and time.

Sources, checked on 25 November 2026: learn.microsoft.com, LinkedIn: "Posts API", "Images API", "MultiImage API",
"Videos API", "Comments API", "Organization Access Control by Role" and "Versioning".
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_objects
from scheduler.domain.capabilities import (
    Capabilities,
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
from scheduler.domain.linkedin_answers import (
    SCOPES,
    Gone,
    find_ours,
    name_comment,
)
from scheduler.domain.linkedin_calls import VERSION, LinkedInCalls
from scheduler.domain.linkedin_log_in import SERVER, read_end, renew_token
from scheduler.domain.little_text import write_little
from scheduler.domain.measure import Unit, find_urls
from scheduler.errors import Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_CHECKED = date(2026, 11, 25)
_PAGES_OF = "learn.microsoft.com/linkedin/marketing/community-management/shares"
_POSTS = Source(
    f"{_PAGES_OF}/posts-api; it tells no length: 3,000 characters are what others report, in no unit", _CHECKED
)
_IMAGES = Source(f"{_PAGES_OF}/images-api: 36,152,320 pixels; bytes and the length of alt text are not told", _CHECKED)
_VIDEOS = Source(f"{_PAGES_OF}/videos-api", _CHECKED)
_OAUTH = Source("learn.microsoft.com/linkedin, OAuth 2.0", _CHECKED)
_COMMENTS = Source("reports of 1,250 characters; the page on comments names no length", _CHECKED)
_ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"})
_POLLS = (1.0, 1.0, 2.0, 2.0, 4.0, 5.0, 10.0, 15.0, 20.0)
"""Seconds between looks at a picture that LinkedIn is still working on: a minute in all."""
_FILM_POLLS = (*_POLLS, *(15.0,) * 56)  # a quarter of an hour


class LinkedIn:
    """Implements the ports Platform, Finds, WhoAmI, Retracts, Verifies, Refreshes and TellsEnd."""

    name = "linkedin"
    title = "LinkedIn"
    server = SERVER
    hosts = ("www.linkedin.com",)  # where pictures and films go
    capabilities = Capabilities(
        text=(TextLimit(3000, Unit.UTF16, _POSTS, certain=False),),
        repeat=Repeat(Idempotency.LISTING, Source("a double is refused for about a day, and its twin named", _CHECKED)),
        source=_POSTS,
        images=ImageLimits(
            20,
            10_000_000,  # our own bound: LinkedIn publishes none
            ("image/jpeg", "image/png", "image/gif"),
            4086,
            _IMAGES,
            max_side=6000,
            uncertain=("max_bytes", "alt_length", "max_side"),
        ),
        videos=VideoLimits(
            500_000_000,
            3.0,
            1800.0,
            ("video/mp4",),
            _VIDEOS,
            captions="srt",
            min_bytes=75_000,
            codecs=("h264",),
            uncertain=("codecs",),  # "MP4" is all that is said
        ),
        comments=(TextLimit(1250, Unit.UTF16, _COMMENTS, certain=False),),
        link_card="client",
        retract="the post with its comments and reactions; shares of it by others lose what they showed",
        rate=Rate(
            100, timedelta(days=1), Source("reports of 100 to 150 a day; the portal tells each app", _CHECKED), False
        ),
        tokens=Tokens(timedelta(days=60), True, _OAUTH, needs=("client_id", "client_secret", "refresh_token")),
    )
    settings = (
        Setting(
            "organization",
            "the number of the page, as in linkedin.com/company/NUMBER/admin",
            "2414183",
            pattern=r"\d+",
            shape="a number and nothing else",
        ),
        Setting(
            "access_token", f"a token of one of the page's admins, with the scopes {SCOPES}", "env:LINKEDIN_TOKEN", True
        ),
        Setting(
            "version",
            "the month of LinkedIn's interface to speak, such as 202610; one lives for a year",
            VERSION,
            required=False,
            default=VERSION,
            pattern=r"20\d\d(0[1-9]|1[0-2])",
            shape="a year and a month in six figures",
            lives=timedelta(days=365),
        ),
        Setting(
            "client_id",
            "the app's client id: with it the program asks when the token ends",
            "78abcdefghijkl",
            required=False,
        ),
        Setting("client_secret", "the app's client secret", "env:LINKEDIN_CLIENT_SECRET", True, required=False),
        Setting(
            "refresh_token",
            "a refresh token, if LinkedIn lets the app have such: with it the program gets new tokens itself",
            "env:LINKEDIN_REFRESH_TOKEN",
            True,
            required=False,
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for the ids that only LinkedIn knows."""
        author = f"urn:li:organization:{account.settings['organization']}"
        return Prepared(tuple([_prepare_part(part, author, content.language) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload the media and wait until they can be shown, then post; or comment below the post."""
        calls = LinkedInCalls(context)
        if context.earlier:
            return _comment(part, context.earlier[0].remote_id, calls)
        request = dict(part.body["request"])
        if part.media:
            request["content"] = _upload(part, calls)
        reply = calls.call("POST", "/rest/posts", json=request, commit=True)
        number = reply.headers.get("x-restli-id", "")
        if not number.startswith("urn:li:"):
            raise reply.problem("answered without the id of the post")
        return Receipt(number, f"https://www.linkedin.com/feed/update/{number}")

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Look at the twin that LinkedIn named, or list the page's posts, for one of ours that nothing else claims."""
        calls = LinkedInCalls(context)
        if context.earlier:
            post = context.earlier[0].remote_id
            found = find_ours(calls.list_comments(post), part.text, calls.author, context)
            return _make_comment_receipt(post, found.id) if found else Found.UNSURE
        twin = [calls.read_twin(context.kept["twin"])] if context.kept.get("twin") else []
        found = find_ours(twin, part.text, calls.author, context)
        found = found or find_ours(calls.list_posts(), part.text, calls.author, context)
        return Receipt(found.id, f"https://www.linkedin.com/feed/update/{found.id}") if found else Found.UNSURE

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post or comment; one that is gone counts as taken back."""
        calls = LinkedInCalls(context)
        query = {"query": {"actor": calls.author}} if "comment" in receipt.data else {}
        with suppress(Gone):
            calls.call("DELETE", _locate(receipt), headers={"X-RestLi-Method": "DELETE"}, **query)

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether LinkedIn still shows the post or comment."""
        try:
            reply = LinkedInCalls(context).call("GET", _locate(receipt))
        except Gone:
            return False
        return bool(reply.field("id"))

    def who_am_i(self, context: Context) -> str:
        """Return the page's name. Raise Unauthorised if the token's owner may not post for it."""
        calls = LinkedInCalls(context)
        query = {"q": "roleAssignee", "state": "APPROVED", "count": "100"}
        reply = calls.call("GET", "/rest/organizationAcls", query=query)
        roles = {
            str(each.get("role"))
            for each in read_objects(read_answer(reply), "elements")
            if calls.author in {each.get("organization"), each.get("organizationTarget")}
        }
        if not roles & _ROLES:
            held = ", ".join(sorted(roles)) or "none"
            message = f"The token of {context.account.name} may not post for page {calls.organization} (roles: {held})."
            raise Unauthorised(f"{message} Make its owner a super admin or content admin there.", retry=True)
        return calls.call("GET", f"/rest/organizations/{calls.organization}").field("localizedName")

    def refresh(self, context: Context) -> datetime | None:
        """Get a token for another sixty days, if the account has a refresh token and the old one ends soon."""
        return renew_token(context)

    def read_end(self, context: Context) -> datetime | None:
        """Return when the token ends; None without a client secret, since LinkedIn does not tell then."""
        return read_end(context)


# --- From what is prepared to a post ---------------------------------------------------------------------------------


def _prepare_part(part: ContentPart, author: str, language: str) -> PreparedPart:
    links = tuple([url for _, _, url in find_urls(part.text)])
    if part.is_comment:  # plain text, unlike a post's
        return PreparedPart(part.text, {"request": {"actor": author, "message": {"text": part.text}}}, links=links)
    request: dict[str, Any] = {
        "author": author,
        "commentary": write_little(part.text),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    if part.link is not None and not part.media:
        request["content"] = {"article": _make_card(part.link.url, part.link.title, part.link.description)}
    body = {"request": request, "alts": [media.alt for media in part.media], "language": language}
    return PreparedPart(part.text, body, part.media, links)


def _make_card(url: str, title: str, description: str) -> dict[str, str]:
    """Return the card of a link: LinkedIn reads no page for what comes through its interface."""
    address = urlsplit(url)
    card = {"source": url, "title": title or (address.netloc + address.path).rstrip("/")}
    return {**card, "description": description} if description else card


def _comment(part: PreparedPart, post: str, calls: LinkedInCalls) -> Receipt:
    request = {**part.body["request"], "object": post}
    path = f"/rest/socialActions/{quote(post, safe='')}/comments"
    reply = calls.call("POST", path, json=request, commit=True)
    number = str(read_answer(reply).get("id") or reply.headers.get("x-restli-id", ""))
    if not number:
        raise reply.problem("answered without the id of the comment")
    return _make_comment_receipt(post, name_comment(post, number))


def _make_comment_receipt(post: str, name: str) -> Receipt:
    number = name.rstrip(")").rpartition(",")[2]
    url = f"https://www.linkedin.com/feed/update/{post}?commentUrn={quote(name, safe='')}"
    return Receipt(name, url, {"post": post, "comment": number})


def _locate(receipt: Receipt) -> str:
    """Return the path of a post or comment. Raise Rejected if only an address is known that does not name it."""
    if "comment" in receipt.data:
        post, number = (quote(receipt.data[name], safe="") for name in ("post", "comment"))
        return f"/rest/socialActions/{post}/comments/{number}"
    number = receipt.remote_id or urlsplit(receipt.url).path.rstrip("/").rpartition("/")[2]
    if not number.startswith(("urn:li:share:", "urn:li:ugcPost:")):
        message = f"Which post is meant cannot be told from its address ({receipt.url or 'none'})."
        raise Rejected(f"{message} Look on LinkedIn.")
    return f"/rest/posts/{quote(number, safe='')}"


# --- Pictures and films ----------------------------------------------------------------------------------------------


def _upload(part: PreparedPart, calls: LinkedInCalls) -> dict[str, Any]:
    """Return what a post says of its media, all of which can be shown by then."""
    if part.media[0].is_video:
        film = part.media[0]
        return {"media": {"id": _upload_film(film, part.body["language"], calls), **_name(film)}}
    images = [_upload_picture(picture, calls) for picture in part.media]
    shown = [
        {"id": image, **({"altText": alt} if alt else {})} for image, alt in zip(images, part.body["alts"], strict=True)
    ]
    return {"media": shown[0]} if len(shown) == 1 else {"multiImage": {"images": shown}}


def _name(film: Media) -> dict[str, str]:
    return {"title": film.title} if film.title else {}


def _upload_picture(picture: Media, calls: LinkedInCalls) -> str:
    file = calls.context.open_media(picture)
    told = calls.begin_upload("images", {})
    calls.put(_need(told, "uploadUrl"), file.content[:], file.content_type)
    image = _need(told, "image")
    calls.wait_until_shown("images", image, picture.path, _POLLS)
    return image


def _upload_film(film: Media, language: str, calls: LinkedInCalls) -> str:
    """Send a film part by part, and its captions, and wait until it can be shown."""
    content = calls.context.open_media(film).content
    about = {"fileSizeBytes": len(content), "uploadCaptions": bool(film.captions), "uploadThumbnail": False}
    told = calls.begin_upload("videos", about)
    video, parts, end = _need(told, "video"), [], 0
    for each in read_objects(told, "uploadInstructions"):
        first, last = each.get("firstByte"), each.get("lastByte")
        if first != end or not isinstance(last, int) or last < end:
            raise Unavailable(f"LinkedIn asks for the film {film.path} in pieces that do not fit. Nothing was sent.")
        end = last + 1
        reply = calls.put(_need(each, "uploadUrl"), content[first:end], "application/octet-stream")
        if not (tag := reply.headers.get("ETag", "").strip('"')):
            raise reply.problem("answered a piece of a film without its tag")
        parts.append(tag)
    if end < len(content):
        raise Unavailable(f"LinkedIn does not ask for all of the film {film.path}. Nothing was sent.")
    if film.captions:
        calls.send_captions(_need(told, "captionsUploadUrl"), calls.context.open_captions(film), language)
    finished = {"video": video, "uploadToken": str(told.get("uploadToken") or ""), "uploadedPartIds": parts}
    query = {"action": "finalizeUpload"}
    calls.call("POST", "/rest/videos", query=query, json={"finalizeUploadRequest": finished})
    calls.wait_until_shown("videos", video, film.path, _FILM_POLLS)
    return video


def _need(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise Unavailable(f"LinkedIn answered a question about an upload without '{name}'. Nothing was sent.")
    return value


PLATFORM: Platform = LinkedIn()
