"""One delivery: claimed, sent part by part, settled. What came of it is a Step."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.campaign import Image, Video
from scheduler.domain.content import Inspect, Media
from scheduler.domain.delivery import Delivery, Prepared, Record, Status
from scheduler.domain.policy import is_rebooked
from scheduler.domain.ports import Channel, Claim, Clock, Withdrawn
from scheduler.domain.problem import Severity
from scheduler.domain.rendering import Rendering, render_delivery
from scheduler.errors import (
    HandedOver,
    LedgerError,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
    Unauthorised,
    Unavailable,
    UnfitPicture,
)
from scheduler.ledger.writing import PublishingLedger

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=10)
UNTOLD_LIMIT = timedelta(minutes=5)
_KEY_TRUSTED = 5 / 6  # of the time for which a platform remembers a key
_LOOK_LASTS_SECONDS = 0.25  # well within the second in which a hold is to work
BUSY_PAUSE = timedelta(seconds=0.5)  # before looking again at a lane that another process works in


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one delivery in a round; `kind` is the word of the failure, if there was one.

    `lane_until` (aware, UTC) keeps the account's other posts waiting until then; `rest_until` too, after a success.
    `needs_secret` says that the account waits until its secret changes.
    """

    key: str
    account: str
    status: Status
    reason: str = ""
    kind: str = ""
    lane_until: datetime | None = None
    rest_until: datetime | None = None
    needs_secret: bool = False


@dataclass
class Sender:
    """Claims, sends and settles. `stopping`, once set, lets nothing more go out.

    Never more than `workers` calls that post are under way at once.
    """

    ledger: PublishingLedger
    channels: Mapping[str, Channel]
    clock: Clock
    inspect: Inspect
    workers: int = 20
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._slots = threading.Semaphore(self.workers)

    def publish(self, delivery: Delivery, record: Record | None) -> Step | None:
        """Send a delivery whose turn it is. `record` is the row that was decided on.

        Return None if its row was changed by somebody else meanwhile. Raise LedgerError if nothing can be recorded.
        """
        channel = self.channels[delivery.account]
        fresh = record is None or is_rebooked(delivery, record)
        if record is not None and self._is_key_forgotten(record, channel):
            return self.doubt(record, "an earlier try may be out, and the platform has forgotten its key by now")
        if record is not None and record.prepared is not None and record.is_under_way:
            prepared = record.prepared
        else:
            try:
                rendered = self._render(delivery, channel)
            except UnfitPicture as failure:
                return self._put_off(delivery, record, str(failure))
            if rendered.prepared is None:
                reasons = [p.message for p in rendered.problems if p.severity is Severity.ERROR]
                return self.note(delivery, record, Status.REJECTED, " ".join(reasons))
            prepared = rendered.prepared
        claim = self.ledger.claim(delivery, record, prepared, self.clock.now())
        if claim is None:
            # Another process has it, or is at work in this lane: what comes after it must not overtake it.
            until = self.clock.now() + BUSY_PAUSE
            return Step(delivery.key, delivery.account, Status.CLAIMED, "another process is at work", lane_until=until)
        attempt = 1 if fresh or record is None else record.attempt + 1
        return self._send(claim, channel, prepared, attempt)

    def _render(self, delivery: Delivery, channel: Channel) -> Rendering:
        """Return what the calendar says now. Raise UnfitPicture if a picture cannot be reached at this moment."""
        if not channel.limits():
            with suppress(PublishError):  # the limits of its documents are used, then
                channel.refresh_limits()
        passing: list[UnfitPicture] = []

        def look(image: Image | Video) -> Media:
            try:
                return self.inspect(image)
            except UnfitPicture as failure:
                passing.extend([failure] if failure.passing else [])
                raise

        rendered = render_delivery(delivery, channel.platform, channel.account, channel.limits(), look)
        if passing:
            raise passing[0]
        return rendered

    def _put_off(self, delivery: Delivery, record: Record | None, reason: str) -> Step | None:
        now = self.clock.now()
        until = now + FIRST_RETRY
        if not self.ledger.note(delivery, record, Status.PLANNED, reason, now, next_try=until):
            return None
        return Step(delivery.key, delivery.account, Status.PLANNED, reason, "unavailable", until)

    def _is_key_forgotten(self, record: Record, channel: Channel) -> bool:
        window = channel.platform.capabilities.repeat.window
        if record.doubt_since is None or window is None or not record.is_under_way:
            return False
        return self.clock.now() >= record.doubt_since + window * _KEY_TRUSTED

    def is_in_doubt(self, record: Record | None, account: str) -> bool:
        """Return whether a try of a delivery may be out although a look did not find it, and its key will not hold."""
        if record is None or record.doubt_since is None or not record.is_under_way:
            return False
        return self.channels[account].platform.capabilities.repeat.window is not None

    def doubt(self, record: Record, reason: str) -> Step | None:
        """Record that a delivery in doubt is not to be sent again, but to be looked for anew."""
        if not self.ledger.keep_doubt(record, self.clock.now(), reason):
            return None
        return Step(record.key, record.account, Status.UNKNOWN, reason, "unknown")

    def note(self, delivery: Delivery, record: Record | None, status: Status, reason: str) -> Step | None:
        """Record what became of a delivery without sending. Return None if somebody else changed its row."""
        if not self.ledger.note(delivery, record, status, reason, self.clock.now()):
            return None
        return Step(delivery.key, delivery.account, status, reason)

    def _send(self, claim: Claim, channel: Channel, prepared: Prepared, attempt: int) -> Step:
        sending = _Sending(self, claim)
        try:
            for index in range(len(claim.receipts), len(prepared.parts)):
                self._send_part(sending, channel, prepared, index)
        except Withdrawn as withdrawn:
            return self._settle_withdrawn(sending, withdrawn)
        except PublishError as failure:
            return self._settle_failure(sending, failure, attempt)
        except LedgerError:
            raise
        except Exception as failure:
            log.exception("delivery=%s failed within the program", claim.key)
            return self._settle_failure(sending, _read_own_failure(failure, begun=sending.begun), attempt)
        return Step(claim.key, claim.account, Status.POSTED, rest_until=sending.rest_until)

    def _send_part(self, sending: _Sending, channel: Channel, prepared: Prepared, index: int) -> None:
        claim = sending.claim
        sending.index, sending.begun = index, False
        with channel.open(
            sending.look,
            key=claim.key,
            created_at=claim.created_at,
            earlier=tuple(sending.receipts),
            bound=lambda: self.ledger.known_ids(claim.account),
            kept=claim.kept.get(index, {}),
            keep=lambda kept: self.ledger.keep_progress(claim, index, kept),
            not_after=claim.not_after,
        ) as context:
            with sending:
                receipt = channel.platform.publish_part(prepared.parts[index], index, context)
            sending.rest_until = context.wire.resting_until
        if channel.platform.capabilities.by_hand:
            raise HandedOver(f"It lies ready for a person to post ({receipt.url or receipt.remote_id}).")
        self.ledger.settle_part(claim, index, receipt, self.clock.now())
        sending.receipts.append(receipt)

    def _settle_withdrawn(self, sending: _Sending, withdrawn: Withdrawn) -> Step:
        claim = sending.claim
        status, reason = withdrawn.status, str(withdrawn)
        if status is not Status.CLAIMED:
            status = Status.PARTIAL if sending.receipts else status
            self.ledger.settle(claim, status, self.clock.now(), kind=str(withdrawn.status), error=reason)
        return Step(claim.key, claim.account, status, reason)

    def _settle_failure(self, sending: _Sending, failure: PublishError, attempt: int) -> Step:
        """Put on disk what a failure means for this delivery, and return what it means for its lane."""
        claim, now, reason, kind = sending.claim, self.clock.now(), str(failure), failure.kind
        next_try: datetime | None = None
        lane_until: datetime | None = None
        needs_secret = isinstance(failure, Unauthorised) and not failure.retry
        if isinstance(failure, OutcomeUnknown) and sending.begun:
            status = Status.UNKNOWN
        elif isinstance(failure, HandedOver):
            status = Status.HANDED
        elif isinstance(failure, Rejected):
            status = Status.PARTIAL if sending.receipts else Status.REJECTED
        else:
            status = Status.PARTIAL if sending.receipts else Status.PLANNED
            lane_until = now + LONGEST_RETRY
            if not needs_secret:  # which is waited for, not a time
                next_try = lane_until = _find_next_try(failure, attempt, now)
        self.ledger.settle(claim, status, now, kind=kind, error=reason, next_try=next_try)
        return Step(claim.key, claim.account, status, reason, kind, lane_until, needs_secret=needs_secret)

    def enter(self, claim: Claim, index: int) -> None:
        """Take a last look and a place to post. Raise Withdrawn, without a place, if a part must not go out now.

        The look comes first, so that no place stays empty meanwhile; who then waits long for one looks again.
        """
        self._take_last_look(claim, index)
        begun = time.monotonic()
        self._slots.acquire()
        if time.monotonic() - begun > _LOOK_LASTS_SECONDS:
            try:
                self._take_last_look(claim, index)
            except BaseException:
                self._slots.release()
                raise

    def leave(self) -> None:
        """Give a place to post back."""
        self._slots.release()

    def _take_last_look(self, claim: Claim, index: int) -> None:
        """Raise Withdrawn if a part must not go out now; else it is marked as being sent, on disk."""
        if self.stopping.is_set():
            raise Withdrawn(Status.PLANNED, "the daemon is stopping")
        self.ledger.begin_sending(claim, index, self.clock.now())


