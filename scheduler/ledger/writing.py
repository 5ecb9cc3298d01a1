"""The ledger's writes that publishing needs: claim, last look, settle, and what is found after an unknown outcome.

Writers take turns (see `transactions.py`), and every statement names the status, owner and attempt that it expects:
a claim or a settlement that is no longer right changes no row, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Update, update

from scheduler.domain.delivery import MOVES, Delivery, PartState, Prepared, Receipt, Record, Status
from scheduler.domain.hold import Subject, subject_of
from scheduler.domain.ports import Claim, Withdrawn
from scheduler.ledger import statements, tables
from scheduler.ledger.owner import Owner
from scheduler.ledger.prepared import digest_prepared, write_prepared
from scheduler.ledger.reading import Reader
from scheduler.ledger.tables import write_time
from scheduler.ledger.transactions import Transaction, Writer
from scheduler.ledger.words import clean_values

_D = tables.delivery.c
_P = tables.part.c


class PublishingLedger(Reader):
    """What the publisher writes, in the name of one owner. Times are aware; every method may raise LedgerError."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner.engine, owner.address)
        self.owner = owner.name
        self._owner = owner
        self.writer = Writer(owner.engine, owner.address)

    def claim(self, delivery: Delivery, record: Record | None, prepared: Prepared, now: datetime) -> Claim | None:
        """Return the right to send a delivery, on disk; None if somebody else was quicker or its lane is busy.

        `record` is the row the decision was made on. If it stores what is under way already, the
        caller passes that as `prepared`.
        """
        keeps = record is not None and record.is_under_way
        # What is rendered anew may be what it was: a film that waits on its platform need not go up once more.
        same = (
            record.find_kept(digest_prepared(write_prepared(prepared))) if record and record.kept and not keeps else {}
        )
        claim = Claim(
            key=delivery.key,
            owner=self.owner,
            attempt=(record.attempt if record else 0) + 1,
            account=delivery.account,
            subject=subject_of(delivery),
            due=delivery.due,
            not_after=delivery.not_after,
            created_at=record.created_at if keeps and record is not None and record.created_at else now,
            prepared=prepared,
            even_late=record is not None and record.even_late and delivery.due <= record.due,
            receipts=record.receipts if keeps and record else (),
            kept=record.kept if keeps and record else same,
        )
        values = _write_claim(claim, now) | ({} if keeps else {"doubt_since": None})

        def operation(transaction: Transaction) -> bool:
            if not _take_row(transaction, delivery, record, values):
                return False
            if not keeps:
                _renew_parts(transaction, delivery, claim, is_new=record is None)
            told = {"attempt": claim.attempt, "digest": values["digest"]}
            transaction.record("claimed", delivery.key, self.owner, now, **told)
            return True

        return claim if self.writer.write(operation) else None

    def begin_sending(self, claim: Claim, index: int, now: datetime) -> None:
        """Take the last look and mark a part as being sent. Raise Withdrawn if it must not go out now."""

        def operation(transaction: Transaction) -> Withdrawn | None:
            held = _find_hold(transaction, claim.subject)
            if held:
                return Withdrawn(Status.HELD, held)
            if now > claim.not_after and not claim.even_late and index == 0:
                return Withdrawn(Status.MISSED, "its not-after time passed before it could leave")
            part = {"row": claim.key, "index": index, "claimed_by": claim.owner, "tried": claim.attempt}
            marked = {"state": PartState.SENDING, "sending_at": write_time(now)}
            changed = transaction.run(claim.key, statements.MARK_SENDING, part | marked)
            return None if changed else Withdrawn(Status.CLAIMED, "somebody else took it over")

        refusal = self.writer.write(operation)
        if refusal is not None:
            raise refusal

    def keep_progress(self, claim: Claim, index: int, kept: Mapping[str, str]) -> None:
        """Put on disk what a platform must know of a part at its next call, in place of what it kept before.

        Raise Withdrawn if the claim is somebody else's by now.
        """
        part = {"row": claim.key, "index": index, "claimed_by": claim.owner, "tried": claim.attempt}
        words = _write_kept(claim, kept)

        def operation(transaction: Transaction) -> bool:
            return transaction.connection.execute(statements.KEEP_PROGRESS, part | {"kept": words}).rowcount == 1

        if not self.writer.write(operation):
            raise Withdrawn(Status.CLAIMED, "somebody else took it over")

    def settle_part(self, claim: Claim, index: int, receipt: Receipt, now: datetime) -> None:
        """Put a part's receipt on disk, and with the last part the whole delivery as posted.

        A receipt is taken even if the claim was taken over meanwhile: it is proof.
        """
        last = index == len(claim.prepared.parts) - 1
        self.writer.write(
            lambda transaction: self._keep_receipt(transaction, claim.key, index, receipt, now=now, last=last)
        )

    def _keep_receipt(
        self, transaction: Transaction, key: str, index: int, receipt: Receipt, *, now: datetime, last: bool
    ) -> None:
        part = {
            "row": key,
            "index": index,
            "state": PartState.POSTED,
            "sent_at": write_time(now),
            "remote_id": receipt.remote_id,
            "url": receipt.url,
            "data": json.dumps(clean_values(receipt.data), sort_keys=True),
        }
        kept = transaction.run(key, statements.KEEP_RECEIPT, part)
        if last:  # in one statement: each counts when thousands of posts are due at once
            posted = {"status": Status.POSTED, "settled_at": write_time(now), "doubt_since": None}
            nothing_more = {"next_try": None, "error": "", "error_kind": ""}
            transaction.change(key, statements.POST_ROW, posted | nothing_more, row=key)
        else:
            transaction.change(key, statements.SET_DOUBT, {"doubt_since": None}, row=key)
        told = {"id": receipt.remote_id, "url": receipt.url, "data": part["data"], "sent_at": part["sent_at"]}
        transaction.record("posted", key, self.owner, now, part=index, kept=kept, **told)

    def settle(
        self,
        claim: Claim,
        status: Status,
        now: datetime,
        *,
        kind: str = "",
        error: str = "",
        next_try: datetime | None = None,
    ) -> bool:
        """End an attempt without a receipt. Return whether the claim was still ours to settle."""

        def operation(transaction: Transaction) -> bool:
            values = {
                "status": status,
                "settled_at": write_time(now),
                "error_kind": kind,
                "error": error,
                "next_try": write_time(next_try) if next_try else None,
                "looks": 0,
            }
            if not transaction.change(claim.key, update(tables.delivery).where(*_is_claim(claim)), values):
                return False
            if status is not Status.UNKNOWN:
                _forget_sending(transaction, claim.key)
            if status is Status.PLANNED:
                _drop_prepared(transaction, claim.key)
            transaction.record(str(status), claim.key, self.owner, now, error_kind=kind, error=error)
            return True

        return self.writer.write(operation)

    def note(
        self,
        delivery: Delivery,
        record: Record | None,
        status: Status,
        reason: str,
        now: datetime,
        *,
        next_try: datetime | None = None,
    ) -> bool:
        """Record what became of a delivery without sending: held, missed, put off. Return whether a row changed."""
        values: dict[str, object] = {
            "status": status,
            "due": write_time(delivery.due),
            "not_after": write_time(delivery.not_after),
            "settled_at": write_time(now),
            "tags": json.dumps(sorted(delivery.post.tags)),
            "error_kind": str(status),
            "error": reason,
            "next_try": write_time(next_try) if next_try else None,
        }

        def operation(transaction: Transaction) -> bool:
            if not _take_row(transaction, delivery, record, values):
                return False
            transaction.record(str(status), delivery.key, self.owner, now, reason=reason)
            return True

        return self.writer.write(operation)

    def list_left_behind(self) -> list[Record]:
        """Return what is claimed by owners that are dead."""
        claimed = [record for record in self.unsettled().values() if record.status is Status.CLAIMED]
        owners = {record.owner for record in claimed if record.owner is not None}
        alive = {owner for owner in owners if self._owner.is_alive(owner)}
        return [record for record in claimed if record.owner not in alive]

    def take_over(self, now: datetime) -> list[Record]:
        """Settle what dead owners left claimed: unknown if a part was being sent, else back to where it was.

        Return the records as they were before.
        """
        left = self.list_left_behind()
        for record in left:
            self.writer.write(partial(self._release, record=record, now=now))
        return left

    def _release(self, transaction: Transaction, record: Record, now: datetime) -> None:
        sending = any(part.state is PartState.SENDING for part in record.parts)
        status = Status.UNKNOWN if sending else Status.PARTIAL if record.receipts else Status.PLANNED
        error = "the daemon ended while it was being sent" if sending else "the daemon ended before it was sent"
        values = {"status": status, "settled_at": write_time(now), "error": error, "error_kind": str(status)}
        still_so = update(tables.delivery).where(
            _D.key == record.key,
            _D.status == Status.CLAIMED,
            _D.owner == record.owner,
            _D.attempt == record.attempt,
        )
        if transaction.change(record.key, still_so, values | {"next_try": None, "looks": 0}):
            if status is Status.PLANNED:
                _drop_prepared(transaction, record.key)
            transaction.record("taken-over", record.key, self.owner, now, status=str(status), from_owner=record.owner)

    def keep_found(self, record: Record, index: int, receipt: Receipt, now: datetime) -> None:
        """Record that a look found a part of an unknown delivery: the rest of its thread may go on."""
        last = record.prepared is not None and index == len(record.prepared.parts) - 1
        sent = next((part.sending_at for part in record.parts if part.number == index), None) or now

        def operation(transaction: Transaction) -> None:
            self._keep_receipt(transaction, record.key, index, receipt, now=sent, last=last)
            if not last and _settle_unknown(transaction, record, Status.PARTIAL, now, "found; the rest follows"):
                transaction.record("found", record.key, self.owner, now, part=index)

        self.writer.write(operation)

    def keep_absent(self, record: Record, now: datetime) -> None:
        """Record that a look showed that it is safe to send an unknown delivery again, as it was and under its key.

        The doubt is kept: the lost call may still be on its way, and some platforms forget a key.
        """
        status = Status.PARTIAL if record.receipts else Status.PLANNED
        tries = [part.sending_at for part in record.parts if part.state is PartState.SENDING and part.sending_at]
        since = record.doubt_since or min(tries, default=record.settled_at)

        def operation(transaction: Transaction) -> None:
            if _settle_unknown(transaction, record, status, now, "looked: it is not out"):
                _forget_sending(transaction, record.key)
                transaction.change(record.key, statements.SET_DOUBT, {"doubt_since": write_time(since)}, row=record.key)
                transaction.record("absent", record.key, self.owner, now, look=record.looks + 1)

        self.writer.write(operation)

    def keep_doubt(self, record: Record, now: datetime, reason: str) -> bool:
        """Record that a delivery of which a try may be out cannot be sent again safely: it is to be looked for anew.

        Return whether the row was still as `record` says.
        """

        def operation(transaction: Transaction) -> bool:
            before = {"row": record.key, "was": record.status, "tried": record.attempt}
            after = {"status": Status.UNKNOWN, "settled_at": write_time(now), "error_kind": "unknown", "error": reason}
            values = after | {"next_try": None, "looks": 0}
            if not transaction.change(record.key, statements.CHANGE_ROW, values, **before):
                return False
            transaction.record("unknown", record.key, self.owner, now, error_kind="unknown", error=reason)
            return True

        return self.writer.write(operation)

    def keep_unsure(self, record: Record, now: datetime, looks: int, next_look: datetime | None, reason: str) -> None:
        """Record a look that told nothing, the nth; `next_look` is None when a person must be asked."""

        def operation(transaction: Transaction) -> None:
            values = {"looks": looks, "next_try": write_time(next_look) if next_look else None, "error": reason}
            if transaction.change(record.key, _find_unknown(record), values):
                transaction.record("unsure", record.key, self.owner, now, look=looks, reason=reason)

        self.writer.write(operation)


