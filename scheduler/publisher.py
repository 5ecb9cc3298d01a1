"""Rounds of publishing: what is due is claimed, sent and settled, in order within an account, accounts side by side."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.campaign import Image
from scheduler.domain.content import Media
from scheduler.domain.delivery import Delivery, Prepared, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, decide, is_rebooked
from scheduler.domain.ports import Channel, Claim, Clock, Withdrawn
from scheduler.domain.problem import Severity
from scheduler.domain.rendering import render_delivery
from scheduler.errors import LedgerError, OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised
from scheduler.ledger.desk import Desk
from scheduler.ledger.writing import PublishingLedger, keeps_prepared

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=10)
UNTOLD_LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one delivery in a round. `lane_until` keeps the account's other posts waiting until then."""

    key: str
    account: str
    status: Status
    reason: str = ""
    lane_until: datetime | None = None


@dataclass
class Publisher:
    """Sends what is due through channels and records it. `on_step` hears of each result, from any thread."""

    ledger: PublishingLedger
    desk: Desk
    channels: Mapping[str, Channel]
    clock: Clock
    inspect: Callable[[Image], Media]
    workers: int = 20
    minimum_gap: timedelta = timedelta()
    on_step: Callable[[Step], None] = lambda _: None
    on_idle: Callable[[], None] = lambda: None
    failure: BaseException | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lanes: dict[str, Future[None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _paused: dict[str, str] = field(default_factory=dict)
    _last_sent: dict[str, datetime] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def run_round(self, deliveries: Sequence[Delivery], seen: Callable[[str], bool] = lambda _: True) -> None:
        """Start a lane for each account that has something due and is not at work already.

        `deliveries` are due, in order. Come back at once; `join` waits for the lanes. Raise LedgerError if the
        ledger cannot be read, or could not be written by an earlier lane.
        """
        self._raise_failure()
        if not deliveries:
            return
        now = self.clock.now()
        holds = self.ledger.holds()
        records = self.ledger.records([delivery.key for delivery in deliveries])
        lanes: dict[str, list[tuple[Delivery, Record | None]]] = {}
        for delivery in deliveries:
            record = records.get(delivery.key)
            action = decide(delivery, record, holds, now).action
            if action is Action.SEND or _is_news(delivery, record, action):
                lanes.setdefault(delivery.account, []).append((delivery, record))
        with self._lock:
            self._lanes = {name: lane for name, lane in self._lanes.items() if not lane.done()}
            pool = self._pool = self._pool or ThreadPoolExecutor(self.workers, thread_name_prefix="lane")
            for account, waiting in lanes.items():
                if account not in self._lanes:
                    lane = self._lanes[account] = pool.submit(self._run_lane, account, waiting, holds)
                    lane.add_done_callback(lambda _: self.on_idle())

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the lanes at work. Return whether all have ended. Raise what a lane could not settle."""
        with self._lock:
            lanes = list(self._lanes.values())
        done = not wait(lanes, timeout).not_done
        self._raise_failure()
        return done

    def stop(self, seconds: float) -> bool:
        """Let what is committing end, release the rest. Return whether everything ended in time."""
        self._stopping.set()
        with self._lock:
            lanes = list(self._lanes.values())
        done = not wait(lanes, seconds).not_done
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        return done

    def paused_accounts(self) -> frozenset[str]:
        """Return the accounts whose secret was refused and has not changed since."""
        return frozenset(name for name, before in self._paused.items() if self._fingerprint(name) == before)

    def _raise_failure(self) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    def _run_lane(self, account: str, waiting: list[tuple[Delivery, Record | None]], holds: Sequence[Hold]) -> None:
        try:
            for delivery, record in waiting:
                if self._stopping.is_set():
                    break
                step = self._handle(delivery, record, holds)
                if step is not None:
                    self._tell(step)
                    if step.lane_until is not None:
                        break
        except BaseException as failure:  # it ends the round, and the daemon with it: nothing is recorded any more
            self.failure = failure
            if isinstance(failure, Exception):
                log.error("lane %s ended: %s", account, failure)

    def _tell(self, step: Step) -> None:
        level = logging.INFO if step.status in {Status.POSTED, Status.PLANNED, Status.PAST} else logging.WARNING
        log.log(level, "delivery=%s status=%s reason=%s", step.key, step.status, step.reason or "-")
        self.on_step(step)

    def _handle(self, delivery: Delivery, record: Record | None, holds: Sequence[Hold]) -> Step | None:
        """Decide once more, now that it is this delivery's turn, and do it."""
        now = self.clock.now()
        decision = decide(delivery, record, holds, now)
        match decision.action:
            case Action.SEND:
                return self._check_account(delivery, now) or self._publish(delivery, record)
            case Action.MISS:
                return self._note(delivery, record, Status.MISSED, decision.reason)
            case Action.HOLD:
                return self._note(delivery, record, Status.HELD, decision.reason)
            case Action.WAIT:
                return Step(delivery.key, delivery.account, Status.PLANNED, decision.reason, decision.until)
            case _:
                return None

    def _note(self, delivery: Delivery, record: Record | None, status: Status, reason: str) -> Step | None:
        if not self.ledger.note(delivery, record, status, reason, self.clock.now()):
            return None
        return Step(delivery.key, delivery.account, status, reason)

    def _check_account(self, delivery: Delivery, now: datetime) -> Step | None:
        """Return why this account's lane must wait, if it must."""
        account = delivery.account
        before = self._paused.get(account)
        if before is not None:
            if self._fingerprint(account) == before:
                until = now + LONGEST_RETRY
                return Step(delivery.key, account, Status.PLANNED, "the account's secret was refused", until)
            del self._paused[account]
        gap_ends = self._last_sent.get(account, datetime.min.replace(tzinfo=now.tzinfo)) + self.minimum_gap
        if self.minimum_gap and gap_ends > now:
            return Step(delivery.key, account, Status.PLANNED, "the minimum gap", gap_ends)
        return None

    def _fingerprint(self, account: str) -> str:
        return self.channels[account].fingerprint() if account in self.channels else ""

    def _publish(self, delivery: Delivery, record: Record | None) -> Step | None:
        channel = self.channels[delivery.account]
        fresh = record is None or is_rebooked(delivery, record)
        if record is not None and record.prepared is not None and keeps_prepared(record):
            prepared = record.prepared
        else:
            rendered = render_delivery(delivery, channel.platform, channel.account, channel.limits(), self.inspect)
            if rendered.prepared is None:
                reasons = [p.message for p in rendered.problems if p.severity is Severity.ERROR]
                return self._note(delivery, record, Status.REJECTED, " ".join(reasons))
            prepared = rendered.prepared
        claim = self.ledger.claim(delivery, record, prepared, self.clock.now())
        if claim is None:
            return None
        attempt = 1 if fresh or record is None else record.attempt + 1
        return self._send(claim, channel, prepared, attempt)

    def _send(self, claim: Claim, channel: Channel, prepared: Prepared, attempt: int) -> Step:
        sending = _Sending(self, claim)
        try:
            for index in range(len(claim.receipts), len(prepared.parts)):
                sending.index, sending.begun = index, False
                with channel.open(
                    sending.look,
                    key=claim.key,
                    created_at=claim.created_at,
                    earlier=tuple(sending.receipts),
                    bound=lambda: self.ledger.known_ids(claim.account),
                ) as context:
                    receipt = channel.platform.publish_part(prepared.parts[index], index, context)
                self.ledger.settle_part(claim, index, receipt, self.clock.now())
                sending.receipts.append(receipt)
        except Withdrawn as withdrawn:
            return self._settle_withdrawn(sending, withdrawn)
        except PublishError as failure:
            return self._settle_failure(sending, failure, attempt)
        except LedgerError:
            raise
        except Exception as failure:
            log.exception("delivery=%s failed within the program", claim.key)
            words = f"an error within this program ({type(failure).__name__})"
            known = OutcomeUnknown(f"{words}; the post may be out") if sending.begun else Rejected(words)
            return self._settle_failure(sending, known, attempt)
        self._last_sent[claim.account] = self.clock.now()
        return Step(claim.key, claim.account, Status.POSTED)

    def _settle_withdrawn(self, sending: _Sending, withdrawn: Withdrawn) -> Step:
        claim = sending.claim
        status, reason = withdrawn.status, str(withdrawn)
        if status is not Status.CLAIMED:
            status = Status.PARTIAL if sending.receipts else status
            self.ledger.settle(claim, status, self.clock.now(), kind=str(withdrawn.status), error=reason)
        return Step(claim.key, claim.account, status, reason)

    def _settle_failure(self, sending: _Sending, failure: PublishError, attempt: int) -> Step:
        """Put on disk what a failure means for this delivery, and return what it means for its lane."""
        claim, now, reason = sending.claim, self.clock.now(), str(failure)
        if isinstance(failure, OutcomeUnknown) and sending.begun:
            self.ledger.settle(claim, Status.UNKNOWN, now, kind=failure.kind, error=reason)
            return Step(claim.key, claim.account, Status.UNKNOWN, reason)
        if isinstance(failure, Rejected):
            status = Status.PARTIAL if sending.receipts else Status.REJECTED
            self.ledger.settle(claim, status, now, kind=failure.kind, error=reason)
            return Step(claim.key, claim.account, status, reason)
        next_try: datetime | None = now + _back_off(attempt)
        if isinstance(failure, RateLimited):
            next_try = failure.until if failure.until and failure.until > now else now + UNTOLD_LIMIT
        status = Status.PARTIAL if sending.receipts else Status.PLANNED
        if isinstance(failure, Unauthorised):
            self._paused[claim.account] = self._fingerprint(claim.account)
            self.desk.pause_account(claim.account, reason, claim.owner, now)
            self.ledger.settle(claim, status, now, kind=failure.kind, error=reason)
            return Step(claim.key, claim.account, status, reason, now + LONGEST_RETRY)
        self.ledger.settle(claim, status, now, kind=failure.kind, error=reason, next_try=next_try)
        return Step(claim.key, claim.account, status, reason, next_try)

    def take_last_look(self, claim: Claim, index: int) -> None:
        """Raise Withdrawn if a part must not go out now; else it is marked as being sent, on disk."""
        if self._stopping.is_set():
            raise Withdrawn(Status.PLANNED, "the daemon is stopping")
        self.ledger.begin_sending(claim, index, self.clock.now())


class _Sending:
    """The state of one delivery under way."""

    def __init__(self, publisher: Publisher, claim: Claim) -> None:
        self.publisher = publisher
        self.claim = claim
        self.index = 0
        self.begun = False
        self.receipts = list(claim.receipts)

    def look(self) -> None:
        """Take the last look at the part under way."""
        self.publisher.take_last_look(self.claim, self.index)
        self.begun = True


def _is_news(delivery: Delivery, record: Record | None, action: Action) -> bool:
    """Return whether a missed or held delivery is not recorded as such yet."""
    fresh = record is None or record.status is Status.PLANNED or is_rebooked(delivery, record)
    if action is Action.HOLD:
        return fresh and not delivery.post.draft
    return action is Action.MISS and fresh


def _back_off(attempt: int) -> timedelta:
    """Return how long to wait after the nth failed attempt: doubling, with a fifth of jitter either way."""
    delay: timedelta = min(FIRST_RETRY * 2.0 ** min(attempt - 1, 10), LONGEST_RETRY)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  not for secrets


def count_statuses(steps: Iterable[Step]) -> dict[Status, int]:
    """Return how many steps ended in each status."""
    counted: dict[Status, int] = {}
    for step in steps:
        counted[step.status] = counted.get(step.status, 0) + 1
    return counted
