"""Who publishes from a ledger: an owner is alive while it holds its lock, which the kernel or the server frees."""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text

from scheduler.errors import AlreadyRunning, LedgerError
from scheduler.ledger.opening import describe, explain_failures

_POSTGRES_CLASS = 72057594  # the first half of our advisory locks' numbers

_LOCKS = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind AND objid = :number AND objsubid = 2 "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_FIND_HOLDER = text(_LOCKS)
_FIND_OWN = text(f"{_LOCKS} AND pid = pg_backend_pid()")

# The lock's session says nothing between two signs of life; PostgreSQL before 14 has no such time to switch off.
_STAY_OPEN = text(
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout' AND setting <> '0'"
)


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
                self._session.execute(_STAY_OPEN)
                self._session.execute(text("SELECT pg_advisory_lock(:kind, :number)"), _lock_of(self.name))
        return self

    def check(self) -> None:
        """Raise LedgerError if the lock is not held any more: others may then take over what is claimed by this owner.

        To be called at every sign of life, from one thread. No write needs it: each names the owner and the attempt
        that it expects, and changes nothing once another has taken over.
        """
        if not self._holds_lock():
            raise LedgerError(
                f"This process has lost its lock on the ledger {describe(self.address)}: its file was replaced, or its "
                "connection was cut. Others may be publishing from it, so nothing more is sent from here. Start again."
            )

    def _holds_lock(self) -> bool:
        if self.engine.dialect.name == "sqlite":
            return self._holds_file()
        if self._session is None:
            return False
        try:
            with explain_failures(self.address):
                return self._session.execute(_FIND_OWN, _lock_of(self.name)).first() is not None
        except LedgerError:  # the session is gone, and the lock with it
            return False

    def _holds_file(self) -> bool:
        """Return whether the file that is locked is still the one that others would try to lock."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False

    def is_alive(self, name: str) -> bool:
        """Return whether the owner of that name still holds its lock; it may be this owner's own.

        Raise LedgerError if that cannot be told.
        """
        if self.engine.dialect.name == "sqlite":
            self.check()  # as long as we hold the only lock there is, nobody else does
            return name == self.name
        with explain_failures(self.address), self.engine.connect() as connection:
            return connection.execute(_FIND_HOLDER, _lock_of(name)).first() is not None

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None

    @property
    def _path(self) -> Path:
        """The file to lock: beside the ledger itself, by whatever link it was named."""
        return Path(f"{Path(describe(self.address)).resolve()}.lock")

    @staticmethod
    def _take_lock(file: IO[str]) -> None:
        """Lock a file, or raise OSError if another process has it: for longer than a look takes (see below)."""
        import fcntl

        for _ in range(4):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.05)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lock_file(self) -> None:
        path = self._path
        try:
            self._file = path.open("a+", encoding="utf-8")
        except OSError as failure:
            raise LedgerError(f"The lock {path} cannot be made: {failure.strerror}.") from None
        try:
            self._take_lock(self._file)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            self._file = None
            raise AlreadyRunning(
                f"Another process publishes from the ledger {describe(self.address)}: {_say_owner(holder)}. "
                "Stop it first, or leave the work to it."
            ) from None
        self._file.truncate(0)
        self._file.write(self.name)
        self._file.flush()


def is_published_from(ledger: Engine, address: str, name: str) -> bool:
    """Return whether the owner of that name holds its lock, asked by somebody who holds none.

    On SQLite, whether anybody does; where that cannot be told (the ledger is on another machine), it is believed.
    """
    if ledger.dialect.name != "sqlite":
        with explain_failures(address), ledger.connect() as connection:
            return connection.execute(_FIND_HOLDER, _lock_of(name)).first() is not None
    import fcntl

    try:
        with Owner(ledger, address)._path.open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _say_owner(name: str) -> str:
    """Return the owner of a name as people know a process, such as `process 7045 on vm`."""
    host, _, rest = name.partition(":")
    return f"process {rest.partition(':')[0]} on {host}" if rest else "its name is not known"


def _lock_of(name: str) -> dict[str, int]:
    return {"kind": _POSTGRES_CLASS, "number": int(name.rpartition(":")[2])}
