"""campaign history"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import click

from scheduler.cli.output import open_app, say_local, take_number, warn_of_lost_ledger, write_utc
from scheduler.domain.delivery import Record, Status
from scheduler.domain.hold import Hold, say_held
from scheduler.domain.ports import Event

_RETRACTED = "retracted"  # no status: what was taken back stays `posted` (or `partial`), for programs


@click.command(name="history")
@click.argument("keys", nargs=-1)
@click.option("--campaign", help="Only this campaign.")
@click.option("--account", help="Only this account.")
@click.option(
    "--status",
    type=click.Choice([*(str(status) for status in Status), _RETRACTED]),
    help="Only those in this status; retracted: what was taken back.",
)
@click.option(
    "--limit", callback=take_number("Type one such as --limit 20."), metavar="N", help="Only the last N deliveries."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(
    context: click.Context,
    keys: tuple[str, ...],
    campaign: str | None,
    account: str | None,
    status: str | None,
    limit: int | None,
    form: str,
) -> int:
    """Show the ledger: what was sent, missed, held, and why.

    Exit 1 if the ledger is not the one that was last written from here: it was lost, or an older copy was put back.
    """
    app = open_app(context)
    if not app.has_ledger():
        is_lost = warn_of_lost_ledger(app)
        if form == "json":
            click.echo("[]")
        elif not is_lost:
            click.echo("There is no ledger yet: it is made when the daemon first runs.")
        return 1 if is_lost else 0
    desk = app.open_desk()
    is_lost = warn_of_lost_ledger(app, desk)
    records = [
        record
        for record in desk.records(list(keys) or None).values()
        if (campaign is None or record.key.startswith(f"{campaign}/"))
        and (account is None or record.account == account)
        and (status is None or _is_in(record, status))
    ]
    records = records[-limit:] if limit else records
    if not records:
        click.echo("Nothing in the ledger matches.", err=True)
    if any(record.status is Status.HELD for record in records):
        records = _tell_releases(records, desk.holds())
    events: dict[str, list[Event]] = {}
    for event in desk.events([record.key for record in records]):
        events.setdefault(event.key or "", []).append(event)
    if form == "json":
        click.echo(json.dumps([_fields(record, events) for record in records], ensure_ascii=False, indent=1))
    else:
        _echo_text(records, events, app.settings.zone)
    return 1 if is_lost else 0


def _tell_releases(records: Sequence[Record], holds: Sequence[Hold]) -> list[Record]:
    """Return the records; those of what a hold stopped that is released by now say so."""
    return [
        record._replace(error=say_held(record.error, holds)) if record.status is Status.HELD else record
        for record in records
    ]


def _is_in(record: Record, status: str) -> bool:
    return record.retracted_at is not None if status == _RETRACTED else record.status == status


def _fields(record: Record, events: Mapping[str, Sequence[Event]]) -> dict[str, Any]:
    """Return a delivery as JSON output gives it; documented in the README and stable."""
    campaign, post, occurrence, account = record.key.split("/")
    sent = [part.sent_at for part in record.parts if part.sent_at is not None]
    first = record.receipts[0] if record.receipts else None
    return {
        "key": record.key,
        "campaign": campaign,
        "post": post,
        "occurrence": occurrence,
        "account": account,
        "status": str(record.status),
        "due_utc": write_utc(record.due),
        "sent_utc": write_utc(min(sent)) if sent else None,
        "retracted_utc": write_utc(record.retracted_at),
        "remote_id": first.remote_id if first else None,
        "url": first.url if first else None,
        "attempts": record.attempt,
        "error": record.error or None,
        "note": _find_word(events.get(record.key, ()), "resolved", "note") or None,
        "parts": [_part_fields(record, number) for number in range(len(record.parts))],
        "events": [
            {"seq": event.seq, "at": write_utc(event.at), "kind": event.kind, "who": event.who, "detail": event.detail}
            for event in events.get(record.key, ())
        ],
    }


def _part_fields(record: Record, number: int) -> dict[str, Any]:
    part = record.parts[number]
    prepared = record.prepared.parts[number] if record.prepared and number < len(record.prepared.parts) else None
    return {
        "index": part.number,
        "state": str(part.state),
        "text": prepared.text if prepared else None,
        "sent_utc": write_utc(part.sent_at),
        "remote_id": part.receipt.remote_id if part.receipt else None,
        "url": part.receipt.url if part.receipt else None,
    }


def _echo_text(records: Sequence[Record], events: Mapping[str, Sequence[Event]], zone: tzinfo) -> None:
    times = [say_local(record.due.astimezone(zone)) for record in records]
    width = max(map(len, times), default=0)
    for when, record in zip(times, records, strict=True):
        status, told = _tell(record, events.get(record.key, ()), zone)
        click.echo(f"{when:<{width}}  {status:<8}  {record.key}  {' · '.join(filter(None, told))}".rstrip())


def _tell(record: Record, events: Sequence[Event], zone: tzinfo) -> tuple[str, list[str]]:
    """Return how a delivery stands, and what more there is to say of it."""
    url = record.receipts[0].url if record.receipts else ""
    note = _find_word(events, "resolved", "note")
    if record.retracted_at is None:
        return str(record.status), [url, record.error, note]
    status = f"{record.status}, taken back {say_local(record.retracted_at.astimezone(zone))}"
    return status, [f"it was at {url}" if url else "", note, _find_word(events, "retracted", "reason")]


def _find_word(events: Sequence[Event], kind: str, name: str) -> str:
    """Return what the last event of a kind tells by that name; the empty string if none does."""
    return next((str(event.detail.get(name, "")) for event in reversed(events) if event.kind == kind), "")
