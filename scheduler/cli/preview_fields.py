"""The rows of a preview as other programs get them."""

from __future__ import annotations

from typing import Any

from scheduler.cli.output import problem_fields, write_utc
from scheduler.domain.content import Media
from scheduler.preview import PartRow, Row


def row_fields(row: Row) -> dict[str, Any]:
    """Return a row as JSON output gives it; documented in the README and stable."""
    delivery = row.delivery
    return {
        **delivery.ids,
        "platform": row.platform,
        "due_local": delivery.post.due.isoformat(timespec="seconds"),
        "due_utc": write_utc(delivery.due),
        "not_after_utc": write_utc(delivery.not_after),
        "content_warning": delivery.post.find_content_warning(delivery.account),
        "replies": None if delivery.post.replies is None else str(delivery.post.replies),
        "embargo_utc": write_utc(delivery.post.embargo),
        "parts": [_part_fields(part) for part in row.parts],
        "problems": [problem_fields(problem) for problem in row.problems],
        "decision": str(row.decision.action),
        "reason": row.decision.reason,
        "not_sent": row.not_sent,
        "status": str(row.status),
        "price_usd": row.price,
    }


def _part_fields(part: PartRow) -> dict[str, Any]:
    return {
        "text": part.text,
        "length": part.length.length,
        "limit": part.length.limit,
        "limit_certain": part.length.certain,
        "unit": str(part.length.unit),
        "media": [_media_fields(media) for media in part.media],
        "links": list(part.links),
        "is_comment": part.is_comment,
        "counts_warning": part.counts_warning,
    }


def _media_fields(media: Media) -> dict[str, Any]:
    fields: dict[str, Any] = {"path": media.path, "alt": media.alt, "type": media.content_type}
    fields |= {"width": media.width, "height": media.height, "bytes": media.size}
    if media.is_video:
        fields |= {"seconds": media.seconds, "title": media.title, "captions": media.captions or None}
        fields |= {"captions_needed": media.captions_needed}
    return fields
