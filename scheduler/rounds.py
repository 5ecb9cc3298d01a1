"""The daemon's rounds, whoever rings the bell: load what changed, reconcile, send what is due, write the pages."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.agenda import FINAL, Agenda
from scheduler.alerts import Alerts
from scheduler.bootstrap import App, inspect_media, plan_of
from scheduler.channels import AccountChannel
from scheduler.credentials import Credentials
from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.forecast import NOTICE
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.ports import Clock, Heartbeat
from scheduler.domain.when import write_date
from scheduler.errors import LedgerError
from scheduler.health import NO_ROUND
from scheduler.high_water_mark import HighWaterMark
from scheduler.ledger.desk import Desk
from scheduler.ledger.opening import open_engine
from scheduler.ledger.owner import Owner
from scheduler.ledger.writing import PublishingLedger
from scheduler.publisher import Publisher
from scheduler.reconcile import Reconciler
from scheduler.refusals import Refusals
from scheduler.sending import Sender, Step
from scheduler.sources.calendar import CalendarFile

log = logging.getLogger(__name__)

_ALERT_SECONDS = 5.0
_ALARMING = frozenset({Status.MISSED, Status.REJECTED, Status.PARTIAL})


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
    alerts: Alerts
    agenda: Agenda = field(default_factory=lambda: Agenda([]))
    broken: dict[str, int] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    in_use: frozenset[str] = frozenset()
    mark: HighWaterMark | None = None

    def load(self, paths: list[Path] | None = None) -> list[CalendarFile]:
        """Read every calendar, keep a revision of each new version, and make the agenda anew.

        A calendar with an error stays as it was when it was last good. Return the files as they stand on disk.
        """
        files = self.app.read_calendars(paths)
        before, self.broken = self.broken, {}
        for file in files:
            if file.campaign is None:
                self._report_broken(file)
                continue
            if file.file in before:
                log.info("calendar=%s is whole again", file.file)
            self._keep(file)
            self.alerts.forget(f"calendar broken: {file.file}")
        self._keep_days()
        self._plan(plan_of(self.app.list_in_force(files, self.desk)))
        return files

    def _keep_days(self) -> None:
        """Keep a revision of the team's own awareness days, if calendars took a date from them."""
        days = self.app.days.good_content
        if days is not None:
            name = self.app.name_calendar(self.app.days.file)
            self.desk.keep_revision(name, "", days, [], who=self.owner.name, now=self.clock.now())

    def _report_broken(self, file: CalendarFile) -> None:
        self.broken[file.file] = len(file.problems)
        log.error("calendar=%s broken problems=%d first=%s", file.file, len(file.problems), file.problems[0])
        listed = "\n".join(str(problem) for problem in file.problems[:10])
        words = f"The last good version stays in force. `campaign check` says what to mend:\n{listed}"
        self.alerts.say(f"calendar broken: {file.file}", words)

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
        name = self.app.name_calendar(file.file)
        if self.desk.keep_revision(name, campaign.id, file.content, keys, who=self.owner.name, now=now):
            log.info("calendar=%s loaded deliveries=%d", file.file, len(keys))

    def _plan(self, deliveries: list[Delivery]) -> None:
        now = self.clock.now()
        self.in_use = frozenset(delivery.account for delivery in deliveries if delivery.not_after >= now)
        self.agenda = Agenda(deliveries)
        self.agenda.advance(self.clock.now())
        records = self.desk.records([delivery.key for delivery in self.agenda.open])
        self.agenda.close(delivery.key for delivery in self.agenda.open if _is_over(delivery, records))

    def take_settings(self, app: App) -> None:
        """Work with other settings from now on; the ledger and the number of workers stay as they were."""
        self.app = app
        channels = app.build_channels(self.clock)
        # Never empty in between: lanes at work look up their channel here.
        self.channels.update(channels)
        for name in self.channels.keys() - channels.keys():
            del self.channels[name]
        self.publisher.minimum_gap = app.settings.minimum_gap
        self.reconciler.wait = app.settings.reconcile_after
        self.alerts.addresses = app.settings.alerts

    def report_fault(self, what: str, words: str) -> None:
        """Say that the settings, or the calendars as a whole, cannot be read; what was last good stays in force."""
        if self.faults.get(what) != words:
            log.error("%s cannot be used, what was last good stays in force: %s", what, words)
        self.faults[what] = words
        self.alerts.say(f"cannot be used: {what}", f"What was last good stays in force.\n{words}")

    def mend(self, what: str) -> None:
        """Take note that the settings, or the calendars as a whole, can be read again."""
        if self.faults.pop(what, None) is not None:
            self.alerts.forget(f"cannot be used: {what}")

    def list_broken(self) -> list[str]:
        """Return the calendars with errors, and what else cannot be read."""
        return [*self.broken, *self.faults]

    def is_current(self, delivery: Delivery) -> bool:
        """Return whether a delivery is due, not settled, and as the calendars say now."""
        return self.agenda.is_current(delivery)

    def restrict(self, keys: set[str]) -> None:
        """Keep only these deliveries on the agenda."""
        self.agenda.restrict(keys)

    def run(self) -> None:
        """Start what is due now. `join` waits for it."""
        self.agenda.advance(self.clock.now())
        self.agenda.close(self.publisher.run_round(self.agenda.open))

    def look_again(self) -> None:
        """Reconcile what is unknown, and bring back what a look or a person made sendable."""
        self.look()
        self.reopen()

    def look(self) -> bool:
        """Look for what is unknown, and whether refused accounts were mended. It makes calls, and may take minutes.

        Return whether an account may post again.
        """
        self.reconciler.run()
        return not self.reconciler.stopping.is_set() and self.publisher.refusals.check(self.in_use)

    def is_look_due(self) -> bool:
        """Return whether it is time to look for something, or a process that died left work behind."""
        following = self.reconciler.next_look()
        return (following is not None and following <= self.clock.now()) or self.reconciler.is_left_behind()

    def reopen(self) -> bool:
        """Put what is to be tried again back on the agenda. Return whether anything was."""
        before = len(self.agenda.open)
        self.agenda.reopen(self.desk.waiting_keys())
        return len(self.agenda.open) != before

    def finish(self) -> None:
        """Write what is written once a round."""
        for board in {id(channel.board): channel.board for channel in self.channels.values()}.values():
            if board is not None:
                try:
                    board.write_page()
                except OSError as failure:  # the posts stand in their files all the same
                    log.error("the noticeboard's page in %s cannot be written: %s", board.folder, failure.strerror)
        self.keep_mark()

    def keep_mark(self) -> None:
        """Remember outside the ledger how far it goes, so that an older copy in its place is noticed."""
        if self.mark is not None:
            self.mark.keep(self.desk)

    def hear(self, step: Step) -> None:
        """Take note of what came of a delivery, and tell the staff if it is bad."""
        if step.status in FINAL:
            self.agenda.close([step.key])
        if step.kind == "unauthorised":
            until = "until its secret changes" if step.needs_secret else "and are tried again every ten minutes"
            self.hear_refused(step.account, step.reason, until)
        elif step.status is Status.HANDED:
            self.alerts.say(f"to post by hand: {step.key}", f"{step.reason} `campaign tasks` shows it.")
        elif step.status in _ALARMING:
            self.alerts.say(f"{step.status}: {step.key}", step.reason)
        elif step.status is Status.POSTED:
            self.alerts.forget(f"account unauthorised: {step.account}")

    def hear_refused(self, account: str, reason: str, until: str = "until its secret can be read") -> None:
        """Tell the staff of an account that may not post."""
        words = f"{reason}\nIts posts wait, within their not-after times, {until}."
        self.alerts.say(f"account unauthorised: {account}", words)

    def hear_credentials(self, told: Credentials) -> None:
        """Tell the staff of credentials that are no good, or end soon and are not renewed by themselves."""
        title = f"credentials: {told.account}"
        left = None if told.ends is None else told.ends - self.clock.now()
        if told.problem:
            log.warning("account=%s credentials: %s", told.account, told.problem)
            self.alerts.say(title, told.problem)
        elif left is not None and left < NOTICE and told.ends is not None:
            self.alerts.say(title, f"They end on {write_date(told.ends.date())}. Make new ones before.")
        else:
            self.alerts.forget(title)

    def hear_unsure(self, key: str, words: str) -> None:
        """Tell the staff of an unknown that a look did not clear up."""
        self.alerts.say(f"unknown: {key}", words)

    def next_time(self) -> datetime | None:
        """Return when something is to be done next: a post, another try or a look; None if nothing is ahead."""
        times = [self.agenda.next_due, self.reconciler.next_look(), self.publisher.next_wake()]
        return min((time for time in times if time is not None), default=None)

    def beat(self, started_at: datetime, *, clock: str = "", once: bool = False) -> None:
        """Record a sign of life, and take away those of processes that are gone.

        `clock` says what is wrong with it; `once` leaves the mark of a round that is over, for `campaign status`.
        """
        resting = {name: until.isoformat() for name, until in self.publisher.resting_accounts().items()}
        detail: dict[str, Any] = {
            "broken": self.list_broken(),
            "paused": self.publisher.refusals.list_accounts(),
            "resting": resting,
            "deliveries": len(self.agenda),
            "clock": clock,
        }
        self.desk.beat(
            Heartbeat(
                owner=self.owner.name,
                host=socket.gethostname(),
                process=os.getpid(),
                started_at=started_at,
                beat_at=self.clock.now(),
                next_due=self.agenda.next_due,
                detail=detail | ({"once": True} if once else {}),
            )
        )
        since = self.clock.now() - NO_ROUND
        # That a daemon died is not forgotten for a round that somebody runs by hand.
        gone = [beat for beat in self.desk.heartbeats() if beat.is_round or not once or beat.beat_at < since]
        dead = [beat.owner for beat in gone if not self.owner.is_alive(beat.owner)]
        if dead:
            self.desk.forget_heartbeats(dead)
        self.keep_mark()

    def close(self) -> None:
        """Give the ledger's lock back, and let the last alerts leave."""
        self.owner.release()
        self.owner.engine.dispose()
        self.alerts.close(_ALERT_SECONDS)


