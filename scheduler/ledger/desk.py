"""The ledger's writes that need no lock: what people decide, what was loaded, which accounts rest, signs of life."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, delete, insert, select, update

from scheduler.domain.delivery import Delivery, PartState, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.ports import Heartbeat
from scheduler.errors import UsageError
from scheduler.ledger import tables
from scheduler.ledger.reading import Reader, read_hold, read_part, read_record, split_keys
from scheduler.ledger.tables import write_time
from scheduler.ledger.transactions import Transaction, Writer
from scheduler.ledger.words import clean_values

PAST_COLUMNS = ("key", "due", "not_after", "tags")
"""What the event `past` tells of each row, in this order."""

PAST_WORDS = "it was over before the ledger first saw it"

_ANY_BUT_FINAL = tuple(status for status in Status if status not in {Status.POSTED, Status.CLAIMED})
_SETTLED_BY = {
    "--posted URL": (Status.HANDED, Status.UNKNOWN, Status.MISSED, Status.PARTIAL, Status.SKIPPED),
    "--retry": (
        *(Status.HANDED, Status.UNKNOWN, Status.MISSED, Status.REJECTED, Status.PARTIAL, Status.HELD, Status.SKIPPED),
    ),
    "--skip": _ANY_BUT_FINAL,
}
"""What a person can say of a delivery, as the command line has it, and in which statuses."""

_D = tables.delivery.c
_H = tables.hold.c
_R = tables.revision.c


class Desk(Reader):
    """Times are aware; `who` names the person or process; every method may raise LedgerError."""

    def __init__(self, engine: Engine, address: str) -> None:
        super().__init__(engine, address)
        self.writer = Writer(engine, address)

    def place_hold(self, hold: Hold) -> Hold:
        """Put a hold on the record (its id is chosen here) and return it. It is in force when this returns."""

        def operation(transaction: Transaction) -> Hold:
            last = transaction.connection.execute(select(_H.id).order_by(_H.id.desc()).limit(1)).scalar()
            values = {
                "id": (last or 0) + 1,
                "placed_at": write_time(hold.placed_at),
                "placed_by": hold.placed_by,
                "reason": hold.reason,
                "campaign": hold.campaign,
                "account": hold.account,
                "tag": hold.tag,
                "exempt": json.dumps(clean_values(sorted(hold.exempt))),
            }
            transaction.connection.execute(insert(tables.hold).values(**values))
            told = {"hold": values["id"], "reason": hold.reason, "scope": hold.scope, "row": values}
            transaction.record("held", None, hold.placed_by, hold.placed_at, **told)
            row = transaction.connection.execute(select(tables.hold).where(_H.id == values["id"])).one()
            return read_hold(row)

        return self.writer.write(operation)

    def release_holds(self, ids: Sequence[int], reason: str, who: str, now: datetime) -> int:
        """Release these holds, and return how many of them were in force."""

        def operation(transaction: Transaction) -> int:
            in_force = select(_H.id).where(_H.id.in_(ids), _H.released_at.is_(None)).order_by(_H.id)
            released = list(transaction.connection.execute(in_force).scalars())
            if released:
                values = {"released_at": write_time(now), "released_by": who, "release_reason": reason}
                transaction.connection.execute(update(tables.hold).where(_H.id.in_(released)).values(**values))
                transaction.record("released", None, who, now, holds=released, reason=reason, row=values)
            return len(released)

        return self.writer.write(operation)

    def resolve_posted(self, key: str, url: str, who: str, now: datetime, *, note: str = "") -> None:
        """Record that a person saw an unfinished delivery live at an address, or (without one) what they note of it.

        Raise UsageError if it cannot be so.
        """

        def operation(transaction: Transaction) -> None:
            values = {"status": Status.POSTED, "settled_at": write_time(now), "error": ""}
            _change(transaction, key, "--posted URL", values)
            part = tables.part.c
            not_out = (part.key == key, part.state != PartState.POSTED)
            numbers = transaction.connection.execute(select(part.number).where(*not_out).order_by(part.number))
            told = {"posted": url, "parts": list(numbers.scalars())} | ({"note": note} if note else {})
            transaction.connection.execute(
                update(tables.part)
                .where(*not_out)
                .values(state=PartState.POSTED, sent_at=write_time(now), remote_id="", url=url, data="{}")
            )
            transaction.record("resolved", key, who, now, **told)

        self.writer.write(operation)

    def resolve_retry(self, key: str, reason: str, who: str, now: datetime, *, even_late: bool) -> None:
        """Record that a person wants it tried again: as it was if any of it was ever being sent, else anew.

        `even_late` counts for the due time that the row has. Raise UsageError if it cannot be tried again.
        """

        def operation(transaction: Transaction) -> None:
            row = _find_record(transaction, key)
            if row.status is not Status.PARTIAL and now > row.not_after and not even_late:
                raise UsageError(
                    f"The not-after time of {key} has passed. Add --even-late if it is to go out all the same."
                )
            status = Status.PARTIAL if row.receipts else Status.PLANNED
            values: dict[str, Any] = {"status": status, "settled_at": write_time(now), "even_late": int(even_late)}
            values |= {"error": "", "error_kind": "", "next_try": None, "looks": 0, "doubt_since": None}
            if not _may_have_been_out(row):
                values |= {"prepared": None, "digest": None}
            _change(transaction, key, "--retry", values)
            transaction.connection.execute(
                update(tables.part)
                .where(tables.part.c.key == key, tables.part.c.state == PartState.SENDING)
                .values(state=PartState.WAITING)
            )
            transaction.record("resolved", key, who, now, retry=True, even_late=even_late, reason=reason)

        self.writer.write(operation)

    def resolve_skip(self, key: str, reason: str, who: str, now: datetime) -> None:
        """Record that a person wants nothing more of it sent. Raise UsageError if it is posted or being sent."""

        def operation(transaction: Transaction) -> None:
            values = {"status": Status.SKIPPED, "settled_at": write_time(now), "error": reason, "next_try": None}
            _change(transaction, key, "--skip", values)
            transaction.record("resolved", key, who, now, skip=True, reason=reason)

        self.writer.write(operation)

    def keep_retraction(self, key: str, reason: str, who: str, now: datetime, *, by_hand: bool) -> None:
        """Record that what is out of a delivery was taken back; nothing of it is sent again.

        Raise UsageError if nothing of it is out, it is being sent, or it was taken back before.
        """

        def operation(transaction: Transaction) -> None:
            refuse_retraction(_find_record(transaction, key))
            whole = update(tables.delivery).where(_D.key == key, _D.retracted_at.is_(None))
            transaction.change(key, whole, {"retracted_at": write_time(now)})
            transaction.record("retracted", key, who, now, reason=reason, by_hand=by_hand)

        self.writer.write(operation)

    def keep_verification(self, key: str, who: str, now: datetime, *, gone: Sequence[int]) -> None:
        """Record a look at what a delivery has out: the numbers of the parts that are no longer there."""
        self.writer.write(lambda transaction: transaction.record("verified", key, who, now, gone=list(gone)))

    def keep_revision(
        self, file: str, campaign: str, content: bytes, keys: Sequence[str], *, who: str, now: datetime
    ) -> bool:
        """Keep a version of a calendar that was loaded, with the deliveries it plans. Return whether it is new."""
        plan = json.dumps(list(keys)).encode()
        digest = hashlib.sha256(content + plan).hexdigest()
        last = self.revision(file)
        if last is not None and last[0] == digest:  # as most are: nobody need wait for a turn to write
            return False
        row = {"file": file, "campaign": campaign, "digest": digest, "loaded_at": write_time(now)}
        whole = {**row, "content": zlib.compress(content), "plan": zlib.compress(plan)}

        def operation(transaction: Transaction) -> bool:
            newest = select(_R.digest).where(_R.file == file).order_by(_R.id.desc()).limit(1)
            if transaction.connection.execute(newest).scalar() == digest:
                return False
            number = transaction.connection.execute(insert(tables.revision).values(**whole).returning(_R.id)).scalar()
            transaction.record("loaded", None, who, now, revision=number, **row)
            return True

        return self.writer.write(operation)

    def note_past(self, deliveries: Sequence[Delivery], who: str, now: datetime) -> None:
        """Record deliveries that were over before the ledger first saw them, with one event for all."""
        if not deliveries:
            return

        def operation(transaction: Transaction) -> None:
            known: set[str] = set()
            for keys in split_keys([delivery.key for delivery in deliveries]):
                known.update(transaction.connection.execute(select(_D.key).where(_D.key.in_(keys))).scalars())
            rows = [_past_row(delivery, now) for delivery in deliveries if delivery.key not in known]
            if rows:
                transaction.connection.execute(insert(tables.delivery), rows)
                told = [[row[name] for name in PAST_COLUMNS] for row in rows]
                transaction.record("past", None, who, now, count=len(rows), first=rows[0]["key"], rows=told)

        self.writer.write(operation)

    def accept_ledger(self, missing: int, reason: str, who: str, now: datetime) -> None:
        """Record that a person takes this ledger as the true one although it lacks an event with that number."""
        self.writer.write(
            lambda transaction: transaction.record("accepted", None, who, now, missing=missing, reason=reason)
        )

    def pause_account(self, name: str, error: str, who: str, now: datetime) -> None:
        """Record that an account's secret is no good."""

        def operation(transaction: Transaction) -> None:
            row = {"name": name, "state": "unauthorised", "since": write_time(now), "error": error}
            _replace(transaction, tables.account, tables.account.c.name == name, row)
            transaction.record("paused", None, who, now, account=name, error=error)

        self.writer.write(operation)

    def resume_account(self, name: str, who: str, now: datetime) -> None:
        """Record that an account's secret works again."""

        def operation(transaction: Transaction) -> None:
            gone = transaction.connection.execute(delete(tables.account).where(tables.account.c.name == name))
            if gone.rowcount:
                transaction.record("resumed", None, who, now, account=name)

        self.writer.write(operation)

    def beat(self, heartbeat: Heartbeat) -> None:
        """Record a sign of life."""
        row = {
            "owner": heartbeat.owner,
            "host": heartbeat.host,
            "process": heartbeat.process,
            "started_at": write_time(heartbeat.started_at),
            "beat_at": write_time(heartbeat.beat_at),
            "next_due": write_time(heartbeat.next_due) if heartbeat.next_due else None,
            "detail": json.dumps(clean_values(heartbeat.detail)),
        }
        mine = tables.heartbeat.c.owner == heartbeat.owner
        self.writer.write(lambda transaction: _replace(transaction, tables.heartbeat, mine, row))

    def forget_heartbeats(self, owners: Sequence[str]) -> None:
        """Take away the signs of life of daemons that ended."""
        gone = delete(tables.heartbeat).where(tables.heartbeat.c.owner.in_(owners))
        self.writer.write(lambda transaction: transaction.connection.execute(gone))


