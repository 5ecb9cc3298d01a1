"""Words to the staff, through apprise: what was missed, what nobody can tell, which account or calendar is broken."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.domain.account import SecretRef
from scheduler.errors import Unauthorised
from scheduler.sources.secrets import read_secret

MOST_WAITING = 500
"""Alerts kept for services that are down; the oldest are dropped first."""
MOST_TITLES = 2000
"""Titles remembered, so as not to say the same again."""
_TRIES_IN_ORDER = 3
_MOST_FAILURES = 3  # of one pass, when a service is down

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds: before a failed alert is tried again, doubled each time up to `longest`, until it is `lifetime` old."""

    first: float = 30.0
    longest: float = 900.0
    lifetime: float = 86_400.0


@dataclass(eq=False, slots=True)
class _Alert:
    title: str
    body: str
    said_at: float
    is_delivered: bool = False  # to one address at least
    settled: set[SecretRef] = field(default_factory=set)  # where it was delivered, or refused for good
    failures: Counter[SecretRef] = field(default_factory=Counter)


@dataclass(slots=True)
class _Rest:
    seconds: float
    until: float


class Alerts:
    """Sends in a thread of its own, so that no post waits for it. Each alert is said once as long as it is the same.

    What a service does not take is tried again, at each address in the order in which it was said. `addresses` are
    references to apprise addresses (https://appriseit.com lists what one may be), which hold secrets.
    """

    def __init__(self, addresses: Sequence[SecretRef], pauses: Pauses = Pauses()) -> None:
        self._addresses = tuple(addresses)
        self._pauses = pauses
        self._changed = threading.Condition()  # guards all that follows
        self._waiting: list[_Alert] = []
        self._said: dict[str, str] = {}  # what is waiting or was delivered, the title last spoken of at the end
        self._rests: dict[SecretRef, _Rest] = {}
        self._thread: threading.Thread | None = None
        self._is_closing = False
        self._tried_at_end: set[SecretRef] = set()

    @property
    def addresses(self) -> tuple[SecretRef, ...]:
        """Where alerts go."""
        return self._addresses

    @addresses.setter
    def addresses(self, addresses: Sequence[SecretRef]) -> None:
        """Send there from now on, what is still waiting included; that is tried at once."""
        with self._changed:
            self._addresses = tuple(addresses)
            self._rests.clear()
            self._drop_settled()
            self._changed.notify_all()

    def say(self, title: str, body: str) -> None:
        """Send an alert soon, unless the last one of this title said the same. Never raises, never waits."""
        with self._changed:
            if not self._addresses:
                return
            repeated = self._said.pop(title, None) == body
            self._said[title] = body
            if repeated:
                return
            if len(self._said) > MOST_TITLES:
                del self._said[next(iter(self._said))]
            self._waiting.append(_Alert(title, body, time.monotonic()))
            if len(self._waiting) > MOST_WAITING:
                self._give_up(self._waiting[0], f"more than {MOST_WAITING} are waiting")
            self._start()
            self._changed.notify_all()

    def forget(self, title: str) -> None:
        """Take note that the trouble of this title is over: should it come again, it is said again."""
        with self._changed:
            self._said.pop(title, None)

    def close(self, seconds: float) -> None:
        """Try once more to send what is waiting, for at most so many seconds; the log names what stays unsent."""
        if self._thread is None:
            return
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(seconds)
        with self._changed:
            for alert in list(self._waiting):
                self._give_up(alert, "the program ends")

    def _start(self) -> None:
        if self._thread is not None:
            return
        thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        try:
            thread.start()
        except RuntimeError as failure:  # no more threads; the next alert tries again
            log.error("alerts cannot be sent now: %s", failure)
        else:
            self._thread = thread

    def _work(self) -> None:
        while (address := self._wait_for_turn()) is not None:
            try:
                self._send_waiting(address)
            except Exception:  # of ours; the next alert may pass
                log.exception("alerts: a fault in the program")
                with self._changed:
                    self._rest(address)

    def _wait_for_turn(self) -> SecretRef | None:
        """Return an address that is not resting and has something waiting; at the end each once more, then None."""
        with self._changed:
            while True:
                now = time.monotonic()
                self._drop_old(now)
                wanted = [address for address in self._addresses if self._list_waiting(address)]
                if self._is_closing:
                    return self._choose_last(wanted)
                ends = {address: self._rests[address].until for address in wanted if address in self._rests}
                for address in wanted:
                    if ends.get(address, now) <= now:
                        return address
                self._changed.wait(min(ends.values()) - now if ends else None)

    def _choose_last(self, wanted: Sequence[SecretRef]) -> SecretRef | None:
        for address in wanted:
            if address not in self._tried_at_end:
                self._tried_at_end.add(address)
                return address
        return None

    def _list_waiting(self, address: SecretRef) -> list[_Alert]:
        return [alert for alert in self._waiting if address not in alert.settled]

    def _send_waiting(self, address: SecretRef) -> None:
        """Send in order, up to the first that fails; but one that fails again and again lets the next ones pass."""
        with self._changed:
            waiting = self._list_waiting(address)
        failed: list[_Alert] = []
        for alert in waiting:
            if self._deliver(address, alert):
                continue
            failed.append(alert)
            if alert.failures[address] < _TRIES_IN_ORDER or len(failed) >= _MOST_FAILURES:
                break
        if failed and any(address in alert.settled for alert in waiting):
            # The service works, so it does not want these; were they kept, they would hold up the others for a day.
            failed = [alert for alert in failed if not self._try_finally(address, alert)]
        with self._changed:
            if failed:
                self._rest(address)
            else:
                self._rests.pop(address, None)

    def _try_finally(self, address: SecretRef, alert: _Alert) -> bool:
        """Return whether an alert that failed often while others did not is settled now, one way or the other."""
        if alert.failures[address] < _TRIES_IN_ORDER:
            return False
        if self._deliver(address, alert):
            return True
        log.error("alert given up: %s does not take it, and takes others: %s", address, alert.title)
        self._settle(address, alert, is_delivered=False)
        return True

    def _deliver(self, address: SecretRef, alert: _Alert) -> bool:
        """Return whether an alert was sent to this address."""
        try:
            reason = _send(address, alert.title, alert.body)
        except Exception as failure:  # whatever an alert's service does, publishing goes on
            reason = f"{address}: {type(failure).__name__}"
        if reason:
            alert.failures[address] += 1
            log.error("alert could not be sent, try %d (%s): %s", alert.failures[address], reason, alert.title)
            return False
        self._settle(address, alert, is_delivered=True)
        return True

    def _settle(self, address: SecretRef, alert: _Alert, *, is_delivered: bool) -> None:
        with self._changed:
            alert.settled.add(address)
            alert.is_delivered |= is_delivered
            self._drop_settled()

    def _rest(self, address: SecretRef) -> None:
        before = self._rests.get(address)
        seconds = self._pauses.first if before is None else min(before.seconds * 2, self._pauses.longest)
        self._rests[address] = _Rest(seconds, time.monotonic() + seconds)

    def _drop_settled(self) -> None:
        for alert in [alert for alert in self._waiting if alert.settled.issuperset(self._addresses)]:
            self._waiting.remove(alert)
            self._unsay(alert)

    def _drop_old(self, now: float) -> None:
        for alert in [alert for alert in self._waiting if now - alert.said_at > self._pauses.lifetime]:
            self._give_up(alert, "it was tried for too long")

    def _give_up(self, alert: _Alert, why: str) -> None:
        log.error("alert given up: %s: %s", why, alert.title)
        self._waiting.remove(alert)
        self._unsay(alert)

    def _unsay(self, alert: _Alert) -> None:
        """Let what nobody was told be said again."""
        if not alert.is_delivered and self._said.get(alert.title) == alert.body:
            del self._said[alert.title]


def _send(reference: SecretRef, title: str, body: str) -> str:
    """Send an alert; return why it could not be, "" if it was."""
    import apprise

    try:
        address = read_secret(reference)
    except Unauthorised as failure:
        return str(failure)
    sender = apprise.Apprise()
    if not sender.add(address):
        return f"{reference} is not an address that apprise knows"
    return "" if sender.notify(title=f"Campaign scheduler: {title}", body=body) else f"{reference} did not take it"
