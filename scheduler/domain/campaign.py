"""What people wrote in a calendar, after reading: times resolved, inheritance and placeholders settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from scheduler.domain.problem import Place


class Replies(StrEnum):
    """Who may answer a post; without one it is what the account's own settings say."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    MENTIONED = "mentioned"
    NOBODY = "nobody"


class Link(NamedTuple):
    """An address to show with a post. Title and description are for platforms where the client draws the card."""

    url: str
    title: str = ""
    description: str = ""


class Image(NamedTuple):
    """A picture as the calendar names it. `path` is absolute, or relative to the current folder."""

    path: str
    alt: str
    place: Place


class Video(NamedTuple):
    """A film as the calendar names it. Paths are absolute, or relative to the current folder.

    `captions` is a file of subtitles (.srt or .vtt) in the post's language, empty if it has none. It needs none if they
    are burnt in, or nothing is said in it.
    """

    path: str
    alt: str
    place: Place
    captions: str = ""
    title: str = ""
    captions_needed: bool = True


class Part(NamedTuple):
    """One message: a whole post, one part of a thread, or the first comment below it."""

    text: str
    place: Place
    link: Link | None = None
    images: tuple[Image, ...] = ()
    video: Video | None = None


class Target(NamedTuple):
    """What differs for one account: each field that is not None takes the place of the post's own.

    Without a comment there is none below the post whatever the post itself says, and `comment` is None. An empty
    content warning takes the post's own away.
    """

    parts: tuple[Part, ...] | None = None
    hashtags: tuple[str, ...] | None = None
    comment: Part | None = None
    without_comment: bool = False
    content_warning: str | None = None


class Post(NamedTuple):
    """One message of a campaign. `due` is aware, in the campaign's zone; `not_after` counts from it.

    Before `embargo` (aware) its words may stand in nothing that leaves the team, such as a calendar feed.
    """

    id: str
    due: dt.datetime
    not_after: dt.timedelta
    parts: tuple[Part, ...]
    accounts: tuple[str, ...]
    place: Place
    hashtags: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    targets: Mapping[str, Target] = {}
    draft: bool = False
    language: str = "en"
    embargo: dt.datetime | None = None
    comment: Part | None = None
    content_warning: str = ""
    replies: Replies | None = None

    def find_comment(self, account: str) -> Part | None:
        """Return the first comment below the post on an account, None if there is to be none."""
        target = self.targets.get(account)
        if target is None or (target.comment is None and not target.without_comment):
            return self.comment
        return target.comment

    def find_content_warning(self, account: str) -> str:
        """Return what readers of an account see first, empty if there is to be nothing."""
        target = self.targets.get(account)
        return self.content_warning if target is None or target.content_warning is None else target.content_warning


class Campaign(NamedTuple):
    """One calendar file. `occurrence` is the year of its date: correcting the date makes no new one.

    `day` is the awareness day that its date comes from, if any. `unsettled` says why its posts are planned and shown
    but never sent: its date is not sure, or the team decided against it.
    """

    id: str
    name: str
    file: str
    date: dt.date
    posts: tuple[Post, ...]
    until: dt.date | None = None
    day: str = ""
    unsettled: str = ""

    @property
    def occurrence(self) -> str:
        """Return which holding of the campaign this is, for the keys of its deliveries."""
        return str(self.date.year)
