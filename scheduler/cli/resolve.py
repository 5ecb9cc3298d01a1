"""campaign resolve"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from scheduler.bootstrap import App, plan_of
from scheduler.cli.done import put_away_card
from scheduler.cli.output import join_lines, open_app, who_am_i
from scheduler.domain.delivery import Status
from scheduler.domain.hold import subject_of
from scheduler.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from scheduler.ledger.desk import Desk


_NO_RETRY = frozenset({Status.POSTED, Status.PLANNED, Status.CLAIMED})


@click.command(name="resolve")
@click.argument("key")
@click.option("--posted", metavar="URL", help="It is out: here.")
@click.option("--retry", is_flag=True, help="It is not out: send it.")
@click.option("--skip", is_flag=True, help="Send nothing more of it.")
@click.option("--even-late", is_flag=True, help="With --retry: also after its not-after time.")
@click.option("--reason", callback=join_lines, default="", help="Why; needed with --skip.")
@click.pass_context
def command(
    context: click.Context, key: str, posted: str | None, retry: bool, skip: bool, even_late: bool, reason: str
) -> int:
    """Settle a delivery by hand: posted, retry or skip.

    KEY is campaign/post/occurrence/account, as `campaign history` shows it.
    """
    if (said := sum([posted is not None, retry, skip])) != 1:
        raise UsageError(f"Say {'only one' if said else 'one'} of --posted URL, --retry and --skip.")
    if skip and not reason:
        raise UsageError("Say why, with --reason: the record keeps it.")
    app = open_app(context, allow_example=False)
    who, now = who_am_i(), datetime.now(UTC)
    _refuse_planned(app, key, now)
    desk = app.open_desk()
    record = desk.records([key]).get(key)
    if posted is not None:
        desk.resolve_posted(key, posted, who, now, note=reason)
        click.echo(f"{key} is recorded as posted.")
    elif retry:
        if record is not None and record.status not in _NO_RETRY:
            _refuse_held(app, desk, key, now)
        if record is not None and (even_late or now <= record.not_after):
            put_away_card(app, record)  # beforehand: the daemon may lay a new one ready at once
        desk.resolve_retry(key, reason, who, now, even_late=even_late)
        click.echo(f"{key} will be tried again within half a minute, if the daemon runs.")
    else:
        desk.resolve_skip(key, reason, who, now)
        click.echo(f"{key} will not be sent.")
    return 0 if record is None or retry else put_away_card(app, record)


def _refuse_held(app: App, desk: Desk, key: str, now: datetime) -> None:
    """Raise UsageError if a hold in force stops a delivery: once it is released, nothing goes out by itself."""
    with suppress(ConfigError):  # where no calendar can be read, nothing is known of its tags
        planned = {delivery.key: delivery for delivery in plan_of(app.read_calendars(pictures=False))}
        for hold in desk.holds() if key in planned else ():
            if hold.is_active(now) and hold.covers(subject_of(planned[key])):
                hint = f"Release it first (`campaign release {hold.id}`), then say this again."
                raise UsageError(f"{key} is stopped by {hold.words}. {hint}")


def _refuse_planned(app: App, key: str, now: datetime) -> None:
    """Raise UsageError for what the ledger knows nothing of yet: calendars alone say that it is planned."""
    if app.has_ledger() and app.open_desk().records([key]):
        return
    try:
        planned = {delivery.key: delivery for delivery in plan_of(app.read_calendars(pictures=False))}
    except ConfigError:  # the folder cannot be read: the ledger says that it has no such delivery
        return
    if key in planned and planned[key].due <= now and app.has_ledger():
        raise UsageError(
            f"{key} fell due, and no round has looked at it since. Try again in half a minute if the daemon runs; if "
            "not, after `campaign run --once`."
        )
    if key in planned:
        raise UsageError(
            f"{key} is not due yet. If it is not to go out: take it out of the calendar, or write draft: yes."
        )
