"""A ledger to which everything has happened that can."""

from __future__ import annotations

from datetime import timedelta

from scheduler.domain.delivery import Delivery, Receipt, Record, Status
from scheduler.domain.hold import Hold
from tests.books import NOW, ONE_PART, TWO_PARTS, Books, make_delivery

LATER = NOW + timedelta(minutes=10)


def write_history(address: str) -> Books:
    """Return the books of a ledger with every kind of history in it, each on an account of its own."""
    _leave_claims(address)
    books = Books(address)
    books.ledger.take_over(LATER)
    _post(books)
    _settle_without_sending(books)
    _resolve_unknowns(books)
    _resolve_by_hand(books)
    _hold_and_pause(books)
    books.claim(make_delivery("p", "at-work"), TWO_PARTS)
    return books


def lose(books: Books, account: str, parts_out: int = 0) -> Record:
    """Return the row of a thread of two of whose parts some are out, and the next may be."""
    delivery = make_delivery("p", account)
    claim = books.claim(delivery, TWO_PARTS)
    for index in range(parts_out):
        books.ledger.begin_sending(claim, index, NOW)
        books.ledger.settle_part(claim, index, Receipt(f"{account}-{index}", f"https://e.org/{account}"), NOW)
    books.ledger.begin_sending(claim, parts_out, NOW)
    assert books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error="no answer")
    return read(books, delivery)


def read(books: Books, delivery: Delivery) -> Record:
    """Return the row of a delivery that has one."""
    record = books.record(delivery)
    assert record is not None
    return record


def send(books: Books, delivery: Delivery) -> None:
    """Send what a row says is to be sent, part by part."""
    record = books.record(delivery)
    prepared = record.prepared if record and record.is_under_way and record.prepared else TWO_PARTS
    claim = books.ledger.claim(delivery, record, prepared, LATER)
    assert claim is not None
    for index in range(len(claim.receipts), 2):
        books.ledger.begin_sending(claim, index, LATER)
        receipt = Receipt(f"{delivery.key}-{index}", f"https://e.org/{delivery.key}", {"cid": "c"})
        books.ledger.settle_part(claim, index, receipt, LATER)


def _leave_claims(address: str) -> None:
    """What a dead owner leaves: not begun, half out, and in doubt."""
    dead = Books(address)
    dead.claim(make_delivery("p", "dead-waiting"), TWO_PARTS)
    for account, parts_out in (("dead-partial", 1), ("dead-unknown", 0)):
        claim = dead.claim(make_delivery("p", account), TWO_PARTS)
        dead.ledger.begin_sending(claim, 0, NOW)
        if parts_out:
            dead.ledger.settle_part(claim, 0, Receipt(account, "https://e.org/dead"), NOW)
    dead.close()


def _post(books: Books) -> None:
    send(books, make_delivery("p", "posted"))
    send(books, make_delivery("p", "dead-waiting"))
    send(books, make_delivery("p", "dead-partial"))
    retried = make_delivery("p", "retried")
    claim = books.claim(retried, TWO_PARTS)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.settle(claim, Status.PLANNED, NOW, kind="unavailable", error="no route", next_try=LATER)
    send(books, retried)


def _settle_without_sending(books: Books) -> None:
    ledger = books.ledger
    claim = books.claim(make_delivery("p", "rejected"))
    ledger.settle(claim, Status.REJECTED, NOW, kind="rejected", error="too long")
    for account, status in (("missed", Status.MISSED), ("held", Status.HELD), ("put-off", Status.PLANNED)):
        ledger.note(make_delivery("p", account), None, status, "a reason", NOW, next_try=LATER)
    for account in ("rebooked-missed", "rebooked-held"):
        delivery = make_delivery("p", account)
        ledger.note(delivery, None, Status.MISSED if "missed" in account else Status.HELD, "a reason", NOW)
        send(books, make_delivery("p", account, LATER))
    past = [make_delivery(f"old{number}", "past", NOW - timedelta(days=number + 1)) for number in range(3)]
    books.desk.note_past(past, "me", NOW)
    send(books, make_delivery("old0", "past", LATER))
    books.desk.resolve_skip(past[1].key, "old", "me", NOW)


def _resolve_unknowns(books: Books) -> None:
    ledger = books.ledger
    found = Receipt("found", "https://e.org/found", {"cid": "c"})
    ledger.keep_found(lose(books, "found-first"), 0, found, LATER)
    ledger.keep_found(lose(books, "found-last", 1), 1, found, LATER)
    for account, parts_out in (("absent", 0), ("absent-second", 1), ("doubted", 0)):
        ledger.keep_absent(lose(books, account, parts_out), LATER)
    assert ledger.keep_doubt(read(books, make_delivery("p", "doubted")), LATER, "the key is forgotten")
    send(books, make_delivery("p", "absent"))
    send(books, make_delivery("p", "absent-second"))
    unsure = lose(books, "unsure")
    ledger.keep_unsure(unsure, LATER, 1, LATER, "not seen")
    ledger.keep_unsure(unsure, LATER, 2, None, "ask a person")


def _resolve_by_hand(books: Books) -> None:
    desk = books.desk
    for account, parts_out in (("hand-posted", 0), ("hand-posted-rest", 1)):
        desk.resolve_posted(lose(books, account, parts_out).key, "https://e.org/hand", "me", LATER)
    for account, parts_out in (("hand-retried", 0), ("hand-retried-rest", 1), ("hand-late", 0)):
        desk.resolve_retry(lose(books, account, parts_out).key, "not out", "me", LATER, even_late="late" in account)
        send(books, make_delivery("p", account))
    desk.resolve_skip(lose(books, "hand-skipped").key, "not wanted", "me", LATER)
    skipped = lose(books, "hand-skipped-then-retried")
    desk.resolve_skip(skipped.key, "not wanted", "me", LATER)
    desk.resolve_retry(skipped.key, "wanted", "me", LATER, even_late=True)
    books.ledger.note(make_delivery("p", "hand-missed"), None, Status.MISSED, "late", NOW)
    desk.resolve_posted(make_delivery("p", "hand-missed").key, "https://e.org/hand", "me", LATER)
    refused = make_delivery("p", "hand-mended")
    books.ledger.settle(books.claim(refused), Status.REJECTED, NOW, kind="rejected", error="too long")
    desk.resolve_retry(refused.key, "mended", "me", LATER, even_late=False)
    late = make_delivery("p", "late-receipt")
    claim = books.claim(late, ONE_PART)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error="no answer")
    desk.resolve_posted(late.key, "https://e.org/hand", "me", LATER)
    books.ledger.settle_part(claim, 0, Receipt("late", "https://e.org/late"), LATER)  # no more than told again


def _hold_and_pause(books: Books) -> None:
    desk = books.desk
    holds = [
        desk.place_hold(Hold(0, NOW, "duty officer", "mourning", **scope))
        for scope in ({}, {"campaign": "other"}, {"account": "x"}, {"tag": "y"}, {"exempt": frozenset({"ce/p"})})
    ]
    assert desk.release_holds([holds[0].id, holds[4].id], "over", "me", LATER) == 2
    assert desk.release_holds([holds[0].id, holds[1].id], "over, too", "me", LATER) == 1
    for account in ("board", "second"):
        desk.pause_account(account, "refused", "me", NOW)
    desk.pause_account("second", "refused again", "me", LATER)
    desk.resume_account("board", "me", LATER)
    for content in (b"one", b"two"):
        desk.keep_revision("a.yaml", "ce", content, ["ce/p/2027/board"], who="me", now=NOW)
    desk.accept_ledger(1, "a test", "me", LATER)
