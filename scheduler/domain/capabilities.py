"""What a platform can carry, as data, and how long a text is in its units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from scheduler.domain.campaign import Replies
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.measure import Unit, measure


class Source(NamedTuple):
    """Where a figure comes from and when somebody last looked."""

    where: str
    checked: date


class TextLimit(NamedTuple):
    """The longest text, in a unit. `setting` names the limit an instance may tell otherwise (see `Limits`).

    A figure that the service itself does not state is not `certain`: a longer text is warned of, and sent as it is.
    """

    maximum: int
    unit: Unit
    source: Source
    url_weight: int | None = None
    short_mentions: bool = False
    setting: str = ""
    certain: bool = True


class ImageLimits(NamedTuple):
    """How many pictures and of what kind; larger ones are scaled and re-encoded, so `bytes` is no reason to refuse.

    `alt_length` counts in `alt_unit` (0: readers get no alt text at all); `max_side` is the longest side in pixels, 0
    if none is known. `min_ratio` and `max_ratio` bound width divided by height, 0 if nothing does: nothing is ever
    cropped, so that a picture outside them cannot be sent; nor is one enlarged that is less than `min_width` pixels
    wide. `fetched` says that the platform fetches it from a public address.

    `uncertain` names the figures here that the service itself does not state, or not so narrowly: what reports of
    others say, or a bound of our own. Still pictures are scaled into them all the same, but none is refused for one:
    what goes beyond is warned of, and sent as it is.
    """

    maximum: int
    max_bytes: int
    types: tuple[str, ...]
    alt_length: int
    source: Source
    alt_unit: Unit = Unit.CHARACTERS
    max_side: int = 0
    min_ratio: float = 0.0
    max_ratio: float = 0.0
    fetched: bool = False
    min_width: int = 0
    uncertain: tuple[str, ...] = ()

    def list_excesses(self, content_type: str, size: int, side: int) -> tuple[str, ...]:
        """Return the names of what a file goes beyond, by its type, its bytes and its longest side."""
        found = (
            ("types", content_type not in self.types),
            ("max_bytes", size > self.max_bytes),
            ("max_side", 0 < self.max_side < side),
        )
        return tuple([name for name, is_beyond in found if is_beyond])

    def within(self, limits: Mapping[str, int]) -> ImageLimits:
        """Return these with the bytes that an account's own limits allow, if they say that (see `Limits`)."""
        allowed = limits.get("max_image_bytes")
        return self if allowed is None else self._replace(max_bytes=allowed)

    def doubts(self, names: Iterable[str]) -> bool:
        """Return whether none of these figures is certain."""
        return all(name in self.uncertain for name in names)


class VideoLimits(NamedTuple):
    """Which films: bytes, seconds, types. One film a post; none is ever cut or encoded anew.

    `captions` is the form in which subtitles are sent, "srt" or "vtt", empty where they must be burnt into the film.
    `alt_length` counts in `alt_unit`, 0 where readers get no description. `fetched` and the ratios as of pictures.
    What is 0 or empty is not known to be bounded: `captions_bytes` of the captions as they are sent, `codecs` and
    `sounds` by the names that ffprobe gives them, `min_rate` and `max_rate` in frames a second, `max_side` the longest
    side in pixels. More seconds than `doubtful_after` may be refused, by what is known: that is a warning, no error.
    `title_length` is that of a title, in characters; without a title the first line of the text stands in for it.
    `uncertain` as of pictures.
    """

    max_bytes: int
    shortest: float
    longest: float
    types: tuple[str, ...]
    source: Source
    captions: str = ""
    alt_length: int = 0
    alt_unit: Unit = Unit.CHARACTERS
    fetched: bool = False
    captions_bytes: int = 0
    codecs: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    min_rate: float = 0.0
    max_rate: float = 0.0
    min_ratio: float = 0.0
    max_ratio: float = 0.0
    max_side: int = 0
    min_bytes: int = 0
    doubtful_after: float = 0.0
    title_length: int = 0
    uncertain: tuple[str, ...] = ()


class Count(NamedTuple):
    """More than `maximum` of something in one post is an error, or a warning where it is not certain.

    More than `refused_above` is an error even then, unless that is 0.
    """

    maximum: int
    source: Source
    certain: bool = True
    refused_above: int = 0


class Tokens(NamedTuple):
    """How long an account's token lasts. With `refreshed` the program gets a new one itself before it ends.

    `needs` names the settings without which an account's own is not refreshed for all that.
    """

    lifetime: timedelta
    refreshed: bool
    source: Source
    needs: tuple[str, ...] = ()

    def are_refreshed(self, configured: Collection[str]) -> bool:
        """Return whether the program gets new tokens for an account that has these settings and secrets."""
        return self.refreshed and all(name in configured for name in self.needs)


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
    """At most `posts` in `every`, which the service's headers overrule; only a warning where it is not certain.

    `setting` names the figure that a platform may tell of an account itself (see `Limits`), which is certain then.
    Without `counts_replies` the later parts of a thread and the first comment are no posts to it.
    """

    posts: int
    every: timedelta
    source: Source
    certain: bool = True
    setting: str = ""
    counts_replies: bool = True


class Price(NamedTuple):
    """What one post costs, in US dollars, without and with a link.

    `described` comes on top for each picture with alt text and each film with captions; `retraction` is for taking a
    post back, `look` for asking whether it is still there.
    """

    post: float
    post_with_link: float
    source: Source
    described: float = 0.0
    retraction: float = 0.0
    look: float = 0.0


