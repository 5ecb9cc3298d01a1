"""Rounds of publishing: what is due is sent in order within an account (a lane), accounts side by side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, decide, is_rebooked
from scheduler.domain.ports import Channel, Clock
from scheduler.ledger.desk import Desk
from scheduler.sending import LONGEST_RETRY, Sender, Step

log = logging.getLogger(__name__)

_QUIET = frozenset({Status.POSTED, Status.PLANNED, Status.PAST, Status.CLAIMED})

Work = tuple[Delivery, Record | None]


@dataclass
class Publisher:
    """Decides what is sent and when; `sender` sends it. The callbacks are called from any thread.

    `on_step` hears of each result, `on_idle` of each account whose lane has ended. `failure` is what ended a lane that
    could not record its work.
    """

    sender: Sender
    desk: Desk
    clock: Clock
    workers: int = 20
    minimum_gap: timedelta = timedelta()
    on_step: Callable[[Step], None] = lambda _: None
    on_idle: Callable[[str], None] = lambda _: None
    failure: BaseException | None = None
    _lanes: dict[str, Future[None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _rests: dict[str, datetime] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _paused: set[str] | None = None
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
        waiting = self._list_idle(deliveries)
        if not waiting:
            return []
        now, holds = self.clock.now(), self.sender.ledger.holds()
        records = self.sender.ledger.records([delivery.key for delivery in waiting])
        settled: list[str] = []
        lanes: dict[str, list[Work]] = {}
        blocked: dict[str, datetime] = {}
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
            elif not delivery.post.draft:
                settled.append(delivery.key)
        with self._lock:
            self._rests = {name: until for name, until in self._rests.items() if until > now} | blocked
        self._start(lanes, holds)
        return settled

    def next_wake(self) -> datetime | None:
        """Return when the first of the accounts that rest may go on, None if none rests."""
        with self._lock:
            return min(self._rests.values(), default=None)

    def refused_accounts(self) -> list[str]:
        """Return the accounts whose secret was refused and has not been tried anew since."""
        return sorted(self._refused)

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

    def _is_resting(self, account: str, blocked: dict[str, datetime], now: datetime) -> bool:
        """Return whether an account may not send now, and note in `blocked` until when."""
        if account in self._refused:
            if self._refused[account] == self.channels[account].fingerprint():
                blocked[account] = now + LONGEST_RETRY
                return True
            del self._refused[account]
            self._rests.pop(account, None)
        until = self._rests.get(account)
        if until is not None and until > now:
            blocked[account] = until
            return True
        return False

    def _start(self, lanes: Mapping[str, list[Work]], holds: Sequence[Hold]) -> None:
        with self._lock:
            pool = self._pool = self._pool or ThreadPoolExecutor(self.workers, thread_name_prefix="lane")
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
            self.failure = failure
            if isinstance(failure, Exception):
                log.error("lane %s ended: %s", account, failure)

    def _work_off(self, account: str, work: list[Work], holds: Sequence[Hold]) -> Iterator[Step]:
        """Do what each delivery needs, decided anew now that it is its turn, until the lane must rest."""
        resting = False
        for delivery, record in work:
            if self.sender.stopping.is_set() or account not in self.channels:
                return
            decision = decide(delivery, record, holds, self.clock.now())
            step = None
            if decision.action is Action.SEND and not resting:
                step = self.sender.publish(delivery, record)
            elif decision.action is Action.MISS:
                step = self.sender.note(delivery, record, Status.MISSED, decision.reason)
            elif decision.action is Action.HOLD:
                step = self.sender.note(delivery, record, Status.HELD, decision.reason)
            if step is not None:
                resting = self._rest_after(step) or resting
                yield step

    def _rest_after(self, step: Step) -> bool:
        """Return whether the lane must rest after a step, and note until when and why."""
        until = step.lane_until
        if step.status is Status.POSTED:
            gap_ends = self.clock.now() + self.minimum_gap if self.minimum_gap else None
            until = max((end for end in (gap_ends, step.rest_until) if end is not None), default=None)
            self._resume(step.account)
        elif step.kind == "unauthorised":
            if step.needs_secret:
                self._refused[step.account] = self.channels[step.account].fingerprint()
            self.desk.pause_account(step.account, step.reason, self.sender.ledger.owner, self.clock.now())
            self._paused = None
        if until is None:
            return False
        with self._lock:
            self._rests[step.account] = until
        return True

    def _resume(self, account: str) -> None:
        """A post that went out is the proof that an account's secret works again."""
        paused = self._paused
        if paused is None:
            paused = self._paused = set(self.desk.accounts())
        if account in paused:
            paused.discard(account)
            self.desk.resume_account(account, self.sender.ledger.owner, self.clock.now())

    def _tell(self, step: Step) -> None:
        level = logging.INFO if step.status in _QUIET and not step.kind else logging.WARNING
        log.log(level, "delivery=%s status=%s reason=%s", step.key, step.status, step.reason or "-")
        self.on_step(step)


def _holds_up(record: Record, now: datetime) -> bool:
    """Return whether what comes after a delivery in its lane would overtake it: it failed, or is being sent."""
    return record.status is Status.CLAIMED or (record.next_try is not None and record.next_try > now)


def _is_news(delivery: Delivery, record: Record | None, action: Action) -> bool:
    """Return whether a missed or held delivery is not recorded as such yet."""
    fresh = record is None or record.status is Status.PLANNED or is_rebooked(delivery, record)
    if action is Action.HOLD:
        return fresh and not delivery.post.draft
    return action is Action.MISS and fresh
