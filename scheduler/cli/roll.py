"""campaign roll"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scheduler.bootstrap import App
from scheduler.calendar_folder import show_path
from scheduler.cli.output import count_of, echo_problems, open_app, problem_fields, say_local, write_utc
from scheduler.domain.campaign import Campaign
from scheduler.domain.problem import suggest
from scheduler.errors import ConfigError, UsageError
from scheduler.sources.calendar import CalendarFile

if TYPE_CHECKING:
    from scheduler.sources.rolling import Rolled

_LAST_YEAR = 2199


class _Outcome(NamedTuple):
    """What came of it: the old calendar, the new one as it reads, where it stands, and whether it was written."""

    old: Campaign
    rolled: Rolled
    new: CalendarFile
    path: str
    written: bool


@click.command(name="roll")
@click.argument("campaign")
@click.argument("year")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@click.option("--show", is_flag=True, help="Write nothing: show the new calendar and what would move.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, campaign: str, year: str, output: Path | None, show: bool, form: str) -> int:
    """Write a campaign's calendar for another year.

    CAMPAIGN is its id or its file; the new file stands beside the old one, with the year in its name. Dates move by
    the rule of its `day:`, or stay the same date; all else that you wrote stays as it is. The new calendar is a draft
    until a person has read every text and takes `draft: yes` out. Exit 0 if nothing in it needs attention, 1 if
    something does, 2 if it cannot be written.
    """
    app = open_app(context)
    wanted = _read_year(year, campaign)
    old, old_path, content = _find_calendar(app, campaign, wanted)
    from scheduler.sources.rolling import roll_calendar

    rolled = roll_calendar(content, old, wanted, app.days)
    path = output or _name_file(old_path, old, wanted)
    if not show:
        _write(path, rolled.content)
    new = app.read_old_calendar(show_path(path), rolled.content) if show else app.read_calendar(path)
    outcome = _Outcome(old, rolled, new, show_path(path), not show)
    if form == "json":
        click.echo(json.dumps(_fields(outcome), ensure_ascii=False, indent=1))
    else:
        _show_text(outcome)
    return 1 if new.problems else 0


def _read_year(words: str, campaign: str) -> int:
    if not re.fullmatch(r"\d{4}", words) or not 1970 <= int(words) <= _LAST_YEAR:
        example = f"campaign roll {shlex.quote(campaign)} {date.today().year + 1}"
        raise UsageError(f"'{words}' is no year. Write it in four figures: {example}")
    return int(words)


def _find_calendar(app: App, words: str, year: int) -> tuple[Campaign, Path, bytes]:
    """Return the campaign to roll forward, its file and what stands in that.

    Of several years of one campaign it is the last before `year`. Raise UsageError if there is none, or one of that
    year already; ConfigError if its file has errors.
    """
    named = Path(words)
    listed = [(path, app.read_calendar(path, pictures=False)) for path in app.find_calendars()]
    if named.is_file():
        found = [(named, app.read_calendar(named, pictures=False))]
    else:
        found = [(path, file) for path, file in listed if _is_called(file, words)]
    if not found:
        known = {file.campaign.id for _, file in listed if file.campaign is not None}
        raise UsageError(f"No campaign is called '{words}', and no file. {suggest(words, known)}".strip())
    if broken := [file for _, file in found if file.campaign is None]:
        raise ConfigError(broken[0].problems)
    good = [(file.campaign, path, file.content) for path, file in found if file.campaign is not None]
    earlier = [(campaign, path, content) for campaign, path, content in good if campaign.date.year < year]
    if not earlier:
        campaign, path, _ = min(good, key=lambda each: each[0].date)
        after = f"Name a year after {campaign.occurrence}."
        raise UsageError(f"'{campaign.id}' begins with {campaign.occurrence}, in {show_path(path)}. {after}")
    campaign, path, content = max(earlier, key=lambda each: each[0].date)
    _refuse_twin(campaign, year, [file for _, file in listed])
    return campaign, path, content


def _is_called(file: CalendarFile, words: str) -> bool:
    """Return whether a calendar is of the campaign of that id; one with errors is if a line of it says so."""
    if file.campaign is not None:
        return file.campaign.id.lower() == words.lower()
    line = rf"""^campaign:[ \t]*["']?{re.escape(words)}["']?[ \t]*(?:#.*)?$"""
    return any(re.match(line, each, re.IGNORECASE) for each in file.lines())


def _refuse_twin(campaign: Campaign, year: int, files: Iterable[CalendarFile]) -> None:
    for file in files:
        other = file.campaign
        if other is not None and other.id.lower() == campaign.id.lower() and other.date.year == year:
            raise UsageError(
                f"'{campaign.id}' of {year} is there already: {file.file}. Edit that, or take it away first."
            )


def _name_file(path: Path, campaign: Campaign, year: int) -> Path:
    """Return the name of the new file: that of the old with its year replaced, else the campaign's id and the year."""
    before, old, after = path.stem.rpartition(campaign.occurrence)
    return path.with_name((f"{before}{year}{after}" if old else f"{campaign.id}-{year}") + path.suffix)


def _write(path: Path, content: bytes) -> None:
    from scheduler.sources.yaml_editing import replace_file

    if path.exists():
        raise UsageError(f"{show_path(path)} is there already. Name another file with -o, or take that one away first.")
    try:
        replace_file(path, content)
    except OSError as failure:
        raise UsageError(f"{show_path(path)} cannot be written: {failure.strerror}. Name another with -o.") from None


def _list_moves(outcome: _Outcome) -> list[tuple[str, str, str]]:
    """Return the dates and the posts by name, with when they were and when they are now."""
    old, new = outcome.old, outcome.new.campaign
    if new is None:
        return [("date", _say_day(old), "")]
    due = {post.id: post.due for post in new.posts}
    moves = [("the day", _say_day(old), _say_day(new))]
    moves += [(post.id, say_local(post.due), say_local(due[post.id])) for post in old.posts if post.id in due]
    return moves


def _say_day(campaign: Campaign) -> str:
    from datetime import datetime, time

    said = [say_local(datetime.combine(day, time(), tzinfo=None)) for day in (campaign.date, campaign.until) if day]
    return " to ".join(words.partition(" 00:00")[0] for words in said)


def _show_text(outcome: _Outcome) -> None:
    rolled, path = outcome.rolled, outcome.path
    if outcome.written:
        click.echo(f"Written: {path}, from {outcome.old.file}.")
    else:
        click.echo(rolled.content.decode("utf-8-sig"), nl=False)
        click.echo(f"\nNothing was written. This would be {path}, from {outcome.old.file}.")
    click.echo("It is a draft: nothing of it is sent before a person has read every text and takes 'draft: yes' out.")
    for note in rolled.notes:
        click.echo(note)
    click.echo("")
    _show_table([("", outcome.old.occurrence, str(rolled.first.year)), *_list_moves(outcome)])
    tags = [change for change in rolled.changes if change.field == "hashtag"]
    if tags:
        click.echo("")
    for change in tags:
        click.echo(f"line {change.line}: {change.old} became {change.new}")
    if outcome.new.problems:
        click.echo(f"\nTo look at, in {path}:")
        echo_problems(outcome.new.problems)
    click.echo(f"{count_of(len(outcome.new.problems), 'thing')} to look at.", err=True)


def _show_table(rows: Sequence[tuple[str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, old, new in rows:
        click.echo(f"  {name:<{widths[0]}}  {old:<{widths[1]}}  {new}".rstrip())


def _fields(outcome: _Outcome) -> dict[str, Any]:
    """Return what JSON output gives; documented in the README and stable."""
    old, new = outcome.old, outcome.new.campaign
    due = {} if new is None else {post.id: post.due for post in new.posts}
    posts = [{"post": p.id, "old_utc": write_utc(p.due), "new_utc": write_utc(due.get(p.id))} for p in old.posts]
    fields: dict[str, Any] = {
        "campaign": old.id,
        "from_file": old.file,
        "file": outcome.path,
        "written": outcome.written,
        "old_date": old.date.isoformat(),
        "new_date": outcome.rolled.first.isoformat(),
        "posts": posts,
        "changes": [change._asdict() for change in outcome.rolled.changes],
        "notes": list(outcome.rolled.notes),
        "problems": [problem_fields(problem) for problem in outcome.new.problems],
    }
    return fields if outcome.written else {**fields, "content": outcome.rolled.content.decode("utf-8-sig")}
