"""What a person decides about a delivery: what is sent again is what may be out, and a decision holds for its time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.domain.delivery import PartState, Status
from scheduler.domain.policy import Action, decide
from scheduler.errors import UsageError
from scheduler.ledger import tables
from scheduler.ledger.transactions import Transaction
from tests.books import NOW, ONE_PART, TWO_PARTS, Books, make_delivery
from tests.histories import lose, read

LATE = NOW + timedelta(hours=3)


def test_an_unknown_skipped_and_then_wanted_is_sent_as_it_was(books: Books) -> None:
    lost = lose(books, "board")
    books.desk.resolve_skip(lost.key, "not wanted", "me", NOW)
    books.desk.resolve_retry(lost.key, "wanted after all", "me", NOW, even_late=False)
    record = read(books, make_delivery("p"))
    assert (record.status, record.prepared, record.created_at) == (Status.PLANNED, TWO_PARTS, lost.created_at)
    again = books.ledger.claim(make_delivery("p"), record, TWO_PARTS, NOW + timedelta(minutes=5))
    assert again is not None
    assert again.created_at == lost.created_at


def test_an_unknown_that_is_retried_twice_is_still_as_it_was(books: Books) -> None:
    lost = lose(books, "board")
    for _ in range(2):
        books.desk.resolve_retry(lost.key, "", "me", NOW, even_late=False)
        books.desk.resolve_skip(lost.key, "no", "me", NOW)
    books.desk.resolve_retry(lost.key, "", "me", NOW, even_late=False)
    assert read(books, make_delivery("p")).prepared == TWO_PARTS


def test_what_was_refused_is_rendered_anew(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.settle(claim, Status.REJECTED, NOW, kind="rejected", error="too long")
    books.desk.resolve_retry(delivery.key, "mended", "me", NOW, even_late=False)
    record = read(books, delivery)
    assert (record.status, record.prepared) == (Status.PLANNED, None)


def test_what_never_left_is_rendered_anew(books: Books) -> None:
    delivery = make_delivery()
    books.ledger.settle(books.claim(delivery), Status.HELD, NOW, kind="held", error="a hold")
    books.desk.resolve_retry(delivery.key, "", "me", NOW, even_late=False)
    assert read(books, delivery).prepared is None


def test_even_late_is_for_the_time_it_was_given_for(books: Books) -> None:
    delivery = make_delivery()
    books.ledger.note(delivery, None, Status.MISSED, "late", LATE)
    books.desk.resolve_retry(delivery.key, "", "me", LATE, even_late=True)
    record = read(books, delivery)
    assert (record.even_late, record.due) == (True, NOW)
    assert decide(delivery, record, (), LATE).action is Action.SEND
    moved = make_delivery(due=NOW + timedelta(days=1))
    assert decide(moved, record, (), LATE).action is Action.WAIT
    assert decide(moved, record, (), moved.not_after + timedelta(minutes=1)).action is Action.MISS
    claim = books.ledger.claim(moved, record, ONE_PART, moved.due)
    assert claim is not None
    assert not claim.even_late
    assert not read(books, delivery).even_late


def test_a_retry_looks_at_the_row_when_it_is_its_turn(books: Books) -> None:
    """A part that is found while a person decides is not sent again."""
    lost = lose(books, "board")
    begun, go_on = threading.Event(), threading.Event()

    def find(transaction: Transaction) -> None:
        begun.set()
        go_on.wait(30)
        first = update(tables.part).where(tables.part.c.key == lost.key, tables.part.c.number == 0)
        sent_at = tables.write_time(NOW)
        found = {"state": PartState.POSTED, "remote_id": "1", "url": "u", "data": "{}", "sent_at": sent_at}
        transaction.connection.execute(first.values(**found))
        transaction.connection.execute(update(tables.delivery).values(status=Status.PARTIAL))

    with ThreadPoolExecutor(2) as pool:
        finding = pool.submit(books.ledger.writer.write, find)
        assert begun.wait(30)
        retrying = pool.submit(books.desk.resolve_retry, lost.key, "", "me", LATE, even_late=True)
        threading.Timer(0.3, go_on.set).start()  # what looked too early, has looked by then
        finding.result()
        retrying.result()
    record = read(books, make_delivery("p"))
    assert (record.status, len(record.receipts)) == (Status.PARTIAL, 1)
    assert record.prepared == TWO_PARTS


def test_what_is_not_there_or_settled_cannot_be_tried_again(books: Books) -> None:
    with pytest.raises(UsageError, match="no delivery"):
        books.desk.resolve_retry("ce/none/2027/board", "", "me", NOW, even_late=True)
    delivery = make_delivery()
    books.claim(delivery)
    with pytest.raises(UsageError, match="claimed"):
        books.desk.resolve_retry(delivery.key, "", "me", NOW, even_late=True)
