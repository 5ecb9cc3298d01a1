"""What a platform can carry, as data, and the check of content against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.measure import Unit, measure
from scheduler.domain.problem import Place, Problem, error, warning


class Source(NamedTuple):
    """Where a figure comes from and when somebody last looked."""

    where: str
    checked: date


class TextLimit(NamedTuple):
    """The longest text, in a unit. `setting` names the limit an instance may tell otherwise (see `Limits`)."""

    maximum: int
    unit: Unit
    source: Source
    url_weight: int | None = None
    short_mentions: bool = False
    setting: str = ""


class ImageLimits(NamedTuple):
    """How many pictures and of what kind; larger ones are scaled and re-encoded, so `bytes` is no reason to refuse.

    `alt_length` counts in `alt_unit`; `max_side` is the longest side in pixels, 0 if none is known.
    """

    maximum: int
    max_bytes: int
    types: tuple[str, ...]
    alt_length: int
    source: Source
    alt_unit: Unit = Unit.CHARACTERS
    max_side: int = 0


class Idempotency(StrEnum):
    """How a platform keeps a repeated call from posting twice."""

    OWN_KEY = "own key"  # the record's name is ours: absent by that name means not posted
    KEY_HEADER = "idempotency key"  # the same key again returns the first post, within a window
    LISTING = "listing"  # own posts can be listed and matched; "not found" proves nothing
    NONE = "none"  # nobody can tell but a person


class Repeat(NamedTuple):
    """How a lost reply is resolved. `window` is how long a key is remembered, None for ever or not at all."""

    idempotency: Idempotency
    source: Source
    window: timedelta | None = None


class Rate(NamedTuple):
    """At most `posts` in `every`, by the platform's documents; its own headers overrule this."""

    posts: int
    every: timedelta
    source: Source


class Price(NamedTuple):
    """What one post costs, in US dollars, without and with a link."""

    post: float
    post_with_link: float
    source: Source


class Capabilities(NamedTuple):
    """Everything the product must know of a platform before it sends. None means the platform has no such thing."""

    text: tuple[TextLimit, ...]
    repeat: Repeat
    source: Source
    images: ImageLimits | None = None
    threads: bool = False
    link_card: str = "none"  # "server": drawn by the platform; "client": drawn from the calendar's title; "none"
    retract: str = "none"  # what a retraction takes back, in words
    rate: Rate | None = None
    price: Price | None = None


class Setting(NamedTuple):
    """A setting of an account. `secret` ones are written as a reference (env:, file:, keyring:).

    `pattern` is a regular expression that the whole of a value must match, if there is one.
    """

    name: str
    help: str
    example: str
    secret: bool = False
    required: bool = True
    default: str = ""
    pattern: str = ""


Limits = Mapping[str, int]
"""What an instance told of its own limits, by the names that the capabilities give them; empty if not asked yet."""


class Length(NamedTuple):
    """How long a text is in the unit that comes nearest to its limit."""

    length: int
    limit: int
    unit: Unit

    @property
    def excess(self) -> int:
        """Return how many units too long it is; negative or zero if it fits."""
        return self.length - self.limit


def measure_text(text: str, capabilities: Capabilities, limits: Limits) -> Length:
    """Return the length of a text in the limit it fills most; a platform may have several (graphemes and bytes)."""
    fullest: Length | None = None
    for limit in capabilities.text:
        length = measure(text, limit.unit, limit.url_weight, short_mentions=limit.short_mentions)
        maximum = limits.get(limit.setting, limit.maximum) if limit.setting else limit.maximum
        candidate = Length(length, maximum, limit.unit)
        if fullest is None or length * fullest.limit > fullest.length * maximum:
            fullest = candidate
    if fullest is None:
        raise ValueError("a platform must declare at least one text limit")
    return fullest


def measure_content(content: Content, capabilities: Capabilities, limits: Limits) -> tuple[Length, ...]:
    """Return the length of each part's text."""
    return tuple([measure_text(part.text, capabilities, limits) for part in content.parts])


def check_content(
    content: Content, capabilities: Capabilities, limits: Limits, account: str, lengths: Sequence[Length] | None = None
) -> list[Problem]:
    """Return what keeps the content from being sent as it stands (errors) and what a person should know (warnings).

    `lengths` are those of its parts, if they are known already.
    """
    lengths = lengths or measure_content(content, capabilities, limits)
    problems: list[Problem] = []
    if len(content.parts) > 1 and not capabilities.threads:
        problems.append(
            error(
                f"{account} cannot carry a thread, and this post has {len(content.parts)} parts.",
                content.parts[1].place,
                "Give this account a variant with one text.",
            )
        )
    for number, (part, length) in enumerate(zip(content.parts, lengths, strict=True), start=1):
        if part.text and length.length <= length.limit and not part.media:
            continue  # as nearly all are
        which = f"{account} (part {number} of {len(content.parts)})" if len(content.parts) > 1 else account
        problems += _check_text(part, length, which)
        if part.media:
            problems += _check_images(part, capabilities, limits, which)
    return problems


def _check_text(part: ContentPart, length: Length, account: str) -> list[Problem]:
    if not part.text:
        return [error(f"The text for {account} is empty.", part.place, "Write what the post says.")]
    if length.excess <= 0:
        return []
    return [
        error(
            f"The text for {account} is {length.length} {length.unit} long; the limit is {length.limit}.",
            part.place,
            f"Take out {length.excess}, or give this account a shorter variant. "
            "The link and the hashtags count as well.",
        )
    ]


def _check_images(part: ContentPart, capabilities: Capabilities, limits: Limits, account: str) -> list[Problem]:
    images = capabilities.images
    if images is None:
        return [
            error(f"{account} cannot carry pictures.", part.place, "Give this account a variant with `images: []`.")
        ]
    problems = []
    maximum = limits.get("max_images", images.maximum)
    if len(part.media) > maximum:
        pictures = "1 picture" if maximum == 1 else f"{maximum} pictures"
        problems.append(
            error(
                f"{account} carries at most {pictures}, and this post has {len(part.media)}.",
                part.place,
                "Take some out, or spread them over a thread.",
            )
        )
    alt_length = limits.get("alt_length", images.alt_length)
    for media in part.media:
        problems += _check_picture(media, part.place, images, alt_length, account)
    return problems


def _check_picture(media: Media, place: Place, images: ImageLimits, alt_length: int, account: str) -> Iterator[Problem]:
    length = measure(media.alt, images.alt_unit)
    if length > alt_length:
        message = f"The alt text of {media.path} is {length} {images.alt_unit} long; {account} takes {alt_length}."
        yield error(message, place, "Say it in fewer words.")
    if media.animated and (media.content_type not in images.types or media.size > images.max_bytes):
        message = f"{media.path} is animated, and {account} cannot take it as it is."
        yield error(message, place, "Give this account a variant with a still picture.")
    elif media.content_type not in images.types:
        yield warning(f"{account} does not take {media.content_type}: {media.path} will be sent as a JPEG.", place)
