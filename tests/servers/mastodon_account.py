"""Reading what an account has on a server with the Mastodon client API: shared by snac2 and mastodon_mock."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import requests

from tests.servers.seen import SeenPost

_PAGE = 40  # Mastodon gives no more statuses at once
# What these servers make of plain text. Other angle brackets are the text's own: snac2 2.75 does not escape them.
_TAGS = re.compile(r"</?(?:a|b|blockquote|br|code|del|em|i|li|ol|p|pre|span|strong|u|ul)(?:\s[^>]*)?/?>")


@dataclass(frozen=True)
class MastodonAccount:
    """An account with a token for reading and writing."""

    id: str
    username: str
    access_token: str


def read_statuses(base_url: str, account: MastodonAccount) -> list[SeenPost]:
    """Return the account's statuses, oldest first by time of creation, each of them once."""
    found: dict[str, dict[str, Any]] = {}
    query: dict[str, str] = {"limit": str(_PAGE)}
    while True:
        page = call_api(base_url, "GET", f"/api/v1/accounts/{account.id}/statuses", account.access_token, params=query)
        fresh = [status for status in page if status["id"] not in found]
        if not fresh:
            # Listed newest first; where a server writes whole seconds only, its own order decides within one.
            return sorted(map(_read_status, reversed(found.values())), key=lambda post: post.created_at)
        found |= {status["id"]: status for status in fresh}
        query["max_id"] = fresh[-1]["id"]


def call_api(base_url: str, method: str, path: str, token: str | None, **arguments: Any) -> Any:
    """Call the Mastodon client API and return its JSON; an answer that is not a success is an AssertionError."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, base_url + path, headers=headers, timeout=30, **arguments)
    if not answer.ok:
        raise AssertionError(f"{base_url} answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
    return answer.json()


def turn_html_to_text(content: str) -> str:
    """Return the text of a status' HTML: line breaks and paragraphs kept, its tags dropped, entities resolved."""
    text = re.sub(r"\s*</p>\s*<p[^>]*>\s*", "\n\n", content)
    text = re.sub(r"<br\s*/?>", "\n", text)
    return html.unescape(_TAGS.sub("", text)).strip()


def _read_status(status: dict[str, Any]) -> SeenPost:
    return SeenPost(
        id=status["id"],
        text=turn_html_to_text(status["content"]),
        alt_texts=tuple(media.get("description") or "" for media in status["media_attachments"]),
        parent=status.get("in_reply_to_id"),
        created_at=status["created_at"],
        raw=status,
    )
