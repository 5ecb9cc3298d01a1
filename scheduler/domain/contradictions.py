"""Whether the rule by which a day is said to recur fits the dates on which it was held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from scheduler.domain.awareness import AwarenessDay, DateStatus
from scheduler.domain.day_rules import FindDay
from scheduler.domain.holding import find_era
from scheduler.domain.when import write_date


class Contradiction(NamedTuple):
    """A year in which a day was held on another date than its rule gives, and nobody says why."""

    year: int
    ruled: dt.date
    held: dt.date


def find_contradictions(day: AwarenessDay, find_day: FindDay) -> list[Contradiction]:
    """Return the years whose known date is not the rule's, in order.

    A rule that only says when the day usually falls contradicts nothing, nor does a date with a reason or an estimate.
    Raises KeyError as `find_day` does, for a rule that counts from another day.
    """
    found = []
    for year, entry in sorted(day.years.items()):
        if entry.first is None or entry.why or entry.status is not DateStatus.CONFIRMED:
            continue
        ruled, status = find_era(day, year).rule.find(year, find_day)
        if status is DateStatus.COMPUTED and ruled is not None and ruled != entry.first:
            found.append(Contradiction(year, ruled, entry.first))
    return found


def say_contradictions(found: Sequence[Contradiction]) -> str:
    """Return, in plain words, what a rule does not give."""
    first, *others = found
    years = [str(each.year) for each in others]
    listed = " and ".join([", ".join(years[:-1]), years[-1]] if years[1:] else years)
    more = f"; {listed} {'do' if years[1:] else 'does'} not fit either"
    held = f"{write_date(first.ruled)}, and it was held on {write_date(first.held)}"
    return f"This rule does not fit the dates below it: of {first.year} it gives {held}{more if others else ''}."
