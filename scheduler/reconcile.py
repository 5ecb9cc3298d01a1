"""What became of an unknown: looked for where the platform can tell, shown to a person where it cannot."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.delivery import Found, PartState, Receipt, Record, Status
from scheduler.domain.ports import Channel, Clock, Finds
from scheduler.errors import LedgerError, PublishError
from scheduler.ledger.writing import PublishingLedger

log = logging.getLogger(__name__)

LOOKS = 3
"""Looks that find nothing before a person is asked: listings lag behind what was posted."""
_MOST_AT_ONCE = 8


@dataclass
class Reconciler:
    """Looks at unknown deliveries. `wait` is how long after sending a lost request is surely dead.

    `on_unsure` hears of each that a look could not clear up: its key, and what a person is to do. `stopping`, once set,
    ends a run before its next look.
    """

    ledger: PublishingLedger
    channels: Mapping[str, Channel]
    clock: Clock
    wait: timedelta
    on_unsure: Callable[[str, str], None] = lambda _key, _words: None
    stopping: threading.Event = field(default_factory=threading.Event)
    _not_before: dict[str, datetime] = field(default_factory=dict)

    def run(self) -> None:
        """Take over what dead daemons left, and look at every unknown that it is time for, accounts side by side.

        It takes as long as the slowest server. Raise LedgerError if the ledger fails.
        """
        if self.stopping.is_set():
            return
        self.ledger.take_over(self.clock.now())
        lanes: dict[str, list[Record]] = {}
        for record in self.ledger.unsettled().values():
            if record.status is Status.UNKNOWN and self._is_time(record):
                lanes.setdefault(record.account, []).append(record)
        if len(lanes) < 2:
            for records in lanes.values():
                self._look_along(records)
            return
        with ThreadPoolExecutor(min(len(lanes), _MOST_AT_ONCE), thread_name_prefix="look") as pool:
            for done in [pool.submit(self._look_along, records) for records in lanes.values()]:
                done.result()

    def is_left_behind(self) -> bool:
        """Return whether something is claimed by a process that is gone."""
        return bool(self.ledger.list_left_behind())

    def next_look(self) -> datetime | None:
        """Return when the next look is to be taken, None if nothing is to be looked for."""
        times = [
            self._time_of(record)
            for record in self.ledger.unsettled().values()
            if record.status is Status.UNKNOWN and record.looks < LOOKS and record.account in self.channels
        ]
        return min(times, default=None)

    def _look_along(self, records: list[Record]) -> None:
        for record in records:
            if not self.stopping.is_set():
                self._look(record)

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

    def _look(self, record: Record) -> None:
        platform = self.channels[record.account].platform
        if not isinstance(platform, Finds) or record.prepared is None:
            words = f"{platform.title} cannot say whether it is out. Look there, then use `campaign resolve`."
            self._keep_unsure(record, LOOKS, None, words)
            return
        index = len(record.receipts)
        try:
            found = self._find(platform, record, index)
        except LedgerError:
            raise
        except Exception as failure:  # one that cannot be looked for must not keep the others from it
            if not isinstance(failure, PublishError):
                log.exception("delivery=%s: a look failed within the program", record.key)
            words = str(failure) or type(failure).__name__
            log.warning("delivery=%s cannot be looked for: %s", record.key, words)
            self._not_before[record.key] = self.clock.now() + self.wait
            self.on_unsure(record.key, f"It cannot be looked for: {words} Look there, then use `campaign resolve`.")
            return
        self._not_before.pop(record.key, None)
        self._keep(record, index, found)

    def _find(self, platform: Finds, record: Record, index: int) -> Receipt | Found:
        if record.prepared is None:
            raise ValueError("a look needs what was sent")
        with self.channels[record.account].open(
            lambda: None,
            key=record.key,
            created_at=record.created_at,
            sent_after=_sending_at(record),
            earlier=record.receipts,
            bound=lambda: self.ledger.known_ids(record.account),
            kept=record.kept.get(index, {}),
        ) as context:
            return platform.find(record.prepared.parts[index], index, context)

    def _keep(self, record: Record, index: int, found: Receipt | Found) -> None:
        now = self.clock.now()
        if isinstance(found, Receipt) and self.channels[record.account].platform.capabilities.by_hand:
            found = Found.ABSENT  # the card is there, and to lay it ready once more makes no second one
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

    def _keep_unsure(self, record: Record, looks: int, next_look: datetime | None, words: str) -> None:
        self.ledger.keep_unsure(record, self.clock.now(), looks, next_look, words)
        self.on_unsure(record.key, words)


def _sending_at(record: Record) -> datetime:
    """Return when the part in doubt was last being sent."""
    for part in record.parts:
        if part.state is PartState.SENDING and part.sending_at is not None:
            return part.sending_at
    return record.settled_at
