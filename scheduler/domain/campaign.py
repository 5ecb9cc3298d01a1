"""What people wrote in a calendar, after reading: times resolved, inheritance and placeholders settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.domain.problem import Place


@dataclass(frozen=True, slots=True)
class Link:
    """An address to show with a post. Title and description are for platforms where the client draws the card."""

    url: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the calendar names it. `path` is absolute, or relative to the current folder."""

    path: str
    alt: str
    place: Place


@dataclass(frozen=True, slots=True)
class Part:
    """One message: a whole post, or one part of a thread."""

    text: str
    place: Place
    link: Link | None = None
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What differs for one account: each field that is not None takes the place of the post's own."""

    parts: tuple[Part, ...] | None = None
    hashtags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a campaign. `due` is aware, in the campaign's zone; `not_after` counts from it."""

    id: str
    due: dt.datetime
    not_after: dt.timedelta
    parts: tuple[Part, ...]
    accounts: tuple[str, ...]
    place: Place
    hashtags: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    targets: Mapping[str, Target] = field(default_factory=dict)
    draft: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One calendar file. `occurrence` is the year of its date: correcting the date makes no new one."""

    id: str
    name: str
    file: str
    date: dt.date
    posts: tuple[Post, ...]
    until: dt.date | None = None

    @property
    def occurrence(self) -> str:
        """Return which holding of the campaign this is, for the keys of its deliveries."""
        return str(self.date.year)
