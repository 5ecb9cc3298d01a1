"""campaign hold"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import click

from scheduler.bootstrap import App
from scheduler.cli.output import echo_note, join_lines, open_ledger_app, who_am_i
from scheduler.domain.hold import Hold
from scheduler.domain.problem import suggest
from scheduler.errors import ConfigError, UsageError


@click.command(name="hold")
@click.option("--campaign", metavar="C", help="Only this campaign.")
@click.option("--account", metavar="A", help="Only this account.")
@click.option("--tag", metavar="T", help="Only posts with this tag.")
@click.option("--except", "exempt", multiple=True, metavar="CAMPAIGN/POST", help="This post goes out all the same.")
@click.option("--reason", callback=join_lines, required=True, help="Why; the record keeps it.")
@click.pass_context
def command(
    context: click.Context,
    campaign: str | None,
    account: str | None,
    tag: str | None,
    exempt: tuple[str, ...],
    reason: str,
) -> int:
    """Stop sending at once: everything, a campaign, an account or a tag.

    It is in force when this command returns, also for what is being prepared at that moment, and stays so until
    `campaign release`.
    """
    if not reason.strip():
        raise UsageError("Say why, with --reason.")
    app = open_ledger_app(context)
    if account is not None:
        _check_account(app, account)
    if campaign is not None or tag is not None or exempt:
        _check_ids(app, campaign, tag, exempt)
    hold = Hold(
        id=0,
        placed_at=datetime.now(UTC),
        placed_by=who_am_i(),
        reason=reason.strip(),
        campaign=campaign,
        account=account,
        tag=tag,
        exempt=frozenset(exempt),
    )
    placed = app.open_desk(create=not app.problems).place_hold(hold)
    click.echo(f"Hold {placed.id} is in force: {placed.scope}. `campaign release {placed.id} --reason …` ends it.")
    return 0


def _check_account(app: App, account: str) -> None:
    if account not in app.settings.accounts:
        _refuse_unless_unsure(f"No account is called '{account}'.", account, app.settings.accounts, bool(app.problems))


def _check_ids(app: App, campaign: str | None, tag: str | None, exempt: tuple[str, ...]) -> None:
    """A misspelt scope would hold nothing, and its user would not know."""
    if app.problems:
        echo_note(f"the names given were not looked up, since {app.settings.file} has errors. Check their spelling.")
        return
    try:
        files = app.read_calendars(pictures=False)
    except ConfigError as failure:
        echo_note(f"the names given were not looked up. Check their spelling. {failure}")
        return
    good = [file.campaign for file in files if file.campaign is not None]
    campaigns = {known.id for known in good}
    is_unsure = len(good) < len(files)
    if campaign is not None and campaign not in campaigns:
        _refuse_unless_unsure(f"No campaign is called '{campaign}'.", campaign, campaigns, is_unsure)
    tags = {tag for known in good for post in known.posts for tag in post.tags}
    if tag is not None and tag not in tags:
        _refuse_unless_unsure(f"No post has the tag '{tag}'.", tag, tags, is_unsure)
    posts = {f"{known.id}/{post.id}" for known in good for post in known.posts}
    for name in exempt:
        if name not in posts:
            _refuse_unless_unsure(f"No post is called '{name}'.", name, posts, is_unsure)


def _refuse_unless_unsure(message: str, name: str, known: Iterable[str], is_unsure: bool) -> None:
    """Where a file is broken the name may stand in it, and a hold is wanted now: then only say so."""
    words = f"{message} {suggest(name, known)}".strip()
    if not is_unsure:
        raise UsageError(words)
    echo_note(
        f"{words} It may stand in a file that has errors, so the hold is placed all the same: check its spelling."
    )