def refuse_retraction(record: Record) -> None:
    """Raise UsageError, saying why, if what a row says cannot be taken back."""
    if record.retracted_at is not None:
        raise UsageError(f"{record.key} was taken back already.")
    if record.status is Status.CLAIMED:
        raise UsageError(f"{record.key} is being sent at this moment. Try again in a minute.")
    if not record.receipts:
        hint = "`campaign resolve KEY --skip` keeps it from being sent." if record.status not in _OVER else ""
        raise UsageError(f"Nothing of {record.key} is out: it is {record.status}. {hint}".strip())


_OVER = frozenset({Status.SKIPPED, Status.PAST, Status.MISSED})


def _past_row(delivery: Delivery, now: datetime) -> dict[str, object]:
    return {
        **delivery.ids,
        "tags": json.dumps(sorted(delivery.post.tags)),
        "status": Status.PAST,
        "due": write_time(delivery.due),
        "not_after": write_time(delivery.not_after),
        "settled_at": write_time(now),
        "error": PAST_WORDS,
    }


def _replace(transaction: Transaction, table: Table, row_is: Any, row: dict[str, Any]) -> None:
    transaction.connection.execute(delete(table).where(row_is))
    transaction.connection.execute(insert(table).values(**row))


def _find_record(transaction: Transaction, key: str) -> Record:
    """Return a row as it is within the transaction. Raise UsageError if there is none."""
    row = transaction.connection.execute(select(tables.delivery).where(_D.key == key)).first()
    if row is None:
        raise UsageError(f"The ledger has no delivery {key}. `campaign history` lists them.")
    parts = select(tables.part).where(tables.part.c.key == key).order_by(tables.part.c.number)
    return read_record(row, tuple(read_part(part) for part in transaction.connection.execute(parts)))