def _write_claim(claim: Claim, now: datetime) -> dict[str, object]:
    """Return the columns of a delivery that is being sent from now on."""
    words = write_prepared(claim.prepared)
    return {
        "status": Status.CLAIMED,
        "owner": claim.owner,
        "attempt": claim.attempt,
        "due": write_time(claim.due),
        "not_after": write_time(claim.not_after),
        "settled_at": write_time(now),
        "prepared": words,
        "digest": digest_prepared(words),
        "created_at": write_time(claim.created_at),
        "tags": json.dumps(sorted(claim.subject.tags)),
        "next_try": None,
        "even_late": int(claim.even_late),
        "error_kind": "",
        "error": "",
    }


def _take_row(transaction: Transaction, delivery: Delivery, record: Record | None, values: dict[str, object]) -> bool:
    """Make or change the row of a delivery if it still is as `record` says, and (to claim) its lane is free."""
    claiming = values["status"] is Status.CLAIMED
    lane = {"lane": delivery.account} if claiming else {}
    if record is not None and values["status"] not in MOVES[record.status]:
        raise ValueError(f"{record.status} never becomes {values['status']}")
    if record is None:
        if claiming:
            return transaction.change(delivery.key, statements.ADD_CLAIM, delivery.ids | values, **lane)
        if transaction.connection.execute(statements.FIND_ROW, {"row": delivery.key}).first() is not None:
            return False
        return transaction.change(delivery.key, statements.ADD_ROW, delivery.ids | values)
    change = statements.CLAIM_ROW if claiming else statements.CHANGE_ROW
    before = {"row": record.key, "was": record.status, "tried": record.attempt}
    return transaction.change(record.key, change, values, **before, **lane)