class _Sending:
    """The state of one delivery under way. Within its block a part may take a place to post, which ends with it."""

    def __init__(self, sender: Sender, claim: Claim) -> None:
        self.sender = sender
        self.claim = claim
        self.index = 0
        self.begun = False
        self.receipts = list(claim.receipts)
        self.rest_until: datetime | None = None
        self._has_place = False

    def __enter__(self) -> None:
        self._has_place = False

    def __exit__(self, *_: object) -> None:
        if self._has_place:
            self._has_place = False
            self.sender.leave()

    def look(self) -> None:
        """Take the last look at the part under way, and a place to post it."""
        self.sender.enter(self.claim, self.index)
        self._has_place = self.begun = True


def _read_own_failure(failure: Exception, *, begun: bool) -> PublishError:
    """Return what an error within this program means; a file or memory that is short now may not be so later."""
    words = f"an error within this program ({type(failure).__name__})"
    if begun:
        return OutcomeUnknown(f"{words}; the post may be out")
    if isinstance(failure, OSError | MemoryError):
        return Unavailable(f"{words}; nothing was sent")
    return Rejected(words)


def _find_next_try(failure: PublishError, attempt: int, now: datetime) -> datetime:
    if isinstance(failure, Unauthorised):
        return now + LONGEST_RETRY
    if isinstance(failure, RateLimited):
        return failure.until if failure.until and failure.until > now else now + UNTOLD_LIMIT
    return now + _back_off(attempt)


def _back_off(attempt: int) -> timedelta:
    """Return how long to wait after the nth failed attempt: doubling, with a fifth of jitter either way."""
    delay: timedelta = min(FIRST_RETRY * 2.0 ** min(attempt - 1, 10), LONGEST_RETRY)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  not for secrets
