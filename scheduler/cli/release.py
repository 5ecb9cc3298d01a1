"""campaign release"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.bootstrap import App, plan_of
from scheduler.cli.output import echo_note, join_lines, open_ledger_app, say_local, take_number, who_am_i
from scheduler.domain.delivery import Delivery
from scheduler.domain.hold import Hold, subject_of
from scheduler.errors import SchedulerError, UsageError
from scheduler.ledger.desk import Desk

_CHOICES = """\
For each: move its `when` to a time ahead; or send it now: campaign resolve KEY --retry (with --even-late after its
not-after time); or drop it: campaign resolve KEY --skip --reason "…"."""
_HINT = "Type the hold's own, as in `campaign release 2`: `campaign status` names those in force."


@click.command(name="release")
@click.argument("number", required=False, callback=take_number(_HINT), metavar="[ID]")
@click.option("--all", "every", is_flag=True, help="Every hold in force.")
@click.option("--reason", callback=join_lines, required=True, help="Why; the record keeps it.")
@click.pass_context
def command(context: click.Context, number: int | None, every: bool, reason: str) -> int:
    """End a hold; nothing that fell due meanwhile is sent.

    What fell due is listed: move its `when` to a time ahead, send it now with `campaign resolve KEY --retry`, or drop
    it with `campaign resolve KEY --skip`.
    """
    app = open_ledger_app(context)
    desk = app.open_desk()
    active = [hold for hold in desk.holds() if hold.released_at is None]
    if (number is None) == (not every):
        listed = ", ".join(f"{hold.id} ({hold.scope}: {hold.reason})" for hold in active) or "none"
        raise UsageError(f"Say which hold, or --all. In force: {listed}.")
    chosen = [hold for hold in active if every or hold.id == number]
    if not chosen:
        raise UsageError("No hold is in force." if every else f"Hold {number} is not in force.")
    now = datetime.now(UTC)
    desk.release_holds([hold.id for hold in chosen], reason, who_am_i(), now)
    for hold in chosen:
        click.echo(f"Hold {hold.id} ({hold.scope}) is released.")
    try:
        _echo_held_over(desk, _plan(app, desk), chosen, now)
    except SchedulerError as failure:  # they are released all the same
        echo_note(f"what fell due meanwhile cannot be listed, and will not be sent. {failure}")
    return 0


def _plan(app: App, desk: Desk) -> list[Delivery]:
    """Return what the calendars plan, a broken one as the daemon has it. Raise SchedulerError if none can be read."""
    if app.problems:
        raise UsageError(f"{app.settings.file} has errors. `campaign history` shows what the ledger has as held.")
    files = []
    for file in app.read_calendars(pictures=False):
        last = desk.revision(app.name_calendar(file.file)) if file.campaign is None else None
        used = file if last is None else app.read_old_calendar(file.file, last[1], app.find_days_in_force(desk))
        files.append(used)
        if file.campaign is None:
            version = "its last good version is used" if used.campaign is not None else "what it planned is not listed"
            echo_note(f"{file.file} has errors: {version}.")
    return plan_of(files)


def _echo_held_over(desk: Desk, planned: list[Delivery], holds: list[Hold], now: datetime) -> None:
    due = [delivery for delivery in planned if delivery.due <= now and not delivery.withheld]
    records = desk.records([delivery.key for delivery in due])
    still = [hold for hold in desk.holds() if hold.id in {chosen.id for chosen in holds}]
    over = [
        delivery
        for delivery in due
        if any(hold.covers(subject_of(delivery)) and hold.placed_at <= delivery.not_after for hold in still)
        and (delivery.key not in records or records[delivery.key].status in {"held", "partial"})
    ]
    if over:
        click.echo("These fell due meanwhile, and none is sent by itself:")
    for delivery in over:
        late = ", its not-after time is over" if delivery.not_after < now else ""
        click.echo(f"  {say_local(delivery.post.due)}  {delivery.key}{late}")
    if over:
        click.echo(_CHOICES)
