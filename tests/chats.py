"""Accounts of the channels that post to chats, each before a scripted server, and what their services answer first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scheduler.domain.delivery import Receipt
from scheduler.domain.ports import Retracts, Verifies
from scheduler.platforms import load_platform
from tests.accounts import Sender, make_part, make_sender
from tests.servers.scripted import ScriptedServer

TOKEN = "canary-0123456789"
SECRETS = {
    "matrix": ("access_token", TOKEN),
    "discord": ("webhook", f"https://discord.com/api/webhooks/1100/{TOKEN}"),
    "slack": ("token", TOKEN),
    "slack_webhook": ("webhook", f"https://hooks.slack.com/services/T01/B01/{TOKEN}"),
    "teams": ("webhook", f"https://x.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sp=%2Frun&sig={TOKEN}"),
    "telegram": ("token", f"42:{TOKEN}"),
}
SETTINGS = {
    "matrix": {"room": "!AbCdEf:example.org"},
    "slack": {"channel": "C0123456789"},
    "telegram": {"chat": "@example_force"},
}
FIRST: Mapping[str, Any] = {
    "discord": {"id": "1100", "channel_id": "5", "guild_id": "3", "name": "Press office"},
    "slack": {"ok": True, "url": "https://example-force.slack.com/"},
}
"""What is asked before the first post of an account."""


def open_chat(name: str, server: ScriptedServer, folder: Path, secret: str = "", **settings: str) -> Sender:
    """Return an account of a channel; its server has the answer ready to what is asked first."""
    setting, value = SECRETS[name]
    path = folder / f"{name}.secret"
    path.write_text(secret or value, encoding="utf-8")
    if name in FIRST:
        answer(server, FIRST[name])
    return make_sender(load_platform(name), server.base_url, {setting: path}, **{**SETTINGS.get(name, {}), **settings})


def answer(server: ScriptedServer, body: Any, status: int = 200, **headers: str) -> None:
    """Let the next request have this answer; what is no text is sent as JSON."""
    content = body if isinstance(body, str) else json.dumps(body)
    server.answer(status, content.encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def post(sender: Sender, text: str = "Think, spot, speak out.") -> Receipt:
    """Publish a text."""
    return sender.publish(sender.prepare(make_part(text)))


def take_back(sender: Sender, receipt: Receipt) -> None:
    """Take a post back."""
    platform = sender.channel.platform
    assert isinstance(platform, Retracts)
    with sender.channel.open(lambda: None, key=sender.key) as context:
        platform.retract(receipt, 0, context)


def is_live(sender: Sender, receipt: Receipt) -> bool:
    """Return whether a post is still there."""
    platform = sender.channel.platform
    assert isinstance(platform, Verifies)
    with sender.channel.open(lambda: None, key=sender.key) as context:
        return platform.is_live(receipt, 0, context)


def read_body(server: ScriptedServer, number: int = -1) -> Any:
    """Return the JSON of a request that arrived."""
    return json.loads(server.requests[number].body)
