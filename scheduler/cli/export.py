"""campaign export"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.bootstrap import all_problems
from scheduler.calendar_folder import show_path
from scheduler.cli.output import count_of, echo_note, echo_problems, named_paths, open_app, say_hour, say_local
from scheduler.cli.preview import check_accounts, make_rows, open_ledger, read_window
from scheduler.domain.content import holds_hashtag
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.when import WEEKDAYS
from scheduler.errors import NoSettings, UsageError
from scheduler.sources.toolkit_rows import WITHHELD

if TYPE_CHECKING:
    from scheduler.preview import Row

HEADINGS = ("Date", "Weekday", "Time", "Account", "Platform", "Campaign", "Post", "Text", "Image", "Alt text", "Link",
            "Hashtags", "Language", "Status", "Problems")  # fmt: skip
TEMPLATE_HEADINGS = ("Ref", "Date", "Time", "Accounts", "Text", "Short text", "Image", "Alt text", "Link", "Hashtags",
                     "Language", "Embargo", "Owner", "Notes")  # fmt: skip
_TABLES = (".csv", ".xlsx")
_ENDINGS = (*_TABLES, ".ics")


@click.command(name="export")
@click.argument("calendars", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="What to write: .csv, .xlsx, .ics."
)
@click.option("--from", "first", metavar="D", help="Only from this day on.")
@click.option("--to", "last", metavar="D", help="Only up to this day, included.")
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account; may be repeated.")
@click.option("--embargoed", is_flag=True, help="With the words of posts whose embargo has not ended.")
@click.option("--template", is_flag=True, help="An empty table to fill in, which `campaign import` reads.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.pass_context
def command(
    context: click.Context,
    calendars: tuple[Path, ...],
    output: Path,
    first: str | None,
    last: str | None,
    accounts: tuple[str, ...],
    embargoed: bool,
    template: bool,
    force: bool,
) -> int:
    """Write the plan as a spreadsheet or as a feed, or an empty spreadsheet to fill in.

    One row a delivery, with the text as it will be sent. Excel shows it right, and runs nothing that is in it.
    Exit 0 if it is written, 1 if a calendar has errors and is not in it, 2 if nothing could be written.
    """
    endings = _TABLES if template else _ENDINGS
    if output.suffix.lower() not in endings:
        what = "cannot be a table to fill in" if template else "does not say what to write"
        raise UsageError(f"{output} {what}. Let its name end in {', '.join(endings)}.")
    if template:
        _write_template(_list_accounts(context), output, force=force)
        return 0
    app = open_app(context)
    check_accounts(app, accounts)
    files = app.read_calendars(named_paths(app, calendars))
    problems = [problem for problem in all_problems(files) if problem.severity == "error"]
    echo_problems(problems, err=True)
    campaigns = [file.campaign for file in files if file.campaign is not None]
    deliveries = plan_deliveries(campaigns, read_window(None, first, last), accounts or None)
    rows = list(make_rows(app, deliveries, open_ledger(app)))
    now = datetime.now(UTC)
    if output.suffix.lower() == ".ics":
        is_whole = not (calendars or first or last or accounts or problems)
        _write_feed(rows, output, now, embargoed=embargoed, is_whole=is_whole)
    else:
        _write_plan(rows, output, now, embargoed=embargoed, force=force)
    left_out = [file.file for file in files if file.campaign is None]
    for name in left_out:
        echo_note(f"{name} has errors: nothing of it is in {output}.")
    click.echo(f"{show_path(output)}: {count_of(len(rows), 'delivery')} written.", err=True)
    return 1 if left_out else 0


def _write_plan(rows: Sequence[Row], path: Path, now: datetime, *, embargoed: bool, force: bool) -> None:
    from scheduler.sources.spreadsheet_writing import Table, write_table

    cells = [list_cells(row, None if embargoed else now) for row in rows]
    write_table(Table("Plan", HEADINGS, cells), path, force=force)
    hidden = sum(cells[7].startswith(WITHHELD) for cells in cells)
    if hidden:
        echo_note(f"{count_of(hidden, 'text')} under embargo left out; --embargoed writes them too.")


def _write_feed(rows: Sequence[Row], path: Path, now: datetime, *, embargoed: bool, is_whole: bool) -> None:
    """Write a feed. Of the whole plan, what is no longer in it is called off, so that calendars drop it too."""
    from scheduler.sources.ics import export_events, plan_events

    if embargoed:
        raise UsageError("A feed is seen by many: words under embargo are never in it. Leave --embargoed out.")
    export_events(path, plan_events(rows, now), "Posts", now, is_whole=is_whole)


def list_cells(row: Row, now: datetime | None) -> list[str]:
    """Return the cells of a delivery, in the order of HEADINGS; what is under embargo at `now` without its words."""
    post = row.delivery.post
    until = post.embargo if now is not None and post.embargo is not None and post.embargo > now else None
    due = post.due
    head = [f"{due:%d/%m/%Y}", WEEKDAYS[due.weekday()], say_hour(due), row.delivery.account, row.platform]
    names = [row.delivery.campaign.id, post.id]
    problems = "\n".join(f"{each.severity}: {each.message} {each.hint}".rstrip() for each in row.problems)
    foot = [post.language, _say_status(row), problems if until is None else ""]
    if until is not None:
        return [*head, *names, f"{WITHHELD} {say_local(until)})", "", "", "", "", *foot]
    return [*head, *names, "\n---\n".join(part.text for part in row.parts), *_list_media(row), *foot]


def _list_media(row: Row) -> list[str]:
    """Return the files of the pictures, their alt texts, the links and the hashtags of a delivery, each a line."""
    media = [medium for part in row.parts for medium in part.media]
    links = dict.fromkeys(link for part in row.parts for link in part.links)
    hashtags = [tag for tag in row.delivery.post.hashtags if any(holds_hashtag(part.text, tag) for part in row.parts)]
    alts = [" ".join(medium.alt.split()) for medium in media]
    return [
        "\n".join(show_path(Path(medium.path)) for medium in media),
        "\n".join(alts),
        "\n".join(links),
        " ".join(hashtags),
    ]


def _say_status(row: Row) -> str:
    """Return how a delivery stands; of one that is held, why."""
    withheld = row.delivery.withheld
    if withheld and str(row.status) in {"planned", "held"}:
        return "draft" if row.delivery.post.draft else f"held: {withheld}"
    return f"{row.status}, taken back" if row.is_taken_back else str(row.status)


def _list_accounts(context: click.Context) -> list[str]:
    """Return the names of the accounts; of a folder without settings none, for a table can be filled in before."""
    try:
        return list(open_app(context).settings.accounts)
    except NoSettings:
        return []


def _write_template(names: Sequence[str], path: Path, *, force: bool) -> None:
    from scheduler.sources.spreadsheet_writing import Choice, Table, write_table

    advice = f"An account, or several with commas between: {', '.join(names)}"[:220]
    example = [
        "example", f"18/03/{datetime.now().astimezone().year + 1}", "9am", names[0] if names else "all",
        "Think. Spot. Speak out.\n\nAn example: write over it.", "",
        "hands.jpg", "An open palm with the words think, spot, speak out.", "https://www.example.org/signs",
        "#CEADay{yy} #HelpingHands", "en", "", "Your name", "Dates may also be T-7 or T+1, counted from the day.",
    ]  # fmt: skip
    accounts = [Choice("Accounts", [*names, "all"], advice)] if names else []
    choices = [*accounts, Choice("Language", ["en", "cy"], "The language: en or cy.")]
    write_table(Table("Posts", TEMPLATE_HEADINGS, [example], choices), path, force=force)
    click.echo(
        f"{show_path(path)}: fill it in, then: campaign import {show_path(path)} -o campaigns/NAME.yaml", err=True
    )
