"""The long-running process: APScheduler rings, the rounds work, signals stop it and make it read again."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scheduler.bootstrap import App, SystemClock, build_app
from scheduler.channels import refresh_all
from scheduler.domain.delivery import Status
from scheduler.domain.ports import Heartbeat
from scheduler.errors import LedgerError, SchedulerError
from scheduler.health import Health, read_health
from scheduler.health_server import HealthServer
from scheduler.rounds import open_rounds
from scheduler.sending import Step

log = logging.getLogger(__name__)

SAFETY_SECONDS = 30
WATCH_SECONDS = 2
BEAT_SECONDS = 15
STOP_SECONDS = 8.0
REST_SECONDS = 2.0  # a half-written file can be valid YAML: it is read when it has rested that long
OVERDUE_PAUSE = timedelta(seconds=2)  # before trying again what could not be done when it was time
LEAP = timedelta(days=1)
BACKWARDS = timedelta(minutes=1)

BAD = frozenset({Status.REJECTED, Status.MISSED, Status.UNKNOWN, Status.PARTIAL})


def run_once(app: App) -> int:
    """Run one round of what is due now; return 0 if all settled well, 1 if something failed, missed or is unknown."""
    clock = SystemClock()
    channels = app.build_channels(clock)
    steps: list[Step] = []
    rounds = open_rounds(app, clock, channels, on_step=steps.append)
    try:
        files = rounds.load()
        for account, reason in refresh_all(channels).items():
            log.warning("account=%s limits could not be read: %s", account, reason)
        rounds.look_again()
        rounds.run()
        rounds.publisher.join()
        rounds.look_again()
        rounds.finish()
        unknown = [record for record in rounds.desk.unsettled().values() if record.status is Status.UNKNOWN]
    finally:
        rounds.publisher.stop(STOP_SECONDS)
        rounds.close()
    failed = [step for step in steps if step.status in BAD or (step.status is Status.PLANNED and step.reason)]
    broken = [file for file in files if file.campaign is None]
    return 1 if failed or unknown or broken else 0


@dataclass
class Daemon:
    """Runs until it is told to stop. `config` is the settings file named on the command line, if any."""

    app: App
    config: Path | None
    _stop: threading.Event = field(default_factory=threading.Event)
    _round_lock: threading.Lock = field(default_factory=threading.Lock)
    _stamps: dict[str, tuple[int, int]] = field(default_factory=dict)
    _reload: threading.Event = field(default_factory=threading.Event)
    _failure: BaseException | None = None
    _clock_problem: str = ""
    _rung: bool = False
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
        try:
            self._check_clock()
            self._stamps = self._read_stamps()
            self.rounds.load()
            self._set_jobs()
            self._open_health()
            self.bell.start()
            log.info("started deliveries=%d ledger ready", len(self.rounds.agenda))
            self._stop.wait()
        except LedgerError as failure:
            self._failure = failure
        finally:
            self._shut_down()
        if self._failure is not None:
            raise self._failure
        return 0

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
        return read_health(self.rounds.desk, self.rounds.agenda.all, self.rounds.broken, self.clock.now())

    def _catch_signals(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self._stop.set())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: self._reload.set())

    def _set_jobs(self) -> None:
        now = datetime.now(UTC)
        every: list[tuple[str, Callable[[], None], float]] = [
            ("safety", self._safety, SAFETY_SECONDS),
            ("watch", self._watch, WATCH_SECONDS),
            ("beat", self._beat, BEAT_SECONDS),
            ("limits", self._refresh_limits, 3600),
        ]
        for name, job, seconds in every:
            self.bell.add_job(self._guard(job), "interval", seconds=seconds, id=name, next_run_time=now)

    def _guard(self, job: Callable[[], None]) -> Callable[[], None]:
        """A ledger that fails ends the daemon: what cannot be recorded must not be sent."""

        def guarded() -> None:
            try:
                job()
            except LedgerError as failure:
                log.critical("the ledger failed: %s", failure)
                self._failure = failure
                self._stop.set()
            except SchedulerError as failure:
                log.error("%s", failure)
            except Exception:
                log.exception("a job failed within the program")

        return guarded

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
            self.bell.add_job(
                self._guard(self._round), "date", run_date=datetime.now(UTC), id="lane-ended", replace_existing=True
            )

    def _round(self) -> None:
        with self._round_lock:
            self._rung = False
            if self._clock_problem or self._stop.is_set():
                return
            self.rounds.run()
            self._set_bell()
        self.rounds.finish()

    def _set_bell(self) -> None:
        """Ring at the next due instant."""
        following = self.rounds.next_time()
        if following is not None:
            now = datetime.now(UTC)
            at = following if following > now else now + OVERDUE_PAUSE
            self.bell.add_job(self._guard(self._ring), "date", run_date=at, id="round", replace_existing=True)

    def _ring(self) -> None:
        self._round()
        with self._round_lock:
            self._look()

    def _look(self) -> None:
        before = self.rounds.agenda.open
        self.rounds.look_again()
        if self.rounds.agenda.open != before:
            self._ring_soon()

    def _safety(self) -> None:
        with self._round_lock:
            if not self._clock_problem:
                self._look()
        self._round()

    def _watch(self) -> None:
        """Read again what changed on disk, once it has rested; everything on SIGHUP."""
        stamps = self._read_stamps()
        asked = self._reload.is_set()
        if not asked:
            if stamps == self._stamps:
                return
            newest = max((changed for changed, _ in stamps.values()), default=0)
            if datetime.now().timestamp() - newest / 1e9 < REST_SECONDS:
                return
        self._reload.clear()
        self._stamps = stamps
        self._load_again()

    def _load_again(self) -> None:
        with self._round_lock:
            try:
                app = build_app(self.config, allow_example=False)
            except SchedulerError as failure:
                log.error("settings broken, the last good ones stay: %s", failure)
                self.rounds.report_broken_settings(self.app.settings.file, str(failure))
                return
            if app.settings.ledger != self.app.settings.ledger:
                log.error("the ledger cannot be changed while running: start the daemon again")
                return
            if app.settings != self.app.settings:
                self.app = app
                self.rounds.take_settings(app)
            self.rounds.load()
        self._round()

    def _read_stamps(self) -> dict[str, tuple[int, int]]:
        stamps = {}
        for path in [Path(self.app.settings.file), *self._list_calendars()]:
            try:
                status = path.stat()
                stamps[str(path)] = (status.st_mtime_ns, status.st_size)
            except OSError:
                stamps[str(path)] = (0, 0)
        return stamps

    def _list_calendars(self) -> list[Path]:
        try:
            return self.app.find_calendars()
        except (SchedulerError, OSError):
            return []

    def _beat(self) -> None:
        self._check_clock()
        detail: dict[str, Any] = {
            "broken": self.rounds.broken,
            "paused": self.rounds.publisher.refused_accounts(),
            "deliveries": len(self.rounds.agenda),
            "clock": self._clock_problem,
        }
        owner = self.rounds.owner.name
        self.rounds.desk.beat(
            Heartbeat(
                owner=owner,
                host=socket.gethostname(),
                process=os.getpid(),
                started_at=self.started_at,
                beat_at=self.clock.now(),
                next_due=self.rounds.agenda.next_due,
                detail=detail,
            )
        )
        dead = [beat.owner for beat in self.rounds.desk.heartbeats() if not self.rounds.owner.is_alive(beat.owner)]
        if dead:
            self.rounds.desk.forget_heartbeats(dead)

    def _check_clock(self) -> None:
        """A clock that went backwards, or leapt by more than a day while running, sends nothing."""
        now = self.clock.now()
        for beat in self.rounds.desk.heartbeats():
            own = beat.owner == self.rounds.owner.name
            if beat.beat_at - now > BACKWARDS:
                self._clock_problem = f"the clock went back: {now:%Y-%m-%d %H:%M} is before the last sign of life"
            elif own and now - beat.beat_at > LEAP:
                self._clock_problem = f"the clock leapt to {now:%Y-%m-%d %H:%M}"
        if self._clock_problem:
            log.critical("nothing is sent: %s. Put it right and start the daemon again.", self._clock_problem)

    def _refresh_limits(self) -> None:
        for account, reason in refresh_all(self.rounds.channels).items():
            log.warning("account=%s limits could not be read: %s", account, reason)

    def _shut_down(self) -> None:
        """What has not committed is released, what is committing gets some seconds, then its claim stays."""
        if self.bell.running:
            self.bell.shutdown(wait=False)
        if self._health_server is not None:
            self._health_server.shutdown()
        finished = self.rounds.publisher.stop(STOP_SECONDS)
        try:
            self.rounds.finish()
            if self._failure is None:  # else it would wait once more for a ledger that is locked
                self.rounds.desk.forget_heartbeats([self.rounds.owner.name])
        except SchedulerError as failure:
            log.error("%s", failure)
        self.rounds.close()
        log.info("stopped cleanly=%s", finished)
        if not finished:
            logging.shutdown()
            os._exit(0 if self._failure is None else 3)