class Capabilities(NamedTuple):
    """Everything the product must know of a platform before it sends. None means the platform has no such thing.

    The limits of one text, if it has several, are all certain or all not.
    """

    text: tuple[TextLimit, ...]
    repeat: Repeat
    source: Source
    text_with_media: tuple[TextLimit, ...] = ()  # of a text below pictures or a film, where it is another limit
    images: ImageLimits | None = None
    videos: VideoLimits | None = None
    media_required: bool = False  # a post of words alone cannot be made
    threads: bool = False
    comments: tuple[TextLimit, ...] = ()  # of the first comment below a post; empty where there can be none
    content_warnings: bool = False  # words shown first, which count as the text does
    replies: tuple[Replies, ...] = ()  # the settings of who may answer that it knows
    hashtags: Count | None = None
    links: Count | None = None  # different addresses
    cashtags: Count | None = None
    forbidden: str = ""  # characters that neither a post's text nor a film's title may hold
    link_card: str = "none"  # "server": drawn by the platform; "client": drawn from the calendar's title; "none"
    by_hand: bool = False  # what it makes is for a person, who posts it: no receipt says that it is out
    addressed: bool = False  # an address that a person typed is enough to find a post again (`receipts.find_post_id`)
    retract: str = "none"  # what a retraction takes back, in words
    rate: Rate | None = None
    reply_rate: Rate | None = None  # of later parts and first comments, where they are counted by themselves
    price: Price | None = None
    tokens: Tokens | None = None


def name_media(capabilities: Capabilities) -> str:
    """Return what may stand beside a text: `a picture`, `a film`, `a picture or a film`; empty if nothing may."""
    kinds = (("a picture", capabilities.images), ("a film", capabilities.videos))
    return " or ".join([name for name, limits in kinds if limits is not None])


class Setting(NamedTuple):
    """A setting of an account. `secret` ones are written as a reference (env:, file:, keyring:).

    `example` is what a person types after the colon, in quotes where YAML needs them. `pattern` is a regular expression
    that the whole of a value must match, if there is one, and `shape` says in words what it asks for. With `lives` a
    value is a month, such as 202611, that the platform knows for so long after its beginning and not longer. `limits`
    says which limits a value changes, and to what (see `Limits`).
    """

    name: str
    help: str
    example: str
    secret: bool = False
    required: bool = True
    default: str = ""
    pattern: str = ""
    lives: timedelta | None = None
    limits: Mapping[str, Mapping[str, int]] = {}
    shape: str = ""


Limits = Mapping[str, int]
"""What an instance told of its own limits, by the names that the capabilities give them, or an account's settings say.

Beside those there are `max_images`, `alt_length`, `max_image_bytes`, `max_video_bytes`, and media types of films with
0: not taken there. Empty if nothing is known of the account but what holds for all.
"""


def read_told_limits(kept: Mapping[str, object], server: str) -> Limits:
    """Return the limits in what a store kept of an account, if this server told them."""
    limits = kept.get("limits")
    if kept.get("server") != server or not isinstance(limits, dict):
        return {}
    return {name: value for name, value in limits.items() if isinstance(value, int)}


def add_chosen_limits(told: Limits, settings: Iterable[Setting], values: Mapping[str, str]) -> Limits:
    """Return what was told of an account's limits with what the values of its settings say of others."""
    chosen: dict[str, int] = {}
    for setting in settings:
        if setting.limits:
            chosen.update(setting.limits.get(values.get(setting.name, setting.default), {}))
    return {**chosen, **told} if chosen else told


class Length(NamedTuple):
    """How long a text is in the unit that comes nearest to its limit; see `TextLimit` for what is `certain`."""

    length: int
    limit: int
    unit: Unit
    certain: bool = True

    @property
    def excess(self) -> int:
        """Return how many units too long it is; negative or zero if it fits."""
        return self.length - self.limit


def measure_text(
    text: str, capabilities: Capabilities, limits: Limits, bounds: tuple[TextLimit, ...] | None = None
) -> Length:
    """Return the length of a text in the limit it fills most; a platform may have several (graphemes and bytes).

    `bounds` are the limits to look at, if not those of a post's text.
    """
    fullest: Length | None = None
    for limit in capabilities.text if bounds is None else bounds:
        length = measure(text, limit.unit, limit.url_weight, limit.short_mentions)
        told = limits.get(limit.setting) if limit.setting else None  # by the service itself: certain
        maximum = limit.maximum if told is None else told
        candidate = Length(length, maximum, limit.unit, limit.certain or told is not None)
        if fullest is None or length * fullest.limit > fullest.length * maximum:
            fullest = candidate
    if fullest is None:
        raise ValueError("a platform must declare at least one text limit")
    return fullest


def choose_bounds(capabilities: Capabilities, *, has_media: bool) -> tuple[TextLimit, ...]:
    """Return the limits that hold for the text of a post, or a part of a thread, with or without pictures or a film."""
    return capabilities.text_with_media if has_media and capabilities.text_with_media else capabilities.text


def measure_content(content: Content, capabilities: Capabilities, limits: Limits) -> tuple[Length, ...]:
    """Return the length of each part's text; a content warning counts with it where there are such."""
    if content.content_warning or capabilities.text_with_media or (content.parts and content.parts[-1].is_comment):
        return tuple([_measure_part(part, content, capabilities, limits) for part in content.parts])
    return tuple([measure_text(part.text, capabilities, limits) for part in content.parts])


def _measure_part(part: ContentPart, content: Content, capabilities: Capabilities, limits: Limits) -> Length:
    if part.is_comment and capabilities.comments:
        return measure_text(part.text, capabilities, limits, capabilities.comments)
    length = measure_text(part.text, capabilities, limits, choose_bounds(capabilities, has_media=bool(part.media)))
    if content.content_warning and capabilities.content_warnings:
        warning = measure_text(content.content_warning, capabilities, limits)
        return length._replace(length=length.length + warning.length)
    return length
