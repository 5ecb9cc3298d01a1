"""The long-running process: APScheduler rings, the rounds work, signals stop it and make it read again."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from scheduler.bootstrap import App, SystemClock, build_app
from scheduler.channels import refresh_all
from scheduler.clock_watch import ClockWatch
from scheduler.credentials import look_after_all
from scheduler.domain.delivery import Status
from scheduler.errors import ConfigError, LaneFailed, LedgerError, SchedulerError
from scheduler.file_watch import FileWatch, Stamps, read_stamps
from scheduler.health import Health, read_health
from scheduler.health_server import HealthServer
from scheduler.rounds import open_rounds
from scheduler.sending import Step

log = logging.getLogger(__name__)

SAFETY_SECONDS = 30
WATCH_SECONDS = 1
BEAT_SECONDS = 15
CREDENTIALS_SECONDS = 6 * 3600  # tokens last for weeks, and are renewed days before they end
CLOCK_SECONDS = 1.0
STOP_SECONDS = 8.0
PUT_OFF_SECONDS = 30.0  # before reading again what could not be read
OVERDUE_PAUSE = timedelta(seconds=2)  # before trying again what could not be done when it was time


@dataclass
class Daemon:
    """Runs until it is told to stop. `config` is the settings file named on the command line, if any."""

    app: App
    config: Path | None
    _stop: threading.Event = field(default_factory=threading.Event)
    _round_lock: threading.Lock = field(default_factory=threading.Lock)
    _look_lock: threading.Lock = field(default_factory=threading.Lock)
    _reload: threading.Event = field(default_factory=threading.Event)
    _asked: SimpleQueue[threading.Event] = field(default_factory=SimpleQueue)  # what the main thread is to set
    _failure: SchedulerError | None = None
    _rung: bool = False
    _busy: int = 0
    _busy_lock: threading.Lock = field(default_factory=threading.Lock)
    _health_server: HealthServer | None = None

    def run(self) -> int:
        """Publish until SIGTERM or SIGINT. Return the exit code: 0 after a clean stop.

        Raise AlreadyRunning or LedgerError if it cannot begin, or the ledger cannot be written any more.
        """
        from apscheduler.schedulers.background import BackgroundScheduler

        self._catch_signals()
        self.clock = SystemClock()
        channels = self.app.build_channels(self.clock)
        self.rounds = open_rounds(self.app, self.clock, channels, on_step=self._hear_step)
        self.rounds.publisher.on_idle = self._hear_idle
        self.started_at = self.clock.now()
        self.bell = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self.clock_watch = ClockWatch(self.clock)
        try:
            self._check_clock()
            self.files = FileWatch(self._read_stamps())
            self.rounds.load()
            self._set_jobs()
            self._open_health()
            self.bell.start()
            log.info("started deliveries=%d ledger ready", len(self.rounds.agenda))
            while not self._stop.is_set():
                self._obey()
        except LedgerError as failure:
            self._failure = failure
        finally:
            self._shut_down()
        if self._failure is not None:
            raise self._failure
        return 0

    def _obey(self) -> None:
        """Do what a signal or a failed job asks for; look at the clock where nothing does for a second."""
        try:
            asked = self._asked.get(timeout=CLOCK_SECONDS)
        except Empty:
            self._follow_clock()
            return
        asked.set()
        if asked is self._reload:
            self._ring_at(datetime.now(UTC), self._watch, "reload")

    def _open_health(self) -> None:
        """Answer at the settings' address. A port that is taken is a fault to mend, not a reason not to publish."""
        address = self.app.settings.health
        if address is None:
            return
        try:
            self._health_server = HealthServer(*address, self._read_health)
        except OSError as failure:
            log.error("health page cannot be opened at %s:%d: %s", *address, failure.strerror or failure)
            return
        self._health_server.start()

    def _read_health(self) -> Health:
        return read_health(self.rounds.desk, self.rounds.agenda.all, self.rounds.list_broken(), self.clock.now())

    def _catch_signals(self) -> None:
        """A handler takes no lock, as setting an Event would: the thread that it interrupts may be holding it."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self._asked.put(self._stop))
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: self._asked.put(self._reload))

    def _set_jobs(self) -> None:
        now = datetime.now(UTC)
        every: list[tuple[str, Callable[[], None], float]] = [
            ("safety", self._round, SAFETY_SECONDS),
            ("watch", self._watch, WATCH_SECONDS),
            ("beat", self._beat, BEAT_SECONDS),
            ("look", self._look, SAFETY_SECONDS),
            ("limits", self._refresh_limits, 3600),
            ("credentials", self._look_after_credentials, CREDENTIALS_SECONDS),
        ]
        for name, job, seconds in every:
            self.bell.add_job(
                self._guard(job), "interval", seconds=seconds, id=name, next_run_time=now, replace_existing=True
            )

    def _guard(self, job: Callable[[], None]) -> Callable[[], None]:
        """A ledger or a lane that fails ends the daemon: what cannot be recorded must not be sent."""

        def guarded() -> None:
            if self._stop.is_set():
                return
            self._count(1)
            try:
                job()
            except (LedgerError, LaneFailed) as failure:
                log.critical("%s", failure)
                self._failure = failure
                self._asked.put(self._stop)
            except SchedulerError as failure:
                log.error("%s", failure)
            except Exception:
                log.exception("a job failed within the program")
            finally:
                self._count(-1)

        return guarded

    def _count(self, change: int) -> None:
        with self._busy_lock:
            self._busy += change

    def _ring_at(self, moment: datetime, job: Callable[[], None], name: str) -> None:
        # Several, since one that is just at work would have the next one dropped; they wait for each other.
        guarded = self._guard(job)
        self.bell.add_job(guarded, "date", run_date=moment, id=name, replace_existing=True, max_instances=5)

    def _hear_idle(self, account: str) -> None:
        """A lane has ended: what fell due on its account meanwhile is to be sent now, and what rests, later."""
        if self.rounds.publisher.failure is not None or self.rounds.agenda.is_open_for(account):
            self._ring_soon()

    def _hear_step(self, step: Step) -> None:
        """A lost reply is looked for when it is time for that, not at the next safety round: the bell is set anew."""
        if step.status is Status.UNKNOWN:
            self._ring_soon()

    def _ring_soon(self) -> None:
        if not self._stop.is_set() and not self._rung:  # many lanes that end at once ring once
            self._rung = True
            self._ring_at(datetime.now(UTC), self._round, "lane-ended")

    def _round(self) -> None:
        with self._round_lock:
            self._rung = False
            if self.clock_watch.problem or self._stop.is_set():
                return
            self.rounds.run()
            self._set_bell()
        self.rounds.finish()

    def _set_bell(self) -> None:
        """Ring at the next due instant."""
        following = self.rounds.next_time()
        if following is not None:
            now = datetime.now(UTC)
            self._ring_at(following if following > now else now + OVERDUE_PAUSE, self._ring, "round")

    def _ring(self) -> None:
        self._round()
        if self.rounds.is_look_due():
            self._ring_at(datetime.now(UTC), self._look, "look-now")

    def _look(self) -> None:
        """Look for what is unknown, one time at once and beside the rounds: a server that hangs delays no post."""
        if self.clock_watch.problem or not self._look_lock.acquire(blocking=False):
            return
        try:
            mended = self.rounds.look()
        finally:
            self._look_lock.release()
        with self._round_lock:
            reopened = self.rounds.reopen()
        if mended or reopened:
            self._ring_soon()

    def _watch(self) -> None:
        """Read again what changed on disk, once it has rested; everything on SIGHUP."""
        stamps = self._read_stamps()
        if not self._reload.is_set() and not self.files.is_due(stamps):
            return
        self._reload.clear()
        with self._round_lock:
            try:
                self._take_settings()
                self.rounds.load()
                self.files.loaded = stamps
                self.rounds.mend("calendars")
            except ConfigError as failure:
                self.rounds.report_fault("calendars", str(failure))
                self.files.put_off(PUT_OFF_SECONDS)
        self._round()

    def _take_settings(self) -> None:
        """Work with the settings on disk, if they can be used; else the last good ones stay in force."""
        file = self.app.settings.file
        try:
            app = build_app(self.config, allow_example=False)
        except SchedulerError as failure:
            self.rounds.report_fault(file, str(failure))
            return
        if app.settings.ledger != self.app.settings.ledger:
            words = "The ledger cannot be changed while the daemon runs: start it again, or put the setting back."
            self.rounds.report_fault(file, words)
            return
        self.rounds.mend(file)
        if app.settings != self.app.settings:
            self.app = app
            self.rounds.take_settings(app)

    def _read_stamps(self) -> Stamps:
        try:
            calendars = self.app.find_calendars()
        except ConfigError:
            calendars = []
        return read_stamps([Path(self.app.settings.file), self.app.settings.days, *calendars])

    def _beat(self) -> None:
        self.rounds.owner.check()
        self._check_clock()
        self.rounds.beat(self.started_at, clock=self.clock_watch.problem)

    def _check_clock(self) -> None:
        self.clock_watch.compare(self.rounds.desk.heartbeats())
        if self.clock_watch.problem:
            log.critical("nothing is sent: %s. Put it right and start the daemon again.", self.clock_watch.problem)

    def _follow_clock(self) -> None:
        """Set every bell anew if the clock was moved: the scheduler sleeps by the time that it was before."""
        if self.clock_watch.has_moved():
            log.warning("the clock was moved: the bells are set anew")
            self._set_jobs()
            self._ring_soon()

    def _refresh_limits(self) -> None:
        for account, reason in refresh_all(self.rounds.channels).items():
            log.warning("account=%s limits could not be read: %s", account, reason)

    def _look_after_credentials(self) -> None:
        """Have tokens renewed that end, and tell of those that cannot be."""
        for told in look_after_all(self.rounds.channels, self.app.open_ends()):
            self.rounds.hear_credentials(told)

    def _shut_down(self) -> None:
        """What has not committed is released, what is committing gets some seconds, then its claim stays."""
        if self.bell.running:
            self.bell.shutdown(wait=False)
        if self._health_server is not None:
            self._health_server.shutdown()
        finished = self.rounds.publisher.stop(STOP_SECONDS) and self._busy == 0
        try:
            self.rounds.finish()
            if finished and self._failure is None:  # else it might wait once more for a ledger that is locked
                self.rounds.desk.forget_heartbeats([self.rounds.owner.name])
        except SchedulerError as failure:
            log.error("%s", failure)
        log.info("stopped cleanly=%s", finished)
        if not finished:  # the lock goes with the process: nobody takes over what is still at work
            logging.shutdown()
            if self._failure is not None:
                sys.stderr.write(f"error: {self._failure}\n")
                sys.stderr.flush()
                os._exit(self._failure.exit_code)
            os._exit(0)
        self.rounds.close()
