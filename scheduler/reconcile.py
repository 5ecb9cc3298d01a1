"""What became of an unknown: looked for where the platform can tell, shown to a person where it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.delivery import PartState, Receipt, Record, Status
from scheduler.domain.ports import Channel, Clock, Finds, Found
from scheduler.errors import PublishError
from scheduler.ledger.writing import PublishingLedger

log = logging.getLogger(__name__)

LOOKS = 3
"""Looks that find nothing before a person is asked: listings lag behind what was posted."""


@dataclass
class Reconciler:
    """Looks at unknown deliveries. `wait` is how long after sending a lost request is surely dead.

    `on_unsure` hears of each that a look could not clear up: its key, and what a person is to do.
    """

    ledger: PublishingLedger
    channels: Mapping[str, Channel]
    clock: Clock
    wait: timedelta
    on_unsure: Callable[[str, str], None] = lambda _key, _words: None
    _not_before: dict[str, datetime] = field(default_factory=dict)

    def run(self) -> list[str]:
        """Take over what dead daemons left, look at every unknown that it is time for, and return the keys settled."""
        self.ledger.take_over(self.clock.now())
        settled = []
        for record in self.ledger.unsettled().values():
            if record.status is Status.UNKNOWN and self._is_time(record) and self._look(record):
                settled.append(record.key)
        return settled

    def next_look(self) -> datetime | None:
        """Return when the next look is to be taken, None if nothing is to be looked for."""
        times = [
            self._time_of(record)
            for record in self.ledger.unsettled().values()
            if record.status is Status.UNKNOWN and record.looks < LOOKS and record.account in self.channels
        ]
        return min(times, default=None)

    def _time_of(self, record: Record) -> datetime:
        """An own key can be looked up at once; elsewhere the lost request must be surely dead first."""
        capabilities = self.channels[record.account].platform.capabilities
        earliest = _sending_at(record)
        if capabilities.repeat.idempotency is not Idempotency.OWN_KEY:
            earliest += self.wait
        later = [time for time in (record.next_try, self._not_before.get(record.key)) if time is not None]
        return max([earliest, *later])

    def _is_time(self, record: Record) -> bool:
        if record.account not in self.channels or record.looks >= LOOKS:
            return False
        return self._time_of(record) <= self.clock.now()

    def _look(self, record: Record) -> bool:
        channel, now = self.channels[record.account], self.clock.now()
        platform = channel.platform
        index = len(record.receipts)
        if not isinstance(platform, Finds) or record.prepared is None:
            words = f"{platform.title} cannot say whether it is out. Look there, then use `campaign resolve`."
            self._keep_unsure(record, LOOKS, None, words)
            return False
        try:
            with channel.open(
                lambda: None,
                key=record.key,
                created_at=record.created_at,
                sent_after=_sending_at(record),
                earlier=record.receipts,
                bound=lambda: self.ledger.known_ids(record.account),
            ) as context:
                found = platform.find(record.prepared.parts[index], index, context)
        except PublishError as failure:
            log.warning("delivery=%s cannot be looked for: %s", record.key, failure)
            self._not_before[record.key] = now + self.wait
            self.on_unsure(record.key, f"It cannot be looked for: {failure} Look there, then use `campaign resolve`.")
            return False
        return self._keep(record, index, found)

    def _keep(self, record: Record, index: int, found: Receipt | Found) -> bool:
        now = self.clock.now()
        if isinstance(found, Receipt):
            self.ledger.keep_found(record, index, found, now)
            log.info("delivery=%s found url=%s", record.key, found.url)
        elif found is Found.ABSENT:
            self.ledger.keep_absent(record, now)
            log.info("delivery=%s is not out", record.key)
        else:
            looks = record.looks + 1
            words = "It was not found, which proves nothing. Look there, then use `campaign resolve`."
            next_look = None if looks >= LOOKS else now + self.wait * 2**looks
            self._keep_unsure(record, looks, next_look, words)
            return False
        return True

    def _keep_unsure(self, record: Record, looks: int, next_look: datetime | None, words: str) -> None:
        self.ledger.keep_unsure(record, self.clock.now(), looks, next_look, words)
        self.on_unsure(record.key, words)


def _sending_at(record: Record) -> datetime:
    """Return when the part in doubt was last being sent."""
    for part in record.parts:
        if part.state is PartState.SENDING and part.sending_at is not None:
            return part.sending_at
    return record.settled_at
