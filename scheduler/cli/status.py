"""campaign status"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from scheduler.bootstrap import plan_of
from scheduler.cli.output import count_of, open_app, say_local
from scheduler.health import Health, read_health
from scheduler.high_water_mark import HighWaterMark
from scheduler.ledger.owner import is_published_from


@click.command(name="status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, form: str) -> int:
    """Say whether all is well: next due, overdue, unknown, held.

    Exit 1 when red: no daemon alive (or, where `run --once` is used, no round for a day), work overdue, an unknown, a
    broken calendar, an account unauthorised, a post that nobody posted by hand in its time, a clock that cannot be
    right.
    """
    app = open_app(context)
    now = datetime.now(UTC)
    files = app.read_calendars()
    broken = [file.file for file in files if file.campaign is None]
    mark = HighWaterMark(app.settings.state, app.settings.ledger)
    if not app.has_ledger():
        health = read_health(None, plan_of(files), broken, now)
        health.ledger = mark.explain() if mark.known is not None else ""
    else:
        ledger = app.open_desk()
        health = read_health(ledger, plan_of(app.list_in_force(files, ledger)), broken, now)
        health.ledger = mark.explain() if mark.is_missing_in(ledger) else ""
        beats = [beat for beat in ledger.heartbeats() if not beat.is_round]
        if beats and not any(is_published_from(ledger.engine, ledger.address, beat.owner) for beat in beats):
            health.heartbeat_age = None  # it died a moment ago: its last sign of life is not its own any more
    if form == "json":
        click.echo(json.dumps(health.fields(), ensure_ascii=False, indent=1))
    else:
        _echo_text(health, app.settings.zone)
    return 1 if health.red else 0


def _echo_text(health: Health, zone: ZoneInfo) -> None:
    if health.red:
        click.echo(click.style("RED", fg="red", bold=True) + ": " + "; ".join(health.red))
    else:
        click.echo(click.style("GREEN", fg="green", bold=True) + ": all is well")
    age = health.heartbeat_age
    click.echo(
        f"next due: {say_local(health.next_due.astimezone(zone)) if health.next_due else 'nothing that is to leave'}"
    )
    if health.last_round is not None:
        told = f"{say_local(health.last_round.astimezone(zone))}, {_say_age(health.round_age)} ago"
        click.echo(f"last round at: {told} (`campaign run --once`)")
    else:
        click.echo(f"heartbeat: {'none' if age is None else f'{age:.0f} seconds ago'}")
    for hold in health.holds:
        click.echo(f"hold {hold.id} in force ({hold.scope}): {hold.reason}")
    held = len(health.held) - len(health.held_over)
    click.echo(f"held: {held} · overdue: {len(health.overdue)} · unknown: {len(health.unknown)}")
    if health.tasks:
        click.echo(f"to be posted by hand: {count_of(len(health.tasks), 'post')} (`campaign tasks`)")
    if health.held_over:
        counted = count_of(len(health.held_over), "post")
        click.echo(f"fell due during a hold that is released, not sent: {counted} (`campaign history --status held`)")


def _say_age(seconds: float) -> str:
    for size, noun in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count_of(int(seconds // size), noun)
    return count_of(int(seconds), "second")
