"""Rounds of publishing: what is due is sent in order within an account (a lane), accounts side by side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, Decision, decide, is_rebooked
from scheduler.domain.ports import Channel, Clock
from scheduler.errors import LaneFailed, SchedulerError
from scheduler.refusals import Refusals
from scheduler.sending import Sender, Step

log = logging.getLogger(__name__)

_NEWS: Mapping[Action, Status] = {Action.MISS: Status.MISSED, Action.HOLD: Status.HELD}
_QUIET = frozenset({Status.POSTED, Status.PLANNED, Status.PAST, Status.CLAIMED})
_HEAD_START_SECONDS = 0.02

Work = tuple[Delivery, Record | None]


@dataclass
class Publisher:
    """Decides what is sent and when; `sender` sends it. The callbacks are called from any thread.

    `on_step` hears of each result, `on_idle` of each account whose lane has ended; `is_current` says whether a
    delivery is still what the calendars say. `failure` is what ended a lane that could not record its work.
    """

    sender: Sender
    refusals: Refusals
    clock: Clock
    minimum_gap: timedelta = timedelta()
    on_step: Callable[[Step], None] = lambda _: None
    on_idle: Callable[[str], None] = lambda _: None
    is_current: Callable[[Delivery], bool] = lambda _: True
    failure: BaseException | None = None
    _lanes: dict[str, Future[None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _rests: dict[str, datetime] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The accounts that can be sent to, by name."""
        return self.sender.channels

    def run_round(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Start a lane for each account that has something to do and is not at work already.

        `deliveries` are due, in order. Come back at once with the keys of those that are settled; `join` waits for
        the lanes. Raise LedgerError if the ledger cannot be read, or could not be written by an earlier lane.
        """
        self._raise_failure()
        waiting, now = self._list_idle(deliveries), self.clock.now()
        if not waiting:
            self._rest({}, now)
            return []
        holds = self.sender.ledger.holds()
        # One leaves before anything is read about the others, which would slow it down.
        first = [delivery for delivery in waiting if delivery.account == waiting[0].account]
        others = [delivery for delivery in waiting if delivery.account != waiting[0].account]
        settled = self._start_some(first, holds, now)
        if others:
            self._wait_for_one(_HEAD_START_SECONDS)
            settled += self._start_some(others, holds, now)
        return settled

    def _wait_for_one(self, seconds: float) -> None:
        """Wait until one of the lanes has ended, but no longer than that."""
        with self._lock:
            lanes = list(self._lanes.values())
        wait(lanes, seconds, FIRST_COMPLETED)

    def _start_some(self, waiting: Sequence[Delivery], holds: Sequence[Hold], now: datetime) -> list[str]:
        """Start a lane for each of these accounts, and return the keys of what is settled."""
        records = self.sender.ledger.records([delivery.key for delivery in waiting])
        settled: list[str] = []
        lanes: dict[str, list[Work]] = {}
        blocked: dict[str, datetime | None] = {}  # None: until its secret changes
        for delivery in waiting:
            account, record = delivery.account, records.get(delivery.key)
            decision = decide(delivery, record, holds, now)
            if _is_news(delivery, record, decision.action):
                lanes.setdefault(account, []).append((delivery, record))
            elif decision.action is Action.SEND:
                if account not in blocked and not self._is_resting(account, blocked, now):
                    lanes.setdefault(account, []).append((delivery, record))
            elif decision.action is Action.WAIT:
                if record is not None and _holds_up(record, now):
                    blocked.setdefault(account, record.next_try or now)
            elif not delivery.withheld:
                settled.append(delivery.key)
        self._rest(blocked, now)
        self._start(lanes, holds)
        return settled

    def _rest(self, blocked: Mapping[str, datetime | None], now: datetime) -> None:
        with self._lock:
            self._rests = {name: until for name, until in self._rests.items() if until > now}
            self._rests |= {name: until for name, until in blocked.items() if until is not None}

    def resting_accounts(self) -> dict[str, datetime]:
        """Return until when each account rests that does."""
        with self._lock:
            return dict(self._rests)

    def next_wake(self) -> datetime | None:
        """Return when the first of the accounts that rest may go on, None if none rests."""
        with self._lock:
            return min(self._rests.values(), default=None)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the lanes at work. Return whether all have ended. Raise what a lane could not settle."""
        with self._lock:
            lanes = list(self._lanes.values())
        done = not wait(lanes, timeout).not_done
        self._raise_failure()
        return done

    def stop(self, seconds: float) -> bool:
        """Let what is committing end, release the rest. Return whether everything ended in time."""
        self.sender.stopping.set()
        with self._lock:
            lanes = list(self._lanes.values())
        done = not wait(lanes, seconds).not_done
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        return done

    def _list_idle(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Return the deliveries of accounts that exist and have no lane at work."""
        with self._lock:
            self._lanes = {name: lane for name, lane in self._lanes.items() if not lane.done()}
            return [each for each in deliveries if each.account not in self._lanes and each.account in self.channels]

    def _is_resting(self, account: str, blocked: dict[str, datetime | None], now: datetime) -> bool:
        """Return whether an account may not send now, and note in `blocked` until when."""
        if self.refusals.is_waiting(account):
            blocked[account] = None
            return True
        until = self._rests.get(account)
        if until is not None and until > now:
            blocked[account] = until
            return True
        return False

    def _start(self, lanes: Mapping[str, list[Work]], holds: Sequence[Hold]) -> None:
        with self._lock:
            pool = self._pool = self._pool or ThreadPoolExecutor(_count_threads(self.sender.workers), "lane")
            for account, work in lanes.items():
                self._lanes[account] = pool.submit(self._run_lane, account, work, holds)
        for account in lanes:
            self._lanes[account].add_done_callback(partial(self._hear_end, account))

    def _hear_end(self, account: str, _: Future[None]) -> None:
        self.on_idle(account)

    def _raise_failure(self) -> None:
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    def _run_lane(self, account: str, work: list[Work], holds: Sequence[Hold]) -> None:
        try:
            for step in self._work_off(account, work, holds):
                self._tell(step)
        except BaseException as failure:  # it ends the round, and the daemon with it: nothing is recorded any more
            if isinstance(failure, Exception) and not isinstance(failure, SchedulerError):
                log.exception("lane %s failed within the program", account)
                failure = LaneFailed(f"The program failed while it was sending on {account}: {type(failure).__name__}.")
            self.failure = failure
            if isinstance(failure, SchedulerError):
                log.error("lane %s ended: %s", account, failure)

    def _work_off(self, account: str, work: list[Work], holds: Sequence[Hold]) -> Iterator[Step]:
        """Do what each delivery needs, decided anew now that it is its turn, until the lane must rest."""
        resting = False
        for delivery, record in work:
            if self.sender.stopping.is_set() or account not in self.channels:
                return
            if not self.is_current(delivery):
                continue  # the calendar was read again meanwhile: the next round has what it says now
            decision = decide(delivery, record, holds, self.clock.now())
            step = None
            if decision.action is Action.SEND and not resting:
                step = self.sender.publish(delivery, record)
            elif decision.action in _NEWS:
                step = self._note(delivery, record, decision)
            if step is not None:
                resting = self._rest_after(step) or resting
                yield step

    def _note(self, delivery: Delivery, record: Record | None, decision: Decision) -> Step | None:
        """Record that a delivery will not be sent now, nor later by itself. Of one in doubt that cannot be said."""
        if record is not None and self.sender.is_in_doubt(record, delivery.account):
            return self.sender.doubt(record, f"{decision.reason}, but an earlier try may be out")
        reason = decision.reason
        if record is not None and record.error and record.status is Status.PLANNED:
            reason = f"{reason}; before that: {record.error}"
        elif self.refusals.is_waiting(delivery.account):
            reason = f"{reason}; the account waited for its secret"
        return self.sender.note(delivery, record, _NEWS[decision.action], reason)

    def _rest_after(self, step: Step) -> bool:
        """Return whether the lane must rest after a step, and note until when and why."""
        until = step.lane_until
        if step.status is Status.POSTED:
            gap_ends = self.clock.now() + self.minimum_gap if self.minimum_gap else None
            until = max((end for end in (gap_ends, step.rest_until) if end is not None), default=None)
            self.refusals.clear(step.account)
        elif step.kind == "unauthorised":
            self.refusals.add(step.account, step.reason, needs_secret=step.needs_secret)
            if step.needs_secret:
                return True  # for its secret, not for a time
        if until is None:
            return False
        with self._lock:
            self._rests[step.account] = until
        return True

    def _tell(self, step: Step) -> None:
        level = logging.INFO if step.status in _QUIET and not step.kind else logging.WARNING
        log.log(level, "delivery=%s status=%s reason=%s", step.key, step.status, step.reason or "-")
        self.on_step(step)


def _count_threads(workers: int) -> int:
    """Return how many lanes are at work: while some wait for an answer, others are busy with the ledger."""
    return workers + workers // 2 + 2 if workers > 1 else 1


def _holds_up(record: Record, now: datetime) -> bool:
    """Return whether what comes after a delivery in its lane would overtake it: it failed, or is being sent."""
    return record.status is Status.CLAIMED or (record.next_try is not None and record.next_try > now)


def _is_news(delivery: Delivery, record: Record | None, action: Action) -> bool:
    """Return whether a missed or held delivery is not recorded as such yet."""
    fresh = record is None or record.status is Status.PLANNED or is_rebooked(delivery, record)
    if action is Action.HOLD:
        return fresh and not delivery.withheld
    return action is Action.MISS and fresh