def _write_kept(claim: Claim, kept: Mapping[str, str]) -> str:
    return json.dumps(
        clean_values({"of": digest_prepared(write_prepared(claim.prepared)), "kept": dict(kept)}), sort_keys=True
    )


def _renew_parts(transaction: Transaction, delivery: Delivery, claim: Claim, *, is_new: bool) -> None:
    if not is_new:
        transaction.connection.execute(statements.DROP_PARTS, {"row": delivery.key})
    rows: list[dict[str, object]] = [
        {"key": delivery.key, "number": number, "account": delivery.account, "state": PartState.WAITING, "kept": None}
        for number in range(len(claim.prepared.parts))
    ]
    for number, kept in claim.kept.items():
        rows[number]["kept"] = _write_kept(claim, kept)
    transaction.run(delivery.key, statements.ADD_PARTS, *rows)


def _is_claim(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        _D.key == claim.key,
        _D.status == Status.CLAIMED,
        _D.owner == claim.owner,
        _D.attempt == claim.attempt,
    )


def _find_hold(transaction: Transaction, subject: Subject) -> str:
    for hold in transaction.holds_in_force:
        if hold.covers(subject):  # whatever its time: it is on disk, and not released
            return hold.words
    return ""


def _forget_sending(transaction: Transaction, key: str) -> None:
    transaction.connection.execute(
        update(tables.part).where(_P.key == key, _P.state == PartState.SENDING).values(state=PartState.WAITING)
    )


def _settle_unknown(transaction: Transaction, record: Record, status: Status, now: datetime, error: str) -> bool:
    values = {"status": status, "settled_at": write_time(now), "error": error, "error_kind": ""}
    return transaction.change(record.key, _find_unknown(record), values | {"next_try": None, "looks": 0})


def _find_unknown(record: Record) -> Update:
    return update(tables.delivery).where(
        _D.key == record.key, _D.status == Status.UNKNOWN, _D.attempt == record.attempt
    )


def _drop_prepared(transaction: Transaction, key: str) -> None:
    transaction.change(key, statements.DROP_PREPARED, {"prepared": None, "digest": None}, row=key)
