"""Slack, through an incoming webhook: it answers no more than "ok", so that nothing can be found, linked or taken back.

Pictures must be where Slack can fetch them. With an app's bot token all of that is better: see `slack.py`.

Sources, checked on 25 November 2026: docs.slack.dev, Sending messages using incoming webhooks, and the image block.
"""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
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
from scheduler.errors import PublishError, Rejected, Unauthorised

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Explain, Platform, Reply

_CHECKED = date(2026, 11, 25)
_POST = Source("docs.slack.dev, chat.postMessage: longer texts are cut at 40,000; 4,000 are advised", _CHECKED)
_HOOK = Source("docs.slack.dev, incoming webhooks: they answer the word ok and nothing else", _CHECKED)
_IMAGE = Source(
    "docs.slack.dev, image block: png, jpg and gif at a public address; size and number are our own", _CHECKED
)
_PATH = r"/(services|triggers)/[^/]+/[^/]+/[^/]+"
_EXAMPLE = "https://hooks.slack.com/services/T0123/B0123/abcdef"

# What Slack says of the webhook or its channel, not of the post; it comes as plain text with 403, 404 or 410.
_HOOK_REFUSED = frozenset(
    {"invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled"}
)
_CHANNEL_REFUSED = frozenset(
    {"action_prohibited", "channel_is_archived", "channel_not_found", "posting_to_general_channel_denied"}
    | {"user_not_found"}
)


class SlackWebhook:
    """Implements the port Platform, and none of those that need to know a message again."""

    name = "slack_webhook"
    title = "Slack (incoming webhook)"
    server = "https://hooks.slack.com"
    capabilities = Capabilities(
        text=(TextLimit(40_000, Unit.CHARACTERS, _POST),),
        repeat=Repeat(Idempotency.NONE, _HOOK),
        source=_HOOK,
        images=ImageLimits(
            10,
            10_000_000,
            ("image/jpeg", "image/png", "image/gif"),
            2000,
            _IMAGE,
            fetched=True,
            uncertain=("maximum", "max_bytes"),
        ),
        link_card="server",
        retract="nothing: a person must delete it in Slack",
        rate=Rate(60, timedelta(minutes=1), Source("docs.slack.dev, Rate limits: one a second", _CHECKED)),
    )
    settings = (
        Setting(
            "webhook",
            "the address of an incoming webhook of your app, as its page shows it",
            "env:SLACK_WEBHOOK",
            secret=True,
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's request, but for the addresses of its pictures."""
        return Prepared(tuple([_prepare_part(part) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Post the message. The id is made of the delivery's key, since Slack tells none."""
        path = read_path(context.secret("webhook"), _PATH, context.account.name, _EXAMPLE)
        request: dict[str, Any] = {name: value for name, value in part.body.items() if name != "alts"}
        blocks = [
            {"type": "image", "image_url": context.find_address(picture), "alt_text": alt}
            for picture, alt in zip(part.media, part.body["alts"], strict=True)
        ]
        if blocks:
            request["attachments"] = [{"fallback": "; ".join(part.body["alts"])[:2000], "blocks": blocks}]
        explain = _make_explain(context.account.name)
        reply = context.wire.request("POST", path, json=request, commit=True, explain=explain)
        if reply.text.strip() != "ok":
            raise reply.problem("did not answer ok")
        return Receipt(f"{context.key}/{index}")


def _prepare_part(part: ContentPart) -> PreparedPart:
    body = {
        "text": html.escape(part.text, quote=False),  # Slack's three signs: & < >
        "mrkdwn": False,  # nothing in a text is markup
        "unfurl_links": part.link is not None,
        "alts": [media.alt for media in part.media],
    }
    return PreparedPart(part.text, body, part.media, tuple([url for _, _, url in find_urls(part.text)]))


def _make_explain(account: str) -> Explain:
    def explain(reply: Reply) -> PublishError | None:
        words = " ".join(reply.text.split())[:300]
        if reply.status in {408, 429} or reply.status >= 500:
            return None
        if words in _HOOK_REFUSED or reply.status == 401:
            hint = "Make a new one on the page of your Slack app, and set it as the account's webhook."
            return Unauthorised(f"Slack does not know the webhook of {account}: {words}. Nothing was sent. {hint}")
        if words in _CHANNEL_REFUSED or reply.status == 403:
            hint = "Check its channel, and the rules of the workspace."
            message = f"Slack does not let the webhook of {account} post: {words}. Nothing was sent. {hint}"
            return Unauthorised(message, retry=True)
        return Rejected(f"Slack refused this post: {words}.") if reply.status >= 400 else None

    return explain


PLATFORM: Platform = SlackWebhook()
