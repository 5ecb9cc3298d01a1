"""Whatever waits together ends as if each had waited for the one before it: answers, rows and events."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scheduler.domain.delivery import Receipt, Record, Status
from scheduler.domain.ports import Claim
from scheduler.errors import LedgerError
from scheduler.ledger import tables
from scheduler.ledger.verifying import Verifier
from tests.books import NOW, ONE_PART, TWO_PARTS, Batch, Books, make_delivery

BATCHES = 40
DELIVERIES = [make_delivery(f"post-{post}", f"board{lane}") for post in range(4) for lane in range(3)]
ENDS = (Status.PLANNED, Status.UNKNOWN, Status.REJECTED, Status.PARTIAL)

Call = tuple[str, tuple[Any, ...]]
"""A method of a ledger that writes once, and what it is given."""


@pytest.fixture
def in_turn(tmp_path: Path) -> Iterator[Books]:
    made = Books(f"sqlite:///{tmp_path / 'in-turn.db'}")
    yield made
    made.close()


def choose_call(chance: random.Random, seen: Mapping[str, Record], claims: list[Claim], now: datetime) -> Call:
    """Return what a thread might do of what it saw a moment ago. Much of it is right no more, and some never was."""
    if claims and chance.random() < 0.55:
        return choose_step(chance, chance.choice(claims[-4:]), now)
    delivery = chance.choice(DELIVERIES)
    record = seen.get(delivery.key) if chance.random() < 0.9 else None
    if record is not None and record.status is Status.UNKNOWN and chance.random() < 0.7:
        return "keep_absent", (record, now)
    if chance.random() < 0.1:
        return "note", (delivery, record, Status.MISSED, "late", now)
    kept = record.prepared if record is not None and record.is_under_way else None
    return "claim", (delivery, record, kept or chance.choice([ONE_PART, TWO_PARTS]), now)


def choose_step(chance: random.Random, claim: Claim, now: datetime) -> Call:
    """Return a step of a claim that may have ended, or been lost, long ago."""
    index, name = chance.randrange(len(claim.prepared.parts)), str(chance.randrange(99))
    steps: list[Call] = [
        ("begin_sending", (claim, index, now)),
        ("keep_progress", (claim, index, {"box": name})),
        ("settle_part", (claim, index, Receipt(name, f"https://example.org/{name}"), now)),
        ("settle", (claim, chance.choice(ENDS), now)),
    ]
    return chance.choices(steps, [6, 2, 6, 3])[0]


def run(books: Books, call: Call) -> object:
    """Return what a call answers, or what it raised."""
    name, given = call
    try:
        return getattr(books.ledger, name)(*given)
    except LedgerError:
        return LedgerError, "each database has words of its own"
    except Exception as failure:
        return type(failure), str(failure)


def read_all(books: Books) -> dict[str, list[tuple[Any, ...]]]:
    with books.owner.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (tables.delivery, tables.part, tables.event)
        }


@pytest.mark.parametrize("seed", range(3))
def test_together_is_as_in_turn(books: Books, in_turn: Books, seed: int) -> None:
    chance, claims, answers = random.Random(seed), list[Claim](), list[object]()
    books.ledger.owner = in_turn.ledger.owner = "the same"
    for number in range(BATCHES):
        now, seen = NOW + timedelta(seconds=number), books.ledger.records()
        calls = [choose_call(chance, seen, claims, now) for _ in range(chance.randint(2, 7))]
        waiting: list[Callable[[], object]] = [partial(run, books, call) for call in calls]
        together = [done.result() for done in Batch(books).run(*waiting)]
        assert together == [run(in_turn, call) for call in calls], calls
        assert read_all(books) == read_all(in_turn), calls
        claims += [each for each in together if isinstance(each, Claim)]
        answers += together
    assert Verifier(books.owner.engine, books.address).find_tampering() == []
    assert Status.POSTED in {record.status for record in books.ledger.records().values()}
    assert len(claims) > BATCHES / 4
    assert sum(answer is None for answer in answers) > BATCHES, "what was done"
    assert sum(isinstance(answer, tuple) for answer in answers) > BATCHES / 4, "what was refused"
