"""A ledger with one owner and a desk beside it, and deliveries to write into it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from scheduler.domain.campaign import Campaign, Part, Post
from scheduler.domain.delivery import Delivery, Prepared, PreparedPart, Record, Status
from scheduler.domain.ports import Claim
from scheduler.domain.problem import Place
from scheduler.ledger.desk import Desk
from scheduler.ledger.opening import open_engine
from scheduler.ledger.owner import Owner
from scheduler.ledger.transactions import Transaction
from scheduler.ledger.writing import PublishingLedger

NOW = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
PLACE = Place("a.yaml", 1, 1)
TWO_PARTS = Prepared((PreparedPart("One “£” 🏴‍☠️", {"text": "One"}), PreparedPart("Two", {"text": "Two"})))
ONE_PART = Prepared(TWO_PARTS.parts[:1])


def make_delivery(post: str = "think", account: str = "board", due: datetime = NOW) -> Delivery:
    made = Post(post, due, timedelta(hours=2), (Part("Think.", PLACE),), (account,), PLACE, tags=frozenset({"cse"}))
    return Delivery(Campaign("ce", "CE", "a.yaml", date(2027, 3, 18), (made,)), made, account)


class Books:
    """One owner's ledger and the desk beside it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.owner = Owner(open_engine(address), address).acquire()
        self.ledger = PublishingLedger(self.owner)
        self.desk = Desk(self.owner.engine, address)

    def close(self) -> None:
        self.owner.release()
        self.owner.engine.dispose()

    def claim(self, delivery: Delivery, prepared: Prepared = ONE_PART) -> Claim:
        claim = self.ledger.claim(delivery, self.record(delivery), prepared, NOW)
        assert claim is not None
        return claim

    def record(self, delivery: Delivery) -> Record | None:
        return self.ledger.records([delivery.key]).get(delivery.key)

    def status(self, delivery: Delivery) -> Status | None:
        record = self.record(delivery)
        return None if record is None else record.status


class Batch:
    """Operations that are committed together: they wait while the first one keeps the only turn to write."""

    def __init__(self, books: Books) -> None:
        self.writer = books.ledger.writer
        self.begun, self.go_on = threading.Event(), threading.Event()

    def write(self, *operations: Callable[[Transaction], None]) -> list[BaseException | None]:
        """Return what came of each."""
        return [done.exception() for done in self.run(*(partial(self.writer.write, each) for each in operations))]

    def run(self, *calls: Callable[[], Any]) -> list[Future[Any]]:
        """Return what came of calls that write once each, in this order."""
        with ThreadPoolExecutor(len(calls) + 1) as pool:
            first = pool.submit(self.writer.write, self._wait)
            self.begun.wait(30)
            waiting = []
            for count, call in enumerate(calls, 1):
                waiting.append(pool.submit(call))
                while len(self.writer._waiting) < count:
                    time.sleep(0.005)
            self.go_on.set()
            first.result()
            return waiting

    def _wait(self, _: Transaction) -> None:
        self.begun.set()
        self.go_on.wait(30)
