"""campaign tasks"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import click

from scheduler.cli.output import count_of, open_app, say_local, warn_of_lost_ledger, write_utc
from scheduler.domain.delivery import Record, Status


@click.command(name="tasks")
@click.option("--account", help="Only this account.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, account: str | None, form: str) -> int:
    """Show what people are to post by hand.

    Words, pictures and alt texts as they were laid ready; `campaign done KEY --url …` (or `--note …`, where
    there is no address) when it is posted, `campaign resolve KEY --skip` when it is not to be. Exit 1 if there is
    something to do, or if the ledger was lost.
    """
    app = open_app(context, allow_example=False)
    desk = app.open_desk() if app.has_ledger() else None
    is_lost = warn_of_lost_ledger(app, desk)
    records = [
        record
        for record in (desk.records().values() if desk else ())
        if record.status is Status.HANDED and (account is None or record.account == account)
    ]
    if form == "json":
        click.echo(json.dumps([_fields(record) for record in records], ensure_ascii=False, indent=1))
    else:
        _echo(records, app.settings.zone)
    return 1 if records or is_lost else 0


def _fields(record: Record) -> dict[str, Any]:
    part = record.prepared.parts[0] if record.prepared else None
    return {
        "key": record.key,
        "account": record.account,
        "place": part.body.get("place") if part else None,
        "due_utc": write_utc(record.due),
        "not_after_utc": write_utc(record.not_after),
        "text": part.text if part else None,
        "media": [{"path": media.path, "alt": media.alt} for media in part.media] if part else [],
    }


def _echo(records: Sequence[Record], zone: tzinfo) -> None:
    for record in records:
        told = _fields(record)
        until = say_local(record.not_after.astimezone(zone))
        click.secho(f"{record.key}", bold=True)
        click.echo(f"on {told['place'] or record.account}, by {until}\n\n{told['text']}\n")
        for media in told["media"]:
            click.echo(f"picture: {media['path']}\nalt text: {media['alt']}")
        click.echo(f"then: campaign done {record.key} --url …, or --note … where it has no address\n")
    click.echo(f"{count_of(len(records), 'post')} to be posted by hand.", err=True)
