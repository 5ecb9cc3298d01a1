"""campaign preview"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scheduler.bootstrap import App, all_problems, inspect_media
from scheduler.calendar_folder import show_path
from scheduler.cli.output import (
    choose_paint,
    count_of,
    describe_film,
    echo_note,
    echo_problems,
    exit_code,
    named_paths,
    open_app,
    read_day,
    say_embargo,
    say_hour,
    say_local,
    say_price,
    warn_of_lost_ledger,
)
from scheduler.domain.delivery import Delivery
from scheduler.domain.plan import EVERYTHING, Window, list_deliveries, plan_deliveries
from scheduler.domain.policy import Action
from scheduler.domain.problem import Problem, Severity, suggest
from scheduler.errors import LedgerError, UsageError
from scheduler.preview import PartRow, Row, add_warnings, build_rows
from scheduler.side_by_side import work_side_by_side
from scheduler.sources.habit_warnings import LATELY, find_habit_warnings

_PORTION = 250  # rows written at once: enough to be quick, and little to hold in memory

if TYPE_CHECKING:
    from scheduler.domain.campaign import Campaign
    from scheduler.ledger.desk import Desk
    from scheduler.sources.calendar import CalendarFile


@click.command(name="preview")
@click.argument("calendars", nargs=-1, type=click.Path(path_type=Path))
@click.option("--day", metavar="D", help="Only this day, such as '18 March 2027' or 2027-03-18.")
@click.option("--from", "first", metavar="D", help="Only from this day on.")
@click.option("--to", "last", metavar="D", help="Only up to this day, included.")
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account; may be repeated.")
@click.option("--strict", is_flag=True, help="Warnings count too: exit 1 if there is one.")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), help="How to show it, if not as text.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write: .html, .json or .txt."
)
@click.option("--embargoed", is_flag=True, help="As HTML: with the words of posts whose embargo has not ended.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@click.pass_context
def command(
    context: click.Context,
    calendars: tuple[Path, ...],
    day: str | None,
    first: str | None,
    last: str | None,
    accounts: tuple[str, ...],
    strict: bool,
    form: str | None,
    output: Path | None,
    embargoed: bool,
    force: bool,
) -> int:
    """Show what will go out, exactly as it will be sent.

    Needs no network and no secret. Problems of calendars go to standard error. Each post has its warnings below it,
    those of your team's habits too, which compare all calendars that are read: the whole folder, or those named.
    `-o sheet.html` writes a sheet to print, to sign and to send, with its pictures in it; of what is under embargo it
    shows only when a post goes where, unless --embargoed is given.
    Exit 0 if there is no error, 2 if there is one, 1 for a warning with --strict.
    """
    app = open_app(context)
    check_accounts(app, accounts)
    display = _open_display(form, output, embargoed=embargoed, force=force)
    files = app.read_calendars(named_paths(app, calendars), side_by_side=True)
    problems = all_problems(files)
    echo_problems(problems, err=True)
    plan = _read_plan(app, files, read_window(day, first, last), accounts)
    shown: list[Problem] = []
    _SHOW[display.form](plan, display, shown)
    display.close()
    if display.form == "text" or output is not None:
        where = "" if output is None else f"{show_path(output)}: "
        click.echo(where + _sum_up(len(plan.deliveries), [*problems, *shown]), err=True)
    return exit_code([*problems, *shown], strict=strict)


class _Display(NamedTuple):
    """How a preview is shown: at once, on standard output, or kept for a file."""

    form: str
    paint: Callable[..., str]
    embargoed: bool
    output: Path | None
    kept: list[str]

    def write(self, words: str) -> None:
        """Show some words, in a line of their own."""
        if self.output is None:
            click.echo(words, color=True)  # painted or not already: nothing to take out
        else:
            self.kept.append(words)

    def close(self) -> None:
        """Write the file, if there is to be one. Raise UsageError if it cannot be written."""
        if self.output is not None:
            from scheduler.cli.preview_file import write_file

            write_file(self.output, "\n".join([*self.kept, ""]))


def _open_display(form: str | None, output: Path | None, *, embargoed: bool, force: bool) -> _Display:
    """Return how to show a preview. Raise UsageError, before any work, if its file is not to be written."""
    if output is None:
        return _Display(form or "text", choose_paint(), embargoed, None, [])
    from scheduler.cli.preview_file import read_form, refuse_existing

    if not force:
        refuse_existing(output)
    return _Display(form or read_form(output), lambda words, **_: words, embargoed, output, [])


class _Plan(NamedTuple):
    """What is to be shown. `unread` are the calendars with errors, see `list_unread`; `files` all that may be named.

    `campaigns` are those that it is part of, with what of them is not shown.
    """

    deliveries: list[Delivery]
    build: BuildRows
    campaigns: list[Campaign]
    unread: list[tuple[str, str]]
    files: list[str]


def _read_plan(app: App, files: Sequence[CalendarFile], window: Window, accounts: Sequence[str]) -> _Plan:
    """Return what of these calendars is planned in a window, on some accounts or, if none are named, on all.

    Calendars of which nothing, or an older version, is in it are named on standard error.
    """
    ledger = open_ledger(app)
    used = files if ledger is None else app.list_in_force(files, ledger)
    campaigns = [file.campaign for file in used if file.campaign is not None]
    unread = list_unread(files, used)
    for name, kept in unread:
        click.echo(f"note: {name} has errors: {kept}.", err=True)
    deliveries = plan_deliveries(campaigns, window, accounts or None)
    wanted = [each for each in deliveries if each.account in app.settings.accounts]
    build = prepare_rows(app, wanted, ledger)
    # A post's neighbours count, whether they are shown or not.
    everything = deliveries if window == EVERYTHING and not accounts else list_deliveries(campaigns)
    found = list(find_habit_warnings(everything, app.settings.habits, used, datetime.now(UTC) - LATELY))
    named = [show_path(Path(app.settings.file)), *[file.file for file in files]]
    return _Plan(wanted, lambda some: add_warnings(build(some), found), campaigns, unread, named)


def read_window(day: str | None, first: str | None, last: str | None) -> Window:
    """Return the window that options name. Raise UsageError if one is no date, or the first is after the last."""

    if day is not None:
        return Window(read_day(day), read_day(day))
    window = Window(*[None if words is None else read_day(words) for words in (first, last)])
    if window.first is not None and window.last is not None and window.first > window.last:
        raise UsageError(f"--from {first} is after --to {last}: no day lies between. Swap them.")
    return window


def open_ledger(app: App) -> Desk | None:
    """Return the ledger to look into; None, with a note if there should be one, where it cannot be read."""
    if not app.has_ledger():
        warn_of_lost_ledger(app)
        return None
    try:
        return app.open_desk()
    except LedgerError as failure:
        click.echo(f"note: what is posted or held already is not shown. {failure}", err=True)
        return None


def list_unread(files: Iterable[CalendarFile], used: Iterable[CalendarFile]) -> list[tuple[str, str]]:
    """Return each calendar that has errors, by its file, and in words what of it is shown; `used` are those that are.

    Without a look into the ledger that is nothing; with one, its last good version may be.
    """
    kept = {file.file for file in used if file.campaign is not None}
    old, nothing = "its last good version is shown, which stays in force", "nothing of it is shown"
    return [(file.file, old if file.file in kept else nothing) for file in files if file.campaign is None]


BuildRows = Callable[[Sequence[Delivery]], Iterable[Row]]


def make_rows(app: App, deliveries: list[Any], desk: Desk | None) -> Iterable[Row]:
    """Return a row for each delivery, with what the ledger knows of it, if there is one."""
    return prepare_rows(app, deliveries, desk)(deliveries)


def prepare_rows(app: App, deliveries: list[Any], desk: Desk | None) -> BuildRows:
    """Return what makes the rows of some of these deliveries. All that the ledger knows of them is read here."""
    now = datetime.now(UTC)
    shown = app.show_accounts({delivery.account for delivery in deliveries})
    if desk is None:
        return lambda some: build_rows(some, shown, inspect_media, records={}, holds=(), seen=lambda _: False, now=now)
    seen = desk.seen_keys({delivery.campaign.id for delivery in deliveries}).__contains__
    records, holds = desk.standings(), desk.holds()
    return lambda some: build_rows(some, shown, inspect_media, records=records, holds=holds, seen=seen, now=now)


def check_accounts(app: App, accounts: Iterable[str]) -> None:
    """Raise UsageError if one of these is no account of the settings."""
    for name in accounts:
        if name not in app.settings.accounts:
            hint = suggest(name, app.settings.accounts) or f"Known: {', '.join(app.settings.accounts)}."
            raise UsageError(f"No account is called '{name}' in {app.settings.file}. {hint}")


def _show_json(plan: _Plan, display: _Display, problems: list[Problem]) -> None:
    import json

    from scheduler.cli.preview_fields import row_fields

    fields = []
    for row in plan.build(plan.deliveries):
        problems += row.problems
        fields.append(row_fields(row))
    display.write(json.dumps(fields, ensure_ascii=False, indent=1))


def _show_text(plan: _Plan, display: _Display, problems: list[Problem]) -> None:
    write = partial(_write_rows, plan.build, display.paint)
    for words, found in work_side_by_side(plan.deliveries, write):
        problems += found
        for portion in words:
            display.write(portion)


def _sum_up(count: int, problems: Sequence[Problem]) -> str:
    """Return how many deliveries were shown, and all problems: those of calendars that are left out, too."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    found = f"{count_of(errors, 'error')}, {count_of(len(problems) - errors, 'warning')}"
    return f"{count_of(count, 'delivery')}: {found}."


