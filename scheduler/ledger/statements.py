"""The statements between a claim and its receipt, built once: to build them anew costs several times their running.

What a change sets is given with the other values when it is executed, by the names of the columns.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from scheduler.domain.delivery import PartState, Status
from scheduler.ledger import tables

_D = tables.delivery.c
_P = tables.part.c
_E = tables.event.c

_lane_is_busy = exists(select(_D.key).where(_D.account == bindparam("lane"), _D.status == Status.CLAIMED))

FIND_ROW = select(_D.key).where(_D.key == bindparam("row")).limit(1)
"""`row`: a delivery's key."""

ADD_ROW = insert(tables.delivery)

_CLAIMED = (
    *("key", "campaign", "post", "occurrence", "account", "tags", "status", "due", "not_after", "settled_at"),
    *("attempt", "owner", "prepared", "digest", "created_at", "next_try", "even_late", "doubt_since"),
    *("error_kind", "error"),
)

ADD_CLAIM = (
    insert(tables.delivery)
    .from_select(
        _CLAIMED,
        select(*(bindparam(name, type_=_D[name].type) for name in _CLAIMED)).where(
            ~exists(select(_D.key).where(_D.key == bindparam("key", type_=_D.key.type))), ~_lane_is_busy
        ),
    )
    .execution_options(preserve_rowcount=True)  # else it is not told of an insert
)
"""Makes a row that is claimed, its columns by name, unless it is there already or its account `lane` is busy."""

CHANGE_ROW = update(tables.delivery).where(
    _D.key == bindparam("row"), _D.status == bindparam("was"), _D.attempt == bindparam("tried")
)
"""`row`: a delivery's key; `was`, `tried`: the status and attempt that it must still have."""

CLAIM_ROW = CHANGE_ROW.where(~_lane_is_busy)
"""The same, where nothing of the account `lane` is claimed."""

POST_ROW = update(tables.delivery).where(
    _D.key == bindparam("row"),
    # An `in` would be made anew for each running, and not be run with many rows.
    or_(*(_D.status == status for status in (Status.CLAIMED, Status.UNKNOWN, Status.PLANNED, Status.PARTIAL))),
)

DROP_PARTS = delete(tables.part).where(_P.key == bindparam("row"))

ADD_PARTS = insert(tables.part).execution_options(preserve_rowcount=True)

MARK_SENDING = update(tables.part).where(
    _P.key == bindparam("row"),
    _P.number == bindparam("index"),
    _P.state != PartState.POSTED,  # one that waited long for its turn is marked twice
    exists(
        select(_D.key).where(
            _D.key == bindparam("row"),
            _D.status == Status.CLAIMED,
            _D.owner == bindparam("claimed_by"),
            _D.attempt == bindparam("tried"),
        )
    ),
)
"""`row`, `index`: a part that is not out; `claimed_by`, `tried`: the owner and attempt of the claim on its delivery."""

KEEP_PROGRESS = MARK_SENDING
"""The same row, if the claim still holds: `kept` is what its platform must know at its next call."""

KEEP_RECEIPT = update(tables.part).where(
    _P.key == bindparam("row"), _P.number == bindparam("index"), _P.state != PartState.POSTED
)

SET_DOUBT = update(tables.delivery).where(_D.key == bindparam("row"))
"""`row`: a delivery's key; `doubt_since`: since when it is in doubt, None for no more."""

DROP_PREPARED = update(tables.delivery).where(
    _D.key == bindparam("row"),
    _D.doubt_since.is_(None),
    ~exists(select(_P.key).where(_P.key == bindparam("row"), _P.state == PartState.POSTED)),
)
"""`row`: a delivery of which nothing can be out: an edit of the calendar counts from its next try."""

LIST_HOLDS_IN_FORCE = select(tables.hold).where(tables.hold.c.released_at.is_(None))

LAST_EVENT = select(_E.seq, _E.hash).order_by(_E.seq.desc()).limit(1)

ADD_EVENTS = insert(tables.event)

COMMON = (ADD_CLAIM, ADD_PARTS, MARK_SENDING, KEEP_RECEIPT, POST_ROW)
"""What each delivery needs on its way, in this order. Many deliveries of one moment are run through each at once: one
must be given the same parameters always.
"""
