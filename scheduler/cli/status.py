"""campaign status"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from scheduler.bootstrap import App, plan_of
from scheduler.cli.output import open_app, write_utc
from scheduler.domain.delivery import Status
from scheduler.domain.policy import Action, decide
from scheduler.sources.calendar import CalendarFile

OVERDUE = timedelta(minutes=2)
SILENT = timedelta(minutes=2)


@click.command(name="status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, form: str) -> int:
    """Say whether all is well: next due, overdue, unknown, held.

    Exit 1 when red: no daemon alive, work overdue, an unknown, a broken calendar, an account unauthorised, a
    clock that cannot be right.
    """
    app = open_app(context)
    state = read_state(app, datetime.now(UTC))
    if form == "json":
        click.echo(json.dumps(state, ensure_ascii=False, indent=1))
    else:
        _echo_text(state)
    return 1 if state["red"] else 0


def read_state(app: App, now: datetime) -> dict[str, Any]:
    """Return what the ledger and the calendars say of the daemon's work at a moment."""
    files = app.read_calendars()
    state: dict[str, Any] = {
        "red": [],
        "next_due_utc": None,
        "overdue": [],
        "unknown": [],
        "held": [],
        "holds": [],
        "broken_calendars": [file.file for file in files if file.campaign is None],
        "unauthorised": {},
        "heartbeat_age_seconds": None,
    }
    if app.has_ledger():
        _read_ledger(app, files, now, state)
    reasons = state["red"]
    reasons += [f"calendar broken: {file}" for file in state["broken_calendars"]]
    reasons += [f"overdue: {key}" for key in state["overdue"]]
    reasons += [f"unknown: {key}" for key in state["unknown"]]
    reasons += [f"unauthorised: {name}" for name in state["unauthorised"]]
    age = state["heartbeat_age_seconds"]
    if age is None:
        reasons.append("no daemon is running")
    elif age > SILENT.total_seconds():
        reasons.append(f"the daemon gave no sign of life for {age:.0f} seconds")
    return state


def _read_ledger(app: App, files: list[CalendarFile], now: datetime, state: dict[str, Any]) -> None:
    desk = app.open_desk()
    holds, records = desk.holds(), desk.records()
    ahead = []
    for delivery in plan_of(files):
        action = decide(delivery, records.get(delivery.key), holds, now).action
        if action is Action.HOLD:
            state["held"].append(delivery.key)
        elif action is Action.SEND and now - delivery.due > OVERDUE:
            state["overdue"].append(delivery.key)
        elif action is Action.WAIT and delivery.due > now:
            ahead.append(delivery.due)
    state["next_due_utc"] = write_utc(min(ahead, default=None))
    state["unknown"] = [key for key, record in records.items() if record.status is Status.UNKNOWN]
    state["holds"] = [
        {"id": hold.id, "scope": hold.scope, "reason": hold.reason} for hold in holds if hold.is_active(now)
    ]
    state["unauthorised"] = desk.accounts()
    beats = desk.heartbeats()
    if beats:
        state["heartbeat_age_seconds"] = max((now - beats[0].beat_at).total_seconds(), 0.0)
        state["broken_calendars"] = sorted({*state["broken_calendars"], *beats[0].detail.get("broken", ())})
        if beats[0].detail.get("clock"):
            state["red"].append(str(beats[0].detail["clock"]))


def _echo_text(state: dict[str, Any]) -> None:
    if state["red"]:
        click.echo(click.style("RED", fg="red", bold=True) + ": " + "; ".join(state["red"]))
    else:
        click.echo(click.style("GREEN", fg="green", bold=True) + ": all is well")
    age = state["heartbeat_age_seconds"]
    click.echo(f"next due: {state['next_due_utc'] or 'nothing ahead'}")
    click.echo(f"heartbeat: {'none' if age is None else f'{age:.0f} seconds ago'}")
    for hold in state["holds"]:
        click.echo(f"hold {hold['id']} in force ({hold['scope']}): {hold['reason']}")
    click.echo(f"held: {len(state['held'])} · overdue: {len(state['overdue'])} · unknown: {len(state['unknown'])}")
