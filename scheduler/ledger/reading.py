"""The ledger, to look at: rows as domain values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, or_, select

from scheduler.domain.delivery import UNDER_WAY, PartRecord, PartState, Prepared, Receipt, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.ports import Event, Heartbeat
from scheduler.ledger import tables
from scheduler.ledger.opening import explain_failures
from scheduler.ledger.prepared import read_prepared

_STATUSES = {str(status): status for status in Status}
_STANDING = (
    *("key", "account", "status", "due", "not_after", "settled_at", "attempt", "owner", "created_at", "next_try"),
    *("looks", "even_late", "doubt_since", "retracted_at", "error_kind", "error"),
)

_CHUNK = 500  # keys a query; both databases bound the number of parameters


class Reader:
    """Reads through an engine. Every method raises LedgerError where the database fails."""

    def __init__(self, engine: Engine, address: str) -> None:
        self.engine = engine
        self.address = address

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with explain_failures(self.address), self.engine.connect() as connection:
            return connection.execute(query).all()

    def records(self, keys: Sequence[str] | None = None) -> dict[str, Record]:
        """Return the rows with these keys, or all of them, by key, in order of due time."""
        delivery, part = tables.delivery, tables.part
        found: dict[str, Record] = {}
        for chunk in [None] if keys is None else split_keys(keys):
            rows = select(delivery).order_by(delivery.c.due, delivery.c.key)
            parts = select(part).order_by(part.c.key, part.c.number)
            if chunk is not None:
                rows, parts = rows.where(delivery.c.key.in_(chunk)), parts.where(part.c.key.in_(chunk))
            listed = self._rows(rows)
            by_key: dict[str, list[PartRecord]] = {}
            if listed:
                for row in self._rows(parts):
                    by_key.setdefault(row.key, []).append(read_part(row))
            for row in listed:
                found[row.key] = read_record(row, tuple(by_key.get(row.key, ())))
        return found

    def standings(self) -> dict[str, Record]:
        """Return every row as a decision needs it, by key: without what was sent.

        It takes a third of the time that `records` takes. What is under way is small, and comes whole.
        """
        query = select(*[tables.delivery.c[name] for name in _STANDING])
        with explain_failures(self.address), self.engine.connect() as connection:
            standings = {row.key: read_standing(row) for row in connection.execute(query).yield_per(500)}
        under_way = [key for key, record in standings.items() if record.status in UNDER_WAY]
        return standings | self.records(under_way) if under_way else standings

    def unsettled(self) -> dict[str, Record]:
        """Return the rows that are claimed or unknown."""
        delivery = tables.delivery
        waiting = (Status.CLAIMED, Status.UNKNOWN)
        return self.records(
            [row.key for row in self._rows(select(delivery.c.key).where(delivery.c.status.in_(waiting)))]
        )

    def waiting_keys(self) -> list[str]:
        """Return the keys of the rows that are to be tried again."""
        status = tables.delivery.c.status
        query = select(tables.delivery.c.key).where(status.in_((Status.PLANNED, Status.PARTIAL)))
        return [row.key for row in self._rows(query)]

    def holds(self, since: datetime | None = None) -> tuple[Hold, ...]:
        """Return the holds in force now or released after `since` (all of them if None), oldest first."""
        query = select(tables.hold).order_by(tables.hold.c.id)
        if since is not None:
            released = tables.hold.c.released_at
            query = query.where(or_(released.is_(None), released >= tables.write_time(since)))
        return tuple(read_hold(row) for row in self._rows(query))

    def events(self, keys: Sequence[str] | None = None) -> list[Event]:
        """Return the events of these deliveries, or all, in order."""
        query = select(tables.event).order_by(tables.event.c.seq)
        if keys is None:
            return [read_event(row) for row in self._rows(query)]
        rows = [row for chunk in split_keys(keys) for row in self._rows(query.where(tables.event.c.key.in_(chunk)))]
        return [read_event(row) for row in sorted(rows, key=lambda row: int(row.seq))]

    def last_event(self) -> tuple[int, str] | None:
        """Return the number and the hash of the newest event, None if there is none."""
        rows = self._rows(select(tables.event.c.seq, tables.event.c.hash).order_by(tables.event.c.seq.desc()).limit(1))
        return (rows[0].seq, rows[0].hash) if rows else None

    def has_event(self, seq: int, hashed: str) -> bool:
        """Return whether there is an event of that number with that hash: it, and all before it, are as they were."""
        event = tables.event.c
        return bool(self._rows(select(event.seq).where(event.seq == seq, event.hash == hashed)))

    def revision(self, file: str) -> tuple[str, bytes] | None:
        """Return the digest and the text of the last version of a calendar file that was loaded."""
        revision = tables.revision
        query = select(revision.c.digest, revision.c.content).where(revision.c.file == file)
        rows = self._rows(query.order_by(revision.c.id.desc()).limit(1))
        return (rows[0].digest, zlib.decompress(rows[0].content)) if rows else None

    def revisions(self) -> list[tuple[str, bytes]]:
        """Return the name and the text of the last version of every calendar file ever loaded, oldest load first."""
        revision = tables.revision
        newest = select(func.max(revision.c.id)).group_by(revision.c.file)
        query = select(revision.c.file, revision.c.content).where(revision.c.id.in_(newest)).order_by(revision.c.id)
        return [(row.file, zlib.decompress(row.content)) for row in self._rows(query)]

    def seen_keys(self, campaigns: Iterable[str]) -> frozenset[str]:
        """Return the keys of every delivery that the last plan loaded of these campaigns held.

        A campaign may stand in several files, one for each year: the last plan of each counts.
        """
        revision = tables.revision
        newest = select(func.max(revision.c.id)).where(revision.c.campaign.in_(list(campaigns)))
        query = select(revision.c.plan).where(revision.c.id.in_(newest.group_by(revision.c.campaign, revision.c.file)))
        return frozenset(key for row in self._rows(query) for key in json.loads(zlib.decompress(row.plan)))

    def known_ids(self, account: str) -> frozenset[str]:
        """Return the remote ids of everything that is known to be out on an account."""
        part = tables.part
        query = select(part.c.remote_id).where(part.c.account == account, part.c.remote_id.is_not(None))
        return frozenset(row.remote_id for row in self._rows(query))

    def accounts(self) -> dict[str, str]:
        """Return why each account that is paused is so, by name."""
        return {row.name: row.error for row in self._rows(select(tables.account))}

    def heartbeats(self) -> tuple[Heartbeat, ...]:
        """Return the last sign of life of each daemon that has not stopped cleanly."""
        rows = self._rows(select(tables.heartbeat).order_by(tables.heartbeat.c.beat_at.desc()))
        return tuple(
            Heartbeat(
                owner=row.owner,
                host=row.host,
                process=row.process,
                started_at=_time(row.started_at),
                beat_at=_time(row.beat_at),
                next_due=tables.read_time(row.next_due),
                detail=json.loads(row.detail),
            )
            for row in rows
        )


def _time(words: str) -> datetime:
    return datetime.fromisoformat(words)


def split_keys(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the keys in portions that one query can take."""
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]


