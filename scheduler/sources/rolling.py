"""A campaign's calendar of one year → that of another year: dates move, all else stays byte for byte."""

from __future__ import annotations

import datetime as dt
import re
from calendar import isleap
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from scheduler.domain.awareness import SURE, DayBook, Holding, say_doubt
from scheduler.domain.campaign import Campaign
from scheduler.domain.date_doubts import say_dates
from scheduler.domain.day_names import read_day_names
from scheduler.domain.problem import Place, error
from scheduler.domain.when import WEEKDAYS, WhenError, parse_date, parse_when, write_date
from scheduler.domain.written_dates import find_date, replace_date
from scheduler.errors import ConfigError
from scheduler.sources.file_lines import FileLines
from scheduler.sources.yaml_text import Path, read_yaml

DRAFT_NOTE = "# rolled forward from {year}: take this line out when a person has read every text again"
_TAGGED = frozenset({"text", "hashtags", "title", "description", "name"})
"""The fields in which a hashtag may stand."""
_HASHTAG = re.compile(r"(?<![\w&/])#[^\W\d]\w*?(?P<year>\d{4}|\d\d)(?!\w)")


class Change(NamedTuple):
    """What is written differently: the line of the old file, the field (with its post), old and new words."""

    line: int
    field: str
    old: str
    new: str


class Rolled(NamedTuple):
    """Another year's calendar: its text, its first day, what is written differently, and what a person must know."""

    content: bytes
    first: dt.date
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def roll_calendar(content: bytes, campaign: Campaign, year: int, days: DayBook) -> Rolled:
    """Return the calendar of a campaign for another year, as a draft.

    The campaign's date moves by the rule of its `day:`, or to the same date; what is counted from it stays, and what
    has a date of its own moves by the same number of days. Raise ConfigError, with what to do, if the file is written
    in a way that cannot be followed, or if the team's own file of days has errors.
    """
    return _Roller(content, campaign, year, days).roll()


