"""Microsoft Teams, through a workflow that posts what its webhook gets: an Adaptive Card, since that is all it takes.

The workflow answers 202, "queued", and tells no id: what became of the card only a person can see.

Sources, checked on 25 November 2026: learn.microsoft.com, Create incoming webhooks with Workflows, the Microsoft Teams
connector (known issues and limits), and the schema of Adaptive Cards 1.4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
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
from scheduler.domain.delivery import Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.domain.webhook import read_path
from scheduler.errors import PublishError, RateLimited, Rejected, Unauthorised

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Explain, Platform, Reply

_CHECKED = date(2026, 11, 25)
_CARD = Source("learn.microsoft.com, Microsoft Teams connector: a message has at most about 28 kB in all", _CHECKED)
_IMAGE = Source("learn.microsoft.com, cards in Teams: at most 1,024 pixels a side and 1 MB, PNG or JPEG", _CHECKED)
_LARGEST = 28 * 1024  # the most that "about 28 KB" can mean
_TEXT = 24_000  # of those bytes, so that the card around it has room
_ADDRESS = "https://" + "x" * 192  # as long as a picture's address may be when the card is measured
_PATH = r"/(?:.*/)?workflows/[^/]+/triggers/[^/]+/paths/invoke"
_EXAMPLE = "https://prod-00.uksouth.logic.azure.com/workflows/…/triggers/manual/paths/invoke?…&sig=…"
_MOST_BUTTONS = 6  # Teams shows no more actions of a card

# What the service says of the workflow rather than of the card: it is gone, switched off, or its key was changed.
_SWITCHED_OFF = frozenset(
    {"WorkflowDisabled", "WorkflowNotEnabled", "WorkflowSuspended", "WorkflowTriggerIsNotEnabled"}
)
_TOLD_IN_200 = "HTTP error 429"  # how connectors answered 200 for a post that was not taken


class Teams:
    """Implements the port Platform, and none of those that need to know a message again."""

    name = "teams"
    title = "Microsoft Teams"
    server = ""
    server_example = "https://prod-00.uksouth.logic.azure.com:443"
    capabilities = Capabilities(
        text=(TextLimit(_TEXT, Unit.BYTES, _CARD, certain=False),),  # certain is what the whole card may be
        repeat=Repeat(
            Idempotency.NONE, Source("a workflow answers 202 and tells no id: learn.microsoft.com", _CHECKED)
        ),
        source=_CARD,
        images=ImageLimits(
            10,
            1_000_000,
            ("image/jpeg", "image/png"),
            1000,
            _IMAGE,
            max_side=1024,
            fetched=True,
            uncertain=("maximum", "alt_length"),  # our own
        ),
        link_card="client",
        retract="nothing: a person must delete it in Teams",
        rate=Rate(4, timedelta(seconds=1), Source("learn.microsoft.com, webhooks in Teams: four a second", _CHECKED)),
    )
    settings = (
        Setting(
            "webhook",
            "the address of a workflow that posts to a channel when a webhook request is received, all of it, with the "
            "sig at its end; as `server` write what stands before its third slash",
            "env:TEAMS_WEBHOOK",
            secret=True,
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's card, but for the addresses of its pictures. Raise Rejected if it is too large."""
        return Prepared(tuple([_prepare_part(part, account) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Hand the card to the workflow. The id is made of the delivery's key, since none is told."""
        path = read_path(context.secret("webhook"), _PATH, context.account.name, _EXAMPLE)
        message = _make_message(part.body, [context.find_address(picture) for picture in part.media])
        reply = context.wire.request(
            "POST",
            path,
            body=message,
            headers={"Content-Type": "application/json"},
            commit=True,
            explain=_make_explain(context.account.name),
        )
        _check_taken(reply)
        return Receipt(f"{context.key}/{index}")


def _prepare_part(part: ContentPart, account: Account) -> PreparedPart:
    links = tuple([url for _, _, url in find_urls(part.text)])
    body = {"text": part.text, "buttons": _make_buttons(part, links), "alts": [media.alt for media in part.media]}
    size = len(_make_message(body, [_ADDRESS] * len(part.media)))
    if size > _LARGEST:
        message = (
            f"The card for {account.name} has {size:,} bytes, with its links and alt texts; Teams takes {_LARGEST:,}."
        )
        raise Rejected(f"{message} Give this account a shorter variant.")
    return PreparedPart(part.text, body, part.media, links)


def _make_buttons(part: ContentPart, links: Sequence[str]) -> list[dict[str, str]]:
    """Return a button for each address: not every view of a card makes the addresses in its text work."""
    titles = {part.link.url: part.link.title} if part.link is not None else {}
    named = [(url, titles.get(url) or urlsplit(url).netloc) for url in [*dict.fromkeys(links)][:_MOST_BUTTONS]]
    return [{"type": "Action.OpenUrl", "title": title, "url": url} for url, title in named]


def _make_message(body: Mapping[str, Any], addresses: Sequence[str]) -> bytes:
    """Return the request: UTF-8, since escapes would take up three times the room."""
    pictures = [
        {"type": "Image", "url": address, "altText": alt, "size": "Stretch"}
        for address, alt in zip(addresses, body["alts"], strict=True)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": body["text"], "wrap": True}, *pictures],
        "actions": body["buttons"],
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode()


def _check_taken(reply: Reply) -> None:
    """Raise unless the card was taken: 202, or 200 and nothing that speaks against it (a flow may answer by itself)."""
    if _TOLD_IN_200 in reply.text:
        raise RateLimited("Teams takes no more for now (HTTP error 429 in its answer). Nothing was sent.")
    if reply.status != 202 and reply.text.strip():
        reply.json()  # raises for a page of some proxy


def _make_explain(account: str) -> Explain:
    def explain(reply: Reply) -> PublishError | None:
        if reply.status < 400 or reply.status in {408, 429} or reply.status >= 500:
            return None
        fault = read_object(read_answer(reply), "error")
        code = str(fault.get("code") or "")
        words = " ".join(str(fault.get("message") or code or reply.text or f"HTTP status {reply.status}").split())[
            :300
        ].rstrip(".")
        if code in _SWITCHED_OFF:
            message = (
                f"The workflow of {account} is switched off: {words}. Nothing was sent. Switch it on in Workflows."
            )
            return Unauthorised(message, retry=True)
        if reply.status in {401, 403, 404, 410}:
            hint = "Copy the address of the workflow's webhook anew, or make a new workflow."
            return Unauthorised(f"The workflow of {account} does not take this: {words}. Nothing was sent. {hint}")
        return Rejected(f"The workflow of {account} refused this card: {words}.")

    return explain


PLATFORM: Platform = Teams()
