"""A clock that cannot be right sends and marks nothing: it went back, or leapt by more than a day."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from scheduler.domain.ports import Clock, Heartbeat

LEAP = timedelta(days=1)
BACKWARDS = timedelta(minutes=1)
_MOVED_SECONDS = 2.0


@dataclass
class ClockWatch:
    """Holds the wall clock against the last signs of life and against the machine's steady one.

    `problem` says in words what is wrong, until the program is started again; empty if nothing is.
    """

    clock: Clock
    problem: str = ""
    _offset: float = field(init=False)

    def __post_init__(self) -> None:
        self._offset = self._read_offset()

    def compare(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Look for a sign of life, of any daemon on the ledger, that is ahead of the clock.

        The mark of a round that is over does not count: it stays, and would stop every round until the clock is there.
        """
        now = self.clock.now()
        for beat in heartbeats:
            if not beat.is_round and beat.beat_at - now > BACKWARDS:
                self.problem = f"the clock went back: {now:%Y-%m-%d %H:%M} is before the last sign of life"

    def has_moved(self) -> bool:
        """Return whether somebody moved the clock since the last call, by two seconds or more either way."""
        offset = self._read_offset()
        moved = offset - self._offset
        if abs(moved) < _MOVED_SECONDS:
            return False
        self._offset = offset
        if moved < -BACKWARDS.total_seconds():
            self.problem = f"the clock went back by {timedelta(seconds=-round(moved))}"
        elif moved > LEAP.total_seconds():
            self.problem = f"the clock leapt ahead by {timedelta(seconds=round(moved))}"
        return True

    def _read_offset(self) -> float:
        return self.clock.now().timestamp() - time.monotonic()