def _is_over(delivery: Delivery, records: dict[str, Record]) -> bool:
    record = records.get(delivery.key)
    return record is not None and record.status in FINAL and not record.settled_at < delivery.due


def open_rounds(
    app: App,
    clock: Clock,
    channels: dict[str, AccountChannel],
    *,
    on_step: Callable[[Step], None] = lambda _: None,
    passing: bool = False,
) -> Rounds:
    """Return rounds on the settings' ledger, with the right to publish from it.

    `passing` says that the ledger need not be known again: a rehearsal's. Raise AlreadyRunning if another process has
    the right, LedgerError if the ledger cannot be used or is not the one that was last written from here.
    """
    address = app.settings.ledger
    mark = None if passing else HighWaterMark(app.settings.state, address)
    owner = Owner(open_engine(address), address).acquire()
    ledger, desk = PublishingLedger(owner), Desk(owner.engine, address)
    try:
        if mark is not None:
            mark.check(desk)
    except LedgerError:
        owner.release()
        owner.engine.dispose()
        raise
    settings = app.settings
    sender = Sender(ledger, channels, clock, inspect_media, settings.workers)
    refusals = Refusals(desk, channels, clock, owner.name)
    publisher = Publisher(sender, refusals, clock, settings.minimum_gap)
    reconciler = Reconciler(ledger, channels, clock, settings.reconcile_after, stopping=sender.stopping)
    rounds = Rounds(app, clock, owner, desk, channels, publisher, reconciler, Alerts(settings.alerts), mark=mark)

    def hear(step: Step) -> None:
        rounds.hear(step)
        on_step(step)

    publisher.on_step = hear
    publisher.is_current = rounds.is_current
    reconciler.on_unsure = rounds.hear_unsure
    refusals.on_missing = rounds.hear_refused
    return rounds
