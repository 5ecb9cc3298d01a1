"""The last event known to be in a ledger, kept outside it: a ledger that was lost or restored does not hold it.

Without it, a ledger from yesterday's backup would be believed, and what went out since would go out once more.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

from scheduler.errors import LedgerError, Unavailable
from scheduler.ledger.opening import describe
from scheduler.ledger.reading import Reader
from scheduler.sessions import FileStore

log = logging.getLogger(__name__)


class HighWaterMark:
    """One machine's mark of one ledger. `state` is the folder of the settings; marks lie in `ledgers` below it.

    Other machines may have written later events into the same ledger: only the event of the mark must be there.
    """

    def __init__(self, state: Path, address: str) -> None:
        self.address = address
        self._store = FileStore(state / "ledgers")
        self._name = hashlib.sha256(_identify(address).encode()).hexdigest()[:32]
        self._kept: tuple[int, str] | None = None
        self._lock = threading.Lock()

    @property
    def known(self) -> tuple[int, str] | None:
        """The number and the hash of the last event known, None if this machine never wrote to the ledger."""
        values = self._store.load(self._name)
        seq, hashed = values.get("seq"), values.get("hash")
        return (seq, hashed) if isinstance(seq, int) and isinstance(hashed, str) else None

    def is_missing_in(self, ledger: Reader) -> bool:
        """Return whether the last event known is not in the ledger."""
        known = self.known
        return known is not None and not ledger.has_event(*known)

    def check(self, ledger: Reader) -> None:
        """Raise LedgerError if the ledger does not hold the last event known."""
        if self.is_missing_in(ledger):
            raise LedgerError(self.explain())

    def explain(self) -> str:
        """Return what it means that the last event known is not there, and what to do."""
        seq = self.known[0] if self.known else 0
        return (
            f"The ledger {describe(self.address)} is not the one that was last written from here: its event {seq} is "
            "missing or another. It was lost, or an older copy was put in its place, so posts that are out already "
            "would go out again. Nothing was sent. Put the newer ledger back; or, if there is none, stop everything "
            'with `campaign hold --reason "…"`, see what is out, and then take this one as it is with '
            '`campaign ledger accept --reason "…"`.'
        )

    def keep(self, ledger: Reader) -> None:
        """Keep the ledger's newest event as the last one known. A folder that cannot be written is logged.

        Raise LedgerError if the ledger cannot be read.
        """
        with self._lock:
            newest = ledger.last_event()
            if newest is None or newest == self._kept:
                return
            try:
                self._store.store(self._name, {"ledger": _identify(self.address), "seq": newest[0], "hash": newest[1]})
            except Unavailable as failure:
                log.error("a ledger that is lost or restored would not be noticed: %s", failure)
                return
            self._kept = newest


def _identify(address: str) -> str:
    """Return what a ledger is known by, from whatever folder and as whatever user it is opened."""
    return str(Path(describe(address)).resolve()) if address.startswith("sqlite") else describe(address)
