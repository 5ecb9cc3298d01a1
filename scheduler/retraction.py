"""What is out, looked at again: taken back where a platform can, and seen to be still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from scheduler.domain.delivery import Receipt, Record
from scheduler.domain.ports import Channel, Context, Retracts, Verifies
from scheduler.errors import UsageError
from scheduler.ledger.desk import Desk, refuse_retraction

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look at a delivery's posts found. `gone` are the addresses, or else the ids, no longer there."""

    key: str
    seen: int
    gone: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        """Return whether all of it is still there."""
        return not self.gone


def retract_delivery(record: Record, channel: Channel, desk: Desk, *, reason: str, who: str, now: datetime) -> None:
    """Take back all of a delivery that is out, its last part first, and record it.

    To do it again after a failure is safe. Raise UsageError if it cannot be taken back from here, with what a person
    can do; PublishError if the platform did not do it: then nothing is recorded.
    """
    refuse_retraction(record)
    platform = channel.platform
    if not isinstance(platform, Retracts) or not _are_told(record, channel):
        told = [receipt.url or receipt.remote_id for receipt in record.receipts]
        where = f" ({', '.join(dict.fromkeys(told))})" if any(told) else ""
        raise UsageError(
            f"{platform.title} lets no program take this post back. Delete it there by hand{where}, then say so: "
            f"campaign retract {record.key} --by-hand --reason …"
        )
    for index in reversed(range(len(record.receipts))):
        _with_part(record, channel, index, platform.retract)
    desk.keep_retraction(record.key, reason, who, now, by_hand=False)


def verify_delivery(record: Record, channel: Channel, desk: Desk, *, who: str, now: datetime) -> Sighting | None:
    """Look whether what is out of a delivery is still there, and record it; None if its platform cannot say.

    Raise PublishError if it could not be looked at.
    """
    platform = channel.platform
    if not isinstance(platform, Verifies) or not _are_told(record, channel):
        return None
    gone = [index for index in range(len(record.receipts)) if not _with_part(record, channel, index, platform.is_live)]
    desk.keep_verification(record.key, who, now, gone=gone)
    missing = [record.receipts[index] for index in gone]
    return Sighting(record.key, len(record.receipts), tuple(each.url or each.remote_id for each in missing))


def _are_told(record: Record, channel: Channel) -> bool:
    """Return whether each part that is out can be named to its platform.

    Of one that a person settled by its address there is no id, and one address of all parts of a thread.
    """
    if all(receipt.remote_id for receipt in record.receipts):
        return True
    return channel.platform.capabilities.addressed and len(record.receipts) == 1


def _with_part(record: Record, channel: Channel, index: int, ask: Callable[[Receipt, int, Context], Answer]) -> Answer:
    """Return what a platform says of one part."""
    with channel.open(
        lambda: None, key=record.key, created_at=record.created_at, earlier=record.receipts[:index]
    ) as context:
        return ask(record.receipts[index], index, context)
