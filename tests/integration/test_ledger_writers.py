"""Several that write one ledger at once: nobody trips over another, and nothing is run twice that may be on disk."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Update, create_engine, event, text

from scheduler.domain.delivery import Delivery, PartState, Receipt, Status
from scheduler.domain.ports import Claim, Withdrawn
from scheduler.errors import LedgerError
from scheduler.ledger import statements, tables
from scheduler.ledger.desk import Desk
from scheduler.ledger.opening import open_engine
from scheduler.ledger.transactions import Transaction
from scheduler.ledger.verifying import Verifier
from tests.books import NOW, ONE_PART, Batch, Books, make_delivery


def test_two_that_read_one_new_calendar_note_its_past_once(books: Books) -> None:
    desks = [books.desk, Desk(open_engine(books.address), books.address)]
    deliveries = [make_delivery(f"p{number}") for number in range(200)]
    together = threading.Barrier(2)

    def note(desk: Desk) -> None:
        together.wait()
        desk.note_past(deliveries, "me", NOW)
        desk.keep_revision("a.yaml", "ce", b"one", [delivery.key for delivery in deliveries], who="me", now=NOW)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(note, desk) for desk in desks]:
            done.result()
    assert {record.status for record in books.ledger.records().values()} == {Status.PAST}
    assert [event.kind for event in books.ledger.events()] == ["past", "loaded"]
    assert Verifier(books.owner.engine, books.address).find_tampering() == []
    desks[1].engine.dispose()


def test_what_is_known_already_is_not_noted_as_past(books: Books) -> None:
    known = make_delivery("known")
    books.claim(known)
    books.desk.note_past([known, make_delivery("new")], "me", NOW)
    books.desk.note_past([known], "me", NOW)
    books.desk.note_past([], "me", NOW)
    assert books.status(known) is Status.CLAIMED
    assert [event.kind for event in books.ledger.events()] == ["claimed", "past"]


def test_a_server_that_isolates_more_than_needed_refuses_no_write(postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = postgres_url.rpartition("/")[2]
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"))
    engine.dispose()
    desks = [Desk(open_engine(postgres_url), postgres_url) for _ in range(2)]
    together = threading.Barrier(2)

    def write(desk: Desk, number: int) -> None:
        together.wait()
        for count in range(30):
            desk.pause_account(f"account{number}-{count}", "no", "me", NOW)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, desk, number) for number, desk in enumerate(desks)]:
            done.result()
    assert len(desks[0].accounts()) == 60
    for desk in desks:
        desk.engine.dispose()


@pytest.fixture
def rule(books: Books) -> Books:
    """A ledger with a table whose rule is looked at only at the commit."""
    with books.owner.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE TABLE late (key TEXT REFERENCES delivery (key) DEFERRABLE INITIALLY DEFERRED)"))
    return books


def test_after_a_commit_that_failed_nothing_is_run_again(rule: Books) -> None:
    runs: list[str] = []

    def note(_: Transaction) -> None:
        runs.append("note")

    def fail_at_the_commit(transaction: Transaction) -> None:
        runs.append("fail")
        transaction.connection.execute(text("INSERT INTO late VALUES ('none')"))

    failures = Batch(rule).write(note, fail_at_the_commit, note)
    assert runs == ["note", "fail", "note"]
    assert [type(failure) for failure in failures] == [LedgerError] * 3
    assert all("FOREIGN KEY" in str(failure).upper() for failure in failures)


def test_after_an_operation_that_failed_the_others_are_run_again(rule: Books) -> None:
    runs: list[str] = []

    def note(_: Transaction) -> None:
        runs.append("note")

    def fail(_: Transaction) -> None:
        runs.append("fail")
        raise ValueError("mine")

    failures = Batch(rule).write(note, fail, note)
    assert runs == ["note", "fail", "note", "fail", "note"]
    assert [type(failure) for failure in failures] == [type(None), ValueError, type(None)]


def claim_of(books: Books, delivery: Delivery) -> Callable[[], Claim | None]:
    return lambda: books.ledger.claim(delivery, books.record(delivery), ONE_PART, NOW)


def list_told(books: Books) -> list[tuple[str, str | None]]:
    """Return what the record tells, and fail if it was tampered with or a row is not as it says."""
    assert Verifier(books.owner.engine, books.address).find_tampering() == []
    return [(event.kind, event.key) for event in books.ledger.events()]


def test_claims_that_wait_together_are_made_together(books: Books) -> None:
    deliveries = [make_delivery(account=f"board{number}") for number in range(20)]
    run: list[str] = []
    event.listen(books.owner.engine, "before_cursor_execute", lambda *told: run.append(told[2]))
    claims = [done.result() for done in Batch(books).run(*(claim_of(books, each) for each in deliveries))]
    added = [words for words in run if words.startswith("INSERT")]
    assert [claim.key for claim in claims] == [delivery.key for delivery in deliveries]
    assert len(added) == 3, "one statement for the deliveries, one for their parts, one for their events"
    assert list_told(books) == [("claimed", delivery.key) for delivery in deliveries]
    assert all(books.status(delivery) is Status.CLAIMED for delivery in deliveries)


def test_of_claims_together_the_one_whose_lane_is_busy_is_refused(books: Books) -> None:
    busy, late, free = make_delivery("first"), make_delivery("second"), make_delivery("first", "other")
    books.claim(busy)
    taken = [done.result() for done in Batch(books).run(*(claim_of(books, each) for each in (late, free)))]
    assert [claim and claim.key for claim in taken] == [None, free.key]
    assert books.record(late) is None
    assert list_told(books) == [("claimed", busy.key), ("claimed", free.key)]


def test_claims_that_two_daemons_are_after_take_one_commit_more_and_not_one_each(books: Books) -> None:
    """Else the daemon that is second with each of many posts would never catch up with the other."""
    lost, won = [make_delivery(account=f"board{number}") for number in range(6)], make_delivery(account="free")
    for delivery in lost:
        books.claim(delivery)
    begun: list[str] = []
    event.listen(books.owner.engine, "begin", lambda *_: begun.append("begin"))
    second = [partial(books.ledger.claim, each, None, ONE_PART, NOW) for each in (*lost, won)]
    taken = [done.result() for done in Batch(books).run(*second)]
    assert [claim and claim.key for claim in taken] == [None] * 6 + [won.key]
    assert len(begun) == 3, "the one they waited for, the one that found them to differ, and the one that told them"
    assert list_told(books) == [("claimed", delivery.key) for delivery in (*lost, won)]


def test_what_the_database_refuses_of_statements_together_fails_alone(books: Books) -> None:
    ours, theirs = make_delivery(account="ours"), make_delivery(account="theirs")
    nobodys = {"key": "gone", "number": 0, "account": "ours", "state": PartState.WAITING, "kept": None}

    def add_part_of_nothing() -> None:
        books.ledger.writer.write(lambda transaction: transaction.run("gone", statements.ADD_PARTS, nobodys))

    done = Batch(books).run(claim_of(books, ours), add_part_of_nothing, claim_of(books, theirs))
    assert [type(each.exception()) for each in done] == [type(None), LedgerError, type(None)]
    assert list_told(books) == [("claimed", ours.key), ("claimed", theirs.key)]


def test_of_steps_together_only_the_one_that_was_taken_over_is_withdrawn(books: Books) -> None:
    ours, gone = (books.claim(make_delivery(account=name)) for name in ("ours", "gone"))
    books.ledger.settle(gone, Status.PLANNED, NOW)
    begun = [partial(books.ledger.begin_sending, claim, 0, NOW) for claim in (ours, gone)]
    kept, withdrawn = (done.exception() for done in Batch(books).run(*begun))
    assert kept is None
    assert isinstance(withdrawn, Withdrawn)
    states = {key: record.parts[0].state for key, record in books.ledger.records().items()}
    assert states == {ours.key: PartState.SENDING, gone.key: PartState.WAITING}


def test_a_claim_anew_a_first_claim_and_a_receipt_go_together(books: Books) -> None:
    again, new, sent = (make_delivery(account=name) for name in ("again", "new", "sent"))
    books.ledger.settle(books.claim(again), Status.PLANNED, NOW)
    claim = books.claim(sent)
    books.ledger.begin_sending(claim, 0, NOW)
    settled = partial(books.ledger.settle_part, claim, 0, Receipt("1", "https://example.org/1"), NOW)
    for done in Batch(books).run(claim_of(books, again), settled, claim_of(books, new)):
        done.result()
    assert [books.status(each) for each in (again, new, sent)] == [Status.CLAIMED, Status.CLAIMED, Status.POSTED]
    assert list_told(books)[-3:] == [("claimed", again.key), ("posted", sent.key), ("claimed", new.key)]


def test_two_receipts_of_one_part_are_taken_in_their_order(books: Books) -> None:
    claim = books.claim(make_delivery())
    books.ledger.begin_sending(claim, 0, NOW)
    receipts = [Receipt(name, f"https://example.org/{name}") for name in ("first", "second")]
    for done in Batch(books).run(*(partial(books.ledger.settle_part, claim, 0, each, NOW) for each in receipts)):
        done.result()
    assert [receipt.remote_id for receipt in books.ledger.records()[claim.key].receipts] == ["first"]
    assert [event.detail["kept"] for event in books.ledger.events() if event.kind == "posted"] == [True, False]


def test_after_a_receipt_that_waits_beside_it_a_part_is_not_marked_as_being_sent(books: Books) -> None:
    claim = books.claim(make_delivery())
    books.ledger.begin_sending(claim, 0, NOW)
    receipt = Receipt("1", "https://example.org/1")
    steps = [
        partial(books.ledger.settle_part, claim, 0, receipt, NOW),
        partial(books.ledger.begin_sending, claim, 0, NOW),
    ]
    settled, begun = (done.exception() for done in Batch(books).run(*steps))
    assert settled is None
    assert isinstance(begun, Withdrawn)
    assert list_told(books)[-1] == ("posted", claim.key)


HOT = ("ADD_CLAIM", "CLAIM_ROW", "MARK_SENDING", "KEEP_RECEIPT", "POST_ROW", "FIND_ROW", "CHANGE_ROW", "LAST_EVENT")


@pytest.mark.parametrize("name", HOT)
def test_no_step_of_a_delivery_reads_through_the_ledger(tmp_path: Path, name: str) -> None:
    """Else each post would take longer than the one before it: SQLite tells how it would find the rows."""
    made = Books(f"sqlite:///{tmp_path / 'ledger.db'}")
    statement, seen = getattr(statements, name), list[tuple[str, Any]]()
    names = statement.compile(made.owner.engine).bind_names.values()
    given = {name: 0 if name in {"index", "tried", "attempt", "even_late"} else "x" for name in names}
    given = {name: value for name, value in given.items() if not name.startswith(("param", "status_", "state_"))}
    if isinstance(statement, Update):
        given["state" if statement.table is tables.part else "status"] = "x"
    with made.owner.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: seen.append((told[2], told[3])))
        connection.execute(statement, given)
        words, parameters = seen[0]
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", parameters).all()
    made.close()
    plan = [str(row.detail) for row in rows]
    assert plan
    reading = [step for step in plan if step.startswith("SCAN")]
    assert reading == (["SCAN CONSTANT ROW"] if name == "ADD_CLAIM" else ["SCAN event"] if name == "LAST_EVENT" else [])


def test_where_another_program_holds_the_ledger_all_that_wait_hear_it_at_once(tmp_path: Path) -> None:
    """Not one after the other, each after the whole time that a lock is waited for."""
    made = Books(f"sqlite:///{tmp_path / 'ledger.db'}")
    tried: list[str] = []
    event.listen(made.owner.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=1000"))
    event.listen(made.owner.engine, "before_cursor_execute", lambda *told: tried.append(told[2]))
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(6) as pool:  # the first waits for the lock, and the others for the first
        claims = [pool.submit(claim_of(made, make_delivery(account=f"board{number}"))) for number in range(6)]
    failures = [done.exception() for done in claims]
    other.close()
    made.close()
    assert all(isinstance(failure, LedgerError) and "locked" in str(failure) for failure in failures)
    assert tried.count("BEGIN IMMEDIATE") == 2
