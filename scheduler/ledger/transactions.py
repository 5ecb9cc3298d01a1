"""One writer at a time, many writes to a commit: whoever comes first commits for all who wait.

A commit to disk costs far more than the rows in it. Lanes that claim or settle at the same moment share one.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Insert, RootTransaction, Update

from scheduler.domain.hold import Hold
from scheduler.errors import LedgerError
from scheduler.ledger import statements, tables
from scheduler.ledger.opening import begin_writing, explain_failures
from scheduler.ledger.reading import read_hold
from scheduler.ledger.words import clean_values, clean_words

Result = TypeVar("Result")

_CHAIN_LOCK = 7205759404  # any number of our own, the same for every program that writes a ledger


_UNTOLD = frozenset({"key", "campaign", "post", "occurrence", "account", "prepared"})
"""Columns of a delivery that events need not repeat: its ids are in its key, and a digest tells what was prepared."""


class OperationsDiffer(Exception):
    """One of several operations found a row other than it expected: which one, only its own statements can tell."""


class Transaction:
    """A write under way. Nobody else writes until it ends; its events are chained when it does.

    One of many operations runs the statements that all of them need together, when all are known; each is told
    at once that its rows were changed, as they nearly always are. If one was not, OperationsDiffer is raised: then
    nothing may be committed, and all are to be run anew, not together, so that each is told the truth.
    """

    def __init__(self, connection: Connection, *, together: bool = False) -> None:
        self._connection = connection
        self._together = together
        self._operation = 0
        self._queue: dict[Insert | Update, list[Mapping[str, Any]]] = {each: [] for each in statements.COMMON}
        self._queued: dict[str, int] = {}
        self._events: list[tuple[str, str, str | None, str, str]] = []
        self._set: dict[str, dict[str, Any]] = {}

    @property
    def connection(self) -> Connection:
        """The connection; all that was to be changed until now has been."""
        self._run_queue()
        return self._connection

    def begin_operation(self) -> None:
        """Begin the next operation: of one delivery, what two operations do is done in their order."""
        self._operation += 1

    def run(self, key: str, statement: Insert | Update, *rows: Mapping[str, Any]) -> bool:
        """Run one of the common statements for a delivery. Return whether it changed as many rows as are given."""
        if not self._together:
            return bool(self._connection.execute(statement, rows).rowcount == len(rows))
        if self._queued.setdefault(key, self._operation) != self._operation:
            self._run_queue()
            self._queued[key] = self._operation
        self._queue[statement].extend(rows)
        return True

    def _run_queue(self) -> None:
        """Run what is queued. Raise OperationsDiffer if one of the rows was not as its operation expected it."""
        if not self._queued:
            return
        self._queued.clear()
        for statement, rows in self._queue.items():
            if rows and self._connection.execute(statement, rows).rowcount != len(rows):
                raise OperationsDiffer
            self._queue[statement] = []

    def change(self, key: str, statement: Insert | Update, values: Mapping[str, Any], **where: Any) -> bool:
        """Set columns of a delivery's row; `where` are the statement's other parameters. Return whether a row changed.

        What was set is told in the next event that is recorded of this key: by that the row can be verified.
        """
        parameters = {**where, **values}
        if statement in statements.COMMON:
            done = self.run(key, statement, parameters)
        else:
            done = self.connection.execute(statement, parameters).rowcount != 0
        if not done:  # of an insert of given values, a driver may tell nothing
            return False
        told = {name: value for name, value in values.items() if name not in _UNTOLD}
        self._set.setdefault(key, {}).update(told)
        return True

    def record(self, kind: str, key: str | None, who: str, at: datetime, **detail: Any) -> None:
        """Add an event to the record."""
        changed = self._set.pop(key, None) if key else None
        if changed:
            detail["row"] = changed
        words = json.dumps(clean_values(detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self._events.append((tables.write_time(at), kind, key and clean_words(key), clean_words(who), words))

    @cached_property
    def holds_in_force(self) -> list[Hold]:
        """The holds not released when first asked for: every lane of a transaction looks, and nobody else writes."""
        return [read_hold(row) for row in self._connection.execute(statements.LIST_HOLDS_IN_FORCE)]

    def chain_events(self) -> None:
        """Write the events, each with a hash over itself and the hash before it, after all that they tell of."""
        self._run_queue()
        if not self._events:
            return
        last = self.connection.execute(statements.LAST_EVENT).first()
        seq, chained = (last.seq, last.hash) if last else (0, "")
        rows = []
        for at, kind, key, who, detail in self._events:
            seq += 1
            row = {"seq": seq, "at": at, "kind": kind, "key": key, "who": who, "detail": detail}
            chained = hash_event(chained, row)
            rows.append({**row, "hash": chained})
        self.connection.execute(statements.ADD_EVENTS, rows)


def hash_event(before: str, row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an event's columns and of the hash before it, in hexadecimal."""
    words = json.dumps([before, *(row[name] for name in ("seq", "at", "kind", "key", "who", "detail"))])
    return hashlib.sha256(words.encode()).hexdigest()


