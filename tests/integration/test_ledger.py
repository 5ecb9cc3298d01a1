"""The ledger's promises, the same suite on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scheduler.domain.delivery import Receipt, Status
from scheduler.domain.hold import Hold
from scheduler.domain.ports import Withdrawn
from scheduler.errors import AlreadyRunning, LedgerError, UsageError
from scheduler.ledger.opening import open_engine
from scheduler.ledger.transactions import hash_event
from tests.books import NOW, ONE_PART, TWO_PARTS, Books, make_delivery


def test_claim_send_settle(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery, TWO_PARTS)
    assert books.status(delivery) is Status.CLAIMED
    for index in (0, 1):
        books.ledger.begin_sending(claim, index, NOW)
        books.ledger.settle_part(claim, index, Receipt(f"id{index}", f"https://e.org/{index}", {"cid": "c"}), NOW)
    record = books.record(delivery)
    assert record is not None
    assert (record.status, record.prepared, record.attempt) == (Status.POSTED, TWO_PARTS, 1)
    assert [receipt.remote_id for receipt in record.receipts] == ["id0", "id1"]
    assert books.ledger.known_ids("board") == {"id0", "id1"}
    assert [event.kind for event in books.ledger.events()] == ["claimed", "posted", "posted"]


def test_what_is_posted_cannot_be_claimed_again(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.settle_part(claim, 0, Receipt("1"), NOW)
    assert books.ledger.claim(delivery, None, ONE_PART, NOW) is None
    with pytest.raises((DBAPIError, LedgerError)), books.owner.engine.connect() as connection:
        connection.execute(text("UPDATE delivery SET status = 'planned'"))


def test_one_claim_a_lane(books: Books) -> None:
    first, second = make_delivery("a"), make_delivery("b")
    books.claim(first)
    assert books.ledger.claim(second, None, ONE_PART, NOW) is None
    assert books.ledger.claim(make_delivery("b", "other"), None, ONE_PART, NOW) is not None


def test_of_many_claims_one_succeeds(books: Books) -> None:
    delivery = make_delivery()
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: books.ledger.claim(delivery, None, ONE_PART, NOW), range(32)))
    assert sum(claim is not None for claim in claims) == 1


def test_the_last_look_sees_a_hold_placed_after_the_claim(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    hold = books.desk.place_hold(Hold(0, NOW, "duty officer", "mourning", tag="cse"))
    with pytest.raises(Withdrawn) as refused:
        books.ledger.begin_sending(claim, 0, NOW)
    assert refused.value.status is Status.HELD
    books.desk.release_holds([hold.id], "over", "duty officer", NOW)
    books.ledger.begin_sending(claim, 0, NOW)


def test_the_last_look_sees_that_it_is_too_late(books: Books) -> None:
    claim = books.claim(make_delivery())
    with pytest.raises(Withdrawn) as refused:
        books.ledger.begin_sending(claim, 0, NOW + timedelta(hours=3))
    assert refused.value.status is Status.MISSED


@pytest.mark.parametrize(("sending", "parts_out", "status"), [
    (False, 0, Status.PLANNED), (True, 0, Status.UNKNOWN), (False, 1, Status.PARTIAL), (True, 1, Status.UNKNOWN),
])  # fmt: skip
def test_what_a_dead_owner_left(address: str, sending: bool, parts_out: int, status: Status) -> None:
    dead = Books(address)
    delivery = make_delivery()
    claim = dead.claim(delivery, TWO_PARTS)
    for index in range(parts_out):
        dead.ledger.begin_sending(claim, index, NOW)
        dead.ledger.settle_part(claim, index, Receipt(str(index)), NOW)
    if sending:
        dead.ledger.begin_sending(claim, parts_out, NOW)
    dead.close()
    alive = Books(address)
    assert [record.key for record in alive.ledger.take_over(NOW)] == [delivery.key]
    assert alive.status(delivery) is status
    with pytest.raises(Withdrawn):
        alive.ledger.begin_sending(claim, parts_out, NOW)
    assert not alive.ledger.settle(claim, Status.REJECTED, NOW)
    alive.close()


def test_a_living_owner_keeps_its_claims(books: Books, postgres_url: str) -> None:
    if "sqlite" in books.address:
        with pytest.raises(AlreadyRunning):
            Books(books.address)
        return
    delivery = make_delivery()
    books.claim(delivery)
    other = Books(books.address)
    assert other.ledger.take_over(NOW) == []
    assert other.status(delivery) is Status.CLAIMED
    other.close()


def test_a_receipt_is_proof_even_after_a_take_over(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    assert books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error="lost")
    books.ledger.settle_part(claim, 0, Receipt("1"), NOW)
    assert books.status(delivery) is Status.POSTED


def test_an_unknown_found_absent_is_sent_as_it_was(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error="lost")
    record = books.record(delivery)
    assert record is not None
    books.ledger.keep_absent(record, NOW)
    again = books.ledger.claim(delivery, books.record(delivery), ONE_PART, NOW + timedelta(minutes=5))
    assert again is not None
    assert (again.attempt, again.created_at) == (2, NOW)


def test_resolving_by_hand(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    with pytest.raises(UsageError, match="claimed"):
        books.desk.resolve_skip(delivery.key, "no", "me", NOW)
    books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error="lost")
    with pytest.raises(UsageError, match="even-late"):
        books.desk.resolve_retry(delivery.key, "", "me", NOW + timedelta(hours=3), even_late=False)
    books.desk.resolve_retry(delivery.key, "", "me", NOW + timedelta(hours=3), even_late=True)
    assert books.status(delivery) is Status.PLANNED
    books.desk.resolve_skip(delivery.key, "not wanted", "me", NOW)
    assert books.status(delivery) is Status.SKIPPED
    with pytest.raises(UsageError, match="no delivery"):
        books.desk.resolve_skip("ce/none/2027/board", "no", "me", NOW)


def test_events_are_chained_and_final(books: Books) -> None:
    for number in range(3):
        claim = books.claim(make_delivery(f"p{number}", f"account{number}"))
        books.ledger.settle(claim, Status.REJECTED, NOW, kind="rejected", error="Ünïcode “no”")
    with books.owner.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM event ORDER BY seq")).mappings().all()
    assert [row["seq"] for row in rows] == list(range(1, 7))
    chained = ""
    for row in rows:
        chained = hash_event(chained, dict(row))
        assert row["hash"] == chained
    for statement in ("UPDATE event SET who = 'nobody'", "DELETE FROM event", "DELETE FROM delivery"):
        with pytest.raises(DBAPIError), books.owner.engine.connect() as connection:
            connection.execute(text(statement))


def test_revisions_keep_each_new_version(books: Books) -> None:
    keep = books.desk.keep_revision
    assert keep("a.yaml", "ce", b"one", ["ce/a/2027/board"], who="me", now=NOW)
    assert not keep("a.yaml", "ce", b"one", ["ce/a/2027/board"], who="me", now=NOW)
    assert keep("a.yaml", "ce", b"two", ["ce/b/2027/board"], who="me", now=NOW)
    assert books.desk.seen_keys(["ce"]) == {"ce/b/2027/board"}
    last = books.desk.revision("a.yaml")
    assert last is not None
    assert last[1] == b"two"


def test_the_plans_of_a_campaign_of_two_years_are_both_known(books: Books) -> None:
    books.desk.keep_revision("a-2026.yaml", "ce", b"one", ["ce/a/2026/board"], who="me", now=NOW)
    books.desk.keep_revision("a-2027.yaml", "ce", b"two", ["ce/a/2027/board"], who="me", now=NOW)
    assert books.desk.seen_keys(["ce"]) == {"ce/a/2026/board", "ce/a/2027/board"}


def test_one_operation_that_fails_takes_no_other_with_it(books: Books) -> None:
    def fail(_: object) -> None:
        raise ValueError("mine")

    with ThreadPoolExecutor(8) as pool:
        good = [pool.submit(books.claim, make_delivery("p", f"account{number}")) for number in range(20)]
        bad = [pool.submit(books.ledger.writer.write, fail) for _ in range(5)]
    assert all(future.result() for future in good)
    assert all(isinstance(future.exception(), ValueError) for future in bad)
    assert len(books.ledger.records()) == 20


def test_a_newer_ledger_is_left_alone(address: str) -> None:
    made = Books(address)
    with made.owner.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made.close()
    with pytest.raises(LedgerError, match="newer version"):
        open_engine(address)


def test_a_damaged_ledger_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, but somebody's notes" * 100)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="damaged"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_locked_ledger_says_so(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'ledger.db'}"
    books = Books(address)
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="locked by another program"):
        books.claim(make_delivery())
    other.rollback()
    other.close()
    books.claim(make_delivery())
    books.close()


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    books = Books(f"sqlite:///{tmp_path / 'ledger.db'}")
    with books.owner.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    books.owner.engine.dispose()

    from sqlalchemy import event

    @event.listens_for(books.owner.engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 1}")

    with pytest.raises(LedgerError, match="full"):
        for number in range(1000):
            books.claim(make_delivery(f"p{number}", f"a{number}"), ONE_PART)
    books.close()
