"""campaign run"""

from __future__ import annotations

import logging
import sys

import click

from scheduler.cli.output import open_app


@click.command(name="run")
@click.option("--once", is_flag=True, help="One round of what is due now, for cron.")
@click.option("--quiet", is_flag=True, help="Log warnings and errors only.")
@click.pass_context
def command(context: click.Context, once: bool, quiet: bool) -> int:
    """Publish: as a daemon, or one round with --once.

    The daemon ends with 0 on SIGTERM and reads everything again on SIGHUP. --once: exit 0 all settled well,
    1 something failed, was missed or is unknown, 3 the ledger cannot be used, 4 another process publishes already.
    """
    app = open_app(context, allow_example=False)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s level=%(levelname)s logger=%(name)s %(message)s",
    )
    for noisy in ("apprise", "apscheduler", "alembic", "urllib3", "tweepy", "oauthlib", "requests_oauthlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if once:
        from scheduler.once import run_once

        return run_once(app)
    from scheduler.daemon import Daemon

    return Daemon(app, context.obj).run()
