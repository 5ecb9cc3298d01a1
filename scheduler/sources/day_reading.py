"""Fields of awareness days → what the domain knows of them, with every problem at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from scheduler.domain.awareness import AwarenessDay, DateStatus, Era, Retired, YearEntry
from scheduler.domain.day_rules import Announced, Rule
from scheduler.domain.problem import suggest
from scheduler.domain.rule_words import parse_rule
from scheduler.domain.when import MONTHS, WhenError, parse_date, write_date
from scheduler.sources.day_models import DayFields, EraFields, YearFields
from scheduler.sources.reporting import Reporter
from scheduler.sources.yaml_text import Document, Path

_SPAN = re.compile(r"\s+(?:to|until|till|–|-)\s+", re.IGNORECASE)
_SHORT_FORM = r"\s*(?:(?P<weekday>[a-z]+)\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+(?P<month>[a-z]+))?\s*"
_SHORT_DATE = re.compile(_SHORT_FORM, re.IGNORECASE | re.ASCII)
_SHORT_SPAN = re.compile(
    r"(?P<first>\s*\d{1,2})\s*[-–]\s*(?P<last>\d{1,2}(?:st|nd|rd|th)?\s+[a-z]+\s+\d{4}\s*)", re.IGNORECASE
)
_LONGEST_DAYS = 366
_SAYS = ("on", "not_held", "skip", "hashtags", "themes")


class DayReader(Reporter):
    """Reads the days of one file; `problems` fill while it does. `verified_on` is for days that say none."""

    def __init__(self, document: Document, verified: str | None) -> None:
        super().__init__(document)
        self.verified_on = self.read_words(verified, ("verified",), parse_date)

    def read_day(self, name: str, fields: DayFields) -> AwarenessDay | None:
        """Return a day; None, with the problem noted, if its rule cannot be read."""
        path: Path = ("days", name)
        eras = self._read_eras(fields, path)
        years = self.read_years(fields.dates or {}, (*path, "dates"))
        if eras is None:
            return None
        if isinstance(eras[-1].rule, Announced) and not any(entry.first for entry in years.values()):
            hint = (
                "Write one year's below 'dates:', such as '2026: 9 March 2026', or a rule that begins with 'usually'."
            )
            self.report((*path, "rule"), "A day that is announced each year needs a date to go by.", hint)
        return AwarenessDay(
            id=name,
            eras=eras,
            organiser=fields.organiser or "",
            topics=tuple(fields.topics or ()),
            sources=tuple(fields.source or ()),
            verified_on=self.read_words(fields.verified, (*path, "verified"), parse_date) or self.verified_on,
            years=years,
            former_names=_list_former_names(eras, fields.former_names or {}),
            retired_hashtags=_list_retired(eras, fields.retired_hashtags or {}),
            has_daily_themes=bool(fields.theme_each_day),
            note=fields.note or "",
        )

    def read_years(self, years: Mapping[str, YearFields], path: Path) -> dict[int, YearEntry]:
        """Return what is known of single years; those that cannot be read are left out, with a problem noted."""
        read = {int(year): self._read_year(int(year), fields, (*path, year)) for year, fields in years.items()}
        return {year: entry for year, entry in read.items() if entry is not None}

    def _read_eras(self, fields: DayFields, path: Path) -> tuple[Era, ...] | None:
        rule = self._read_rule(fields.rule, (*path, "rule"))
        if rule is None:
            return None
        eras = [Era(0, fields.name, rule, int(fields.days) if fields.days else None, tuple(fields.hashtags or ()))]
        for year in sorted(fields.from_year or {}):
            era = self._read_era(eras[-1], int(year), (fields.from_year or {})[year], (*path, "from_year", year))
            if era is None:
                return None
            eras.append(era)
        return tuple(eras)

    def _read_era(self, before: Era, year: int, fields: EraFields, path: Path) -> Era | None:
        rule: Rule | None = before.rule
        if fields.rule is not None:
            rule = self._read_rule(fields.rule, (*path, "rule"))
        if rule is None:
            return None
        days = int(fields.days) if fields.days else before.days
        hashtags = before.hashtags if fields.hashtags is None else tuple(fields.hashtags)
        return Era(year, fields.name or before.name, rule, days, hashtags)

    def _read_rule(self, words: str, path: Path) -> Rule | None:
        return self.read_words(words, path, parse_rule)

    def _read_year(self, year: int, fields: YearFields, path: Path) -> YearEntry | None:
        if all(getattr(fields, name) is None for name in _SAYS):
            hint = "Write a date after 'on:', or a reason after 'skip:' or 'not_held:'."
            self.report(path, f"Nothing is said of {year} here.", hint)
            return None
        if fields.on is not None and fields.not_held is not None:
            self.report((*path, "not_held"), "It is not held, and has a date.", "Keep one of the two.")
        first, last = self._read_span(year, fields, path)
        if fields.on is not None and first is None:
            return None
        return YearEntry(
            first=first,
            last=last,
            status=self._read_status(fields.status, (*path, "status")),
            why=fields.why or "",
            not_held=fields.not_held or "",
            declined=fields.skip or "",
            source=fields.source or "",
            verified_on=self.read_words(fields.verified, (*path, "verified"), parse_date),
            hashtags=tuple(fields.hashtags or ()),
            themes=tuple(fields.themes or ()),
        )

    def _read_span(self, year: int, fields: YearFields, path: Path) -> tuple[date | None, date | None]:
        """Return the first and the last date that are written, None for what is not, or cannot be read."""
        path = (*path, "on") if isinstance(self._written(path), dict) else path
        span = self.read_words(fields.on, path, parse_span)
        if span is None:
            return None, None
        first, last = span
        if first.year != year:
            message = f"{write_date(first)} is not in {year}, the year that it stands under."
            self.report(path, message, "Put one of the two right.")
            return None, None
        count = ((last or first) - first).days + 1
        if fields.themes is not None and last is not None and len(fields.themes) > count:
            message = f"There are {len(fields.themes)} themes for {count} days."
            self.report((*path[:-1], "themes"), message, "Write one for each day, in order.")
        return first, last

    def _written(self, path: Path) -> object:
        value = self.document.data
        for step in path:
            value = value[step]
        return value

    def _read_status(self, word: str | None, path: Path) -> DateStatus:
        known = {str(status): status for status in (DateStatus.CONFIRMED, DateStatus.ESTIMATED)}
        if word is not None and word.lower() not in known:
            self.report(path, f"'{word}' is no status.", suggest(word, known) or "Write confirmed or estimated.")
        return known.get((word or "").lower(), DateStatus.CONFIRMED)


def parse_span(text: str) -> tuple[date, date | None]:
    """Given a date, or two with `to` between them, return the first and the last (None if one is given).

    The first of two may leave to the second what is the same: `19 to 23 April 2027`. Raise WhenError if it is neither,
    or ends before it begins.
    """
    parted = _SPAN.search(text) or _SHORT_SPAN.fullmatch(text)
    if parted is None:
        return parse_date(text), None
    start = parted.end() if parted.re is _SPAN else parted.start("last")
    try:
        last = parse_date(text[start:])
    except WhenError as failure:
        raise failure.moved(start) from None
    short = _SHORT_DATE.fullmatch(text[: parted.start()] if parted.re is _SPAN else parted["first"])
    first = _complete(short, last) if short else parse_date(text[: parted.start()])
    return _check_span(text, start, first, last)


def _complete(short: re.Match[str], last: date) -> date:
    """Return a date that leaves its year, and perhaps its month, to another one after it."""
    month = short["month"] or MONTHS[last.month - 1]
    words = f"{short['weekday'] or ''} {short['day']} {month} "
    is_earlier = parse_date(f"{short['day']} {month} {last.year}") > last and short["month"]
    return parse_date(f"{words}{last.year - 1 if is_earlier else last.year}")


def _check_span(text: str, start: int, first: date, last: date) -> tuple[date, date]:
    if not 0 <= (last - first).days < _LONGEST_DAYS:
        wrong = "It ends before it begins." if last < first else "It lasts longer than a year."
        raise WhenError(wrong, "Put one of the two dates right.", start, len(text))
    return first, last


def _list_former_names(eras: tuple[Era, ...], told: Mapping[str, str]) -> tuple[Retired, ...]:
    """Return the names that are told to be gone, and those that no later era has."""
    return _list_gone(((era.from_year, (era.name,)) for era in eras), told)


def _list_retired(eras: tuple[Era, ...], told: Mapping[str, str]) -> tuple[Retired, ...]:
    """Return the hashtags that are told to be gone, and those that no later era has."""
    return _list_gone(((era.from_year, era.hashtags) for era in eras), told)


def _list_gone(used: Iterable[tuple[int, tuple[str, ...]]], told: Mapping[str, str]) -> tuple[Retired, ...]:
    gone = [Retired(words, int(year)) for words, year in told.items()]
    listed = list(used)
    for number, (_, words) in enumerate(listed[:-1], start=1):
        later = {word for _, others in listed[number:] for word in others}
        gone += [Retired(word, listed[number][0]) for word in words if word not in later]
    return tuple(gone)
