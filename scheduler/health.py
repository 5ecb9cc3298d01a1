"""Is all well? One answer for `campaign status` and for the health page, from the ledger and the calendars."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.domain.delivery import Delivery, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, decide
from scheduler.ledger.reading import Reader

OVERDUE = timedelta(minutes=2)
SILENT = timedelta(minutes=2)


@dataclass
class Health:
    """What the ledger and the calendars say of the daemon's work at a moment; times are aware, UTC."""

    next_due: datetime | None = None
    overdue: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    broken_calendars: list[str] = field(default_factory=list)
    unauthorised: dict[str, str] = field(default_factory=dict)
    heartbeat_age: float | None = None
    clock: str = ""

    @property
    def red(self) -> list[str]:
        """Return why somebody must look, in words; empty if all is well."""
        reasons = [self.clock] if self.clock else []
        reasons += [f"calendar broken: {file}" for file in self.broken_calendars]
        reasons += [f"overdue: {key}" for key in self.overdue]
        reasons += [f"unknown: {key}" for key in self.unknown]
        reasons += [f"partly out, and stopped: {key}" for key in self.partial]
        reasons += [f"unauthorised: {name}" for name in self.unauthorised]
        if self.heartbeat_age is None:
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
            "held": self.held,
            "holds": [{"id": hold.id, "scope": hold.scope, "reason": hold.reason} for hold in self.holds],
            "broken_calendars": self.broken_calendars,
            "unauthorised": self.unauthorised,
            "heartbeat_age_seconds": self.heartbeat_age,
        }


def read_health(
    ledger: Reader | None, deliveries: Iterable[Delivery], broken: Collection[str], now: datetime
) -> Health:
    """Return how things stand. `ledger` is None where there is none yet; `broken` are the calendars with errors."""
    health = Health(broken_calendars=sorted(broken))
    if ledger is None:
        return health
    holds, records = ledger.holds(), ledger.standings()
    ahead = []
    for delivery in deliveries:
        record = records.get(delivery.key)
        action = decide(delivery, record, holds, now).action
        if action is Action.HOLD:
            health.held.append(delivery.key)
        elif action is Action.ASK and record is not None and record.status is Status.PARTIAL:
            health.partial.append(delivery.key)
        elif action is Action.SEND and now - delivery.due > OVERDUE:
            health.overdue.append(delivery.key)
        elif action is Action.WAIT and delivery.due > now:
            ahead.append(delivery.due)
    health.next_due = min(ahead, default=None)
    health.unknown = [key for key, record in records.items() if record.status is Status.UNKNOWN]
    health.holds = [hold for hold in holds if hold.is_active(now)]
    health.unauthorised = ledger.accounts()
    _read_heartbeat(ledger, health, now)
    return health


def _read_heartbeat(ledger: Reader, health: Health, now: datetime) -> None:
    beats = ledger.heartbeats()
    if beats:
        health.heartbeat_age = max((now - beats[0].beat_at).total_seconds(), 0.0)
        health.broken_calendars = sorted({*health.broken_calendars, *beats[0].detail.get("broken", ())})
        health.clock = str(beats[0].detail.get("clock") or "")


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
