"""The words by which awareness days are known in a year: names long and short, hashtags, and those given up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from scheduler.domain.awareness import AwarenessDay, DayBook, Era, Retired
from scheduler.domain.holding import find_era

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_LONGEST = 100  # characters of a name
_LONGEST_WORD = 30
_SIGNS = "()[]\"'“”‘,:;.!?…–—-"
_REACH = frozenset({"national", "international", "world", "global", "uk", "european", "the"})
_SPANS = frozenset({"day", "week", "weekend", "month", "fortnight"})
_SMALL = frozenset({"of", "and", "the", "for", "against", "in", "to", "on"})
_YEARS = re.compile(r"\{yy(?:yy)?\}")

Form = tuple[str, ...]
"""A name as its words in small letters."""


class Name(NamedTuple):
    """A name that a text holds, from `start` to `stop`: that of a day, `former` if it goes by another one now.

    `now` is what it is called in its place, as long or as short; `since` the first year of that.
    """

    start: int
    stop: int
    day: str
    former: bool = False
    now: str = ""
    since: int = 0


class Tag(NamedTuple):
    """What is known of a hashtag: its day, and if it was given up, what is used `now` and since which year.

    `now` may hold {yy} or {yyyy}; it is empty if nothing took its place.
    """

    day: str
    former: bool = False
    now: str = ""
    since: int = 0


class DayNames:
    """The names and hashtags of all days in one year."""

    def __init__(self, days: Iterable[AwarenessDay], year: int) -> None:
        self._forms: dict[Form, list[tuple[Form, Name]]] = {}  # by their last two words
        self.tags: dict[str, Tag] = {}
        described = [(day, find_era(day, year)) for day in days]
        known: dict[Form, Name | None] = {}
        for day, era in described:
            for form in _list_forms(era.name):
                name = Name(0, 0, day.id)
                known[form] = name if known.get(form, name) == name else None  # what two days are called names neither
            for tag in era.hashtags:
                self.tags.setdefault(stem_of(tag), Tag(day.id))
        for day, era in described:
            self._add_former(day, era, year, known)
        for form, found in known.items():
            if found is not None:
                self._forms.setdefault(form[-2:], []).append((form, found))
        for forms in self._forms.values():
            forms.sort(key=lambda pair: -len(pair[0]))

    @cached_property
    def _ends(self) -> re.Pattern[str]:
        ends = "|".join(sorted({re.escape(last.capitalize()) for _, last in self._forms}))
        return re.compile(rf"\b(?:{ends})\b" if ends else r"(?!)")

    def _add_former(self, day: AwarenessDay, era: Era, year: int, known: dict[Form, Name | None]) -> None:
        for words, since in _former_names(day, era):
            for form, (_, kind) in _list_forms(words).items():
                now = next((written for written, same in _list_forms(era.name).values() if same == kind), era.name)
                if since <= year and form not in known and len(form) > 1:
                    known[form] = Name(0, 0, day.id, True, now, since)
        for words, since in _former_hashtags(day, era):
            if since <= year:
                dated = bool(_YEARS.search(words))
                alike = [tag for tag in era.hashtags if bool(_YEARS.search(tag)) == dated]
                now = (alike or [*era.hashtags, ""])[0]
                self.tags.setdefault(stem_of(words), Tag(day.id, True, now, since))

    def find_names(self, text: str) -> list[Name]:
        """Return the names that a text holds, in their order; of two in one place the longer.

        The last word of each begins with a capital letter: World Mental Health Day.
        """
        names: list[Name] = []
        for end in self._ends.finditer(text):
            name = self._find_name(text, *end.span())
            if name is not None:
                names = [known for known in names if known.stop <= name.start]
                names.append(name)
        return names

    def _find_name(self, text: str, start: int, stop: int) -> Name | None:
        """Return the longest name whose last word stands from `start` to `stop`, None if none ends there."""
        before = text[max(0, start - _LONGEST_WORD) : start].split()
        last_two = (before[-1].strip(_SIGNS).lower().replace("’", "'") if before else "", text[start:stop].lower())
        forms = self._forms.get(last_two)
        if forms is None:
            return None
        words = list(_WORD.finditer(text, max(0, start - _LONGEST), stop))
        read = tuple(found[0].lower().replace("’", "'") for found in words)
        for form, name in forms:
            begin = words[-len(form)].start() if len(form) <= len(read) else stop
            if read[-len(form) :] == form and "\n\n" not in text[begin:stop]:
                return name._replace(start=begin, stop=stop)
        return None


@lru_cache(maxsize=16)
def read_day_names(days: DayBook, year: int) -> DayNames:
    """Return the names of all days in a year. Raises ConfigError as `DayBook.find` does."""
    return DayNames([days.describe(day) for day in days.names()], year)


@lru_cache(maxsize=256)
def find_tag(days: DayBook, year: int, stem: str) -> Tag | None:
    """Return what is known in a year of a hashtag, given as `stem_of` does. Raises ConfigError as `DayBook.find` does.

    Most campaigns have one or two, and to read all days for them would take longer than to read the campaign.
    """
    return DayNames([days.describe(day) for day in days.mentioning(stem)], year).tags.get(stem)


def stem_of(hashtag: str) -> str:
    """Return a hashtag without its # and the year at its end, in small letters."""
    return re.sub(r"(?:\{yy(?:yy)?\}|\d+)$", "", hashtag.removeprefix("#").lower())


