"""The days of a feed of others → a file of awareness days, all of them estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ruamel.yaml.comments import CommentedMap

from scheduler.domain.awareness import DayBook, Holding
from scheduler.domain.when import write_date
from scheduler.sources.yaml_editing import write_new
from scheduler.sources.yaml_fields import make_value


class FeedDays(NamedTuple):
    """The days of a feed: those not known, those of which another date is known (theirs, ours), how many agree."""

    new: Sequence[Holding]
    differing: Sequence[tuple[Holding, Holding]]
    known: int


def sort_days(holdings: Sequence[Holding], days: DayBook) -> FeedDays:
    """Return the days of a feed by what is known of them."""
    new: list[Holding] = []
    differing: list[tuple[Holding, Holding]] = []
    known = 0
    for theirs in holdings:
        try:
            ours = days.find(theirs.day, theirs.year)
        except KeyError:
            new.append(theirs)
            continue
        if ours.first == theirs.first:
            known += 1
        else:
            differing.append((theirs, ours))
    return FeedDays(new, differing, known)


def write_days(holdings: Sequence[Holding], feed: str, day: str) -> bytes:
    """Return a file of awareness days with these holdings. `feed` is where they are from, `day` when it was read."""
    days: CommentedMap = CommentedMap()
    for holding in holdings:
        fields = days.setdefault(holding.day, make_value({"name": holding.name, "rule": "announced"}))
        if holding.hashtags and "hashtags" not in fields:
            fields["hashtags"] = make_value(list(holding.hashtags))
        fields.setdefault("dates", CommentedMap())[str(holding.year)] = make_value(_write_year(holding))
    top = CommentedMap(days=days)
    top.yaml_set_start_comment(f"From {feed}, read on {day}. Each is an estimate until its organiser was asked.\n\n")
    return write_new(top)


def _write_year(holding: Holding) -> dict[str, str]:
    first = write_date(holding.first) if holding.first else ""
    ends_later = holding.last is not None and holding.last != holding.first
    fields = {"on": f"{first} to {write_date(holding.last)}" if ends_later and holding.last else first}
    fields["status"] = "estimated"
    if holding.source:
        fields["source"] = holding.source
    return fields
