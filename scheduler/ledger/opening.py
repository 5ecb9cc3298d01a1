"""Opening a ledger: its engine, its pragmas, its version, and plain words for what a database may answer."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from scheduler.errors import LedgerError

NEWEST = "0002"
"""The version of the tables that this program writes: the last migration. A test holds it against the folder."""

_BUSY_SECONDS = 10
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
_SQLITE = "sqlite:///"

_KEEP_WATCH = {
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A connection that was cut on the way is noticed within a minute, idle or not, instead of hours: seconds, the last
milliseconds (PostgreSQL's manual, "Parameter Key Words", checked 2026-11-25). What the ledger's address says itself
goes first.
"""


_WATCH_CLIENT = "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
"""The same from the server's side, whose default is its system's: two hours on Linux (its manual, "Connections and
Authentication", checked 2026-11-25). Where the two share a machine, without effect.
"""


def open_engine(address: str, *, create: bool = True) -> Engine:
    """Return an engine on a ledger whose tables are of this version, making or moving them up if `create`.

    Raise LedgerError if it is damaged, locked, of a newer version, or missing and not to be made.
    """
    if address.startswith(_SQLITE):
        path = Path(address.removeprefix(_SQLITE))
        if not create and not path.exists():
            raise LedgerError(f"There is no ledger {path} yet: it is made when the daemon first runs.")
        if create:
            _make_folder(path)
    try:
        engine = _sqlite(address) if address.startswith(_SQLITE) else _postgresql(address)
    except ModuleNotFoundError:
        hint = "Install it where this program is: pip install 'campaign-scheduler[postgres]', or -e '.[postgres]'."
        raise LedgerError(f"What talks to PostgreSQL is not installed here. {hint}") from None
    weakref.finalize(engine, engine.pool.dispose)  # at the end of the process: SQLite then puts its files in order
    with explain_failures(address):
        version = _read_version(engine)
        if version is not None and version > NEWEST:
            raise LedgerError(
                f"The ledger {describe(address)} was written by a newer version of this program ({version}; this one "
                f"knows {NEWEST}). Nothing was changed: install the newer version again."
            )
        if version != NEWEST:
            if not create and version is None:
                raise LedgerError(f"There is no ledger at {describe(address)} yet.")
            _migrate(engine)
    return engine


def describe(address: str) -> str:
    """Return a ledger's address without the password it may hold."""
    if address.startswith(_SQLITE):
        return address.removeprefix(_SQLITE)
    return "postgresql://" + address.partition("://")[2].rpartition("@")[2]


@contextmanager
def explain_failures(address: str) -> Iterator[None]:
    """Turn what a database raises into a LedgerError that says what happened, where, and what to do."""
    try:
        yield
    except SQLAlchemyError as failure:
        raise LedgerError(_explain(failure, describe(address))) from None


def _explain(failure: SQLAlchemyError, where: str) -> str:
    reason = str(failure.orig) if isinstance(failure, DBAPIError) else type(failure).__name__
    reason = reason.strip().splitlines()[0] if reason.strip() else type(failure).__name__
    if "locked" in reason:
        return f"The ledger {where} is locked by another program. Close what has it open, and try again."
    if "full" in reason:
        return f"The disk of the ledger {where} is full. Nothing more is sent until there is room on it."
    if "malformed" in reason or "not a database" in reason or "file is encrypted" in reason:
        return (
            f"The ledger {where} is damaged ({reason}). It was left as it is: restore it from a backup, "
            "for it says what was posted already."
        )
    if isinstance(failure, OperationalError) and "unable to open" in reason:
        return f"The ledger {where} cannot be opened. Check that its folder is there and may be written to."
    return f"The ledger {where} cannot be used: {reason}"


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise LedgerError(f"The ledger's folder {path.parent} cannot be made: {failure.strerror}.") from None


def _sqlite(address: str) -> Engine:
    engine = create_engine(
        address, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, pool_size=5, max_overflow=100
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where this program says so
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _postgresql(address: str) -> Engine:
    # Each statement must see what the writer before has committed, whatever the server's default is.
    given = make_url(address).query
    watched = {name: value for name, value in _KEEP_WATCH.items() if name not in given}
    engine = create_engine(
        address, pool_size=5, max_overflow=100, isolation_level="READ COMMITTED", connect_args=watched
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # The server too must notice soon that this machine is gone, with a lock that all writers wait for.
        with connection.cursor() as cursor:
            cursor.execute(_WATCH_CLIENT)
        connection.commit()

    return engine


def begin_writing(connection: Connection, lock: int) -> None:
    """Begin a transaction as the only writer: on SQLite of the file, on PostgreSQL among those that ask for this lock.

    The right is taken at once: waiting for it later, after reading, could only fail. SQLAlchemy could call this at each
    begin, but then it would look for more such calls around every statement, which costs a third of its time.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(_TAKE_LOCK, {"lock": lock})


def _read_version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection, connection.begin():
        begin_writing(connection, 7205759403)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
