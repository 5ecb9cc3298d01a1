"""What the test servers report in common: posts as they are really held, and made-up names."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SeenPost:
    """One post as the server holds it; `parent` is the id of the post it answers, `alt_texts` one entry per picture."""

    id: str
    text: str
    alt_texts: tuple[str, ...]
    parent: str | None
    created_at: str
    raw: dict[str, Any]


def make_name(prefix: str) -> str:
    """Return a name nobody else has: `prefix` and six random hexadecimal digits; letters and digits only."""
    return f"{prefix}{secrets.token_hex(3)}"
