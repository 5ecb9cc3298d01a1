"""Awareness days: the rules by which they recur, what is known of each year, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple, Protocol


class DateStatus(StrEnum):
    """How sure the date of one year is."""

    CONFIRMED = "confirmed"  # the organiser's own date for that year was seen
    COMPUTED = "computed"  # by a rule that holds: a fixed date, a statute, a rule that fits every date seen
    ESTIMATED = "estimated"  # a guess; people must find out
    UNKNOWN = "unknown"  # announced each year, and not yet; the date given is only where it usually falls
    NOT_HELD = "not held"  # known not to happen that year


SURE = frozenset({DateStatus.CONFIRMED, DateStatus.COMPUTED})
"""With any other status nothing is sent."""


class Holding(NamedTuple):
    """One year's holding of a day: `first` and `last` are both included; None only if it is not held.

    `name` and `hashtags` are those of that year. `note` says why a date is not the rule's, or why it is not held;
    `declined` why the team decided to do nothing this year. `verified_on` is when `source` was last looked at.
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


class DayBook(Protocol):
    """What is known of awareness days, the team's own ones and its decisions included."""

    def names(self) -> Collection[str]:
        """Return the ids of all days."""
        ...

    def find(self, day: str, year: int) -> Holding:
        """Return a year's holding of a day. Raise KeyError if no day has that id."""
        ...


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
