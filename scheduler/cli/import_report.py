"""What `campaign import` says of what it read, wrote and merged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.calendar_folder import show_path
from scheduler.cli.output import choose_paint, count_of, problem_fields
from scheduler.domain.problem import Problem
from scheduler.domain.when import write_date

if TYPE_CHECKING:
    from scheduler.domain.awareness import Holding
    from scheduler.sources.feed_days import FeedDays
    from scheduler.sources.toolkit import Toolkit
    from scheduler.sources.toolkit_calendar import Record
    from scheduler.sources.toolkit_update import Change, Merged

_SHOWN = 70  # characters of a text in a list of changes
_KINDS = {
    "taken": "changed",
    "added": "new, a draft",
    "gone": "gone from the toolkit, now a draft",
    "kept": "changed by both, yours stays",
    "removed": "changed in the toolkit; you took it out, so it stays out",
}


def echo_toolkit(toolkit: Toolkit) -> None:
    """Show what each column was taken for, and what is to be said of single cells."""
    from scheduler.sources.spreadsheet import name_column
    from scheduler.sources.toolkit_rows import KEPT_AS_NOTES

    sheet = toolkit.sheet
    which = f"sheet {sheet.name}, " if sheet.name else ""
    click.echo(f"{sheet.file}: {which}headings in row {toolkit.heading_row}, {count_of(len(toolkit.posts), 'post')}.")
    for note in (*sheet.notes, *toolkit.notes):
        click.echo(f"  note: {note}")
    width = max(len(column.heading) for column in toolkit.columns)
    for column in toolkit.columns:
        if column.heading or column.field:
            kept = ", kept as a note" if column.field in KEPT_AS_NOTES else ""
            use = f"→ {column.field:<10} {column.sure}{kept}" if column.field else "  not used"
            click.echo(f"  {name_column(column.number):>2}  {column.heading:<{min(width, 40)}}  {use}".rstrip())
    paint = choose_paint()
    for finding in toolkit.findings:
        click.echo(f"{finding.place}: {paint('warning:', fg='yellow')} {finding.message} {finding.hint}".rstrip())


def echo_next(toolkit: Toolkit, path: Path) -> None:
    """Say what was written, and what to do next."""
    drafts = sum(bool(post.to_settle) for post in toolkit.posts)
    left = f"; {drafts} with something to settle, which its note 'to settle' says" if drafts else ""
    click.echo(f"{show_path(path)}: {count_of(len(toolkit.posts), 'post')} written{left}.")
    click.echo("The campaign is a draft: nothing is sent until its line 'draft: yes' is taken out.")
    click.echo(f"Next: campaign check {show_path(path)}, then campaign preview {show_path(path)}")


def echo_changes(merged: Merged, record: Record, path: Path, *, show: bool) -> None:
    """List what a merge changed, and what it left as it is, though the toolkit changed it."""
    if not merged.changes:
        click.echo(f"{show_path(path)}: nothing has changed since {record.origin.file}.")
        return
    for kind, words in _KINDS.items():
        for change in [change for change in merged.changes if change.kind == kind]:
            field = f" {change.field}" if change.field else ""
            click.echo(f"{change.post}{field}: {words}")
            described = _describe(change)
            start = _find_difference([_write(value) for _, value in described])
            for name, value in described:
                click.echo(f"    {name:<8} {_shorten(_write(value), start)}")
    written = "would be written (--show writes nothing)" if show else "written"
    click.echo(f"{show_path(path)}: {count_of(len(merged.changes), 'change')} since {record.origin.file}, {written}.")


def _describe(change: Change) -> list[tuple[str, Any]]:
    if change.kind in {"gone", "removed"}:
        return []
    if change.kind == "added":
        return [("text", change.theirs)]
    names = ("yours", "toolkit") if change.kind == "kept" else ("was", "is")
    return list(zip(names, (change.mine, change.theirs), strict=True))


def _write(value: Any) -> str:
    words = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(words.split())


def _find_difference(texts: Sequence[str]) -> int:
    """Return from where on two texts are shown so that the first difference is seen; 0 where all of them fits."""
    if len(texts) < 2 or max(map(len, texts)) <= _SHOWN:
        return 0
    same = next((n for n, pair in enumerate(zip(*texts, strict=False)) if len(set(pair)) > 1), min(map(len, texts)))
    return max(0, same - _SHOWN // 3)


def _shorten(line: str, start: int) -> str:
    shown = line[start : start + _SHOWN]
    return ("…" if start else "") + shown + ("…" if start + _SHOWN < len(line) else "")


def echo_json(toolkit: Toolkit, changes: Iterable[Change], path: Path | None) -> None:
    """Show everything as JSON; `path` is the calendar that was written, if one was."""
    fields = {
        "file": toolkit.sheet.file,
        "sheet": toolkit.sheet.name,
        "written": None if path is None else show_path(path),
        "title": toolkit.title,
        "notes": [*toolkit.sheet.notes, *toolkit.notes],
        "columns": [{"heading": each.heading, "field": each.field, "sure": each.sure} for each in toolkit.columns],
        "problems": [
            {"cell": str(finding.place), "message": finding.message, "hint": finding.hint}
            for finding in toolkit.findings
        ],
        "posts": [{"id": post.id, "row": post.place.row, "to_settle": list(post.to_settle)} for post in toolkit.posts],
        "changes": [change._asdict() for change in changes],
    }
    click.echo(json.dumps(fields, ensure_ascii=False, indent=1))


def echo_days(found: FeedDays, path: Path | None) -> None:
    """List the days of a feed that are not known, and those of which something else is known."""
    for theirs, known in found.differing:
        ours = write_date(known.first) if known.first else "not known"
        said = write_date(theirs.first) if theirs.first else "no date"
        click.echo(
            f"{theirs.name} {theirs.year}: the feed says {said}; known is {ours} ({known.status}). Ask the organiser."
        )
    if found.known:
        click.echo(f"{count_of(found.known, 'day')} as known already.")
    if path is not None:
        click.echo(
            f"{show_path(path)}: {count_of(len(found.new), 'day')} written, as estimates: nothing is sent by them."
        )
        click.echo("Check each with its organiser, then move it into your own days (the setting 'days:').")


def echo_days_json(file: str, found: FeedDays, problems: Sequence[Problem], path: Path | None) -> None:
    """Show the days of a feed as JSON; documented in the README and stable. `path` is the file that was written."""
    fields = {
        "file": file,
        "written": None if path is None else show_path(path),
        "days": [_day_fields(holding) for holding in found.new],
        "differing": [
            _day_fields(theirs) | {"known_first": _write_day(ours.first), "known_status": str(ours.status)}
            for theirs, ours in found.differing
        ],
        "problems": [problem_fields(problem) for problem in problems],
    }
    click.echo(json.dumps(fields, ensure_ascii=False, indent=1))


def _day_fields(holding: Holding) -> dict[str, Any]:
    return {
        "id": holding.day,
        "year": holding.year,
        "name": holding.name,
        "first": _write_day(holding.first),
        "last": _write_day(holding.last),
        "source": holding.source,
        "hashtags": list(holding.hashtags),
    }


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
