"""Slack, as an app with a bot token: what it posts carries the delivery's key, by which it is found again.

Of a file, Slack takes the bytes first, and shows it where a message's picture names it. That message is the one call
that makes anything public. (An incoming webhook can do less: see `slack_webhook.py`.)

Sources, checked on 25 November 2026: docs.slack.dev, the methods named below, message metadata, and the image block.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

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
from scheduler.domain.rate_headers import read_retry_after
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform, Reply

_CHECKED = date(2026, 11, 25)
_POST = Source("docs.slack.dev, chat.postMessage: longer texts are cut at 40,000; 4,000 are advised", _CHECKED)
_IMAGE = Source("docs.slack.dev, image block and Slack file object; size and number are our own", _CHECKED)
_LISTED = Source("docs.slack.dev, message metadata; conversations.history lists it for the app that set it", _CHECKED)
_SCOPES = "chat:write, files:write, files:read and channels:history (groups:history in a private channel)"
_TEXT = TextLimit(40_000, Unit.CHARACTERS, _POST)
_EVENT = "campaign_post"
_POLLS = (1.0, 1.0, 2.0, 2.0, 4.0, 5.0, 10.0, 15.0, 20.0)
"""Seconds between looks at a picture that Slack is still working on: a minute in all."""
_SKEW = timedelta(minutes=2)  # between Slack's clock and ours
_PAGE, _PAGES = "100", 5  # what is listed at once, and how far back a look goes

# What Slack calls its errors; they come with HTTP 200. Whatever stands in none of these lists is about the post.
_TOKEN_REFUSED = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
    }
    | {"not_allowed_token_type", "not_authed", "org_login_required", "team_access_not_granted", "token_expired"}
    | {"access_denied", "token_revoked", "two_factor_setup_required"}
)
_CHANNEL_REFUSED = frozenset(
    {"channel_is_archived", "channel_not_found", "is_archived", "is_inactive", "not_in_channel", "restricted_action"}
    | {"posting_to_general_channel_denied", "restricted_action_read_only_channel", "action_prohibited"}
    | {"restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "team_not_found"}
)
_TOO_MANY = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
_IN_DOUBT = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
_GONE = frozenset({"message_not_found", "thread_not_found"})


class _Gone(Rejected):
    """The message is not there any more."""


class Slack:
    """Implements the ports Platform, Finds, WhoAmI, Retracts and Verifies."""

    name = "slack"
    title = "Slack"
    server = "https://slack.com"
    capabilities = Capabilities(
        text=(_TEXT,),
        repeat=Repeat(Idempotency.LISTING, _LISTED),
        source=_POST,
        images=ImageLimits(
            10,
            20_000_000,
            ("image/jpeg", "image/png", "image/gif"),
            2000,
            _IMAGE,
            uncertain=("maximum", "max_bytes"),
        ),
        threads=True,
        comments=(_TEXT,),
        link_card="server",
        retract="the message; what is below it stays until it is taken back as well",
        rate=Rate(60, timedelta(minutes=1), Source("docs.slack.dev, Rate limits: one a second in a channel", _CHECKED)),
    )
    settings = (
        Setting("token", f"the app's bot token (xoxb-…), with the scopes {_SCOPES}", "env:SLACK_TOKEN", secret=True),
        Setting(
            "channel",
            "the id of the channel, as its details show it at the bottom; the app must be a member",
            "C0123456789",
            pattern="[CDG][A-Z0-9]{2,20}",
            shape="C, D or G with capital letters and figures after it",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for the ids that only Slack knows."""
        return Prepared(tuple([_prepare_part(part, account) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload the pictures and wait until Slack has looked at them, then post the message that shows them."""
        calls = _Calls(context)
        workspace = calls.find_workspace()
        pictures = [_upload_picture(each, alt, calls) for each, alt in zip(part.media, part.body["alts"], strict=True)]
        request = {name: value for name, value in part.body.items() if name != "alts"}
        if pictures:
            request["attachments"] = [{"fallback": "; ".join(part.body["alts"])[:2000], "blocks": pictures}]
        request["metadata"] = {"event_type": _EVENT, "event_payload": _name_part(context.key, index)}
        if context.earlier:
            request["thread_ts"] = context.earlier[0].remote_id
        reply = calls.post("chat.postMessage", json=request, commit=True)
        return _make_receipt(reply.field("ts"), workspace, context)

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """List the channel's messages, or the thread's, for the one that carries this part's key.

        Not seen proves nothing: lists lag, and may be without what the app's scopes do not cover.
        """
        calls, began = _Calls(context), _read_beginning(context)
        workspace, bound = calls.find_workspace(), context.bound()
        query = {"oldest": f"{began.timestamp():.6f}", "limit": _PAGE, "include_all_metadata": "true"}
        for message in calls.list_messages(query):
            stamp = str(message.get("ts") or "")
            if stamp and stamp not in bound and _is_part(message, context.key, index):
                return _make_receipt(stamp, workspace, context)
        return Found.UNSURE

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the message; one that is not there is taken back."""
        calls = _Calls(context)
        try:
            calls.post("chat.delete", json={"channel": calls.channel, "ts": receipt.remote_id})
        except _Gone:
            return

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the message is still listed."""
        stamp = receipt.remote_id
        query = {"oldest": stamp, "latest": stamp, "inclusive": "true", "limit": "2"}
        calls = _Calls(context)
        try:
            found = calls.list_page(query, receipt.data.get("thread", ""))
        except _Gone:
            return False
        return any(message.get("ts") == stamp for message in read_objects(found, "messages"))

    def who_am_i(self, context: Context) -> str:
        """Return the bot's name and its workspace."""
        reply = _Calls(context).get("auth.test", {})
        return f"@{reply.field('user')} in {reply.field('team')}"


def _prepare_part(part: ContentPart, account: Account) -> PreparedPart:
    body = {
        "channel": account.settings["channel"],
        "text": html.escape(part.text, quote=False),  # Slack's three signs: & < >
        "mrkdwn": False,  # nothing in a text is markup
        "unfurl_links": part.link is not None,
        "alts": [media.alt for media in part.media],
    }
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _name_part(key: str, index: int) -> dict[str, Any]:
    return {"delivery": key, "part": index}


def _is_part(message: Mapping[str, Any], key: str, index: int) -> bool:
    metadata = read_object(message, "metadata")
    told = read_object(metadata, "event_payload")
    ours = all(told.get(name) == value for name, value in _name_part(key, index).items())
    return ours and metadata.get("event_type") == _EVENT


def _make_receipt(stamp: str, workspace: str, context: Context) -> Receipt:
    channel = context.account.settings["channel"]
    data = {"thread": context.earlier[0].remote_id} if context.earlier else {}
    return Receipt(stamp, f"{workspace}/archives/{channel}/p{stamp.replace('.', '')}", data)


def _read_beginning(context: Context) -> datetime:
    """Return from when on to look: an attempt before the last one may be what went out."""
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times).astimezone(UTC) - _SKEW


def _upload_picture(picture: Media, alt: str, calls: _Calls) -> dict[str, Any]:
    """Return the block that shows a picture, which nobody but the app can see until a message names it."""
    file = calls.context.open_media(picture)
    name = f"picture.{file.content_type.rpartition('/')[2]}"
    asked = calls.post(
        "files.getUploadURLExternal", form={"filename": name, "length": str(len(file.content)), "alt_txt": alt}
    )
    file_id, address = asked.field("file_id"), asked.field("upload_url")
    headers = {"Content-Type": "application/octet-stream"}
    calls.context.wire.request("POST", address, body=file.content, headers=headers, upload=True)
    calls.post("files.completeUploadExternal", json={"files": [{"id": file_id, "title": name}]})
    for seconds in (0.0, *_POLLS):
        calls.context.clock.sleep(seconds)
        if read_object(read_answer(calls.get("files.info", {"file": file_id})), "file").get("mimetype"):
            return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt}
    raise Unavailable(f"Slack is still working on the picture {picture.path}. Nothing was sent.")


class _Calls:
    """The calls of one account, with its token."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.channel = context.account.settings["channel"]
        self._token = context.secret("token").strip()

    def get(self, method: str, query: Mapping[str, str]) -> Reply:
        """Make a call that changes nothing."""
        return self._send("GET", method, query=query)

    def post(self, method: str, *, commit: bool = False, **request: Any) -> Reply:
        """Make a call that changes something; `request` as the wire takes it."""
        return self._send("POST", method, commit=commit, **request)

    def list_page(self, query: Mapping[str, str], thread: str) -> Mapping[str, Any]:
        """Return one page of the channel's messages or, if one is named, of a thread's."""
        method = "conversations.replies" if thread else "conversations.history"
        about = {"ts": thread} if thread else {}
        reply = self.get(method, {"channel": self.channel, **about, **query})
        page = read_answer(reply)
        if not isinstance(page.get("messages"), list):
            raise reply.problem("answered a question about the channel's messages with something else")
        return page

    def list_messages(self, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Return the messages of the first pages, of the thread that the part is in if it is in one."""
        thread = self.context.earlier[0].remote_id if self.context.earlier else ""
        messages: list[Mapping[str, Any]] = []
        for _ in range(_PAGES):
            page = self.list_page(query, thread)
            messages += read_objects(page, "messages")
            cursor = str(read_object(page, "response_metadata").get("next_cursor") or "")
            if not cursor:
                break
            query = {**query, "cursor": cursor}
        return messages

    def find_workspace(self) -> str:
        """Return the address of the token's workspace, asked for once: links to messages need it."""
        sessions, account = self.context.sessions, self.context.account
        about = {"server": account.server, "token": sha256(self._token.encode()).hexdigest()[:16]}
        known = sessions.load(account.name)
        if known.get("workspace") and all(known.get(name) == value for name, value in about.items()):
            return known["workspace"]
        workspace = self.get("auth.test", {}).field("url").rstrip("/")
        sessions.store(account.name, {**about, "workspace": workspace})
        return workspace

    def _send(self, verb: str, method: str, *, commit: bool = False, **request: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self._token}"}
        reply = self.context.wire.request(
            verb, f"/api/{method}", headers=headers, commit=commit, explain=self._explain, **request
        )
        answer = read_answer(reply)
        if answer.get("ok") is True:
            return reply
        name = str(answer.get("error") or "")
        if answer.get("ok") is not False or not name:
            raise reply.problem(f"answered {method} without saying whether it went well")
        raise self._read_error(name, answer, reply, commit=commit)

    def _explain(self, reply: Reply) -> PublishError | None:
        """Read an error that comes with a status of its own, as some of the oldest do."""
        name = str(read_answer(reply).get("error") or "")
        if reply.status >= 500 or reply.status in {408, 429} or not name:
            return None
        if reply.status in {401, 403}:
            return self._refuse_token(name)
        return self._read_error(name, read_answer(reply), reply, commit=False)

    def _read_error(self, name: str, answer: Mapping[str, Any], reply: Reply, *, commit: bool) -> PublishError:
        words = _say_error(name, answer)
        if name in _TOKEN_REFUSED:
            return self._refuse_token(words)
        if name in _CHANNEL_REFUSED:
            message = (
                f"Slack does not let {self.context.account.name} post to {self.channel}: {words}. Nothing was sent."
            )
            return Unauthorised(f"{message} Check the account's channel, and that the app is a member.", retry=True)
        if name in _TOO_MANY:
            until = read_retry_after(reply.headers, self.context.clock.now())
            return RateLimited(f"Slack asks for a rest: {words}.", until)
        if name in _GONE:
            return _Gone(f"Slack has no such message ({words}).")
        if name in _IN_DOUBT:
            return OutcomeUnknown(f"Slack failed: {words}. The post may be out.") if commit else Unavailable(words)
        if name == "invalid_blocks" and "slack file" in words:
            return Unavailable(f"Slack is still working on a picture ({words}). Nothing was sent.")
        return Rejected(f"Slack refused this: {words}.")

    def _refuse_token(self, words: str) -> Unauthorised:
        message = f"Slack does not take the token of {self.context.account.name}: {words}. Nothing was sent."
        return Unauthorised(f"{message} Check the account's token, and that the app has the scopes {_SCOPES}.")


def _say_error(name: str, answer: Mapping[str, Any]) -> str:
    """Return the name of an error, with what Slack says beside it: which scope is needed, which block is wrong."""
    told = answer.get("errors")
    beside = [answer.get("needed"), *(told if isinstance(told, list) else [])]
    words = "; ".join(str(each) for each in beside if each)
    return f"{name} ({words[:300]})" if words else name


PLATFORM: Platform = Slack()
