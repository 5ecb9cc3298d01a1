"""campaign retract"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.bootstrap import App, SystemClock
from scheduler.cli.output import join_lines, open_app, who_am_i
from scheduler.domain.delivery import Record
from scheduler.domain.problem import suggest
from scheduler.errors import PublishError, UsageError
from scheduler.ledger.desk import Desk


@click.command(name="retract")
@click.argument("key")
@click.option("--reason", callback=join_lines, required=True, help="Why; the record keeps it.")
@click.option("--by-hand", is_flag=True, help="It was deleted there by hand: only record it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(context: click.Context, key: str, reason: str, by_hand: bool, yes: bool) -> int:
    """Take a post back, as far as its platform can.

    KEY is campaign/post/occurrence/account, as `campaign history` shows it. What was seen, copied or passed on
    stays out. Exit 1 if the platform did not do it.
    """
    app = open_app(context, allow_example=False)
    desk = app.open_desk()
    record = find_record(desk, key)
    if by_hand:
        desk.keep_retraction(key, reason, who_am_i(), datetime.now(UTC), by_hand=True)
        click.echo(f"{key} is recorded as taken back.")
        return 0
    return _retract(app, desk, record, reason, asked=yes)


def find_record(desk: Desk, key: str) -> Record:
    """Return the ledger's row of a delivery. Raise UsageError, with the key that was meant, if there is none."""
    record = desk.records([key]).get(key)
    if record is None:
        hint = suggest(key, desk.standings()) or "`campaign history` lists them."
        raise UsageError(f"The ledger has no delivery {key}. {hint}")
    return record


def _retract(app: App, desk: Desk, record: Record, reason: str, *, asked: bool) -> int:
    from scheduler.ledger.desk import refuse_retraction
    from scheduler.retraction import retract_delivery

    refuse_retraction(record)
    channel = app.build_channels(SystemClock()).get(record.account)
    if channel is None:
        raise UsageError(f"No account is called '{record.account}' in {app.settings.file} any more. Put it back first.")
    takes = channel.platform.capabilities.retract
    click.echo(f"{record.key}\n{channel.platform.title} takes back: {takes}.", err=True)
    if not asked and not click.confirm("Take it back?", err=True):
        click.echo("Nothing was done.", err=True)
        return 1
    try:
        retract_delivery(record, channel, desk, reason=reason, who=who_am_i(), now=datetime.now(UTC))
    except PublishError as failure:
        click.echo(f"error: {failure} Try again, or delete it there by hand and say so with --by-hand.", err=True)
        return 1
    click.echo(f"{record.key} was taken back.")
    return 0
