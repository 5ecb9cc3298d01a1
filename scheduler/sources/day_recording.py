"""What the team learns or decides of a day's year → its file of days, with everything else of the file as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from scheduler.domain.problem import has_errors
from scheduler.domain.when import write_date
from scheduler.errors import ConfigError, UsageError
from scheduler.sources.catalogue import shipped
from scheduler.sources.team_days import is_blank, read_team_days
from scheduler.sources.yaml_editing import EditableFile, replace_file, write_new
from scheduler.sources.yaml_fields import append_field, put_field, remove_field

_HEAD = """\
# Your team's awareness days: days of your own below `days:`; dates that organisers told you, and decisions against a
# day, below `dates:`. `campaign days` lists them with those of the catalogue.

"""


def record_skip(path: Path, file: str, day: str, year: int, reason: str) -> None:
    """Write into the team's file that it does nothing for a day in a year. Raises as `record_entry` does."""
    record_entry(path, file, day, year, {"skip": reason})


def record_date(
    path: Path, file: str, day: str, dates: tuple[date, date | None], source: str, reason: str, today: date
) -> None:
    """Write into the team's file when a day is, and who says so. Raises as `record_entry` does."""
    first, last = dates
    span = write_date(first) if last is None else f"{write_date(first)} to {write_date(last)}"
    why = {"why": reason} if reason else {}
    entry = {"on": span, **why, "source": source, "verified": write_date(today)}
    record_entry(path, file, day, first.year, entry)


def record_entry(path: Path, file: str, day: str, year: int, values: Mapping[str, str]) -> None:
    """Write values of one year of a day into a team's file, which is made if it is not there; `file` is its name shown.

    Raise ConfigError if it has errors, or would have one then; UsageError if it cannot be read or written.
    """
    try:
        before = path.read_bytes() if path.exists() else _HEAD.encode()
        _refuse_errors(before, file)
        after = _edit(before, file, day, str(year), values)
        _refuse_errors(after, file)
        replace_file(path, after)
    except OSError as failure:
        message = f"{file} cannot be read or written: {failure.strerror}. Check who may use that file and its folder."
        raise UsageError(message) from None


def _refuse_errors(content: bytes, file: str) -> None:
    problems = read_team_days(content, file, shipped()).problems
    if has_errors(problems):
        raise ConfigError(problems)


def _edit(content: bytes, file: str, day: str, year: str, values: Mapping[str, str]) -> bytes:
    """Return the file's new text."""
    if is_blank(content):
        entry = CommentedMap(dates=CommentedMap({day: CommentedMap({year: CommentedMap(values)})}))
        return content.rstrip() + (b"\n\n" if content.strip() else b"") + write_new(entry)
    edited = EditableFile(content, file)
    years = _find_group(_find_group(edited.fields, "dates"), day)
    if not isinstance(years.get(year), CommentedMap):
        written = years.get(year)
        _put(years, year, {"on": written} if written else {})
    entry = years[year]
    if not entry:
        _put(years, year, dict(values))
        return edited.write()
    for name in ("on", "why", "not_held", "source", "verified", "status") if "on" in values else ():
        if name in entry and name not in values:  # it belongs to the date that was known before
            remove_field(entry, name)
    for name, value in values.items():
        _put(entry, name, value)
    return edited.write()


def _find_group(fields: CommentedMap, name: str) -> CommentedMap:
    """Return the group of a name, which is made if it is not there."""
    if not isinstance(fields.get(name), CommentedMap):
        _put(fields, name, {})
    group: CommentedMap = fields[name]
    return group


def _put(fields: CommentedMap, name: str, value: Any) -> None:
    if name in fields:
        put_field(fields, name, value)
    else:
        append_field(fields, name, value)
