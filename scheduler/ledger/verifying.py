"""Was the record tampered with on disk? The chain of events, and every row held against what the events say of it.

What the chain itself cannot tell, that its end was cut off, the mark kept outside the ledger tells.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, select

from scheduler.domain.delivery import PartState
from scheduler.ledger import tables
from scheduler.ledger.prepared import digest_prepared
from scheduler.ledger.reading import Reader
from scheduler.ledger.retelling import Retold, retell
from scheduler.ledger.transactions import hash_event

_RECEIPT = ("remote_id", "url", "data", "sent_at")


class Verifier(Reader):
    """Looks at a whole ledger, without a network and without changing it."""

    def find_tampering(self) -> list[str]:
        """Return a sentence for each thing that is not as it was written; empty if the record is whole."""
        events = self._read(tables.event)
        told = retell(events)
        return [
            *_check_chain(events),
            *self._check_deliveries(told),
            *self._check_parts(told),
            *self._check_holds(told),
            *self._check_revisions(told),
            *self._check_accounts(told),
        ]

    def count_events(self) -> int:
        """Return how many events there are."""
        return int(self._rows(select(func.count()).select_from(tables.event))[0][0])

    def _read(self, table: Table) -> list[dict[str, Any]]:
        """Return every row of a table, in order, as columns by name."""
        return [dict(row._mapping) for row in self._rows(select(table).order_by(*table.primary_key))]

    def _check_deliveries(self, told: Retold) -> Iterator[str]:
        rows = {row["key"]: row for row in self._read(tables.delivery)}
        for key in _merge(rows, told.deliveries):
            row, expected, name = rows.get(key), told.deliveries.get(key), f"delivery {key}"
            if row is None:
                yield f"{name}: its row is gone, and the events say that it was {told.deliveries[key]['status']}"
            elif expected is None:
                yield f"{name}: it is {row['status']}, and no event says why"
            else:
                yield from _check_delivery(name, row, expected, told.last.get(key))

    def _check_parts(self, told: Retold) -> Iterator[str]:
        rows = {(row["key"], row["number"]): row for row in self._read(tables.part)}
        for key, number in _merge(rows, told.parts):
            row, expected, name = rows.get((key, number)), told.parts.get((key, number)), f"part {number} of {key}"
            if row is None:
                yield f"{name}: its row is gone, and the events say that it is at {told.parts[key, number]['url']}"
                continue
            if row["account"] != key.rpartition("/")[2]:
                yield f"{name}: its account is {row['account']}"
            yield from _check_receipt(name, row, expected)

    def _check_holds(self, told: Retold) -> Iterator[str]:
        rows = {row["id"]: row for row in self._read(tables.hold)}
        yield from _compare_all("hold {}", rows, told.holds, "no event says that it was placed")

    def _check_revisions(self, told: Retold) -> Iterator[str]:
        rows = {row["id"]: row for row in self._read(tables.revision)}
        yield from _compare_all("revision {}", rows, told.revisions, "no event says that it was loaded")
        for number, row in rows.items():
            if _digest_revision(row) != row["digest"]:
                yield f"revision {number} of {row['file']}: it is not what was loaded at {row['loaded_at']}"

    def _check_accounts(self, told: Retold) -> Iterator[str]:
        rows = {row["name"]: row for row in self._read(tables.account)}
        yield from _compare_all("account {}", rows, told.accounts, "no event says that it is paused")


def _check_chain(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    before, expected = "", 1
    for event in events:
        if event["seq"] != expected:
            yield f"event {expected}: it is missing, and all up to {event['seq'] - 1}"
        elif hash_event(before, event) != event["hash"]:
            about = f" of {event['key']}" if event["key"] else ""
            yield f"event {event['seq']} ('{event['kind']}'{about}, {event['at']}): it was changed"
        before, expected = event["hash"], event["seq"] + 1


def _check_delivery(
    name: str, row: Mapping[str, Any], expected: Mapping[str, Any], last: Mapping[str, Any] | None
) -> Iterator[str]:
    if row["key"] != "/".join(row[part] for part in ("campaign", "post", "occurrence", "account")):
        yield f"{name}: its columns say that it is another"
    if row["status"] != expected["status"]:
        after = f"the last event, {last['seq']}," if last is not None else "the event that noted it"
        yield f"{name}: it is {row['status']}, but {after} left it {expected['status']}"
    yield from _compare(name, row, {each: value for each, value in expected.items() if each not in _OWN_WORDS})
    digest = digest_prepared(row["prepared"]) if row["prepared"] else None
    if digest != expected["digest"] or row["digest"] != expected["digest"]:
        yield f"{name}: what was sent is not what was claimed"


_OWN_WORDS = frozenset({"status", "prepared", "digest"})
"""Columns of a delivery that are told of in words of their own."""


def _check_receipt(name: str, row: Mapping[str, Any], expected: Mapping[str, Any] | None) -> Iterator[str]:
    posted = row["state"] == PartState.POSTED
    where = row["url"] or row["remote_id"]
    if expected is None:
        if posted or any(row[column] is not None for column in _RECEIPT):
            yield f"{name}: no event says that it is at {where}"
    elif not posted:
        yield f"{name}: it is {row['state']}, and the events say that it is at {expected['url']}"
    elif (row["url"], row["remote_id"]) != (expected["url"], expected["remote_id"]):
        yield f"{name}: no event says that it is at {where}"
    else:
        yield from _compare(name, row, expected)


def _compare_all(
    called: str, rows: Mapping[Any, Mapping[str, Any]], told: Mapping[Any, Mapping[str, Any]], untold: str
) -> Iterator[str]:
    """Compare all rows of a table; `called` names one, and `untold` says what is wrong with one too many."""
    for number in _merge(rows, told):
        name = called.format(number)
        if number not in rows:
            yield f"{name}: its row is gone"
        elif number not in told:
            yield f"{name}: {untold}"
        else:
            yield from _compare(name, rows[number], told[number])


def _compare(name: str, row: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    for column, value in expected.items():
        if row[column] != value:
            yield f"{name}: its {column} is {row[column]!r}, and the events say {value!r}"


def _merge(rows: Iterable[Any], told: Iterable[Any]) -> list[Any]:
    return sorted({*rows, *told})


def _digest_revision(row: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(zlib.decompress(row["content"]) + zlib.decompress(row["plan"])).hexdigest()
    except (zlib.error, TypeError):
        return ""
