"""What in the words of a campaign is of another year, or cannot be: years, hashtags, names of days, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache, cached_property

from scheduler.domain.awareness import DayBook
from scheduler.domain.date_doubts import (
    YEARS_NEAR,
    Finding,
    Occasion,
    find_impossible,
    find_misdated,
)
from scheduler.domain.day_names import DayNames, Name, Tag, find_tag, read_day_names, stem_of
from scheduler.domain.holding import expand_year
from scheduler.domain.monthless_dates import find_monthless
from scheduler.domain.stale_hints import may_be_dated
from scheduler.domain.written_dates import Stretch, find_dates, settle_dates

_NEAR_DAYS = 100
"""A date of another year this near to the campaign is meant: in December people write of a deadline in January."""

_HASHTAG = re.compile(r"(?<![\w&/])#(?P<words>[^\W\d]\w*?)(?P<year>\d{4}|\d\d|\{yy(?:yy)?\})?(?![\w{])")
_ANY_HASHTAG = re.compile(r"#[\w{}]+")
_YEAR = re.compile(r"(?<![\w.,£$€#/@+-])20\d\d(?!\w|[.,]\d|%)")
# Years of the past and of the future that are meant: "since 2025", "between 2024 and 2026", "the Act 2026", "2026/27".
_MEANT_BEFORE = re.compile(
    r"(?:\b(?:since|by|until|till|before|after|between|from|than(?:\sin)?|with|act|acts|regulations|order|bill|code|"
    r"copyright)|©|20\d\d\s?(?:-|–|/|to|and|or|,)|\d[ -])\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_MEANT_AFTER = re.compile(r"\s?(?:/|-|–)\s?(?:20)?\d\d\b|\s(?:to|and|or)\s20\d\d\b|[ -]\d{3}")
_HISTORY = re.compile(r"\b(?:formerly|previously|once|used to be|was called|known as|renamed)\s+(?:the\s+)?$", re.I)
_ADDRESS = re.compile(r"://|^www\.|@|\w\.\w+/")


class Proofreader:
    """Reads the texts of one campaign for what is of another year or cannot be; `days` are those known, if any are.

    Texts are read as they were written, {yy} and {yyyy} not yet filled in. Raises ConfigError as `DayBook.find` does.
    """

    def __init__(self, occasion: Occasion, days: DayBook | None = None) -> None:
        self.occasion, self.days = occasion, days
        self._good: set[str] = set()  # hashtags that were looked at already
        self._find_day = None if days is None else cache(days.find)

    def read(self, text: str, posted: dt.date | None = None) -> list[Finding]:
        """Return what is wrong in a text, in its order; of two findings in one spot only the first kind.

        `posted` is the day on which the text goes out, None if it is not known or the text is the campaign's own.
        """
        findings: list[Finding] = []
        if "#" in text and not self._good.issuperset(_ANY_HASHTAG.findall(text)):
            findings += self._find_old_hashtags(text)
        if may_be_dated(text):
            findings += self._find_in_dates(text, posted)
        return sorted(_drop_covered(findings)) if findings else findings

    @cached_property
    def _names(self) -> DayNames:
        if self.days is None:
            return DayNames((), 0)
        return read_day_names(self.days, self.occasion.year)  # type: ignore[arg-type]  # any object can be hashed

    def _find_in_dates(self, text: str, posted: dt.date | None) -> Iterator[Finding]:
        stretches = find_dates(text)
        if "20" in text:
            yield from _find_old_years(text, stretches, self.occasion)
        names = self._names.find_names(text) if self.days is not None else []
        yield from _find_former_names(text, names)
        yield from find_monthless(text, stretches, self.occasion, posted)
        if not stretches:
            return
        old = list(_find_old_dates(text, stretches, self.occasion))
        yield from old
        starts = {finding.start for finding in old}
        fresh = [stretch for stretch in stretches if stretch.span[0] not in starts]
        if names and fresh and self._find_day is not None:
            yield from find_misdated(text, fresh, names, self.occasion, self._find_day)
        for stretch in fresh:
            yield from find_impossible(text, stretch, self.occasion)

    def _find_old_hashtags(self, text: str) -> Iterator[Finding]:
        for found in _HASHTAG.finditer(text):
            if found[0] in self._good:
                continue
            finding = self._judge_hashtag(found)
            if finding is None:
                self._good.update({found[0], *_ANY_HASHTAG.findall(found[0])})
            else:
                yield finding

    def _judge_hashtag(self, found: re.Match[str]) -> Finding | None:
        year, stem = self.occasion.year, stem_of(found[0])
        known = find_tag(self.days, year, stem) if self.days is not None else None  # type: ignore[arg-type]  # as above
        if known is not None and known.former:
            return _say_retired(found, known, self.occasion)
        if not _is_of_another_year(found["year"], self.occasion, is_known=known is not None):
            return None
        tag = f"#{found['words']}{'{yyyy}' if len(found['year']) == 4 else '{yy}'}"
        message = f"{found[0]} has the year of another campaign: this one is of {self.occasion.year}."
        return Finding(*found.span(), message, f"Type {tag}, which becomes {expand_year(tag, self.occasion.year)}.")


def _drop_covered(findings: list[Finding]) -> Iterator[Finding]:
    """Yield one finding for each spot: the first that was found."""
    taken: list[Finding] = []
    for finding in findings:
        if not any(finding.start < known.stop and known.start < finding.stop for known in taken):
            taken.append(finding)
            yield finding


def _find_old_dates(text: str, stretches: list[Stretch], occasion: Occasion) -> Iterator[Finding]:
    """Yield the dates whose year is not the campaign's, unless they are so near to it that they must be meant."""
    for stretch in stretches:
        year = stretch.dates[-1].year
        if year is None or not _is_suspect(year, occasion):
            continue
        start, stop = stretch.span
        near = [day for day in settle_dates(stretch, occasion.first) if day is not None]
        if any(-_NEAR_DAYS < (day - occasion.last).days < _NEAR_DAYS for day in near):
            continue
        if _MEANT_BEFORE.search(text, max(0, start - 30), start) is None:
            yield _say_year(text[start:stop], start, stop, occasion)


