"""One round of what is due now, for cron."""

from __future__ import annotations

import logging

from scheduler.bootstrap import App, SystemClock
from scheduler.channels import refresh_all
from scheduler.clock_watch import ClockWatch
from scheduler.domain.delivery import Status
from scheduler.rounds import open_rounds
from scheduler.sending import Step

log = logging.getLogger(__name__)

STOP_SECONDS = 8.0
_BAD = frozenset({Status.REJECTED, Status.MISSED, Status.UNKNOWN, Status.PARTIAL})


def run_once(app: App) -> int:
    """Run one round of what is due now; return 0 if all settled well, 1 if something failed, missed or is unknown.

    It leaves its mark in the ledger, by which `campaign status` knows that rounds are run.
    Raise AlreadyRunning or LedgerError if the ledger is another's or cannot be used.
    """
    clock = SystemClock()
    started_at = clock.now()
    channels = app.build_channels(clock)
    steps: list[Step] = []
    rounds = open_rounds(app, clock, channels, on_step=steps.append)
    watch = ClockWatch(clock)
    try:
        watch.compare(rounds.desk.heartbeats())
        if watch.problem:
            log.critical("nothing is sent: %s. Put it right and try again.", watch.problem)
            return 1
        files = rounds.load()
        for account, reason in refresh_all(channels).items():
            log.warning("account=%s limits could not be read: %s", account, reason)
        rounds.look_again()
        rounds.run()
        rounds.publisher.join()
        rounds.look_again()
        rounds.finish()
        rounds.beat(started_at, once=True)
        unknown = [record for record in rounds.desk.unsettled().values() if record.status is Status.UNKNOWN]
    finally:
        rounds.publisher.stop(STOP_SECONDS)
        rounds.close()
    failed = [step for step in steps if step.status in _BAD or (step.status is Status.PLANNED and step.reason)]
    broken = [file for file in files if file.campaign is None]
    return 1 if failed or unknown or broken else 0
