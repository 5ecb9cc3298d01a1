"""campaign done"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.cli.output import open_app, who_am_i
from scheduler.cli.retract import find_record
from scheduler.domain.delivery import Status
from scheduler.errors import UsageError


@click.command(name="done")
@click.argument("key")
@click.option("--url", required=True, help="Where it can be seen.")
@click.pass_context
def command(context: click.Context, key: str, url: str) -> int:
    """Say that you posted what was handed to you, and where.

    KEY is as `campaign tasks` shows it.
    """
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"'{url}' is no web address: begin it with https://")
    desk = open_app(context, allow_example=False).open_desk()
    record = find_record(desk, key)
    if record.status is not Status.HANDED:
        raise UsageError(f"{key} is {record.status}: `campaign tasks` lists what waits for a person.")
    desk.resolve_posted(key, url, who_am_i(), datetime.now(UTC))
    click.echo(f"{key} is recorded as posted.")
    return 0
