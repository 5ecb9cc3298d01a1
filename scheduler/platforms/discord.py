"""Discord, through a channel's webhook: it posts, takes back and looks at its own messages, and can list none.

Sources, checked on 25 November 2026: Discord's documentation of webhooks, of uploading files and of its error codes.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

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
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.domain.webhook import read_path
from scheduler.errors import PublishError, Rejected, Unauthorised

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform, Reply

_CHECKED = date(2026, 11, 25)
_MESSAGES = Source("docs.discord.com, Webhook Resource, Execute Webhook", _CHECKED)
_FILES = Source(
    "docs.discord.com, API Reference, Uploading Files: 10 files of 10 MiB unless the server is boosted", _CHECKED
)
_LARGEST = 10 * 2**20
_ALT_LENGTH = 1024
_EXAMPLE = "https://discord.com/api/webhooks/123456789012345678/AbC-dEf"
_PATH = r"(?:/api(?:/v\d+)?)?(?P<hook>/webhooks/\d+/[^/]+)"
_VERSION = "/api/v10"

_NO_SUCH_MESSAGE = 10008
_REFUSED_FOR_GOOD = {10015: "the webhook was deleted", 50027: "the webhook's token is wrong"}
_REFUSED_FOR_NOW = {10003: "the channel is not there", 50001: "no access", 50013: "a permission is missing"}


def _allow(size: int) -> dict[str, int]:
    """Return the limits of a server that takes files of so many bytes (Discord's FAQ on boosting, as others quote it).

    With a size rather than a level: some servers have bought it without one.
    """
    return {"max_image_bytes": size, "max_video_bytes": size}


class _Gone(Rejected):
    """The message is not there any more."""


class Discord:
    """Implements the ports Platform, WhoAmI, Retracts and Verifies. Nobody but a person can find a lost message."""

    name = "discord"
    title = "Discord"
    server = "https://discord.com"
    capabilities = Capabilities(
        text=(TextLimit(2000, Unit.CHARACTERS, _MESSAGES),),
        repeat=Repeat(Idempotency.NONE, Source("no key and no listing for webhooks: docs.discord.com", _CHECKED)),
        source=_MESSAGES,
        images=ImageLimits(10, _LARGEST, ("image/jpeg", "image/png", "image/gif", "image/webp"), _ALT_LENGTH, _FILES),
        videos=VideoLimits(
            _LARGEST,
            0.0,
            86_400.0,  # nothing but the bytes limits it
            ("video/mp4", "video/webm", "video/quicktime"),
            _FILES,
            alt_length=_ALT_LENGTH,
            uncertain=("longest",),
        ),
        link_card="server",
        retract="the message; who has read or copied it keeps that",
        rate=Rate(
            30, timedelta(minutes=1), Source("a channel's webhooks, as seen in its rate headers", _CHECKED), False
        ),
    )
    settings = (
        Setting(
            "webhook",
            "the address of a webhook: Edit Channel, Integrations, Webhooks, Copy Webhook URL",
            "env:DISCORD_WEBHOOK",
            secret=True,
        ),
        Setting(
            "thread",
            "the id of a thread of that channel to post into",
            "123456789012345678",
            required=False,
            pattern=r"\d{15,22}",
            shape="a number of 15 to 22 figures",
        ),
        Setting(
            "upload_limit",
            "the largest file that the server takes, in MB: 10, or if it is boosted 50 (level 2) or 100 (level 3)",
            "50",
            required=False,
            default="10",
            pattern="10|50|100",
            shape="10, 50 or 100",
            limits={size: _allow(int(size) * 2**20) for size in ("50", "100")},
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for its files."""
        return Prepared(tuple([_prepare_part(part) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Send the message with its files in one call, and wait for its id."""
        hook = _Webhook(context)
        place = hook.find_place()
        files = _open_files(part, context)
        request: dict[str, Any] = {"json": dict(part.body)}
        if files:
            request = {"form": {"payload_json": json.dumps(dict(part.body), ensure_ascii=False)}, "files": files}
        reply = hook.call("POST", query={"wait": "true"}, commit=True, upload=bool(files), **request)
        message, channel = reply.field("id"), reply.field("channel_id")
        return Receipt(message, f"https://discord.com/channels/{place}/{channel}/{message}")

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the message; one that is not there is taken back."""
        try:
            _Webhook(context).call("DELETE", f"/messages/{receipt.remote_id}")
        except _Gone:
            return

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the message is still there."""
        try:
            reply = _Webhook(context).call("GET", f"/messages/{receipt.remote_id}")
        except _Gone:
            return False
        if reply.field("id") != receipt.remote_id:
            raise reply.problem("answered with another message")
        return True

    def who_am_i(self, context: Context) -> str:
        """Return the webhook's name and the channel that it posts to."""
        reply = _Webhook(context).call("GET")
        return f"{reply.field('name')} in channel {reply.field('channel_id')}"


def _prepare_part(part: ContentPart) -> PreparedPart:
    body: dict[str, Any] = {"content": part.text, "allowed_mentions": {"parse": []}}  # else @everyone wakes everyone
    if part.media:
        body["attachments"] = [{"id": number, "description": media.alt} for number, media in enumerate(part.media)]
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _open_files(part: PreparedPart, context: Context) -> dict[str, tuple[str, bytes, str]]:
    files = {}
    for number, media in enumerate(part.media):
        file = context.open_media(media)
        name = f"file-{number + 1}.{file.content_type.rpartition('/')[2].replace('quicktime', 'mov')}"
        files[f"files[{number}]"] = (name, file.content[:], file.content_type)
    return files


class _Webhook:
    """The calls of one webhook. Its token stands in each address, and in nothing else."""

    def __init__(self, context: Context) -> None:
        self.context = context
        path = read_path(context.secret("webhook"), _PATH, context.account.name, _EXAMPLE)
        self._path = _VERSION + path[path.index("/webhooks/") :].partition("?")[0]
        self._id = self._path.split("/")[4]

    def find_place(self) -> str:
        """Return the id of the Discord server that the webhook is on, asked for once: links to messages need it."""
        sessions, account = self.context.sessions, self.context.account
        known = sessions.load(account.name)
        if known.get("webhook") == self._id and known.get("server") == account.server:
            return known["guild"]
        guild = self.call("GET").field("guild_id")
        sessions.store(account.name, {"webhook": self._id, "server": account.server, "guild": guild})
        return guild

    def call(self, method: str, path: str = "", *, query: dict[str, str] | None = None, **request: Any) -> Reply:
        """Make one call of the webhook, in the account's thread if it names one; `request` as the wire takes it."""
        thread = self.context.account.settings.get("thread", "")
        if thread and (path or method == "POST"):
            query = {**(query or {}), "thread_id": thread}
        return self.context.wire.request(method, self._path + path, query=query, explain=self._explain, **request)

    def _explain(self, reply: Reply) -> PublishError | None:
        answer = read_answer(reply)
        code, words = answer.get("code"), " ".join(str(answer.get("message") or "").split())[:300].rstrip(".")
        if reply.status in {408, 429} or reply.status >= 500 or not words:
            return None
        if code == _NO_SUCH_MESSAGE:
            return _Gone(f"Discord has no such message ({words}).")
        name = self.context.account.name
        if code in _REFUSED_FOR_GOOD or reply.status == 401:
            hint = "Make a new webhook under Edit Channel, Integrations, and set it as the account's webhook."
            return Unauthorised(f"Discord does not know the webhook of {name}: {words}. Nothing was sent. {hint}")
        if code in _REFUSED_FOR_NOW or reply.status == 403:
            hint = "Check the channel, and its Integrations."
            return Unauthorised(f"Discord does not let {name} do this: {words}. Nothing was sent. {hint}", retry=True)
        if reply.status == 413:
            return Rejected(f"Discord finds the files of this post too large ({words}). Give it smaller ones.")
        return Rejected(f"Discord refused this post: {words} ({code}){_list_faults(answer)}.")


def _list_faults(answer: Any) -> str:
    """Return what is wrong, field by field, as Discord lists it below `errors`."""
    faults = answer.get("errors")
    return f": {json.dumps(faults, ensure_ascii=False)[:300]}" if isinstance(faults, dict) else ""


PLATFORM: Platform = Discord()
