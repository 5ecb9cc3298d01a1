"""Whatever a server answers or a person types, the ledger takes it: half a surrogate pair, and NUL."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from scheduler.domain.delivery import Prepared, PreparedPart, Receipt, Status
from scheduler.domain.hold import Hold
from scheduler.domain.ports import Heartbeat
from scheduler.ledger.prepared import read_prepared, write_prepared
from scheduler.ledger.verifying import Verifier
from scheduler.ledger.words import clean_values, clean_words
from tests.books import NOW, TWO_PARTS, Books, make_delivery

WILD = "text \ud83d is \x00 too long 🏴‍☠️"
TAME = "text \ufffd is \ufffd too long 🏴‍☠️"


def find_tampering(books: Books) -> list[str]:
    return Verifier(books.owner.engine, books.address).find_tampering()


@pytest.mark.parametrize(("words", "clean"), [(WILD, TAME), ("", ""), ("plain", "plain"), ("a\x00", "a\ufffd")])
def test_only_what_databases_refuse_is_replaced(words: str, clean: str) -> None:
    assert clean_words(words) == clean


def test_every_text_within_a_value_is_cleaned() -> None:
    value = {"a\x00": [WILD, 1, None, True, {"b": (WILD,)}]}
    assert clean_values(value) == {"a\ufffd": [TAME, 1, None, True, {"b": [TAME]}]}


def test_a_failure_is_settled_whatever_the_server_said(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    assert books.ledger.settle(claim, Status.UNKNOWN, NOW, kind="unknown", error=WILD)
    record = books.record(delivery)
    assert record is not None
    assert (record.status, record.error) == (Status.UNKNOWN, TAME)
    books.ledger.keep_unsure(record, NOW, 1, None, WILD)
    assert [event.detail.get("reason") for event in books.ledger.events()][-1] == TAME
    assert find_tampering(books) == []


def test_a_receipt_is_kept_whatever_it_holds(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery, TWO_PARTS)
    for index in (0, 1):
        books.ledger.begin_sending(claim, index, NOW)
        books.ledger.settle_part(claim, index, Receipt(WILD, WILD, {"cid": WILD, "\x00": "a"}), NOW)
    record = books.record(delivery)
    assert record is not None
    assert record.receipts == (Receipt(TAME, TAME, {"cid": TAME, "\ufffd": "a"}),) * 2
    assert books.ledger.known_ids("board") == {TAME}
    assert find_tampering(books) == []


def test_a_note_and_a_decision_are_kept(books: Books) -> None:
    delivery = make_delivery()
    assert books.ledger.note(delivery, None, Status.MISSED, WILD, NOW)
    books.desk.resolve_retry(delivery.key, WILD, WILD, NOW, even_late=True)
    books.desk.resolve_skip(delivery.key, WILD, WILD, NOW)
    record = books.record(delivery)
    assert record is not None
    assert record.error == TAME
    books.desk.resolve_posted(delivery.key, WILD, WILD, NOW)
    assert [event.who for event in books.ledger.events()][-1] == TAME
    assert find_tampering(books) == []


def test_holds_accounts_calendars_and_signs_of_life_are_kept(books: Books) -> None:
    hold = books.desk.place_hold(Hold(0, NOW, WILD, WILD, campaign=WILD, exempt=frozenset({WILD})))
    books.desk.release_holds([hold.id], WILD, WILD, NOW + timedelta(hours=1))
    released = books.desk.holds()[0]
    assert (released.reason, released.campaign, released.release_reason) == (TAME, TAME, TAME)
    books.desk.pause_account("board", WILD, WILD, NOW)
    assert books.desk.accounts() == {"board": TAME}
    assert books.desk.keep_revision(WILD, "ce", b"one", [], who=WILD, now=NOW)
    assert not books.desk.keep_revision(WILD, "ce", b"one", [], who=WILD, now=NOW)
    assert books.desk.revision(WILD) is not None
    books.desk.beat(Heartbeat(books.owner.name, WILD, 1, NOW, NOW, None, {"broken": {WILD: 1}, "clock": WILD}))
    beat = books.desk.heartbeats()[0]
    assert (beat.host, beat.detail) == (TAME, {"broken": {TAME: 1}, "clock": TAME})
    assert find_tampering(books) == []


def test_a_key_that_nobody_could_have_written_is_looked_up(books: Books) -> None:
    assert books.ledger.records([WILD]) == {}
    assert books.ledger.events([WILD]) == []


def test_what_is_prepared_comes_back_as_it_was(books: Books) -> None:
    wild = Prepared((PreparedPart(WILD, {"text": WILD, "facets": [1, {"a": WILD}]}, links=(WILD,)),))
    words = write_prepared(wild)
    words.encode()
    assert json.loads(words)
    assert read_prepared(words) == wild
    delivery = make_delivery()
    books.claim(delivery, wild)
    record = books.record(delivery)
    assert record is not None
    assert record.prepared == wild
