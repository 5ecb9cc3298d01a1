"""The moments of the path from a calendar to a post at which a daemon can be killed."""

from __future__ import annotations

from dataclasses import dataclass

from tests.acceptance.crashing import Moment


def at(place: str, event: str, count: int = 1) -> Moment:
    module, function = place.split(":")
    return Moment(module, function, event, count)


def then(place: str, event: str) -> Moment:
    """Return the next such moment in the thread of the one before."""
    module, function = place.split(":")
    return Moment(module, function, event, bound=True)


CLAIM = "scheduler.ledger.writing:PublishingLedger.claim"
KEEP = "scheduler.ledger.writing:PublishingLedger.keep_progress"
LOOK = "scheduler.sending:Sender._take_last_look"
MARK = "scheduler.ledger.writing:PublishingLedger.begin_sending"
SETTLE = "scheduler.ledger.writing:PublishingLedger.settle_part"
WRITTEN = "scheduler.ledger.transactions:Transaction.chain_events"  # its return: all is written, nothing committed
PICTURE = "scheduler.channels:AccountChannel._open_media"  # made fit anew, or found where it was kept
CALL = "requests.sessions:Session.send"
CONNECTED = "urllib3.connection:HTTPConnection.connect"
REPLY = "urllib3.connection:HTTPConnection.getresponse"  # its call: the request is out, no byte of a reply is read
PUT = "scheduler.noticeboard_folder:Board.put"
HIDDEN = "pathlib:Path.write_bytes"  # its return: the file is there under a hidden name
TAKE_OVER = "scheduler.ledger.writing:PublishingLedger.take_over"
RECONCILE = "scheduler.reconcile:Reconciler.run"
HEAR = "scheduler.rounds:Rounds.hear"


@dataclass(frozen=True)
class Step:
    """Where the daemon dies, and where it dies again when started again (nowhere, if empty).

    In `doubt` the part is marked as being sent and the server may not have it.
    """

    name: str
    moments: tuple[Moment, ...]
    again: tuple[Moment, ...] = ()
    doubt: bool = False