def _may_have_been_out(record: Record) -> bool:
    """Return whether what is stored must be sent as it is, under its key: some of it may once have reached a server.

    What a platform refused did not go out, and is to be mended before it is tried again; nor did what lay ready for a
    person who says so.
    """
    if record.receipts or record.status is Status.UNKNOWN:
        return True
    told = record.status in {Status.REJECTED, Status.HANDED}
    return not told and any(part.sending_at is not None for part in record.parts)


def _change(transaction: Transaction, key: str, said: str, values: dict[str, Any]) -> None:
    """Change a row in whose status that can be said. Raise UsageError, telling what can be said instead, if not."""
    status = transaction.connection.execute(select(_D.status).where(_D.key == key)).scalar()
    if status is None:
        raise UsageError(f"The ledger has no delivery {key}. `campaign history` lists them.")
    if status not in _SETTLED_BY[said]:
        raise UsageError(f"{key} is {status}: {_say_possible(Status(status))}")
    transaction.change(key, update(tables.delivery).where(_D.key == key), values)


def _say_possible(status: Status) -> str:
    """Return what a person can do about a delivery in a status in which they asked for something else."""
    if status is Status.POSTED:
        return "it is out, and nothing is ever sent twice, so there is nothing left to settle."
    if status is Status.CLAIMED:
        return "it is being sent at this moment. Look again in a minute."
    possible = [option for option, statuses in _SETTLED_BY.items() if status in statuses]
    wait = "it goes out by itself; " if status is Status.PLANNED else ""
    return f"{wait}what can be said of it now is {' or '.join(possible)}."
