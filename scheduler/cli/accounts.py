"""campaign accounts"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from scheduler.bootstrap import App, SystemClock
from scheduler.cli.output import choose_paint, echo_problems, make_progress, open_app, say_local, write_utc
from scheduler.domain.problem import Place, Problem, has_errors, suggest
from scheduler.errors import UsageError

if TYPE_CHECKING:
    from scheduler.credentials import Credentials

_AT_ONCE = 8


@click.command(name="accounts")
@click.argument("names", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, names: tuple[str, ...], form: str) -> int:
    """Ask each platform whose the credentials are, and when they end.

    Tokens that can be exchanged for new ones are, if it is time to. Where a platform fetches pictures, it is tried
    whether it can. Exit 1 if any account cannot post.
    """
    app = open_app(context, allow_example=False)
    for name in names:
        if name not in app.settings.accounts:
            hint = suggest(name, app.settings.accounts) or f"Known: {', '.join(app.settings.accounts)}."
            raise UsageError(f"No account is called '{name}' in {app.settings.file}. {hint}")
    found = _ask(app, names or tuple(app.settings.accounts))
    if form == "json":
        told = [{**_fields(each), "renewed": _is_renewed(app, each.account)} for each in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _echo(app, found)
    problems = _check_public_media(app, [each.account for each in found])
    echo_problems(problems, err=True)
    return 1 if has_errors(problems) or any(each.problem for each in found) else 0


def _check_public_media(app: App, names: Sequence[str]) -> list[Problem]:
    """Return what keeps the platforms of these accounts from fetching media, if they do."""
    from scheduler.platforms import load_platform
    from scheduler.public_address import check_where_needed
    from scheduler.public_media import PublicFolder

    folder = app.settings.public_media
    platforms = [load_platform(app.settings.accounts[name].platform).capabilities for name in names]
    public = None if folder is None else PublicFolder(*folder)
    return check_where_needed(public, platforms, Place(app.settings.file))


def _ask(app: App, names: Sequence[str]) -> list[Credentials]:
    from scheduler.credentials import look_after

    channels, ends = app.build_channels(SystemClock()), app.open_ends()
    found = []
    with make_progress("Asking", len(names)) as advance, ThreadPoolExecutor(_AT_ONCE) as pool:
        for asked in [pool.submit(look_after, channels[name], ends) for name in names]:
            found.append(asked.result())
            advance()
    return found


def _echo(app: App, found: Sequence[Credentials]) -> None:
    paint = choose_paint()
    width = max((len(each.account) for each in found), default=0)
    for each in found:
        state = paint("no", fg="red") if each.problem else paint("ok", fg="green")
        until = f"until {say_local(each.ends.astimezone(app.settings.zone))}" if each.ends else ""
        until += ", renewed before by the daemon" if until and _is_renewed(app, each.account) else ""
        words = each.problem or "  ".join(filter(None, [each.who, until]))
        click.echo(f"{state}  {each.account:<{width}}  {each.platform:<11}  {words}".rstrip())


def _is_renewed(app: App, name: str) -> bool:
    """Return whether the program gets new credentials for an account before the old ones end."""
    from scheduler.platforms import load_platform

    account = app.settings.accounts[name]
    tokens = load_platform(account.platform).capabilities.tokens
    return tokens is not None and tokens.are_refreshed(account.settings.keys() | account.secrets)


def _fields(found: Credentials) -> dict[str, Any]:
    return {
        "account": found.account,
        "platform": found.platform,
        "who": found.who or None,
        "ends_utc": write_utc(found.ends),
        "problem": found.problem or None,
    }
