"""campaign done"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from scheduler.bootstrap import App, SystemClock
from scheduler.cli.output import join_lines, open_app, who_am_i
from scheduler.cli.retract import find_record
from scheduler.domain.delivery import Receipt, Record, Status
from scheduler.domain.ports import Finds
from scheduler.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from scheduler.channels import AccountChannel


@click.command(name="done")
@click.argument("key")
@click.option("--url", default="", help="Where it can be seen.")
@click.option("--note", callback=join_lines, default="", help="What was done, where there is no address to give.")
@click.pass_context
def command(context: click.Context, key: str, url: str, note: str) -> int:
    """Say that you posted what was handed to you, and where.

    KEY is as `campaign tasks` shows it. What was laid ready is moved into the folder `done` beside it. A place without
    addresses, such as a WhatsApp group, needs none: --note "posted in the group".
    """
    _check_words(key, url, note)
    app = open_app(context, allow_example=False)
    desk = app.open_desk()
    record = find_record(desk, key)
    if record.status is not Status.HANDED:
        raise UsageError(f"{key} is {record.status}: `campaign tasks` lists what waits for a person.")
    desk.resolve_posted(key, url, who_am_i(), datetime.now(UTC), note=note)
    click.echo(f"{key} is recorded as posted.")
    return put_away_card(app, record)


def _check_words(key: str, url: str, note: str) -> None:
    """Raise UsageError unless they say where it was posted, or how."""
    if url and not url.startswith(("https://", "http://")):
        hint = "or, if it has none where you posted it, say what you did with --note."
        raise UsageError(f"'{url}' is no web address: begin it with https://, {hint}")
    if not url and not note:
        raise UsageError(
            f"Say where it can be seen: campaign done {key} --url https://… "
            'Where there is no address, say what you did: --note "posted in the group".'
        )


def put_away_card(app: App, record: Record) -> int:
    """Move what was laid ready for a person out of the way, `record` being as it was before they dealt with it.

    Return the exit code: 1 if it cannot be moved, which is said.
    """
    if record.status is not Status.HANDED:
        return 0
    channel = app.build_channels(SystemClock()).get(record.account)
    if channel is None or channel.board is None:
        return 0  # the account has left the settings: nobody knows where its folder is
    try:
        for name in _find_cards(channel, record):
            channel.board.put_away(name)
        channel.board.write_page()
    except Unavailable as failure:
        click.echo(f"warning: what was laid ready could not be moved away. {failure} Move it by hand.", err=True)
        return 1
    return 0


def _find_cards(channel: AccountChannel, record: Record) -> Iterator[str]:
    """Yield the names of what lies ready of a delivery: the record has none, since a card is no post."""
    platform = channel.platform
    if record.prepared is None or not isinstance(platform, Finds):
        return
    for index, part in enumerate(record.prepared.parts):
        with channel.open(lambda: None, key=record.key) as context:
            found = platform.find(part, index, context)
        if isinstance(found, Receipt):
            yield found.remote_id
