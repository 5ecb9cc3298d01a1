"""campaign ledger"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.cli.output import count_of, join_lines, open_app, who_am_i
from scheduler.errors import LedgerError, UsageError


@click.group(name="ledger")
def command() -> None:
    """Prove that the record is whole, or take one that is not for the true one."""


@command.command(name="verify")
@click.pass_context
def verify(context: click.Context) -> int:
    """Name every row of the ledger that was tampered with on disk.

    Needs no network and changes nothing. Exit 0 if the record is whole, 1 if not, 3 if it cannot be read or is not the
    one that was last written from here.
    """
    from scheduler.high_water_mark import HighWaterMark
    from scheduler.ledger.opening import describe, open_engine
    from scheduler.ledger.verifying import Verifier

    app = open_app(context)
    address = app.settings.ledger
    mark = HighWaterMark(app.settings.state, address)
    if not app.has_ledger():
        if mark.known is not None:
            raise LedgerError(mark.explain())
        raise LedgerError("There is no ledger yet: it is made when the daemon first runs.")
    verifier = Verifier(open_engine(address, create=False), address)
    found = verifier.find_tampering()
    for sentence in found:
        click.echo(f"{click.style('tampered', fg='red')}: {sentence}")
    count = verifier.count_events()
    signs = f"{count_of(len(found), 'sign')} of tampering"
    click.echo(f"{describe(address)}: {count_of(count, 'event')}, {signs}.", err=True)
    mark.check(verifier)
    return 1 if found else 0


@command.command(name="accept")
@click.option("--reason", callback=join_lines, required=True, help="Why this ledger is the true one; it is kept.")
@click.pass_context
def accept(context: click.Context, reason: str) -> int:
    """Take a ledger that was lost or restored from a backup as the true one.

    The daemon refuses to work on it until then, because what went out since is not in it and would go out again.
    """
    from scheduler.high_water_mark import HighWaterMark

    app = open_app(context, allow_example=False)
    mark = HighWaterMark(app.settings.state, app.settings.ledger)
    if mark.known is None:
        raise UsageError("There is nothing to accept: this machine, or this user, never wrote to that ledger.")
    desk = app.open_desk(create=True)
    if not mark.is_missing_in(desk):
        raise UsageError("There is nothing to accept: the ledger holds all that was written from here.")
    desk.accept_ledger(mark.known[0], reason, who_am_i(), datetime.now(UTC))
    mark.keep(desk)
    if mark.is_missing_in(desk):
        raise UsageError(f"The folder {app.settings.state} cannot be written. Do this as the user of the daemon.")
    click.echo("This ledger is taken as it is. Start the daemon again.")
    return 0
