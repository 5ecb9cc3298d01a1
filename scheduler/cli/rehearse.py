"""campaign rehearse"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from scheduler.bootstrap import all_problems
from scheduler.calendar_folder import show_path
from scheduler.cli.output import (
    count_of,
    echo_note,
    echo_problems,
    is_terminal,
    named_paths,
    open_app,
    read_day,
    say_local,
)
from scheduler.domain.delivery import Status
from scheduler.domain.plan import Window, plan_deliveries
from scheduler.errors import UsageError
from scheduler.noticeboard_folder import FAULTS, Strike, read_faults
from scheduler.rehearsal import Line, Rehearsal, Rehearsed

_FAULT_HELP = (
    "What goes wrong, as FAULT@WHERE[,…]. WHERE is N, the Nth call that posts, at one time account by account; "
    "ACCOUNT, every call that posts there; or ACCOUNT/N, the Nth there: unavailable@force-x,reject@force-x/3. "
    + " ".join(f"{name}: {meaning}." for name, meaning in FAULTS.items())
)


@click.command(name="rehearse")
@click.argument("calendars", nargs=-1, type=click.Path(path_type=Path))
@click.option("--day", metavar="D", help="Only this day, such as '18 March 2027'.")
@click.option("--faults", default="", metavar="SPEC", help=_FAULT_HELP)
@click.pass_context
def command(context: click.Context, calendars: tuple[Path, ...], day: str | None, faults: str) -> int:
    """Play a campaign through on a fast clock, to a local noticeboard.

    The daemon's own rounds, ledger and publisher, in seconds; nothing leaves this machine. The posts are put into
    the folder rehearsal/ of the current folder, with a page to look at. Exit 0 unless the program itself failed.
    """
    app = open_app(context)
    strikes = read_faults(faults, app.settings.accounts)
    paths = named_paths(app, calendars) or app.find_calendars()
    files = app.read_calendars(paths)
    echo_problems(all_problems(files), err=True)
    deliveries = plan_deliveries([file.campaign for file in files if file.campaign is not None], _window(day))
    if not deliveries:
        click.echo("There is nothing to rehearse: no calendar that can be used has a post then.", err=True)
        return 2
    folder = Path("rehearsal")
    _empty(folder)
    logging.getLogger("scheduler.publisher").setLevel(logging.ERROR)  # what it warns of at each try is in the table
    rehearsal = Rehearsal(app, deliveries, paths, folder, strikes)
    rehearsed = _play(rehearsal, len(deliveries))
    _echo_table(rehearsed)
    for strike, count in rehearsed.idle.items():
        echo_note(f"{strikes[strike]}@{strike} did not strike: {_explain_idle(strike, count)}.")
    click.echo(f"The noticeboard: {show_path(rehearsed.page)}")
    return 0


def _explain_idle(strike: Strike, count: int) -> str:
    if strike.number > count:
        there = f" on {strike.account}" if strike.account else ""
        return f"there is no post {strike.number}{there}; with what was tried again, the count ended at {count}"
    return "another fault struck there" if count else f"nothing was to be posted on {strike.account}"


def _window(day: str | None) -> Window:
    if day is None:
        return Window()
    return Window(read_day(day), read_day(day))


def _empty(folder: Path) -> None:
    """Make room for a new rehearsal, touching only what an earlier one left."""
    try:
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"):
            (folder / name).unlink(missing_ok=True)
        if (folder / "noticeboard").exists():
            shutil.rmtree(folder / "noticeboard")
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failure:
        raise UsageError(f"The folder {folder} cannot be written: {failure.strerror}. Try in another folder.") from None


def _play(rehearsal: Rehearsal, count: int) -> Rehearsed:
    if not is_terminal():
        return rehearsal.play(lambda _: None)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(TextColumn("Rehearsing"), BarColumn(), MofNCompleteColumn()) as progress:
        task = progress.add_task("", total=count)
        rehearsed = rehearsal.play(lambda _: progress.advance(task))
        progress.update(task, completed=count)
    return rehearsed


_GROUPS = ("sent once", "late", "missed", "unknown", "held", "handed", "rejected", "other")


def _group(line: Line) -> str:
    if line.status is Status.POSTED:
        return "late" if line.late.total_seconds() > 60 else "sent once"
    named = {Status.MISSED: "missed", Status.UNKNOWN: "unknown", Status.HELD: "held", Status.REJECTED: "rejected"}
    named[Status.HANDED] = "handed"
    return named.get(line.status, "other")


def _echo_table(rehearsed: Rehearsed) -> None:
    groups = {line.delivery.key: _group(line) for line in rehearsed.lines}
    width = max(len(line.delivery.key) for line in rehearsed.lines)
    longest = max(len(say_local(line.delivery.post.due)) for line in rehearsed.lines)
    for line in rehearsed.lines:
        group = groups[line.delivery.key]
        more = f" · {line.reason}" if line.reason and group != "sent once" else ""
        if group == "late":
            more = f" · {count_of(round(line.late.total_seconds() / 60), 'minute')} late"
        more += "".join(f" · {words}" for words in line.mended)
        colour = {"sent once": "green", "handed": "green", "late": "yellow", "held": "yellow"}.get(group, "red")
        when = say_local(line.delivery.post.due)
        click.echo(f"{when:<{longest}}  {line.delivery.key:<{width}}  {click.style(group, fg=colour)}{more}")
    click.echo("")
    click.echo(_sum_up([groups[line.delivery.key] for line in rehearsed.lines], rehearsed.crashes))


def _sum_up(groups: Sequence[str], crashes: int) -> str:
    counted = [f"{name} {groups.count(name)}" for name in _GROUPS if name in _GROUPS[:4] or name in groups]
    ended = f" · the daemon died and was started again {count_of(crashes, 'time')}" if crashes else ""
    return f"{count_of(len(groups), 'delivery')}: {' · '.join(counted)}{ended}"
