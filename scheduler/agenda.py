"""The plan as the daemon walks through it: what is ahead, and what is due and not settled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from scheduler.domain.delivery import Delivery, Status

FINAL = frozenset(
    {
        Status.POSTED,
        Status.SKIPPED,
        Status.PAST,
        Status.MISSED,
        Status.REJECTED,
        Status.HELD,
        Status.UNKNOWN,
        Status.HANDED,
    }
)
"""Nothing is done about these by a round; a person, a look or a new time brings them back."""


class Agenda:
    """Deliveries in order of due time, with a mark at now. It keeps references, and renders nothing."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self._all = deliveries
        self._passed = 0
        self._open: dict[str, Delivery] = {}

    def advance(self, now: datetime) -> None:
        """Move the mark to `now`: what fell due since becomes open."""
        moved = bisect_right(self._all, now, lo=self._passed, key=lambda delivery: delivery.due)
        for delivery in self._all[self._passed : moved]:
            self._open[delivery.key] = delivery
        self._passed = moved

    @property
    def open(self) -> list[Delivery]:
        """Return what is due and not settled, in order of due time."""
        return sorted(self._open.values(), key=lambda delivery: delivery.due)

    @property
    def all(self) -> Sequence[Delivery]:
        """Return every delivery of the plan, in order of due time."""
        return self._all

    def is_current(self, delivery: Delivery) -> bool:
        """Return whether it is due, not settled, and still the plan's own: not of a version that was replaced."""
        return self._open.get(delivery.key) is delivery

    def is_open_for(self, account: str) -> bool:
        """Return whether something of an account is due and not settled."""
        return any(delivery.account == account for delivery in list(self._open.values()))

    def close(self, keys: Iterable[str]) -> None:
        """Take deliveries out of what is open."""
        for key in keys:
            self._open.pop(key, None)

    def reopen(self, keys: Iterable[str]) -> None:
        """Put deliveries of the plan back into what is open, wherever in time they stand."""
        wanted = set(keys) - self._open.keys()
        if wanted:
            self._open.update((delivery.key, delivery) for delivery in self._all if delivery.key in wanted)

    def restrict(self, keys: Collection[str]) -> None:
        """Keep only deliveries with these keys."""
        passed = self._all[: self._passed]
        self._passed = sum(delivery.key in keys for delivery in passed)
        self._all = [delivery for delivery in self._all if delivery.key in keys]
        self._open = {key: delivery for key, delivery in self._open.items() if key in keys}

    @property
    def next_due(self) -> datetime | None:
        """Return when the next delivery falls due, in UTC; None if none is ahead."""
        return self._all[self._passed].due if self._passed < len(self._all) else None

    def __len__(self) -> int:
        return len(self._all)
