"""campaign hold"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scheduler.bootstrap import App
from scheduler.cli.output import open_app, who_am_i
from scheduler.domain.hold import Hold
from scheduler.domain.problem import suggest
from scheduler.errors import UsageError


@click.command(name="hold")
@click.option("--campaign", metavar="C", help="Only this campaign.")
@click.option("--account", metavar="A", help="Only this account.")
@click.option("--tag", metavar="T", help="Only posts with this tag.")
@click.option("--except", "exempt", multiple=True, metavar="CAMPAIGN/POST", help="This post goes out all the same.")
@click.option("--reason", required=True, help="Why; the record keeps it.")
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
    app = open_app(context, allow_example=False)
    if account is not None and account not in app.settings.accounts:
        raise UsageError(f"No account is called '{account}'. {suggest(account, app.settings.accounts)}".strip())
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
    placed = app.open_desk(create=True).place_hold(hold)
    click.echo(f"Hold {placed.id} is in force: {placed.scope}. `campaign release {placed.id} --reason …` ends it.")
    return 0


def _check_ids(app: App, campaign: str | None, tag: str | None, exempt: tuple[str, ...]) -> None:
    """A misspelt scope would hold nothing, and its user would not know."""
    files = app.read_calendars()
    campaigns = {file.campaign.id: file.campaign for file in files if file.campaign is not None}
    all_good = len(campaigns) == len(files)
    if campaign is not None and campaign not in campaigns and all_good:
        raise UsageError(f"No campaign is called '{campaign}'. {suggest(campaign, campaigns)}".strip())
    tags = {tag for known in campaigns.values() for post in known.posts for tag in post.tags}
    if tag is not None and tag not in tags and all_good:
        raise UsageError(f"No post has the tag '{tag}'. {suggest(tag, tags)}".strip())
    posts = {f"{known.id}/{post.id}" for known in campaigns.values() for post in known.posts}
    for name in exempt:
        if name not in posts:
            raise UsageError(f"No post is called '{name}'. {suggest(name, posts)}".strip())
