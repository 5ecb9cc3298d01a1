"""The team's own file of days: days of its own, dates that organisers told, and what it decided against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import ErrorDetails, ValidationError

from scheduler.domain.awareness import AwarenessDay, DateStatus, Holding, YearEntry
from scheduler.domain.contradictions import find_contradictions, say_contradictions
from scheduler.domain.holding import find_holding
from scheduler.domain.problem import Problem, suggest
from scheduler.domain.rule_words import list_references
from scheduler.domain.when import write_date
from scheduler.sources.catalogue import TeamDays
from scheduler.sources.day_models import DayFields, DaysFields, EraFields, YearFields
from scheduler.sources.day_reading import DayReader
from scheduler.sources.field_problems import find_name_problem, find_problem, read_problems
from scheduler.sources.fields import Fields
from scheduler.sources.yaml_source import decode_lines
from scheduler.sources.yaml_text import Document, Path, read_yaml

if TYPE_CHECKING:
    from scheduler.sources.catalogue import Shipped

_GROUPS = {
    "days": "Below 'days:' stands the id of a day, such as 'open-day:', and further in 'name:' and 'rule:'.",
    "dates": "Below 'dates:' stands the id of a day and, further in, a year: '2027: 19 April 2027'.",
    "from_year": "Below 'from_year:' stands a year and a colon and, further in, what is different from then on.",
    "retired_hashtags": "Write a line such as '\"#OldTag\": 2024' for each, further in.",
}
# What people call a field → its names here; that of the place where it stands is meant.
_MEANT = {
    **dict.fromkeys(["date", "when", "on"], ("on", "rule")),
    **dict.fromkeys(["reason", "because"], ("why",)),
    **dict.fromkeys(["declined", "skipped"], ("skip",)),
    "cancelled": ("not_held",),
    "theme": ("themes",),
    "url": ("source",),
    "length": ("days",),
    "title": ("name",),
}


def read_team_days(content: bytes, file: str, shipped: Shipped) -> TeamDays:
    """Return what a team's file says, and every problem of it. Never raises, whatever the bytes are."""
    if is_blank(content):
        return TeamDays(content=content)
    document = read_yaml(content, file, limit=2**20)
    if document.data is None:
        return TeamDays(problems=document.problems, content=content)
    problems = list(document.problems)
    try:
        fields = DaysFields.read(document.data)
    except ValidationError as failure:
        found = failure.errors(include_url=False)
        problems += [problem for details in found for problem in _say(details, document)]
        fields = _salvage(document.data, found)  # what is good is still checked, so that one look shows everything
    reader = _TeamReader(document, fields, shipped, is_whole=not problems)
    days = reader.read_days()
    entries = reader.read_entries(days)
    problems = sorted(dict.fromkeys([*problems, *reader.problems]), key=lambda problem: problem.place)
    return TeamDays(days, entries, tuple(problems), content)


def is_blank(content: bytes) -> bool:
    """Return whether a file holds nothing but notes."""
    return all(line.lstrip().startswith("#") or not line.strip() for line in decode_lines(content))


def _say(details: ErrorDetails, document: Document) -> Iterable[Problem]:
    """Return what pydantic found, in plain words, at its place."""
    path: Path = tuple(details["loc"])
    name = str(path[-1]) if path else ""
    if details["type"] == "dict_type" and name in _GROUPS:
        return [find_problem(document, path, f"Something is missing below '{name}'.", _GROUPS[name])]
    if details["type"] == "dict_type" and path[0] == "dates":
        return [find_problem(document, path, "A year is missing here.", _GROUPS["dates"])]
    model = _find_model(path)
    meant = next((each for each in _MEANT.get(name.lower(), ()) if each in model.names), None)
    if details["type"] == "extra_forbidden" and meant is not None:
        message = f"No field is called '{name}' here."
        return [find_name_problem(document, path, message, f"Did you mean '{meant}'?")]
    return read_problems([details], document, model)


def _find_model(path: Path) -> type[Fields]:
    """Return what the last name of a path is a field of."""
    if "from_year" in path[2:]:
        return EraFields
    if path[:1] == ("dates",) or "dates" in path[2:]:
        return YearFields if len(path) > 2 else DaysFields
    return DayFields if len(path) > 2 else DaysFields


