"""campaign status"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from scheduler.bootstrap import plan_of
from scheduler.cli.output import open_app, write_utc
from scheduler.health import Health, read_health


@click.command(name="status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, form: str) -> int:
    """Say whether all is well: next due, overdue, unknown, held.

    Exit 1 when red: no daemon alive, work overdue, an unknown, a broken calendar, an account unauthorised, a
    clock that cannot be right.
    """
    app = open_app(context)
    files = app.read_calendars()
    broken = [file.file for file in files if file.campaign is None]
    ledger = app.open_desk() if app.has_ledger() else None
    health = read_health(ledger, plan_of(files), broken, datetime.now(UTC))
    if form == "json":
        click.echo(json.dumps(health.fields(), ensure_ascii=False, indent=1))
    else:
        _echo_text(health)
    return 1 if health.red else 0


def _echo_text(health: Health) -> None:
    if health.red:
        click.echo(click.style("RED", fg="red", bold=True) + ": " + "; ".join(health.red))
    else:
        click.echo(click.style("GREEN", fg="green", bold=True) + ": all is well")
    age = health.heartbeat_age
    click.echo(f"next due: {write_utc(health.next_due) or 'nothing ahead'}")
    click.echo(f"heartbeat: {'none' if age is None else f'{age:.0f} seconds ago'}")
    for hold in health.holds:
        click.echo(f"hold {hold.id} in force ({hold.scope}): {hold.reason}")
    click.echo(f"held: {len(health.held)} · overdue: {len(health.overdue)} · unknown: {len(health.unknown)}")