def _write_rows(
    build: BuildRows, paint: Callable[..., str], deliveries: Sequence[Delivery]
) -> tuple[list[str], list[Problem]]:
    """Return the text of some deliveries, in portions that are not too long to write at once, and their problems."""
    words, problems, listed = [], list[Problem](), iter(build(deliveries))
    while portion := list(islice(listed, _PORTION)):
        problems += [problem for row in portion for problem in row.problems]
        words.append("\n".join(_write_portion(portion, paint)))
    return words, problems


def _write_portion(rows: Iterable[Row], paint: Callable[..., str]) -> Iterator[str]:
    post, when = None, ""
    for row in rows:
        if row.delivery.post is not post:  # it goes to several accounts, one after the other
            post = row.delivery.post
            when = f"{say_local(post.due)} ({say_hour(row.delivery.due)} UTC)"
        yield _write_row(row, when, paint)


def _write_row(row: Row, when: str, paint: Callable[..., str]) -> str:
    delivery, post = row.delivery, row.delivery.post
    back, action = "", row.decision.action
    price = f" · {say_price(row.price)}" if row.price is not None else ""
    lines = [f"  {delivery.key}"]
    if action is not Action.WAIT and action is not Action.SEND:  # as nearly all are, of which no more is to be said
        back = ", taken back" if row.is_taken_back else ""
        lines = _say_decision(row, paint)
    lines.insert(0, paint(f"{when} → {delivery.account} ({row.platform}) · {row.status}{back}{price}", bold=True))
    if post.embargo is not None and post.embargo > datetime.now(UTC):
        lines.insert(1, paint(f"  {say_embargo(post.embargo)}", fg="red", bold=True))
    if post.content_warning or post.replies is not None or post.targets:
        lines += _say_conditions(delivery)
    for number, part in enumerate(row.parts, start=1):
        length, limit, unit, certain = part.length
        size = f"{_name_part(number, row.parts)}{length}/{limit} {unit}"
        if part.counts_warning:
            size += " with the warning"
        if part.links:
            size += f" · {len(part.links)} {'link' if len(part.links) == 1 else 'links'}"
        if length > limit:
            size = paint(size, fg="red" if certain else "yellow")
        lines.append(f"  {size}")
        lines.append("    " + part.text.replace("\n", "\n    "))
        for media in part.media:
            about = f"{media.path}: {describe_film(media)}" if media.is_video else media.path
            lines.append(f"    [{about}] {media.alt}")
    for problem in row.problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        lines.append(f"  {paint(str(problem.severity), fg=colour)}: {problem.message} {problem.hint}".rstrip())
    return "\n".join([*lines, ""])