def read_part(row: Any) -> PartRecord:
    """Return a row of `part` as a domain value."""
    receipt, kept = None, json.loads(row.kept) if row.kept else {}
    if row.state == PartState.POSTED:
        receipt = Receipt(row.remote_id or "", row.url or "", json.loads(row.data or "{}"))
    return PartRecord(
        row.number,
        PartState(row.state),
        receipt,
        tables.read_time(row.sending_at),
        tables.read_time(row.sent_at),
        kept.get("kept", {}),
        kept.get("of", ""),
    )


def read_record(row: Any, parts: tuple[PartRecord, ...]) -> Record:
    """Return a row of `delivery`, with its parts, as a domain value."""
    return read_standing(row, parts, read_prepared(row.prepared) if row.prepared else None)


def read_standing(row: Any, parts: tuple[PartRecord, ...] = (), prepared: Prepared | None = None) -> Record:
    """Return a row of `delivery` as a domain value; of its columns, those of `_STANDING` are looked at."""
    return Record(
        key=row.key,
        account=row.account,
        status=_STATUSES[row.status],
        due=_time(row.due),
        not_after=_time(row.not_after),
        settled_at=_time(row.settled_at),
        attempt=row.attempt,
        owner=row.owner,
        prepared=prepared,
        created_at=tables.read_time(row.created_at),
        next_try=tables.read_time(row.next_try),
        looks=row.looks,
        even_late=bool(row.even_late),
        doubt_since=tables.read_time(row.doubt_since),
        error_kind=row.error_kind,
        error=row.error,
        retracted_at=tables.read_time(row.retracted_at),
        parts=parts,
    )


def read_hold(row: Any) -> Hold:
    """Return a row of `hold` as a domain value."""
    return Hold(
        id=row.id,
        placed_at=_time(row.placed_at),
        placed_by=row.placed_by,
        reason=row.reason,
        campaign=row.campaign,
        account=row.account,
        tag=row.tag,
        exempt=frozenset(json.loads(row.exempt)),
        released_at=tables.read_time(row.released_at),
        released_by=row.released_by,
        release_reason=row.release_reason,
    )


def read_event(row: Any) -> Event:
    """Return a row of `event` as a domain value."""
    return Event(row.seq, _time(row.at), row.kind, row.key, row.who, json.loads(row.detail))