def _salvage(data: Any, found: Iterable[ErrorDetails]) -> DaysFields:
    """Return the fields without each day, and each year of `dates`, of which something failed."""
    if not isinstance(data, dict):
        return DaysFields.read({})
    good = {name: dict(value) if isinstance(value, dict) else value for name, value in data.items()}
    for details in found:
        top, *rest = details["loc"] or ("",)
        group = good.get(str(top))
        if not rest or not isinstance(group, dict):
            good.pop(str(top), None)
        else:
            group.pop(str(rest[0]), None)
    try:
        return DaysFields.read({name: value for name, value in good.items() if value})
    except ValidationError:
        return DaysFields.read({})


class _TeamReader(DayReader):
    """Reads a team's file; `problems` fill while it does."""

    def __init__(self, document: Document, fields: DaysFields, shipped: Shipped, *, is_whole: bool) -> None:
        super().__init__(document, fields.verified)
        self.fields, self.shipped, self.is_whole = fields, shipped, is_whole
        self.days: dict[str, AwarenessDay] = {}

    def read_days(self) -> dict[str, AwarenessDay]:
        """Return the team's own days."""
        for name, fields in (self.fields.days or {}).items():
            if name in self.shipped.names():
                message = f"'{name}' is in the catalogue that comes with the program."
                hint = f"Write what you know of a year below 'dates:', or give your day another id than '{name}'."
                self.problems.append(find_name_problem(self.document, ("days", name), message, hint))
            elif (day := self.read_day(name, fields)) is not None:
                self.days[name] = day
        for name in self.days:
            self._check_references(name)
        if self.is_whole and not self.problems:
            for name, day in self.days.items():
                self._check_rule(name, day)
        return self.days

    def read_entries(self, days: Mapping[str, AwarenessDay]) -> dict[str, dict[int, YearEntry]]:
        """Return what the team knows or decided of single years, by the id of the day."""
        entries = {}
        known = [*self.shipped.names(), *(self.fields.days or {}), *self._failed_days()]
        for name, years in (self.fields.dates or {}).items():
            if name not in known:
                hint = suggest(name, known) or "`campaign days` lists those that are known."
                message = f"no awareness day is called '{name}'."
                self.problems.append(find_name_problem(self.document, ("dates", name), message, hint))
                continue
            entries[name] = self.read_years(years, ("dates", name))
            if self.is_whole and not self.problems:  # else some of what it would be held against is missing
                for year, entry in entries[name].items():
                    self._check_entry(name, year, entry)
        return entries

    def _failed_days(self) -> list[str]:
        days = self.document.data.get("days") if isinstance(self.document.data, dict) else None
        return [str(name) for name in days] if isinstance(days, dict) else []

    def _check_references(self, name: str) -> None:
        """Note a day whose rule counts from one that is not known, or goes round in a circle."""
        path: Path = ("days", name, "rule")
        known = [*self.shipped.names(), *self._failed_days()]
        for other in self._list_references(name):
            if other not in known:
                hint = suggest(other, known) or "`campaign days` lists those that are known."
                self.report(path, f"no awareness day is called '{other}'.", hint)
        seen: set[str] = set()
        following = self._list_references(name)
        while following:
            other = following.pop()
            if other not in seen:
                seen.add(other)
                following += self._list_references(other)
        if name in seen:
            self.report(path, f"'{name}' counts from itself in the end.", "Give one of them a date.")

    def _list_references(self, name: str) -> list[str]:
        day = self.days.get(name)
        return [other for era in day.eras for other in list_references(era.rule)] if day else []

    def _check_rule(self, name: str, day: AwarenessDay) -> None:
        """Note a rule that its own dates contradict: "always the second Tuesday", beside three first Tuesdays."""
        found = find_contradictions(day, self._find)
        if found:
            hint = "Put the rule right, or write 'usually' before it; if the day was moved, say why after 'why:'."
            self.report(("days", name, "rule"), say_contradictions(found), hint)

    def _check_entry(self, name: str, year: int, entry: YearEntry) -> None:
        """Note a date of which nobody would know later where it came from, or why it is not the rule's."""
        path: Path = ("dates", name, str(year))
        if entry.first is None:
            return
        ruled = self._find(name, year)
        if ruled.status is DateStatus.COMPUTED and ruled.first not in {None, entry.first} and not entry.why:
            where = write_date(ruled.first) if ruled.first else ""
            message = f"By its rule, {ruled.name} is on {where} in {year}."
            self.report(path, message, "Put the date right or, if it was moved, say why after 'why:'.")
        elif not entry.source and not entry.why and name not in self.days:
            self.report(path, "It does not say who told you this date.", "Write their page or name after 'source:'.")

    def _find(self, name: str, year: int) -> Holding:
        """Return a holding as it is without what the team knows of single years."""
        return find_holding(self.days.get(name) or self.shipped.describe(name), year, self._find)