class _Roller:
    """Rolls one calendar forward; edits and notes gather while it does."""

    def __init__(self, content: bytes, campaign: Campaign, year: int, days: DayBook) -> None:
        self.campaign, self.year, self.days = campaign, year, days
        self.document = read_yaml(content, campaign.file)
        self.data: dict[str, Any] = self.document.data
        self.lines = FileLines(content)
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self.expected: dict[Path, Callable[[str], bool]] = {}
        self.holding = days.find(campaign.day, year) if campaign.day else None
        self.first = self._find_first()
        self.shift = self.first - campaign.date

    def roll(self) -> Rolled:
        self._move_campaign()
        self._move("embargo", ("embargo",))
        for number, post in enumerate(self.data["posts"]):
            for name in ("when", "embargo"):
                if name in post:
                    self._move(f"{name} of {post['id']}", ("posts", number, name))
        self._open_hashtags()
        self._make_draft()
        content = self.lines.write()
        self._verify(content)
        self._say_what_is_known()
        return Rolled(content, self.first, tuple(sorted(self.changes)), tuple(self.notes))

    def _find_first(self) -> dt.date:
        if self.holding is not None and self.holding.first is not None:
            return self.holding.first
        old = self.campaign.date
        if _is_leap_day_elsewhere(old, self.year):
            old = old.replace(day=28)
        return old.replace(year=self.year)

    def _move_campaign(self) -> None:
        known = self.holding is None or (self.holding.status in SURE and self.holding.first is not None)
        if "year" in self.data:
            self._replace("year", ("year",), str(self.year), lambda words: words == str(self.year))
        if "date" in self.data and known:
            self._replace_date("date", ("date",), self.first)
        elif "date" in self.data:
            self._leave_out_date()
        if "until" in self.data:
            self._replace_date("until", ("until",), self._find_end())

    def _find_end(self) -> dt.date:
        end = parse_date(self.data["until"])
        if self.holding is not None and self.holding.last is not None:  # the length may have changed
            before = self.days.find(self.campaign.day, self.campaign.date.year)
            if end == before.last:
                return self.holding.last
        return end + self.shift

    def _leave_out_date(self) -> None:
        """Take 'date:' out, since it would say that somebody knows the date; `year:` takes its place."""
        key, value = self.document.key_place(("date",)), self.document.place(("date",))
        if key.line != value.line:
            raise self._cannot(("date",))
        old = self.data["date"]
        if "year" in self.data:
            if self.lines.text(key.line)[: key.column - 1].strip():
                raise self._cannot(("date",))
            self.lines.drop(key.line)
        else:
            start, stop = key.column - 1, value.column - 1 + value.width
            self.lines.replace(key.line, start, stop, f"year: {self.year}")
        self.changes.append(Change(key.line, "date", old, f"year: {self.year}"))
        self.notes.append(f"'date: {old}' became 'year: {self.year}': the next date is not known for certain.")

    def _move(self, field: str, path: Path) -> None:
        """Move what has a date of its own; what is counted from the campaign's date moves with it."""
        words = self.data.get("embargo") if path == ("embargo",) else _look_up(self.data, path)
        when = parse_when(words) if words is not None else None
        if when is not None and when.date is not None:
            expected = when._replace(date=when.date + self.shift)
            plain = f"{write_date(when.date + self.shift)} {when.time:%H:%M} {when.fold or ''}".rstrip()
            self._replace_date(field, path, when.date + self.shift, plain, lambda new: parse_when(new) == expected)

    def _replace_date(
        self,
        field: str,
        path: Path,
        day: dt.date,
        plain: str = "",
        is_right: Callable[[str], bool] | None = None,
    ) -> None:
        """Put a date in the place of the one that stands there, in the same manner or else plainly."""
        fits = is_right or (lambda words: parse_date(words) == day)
        old = _look_up(self.data, path)
        written = find_date(old)
        new = replace_date(old, written, day) if written is not None else ""
        if not _try(fits, new):
            new = plain or write_date(day)
        self._replace(field, path, new, fits)

    def _replace(self, field: str, path: Path, new: str, fits: Callable[[str], bool]) -> None:
        old, place = _look_up(self.data, path), self.document.place(path)
        line = self.lines.text(place.line)
        self.expected[path] = fits
        if line.startswith("*", place.column - 1):  # it moves where it is written out
            return
        start = line.find(old, place.column - 1, place.column - 1 + place.width)
        if start < 0:
            raise self._cannot(path)
        if self.lines.replace(place.line, start, start + len(old), new):
            self.changes.append(Change(place.line, field, old, new))

    def _open_hashtags(self) -> None:
        """Write {yy} for the year in hashtags that carry the campaign's."""
        old_year = self.campaign.date.year
        figures = {f"{old_year:04}": "{yyyy}", f"{old_year % 100:02}": "{yy}"}
        for path, text in list(_walk(self.data)):
            if next(step for step in reversed(path) if isinstance(step, str)) not in _TAGGED:
                continue
            new = _HASHTAG.sub(lambda found: _open(found, figures), text)
            if new != text:
                self.expected[path] = new.__eq__
                for found in _HASHTAG.finditer(text):
                    self._open_hashtag(path, text, found, _open(found, figures))

    def _open_hashtag(self, path: Path, text: str, found: re.Match[str], new: str) -> None:
        place = self.document.place_of(path, found[0], text.count(found[0], 0, found.start()))
        start = place.column - 1
        if place.width != len(found[0]):
            raise self._cannot(path)
        if found[0] != new and self.lines.replace(place.line, start, start + place.width, new):
            self.changes.append(Change(place.line, "hashtag", found[0], new))

    def _make_draft(self) -> None:
        """Say `draft: yes` for the whole campaign, with a note."""
        if self.data.get("draft", "").lower() in {"yes", "true", "on"}:
            return
        if "draft" in self.data:
            self._replace("draft", ("draft",), "yes", lambda words: words == "yes")
            return
        self.expected["draft",] = "yes".__eq__
        key, value = self.document.key_place(("campaign",)), self.document.place(("campaign",))
        line = self.lines.text(key.line)
        if line[: key.column - 1].strip():  # all in brackets
            self.lines.replace(key.line, key.column - 1, key.column - 1, "draft: yes, ")
        else:
            indent = line[: key.column - 1]
            note = DRAFT_NOTE.format(year=self.campaign.date.year)
            self.lines.insert_after(value.line, f"{indent}draft: yes   {note}")

    def _verify(self, content: bytes) -> None:
        """Read the new text, and see that all is as it was but for what was to change."""
        new = read_yaml(content, self.campaign.file)
        wanted = deepcopy(self.data)
        for path, fits in self.expected.items():
            holder = _look_up(new.data, path[:-1]) if not new.problems else None
            words = holder.get(path[-1]) if isinstance(holder, dict) else holder[path[-1]] if holder else None
            if not isinstance(words, str) or not _try(fits, words):
                raise self._cannot(path)
            _look_up(wanted, path[:-1])[path[-1]] = words
        if "date" in wanted and "date" not in new.data:
            del wanted["date"]
            wanted["year"] = str(self.year)
        if new.problems or new.data != wanted:
            raise self._cannot(())

    def _cannot(self, path: Path) -> ConfigError:
        place = self.document.place(path) if path else Place(self.campaign.file)
        hint = "Write each field on a line of its own, without '&' and '*', and try again; or copy the file by hand."
        return ConfigError([error("The way this is written cannot be rolled forward.", place, hint)])

    def _say_what_is_known(self) -> None:
        if self.holding is not None:
            doubt = say_doubt(self.holding)
            if doubt:
                self.notes.append(f"Nothing of it will be sent: {doubt}.")
            return
        old, new = (f"{WEEKDAYS[day.weekday()]} {write_date(day)}" for day in (self.campaign.date, self.first))
        stays = "It stays on the same date"
        if _is_leap_day_elsewhere(self.campaign.date, self.year):
            stays = f"There is no 29 February {self.year}, so it is the day before"
        self.notes.append(f"{stays}: {new}; before, it was {old}.")
        known = _suggest_day(self.campaign, self.year, self.days)
        if known is not None and known.first not in {None, self.first}:
            names = "'date:' and 'until:'" if "until" in self.data else "'date:'"
            self.notes.append(
                f"By its rule, {known.name} {self.year} is {say_dates(known)}. If that is meant, "
                f"write 'day: {known.day}' and 'year: {self.year}' in place of {names}."
            )


def _is_leap_day_elsewhere(day: dt.date, year: int) -> bool:
    """Return whether a day is a 29 February that a year does not have."""
    return (day.month, day.day) == (2, 29) and not isleap(year)


def _suggest_day(campaign: Campaign, year: int, days: DayBook) -> Holding | None:
    """Return the holding of the awareness day that a campaign is called by, None if there is none."""
    if campaign.id in days.names():
        return days.find(campaign.id, year)
    names = read_day_names(days, year).find_names(campaign.name)  # type: ignore[arg-type]
    return days.find(names[0].day, year) if names else None


def _open(found: re.Match[str], figures: Mapping[str, str]) -> str:
    opened = figures.get(found["year"])
    return found[0] if opened is None else found[0].removesuffix(found["year"]) + opened


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text of plain data with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(inner, (*path, step))


def _look_up(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _try(fits: Callable[[str], bool], words: str) -> bool:
    try:
        return fits(words)
    except WhenError:
        return False
