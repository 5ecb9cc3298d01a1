"""Words to the staff, through apprise: what was missed, what nobody can tell, which account or calendar is broken."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.domain.account import SecretRef
from scheduler.errors import Unauthorised
from scheduler.sources.secrets import read_secret

log = logging.getLogger(__name__)


@dataclass
class Alerts:
    """Sends in a thread of its own, so that no post waits for it. Each alert is said once as long as it is the same.

    `addresses` are references to apprise addresses (https://appriseit.com lists what one may be), which hold secrets.
    """

    addresses: Sequence[SecretRef]
    _waiting: queue.SimpleQueue[tuple[str, str] | None] = field(default_factory=queue.SimpleQueue)
    _said: dict[str, str] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def say(self, title: str, body: str) -> None:
        """Send an alert soon, unless the last one of this title said the same. Never raises, never waits."""
        if not self.addresses or self._said.get(title) == body:
            return
        self._said[title] = body
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
            self._thread.start()
        self._waiting.put((title, body))

    def forget(self, title: str) -> None:
        """Take note that the trouble of this title is over: should it come again, it is said again."""
        self._said.pop(title, None)

    def close(self, seconds: float) -> None:
        """Send what is waiting, for at most so many seconds."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(seconds)

    def _work(self) -> None:
        while (alert := self._waiting.get()) is not None:
            try:
                self._send(*alert)
            except Exception as failure:  # whatever an alert's service does, publishing goes on
                log.error("alert could not be sent (%s): %s", type(failure).__name__, alert[0])

    def _send(self, title: str, body: str) -> None:
        import apprise

        for reference in self.addresses:
            try:
                address = read_secret(reference)
            except Unauthorised as failure:
                log.error("alert could not be sent: %s", failure)
                continue
            sender = apprise.Apprise()
            if not sender.add(address):
                log.error("alert could not be sent: %s is not an address that apprise knows", reference)
            elif not sender.notify(title=f"Campaign scheduler: {title}", body=body):
                log.error("alert could not be sent to %s: %s", reference, title)
