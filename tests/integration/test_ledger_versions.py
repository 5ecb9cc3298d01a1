"""A ledger of an earlier version moves up when it is opened, and nothing in it is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

import scheduler.ledger
from scheduler.domain.delivery import Prepared, PreparedPart, Receipt, Status
from scheduler.ledger.opening import NEWEST, open_engine
from scheduler.ledger.verifying import Verifier
from tests.books import NOW, Books, make_delivery


def _open_as(version: str, address: str) -> None:
    """Make a ledger as a program of that version did."""
    config = Config()
    config.set_main_option("script_location", str(Path(scheduler.ledger.__file__).parent / "migrations"))
    engine = create_engine(address)
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def test_the_first_version_moves_up(address: str) -> None:
    _open_as("0001", address.replace("postgresql://", "postgresql+psycopg://"))
    engine = open_engine(address)
    assert {"kept"} <= {column["name"] for column in inspect(engine).get_columns("part")}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == NEWEST
    engine.dispose()


def test_what_a_platform_keeps_of_a_part_is_there_at_its_next_call(books: Books) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.keep_progress(claim, 0, {"container": "17 “£”"})
    record = books.record(delivery)
    assert record is not None
    assert record.kept == {0: {"container": "17 “£”"}}
    books.ledger.settle(claim, Status.UNKNOWN, NOW)
    books.ledger.keep_absent(books.record(delivery), NOW)  # type: ignore[arg-type]  # it is there
    again = books.ledger.claim(delivery, books.record(delivery), claim.prepared, NOW)
    assert again is not None
    assert again.kept == {0: {"container": "17 “£”"}}
    books.ledger.settle_part(again, 0, Receipt("1"), NOW)
    assert Verifier(books.owner.engine, books.address).find_tampering() == []


@pytest.mark.parametrize("same", [True, False])
def test_a_retry_knows_what_was_kept_only_if_it_sends_the_same(books: Books, same: bool) -> None:
    delivery = make_delivery()
    claim = books.claim(delivery)
    books.ledger.begin_sending(claim, 0, NOW)
    books.ledger.keep_progress(claim, 0, {"film": "17"})
    books.ledger.settle(claim, Status.PLANNED, NOW)
    prepared = claim.prepared if same else Prepared((PreparedPart("Two", {"text": "Two"}),))
    for _ in range(2):  # what was kept of the first try is still there at the third
        again = books.ledger.claim(delivery, books.record(delivery), prepared, NOW)
        assert again is not None
        assert again.kept == ({0: {"film": "17"}} if same else {})
        books.ledger.settle(again, Status.PLANNED, NOW)
    assert Verifier(books.owner.engine, books.address).find_tampering() == []
