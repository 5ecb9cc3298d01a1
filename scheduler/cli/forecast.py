"""campaign forecast"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import click

from scheduler.bootstrap import App, all_problems, plan_of
from scheduler.cli.output import count_of, echo_problems, exit_code, open_app, problem_fields, say_price, take_number
from scheduler.cli.preview import make_rows, open_ledger
from scheduler.domain.delivery import Delivery, Status
from scheduler.domain.forecast import Load, forecast_account, group_loads, sum_prices
from scheduler.domain.problem import Problem


@click.command(name="forecast")
@click.option(
    "--days",
    callback=take_number("Type one such as --days 90.", most=3660),
    metavar="N",
    default="30",
    show_default=True,
    help="How far to look ahead, at most 3660.",
)
@click.option("--strict", is_flag=True, help="Warnings count too: exit 1 if there is one.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, days: int, strict: bool, form: str) -> int:
    """Say what will go wrong, or cost money, if nothing is done.

    Accounts without secrets, credentials that end before a post needs them, quotas that the plan exceeds, settings
    that are too old, and prices. Nothing is asked over the network: `campaign accounts` does that. Exit 2 if something
    will fail, 1 for a warning with --strict.
    """
    app = open_app(context)
    files = app.read_calendars()
    echo_problems(all_problems(files), err=True)
    now = datetime.now(UTC)
    loads = _read_loads(app, plan_of(files), now, now + timedelta(days=days))
    grouped = group_loads(loads)
    problems = [
        problem
        for name, standing in app.list_standings(read_secrets=True).items()
        for problem in forecast_account(standing, grouped.get(name, ()), now)
    ]
    prices = sum_prices(loads)
    if form == "json":
        told = {"problems": [problem_fields(problem) for problem in problems], "prices_usd": prices}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _echo(problems, prices, len(loads), days)
    return exit_code(problems, strict=strict)


def _read_loads(app: App, planned: Iterable[Delivery], first: datetime, last: datetime) -> list[Load]:
    """Return what is due from one moment to another and not settled yet, with what it costs."""
    deliveries = [each for each in planned if first <= each.due <= last and each.account in app.settings.accounts]
    return [
        Load(row.delivery, len(row.parts), row.price)
        for row in make_rows(app, deliveries, open_ledger(app))
        if row.status is Status.PLANNED
    ]


def _echo(problems: Sequence[Problem], prices: Mapping[str, Mapping[str, float]], posts: int, days: int) -> None:
    echo_problems(problems)
    for account, months in prices.items():
        for month, price in months.items():
            click.echo(f"{account}  {month}  {say_price(price)}")
    found = count_of(len(problems), "thing") if problems else "nothing"
    click.echo(f"{count_of(posts, 'delivery')} in the next {count_of(days, 'day')}: {found} to see to.", err=True)