class _CommitFailed(LedgerError):
    """The commit itself failed: all of it may be on disk or nothing, so that nothing of it may be run again."""


class _NotBegun(LedgerError):
    """Nobody may write now: each operation by itself would wait as long, one after the other, to be told the same."""


_BROKEN_OFF = "The ledger's commit was broken off within the program: what was to be recorded may be on disk or not."


@dataclass(slots=True)
class _Entry(Generic[Result]):
    """A write that waits. `signal` is held until the write is done, or until its thread is to commit for all.

    It has failed until it is known to be on disk: if the thread that commits is broken off, nobody takes it for done.
    """

    operation: Callable[[Transaction], Result]
    signal: threading.Lock
    done: bool = False
    result: Result | None = None
    failure: BaseException | None = field(default_factory=lambda: LedgerError(_BROKEN_OFF))


@dataclass(slots=True)
class Writer:
    """Runs operations on a ledger, those that wait at the same moment in one transaction."""

    engine: Engine
    address: str
    _waiting: list[_Entry[Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _busy: bool = False

    def write(self, operation: Callable[[Transaction], Result]) -> Result:
        """Run the operation in a transaction and return what it returns, once that is on disk.

        Raise what it raises (then nothing of it is written), or LedgerError if the database fails; if that was at the
        commit, it may be written all the same. An operation may run again if another of the same transaction failed or
        found something other than it expected: it must do nothing but write and return.
        """
        entry = _Entry(operation, threading.Lock())
        entry.signal.acquire()
        with self._lock:
            self._waiting.append(entry)
            leads, self._busy = not self._busy, True
        if not leads:
            entry.signal.acquire()
        if not entry.done:
            self._commit_all()
        if entry.failure is not None:
            raise entry.failure
        return entry.result  # type: ignore[return-value]  # done, and not failed

    def _commit_all(self) -> None:
        """Commit what waits, then let each of those threads go on, and one of those that came meanwhile take over."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            self._run(batch)
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._busy = bool(following)
            for entry in following + batch:
                entry.signal.release()

    def _run(self, batch: list[_Entry[Any]]) -> None:
        try:
            self._commit_batch(batch)
        except BaseException as failure:
            of_all = isinstance(failure, _CommitFailed | _NotBegun)
            if len(batch) > 1 and not of_all:
                for entry in batch:  # each by itself, so that one's failure is its own
                    self._run([entry])
                return
            for entry in batch:
                entry.failure = LedgerError(str(failure)) if of_all else failure
                entry.done = True
            return
        for entry in batch:
            entry.failure, entry.done = None, True

    def _commit_batch(self, batch: list[_Entry[Any]]) -> None:
        """Commit operations; where they differ, once more, each with statements of its own, in one transaction too.

        Two daemons that are after the same posts differ in nearly every batch.
        """
        try:
            self._commit(batch, together=len(batch) > 1)
        except OperationsDiffer:
            self._commit(batch, together=False)

    def _commit(self, batch: list[_Entry[Any]], *, together: bool) -> None:
        with self._begin() as (connection, begun):
            transaction = Transaction(connection, together=together)
            for entry in batch:
                transaction.begin_operation()
                entry.result = entry.operation(transaction)
            transaction.chain_events()
            try:
                with explain_failures(self.address):
                    begun.commit()
            except LedgerError as failure:
                raise _CommitFailed(str(failure)) from None

    @contextmanager
    def _begin(self) -> Iterator[tuple[Connection, RootTransaction]]:
        """Yield a transaction in which nobody else writes. Raise LedgerError; _NotBegun if there cannot be one now."""
        with ExitStack() as opened:
            try:
                with explain_failures(self.address):
                    connection = opened.enter_context(self.engine.connect())
                    begun = opened.enter_context(connection.begin())
                    begin_writing(connection, _CHAIN_LOCK)
            except LedgerError as failure:
                raise _NotBegun(str(failure)) from None
            with explain_failures(self.address):
                yield connection, begun
