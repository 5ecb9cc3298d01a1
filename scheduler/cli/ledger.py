"""campaign ledger"""

from __future__ import annotations

import click

from scheduler.cli.output import open_app
from scheduler.errors import UsageError


@click.group(name="ledger")
def command() -> None:
    """Prove that the record is whole: `campaign ledger verify`."""


@command.command(name="verify")
@click.pass_context
def verify(context: click.Context) -> int:
    """Name every row of the ledger that was tampered with on disk.

    Needs no network and changes nothing. Exit 0 if the record is whole, 1 if not, 3 if it cannot be read.
    """
    from scheduler.ledger.opening import describe, open_engine
    from scheduler.ledger.verifying import Verifier

    app = open_app(context)
    address = app.settings.ledger
    if not app.has_ledger():
        raise UsageError("There is no ledger yet: it is made when the daemon first runs.")
    verifier = Verifier(open_engine(address, create=False), address)
    found = verifier.find_tampering()
    for sentence in found:
        click.echo(f"{click.style('tampered', fg='red')}: {sentence}")
    count = len(verifier.events())
    click.echo(f"{describe(address)}: {count} events, {len(found)} rows tampered with.", err=True)
    return 1 if found else 0
