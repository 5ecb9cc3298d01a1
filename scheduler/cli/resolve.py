"""campaign resolve"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.cli.output import open_app, who_am_i
from scheduler.errors import UsageError


@click.command(name="resolve")
@click.argument("key")
@click.option("--posted", metavar="URL", help="It is out: here.")
@click.option("--retry", is_flag=True, help="It is not out: send it.")
@click.option("--skip", is_flag=True, help="Send nothing more of it.")
@click.option("--even-late", is_flag=True, help="With --retry: also after its not-after time.")
@click.option("--reason", default="", help="Why; needed with --skip.")
@click.pass_context
def command(
    context: click.Context, key: str, posted: str | None, retry: bool, skip: bool, even_late: bool, reason: str
) -> int:
    """Settle a delivery by hand: posted, retry or skip.

    KEY is campaign/post/occurrence/account, as `campaign history` shows it.
    """
    if sum([posted is not None, retry, skip]) != 1:
        raise UsageError("Say one of --posted URL, --retry or --skip.")
    if skip and not reason:
        raise UsageError("Say why, with --reason: the record keeps it.")
    desk = open_app(context, allow_example=False).open_desk()
    who, now = who_am_i(), datetime.now(UTC)
    if posted is not None:
        desk.resolve_posted(key, posted, who, now)
        click.echo(f"{key} is recorded as posted.")
    elif retry:
        desk.resolve_retry(key, reason, who, now, even_late=even_late)
        click.echo(f"{key} will be tried again within half a minute, if the daemon runs.")
    else:
        desk.resolve_skip(key, reason, who, now)
        click.echo(f"{key} will not be sent.")
    return 0
