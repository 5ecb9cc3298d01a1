"""campaign release"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.bootstrap import App, plan_of
from scheduler.cli.output import open_app, say_local, who_am_i
from scheduler.domain.hold import Hold, subject_of
from scheduler.errors import UsageError
from scheduler.ledger.desk import Desk


@click.command(name="release")
@click.argument("number", required=False, type=int, metavar="[ID]")
@click.option("--all", "every", is_flag=True, help="Every hold in force.")
@click.option("--reason", required=True, help="Why; the record keeps it.")
@click.pass_context
def command(context: click.Context, number: int | None, every: bool, reason: str) -> int:
    """End a hold; nothing that fell due meanwhile is sent.

    What fell due is listed: move its `when` to a time ahead, or drop it with `campaign resolve KEY --skip`.
    """
    app = open_app(context, allow_example=False)
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
    _echo_held_over(app, desk, chosen, now)
    return 0


def _echo_held_over(app: App, desk: Desk, holds: list[Hold], now: datetime) -> None:
    due = [delivery for delivery in plan_of(app.read_calendars()) if delivery.due <= now and not delivery.post.draft]
    records = desk.records([delivery.key for delivery in due])
    still = [hold for hold in desk.holds() if hold.id in {chosen.id for chosen in holds}]
    over = [
        delivery
        for delivery in due
        if any(hold.covers(subject_of(delivery)) and hold.placed_at <= delivery.not_after for hold in still)
        and (delivery.key not in records or records[delivery.key].status in {"held", "partial"})
    ]
    if over:
        click.echo("These fell due meanwhile and will not be sent. Rebook each (move its `when`) or drop it:")
    for delivery in over:
        click.echo(f"  {say_local(delivery.post.due)}  {delivery.key}")
