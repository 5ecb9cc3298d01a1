"""Bluesky, through the AT Protocol: a post is a record whose key is ours, so that the same call again changes nothing.

Sources, checked on 24 November 2026: the lexicons of `bluesky-social/atproto`, and its data server 0.4.217 run locally.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object
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
)
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_hashtags, find_mentions, find_urls, measure, utf8_offset
from scheduler.errors import OutcomeUnknown, PublishError, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Explain, Platform, Reply

_CHECKED = date(2026, 11, 24)
_POST_LEXICON = Source("lexicon app.bsky.feed.post; enforced by the data server 0.4.217", _CHECKED)
_COLLECTION = "app.bsky.feed.post"
_LINK, _TAG, _MENTION = (f"app.bsky.richtext.facet#{feature}" for feature in ("link", "tag", "mention"))
_KEY_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_LONGEST_TAG, _LONGEST_TAG_BYTES = 64, 640  # graphemes, bytes: lexicon app.bsky.richtext.facet
_LONGEST_HANDLE = 253
_HANDLE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TOKEN_ENDED = frozenset({"ExpiredToken", "InvalidToken"})  # with HTTP 400, not 401
_ACCOUNT_REFUSED = frozenset({"AccountTakedown", "AuthFactorTokenRequired", "AuthenticationRequired"})
_SESSION_FIELDS = ("accessJwt", "refreshJwt", "did")


class _TokenEnded(Unavailable):
    """The server takes the token no more: nothing was done, and another token may mend it."""


class _NotFound(Rejected):
    """There is no record of that key."""


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


class Bluesky:
    """Implements the ports Platform, Finds and WhoAmI; `find` tells for certain, since a record's key is ours."""

    name = "bluesky"
    title = "Bluesky"
    server = "https://bsky.social"
    capabilities = Capabilities(
        text=(TextLimit(300, Unit.GRAPHEMES, _POST_LEXICON), TextLimit(3000, Unit.BYTES, _POST_LEXICON)),
        repeat=Repeat(
            Idempotency.OWN_KEY, Source("com.atproto.repo.putRecord with swapRecord null, run locally", _CHECKED)
        ),
        source=_POST_LEXICON,
        images=ImageLimits(
            4,
            1_000_000,  # newer servers take 2,000,000; which one an account lives on is not known beforehand
            ("image/jpeg", "image/png", "image/webp"),
            2000,
            Source("lexicon app.bsky.embed.images; for alt text and pixels social-app's constants.ts", _CHECKED),
            Unit.GRAPHEMES,
            max_side=2000,
        ),
        threads=True,
        link_card="client",
        retract="the post; answers and quotes of it stay",
        rate=Rate(1666, timedelta(hours=1), Source("5,000 points an hour, 3 for a new record", _CHECKED)),
    )
    settings = (
        Setting("handle", "the account's handle, without the @", "force.example.org"),
        Setting(
            "app_password",
            "an app password, made in Bluesky's settings: never the main password",
            "env:BLUESKY_APP_PASSWORD",
            secret=True,
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's text, facets, card and alt texts; what only the server knows is added when publishing."""
        return Prepared(tuple([_prepare_part(part, content.language) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Resolve mentions, upload pictures, then put the record under its own key: the same again changes nothing.

        Raise OutcomeUnknown if something else already sits under that key.
        """
        login, rkey = _Login(context), _own_key(index, context)
        record = _make_record(part, index, context)
        embed = _upload_images(part, login) if part.media else part.body["card"]
        login.prove()  # the committing call has one try, so a token that ended is to be found before it
        # "Only if nothing is there": left out, `swapRecord` would let another record be overwritten.
        request = {**login.locate(rkey), "record": record | ({"embed": embed} if embed else {}), "swapRecord": None}
        reply = login.call("POST", "com.atproto.repo.putRecord", json=request, commit=True)
        return _make_receipt(reply, rkey, login.handle)

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Read the record of our own key: its absence is proof, other words under it are for a person to look at."""
        login, rkey = _Login(context), _own_key(index, context)
        try:
            reply = login.call("GET", "com.atproto.repo.getRecord", query=login.locate(rkey))
        except _NotFound:
            return Found.ABSENT
        value = _need_object(reply, "value")
        return _make_receipt(reply, rkey, login.handle) if value.get("text") == part.text else Found.UNSURE

    def who_am_i(self, context: Context) -> str:
        """Return the account's handle with its @, as the server knows it."""
        return "@" + _Login(context).prove()


# --- From a calendar's words to a record -----------------------------------------------------------------------------


def _fits_tag(word: str) -> bool:
    return measure(word, Unit.GRAPHEMES) <= _LONGEST_TAG and len(word.encode()) <= _LONGEST_TAG_BYTES


def _prepare_part(part: ContentPart, language: str) -> PreparedPart:
    return PreparedPart(
        text=part.text,
        body={
            "text": part.text,
            "langs": [language],
            "facets": find_facets(part.text),
            "card": _make_card(part),
            "alts": [media.alt for media in part.media],
        },
        media=part.media,
        links=tuple([url for _, _, url in find_urls(part.text)]),
    )


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


def _make_record(part: PreparedPart, index: int, context: Context) -> dict[str, Any]:
    """Return the record but for its pictures; equal at each attempt, as far as handles point where they did."""
    assert context.created_at is not None, "whoever publishes says when the delivery was claimed"
    created = context.created_at.astimezone(UTC) + timedelta(milliseconds=index)
    record: dict[str, Any] = {
        "$type": _COLLECTION,
        "text": part.body["text"],
        "langs": part.body["langs"],
        "createdAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if facets := [pointed for facet in part.body["facets"] if (pointed := _point_facet(facet, context))]:
        record["facets"] = facets
    if context.earlier:
        ends = {"root": context.earlier[0].data, "parent": context.earlier[-1].data}
        record["reply"] = {end: {"uri": data["uri"], "cid": data["cid"]} for end, data in ends.items()}
    return record


def _point_facet(facet: dict[str, Any], context: Context) -> dict[str, Any] | None:
    """Return a facet with its mention pointing to an account; None if the handle is nobody's: it stays plain text."""
    feature = facet["features"][0]
    if "handle" not in feature:
        return facet
    path = "/xrpc/com.atproto.identity.resolveHandle"
    try:
        did = context.wire.request("GET", path, query={"handle": feature["handle"]}).field("did")
    except Rejected:
        return None
    return {**facet, "features": [{"$type": feature["$type"], "did": did}]}


def _upload_images(part: PreparedPart, login: _Login) -> dict[str, Any]:
    images = []
    for picture, alt in zip(part.media, part.body["alts"], strict=True):
        file = login.context.open_media(picture)
        headers = {"Content-Type": file.content_type}
        reply = login.call("POST", "com.atproto.repo.uploadBlob", body=file.content, headers=headers, upload=True)
        ratio = {"width": file.width, "height": file.height}
        images.append({"image": _need_object(reply, "blob"), "alt": alt, "aspectRatio": ratio})
    return {"$type": "app.bsky.embed.images", "images": images}


def _own_key(index: int, context: Context) -> str:
    assert context.created_at is not None, "whoever publishes or finds says when the delivery was claimed"
    return make_record_key(context.key, index, context.created_at)


def _make_receipt(reply: Reply, rkey: str, handle: str) -> Receipt:
    uri = reply.field("uri")
    data = {"uri": uri, "cid": reply.field("cid"), "rkey": rkey}
    return Receipt(uri, f"https://bsky.app/profile/{handle}/post/{rkey}", data)


def _need_object(reply: Reply, name: str) -> Mapping[str, Any]:
    value = read_object(read_answer(reply), name)
    if not value:
        raise reply.problem(f"answered without '{name}'")
    return value


# --- The log-in ------------------------------------------------------------------------------------------------------


class _Login:
    """One account's calls. Its session is kept between runs, since servers allow few log-ins (30 in five minutes).

    A token that ended is renewed, first with the refresh token, then with the app password, each at most once.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.handle = context.account.settings["handle"].strip().removeprefix("@")
        self._about = {"handle": self.handle, "server": context.account.server}
        kept = context.sessions.load(context.account.name)
        ours = all(kept.get(name) == value for name, value in self._about.items())
        self._session = {name: str(kept.get(name) or "") if ours else "" for name in _SESSION_FIELDS}
        self._ways = [self._refresh, self._log_in]

    def locate(self, rkey: str) -> dict[str, str]:
        """Return where a post of this account is kept."""
        if not self._session["did"]:
            self._renew()
        return {"repo": self._session["did"], "collection": _COLLECTION, "rkey": rkey}

    def prove(self) -> str:
        """Return the account's handle as the server knows it, and so make sure that the server takes the token."""
        return self.call("GET", "com.atproto.server.getSession").field("handle")

    def call(
        self, method: str, name: str, *, commit: bool = False, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Reply:
        """Make one call as the account; `request` as the wire takes it.

        Raise what the wire raises; Unavailable if a committing call found its token ended: the next attempt renews it.
        """
        if not self._session["accessJwt"]:
            self._renew()
        while True:
            sent = {**(headers or {}), "Authorization": f"Bearer {self._session['accessJwt']}"}
            try:
                return self.context.wire.request(
                    method, f"/xrpc/{name}", commit=commit, explain=self._explain, headers=sent, **request
                )
            except _TokenEnded as ended:
                if commit:
                    self._keep({**self._session, "accessJwt": ""})
                    raise Unavailable(f"{ended} The next try logs in again.") from None
                self._renew()

    def _renew(self) -> None:
        while self._ways:
            if self._ways.pop(0)():
                return
        raise Unavailable(f"{self.context.account.server} does not take the log-in that it has just given.")

    def _refresh(self) -> bool:
        """Get a new pair of tokens. Return False if there is no refresh token, or the server refused it."""
        if not self._session["refreshJwt"]:
            return False
        headers = {"Authorization": f"Bearer {self._session['refreshJwt']}"}
        try:
            self._start_session(
                "refreshSession", lambda reply: _TokenEnded() if _read_refusal(reply)[1] else None, headers=headers
            )
        except _TokenEnded:
            return False
        return True

    def _log_in(self) -> bool:
        credentials = {"identifier": self.handle, "password": self.context.secret("app_password")}
        self._start_session("createSession", self._explain_login, json=credentials)
        return True

    def _start_session(self, call: str, explain: Explain, **request: Any) -> None:
        path = f"/xrpc/com.atproto.server.{call}"
        reply = self.context.wire.request("POST", path, explain=explain, **request)
        # Not `reply.field`: the wire quotes in its errors what it cannot read, and these are secrets.
        answer = read_answer(reply)
        session = {name: str(answer.get(name) or "") for name in _SESSION_FIELDS}
        if not all(session.values()):
            raise Unavailable(f"{self.context.account.server} answered a log-in without a session.")
        self._keep(session)

    def _keep(self, session: Mapping[str, str]) -> None:
        self._session = dict(session)
        self.context.sessions.store(self.context.account.name, {**self._session, **self._about})

    def _explain(self, reply: Reply) -> PublishError | None:
        name, words = _read_refusal(reply)
        if name in _TOKEN_ENDED:
            return _TokenEnded("Bluesky says that the log-in has ended. Nothing was sent.")
        if name == "RecordNotFound":
            return _NotFound(words)
        if name == "InvalidSwap":
            return OutcomeUnknown(
                f"Something else is already at this post's place on Bluesky ({words}). It may be out."
            )
        if name == "BlobNotFound":  # swept since it was uploaded
            return Unavailable(f"Bluesky has lost a picture of this post ({words}). Nothing was sent.")
        if name in _ACCOUNT_REFUSED or (name and reply.status in {401, 403}):
            return Unauthorised(f"Bluesky does not let {self.handle} do this: {words}. Nothing was sent.")
        return Rejected(f"Bluesky refused this post: {words}.") if name else None

    def _explain_login(self, reply: Reply) -> PublishError | None:
        """A refused log-in is the account's trouble, never the post's."""
        _, words = _read_refusal(reply)
        if not words:
            return None
        return Unauthorised(
            f"{self.context.account.server} refused the log-in of {self.handle}: {words}. "
            "Check the account's handle, server and app_password, and whether the app password was revoked."
        )


def _read_refusal(reply: Reply) -> tuple[str, str]:
    """Return the name of the server's error, empty if it has none, and its words.

    Both are empty if the server did not say no: what is busy, limited or broken is for the wire to read.
    """
    if reply.status < 400 or reply.status in {408, 429} or reply.status >= 500:
        return "", ""
    answer = read_answer(reply)
    name, message = (str(answer.get(field) or "") for field in ("error", "message"))
    words = " ".join((message or name or f"HTTP status {reply.status}").split())
    return name, words[:300].rstrip(".")


PLATFORM: Platform = Bluesky()
