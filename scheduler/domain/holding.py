"""One year's holding of an awareness day: what is known of that year goes before the rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from scheduler.domain.awareness import SURE, AwarenessDay, DateStatus, Era, Holding, YearEntry
from scheduler.domain.day_rules import FindDay, HijriDate, HijriMonth, Shifted, Usually, count_days, repeat_week
from scheduler.domain.when import write_date

_LUNAR = "it goes by the moon and may be a day earlier or later"
_USUAL = "it usually falls so, and not always"


def find_holding(day: AwarenessDay, year: int, find_day: FindDay) -> Holding:
    """Return a day's holding of a year. `find_day` finds those of other days, which a rule may count from."""
    era = find_era(day, year)
    entry = day.years.get(year, YearEntry())
    first, last, status, note = _find_dates(day, era, entry, year, find_day)
    return Holding(
        day=day.id,
        year=year,
        name=era.name,
        first=first,
        last=last,
        status=status,
        hashtags=tuple(expand_year(tag, year) for tag in dict.fromkeys([*era.hashtags, *entry.hashtags])),
        note=entry.not_held or entry.why or note,
        source=entry.source or (day.sources[0] if day.sources else ""),
        verified_on=entry.verified_on if entry.source else day.verified_on,
        declined=entry.declined,
        themes=entry.themes,
    )


def list_doubtful(holdings: Iterable[Holding], today: dt.date, days: int) -> list[Holding]:
    """Return the holdings of which nobody knows for certain when they are, though they may begin within so many days.

    They come in the order of their dates. Those that the team declined are left out, and those not held.
    """
    doubtful = [
        (holding.first, holding)
        for holding in holdings
        if holding.first is not None and holding.status not in SURE and not holding.declined
    ]
    return [
        holding for first, holding in sorted(doubtful, key=lambda item: item[0]) if 0 <= (first - today).days <= days
    ]


def find_era(day: AwarenessDay, year: int) -> Era:
    """Return what holds of a day in a year."""
    return next((era for era in reversed(day.eras) if era.from_year <= year), day.eras[0])


def merge_entries(known: YearEntry, own: YearEntry) -> YearEntry:
    """Return what is known of a year when the team's own word goes before the catalogue's."""
    merged = known
    if own.first is not None or own.not_held:
        merged = own
    hashtags, themes = own.hashtags or known.hashtags, own.themes or known.themes
    return merged._replace(declined=own.declined or known.declined, hashtags=hashtags, themes=themes)


def expand_year(words: str, year: int) -> str:
    """Return words with {yy} and {yyyy} filled in."""
    return words.replace("{yyyy}", f"{year:04}").replace("{yy}", f"{year % 100:02}")


_Dates = tuple[dt.date | None, dt.date | None, DateStatus, str]


def _find_dates(day: AwarenessDay, era: Era, entry: YearEntry, year: int, find_day: FindDay) -> _Dates:
    """Return the first and the last day, how sure they are, and a word on why not."""
    if entry.not_held:
        return None, None, DateStatus.NOT_HELD, ""
    if entry.first is not None:
        return entry.first, entry.last or _end(entry.first, era, year), entry.status, ""
    first, status = era.rule.find(year, find_day)
    if first is not None:
        return first, _end(first, era, year), status, _explain_status(era, status)
    return _guess_dates(day, year, era)


def _guess_dates(day: AwarenessDay, year: int, era: Era) -> _Dates:
    """Return where a day usually falls: the same weekday and week as when it was last held before, or first after."""
    held = sorted(
        (entry.first, entry.last or _end(entry.first, era, entry.first.year))
        for entry in day.years.values()
        if entry.first is not None and entry.status is DateStatus.CONFIRMED
    )
    if not held:
        return None, None, DateStatus.UNKNOWN, ""
    before = [dates for dates in held if dates[0].year < year]
    first, last = before[-1] if before else held[0]
    guess = repeat_week(first, year)
    return guess, guess + (last - first), DateStatus.UNKNOWN, f"it last began on {write_date(first)}"


def _end(first: dt.date, era: Era, year: int) -> dt.date:
    return first + dt.timedelta(days=(era.days or count_days(era.rule, year)) - 1)


def _explain_status(era: Era, status: DateStatus) -> str:
    if status is not DateStatus.ESTIMATED:
        return ""
    rule = era.rule
    while isinstance(rule, Shifted | Usually):
        if isinstance(rule, Usually):
            return _USUAL
        rule = rule.base
    return _LUNAR if isinstance(rule, HijriDate | HijriMonth) else ""