def _find_old_years(text: str, stretches: list[Stretch], occasion: Occasion) -> Iterator[Finding]:
    for found in _YEAR.finditer(text):
        if not _is_suspect(int(found[0]), occasion):  # first, since nearly every year is the campaign's
            continue
        start, stop = found.span()
        inside = any(stretch.span[0] <= start < stretch.span[1] for stretch in stretches)
        if inside or _is_meant(text, start, stop, occasion):
            continue
        yield _say_year(found[0], start, stop, occasion)


def _is_suspect(year: int, occasion: Occasion) -> bool:
    return year not in {occasion.year, occasion.last.year} and abs(year - occasion.year) <= YEARS_NEAR


def _is_meant(text: str, start: int, stop: int, occasion: Occasion) -> bool:
    """Return whether a year is not the campaign's on purpose: an address, a span of years, or "since" it."""
    if int(text[start:stop]) == occasion.year + 1 and occasion.first.month >= 11:
        return True
    left = max(text.rfind(space, 0, start) for space in " \n\t") + 1
    right = min((at for space in " \n\t" if (at := text.find(space, stop)) >= 0), default=len(text))
    if _ADDRESS.search(text[left:right]):
        return True
    return bool(_MEANT_AFTER.match(text, stop) or _MEANT_BEFORE.search(text, max(0, start - 30), start))


def _say_year(words: str, start: int, stop: int, occasion: Occasion) -> Finding:
    quoted = f"'{' '.join(words.split())}'"
    message = f"{quoted} is of another year: this campaign is of {occasion.year}."
    hint = f"Put it right, or type {{yyyy}}, which becomes {occasion.year}. If last year is meant, say 'last year'."
    return Finding(start, stop, message, hint)


def _say_retired(found: re.Match[str], tag: Tag, occasion: Occasion) -> Finding:
    now = tag.now
    if not now:
        message = f"{found[0]} has not been used since {tag.since}."
        return Finding(*found.span(), message, "Ask the organiser which hashtag is used now, or take it out.")
    message = f"{found[0]} was given up in {tag.since}: now it is {expand_year(now, occasion.year)}."
    becomes = f", which becomes {expand_year(now, occasion.year)}" if "{" in now else ""
    return Finding(*found.span(), message, f"Type {now}{becomes}.")


def _is_of_another_year(figures: str | None, occasion: Occasion, is_known: bool) -> bool:
    """Return whether the figures at the end of a hashtag are a year, and not this campaign's.

    A year ahead is one only in a hashtag that is known to carry the year: #COP28 counts conferences.
    """
    if figures is None or figures.startswith("{"):
        return False
    year = int(figures) if len(figures) == 4 else 2000 + int(figures)
    if year == occasion.year:
        return False
    return is_known or 0 < occasion.year - year <= YEARS_NEAR


def _find_former_names(text: str, names: list[Name]) -> Iterator[Finding]:
    for name in names:
        if name.former and _HISTORY.search(text, max(0, name.start - 30), name.start) is None:
            words = text[name.start : name.stop]
            message = f"'{' '.join(words.split())}' has been called '{name.now}' since {name.since}."
            yield Finding(name.start, name.stop, message, f"Type '{name.now}'.")
