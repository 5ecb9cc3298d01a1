"""What a claim stores of the text and media, as JSON and back."""

from __future__ import annotations

import hashlib
import json

from scheduler.domain.content import Media
from scheduler.domain.delivery import Prepared, PreparedPart


def write_prepared(prepared: Prepared) -> str:
    """Return a Prepared as JSON; equal values give equal text."""
    parts = [
        {"text": part.text, "body": part.body, "media": [media._asdict() for media in part.media], "links": part.links}
        for part in prepared.parts
    ]
    words = json.dumps({"parts": parts}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Half a surrogate pair is escaped, as JSON allows: what is sent must come back as it was, not cleaned.
    return words.encode("utf-8", "backslashreplace").decode()


def read_prepared(words: str) -> Prepared:
    """Return the Prepared that `write_prepared` wrote."""
    return Prepared(
        parts=tuple(
            PreparedPart(
                text=part["text"],
                body=part["body"],
                media=tuple(Media(**media) for media in part["media"]),
                links=tuple(part["links"]),
            )
            for part in json.loads(words)["parts"]
        )
    )


def digest_prepared(words: str) -> str:
    """Return the SHA-256 of a Prepared's JSON, in hexadecimal."""
    return hashlib.sha256(words.encode()).hexdigest()
