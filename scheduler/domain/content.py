"""What goes out for one delivery: text with its link and hashtags composed, and its media.

What is made for each delivery of a preview is a named tuple: it costs a third of a frozen dataclass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from scheduler.domain.campaign import Image, Link, Part, Post
from scheduler.domain.problem import Place

_TAG_END = r"(?!\w)"


class Media(NamedTuple):
    """A picture with the facts a platform needs. `width` and `height` are pixels after orientation, `size` bytes.

    `digest` is the SHA-256 of the file's bytes, in hexadecimal; a picture whose bytes change is another one.
    """

    path: str
    alt: str
    digest: str
    content_type: str
    width: int
    height: int
    size: int
    animated: bool = False


class ContentPart(NamedTuple):
    """One message, complete: `text` is exactly what readers will see."""

    text: str
    place: Place
    link: Link | None = None
    media: tuple[Media, ...] = ()


class Content(NamedTuple):
    """All parts of one delivery, in order; `language` is a BCP 47 tag."""

    parts: tuple[ContentPart, ...]
    language: str = "en"


def holds_hashtag(text: str, hashtag: str) -> bool:
    """Return whether the text holds the hashtag as a whole word, in any case of letters."""
    if hashtag.lower() not in text.lower():
        return False  # the common case, without a pattern
    return re.search(re.escape(hashtag) + _TAG_END, text, re.IGNORECASE) is not None


def compose_text(text: str, link: Link | None, hashtags: tuple[str, ...]) -> str:
    """Return the text, then the link and the hashtags that it does not hold already, as paragraphs of their own."""
    paragraphs = [text.strip()]
    if link is not None and link.url not in text:
        paragraphs.append(link.url)
    missing = [hashtag for hashtag in dict.fromkeys(hashtags) if not holds_hashtag(text, hashtag)]
    if missing:
        paragraphs.append(" ".join(missing))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def compose_content(post: Post, account: str, inspect: Callable[[Image], Media]) -> Content:
    """Return what the post says on one account: its own variant if it has one, hashtags on the last part.

    `inspect` looks up the facts of a picture; whatever it raises passes through.
    """
    target = post.targets.get(account)
    parts: tuple[Part, ...] = post.parts if target is None or target.parts is None else target.parts
    hashtags = post.hashtags if target is None or target.hashtags is None else target.hashtags
    content = _compose_words(parts, hashtags, post.language)
    pictures = [part.images for part in parts]
    if not any(pictures):
        return content
    complete = [
        part._replace(media=tuple([inspect(image) for image in images]))
        for part, images in zip(content.parts, pictures, strict=True)
    ]
    return content._replace(parts=tuple(complete))


@lru_cache(64)  # the same words go to several accounts, one after the other
def _compose_words(parts: tuple[Part, ...], hashtags: tuple[str, ...], language: str) -> Content:
    """Return what these parts say, as yet without their pictures."""
    last = len(parts) - 1
    composed = [
        ContentPart(compose_text(part.text, part.link, hashtags if number == last else ()), part.place, part.link)
        for number, part in enumerate(parts)
    ]
    return Content(tuple(composed), language)
