"""What is to be done with a delivery now: send, wait, hold, miss, ask or nothing. The only place that decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold, say_held, subject_of

REBOOKABLE = frozenset({Status.MISSED, Status.HELD, Status.PAST, Status.REJECTED})
"""What moving `when` into the future brings back: nothing of it is out."""

TAKEN_BACK = "it was taken back"
_HELD_HINT = "move it to a time ahead, send it with `campaign resolve KEY --retry`, or drop it with --skip"


class Action(StrEnum):
    """What the publisher does with a delivery."""

    SEND = "send"
    WAIT = "wait"
    HOLD = "hold"
    MISS = "miss"
    ASK = "ask"
    DONE = "done"


class Decision(NamedTuple):
    """An action, why, and (for waiting) until when."""

    action: Action
    reason: str = ""
    until: datetime | None = None


def is_rebooked(delivery: Delivery, record: Record) -> bool:
    """Return whether the calendar moved a delivery that did not go out to a time after that was recorded."""
    return record.status in REBOOKABLE and delivery.due > record.settled_at


def decide(delivery: Delivery, record: Record | None, holds: Sequence[Hold], now: datetime) -> Decision:
    """Given a delivery, its row (None if the ledger has none), all holds that may overlap and the time, decide.

    Holds that are released still count for what fell due while they were in force: that never leaves by itself.
    """
    if record is not None and is_rebooked(delivery, record):
        record = None
    if record is not None:
        settled = _decide_settled(record, holds, now)
        if settled is not None:
            return settled
    if delivery.withheld:
        return Decision(Action.HOLD, delivery.withheld)
    if record is not None and record.status is Status.PARTIAL:
        return _decide_partial(delivery, record, holds, now)
    held = _decide_held(delivery, record, holds, now)
    if held is not None:
        return held
    due = delivery.due
    even_late = record is not None and record.even_late and due <= record.due
    if now < due and not even_late:
        return Decision(Action.WAIT, "not due yet", due)
    if now > delivery.not_after and not even_late:
        return Decision(Action.MISS, "its not-after time passed")
    if record is not None and record.next_try is not None and record.next_try > now:
        return Decision(Action.WAIT, record.error or "another try is set", record.next_try)
    return Decision(Action.SEND)


def _decide_settled(record: Record, holds: Sequence[Hold], now: datetime) -> Decision | None:
    if record.retracted_at is not None:
        return Decision(Action.DONE, TAKEN_BACK)
    match record.status:
        case Status.POSTED | Status.SKIPPED | Status.PAST:
            return Decision(Action.DONE, record.error or str(record.status))
        case Status.MISSED:
            return Decision(Action.MISS, record.error)
        case Status.REJECTED:
            return Decision(Action.DONE, record.error)
        case Status.HELD:
            in_force = any(hold.released_at is None and hold.words == record.error for hold in holds)
            return Decision(Action.HOLD, say_held(record.error, holds) + ("" if in_force else f": {_HELD_HINT}"))
        case Status.CLAIMED:
            return Decision(Action.WAIT, "it is being sent", now)
        case Status.HANDED:
            return Decision(Action.ASK, "a person is to post it: `campaign tasks`")
        case Status.UNKNOWN:
            return Decision(Action.ASK, record.error)
        case _:
            return None


def _decide_held(delivery: Delivery, record: Record | None, holds: Sequence[Hold], now: datetime) -> Decision | None:
    """A hold in force stops it; one that was in force after it fell due does too (since its last try, if any)."""
    if not holds:
        return None
    since = delivery.due
    if record is not None and record.settled_at > since:
        since = record.settled_at
    subject = subject_of(delivery)
    even_late = record is not None and record.even_late
    for hold in holds:
        if hold.placed_at > delivery.not_after and not even_late:
            continue  # it came when everything was over: that is missed, not held
        if hold.covers(subject) and (hold.is_active(now) or (since <= now and hold.overlaps(since, now))):
            return Decision(Action.HOLD, hold.words if hold.is_active(now) else hold.words_when_over)
    return None


def _decide_partial(delivery: Delivery, record: Record, holds: Sequence[Hold], now: datetime) -> Decision:
    """The rest of a thread follows whatever the hour, unless it was refused or a hold came between."""
    subject = subject_of(delivery)
    for hold in holds:
        if hold.covers(subject) and hold.overlaps(record.settled_at, now):
            if hold.is_active(now):
                return Decision(Action.HOLD, hold.words)
            return Decision(Action.ASK, f"hold {hold.id} stopped it after part {len(record.receipts)}")
    if record.error_kind == "rejected":
        return Decision(Action.ASK, record.error)
    if record.next_try is not None and record.next_try > now:
        return Decision(Action.WAIT, record.error or "another try is set", record.next_try)
    return Decision(Action.SEND)
