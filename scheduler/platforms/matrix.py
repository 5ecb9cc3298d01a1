"""Matrix, as an account that posts to one room: a transaction id of our own keeps a repeated call from posting twice.

A message is one event, and so is a picture: the text of a post with a picture is that event's caption, and more than
one picture would take more than one committing call. Encrypted rooms are not served.

Sources, checked on 25 November 2026: the client-server API v1.18 at spec.matrix.org, and the servers Synapse and
Dendrite where it leaves things open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object, read_objects
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
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.errors import PublishError, RateLimited, Rejected, Unauthorised

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, MediaFile, Platform, Reply

_CHECKED = date(2026, 11, 25)
_EVENT = Source(
    "spec.matrix.org, Client-Server API, Size limits: 65,536 bytes for the whole event, signed and as canonical JSON; "
    "30,000 of text fit even if each is a quotation mark or a line's end, which take two there",
    _CHECKED,
)
_CAPTION = Source("spec.matrix.org, Client-Server API, Media captions (v1.10) and Serving inline content", _CHECKED)
_KEPT = Source("transaction ids: Synapse's HttpTransactionCache and Dendrite's transactions, 30 minutes each", _CHECKED)
_TEXT = TextLimit(30_000, Unit.BYTES, _EVENT, certain=False)  # what nothing can make too large

_KEY_REMEMBERED = timedelta(minutes=30)
_KEY_TRUSTED = timedelta(minutes=20)  # the next attempt needs time to come about
_SKEW = timedelta(minutes=2)  # between the server's clock and ours
_PAGE, _PAGES = "100", 5  # of the account's own messages: what is listed at once, and how far back a look goes
_LONGEST_REST = 86_400_000  # in ms


_HINTS = {
    "M_UNRECOGNIZED": " Check the account's server setting.",
    "M_TOO_LARGE": " Give this account a shorter text, or a smaller picture.",
}


class _Gone(Rejected):
    """The server has no such room or event, or does not show it to this account."""


class Matrix:
    """Implements the ports Platform, Finds, WhoAmI, Retracts and Verifies."""

    name = "matrix"
    title = "Matrix"
    server = ""
    server_example = "https://matrix.example.org"
    capabilities = Capabilities(
        text=(_TEXT,),
        repeat=Repeat(Idempotency.KEY_HEADER, _KEPT, _KEY_REMEMBERED),
        source=_EVENT,
        images=ImageLimits(
            1,
            10_485_760,  # the smallest that a server takes unless it is told otherwise (Dendrite)
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            0,  # the caption takes the place that alt text had
            _CAPTION,
            uncertain=("max_bytes",),
        ),
        threads=True,
        comments=(_TEXT,),
        link_card="server",
        retract="the words, and the address of the picture, on every server that honours it; the file is not deleted",
        rate=Rate(
            10, timedelta(minutes=1), Source("Synapse, rc_message: 10 at once, then one in five s", _CHECKED), False
        ),
    )
    settings = (
        Setting(
            "access_token",
            "the access token of a log-in that is for this program alone; logging out ends it",
            "env:MATRIX_ACCESS_TOKEN",
            secret=True,
        ),
        Setting(
            "room",
            "the id of a room without encryption that the account has joined, as the room's settings show it under "
            "Advanced",
            '"!AbCdEfGhIjKl:example.org"',
            pattern=r"![^\s/?#:]{1,254}(:[^\s/?#]{1,253})?",
            shape="an id that begins with an exclamation mark, without spaces",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's event, but for its picture's address and the events that it answers."""
        return Prepared(tuple([_prepare_part(part) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload the picture if there is one, then send the event, under a transaction id equal at each attempt."""
        room = _Room(context)
        event = dict(part.body)
        if part.media:
            event |= _upload_picture(part.media[0], room)
        if context.earlier:
            event["m.relates_to"] = _relate(context)
        path = f"/send/m.room.message/{make_transaction_id(context.key, index, part)}"
        reply = room.call("PUT", path, json=event, commit=True)
        return room.make_receipt(reply.field("event_id"))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """List the account's messages for the one that was sent under this part's transaction id.

        Not seen proves nothing. But as long as the server remembers the id, sending the same again is safe: ABSENT.
        """
        room, bound, began = _Room(context), context.bound(), _read_beginning(context)
        transaction = make_transaction_id(context.key, index, part)
        for event in room.list_own(began - _SKEW):
            name = str(event.get("event_id") or "")
            if name and name not in bound and _is_part(event, transaction, part.text):
                return room.make_receipt(name)
        return Found.ABSENT if began <= context.clock.now() < began + _KEY_TRUSTED else Found.UNSURE

    def who_am_i(self, context: Context) -> str:
        """Return the account's user id."""
        return _Room(context).find_user()

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Redact the event; one that the server does not have is taken back."""
        event = quote(receipt.remote_id, safe="")
        with suppress(_Gone):
            _Room(context).call("PUT", f"/redact/{event}/{_digest('redact', receipt.remote_id)}", json={})

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the event still says anything. One that is not shown to the account tells nothing: it raises.

        The server answers the same whether an event is gone or only not shown.
        """
        reply = _Room(context).call("GET", f"/event/{quote(receipt.remote_id, safe='')}")
        if reply.field("event_id") != receipt.remote_id:
            raise reply.problem("answered with another event")
        event = read_answer(reply)
        return bool(read_object(event, "content")) and "redacted_because" not in read_object(event, "unsigned")


def make_transaction_id(key: str, index: int, part: PreparedPart) -> str:
    """Return the transaction id of a part, equal at each attempt; other words or pictures have another one.

    The server ties an id to the first event sent under it, whatever the body says later, so the body is in the id.
    """
    return _digest(key, index, dict(part.body), [media.digest for media in part.media])


def _digest(*what: Any) -> str:
    return sha256(json.dumps(what, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _prepare_part(part: ContentPart) -> PreparedPart:
    # Without `m.mentions`, words such as @room wake everybody there (spec, User and room mentions).
    body = {"msgtype": "m.text", "body": part.text, "m.mentions": {}}
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _upload_picture(picture: Media, room: _Room) -> dict[str, Any]:
    """Return what makes an event one of a picture; its body is a caption, since it differs from its file's name."""
    file = room.context.open_media(picture)
    name = f"picture.{file.content_type.rpartition('/')[2]}"
    info = {"mimetype": file.content_type, "size": len(file.content), "w": file.width, "h": file.height}
    return {"msgtype": "m.image", "filename": name, "url": room.upload(file, name), "info": info}


def _relate(context: Context) -> dict[str, Any]:
    """Return how a later part belongs to the first: in its thread and, for clients without such, as an answer."""
    return {
        "rel_type": "m.thread",
        "event_id": context.earlier[0].remote_id,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": context.earlier[-1].remote_id},
    }


def _read_beginning(context: Context) -> datetime:
    """Return when the part may first have been sent: an attempt before the last one may be what went out."""
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times)


def _is_part(event: Mapping[str, Any], transaction: str, text: str) -> bool:
    """Return whether an event is a part: by its transaction id or, if another log-in sent it, by its words.

    Servers tell the id only to the log-in that used it.
    """
    told = read_object(event, "unsigned").get("transaction_id")
    return told == transaction if told else read_object(event, "content").get("body") == text


def _read_time(event: Mapping[str, Any]) -> float:
    """Return when an event was sent, in Unix seconds; the end of time if that is not told."""
    stamp = event.get("origin_server_ts")
    return stamp / 1000 if isinstance(stamp, int) else float("inf")


class _Room:
    """The calls of one account about its room, with its token."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._room = context.account.settings["room"].strip()

    def call(self, method: str, path: str, **request: Any) -> Reply:
        """Make one call about the room; `request` as the wire takes it."""
        return self._send(method, f"/_matrix/client/v3/rooms/{quote(self._room, safe='')}{path}", **request)

    def upload(self, file: MediaFile, name: str) -> str:
        """Return the address (mxc://…) of an uploaded file, which nobody knows until an event names it."""
        query, headers = {"filename": name}, {"Content-Type": file.content_type}
        path = "/_matrix/media/v3/upload"
        reply = self._send("POST", path, query=query, headers=headers, body=file.content, upload=True)
        return reply.field("content_uri")

    def find_user(self) -> str:
        """Return the id of the user that the token belongs to."""
        return self._send("GET", "/_matrix/client/v3/account/whoami").field("user_id")

    def list_own(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Go through the account's messages in the room, newest first, until they are older than `since`."""
        user, oldest = self.find_user(), since.timestamp()
        chosen = json.dumps({"senders": [user], "types": ["m.room.message"]})
        query = {"dir": "b", "limit": _PAGE, "filter": chosen}
        for _ in range(_PAGES):
            reply = self.call("GET", "/messages", query=query)
            page = read_answer(reply)
            if not isinstance(page.get("chunk"), list):
                raise reply.problem("answered a question about the room's messages with something else")
            events = read_objects(page, "chunk")
            yield from [event for event in events if event.get("sender") == user and _read_time(event) >= oldest]
            end = str(page.get("end") or "")
            if not end or any(_read_time(event) < oldest for event in events):
                return
            query = {**query, "from": end}

    def make_receipt(self, event: str) -> Receipt:
        """Return the receipt of an event, with the address that every client can open.

        It names a server that knows the room, which ids of rooms tell up to version 11.
        """
        server = self._room.partition(":")[2]
        via = f"?via={quote(server, safe=':')}" if server else ""
        return Receipt(event, f"https://matrix.to/#/{quote(self._room, safe='!:')}/{quote(event, safe='$:')}{via}")

    def _send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Reply:
        token = {"Authorization": f"Bearer {self.context.secret('access_token')}"}
        return self.context.wire.request(
            method, path, explain=self._explain, headers={**(headers or {}), **token}, **request
        )

    def _explain(self, reply: Reply) -> PublishError | None:
        """Read the server's own refusals; those of a proxy before it have no code."""
        answer, account = read_answer(reply), self.context.account
        code, words = str(answer.get("errcode") or ""), _read_words(answer)
        if not code or reply.status >= 500:
            return None
        if reply.status == 429:
            return self._rest(words, reply, answer.get("retry_after_ms"))
        if reply.status == 401:
            hint = "Nothing was sent. Log in anew for this program, and set the account's access_token."
            return Unauthorised(f"{account.server} does not know the log-in of {account.name}: {words}. {hint}")
        if reply.status == 403:
            hint = "Nothing was sent. Check that it has joined the room and may send messages there."
            message = f"{account.server} does not let {account.name} do this: {words}. {hint}"
            return Unauthorised(message, retry=True)
        if code == "M_NOT_FOUND":
            return _Gone(f"{account.server} has no such room or event, or does not show it to {account.name}: {words}.")
        return Rejected(f"{account.server} refused this: {words}.{_HINTS.get(code, '')}")

    def _rest(self, words: str, reply: Reply, milliseconds: Any) -> PublishError | None:
        """Read how long to rest where older servers say it, in the body; newer ones say it in `Retry-After`."""
        if "Retry-After" in reply.headers or not isinstance(milliseconds, int) or milliseconds < 0:
            return None  # the wire reads it from the headers
        pause = timedelta(milliseconds=min(milliseconds, _LONGEST_REST))
        return RateLimited(f"{self.context.account.server} asks for a rest: {words}.", self.context.clock.now() + pause)


def _read_words(answer: Mapping[str, Any]) -> str:
    words = " ".join(str(answer.get("error") or "").split())[:300].rstrip(".")
    return f"{words} ({answer['errcode']})" if words else str(answer.get("errcode") or "")


PLATFORM: Platform = Matrix()
