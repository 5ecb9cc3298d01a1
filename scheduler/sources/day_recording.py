"""What the team learns or decides of a day's year → its file of days, with everything else of the file as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

_DATED = ("why", "not_held", "source", "verified", "status")
"""What is said of a date, and goes with it when another one takes its place."""

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


def record_entry(path: Path, file: str, day: str, year: int, values: dict[str, str]) -> None:
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


def _edit(content: bytes, file: str, day: str, year: str, values: dict[str, str]) -> bytes:
    """Return the file's new text."""
    if is_blank(content):
        entry = CommentedMap(dates=CommentedMap({day: CommentedMap({year: CommentedMap(values)})}))
        return content.rstrip() + (b"\n\n" if content.strip() else b"") + write_new(entry)
    edited = EditableFile(content, file)
    group: CommentedMap = edited.fields
    names = ["dates", day, year]
    while names and isinstance(group.get(names[0]), CommentedMap) and group[names[0]]:
        group = group[names.pop(0)]
    if names:
        written = group.get(year) if names == [year] else None
        _put(group, names[0], _nest(names[1:], {"on": written} | values if written else values))
    else:
        _change(group, values)
    return edited.write()


def _nest(names: Sequence[str], values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values in groups of these names, the last one inside."""
    nested: dict[str, Any] = dict(values)
    for name in reversed(names):
        nested = {name: nested}
    return nested


def _change(entry: CommentedMap, values: Mapping[str, str]) -> None:
    for name in _DATED if "on" in values else ():
        if name in entry and name not in values:  # it belongs to the date that was known before
            remove_field(entry, name)
    for name, value in values.items():
        _put(entry, name, value)


def _put(fields: CommentedMap, name: str, value: Any) -> None:
    if name in fields:
        put_field(fields, name, value)
    else:
        append_field(fields, name, value)
