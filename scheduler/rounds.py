"""The daemon's rounds, whoever rings the bell: load what changed, reconcile, send what is due, write the pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from scheduler.agenda import FINAL, Agenda
from scheduler.bootstrap import App, inspect_picture, plan_of
from scheduler.channels import AccountChannel
from scheduler.domain.delivery import Delivery, Record
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.ports import Clock
from scheduler.ledger.desk import Desk
from scheduler.ledger.opening import open_engine
from scheduler.ledger.owner import Owner
from scheduler.ledger.writing import PublishingLedger
from scheduler.publisher import Publisher, Step
from scheduler.reconcile import Reconciler
from scheduler.sources.calendar import CalendarFile

log = logging.getLogger(__name__)


@dataclass
class Rounds:
    """One publishing process on one ledger. `close` gives its lock back."""

    app: App
    clock: Clock
    owner: Owner
    desk: Desk
    channels: dict[str, AccountChannel]
    publisher: Publisher
    reconciler: Reconciler
    agenda: Agenda = field(default_factory=lambda: Agenda([]))
    broken: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def load(self, paths: list[Path] | None = None) -> list[CalendarFile]:
        """Read every calendar, keep a revision of each new version, and make the agenda anew.

        A calendar with an error stays as it was when it was last good. Return the files as they stand on disk.
        """
        files = self.app.read_calendars(paths)
        self.broken = {}
        usable = []
        for file in files:
            if file.campaign is not None:
                self._keep(file)
                usable.append(file)
                continue
            self.broken[file.file] = len(file.problems)
            log.error("calendar=%s broken problems=%d first=%s", file.file, len(file.problems), file.problems[0])
            last = self.desk.revision(file.file)
            if last is not None:
                old = self.app.read_calendar(Path(file.file), last[1])
                usable += [old] if old.campaign is not None else []
        self._plan(plan_of(usable))
        return files

    def _keep(self, file: CalendarFile) -> None:
        campaign = file.campaign
        if campaign is None:
            return
        now = self.clock.now()
        deliveries = plan_deliveries([campaign])
        keys = [delivery.key for delivery in deliveries]
        over = [delivery for delivery in deliveries if delivery.not_after < now]
        if over:
            seen = self.desk.seen_keys([campaign.id])
            self.desk.note_past([delivery for delivery in over if delivery.key not in seen], self.owner.name, now)
        if self.desk.keep_revision(file.file, campaign.id, file.content, keys, who=self.owner.name, now=now):
            log.info("calendar=%s loaded deliveries=%d", file.file, len(keys))

    def _plan(self, deliveries: list[Delivery]) -> None:
        self.agenda = Agenda(deliveries)
        self.agenda.advance(self.clock.now())
        records = self.desk.records([delivery.key for delivery in self.agenda.open])
        self.agenda.close(delivery.key for delivery in self.agenda.open if _is_over(delivery, records))

    def restrict(self, keys: set[str]) -> None:
        """Keep only these deliveries on the agenda."""
        self.agenda.restrict(keys)

    def run(self) -> None:
        """Start what is due now. `join` waits for it."""
        self.agenda.advance(self.clock.now())
        self.publisher.run_round(self.agenda.open)

    def look_again(self) -> None:
        """Reconcile what is unknown, and bring back what a look or a person made sendable."""
        self.reconciler.run()
        self.agenda.reopen(self.desk.waiting_keys())

    def finish(self) -> None:
        """Write what is written once a round."""
        for board in {id(channel.board): channel.board for channel in self.channels.values()}.values():
            if board is not None:
                board.write_page()

    def hear(self, step: Step) -> None:
        """Take note of what came of a delivery."""
        self.steps.append(step)
        if step.status in FINAL:
            self.agenda.close([step.key])

    def next_time(self) -> datetime | None:
        """Return when something is to be done next: a post, another try or a look; None if nothing is ahead."""
        times = [self.agenda.next_due, self.reconciler.next_look(), self.desk.next_try()]
        return min((time for time in times if time is not None), default=None)

    def close(self) -> None:
        """Give the ledger's lock back."""
        self.owner.release()
        self.owner.engine.dispose()


def _is_over(delivery: Delivery, records: dict[str, Record]) -> bool:
    record = records.get(delivery.key)
    return record is not None and record.status in FINAL and not record.settled_at < delivery.due


def open_rounds(
    app: App, clock: Clock, channels: dict[str, AccountChannel], *, on_step: Callable[[Step], None] = lambda _: None
) -> Rounds:
    """Return rounds on the settings' ledger, with the right to publish from it.

    Raise AlreadyRunning if another process has that right, LedgerError if the ledger cannot be used.
    """
    address = app.settings.ledger
    owner = Owner(open_engine(address), address).acquire()
    ledger, desk = PublishingLedger(owner), Desk(owner.engine, address)
    settings = app.settings
    publisher = Publisher(ledger, desk, channels, clock, inspect_picture, settings.workers, settings.minimum_gap)
    reconciler = Reconciler(ledger, channels, clock, settings.reconcile_after)
    rounds = Rounds(app, clock, owner, desk, channels, publisher, reconciler)

    def hear(step: Step) -> None:
        rounds.hear(step)
        on_step(step)

    publisher.on_step = hear
    return rounds
