"""Awareness days: the rules by which they recur, what is known of each year, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from scheduler.domain.day_rules import Rule


class DateStatus(StrEnum):
    """How sure the date of one year is."""

    CONFIRMED = "confirmed"  # the date of that very year was seen at `source`: its organiser's page, or another's
    COMPUTED = "computed"  # by a rule that holds: a fixed date, a statute, a rule that fits every date seen
    ESTIMATED = "estimated"  # a guess; people must find out
    UNKNOWN = "unknown"  # announced each year, and not yet; the date given is only where it usually falls
    NOT_HELD = "not held"  # known not to happen that year


SURE = frozenset({DateStatus.CONFIRMED, DateStatus.COMPUTED})
"""With any other status nothing is sent."""


class Holding(NamedTuple):
    """One year's holding of a day: `first` and `last` are both included; None if it is not held, or nothing is known.

    `name` and `hashtags` are those of that year. `note` says why a date is not the rule's, or why it is not held;
    `declined` why the team decided to do nothing this year. `verified_on` is when `source` was last looked at.
    `themes` are those of its first day, its second and so on, as far as they are known.
    """

    day: str
    year: int
    name: str
    first: dt.date | None
    last: dt.date | None
    status: DateStatus
    hashtags: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    verified_on: dt.date | None = None
    declined: str = ""
    themes: tuple[str, ...] = ()


class Era(NamedTuple):
    """What holds of a day from a year on (0: from its beginning). `days` is its length, None if the rule says it."""

    from_year: int
    name: str
    rule: Rule
    days: int | None = None
    hashtags: tuple[str, ...] = ()


class YearEntry(NamedTuple):
    """What is known of one year beside the rule. Without `first` the rule's date stands.

    `why` says why the date is not the rule's, `not_held` why there is none, `declined` why the team lets it pass.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    status: DateStatus = DateStatus.CONFIRMED
    why: str = ""
    not_held: str = ""
    declined: str = ""
    source: str = ""
    verified_on: dt.date | None = None
    hashtags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()


class Retired(NamedTuple):
    """Words that a day does not go by any more; `since` is the first year without them.

    A hashtag may hold {yy} or {yyyy}, the year that it was used in.
    """

    words: str
    since: int


class AwarenessDay(NamedTuple):
    """A day as the catalogue or the team describes it: `eras` oldest first, `years` the years known one by one."""

    id: str
    eras: tuple[Era, ...]
    organiser: str = ""
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    verified_on: dt.date | None = None
    years: Mapping[int, YearEntry] = {}
    former_names: tuple[Retired, ...] = ()
    retired_hashtags: tuple[Retired, ...] = ()
    has_daily_themes: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        """Return what it is called today."""
        return self.eras[-1].name


class DayBook(Protocol):
    """What is known of awareness days, the team's own ones and its decisions included."""

    def names(self) -> Collection[str]:
        """Return the ids of all days."""
        ...

    def find(self, day: str, year: int) -> Holding:
        """Return a year's holding of a day.

        Raise KeyError if no day has that id, ConfigError if the team's file of days has errors.
        """
        ...

    def describe(self, day: str) -> AwarenessDay:
        """Return what is known of a day, whatever the year. Raises as `find` does."""
        ...

    def mentioning(self, letters: str) -> Collection[str]:
        """Return the ids of the days of which these small letters stand somewhere in what is known, and maybe more."""
        ...


def say_source(holding: Holding) -> str:
    """Return where a date or its rule is from; of one that was seen for its very year, that it was seen there."""
    is_seen = holding.status is DateStatus.CONFIRMED and is_address(holding.source)
    return f"seen at {holding.source}" if is_seen else holding.source


def is_address(source: str) -> bool:
    """Return whether a source is a page, and not a person or a letter."""
    return source.startswith(("http://", "https://"))


def say_doubt(holding: Holding) -> str:
    """Return why nothing may be sent by the date of a holding, in plain words; the empty string if it may."""
    if holding.declined:
        return f"not this year: {holding.declined}"
    if holding.status in SURE:
        return ""
    words = {
        DateStatus.ESTIMATED: "its date is an estimate",
        DateStatus.UNKNOWN: "its date is not known yet",
        DateStatus.NOT_HELD: "it is not held",
    }[holding.status]
    return f"{holding.name} {holding.year}: {words}" + (f" ({holding.note})" if holding.note else "")
