"""campaign import"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from scheduler.bootstrap import App
from scheduler.calendar_folder import show_path
from scheduler.cli.import_dates import Options, find_days, find_zone, make_head
from scheduler.cli.import_report import echo_changes, echo_days, echo_days_json, echo_json, echo_next, echo_toolkit
from scheduler.cli.output import echo_problems, open_app
from scheduler.domain.problem import suggest
from scheduler.errors import UsageError

if TYPE_CHECKING:
    from scheduler.sources.toolkit import Toolkit, ToolkitPost


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The calendar to write, such as campaigns/x.yaml."
)
@click.option("--update", type=click.Path(path_type=Path), help="The calendar to merge a toolkit's next version into.")
@click.option("--show", is_flag=True, help="Only show what would be done.")
@click.option(
    "--map", "maps", multiple=True, metavar="H=F", help='Which column is what: "Suggested copy=text,When=date".'
)
@click.option("--sheet", metavar="NAME", help="Which sheet of the file; by default the first that can be seen.")
@click.option("--id", "name", metavar="ID", help="The campaign's id; by default the name of the calendar.")
@click.option("--date", "day_written", metavar="D", help="The campaign's date, such as '18 March 2027'.")
@click.option("--day", metavar="DAY", help="The awareness day that it is for, with --year.")
@click.option("--year", metavar="Y", help="The year of --day.")
@click.option("--until", metavar="D", help="The campaign's last day, if it has several.")
@click.option("--accounts", metavar="A,B", help="Where posts go that name no channel.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    output: Path | None,
    update: Path | None,
    show: bool,
    maps: tuple[str, ...],
    sheet: str | None,
    name: str | None,
    day_written: str | None,
    day: str | None,
    year: str | None,
    until: str | None,
    accounts: str | None,
    form: str,
) -> int:
    """Make a calendar of a spreadsheet, or take over a toolkit's next version.

    FILE is a table of posts, .xlsx or .csv. Its columns are guessed by their headings and shown. What is not clear
    becomes a draft with a note that says what to settle, and the whole campaign is a draft to begin with.
    Exit 0 if all is clear, 1 if there is something to settle or to look at, 2 if nothing could be read.
    """
    options = Options(maps, sheet, day_written, day, year, accounts, until)
    if day_written and day:
        raise UsageError("Give --date or --day with --year, not both.")
    app = open_app(context)
    if (output is None) == (update is None) and not (show and update is None):
        raise UsageError("Say where the calendar is to be: -o campaigns/NAME.yaml, or --update CALENDAR.")
    if file.suffix.lower() == ".ics":
        if update is not None:
            raise UsageError("A feed of days is not merged into a calendar. Write its days to a new file with -o.")
        return _import_feed(app, file, output, show=show, form=form)
    if update is not None:
        return _update(app, file, update, options, show=show, form=form)
    return _create(app, file, output or app.settings.calendars / f"{file.stem}.yaml", name, options, show, form)


def _create(app: App, file: Path, path: Path, name: str | None, options: Options, show: bool, form: str) -> int:
    from scheduler.sources.toolkit import make_id
    from scheduler.sources.toolkit_calendar import (
        Record,
        ToolkitRecord,
        find_origin,
        record_path,
        write_calendar,
        write_record,
    )

    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        raise UsageError(
            f"'{name}' cannot be an id: letters, digits, '-' and '_' only, such as --id {make_id(name, 'x')}."
        )
    if not show:
        _refuse_present(path, record_path(path))
    toolkit, content = _read(app, file, path, options, is_new=True)
    called = {"name": toolkit.title} if toolkit.title else {}
    head = {"campaign": name or make_id(path.stem, "campaign"), **called} | make_head(toolkit, options)
    origin = find_origin(toolkit.sheet, content)
    today = _say_today()
    text = write_calendar(head, toolkit.posts, origin, today, show_path(path))
    posts = {post.id: ToolkitRecord(post.ref, post.fields) for post in toolkit.posts}
    if not show:
        _write(record_path(path), write_record(Record(origin, options._asdict(), posts)))
        _write(path, text)
    if form == "json":
        echo_json(toolkit, (), None if show else path)
    else:
        echo_toolkit(toolkit)
        if show:
            click.echo(text.decode())
        else:
            echo_next(toolkit, path)
    return 1 if toolkit.findings else 0


def _update(app: App, file: Path, path: Path, options: Options, *, show: bool, form: str) -> int:
    from scheduler.sources.toolkit_calendar import Record, find_origin, read_record, record_path, write_record
    from scheduler.sources.toolkit_update import merge_toolkit
    from scheduler.sources.yaml_editing import EditableFile, replace_file

    try:
        before = path.read_bytes()
    except OSError as failure:
        raise UsageError(f"The calendar {path} cannot be read: {failure.strerror}.") from None
    record = read_record(path)
    calendar = EditableFile(before, show_path(path))
    options = options.filled_from(record.options).following(calendar.fields, is_dated=bool(options.date or options.day))
    toolkit, content = _read(app, file, path, options, find_zone(calendar.fields.get("timezone")), is_new=False)
    origin = find_origin(toolkit.sheet, content)
    merged = merge_toolkit(calendar, show_path(path), record, toolkit.posts, origin)
    toolkit = merged.leave_new(toolkit)
    text = _say_origin(calendar.write(), origin.describe(_say_today()))
    if not show:
        replace_file(path, text)
        replace_file(record_path(path), write_record(Record(origin, options._asdict(), merged.posts)))
    if form == "json":
        echo_json(toolkit, merged.changes, None if show else path)
    else:
        echo_toolkit(toolkit)
        echo_changes(merged, record, path, show=show)
    return 1 if toolkit.findings or any(change.kind in {"kept", "removed"} for change in merged.changes) else 0


def _read(
    app: App, file: Path, path: Path, options: Options, zone: ZoneInfo | None = None, *, is_new: bool
) -> tuple[Toolkit, bytes]:
    """Return the toolkit in a file, and the file's bytes; without a `zone` its times are those of the settings' one.

    Raise UsageError if it names no account for a post.
    """
    from scheduler.domain.capabilities import measure_text
    from scheduler.sources.spreadsheet import load_sheet
    from scheduler.sources.toolkit import read_toolkit
    from scheduler.sources.toolkit_surroundings import KnownSurroundings

    sheet, content = load_sheet(file, show_path(file), options.sheet)
    known = app.settings.accounts
    shown = app.show_accounts(known)

    def fits(account: str, text: str) -> bool:
        return measure_text(text, shown[account].platform.capabilities, shown[account].limits).excess <= 0

    platforms = {account: known[account].platform for account in known}
    accounts = _choose_accounts(known, options.accounts)
    day, last = find_days(app, options)
    length = (last - day).days + 1 if day is not None and last is not None else None
    root = Path(app.settings.file).parent
    around = KnownSurroundings(
        accounts, platforms, day, zone or app.settings.zone, fits, path, file, root, length, is_new
    )  # fmt: skip
    toolkit = read_toolkit(sheet, _read_maps(options.maps), around)
    homeless = [post for post in toolkit.posts if not post.fields["accounts"]]
    if homeless:
        raise UsageError(_ask_for_accounts(toolkit, homeless[0], platforms))
    return toolkit, content


def _ask_for_accounts(toolkit: Toolkit, post: ToolkitPost, platforms: Mapping[str, str]) -> str:
    from scheduler.sources.toolkit_rows import suggest_accounts

    places = [toolkit.sheet.place(post.place.row, column.number, column.heading) for column in toolkit.columns
              if column.field == "channels"]  # fmt: skip
    message = f"{(places or [post.place])[0]}: this post names no channel that is known"
    option = f"--accounts {','.join(list(platforms)[:2])}"
    if not post.homeless:
        return f"{message}. Say where such posts go: {option}. Known: {', '.join(platforms)}."
    hint = suggest_accounts(post.homeless, platforms)
    return f"{message}: {', '.join(post.homeless)}. {hint} Put it right, or say where such posts go: {option}."


def _choose_accounts(known: Iterable[str], words: str | None) -> list[str]:
    accounts = [name.strip() for name in (words or "").split(",") if name.strip()]
    for name in accounts:
        if name not in known:
            hint = suggest(name, known) or f"Known: {', '.join(known)}."
            raise UsageError(f"No account is called '{name}'. {hint}")
    only = list(known)
    return accounts or (only if len(only) == 1 else [])


def _read_maps(maps: Sequence[str]) -> dict[str, str]:
    """Return the headings and fields of `--map`; a heading may have commas in it."""
    from scheduler.domain.columns import FIELDS, PLATFORM_NAMES

    told: dict[str, str] = {}
    for written in maps:
        heading = ""
        for piece in written.split(","):
            heading = f"{heading},{piece}" if heading else piece
            if "=" in heading:
                name, _, field = heading.rpartition("=")
                field = field.strip().lower()
                if field not in FIELDS and field.removeprefix("text:") not in PLATFORM_NAMES.values():
                    hint = suggest(field, FIELDS) or f"Known: {', '.join(FIELDS)}, text:PLATFORM."
                    raise UsageError(f"--map: no field is called '{field}'. {hint}")
                told[name.strip()] = field
                heading = ""
        if heading:
            raise UsageError(f"--map: '{heading}' does not say what the column is. Type --map \"Suggested copy=text\".")
    return told


def _refuse_present(path: Path, record: Path) -> None:
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise UsageError(f"{path} would not be read as a calendar. Let its name end in .yaml.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}. Make it, or name another with -o.")
    if path.exists():
        hint = f"Name another with -o, or merge with --update {path}."
        raise UsageError(f"{path} is there already, and is left as it is. {hint}")
    if record.exists():
        raise UsageError(f"{record} is there, of an earlier import. Name another calendar with -o, or remove it.")


def _write(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as stream:
            stream.write(content)
    except OSError as failure:
        raise UsageError(f"{path} cannot be written: {failure.strerror}. Name another with -o.") from None


def _say_today() -> str:
    from scheduler.domain.when import write_date

    return write_date(datetime.now().astimezone().date())


def _say_origin(text: bytes, line: str) -> bytes:
    """Return a calendar whose line of where it is from, if it has one among the notes at its head, says this."""
    lines = text.splitlines(keepends=True)
    for number, old in enumerate(lines):
        if old.startswith(b"# From the toolkit "):
            lines[number] = f"# {line}".encode() + old[len(old.rstrip(b"\r\n")) :]
            return b"".join(lines)
        if old.strip() and not old.removeprefix(b"\xef\xbb\xbf").startswith(b"#"):
            break
    return text


def _import_feed(app: App, file: Path, output: Path | None, *, show: bool, form: str) -> int:
    """Write the days of a feed as estimates: what others publish is wrong too often to send by it."""
    from scheduler.sources.feed_days import sort_days, write_days
    from scheduler.sources.ics import read_events, take_days

    events, problems = read_events(_read_feed(file), show_path(file), app.settings.zone)
    found = sort_days(take_days(events, file.name), app.days)
    nothing = not found.new and not found.differing
    if form == "text" or nothing:
        echo_problems(problems, err=True)
    if timed := sum(isinstance(event.first, datetime) for event in events):
        entries = "1 entry has a time of day, and is" if timed == 1 else f"{timed} entries have a time of day, and are"
        click.echo(f"note: {entries} left out: awareness days last whole days.", err=True)
    if nothing:
        why = "is known already" if found.known else "lasts a whole day"
        raise UsageError(f"Nothing is written: {'each day' if found.known else 'no entry'} of {file} {why}.")
    text = write_days(found.new, file.name, _say_today())
    if output is not None and not show and found.new:
        if output.exists():
            hint = "Name another with -o, and move what you need into your own days."
            raise UsageError(f"{output} is there already, and is left as it is. {hint}")
        _write(output, text)
    written = output if found.new and not show else None
    if form == "json":
        echo_days_json(show_path(file), found, problems, written)
    else:
        echo_days(found, written)
        if show:
            click.echo(text.decode())
    return 1 if found.differing or problems else 0


def _read_feed(file: Path) -> bytes:
    from scheduler.sources.ics_lines import MAX_FEED

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FEED + 1)
    except OSError as failure:
        raise UsageError(f"{file} cannot be read: {failure.strerror}. Check its name and its folder.") from None
    if len(content) > MAX_FEED:
        hint = "Save a shorter period, or one of its calendars at a time."
        raise UsageError(f"{file} is larger than {MAX_FEED // 2**20} MB. {hint}")
    return content
