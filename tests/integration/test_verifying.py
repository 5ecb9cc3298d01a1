"""`campaign ledger verify` names what was changed behind the program's back, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, LargeBinary, Table, and_, create_engine, delete, insert, select, text
from sqlalchemy import update as change

from scheduler.ledger import tables
from scheduler.ledger.verifying import Verifier
from tests.boards import Project, write_utc
from tests.books import Books
from tests.histories import write_history

TAMPERINGS = {
    "an event's words": ("UPDATE event SET who = 'nobody' WHERE seq = 7", "event 7 ("),
    "an event taken out": ("DELETE FROM event WHERE seq = 7", "event 7: it is missing"),
    "an event made unreadable": ("UPDATE event SET detail = '{' WHERE seq = 7", "event 7 ("),
    "all events of a row": (
        "DELETE FROM event WHERE key LIKE '%/posted'",
        "/posted: it is posted, and no event says why",
    ),
    "a status": (
        "UPDATE delivery SET status = 'skipped' WHERE key LIKE '%/posted'",
        "it is skipped, but the last event",
    ),
    "what was sent": ("UPDATE delivery SET prepared = replace(prepared, 'One', 'Won')", "not what was claimed"),
    "no word of what was sent": ("UPDATE delivery SET prepared = NULL, digest = NULL", "not what was claimed"),
    "what was sent, and its digest": ("UPDATE delivery SET prepared = 'x', digest = 'x'", "not what was claimed"),
    "a due time": ("UPDATE delivery SET due = '2020' WHERE key LIKE '%/missed'", "/missed: its due is '2020'"),
    "what was past": ("UPDATE delivery SET due = '2020' WHERE status = 'past'", "/past: its due is '2020'"),
    "a post that would go out again": ("DELETE FROM part; DELETE FROM delivery", "/posted: its row is gone"),
    "a receipt": ("DELETE FROM part WHERE key LIKE '%/posted'", "part 0 of ce/p/2027/posted: its row is gone"),
    "a part set back": (
        "UPDATE part SET state = 'sending' WHERE state = 'posted'",
        "it is sending, and the events say",
    ),
    "a receipt out of nothing": (
        "UPDATE part SET state = 'posted', url = 'x', remote_id = '1'",
        "no event says that it is",
    ),
    "an address": ("UPDATE part SET url = 'https://example.org' WHERE url <> ''", "no event says that it is at"),
    "when it left": ("UPDATE part SET sent_at = '2020' WHERE state = 'posted'", "its sent_at is '2020'"),
    "a hold": ("DELETE FROM hold WHERE id = 2", "hold 2: its row is gone"),
    "whom a hold lets through": ("UPDATE hold SET exempt = '[\"ce/p\"]' WHERE id = 3", "hold 3: its exempt is"),
    "a hold that is over": ("UPDATE hold SET released_at = '2027' WHERE id = 3", "hold 3: its released_at is '2027'"),
    "a plan": ("UPDATE revision SET content = plan", "it is not what was loaded"),
    "all plans": ("DELETE FROM revision", "revision 1: its row is gone"),
    "a pause": ("DELETE FROM account", "account second: its row is gone"),
}

UNTOLD = {("part", "kept"), ("part", "sending_at")}
"""No event says when a part was begun, only what came of it."""


@pytest.fixture
def books(address: str) -> Iterator[Books]:
    made = write_history(address)
    yield made
    made.close()


def find_tampering(books: Books) -> list[str]:
    return Verifier(books.owner.engine, books.address).find_tampering()


@contextmanager
def open_behind(books: Books) -> Iterator[Engine]:
    """Give an engine on the ledger without the rules that keep it: what whoever owns the machine can do."""
    engine = create_engine(books.address)
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in tables.metadata.tables:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    yield engine
    engine.dispose()


def test_whatever_happened_is_no_tampering(books: Books) -> None:
    assert find_tampering(books) == []


@pytest.mark.parametrize(("statements", "named"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_named(books: Books, statements: str, named: str) -> None:
    with open_behind(books) as engine, engine.connect() as connection, connection.begin():
        for statement in statements.split(";"):
            connection.execute(text(statement))
    assert any(named in sentence for sentence in find_tampering(books)), find_tampering(books)


def spoil(column: Column[Any], value: Any) -> Any:
    """Return another value for a column."""
    if isinstance(column.type, LargeBinary):
        return b"spoilt"
    return (value or 0) + 1000 if column.type.python_type is int else f"{value or ''}x"


def pick_rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Return rows to spoil, of those that are verified whole: what is not posted tells no more than that it is not."""
    rows = [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
    if table is tables.part:
        rows = [row for row in rows if row["state"] == "posted"]
    return [rows[0], rows[-1]]


def test_no_column_of_any_table_can_be_changed(books: Books) -> None:
    unseen = set()
    with open_behind(books) as engine, engine.connect() as connection:
        for table in (tables.delivery, tables.part, tables.event, tables.hold, tables.revision, tables.account):
            for row in pick_rows(connection, table):
                for column in table.c:
                    changed = {**row, column.name: spoil(column, row[column.name])}
                    _replace(connection, table, row, changed)
                    if not find_tampering(books):
                        unseen.add((table.name, column.name))
                    _replace(connection, table, changed, row)
    assert unseen == UNTOLD
    assert find_tampering(books) == []


def _replace(connection: Connection, table: Table, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    is_it = and_(*(column == before[column.name] for column in table.primary_key))
    connection.execute(change(table).where(is_it).values(**after))
    connection.commit()


def test_no_row_of_any_table_can_be_taken_out_or_put_in(books: Books) -> None:
    unseen = []
    with open_behind(books) as engine, engine.connect() as connection:
        for table in (tables.delivery, tables.part, tables.hold, tables.revision, tables.account):
            row = pick_rows(connection, table)[0]
            is_it = and_(*(column == row[column.name] for column in table.primary_key))
            connection.execute(delete(table).where(is_it))
            connection.commit()
            unseen += [] if find_tampering(books) else [f"{table.name} taken out"]
            connection.execute(insert(table).values(**row))
            other = row | {column.name: spoil(column, row[column.name]) for column in table.primary_key}
            connection.execute(insert(table).values(**other))
            connection.commit()
            unseen += [] if find_tampering(books) else [f"{table.name} put in"]
            is_other = and_(*(column == other[column.name] for column in table.primary_key))
            connection.execute(delete(table).where(is_other))
            connection.commit()
    assert unseen == []
    assert find_tampering(books) == []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    now = datetime.now(UTC)
    made.write_calendar(
        f"campaign: a\ndate: {now.date()}\ntimezone: UTC\naccounts: [board, second]\nposts:\n"
        f"  - {{id: think, when: {write_utc(now)}, text: Think.}}\n"
    )
    made.run("run", "--once", code=0)
    return made


def test_the_command_says_whether_the_record_is_whole(project: Project) -> None:
    done = project.run("ledger", "verify", code=0)
    assert done.stdout == ""
    assert "0 signs of tampering" in done.stderr
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        connection.execute("UPDATE part SET sent_at = '2020-01-01T00:00:00+00:00' WHERE account = 'second'")
    connection.close()
    done = project.run("ledger", "verify", code=1)
    assert "second: its sent_at is" in done.stdout
    assert "1 sign of tampering" in done.stderr
