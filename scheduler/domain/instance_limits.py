"""What a server that speaks Mastodon's client API tells of itself: its limits, and whether it honours keys.

Sources, checked on 25 November 2026: `mastodon/documentation` (entities Instance and V1::Instance), Pleroma's and
snac2's answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What Mastodon and its forks call themselves. Others borrow such a number and add a name, in brackets or after a plus.
_HONOURING = re.compile(
    r"(?:[4-9]|\d\d)\.\d+\.\d+(?:-(?:alpha|beta|rc|nightly)[\w.-]*)?(?:\+(?:glitch|hometown)[\w.+-]*)?"
)
# Where instances tell a limit, by server: first Mastodon (v2, and v1 since 3.4), then Pleroma and older ones (v1).
_TOLD = {
    "max_characters": (("configuration", "statuses", "max_characters"), ("max_toot_chars",)),
    "max_images": (("configuration", "statuses", "max_media_attachments"), ("max_media_attachments",)),
    "alt_length": (("configuration", "media_attachments", "description_limit"), ("description_limit",)),
    "max_video_bytes": (("configuration", "media_attachments", "video_size_limit"),),
}
_TYPES_TOLD = ("configuration", "media_attachments", "supported_mime_types")
_FILMS = ("video/mp4", "video/quicktime", "video/webm")


def honours_key(version: str) -> bool:
    """Return whether a server that tells this version is known to honour `Idempotency-Key`: Mastodon and its forks."""
    return _HONOURING.fullmatch(version.strip()) is not None


def find_limits(instance: Mapping[str, Any]) -> dict[str, int]:
    """Return the limits in an answer to `/api/v2/instance` or `/api/v1/instance`; what it does not tell is left out.

    A kind of film that the server says it does not take is there by its media type, with 0.
    """
    limits = {}
    for name, places in _TOLD.items():
        told = [value for place in places if (value := _read_count(instance, place)) is not None]
        if told:
            limits[name] = told[0]
    taken = _follow(instance, _TYPES_TOLD)
    if isinstance(taken, list) and taken:
        limits |= {kind: 0 for kind in _FILMS if kind not in taken}
    return limits | {"honours_key": int(honours_key(str(instance.get("version") or "")))}


def _read_count(instance: Mapping[str, Any], place: tuple[str, ...]) -> int | None:
    """Return the positive whole number at a place of nested objects, None if there is none."""
    value = _follow(instance, place)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _follow(instance: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = instance
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value
