"""The awareness days that are known: those that come with the program, and the team's own file of days."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path as FilePath
from typing import NamedTuple

from scheduler.domain.awareness import AwarenessDay, Holding, YearEntry
from scheduler.domain.problem import Place, Problem, error, has_errors
from scheduler.errors import ConfigError
from scheduler.sources.yaml_text import read_yaml

SHIPPED = FilePath(__file__).parents[1] / "data" / "awareness_days.yaml"
MAX_SIZE = 2**20


class TeamDays(NamedTuple):
    """What a team's file says: days of its own, what it knows or decided of single years, and its problems."""

    days: Mapping[str, AwarenessDay] = {}
    entries: Mapping[str, Mapping[int, YearEntry]] = {}
    problems: tuple[Problem, ...] = ()
    content: bytes | None = None


class Catalogue:
    """Implements the port DayBook. Nothing is read before somebody asks; `file` is how the path is shown to people.

    The team's file need not be there. With `content`, that is taken for what stands in it.
    """

    def __init__(self, path: FilePath | None = None, file: str = "", content: bytes | None = None) -> None:
        self.file = file or str(path)
        self._path, self._content = path, content

    @cached_property
    def team(self) -> TeamDays:
        """What the team's file says."""
        from scheduler.sources.team_days import read_team_days

        if self._content is not None:
            return read_team_days(self._content, self.file, shipped())
        if self._path is None or not self._path.exists():
            return TeamDays()
        try:
            with self._path.open("rb") as file:
                content = file.read(MAX_SIZE + 1)
        except OSError as failure:
            problem = error(f"Your days cannot be read: {failure.strerror}.", Place(self.file), "Check the file.")
            return TeamDays(problems=(problem,))
        return read_team_days(content, self.file, shipped())

    @property
    def good_content(self) -> bytes | None:
        """What the team's file holds; None if it is not there, has errors, or nobody asked for a day yet."""
        team: TeamDays | None = self.__dict__.get("team")
        return None if team is None or has_errors(team.problems) else team.content

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the team's file."""
        return self.team.problems

    def names(self) -> list[str]:
        """Return the ids of all days: the catalogue's, then the team's own."""
        return [*shipped().names(), *self.team.days]

    def describe(self, day: str) -> AwarenessDay:
        """Return a day with all that is known of single years. Raises as `find` does."""
        from scheduler.domain.holding import merge_entries

        team = self._usable_team()
        known = team.days.get(day) or shipped().describe(day)
        own = team.entries.get(day, {})
        merged = {year: merge_entries(known.years.get(year, YearEntry()), entry) for year, entry in own.items()}
        return known._replace(years={**known.years, **merged}) if merged else known

    def mentioning(self, letters: str) -> list[str]:
        """Return the ids of the catalogue's days of which these small letters stand somewhere, and all the team's."""
        team = self._usable_team()
        return [*shipped().mentioning(letters), *team.days]

    def find(self, day: str, year: int) -> Holding:
        """Return a year's holding of a day.

        Raise KeyError if there is no such day, ConfigError if the team's file has errors.
        """
        from scheduler.domain.holding import find_holding

        return find_holding(self.describe(day), year, self.find)

    def _usable_team(self) -> TeamDays:
        if has_errors(self.team.problems):
            raise ConfigError(self.team.problems)
        return self.team


class Shipped:
    """The days that come with the program; each is read from its fields when it is asked for."""

    def __init__(self, path: FilePath = SHIPPED) -> None:
        from scheduler.sources.day_models import DaysFields
        from scheduler.sources.day_reading import DayReader

        document = read_yaml(path.read_bytes(), path.name)
        fields = DaysFields.read(document.data)
        self._reader = DayReader(document, fields.verified)
        self._fields = fields.days or {}
        self._written = {day: str(fields).lower() for day, fields in document.data["days"].items()}
        self._days: dict[str, AwarenessDay] = {}

    def names(self) -> list[str]:
        """Return the ids of all days."""
        return list(self._fields)

    def mentioning(self, letters: str) -> list[str]:
        """Return the ids of the days of which these small letters stand somewhere in what is written."""
        return [day for day, words in self._written.items() if letters in words]

    def describe(self, day: str) -> AwarenessDay:
        """Return a day. Raise KeyError if there is none of that id, ConfigError if it cannot be read."""
        if day not in self._days:
            read = self._reader.read_day(day, self._fields[day])
            if read is None or self._reader.problems:
                raise ConfigError(self._reader.problems)
            self._days[day] = read
        return self._days[day]


@lru_cache(maxsize=1)
def shipped() -> Shipped:
    """Return the days that come with the program, read once."""
    return Shipped()
