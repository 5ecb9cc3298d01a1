"""Telegram, as a bot that posts to a channel or group. It can read nothing back: what is lost a person must find.

Texts go out without a parse mode: nothing in them is markup, and they arrive byte for byte.

Sources, checked on 25 November 2026: the Bot API 10.1 at core.telegram.org/bots/api, and its questions and answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
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
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.errors import PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform, Reply

_CHECKED = date(2026, 11, 25)
_API = Source("core.telegram.org/bots/api, sendMessage, sendPhoto, sendMediaGroup and sendVideo", _CHECKED)
_PRIVATE = "-100"  # what the ids of channels and large groups begin with; links to their messages leave it out

# What Telegram says, in English and small letters, with the status 400 or 403; its texts are all there is to go by.
_NOT_ALLOWED = ("chat not found", "chat_write_forbidden", "not enough rights", "have no rights", "administrator rights")
_GONE = ("message to delete not found", "message_id_invalid", "message identifier is not specified")


class _Gone(Rejected):
    """The message is not there any more."""


class Telegram:
    """Implements the ports Platform, WhoAmI and Retracts."""

    name = "telegram"
    title = "Telegram"
    server = "https://api.telegram.org"
    capabilities = Capabilities(
        text=(TextLimit(4096, Unit.CHARACTERS, _API),),
        text_with_media=(TextLimit(1024, Unit.CHARACTERS, _API),),  # it is their caption
        repeat=Repeat(
            Idempotency.NONE, Source("no key, and a bot cannot read a chat's history: the Bot API", _CHECKED)
        ),
        source=_API,
        images=ImageLimits(
            10,
            10_000_000,
            ("image/jpeg", "image/png"),
            0,
            _API,
            max_side=5000,  # width and height may be 10,000 together
            min_ratio=0.05,
            max_ratio=20.0,
        ),
        # Nothing but the bytes limits a film.
        videos=VideoLimits(50_000_000, 0.0, 86_400.0, ("video/mp4",), _API, uncertain=("longest",)),
        threads=True,
        link_card="server",
        retract="the message within 48 hours, in channels where the bot may delete messages also later",
        rate=Rate(
            20, timedelta(minutes=1), Source("core.telegram.org/bots/faq: in one group, and one a second", _CHECKED)
        ),
    )
    settings = (
        Setting("token", "the token of your bot, as @BotFather gave it", "env:TELEGRAM_TOKEN", secret=True),
        Setting(
            "chat",
            "the channel or group that it posts to, in which it must be an administrator: @name, or the id of one that "
            "has none",
            '"@example_force"',
            pattern=r"@[A-Za-z0-9_]{4,32}|-?\d{5,16}",
            shape="a name that begins with @, or a number of 5 to 16 figures with or without a minus",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return what each part says."""
        return Prepared(tuple([_prepare_part(part) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Send the message, or its pictures or film with the text as their caption, in one call."""
        bot = _Bot(context)
        request: dict[str, Any] = {}
        if context.earlier:
            request["reply_parameters"] = {"message_id": int(context.earlier[-1].remote_id)}
        if not part.media:
            request |= dict(part.body)
            return _read_receipt(bot.call("sendMessage", request, commit=True))
        if part.media[0].is_video:
            return _read_receipt(_send_film(part, request, bot))
        return _read_receipt(_send_pictures(part, request, bot))

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the message, and each of its pictures, which are messages of their own."""
        bot = _Bot(context)
        for message in receipt.data.get("messages", receipt.remote_id).split():
            try:
                bot.call("deleteMessage", {"message_id": int(message)})
            except _Gone:
                continue

    def who_am_i(self, context: Context) -> str:
        """Return the bot's name with its @."""
        return "@" + _Bot(context).call("getMe", {}, chat=False).field("result", "username")


def _prepare_part(part: ContentPart) -> PreparedPart:
    body: dict[str, Any] = {"text": part.text}
    if part.link is not None:
        body["link_preview_options"] = {"url": part.link.url}
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _send_film(part: PreparedPart, request: Mapping[str, Any], bot: _Bot) -> Reply:
    (film,) = part.media
    file = bot.context.open_media(film)
    about = {"width": file.width, "height": file.height, "duration": round(film.seconds), "supports_streaming": True}
    files = {"video": ("film.mp4", file.content[:], file.content_type)}
    return bot.call("sendVideo", {**request, **about, "caption": part.text}, files, commit=True)


def _send_pictures(part: PreparedPart, request: Mapping[str, Any], bot: _Bot) -> Reply:
    files, album = {}, []
    for number, picture in enumerate(part.media, start=1):
        file = bot.context.open_media(picture)
        name = f"picture-{number}"
        files[name] = (f"{name}.{file.content_type.rpartition('/')[2]}", file.content[:], file.content_type)
        album.append({"type": "photo", "media": f"attach://{name}"})
    if len(album) == 1:
        return bot.call("sendPhoto", {**request, "caption": part.text}, {"photo": files["picture-1"]}, commit=True)
    album[0]["caption"] = part.text  # that of the first is the album's
    return bot.call("sendMediaGroup", {**request, "media": album}, files, commit=True)


def _read_receipt(reply: Reply) -> Receipt:
    """Return the receipt of a message, or of an album, which is a message for each picture."""
    answer = read_answer(reply)
    messages = read_objects(answer, "result") or [read_object(answer, "result")]
    ids = [str(message.get("message_id") or "") for message in messages]
    if not all(ids):
        raise reply.problem("answered without the id of the message")
    data = {"messages": " ".join(ids)} if len(ids) > 1 else {}
    return Receipt(ids[0], _find_url(read_object(messages[0], "chat"), ids[0]), data)


def _find_url(chat: Mapping[str, Any], message: str) -> str:
    """Return the address of a message, empty in a small group, whose messages have none."""
    name, number = str(chat.get("username") or ""), str(chat.get("id") or "")
    if name:
        return f"https://t.me/{name}/{message}"
    return f"https://t.me/c/{number.removeprefix(_PRIVATE)}/{message}" if number.startswith(_PRIVATE) else ""


class _Bot:
    """The calls of one bot to one chat. Its token stands in each address: no message may quote one."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._token = quote(context.secret("token").strip(), safe=":")
        self._chat = context.account.settings["chat"].strip()

    def call(
        self,
        method: str,
        request: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        *,
        chat: bool = True,
        commit: bool = False,
    ) -> Reply:
        """Call a method of the Bot API, with files as a form; to the account's chat unless `chat` says no."""
        whole = {"chat_id": self._find_chat(), **request} if chat else dict(request)
        sent: dict[str, Any] = {"json": whole}
        if files:
            form = {
                name: each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
                for name, each in whole.items()
            }
            sent = {"form": form, "files": files, "upload": True}
        path = f"/bot{self._token}/{method}"
        return self.context.wire.request("POST", path, commit=commit, explain=self._explain, **sent)

    def _find_chat(self) -> str:
        """Return the chat, or the one that Telegram said it has become."""
        moved = self.context.sessions.load(self.context.account.name)
        return moved["to"] if moved.get("chat") == self._chat and moved.get("to") else self._chat

    def _explain(self, reply: Reply) -> PublishError | None:
        answer = read_answer(reply)
        words = " ".join(str(answer.get("description") or "").split())[:300].rstrip(".")
        if not words or reply.status >= 500:
            return None
        about, name = read_object(answer, "parameters"), self.context.account.name
        if moved := str(about.get("migrate_to_chat_id") or ""):
            return self._follow(moved)
        if reply.status == 429:
            return self._rest(words, about.get("retry_after"))
        if reply.status in {401, 404}:  # 404 is what a token that is none gets
            return Unauthorised(
                f"Telegram does not know the bot of {name}: {words}. Nothing was sent. "
                "Check the account's token; @BotFather shows it."
            )
        said = words.lower()
        if any(each in said for each in _GONE):
            return _Gone(f"Telegram has no such message ({words}).")
        if reply.status == 403 or any(each in said for each in _NOT_ALLOWED):
            hint = f"Make the bot an administrator of {self._chat} that may post, or mend the account's chat."
            return Unauthorised(f"Telegram does not let {name} do this: {words}. Nothing was sent. {hint}", retry=True)
        return Rejected(f"Telegram refused this: {words}.")

    def _follow(self, moved: str) -> PublishError:
        """Keep the new id of a group that became a large one; the next try goes there."""
        self.context.sessions.store(self.context.account.name, {"chat": self._chat, "to": moved})
        return Unavailable(
            f"The group {self._chat} has become another one for Telegram, {moved}. Nothing was sent; the next try goes "
            f'there. Write `chat: "{moved}"` into the settings of {self.context.account.name}.'
        )

    def _rest(self, words: str, seconds: Any) -> PublishError | None:
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
            return None  # the wire reads it from the headers
        until = self.context.clock.now() + timedelta(seconds=min(seconds, 86_400))
        return RateLimited(f"Telegram asks for a rest: {words}", until)


PLATFORM: Platform = Telegram()
