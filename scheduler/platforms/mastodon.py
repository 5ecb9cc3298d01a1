"""Mastodon, and servers that speak its client API: a key of our own keeps a repeated call from posting twice, on those
that honour it; on the others a lost reply is resolved by listing the account's posts.

Sources, checked on 25 November 2026: `mastodon/documentation`, the server code of Mastodon 4.7, and locally run
snac2 2.75, which tells a version of Mastodon, has no `/api/v2/instance`, ignores the key and deletes no posts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer
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
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.instance_limits import find_limits
from scheduler.domain.measure import Unit, find_urls
from scheduler.domain.receipts import find_post_id
from scheduler.domain.status_text import normalise_text, turn_html_to_text
from scheduler.errors import PublishError, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Explain, Platform, Reply

_CHECKED = date(2026, 11, 25)
_INSTANCE = Source("GET /api/v2/instance of an untouched Mastodon; instances may tell other figures", _CHECKED)
_SCOPES = "read:accounts read:statuses write:statuses write:media"
_POLLS = (1.0, 1.0, 2.0, 2.0, 4.0, 5.0, 10.0, 15.0, 20.0)
"""Seconds between looks at a picture that the server is still working on: a minute in all."""
_FILM_POLLS = (*_POLLS, *(30.0,) * 18)  # servers encode films anew: ten minutes
_ENDINGS = {"video/quicktime": "mov"}  # where the media type does not end in it

_TEXT = TextLimit(500, Unit.GRAPHEMES, _INSTANCE, 23, short_mentions=True, setting="max_characters")

_KEY_TRUSTED = timedelta(minutes=50)  # a key is remembered for an hour; the next attempt needs time to come about
_SKEW = timedelta(minutes=2)  # between the server's clock and ours
_PAGE, _PAGES = 40, 10  # the most that Mastodon lists at once, and how far back a look goes
_LOOKED_INTO = 40  # posts whose source is read in one look, well below the rate limit


class _NoSuchCall(Rejected):
    """The server does not have what was asked for."""


class _Gone(Rejected):
    """The server does not have the post, or not any more."""


def make_idempotency_key(key: str, index: int, part: PreparedPart) -> str:
    """Return the idempotency key of a part, equal at each attempt; other words or pictures have another one.

    The server ties a key to the first post made with it, whatever the body says later, so the body is in the key.
    """
    from hashlib import sha256

    pictures = [media.digest for media in part.media]
    payload = json.dumps([key, index, dict(part.body), pictures], sort_keys=True, ensure_ascii=False)
    return sha256(payload.encode()).hexdigest()


class Mastodon:
    """Implements the ports Platform, Finds, TellsLimits, WhoAmI, Retracts and Verifies. Tokens last until revoked."""

    name = "mastodon"
    title = "Mastodon"
    server = ""
    capabilities = Capabilities(
        text=(_TEXT,),
        repeat=Repeat(
            Idempotency.KEY_HEADER,
            Source("Mastodon 4.7, PostStatusService: kept in Redis for 3,600 s after the post was made", _CHECKED),
            timedelta(hours=1),
        ),
        source=_INSTANCE,
        images=ImageLimits(
            4,
            10_485_760,  # newer servers take 16 MiB, older ones no more than this
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            1500,
            _INSTANCE,
            max_side=4096,  # whatever its shape, that is within the 16.7 million pixels of older servers
            uncertain=("max_bytes", "max_side"),
        ),
        videos=VideoLimits(
            103_809_024,  # 99 MiB; older servers say 40 MiB
            0.0,
            86_400.0,  # nothing but the bytes limits it
            ("video/mp4", "video/quicktime", "video/webm"),
            _INSTANCE,
            alt_length=1500,
            max_rate=120.0,
            max_side=3840,  # the server's bound is 8,294,400 pixels
            uncertain=("longest", "max_side"),
        ),
        threads=True,
        addressed=True,
        comments=(_TEXT,),
        content_warnings=True,
        link_card="server",
        retract="the post, its pictures and its boosts; other servers are asked to delete their copies",
        rate=Rate(300, timedelta(minutes=5), Source("docs.joinmastodon.org/api/rate-limits, per account", _CHECKED)),
    )
    settings = (
        Setting(
            "access_token",
            f"the token of an application made under Preferences, Development, with the scopes {_SCOPES}",
            "env:MASTODON_ACCESS_TOKEN",
            secret=True,
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for the ids that only the server knows."""
        return Prepared(tuple([_prepare_part(part, content) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload the media and wait until they are ready, then post, under a key that is equal at each attempt."""
        calls = _Calls(context)
        names = ("status", "language", "visibility", "spoiler_text", "sensitive")
        request = {name: part.body[name] for name in names if name in part.body}
        media = enumerate(zip(part.media, part.body["alts"], strict=True), start=1)
        if media_ids := [_upload(each, alt, number, calls) for number, (each, alt) in media]:
            request["media_ids"] = media_ids
        if parent := _find_parent(part, context):
            request["in_reply_to_id"] = parent
        headers = {"Idempotency-Key": make_idempotency_key(context.key, index, part)}
        reply = calls.call("POST", "/api/v1/statuses", json=request, headers=headers, commit=True)
        return Receipt(reply.field("id"), str(reply.json().get("url") or ""))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """List the account's posts for one of the same words, time and place in the thread that nothing else claims.

        Not seen proves nothing. But as long as the server remembers the key, sending the same again is safe: ABSENT.
        """
        calls, now, bound = _Calls(context), context.clock.now(), context.bound()
        began, parent = _read_beginning(context), _find_parent(part, context)
        candidates = [
            status
            for status in _list_statuses(calls, began - _SKEW)
            if began - _SKEW <= status.created_at <= now + _SKEW and status.id not in bound and status.parent == parent
        ]
        candidates.sort(key=lambda status: status.created_at)
        for status in candidates[:_LOOKED_INTO]:
            if _says(status, part.body["status"], calls):
                return Receipt(status.id, status.url)
        remembered = context.limits.get("honours_key") == 1 and began <= now < began + _KEY_TRUSTED
        return Found.ABSENT if remembered else Found.UNSURE

    def read_limits(self, context: Context) -> Limits:
        """Return what the instance tells of its limits, and as `honours_key` (1 or 0) whether it is known to do so."""
        calls = _Calls(context)
        try:
            reply = calls.call("GET", "/api/v2/instance")
        except _NoSuchCall:  # Mastodon before 4.0, snac2
            reply = calls.call("GET", "/api/v1/instance")
        instance = reply.json()
        if not isinstance(instance, dict):
            raise reply.problem("answered a question about its limits with something else")
        return find_limits(instance)

    def who_am_i(self, context: Context) -> str:
        """Return the account's name with its @, as its server writes it."""
        return "@" + _Calls(context).verify("acct")

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post with its media; one that the server does not have any more is taken back."""
        with suppress(_Gone):
            _Calls(context).call_status("DELETE", receipt, query={"delete_media": "true"})

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the account's own server still shows the post; others may keep a copy."""
        try:
            reply = _Calls(context).call_status("GET", receipt)
        except _Gone:
            return False
        if reply.field("id") != find_post_id(receipt):
            raise reply.problem("answered with another post")
        return True


# --- Posting ---------------------------------------------------------------------------------------------------------


def _prepare_part(part: ContentPart, content: Content) -> PreparedPart:
    body: dict[str, Any] = {
        "status": part.text,
        "language": content.language.partition("-")[0].lower(),  # ISO 639
        "visibility": "public",  # said, since an account may have another default
        "alts": [media.alt for media in part.media],
    }
    if part.is_comment:
        body["is_comment"] = True
    elif content.content_warning:  # `sensitive` hides the media as well
        body |= {"spoiler_text": content.content_warning, "sensitive": True}
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _find_parent(part: PreparedPart, context: Context) -> str:
    """Return the id of the post that a part answers: the first comment the first one, others the one before."""
    if not context.earlier:
        return ""
    return context.earlier[0 if part.body.get("is_comment") else -1].remote_id


def _upload(media: Media, alt: str, number: int, calls: _Calls) -> str:
    """Return the id of an uploaded picture or film that is ready to be posted."""
    file = calls.context.open_media(media)
    ending = _ENDINGS.get(file.content_type) or file.content_type.rpartition("/")[2]
    name = f"{'film' if media.is_video else 'picture'}-{number}.{ending}"
    reply = calls.call(
        "POST",
        "/api/v2/media",
        files={"file": (name, file.content, file.content_type)},
        form={"description": alt},
        upload=True,
    )
    media_id = reply.field("id")
    if reply.status == 202:
        _wait_for_media(media_id, media, calls)
    return media_id


def _wait_for_media(media_id: str, media: Media, calls: _Calls) -> None:
    for seconds in _FILM_POLLS if media.is_video else _POLLS:
        calls.context.clock.sleep(seconds)
        if calls.call("GET", f"/api/v1/media/{quote(media_id, safe='')}").status == 200:  # 206: not yet
            return
    what = "film" if media.is_video else "picture"
    raise Unavailable(f"{calls.server} is still working on the {what} {media.path}. Nothing was sent.")


# --- Finding ---------------------------------------------------------------------------------------------------------


class _Status(NamedTuple):
    """One post as a server lists it; `content` is HTML, `parent` the id of the post it answers, empty if none."""

    id: str
    created_at: datetime
    content: str
    parent: str
    url: str


def _read_beginning(context: Context) -> datetime:
    """Return when the part may first have been sent: an attempt before the last one may be what went out."""
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times)


def _list_statuses(calls: _Calls, since: datetime) -> Iterator[_Status]:
    """Go through the account's posts, newest first, until they are older than `since`."""
    path = f"/api/v1/accounts/{quote(calls.verify('id'), safe='')}/statuses"
    query, seen = {"limit": str(_PAGE), "exclude_reblogs": "true"}, set[str]()
    for _ in range(_PAGES):
        reply = calls.call("GET", path, query=query)
        listed = reply.json()
        if not isinstance(listed, list):
            raise reply.problem("answered a question about the account's posts with something else")
        fresh = [status for each in listed if (status := _read_status(each)) and status.id not in seen]
        yield from fresh
        if not fresh or min(status.created_at for status in fresh) < since:
            return
        seen |= {status.id for status in fresh}
        query = {**query, "max_id": fresh[-1].id}


def _read_status(given: Any) -> _Status | None:
    """Return a listed post, None for something that is none."""
    try:
        created = datetime.fromisoformat(given["created_at"])
        if not given["id"] or created.tzinfo is None:
            return None
        parent, url = given.get("in_reply_to_id"), given.get("url")
        return _Status(str(given["id"]), created, str(given["content"]), str(parent or ""), str(url or ""))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _says(status: _Status, text: str, calls: _Calls) -> bool:
    """Return whether a post says a text: as it is shown, or as it was written, since servers may read marks into it."""
    wanted = normalise_text(text)
    if normalise_text(turn_html_to_text(status.content)) == wanted:
        return True
    try:
        source = calls.call("GET", f"/api/v1/statuses/{quote(status.id, safe='')}/source").json()
    except Rejected:  # older servers do not have it, and it may have been deleted since
        return False
    return isinstance(source, dict) and normalise_text(str(source.get("text") or "")) == wanted


# --- Calls -----------------------------------------------------------------------------------------------------------


class _Calls:
    """The calls of one account, with its token."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.server = context.account.server

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Reply:
        """Make one call as the account; `request` as the wire takes it. Raise what the wire raises."""
        return self._send(method, path, self._explain, headers=headers, **request)

    def call_status(self, method: str, receipt: Receipt, **request: Any) -> Reply:
        """Make one call about a post. Raise _Gone if the server says that it has none of that id."""
        return self._send(
            method, f"/api/v1/statuses/{quote(find_post_id(receipt), safe='')}", self._explain_status, **request
        )

    def verify(self, field: str) -> str:
        """Return a field of the account that the token belongs to. Raise Unauthorised if it belongs to none."""
        return self._send("GET", "/api/v1/accounts/verify_credentials", self._explain_verifying).field(field)

    def _send(
        self, method: str, path: str, explain: Explain, *, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Reply:
        token = {"Authorization": f"Bearer {self.context.secret('access_token')}"}
        return self.context.wire.request(method, path, explain=explain, headers={**(headers or {}), **token}, **request)

    def _explain(self, reply: Reply) -> PublishError | None:
        words, told = _read_refusal(reply)
        if reply.status == 401 or _is_about_account(reply.status, words, told=told):
            return self._refuse_token(words)
        if reply.status == 404 and not told:
            return _NoSuchCall(f"{self.server} has no such call ({words}). Check the account's server setting.")
        if reply.status == 422 and "not finished processing" in words:
            return Unavailable(f"{self.server} is still working on a picture or film ({words}). Nothing was sent.")
        if reply.status in {404, 410, 413, 422}:
            return Rejected(f"{self.server} refused this post: {words}.")
        return None

    def _explain_status(self, reply: Reply) -> PublishError | None:
        """Here the server's own 404 is about the post; another's, such as a proxy's, tells nothing."""
        words, told = _read_refusal(reply)
        return (
            _Gone(f"{self.server} has no such post: {words}.") if reply.status == 404 and told else self._explain(reply)
        )

    def _explain_verifying(self, reply: Reply) -> PublishError | None:
        """Here nothing is wrong but the token: snac2 says so with 422 and an empty body."""
        words, _ = _read_refusal(reply)
        return self._refuse_token(words) if reply.status in {401, 403, 422} else None

    def _refuse_token(self, words: str) -> Unauthorised:
        return Unauthorised(
            f"{self.server} does not let {self.context.account.name} do this: {words}. Nothing was sent. "
            f"Check the account's access_token, and that it has the scopes {_SCOPES}."
        )


def _read_refusal(reply: Reply) -> tuple[str, bool]:
    """Return a server's words, and whether they are its own and not some proxy's page."""
    told = read_answer(reply).get("error")
    words = " ".join(str(told or f"HTTP status {reply.status}").split())
    return words[:300].rstrip("."), bool(told)


def _is_about_account(status: int, words: str, *, told: bool) -> bool:
    """Return whether a refusal is about the account (its scopes, its e-mail address, its state), not about the post.

    Mastodon's controllers say the two sentences below in English, whatever the account's language.
    """
    if status == 403:
        return told and words != "This action is not allowed"
    return status == 422 and words == "This method requires an authenticated user"


PLATFORM: Platform = Mastodon()
