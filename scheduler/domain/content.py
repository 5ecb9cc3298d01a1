"""What goes out for one delivery: text with its link and hashtags composed, and its media.

What is made for each delivery of a preview is a named tuple: it costs a third of a frozen dataclass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from scheduler.domain.campaign import Image, Link, Part, Post, Replies, Video
from scheduler.domain.problem import Place

_TAG_END = r"(?!\w)"


class Media(NamedTuple):
    """A picture or film with the facts a platform needs: `width` and `height` in pixels, upright, `size` in bytes.

    `digest` is the SHA-256 of the file's bytes, in hexadecimal; a file whose bytes change is another one. Of a film
    `seconds` is how long it runs, `captions` the file of its subtitles, if any, with its own digest, and its size in
    bytes as WebVTT; `codec` and `sound` are how it is encoded (`h264`, `aac`; "" without sound).
    """

    path: str
    alt: str
    digest: str
    content_type: str
    width: int
    height: int
    size: int
    animated: bool = False
    seconds: float = 0.0
    title: str = ""
    captions: str = ""
    captions_digest: str = ""
    captions_needed: bool = True  # not if they are burnt in, or nothing is said
    captions_size: int = 0
    frame_rate: float = 0.0
    codec: str = ""
    sound: str = ""

    @property
    def is_video(self) -> bool:
        """Return whether it is a film."""
        return self.content_type.startswith("video/")


def find_title(film: Media, text: str) -> str:
    """Return a film's title; without one, the first line of its post's text stands in for it."""
    return film.title.strip() or text.strip().partition("\n")[0].rstrip()


class ContentPart(NamedTuple):
    """One message, complete: `text` is exactly what readers will see. `media` are pictures, or one film.

    `is_comment` says that it is the first comment below the post, not a part of its own.
    """

    text: str
    place: Place
    link: Link | None = None
    media: tuple[Media, ...] = ()
    is_comment: bool = False


class Content(NamedTuple):
    """All parts of one delivery, in order, the first comment last; `language` is a BCP 47 tag."""

    parts: tuple[ContentPart, ...]
    language: str = "en"
    content_warning: str = ""
    replies: Replies | None = None

    @property
    def thread(self) -> tuple[ContentPart, ...]:
        """Return its parts without the first comment."""
        return tuple([part for part in self.parts if not part.is_comment])


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


Inspect = Callable[[Image | Video], Media]
"""Looks up the facts of a picture or a film. Raises UnfitPicture if it cannot be used."""


def compose_content(post: Post, account: str, inspect: Inspect) -> Content:
    """Return what the post says on one account: its own variant if it has one, hashtags on the last part.

    `inspect` looks up the facts of a picture or film; whatever it raises passes through.
    """
    target = post.targets.get(account)
    parts: tuple[Part, ...] = post.parts if target is None or target.parts is None else target.parts
    hashtags = post.hashtags if target is None or target.hashtags is None else target.hashtags
    comment, warning = post.comment, post.content_warning
    if target is not None:
        comment, warning = post.find_comment(account), post.find_content_warning(account)
    content = _compose_words(parts, hashtags, comment, post.language)
    if warning or post.replies:
        content = content._replace(content_warning=warning, replies=post.replies)
    if comment is not None:
        parts = (*parts, comment)
    if len(parts) == 1 and not parts[0].images and parts[0].video is None:
        return content  # as most are: asked without going through them
    if not any(part.images or part.video for part in parts):
        return content
    complete = [
        composed._replace(media=tuple([inspect(each) for each in _list_media(part)]))
        for composed, part in zip(content.parts, parts, strict=True)
    ]
    return content._replace(parts=tuple(complete))


def _list_media(part: Part) -> tuple[Image | Video, ...]:
    return part.images if part.video is None else (*part.images, part.video)


@lru_cache(64)  # the same words go to several accounts, one after the other
def _compose_words(parts: tuple[Part, ...], hashtags: tuple[str, ...], comment: Part | None, language: str) -> Content:
    """Return what these parts say, as yet without their pictures."""
    last = len(parts) - 1
    composed = [
        ContentPart(compose_text(part.text, part.link, hashtags if number == last else ()), part.place, part.link)
        for number, part in enumerate(parts)
    ]
    if comment is not None:
        words = compose_text(comment.text, comment.link, ())
        composed.append(ContentPart(words, comment.place, comment.link, is_comment=True))
    return Content(tuple(composed), language)
