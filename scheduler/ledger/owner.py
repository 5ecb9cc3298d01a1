"""Who publishes from a ledger: an owner is alive while it holds its lock, which the kernel or the server frees."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text

from scheduler.errors import AlreadyRunning, LedgerError
from scheduler.ledger.opening import describe, explain_failures

_POSTGRES_CLASS = 72057594  # the first half of our advisory locks' numbers


@dataclass
class Owner:
    """The right to publish from a ledger. SQLite: one at a time, by a lock on a file beside it. PostgreSQL: any
    number, each by a session's advisory lock.
    """

    engine: Engine
    address: str
    name: str = ""
    _file: IO[str] | None = field(default=None, repr=False)
    _session: Connection | None = field(default=None, repr=False)

    def acquire(self) -> Owner:
        """Take the lock and a name. Raise AlreadyRunning if another process publishes from this SQLite ledger."""
        number = secrets.randbits(31)
        self.name = f"{socket.gethostname()}:{os.getpid()}:{number}"
        if self.engine.dialect.name == "sqlite":
            self._lock_file()
        else:
            with explain_failures(self.address):
                self._session = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._session.execute(text("SELECT pg_advisory_lock(:kind, :number)"), _lock_of(self.name))
        return self

    def is_alive(self, name: str) -> bool:
        """Return whether the owner of that name still holds its lock."""
        if name == self.name:
            return True
        if self.engine.dialect.name == "sqlite":
            return False  # we hold the only lock there is
        with explain_failures(self.address), self.engine.connect() as connection:
            holder = text(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind AND objid = :number "
                "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return connection.execute(holder, _lock_of(name)).first() is not None

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None

    def _lock_file(self) -> None:
        import fcntl

        path = Path(describe(self.address) + ".lock")
        try:
            self._file = path.open("a+", encoding="utf-8")
        except OSError as failure:
            raise LedgerError(f"The lock {path} cannot be made: {failure.strerror}.") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            self._file = None
            raise AlreadyRunning(
                f"Another process publishes from the ledger {describe(self.address)}: {holder or 'unknown'}. "
                "Stop it first, or leave the work to it."
            ) from None
        self._file.truncate(0)
        self._file.write(self.name)
        self._file.flush()


def _lock_of(name: str) -> dict[str, int]:
    return {"kind": _POSTGRES_CLASS, "number": int(name.rpartition(":")[2])}
