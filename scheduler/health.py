"""Is all well? One answer for `campaign status` and for the health page, from the ledger and the calendars."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, decide
from scheduler.ledger.reading import Reader

OVERDUE = timedelta(minutes=2)
OVERDUE_BETWEEN_ROUNDS = timedelta(minutes=15)
NO_ROUND = timedelta(days=1)
SILENT = timedelta(minutes=2)
STUCK = timedelta(minutes=10)  # longer than the slowest upload may take
AHEAD = timedelta(minutes=1)


@dataclass
class Health:
    """What the ledger and the calendars say of the daemon's work at a moment; times are aware, UTC.

    `last_round` is when the last `campaign run --once` ended, `round_age` how many seconds ago; None if a daemon has
    left a sign of life. Rounds from cron are late by minutes: there more time passes until work counts as overdue.

    `held_over` are those of `held` that fell due during a hold which is released: they wait for a person.
    """

    next_due: datetime | None = None
    overdue: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    held_over: list[str] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    broken_calendars: list[str] = field(default_factory=list)
    unauthorised: dict[str, str] = field(default_factory=dict)
    heartbeat_age: float | None = None
    last_round: datetime | None = None
    round_age: float = 0.0
    late_tasks: list[str] = field(default_factory=list)
    clock: str = ""
    ledger: str = ""

    @property
    def patience(self) -> timedelta:
        """Return how long after its time work counts as overdue."""
        return OVERDUE if self.last_round is None else OVERDUE_BETWEEN_ROUNDS

    @property
    def red(self) -> list[str]:
        """Return why somebody must look, in words; empty if all is well."""
        reasons = [words for words in (self.ledger, self.clock) if words]
        reasons += [f"calendar broken: {file}" for file in self.broken_calendars]
        reasons += [f"overdue: {key}" for key in self.overdue]
        reasons += [f"unknown: {key}" for key in self.unknown]
        reasons += [f"partly out, and stopped: {key}" for key in self.partial]
        reasons += [f"to be posted by hand, and its time is over: {key}" for key in self.late_tasks]
        reasons += [f"unauthorised: {name}" for name in self.unauthorised]
        if self.last_round is not None:
            if self.round_age > NO_ROUND.total_seconds():
                reasons.append(f"`campaign run --once` was not run for {self.round_age / 3600:.0f} hours")
        elif self.heartbeat_age is None:
            reasons.append("no daemon is running")
        elif self.heartbeat_age > SILENT.total_seconds():
            reasons.append(f"the daemon gave no sign of life for {self.heartbeat_age:.0f} seconds")
        return reasons

    def fields(self) -> dict[str, Any]:
        """Return it as JSON output gives it; documented in the README and stable."""
        return {
            "red": self.red,
            "next_due_utc": None if self.next_due is None else _write(self.next_due),
            "overdue": self.overdue,
            "unknown": self.unknown,
            "partial": self.partial,
            "tasks": self.tasks,
            "held": self.held,
            "held_over": self.held_over,
            "holds": [{"id": hold.id, "scope": hold.scope, "reason": hold.reason} for hold in self.holds],
            "broken_calendars": self.broken_calendars,
            "unauthorised": self.unauthorised,
            "heartbeat_age_seconds": self.heartbeat_age,
            "last_round_utc": None if self.last_round is None else _write(self.last_round),
        }


def read_health(
    ledger: Reader | None, deliveries: Iterable[Delivery], broken: Collection[str], now: datetime
) -> Health:
    """Return how things stand. `ledger` is None where there is none yet; `broken` are the calendars with errors."""
    health = Health(broken_calendars=sorted(broken))
    if ledger is None:
        health.next_due = min((delivery.due for delivery in deliveries if delivery.due > now), default=None)
        return health
    holds, records = ledger.holds(), ledger.standings()
    resting = _read_heartbeats(ledger, health, now)
    for delivery in deliveries:
        _sort(delivery, records.get(delivery.key), holds, resting, now, health)
    health.unknown = [key for key, record in records.items() if record.status is Status.UNKNOWN]
    health.tasks = [key for key, record in records.items() if record.status is Status.HANDED]
    health.late_tasks = [key for key in health.tasks if records[key].not_after < now]
    health.holds = [hold for hold in holds if hold.is_active(now)]
    health.unauthorised = ledger.accounts()
    return health


def _sort(
    delivery: Delivery,
    record: Record | None,
    holds: Sequence[Hold],
    resting: Mapping[str, datetime],
    now: datetime,
    health: Health,
) -> None:
    """Put a delivery where it belongs."""
    decision = decide(delivery, record, holds, now)
    if decision.action is Action.HOLD:
        health.held.append(delivery.key)
        if any(hold.released_at is not None and hold.words_when_over in decision.reason for hold in holds):
            health.held_over.append(delivery.key)
    elif decision.action is Action.ASK and record is not None and record.status is Status.PARTIAL:
        health.partial.append(delivery.key)
    elif decision.action is Action.WAIT and delivery.due > now:
        health.next_due = min(health.next_due or delivery.due, delivery.due)
    elif (
        _is_overdue(delivery, record, decision.action, now, health.patience)
        and resting.get(delivery.account, now) <= now
    ):
        health.overdue.append(delivery.key)


def _is_overdue(delivery: Delivery, record: Record | None, action: Action, now: datetime, patience: timedelta) -> bool:
    """Return whether what should have happened did not: sent, recorded as missed, or ended while being sent."""
    match action:
        case Action.SEND:
            return now - delivery.due > patience
        case Action.MISS:
            unrecorded = record is None or record.status is not Status.MISSED
            return unrecorded and now - delivery.not_after > patience
        case _:
            return record is not None and record.status is Status.CLAIMED and now - record.settled_at > STUCK


def _read_heartbeats(ledger: Reader, health: Health, now: datetime) -> dict[str, datetime]:
    """Note what the daemons say of themselves, and return until when each account rests that does."""
    beats = ledger.heartbeats()
    resting = {}
    for beat in beats:
        for account, until in beat.detail.get("resting", {}).items():
            resting[account] = datetime.fromisoformat(until)
        if not beat.is_round:  # what was broken then may be mended since
            health.broken_calendars = sorted({*health.broken_calendars, *beat.detail.get("broken", ())})
        health.clock = health.clock or str(beat.detail.get("clock") or "")
    if beats and beats[0].beat_at - now > AHEAD:
        health.clock = health.clock or "the clock went back: the last sign of life is ahead of it"
    daemons = [beat for beat in beats if not beat.is_round]
    for newest in (daemons or beats)[:1]:
        age = max((now - newest.beat_at).total_seconds(), 0.0)
        if daemons:
            health.heartbeat_age = age
        else:
            health.last_round, health.round_age = newest.beat_at, age
    return resting


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
