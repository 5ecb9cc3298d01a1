"""Who publishes: an owner knows when its lock is gone, and never takes a living one for dead."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scheduler.domain.delivery import Status
from scheduler.domain.ports import Withdrawn
from scheduler.errors import AlreadyRunning, LedgerError
from scheduler.ledger.opening import open_engine
from tests.books import NOW, Books, make_delivery

_CUT = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number AND granted"
)


def cut_session(books: Books) -> None:
    """End the session that holds an owner's lock, as a firewall or an administrator does, and see it ended."""
    engine = create_engine(books.address)
    with engine.connect() as connection:
        ended = connection.execute(_CUT, {"number": int(books.owner.name.rpartition(":")[2])}).scalars().all()
    engine.dispose()
    assert ended == [True]


def test_an_owner_holds_its_lock_until_it_gives_it_back(books: Books) -> None:
    books.owner.check()
    assert books.owner.is_alive(books.owner.name)
    assert not books.owner.is_alive("elsewhere:1:7")
    name = books.owner.name
    books.owner.release()
    with pytest.raises(LedgerError, match="lost its lock"):
        books.owner.check()
    if "sqlite" in books.address:
        with pytest.raises(LedgerError, match="lost its lock"):
            books.owner.is_alive("elsewhere:1:7")
    else:
        until = time.monotonic() + 60  # a server needs a moment to end a session
        while books.owner.is_alive(name):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_an_owner_whose_session_was_cut_knows_it(postgres_url: str) -> None:
    first, second = Books(postgres_url), Books(postgres_url)
    delivery = make_delivery()
    claim = first.claim(delivery)
    assert second.ledger.take_over(NOW) == []
    cut_session(first)
    for _ in range(2):  # it does not come back by asking again
        with pytest.raises(LedgerError, match="lost its lock"):
            first.owner.check()
    assert not first.owner.is_alive(first.owner.name)
    assert [record.key for record in second.ledger.take_over(NOW)] == [delivery.key]
    with pytest.raises(Withdrawn):
        first.ledger.begin_sending(claim, 0, NOW)
    assert second.status(delivery) is Status.PLANNED
    second.owner.check()
    first.close()
    second.close()


def test_a_lock_is_not_cut_for_being_idle(postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = postgres_url.rpartition("/")[2]
        connection.execute(text(f"ALTER DATABASE {name} SET idle_session_timeout = '300ms'"))
    engine.dispose()
    books = Books(postgres_url)
    books.owner.engine.dispose()  # what is idle in the pool may be cut
    with create_engine(postgres_url).connect() as connection:
        connection.execute(text("SET idle_session_timeout = 0"))
        connection.execute(text("SELECT pg_sleep(1)"))
    books.owner.check()
    books.close()


def test_a_lock_file_that_was_replaced_is_no_lock(tmp_path: Path) -> None:
    books = Books(f"sqlite:///{tmp_path / 'ledger.db'}")
    (tmp_path / "ledger.db.lock").unlink()
    other = Books(books.address)
    with pytest.raises(LedgerError, match="lost its lock"):
        books.owner.check()
    other.owner.check()
    other.close()
    books.close()


def test_a_ledger_named_by_a_link_has_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    books = Books(f"sqlite:///{tmp_path / 'real' / 'ledger.db'}")
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "ledger.db")
    with pytest.raises(AlreadyRunning):
        Books(f"sqlite:///{tmp_path / 'link.db'}")
    books.close()


def test_a_server_notices_soon_that_a_machine_with_the_lock_is_gone(postgres_url: str) -> None:
    """Else nobody could write until its own system notices, after hours."""
    engine = open_engine(postgres_url)
    watched = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    for _ in range(2):  # at a second use of the connection too, after what was begun was taken back
        with engine.connect() as connection:
            assert [connection.execute(text(f"SHOW {name}")).scalar() for name in watched] == ["20", "10", "3"]
    engine.dispose()
