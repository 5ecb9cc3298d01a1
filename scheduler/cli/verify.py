"""campaign verify"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scheduler.bootstrap import App, SystemClock
from scheduler.cli.output import count_of, make_progress, open_app, read_day, say_price, who_am_i
from scheduler.domain.delivery import Record
from scheduler.errors import PublishError, UsageError

if TYPE_CHECKING:
    from scheduler.channels import AccountChannel
    from scheduler.ledger.desk import Desk

_ACCOUNTS_AT_ONCE = 8


class Found(NamedTuple):
    """What came of a look: `state` is live, gone, or unsure.

    `needs_person` says that no program can look there, which is no failure.
    """

    record: Record
    state: str
    words: str = ""
    needs_person: bool = False


@click.command(name="verify")
@click.argument("keys", nargs=-1)
@click.option("--campaign", help="Only this campaign.")
@click.option("--account", help="Only this account.")
@click.option("--since", metavar="D", help="Only what was due on this day or later.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(
    context: click.Context,
    keys: tuple[str, ...],
    campaign: str | None,
    account: str | None,
    since: str | None,
    form: str,
) -> int:
    """Look whether what was posted is still there.

    The record keeps what was seen. Exit 1 if something is gone, or could not be looked at. Where no program can look
    (a hand-off, a webhook) the address is shown for a person, and the exit code is not changed by it.
    """
    app = open_app(context, allow_example=False)
    desk = app.open_desk()
    first = None if since is None else read_day(since)
    records = [
        record
        for record in desk.records(list(keys) or None).values()
        if record.receipts
        and record.retracted_at is None
        and (campaign is None or record.key.startswith(f"{campaign}/"))
        and (account is None or record.account == account)
        and (first is None or record.due.astimezone(app.settings.zone).date() >= first)
    ]
    if missing := set(keys) - {record.key for record in records}:
        raise UsageError(f"Nothing is out of {', '.join(sorted(missing))}. `campaign history` lists what is.")
    found = _look(app, desk, records)
    _show(found, form)
    return 1 if any(each.state != "live" and not each.needs_person for each in found) else 0


def _look(app: App, desk: Desk, records: Sequence[Record]) -> list[Found]:
    """Return what was found, in the order of the records; accounts are looked at side by side, each in order."""
    channels = app.build_channels(SystemClock())
    _tell_prices(records, channels)
    lanes: dict[str, list[Record]] = {}
    for record in records:
        lanes.setdefault(record.account, []).append(record)
    found: dict[str, Found] = {}
    with make_progress("Looking", len(records)) as advance, ThreadPoolExecutor(_ACCOUNTS_AT_ONCE) as pool:
        looks = [pool.submit(_look_along, lane, channels.get(name), desk) for name, lane in lanes.items()]
        for look in looks:
            for each in look.result():
                found[each.record.key] = each
                advance()
    return [found[record.key] for record in records]


def _tell_prices(records: Sequence[Record], channels: Mapping[str, AccountChannel]) -> None:
    """Say what the looks cost, where a platform charges for them: a run is one look, a nightly one many."""
    prices: dict[str, float] = {}
    for record in records:
        channel = channels.get(record.account)
        price = channel.platform.capabilities.price if channel else None
        if channel and price and price.look:
            title = channel.platform.title
            prices[title] = round(prices.get(title, 0.0) + price.look * len(record.receipts), 4)
    for title, sum_of in prices.items():
        click.echo(f"{title} charges {say_price(sum_of)} for this.", err=True)


def _look_along(records: Iterable[Record], channel: AccountChannel | None, desk: Desk) -> list[Found]:
    return [_look_at(record, channel, desk) for record in records]


def _look_at(record: Record, channel: AccountChannel | None, desk: Desk) -> Found:
    from scheduler.retraction import verify_delivery

    if channel is None:
        return Found(record, "unsure", "its account is not in the settings any more")
    try:
        sighting = verify_delivery(record, channel, desk, who=who_am_i(), now=datetime.now(UTC))
    except PublishError as failure:
        return Found(record, "unsure", str(failure))
    if sighting is None:
        return Found(record, "unsure", f"no program can look at this on {channel.platform.title}", needs_person=True)
    return Found(record, "live" if sighting.is_live else "gone", " ".join(sighting.gone))


def _show(found: Sequence[Found], form: str) -> None:
    if form == "json":
        click.echo(json.dumps([_fields(each) for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each.state:<6}  {each.record.key}  {_tell(each)}".rstrip())
    gone, unsure = (sum(each.state == state for each in found) for state in ("gone", "unsure"))
    looked = f"{count_of(len(found), 'delivery')} looked at"
    by_person = sum(each.needs_person for each in found)
    more = f" ({by_person} for a person to look at)" if by_person else ""
    click.echo(f"{looked}: {len(found) - gone - unsure} live, {gone} gone, {unsure} unsure{more}.", err=True)


def _tell(found: Found) -> str:
    """Return what is said of a look: where it is seen, what is gone, or why it is not known and where to look."""
    urls = " ".join(dict.fromkeys(receipt.url for receipt in found.record.receipts if receipt.url))
    if found.state != "unsure":
        return found.words or found.record.receipts[0].url
    return f"{found.words}; look there: {urls}" if urls else found.words


def _fields(found: Found) -> dict[str, Any]:
    urls = [receipt.url for receipt in found.record.receipts]
    told = {"key": found.record.key, "state": found.state, "urls": urls, "words": found.words}
    return {**told, "needs_person": found.needs_person}