def _say_decision(row: Row, paint: Callable[..., str]) -> list[str]:
    """Return the key of a delivery with what is to be done with it, if that is neither to wait nor to send."""
    if row.not_sent:
        return [paint(f"  NOT SENT: {row.not_sent}", fg="red", bold=True), f"  {row.delivery.key}"]
    reason = [f"  {row.decision.action}: {row.decision.reason}"] if row.decision.reason else []
    return [f"  {row.delivery.key}", *reason]


def _say_conditions(delivery: Delivery) -> list[str]:
    """Return what readers see first, and who may answer, where a post says so."""
    post, warning = delivery.post, delivery.post.find_content_warning(delivery.account)
    warned = [f"  readers see first: {warning}"] if warning else []
    return warned + ([] if post.replies is None else [f"  who may answer: {post.replies}"])


def _name_part(number: int, parts: Sequence[PartRow]) -> str:
    if len(parts) == 1:
        return ""
    count = sum(not part.is_comment for part in parts)
    if parts[number - 1].is_comment:
        return "first comment: "
    return f"part {number} of {count}: " if count > 1 else ""


def _show_html(plan: _Plan, display: _Display, problems: list[Problem]) -> None:
    from scheduler.cli.preview_page import Sheet, write_page

    rows = list(plan.build(plan.deliveries))
    for row in rows:
        problems += row.problems
    sheet = Sheet(datetime.now(UTC), display.embargoed, plan.campaigns, plan.unread, plan.files)
    display.write(write_page(rows, sheet))
    hidden = sum(sheet.hides(row.delivery.post) for row in rows)
    if hidden:
        words = "it stands" if hidden == 1 else "they stand"
        echo_note(f"{count_of(hidden, 'delivery')} under embargo: {words} there without words; --embargoed shows them.")


_SHOW = {"text": _show_text, "json": _show_json, "html": _show_html}