def _former_names(day: AwarenessDay, era: Era) -> Iterator[tuple[str, int]]:
    """Yield names given up, those of earlier years first: what is told beside them are mostly short forms of these."""
    for old, new in pairwise(day.eras):
        if old.name != era.name and new.from_year <= era.from_year:
            yield old.name, new.from_year
    yield from ((retired.words, retired.since) for retired in day.former_names)


def _former_hashtags(day: AwarenessDay, era: Era) -> Iterator[tuple[str, int]]:
    current = {stem_of(tag) for tag in era.hashtags}
    retired: list[Retired] = list(day.retired_hashtags)
    for old, new in pairwise(day.eras):
        if new.from_year <= era.from_year:
            retired += [Retired(tag, new.from_year) for tag in old.hashtags]
    yield from ((tag.words, tag.since) for tag in retired if stem_of(tag.words) not in current)


def _list_forms(name: str) -> dict[Form, tuple[str, str]]:
    """Return the words that a name may be written in: each with how it is written, and its kind.

    "National Child Exploitation Awareness Day" is also "Child Exploitation Awareness Day", "CE Day" and so on.
    """
    plain = " ".join(_IN_BRACKETS.sub(" ", name).split())
    words = plain.split()
    core = words[1:] if words[0].lower() in _REACH else words
    written = [(name, "full"), (plain, "full"), (" ".join(core), "core")]
    if len(core) > 2 and core[-2].lower() == "awareness" and core[-1].lower() in _SPANS:
        subject, end = " ".join(core[:-2]), core[-1]
        bracketed = [letters for letters in _IN_BRACKETS.findall(name) if letters.isupper()]
        initials = bracketed[0] if bracketed else _initials(core[:-2])
        written.append((f"{subject} {end}", "short"))
        if len(initials) > 1:
            written.append((f"{initials} Awareness {end}", "initials"))
            written.append((f"{initials} {end}", "short initials"))
            written += [(f"{words[0]} {initials} Awareness {end}", "full initials")] if core != words else []
    forms: dict[Form, tuple[str, str]] = {}
    for words_written, kind in written:
        form = tuple(found[0].lower().replace("’", "'") for found in _WORD.finditer(words_written))
        if len(form) > 1:
            forms.setdefault(form, (words_written, kind))
    return forms


def _initials(words: list[str]) -> str:
    return "".join(word[0].upper() for word in words if word.lower() not in _SMALL)
