"""The unit of work: one occurrence of one post to one account, what the ledger knows of it, and its legal moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from scheduler.domain.campaign import Campaign, Post
from scheduler.domain.content import Media


class Status(StrEnum):
    """Where a delivery stands. The first two are also computed, for deliveries the ledger has no row of."""

    PLANNED = "planned"  # not due, or waiting for another try
    HELD = "held"  # a hold, a draft, or it fell due during a hold
    CLAIMED = "claimed"  # somebody is sending it
    POSTED = "posted"
    PARTIAL = "partial"  # a thread of which some parts are out
    HANDED = "handed"  # a person has the words and pictures, and is to post them
    UNKNOWN = "unknown"  # it may be out; never sent again blindly
    REJECTED = "rejected"  # the platform, or our own check, will never accept it
    MISSED = "missed"  # its not-after time passed
    SKIPPED = "skipped"  # a person said not to send it
    PAST = "past"  # it was over before the ledger first saw it


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.PLANNED: frozenset(
        {Status.PLANNED, Status.CLAIMED, Status.HELD, Status.MISSED, Status.SKIPPED, Status.PAST}
        | {Status.REJECTED, Status.UNKNOWN}
    ),
    Status.HELD: frozenset({Status.CLAIMED, Status.PLANNED, Status.HELD, Status.MISSED, Status.SKIPPED}),
    Status.CLAIMED: frozenset(
        {
            Status.POSTED,
            Status.PARTIAL,
            Status.UNKNOWN,
            Status.REJECTED,
            Status.PLANNED,
            Status.HELD,
            Status.MISSED,
            Status.HANDED,
        }
    ),
    Status.HANDED: frozenset({Status.POSTED, Status.SKIPPED, Status.PLANNED}),
    Status.PARTIAL: frozenset({Status.CLAIMED, Status.POSTED, Status.PARTIAL, Status.SKIPPED}),
    Status.UNKNOWN: frozenset(
        {Status.UNKNOWN, Status.POSTED, Status.PARTIAL, Status.PLANNED, Status.MISSED, Status.SKIPPED}
    ),
    Status.REJECTED: frozenset({Status.CLAIMED, Status.PLANNED, Status.SKIPPED, Status.HELD, Status.MISSED}),
    Status.MISSED: frozenset({Status.CLAIMED, Status.PLANNED, Status.SKIPPED, Status.POSTED, Status.HELD}),
    Status.SKIPPED: frozenset({Status.PLANNED, Status.POSTED}),
    Status.PAST: frozenset({Status.CLAIMED, Status.PLANNED, Status.SKIPPED, Status.HELD, Status.MISSED}),
    Status.POSTED: frozenset(),
}
"""From a status to those it may become. Posted is final: nothing is ever sent twice."""


class Delivery(NamedTuple):
    """One occurrence of one post to one account. Its key is made of ids, never of text or time."""

    campaign: Campaign
    post: Post
    account: str

    @property
    def key(self) -> str:
        """Return `campaign/post/occurrence/account`."""
        return f"{self.campaign.id}/{self.post.id}/{self.campaign.occurrence}/{self.account}"

    @property
    def ids(self) -> dict[str, str]:
        """Return its key and the ids it is made of, by name."""
        return {
            "key": self.key,
            "campaign": self.campaign.id,
            "post": self.post.id,
            "occurrence": self.campaign.occurrence,
            "account": self.account,
        }

    @property
    def withheld(self) -> str:
        """Return why it is shown and never sent as the calendar stands; the empty string if it may be sent."""
        return "a draft" if self.post.draft else self.campaign.unsettled

    @property
    def due(self) -> datetime:
        """Return when it is to leave, in UTC."""
        return self.post.due.astimezone(UTC)

    @property
    def not_after(self) -> datetime:
        """Return the last moment at which it may leave, in UTC."""
        return self.due + self.post.not_after  # in UTC: wall time would add or lose the hour when clocks change


class PreparedPart(NamedTuple):
    """One message as a platform's client will send it.

    `text` is what readers will see; `body` is the platform's own request, plain JSON, without any secret; `links` are
    the addresses in the text, for the preview and its price.
    """

    text: str
    body: Mapping[str, Any]
    media: tuple[Media, ...] = ()
    links: tuple[str, ...] = ()


class Prepared(NamedTuple):
    """What a claim stores: everything needed to send, repeat and find a delivery without rendering it again."""

    parts: tuple[PreparedPart, ...]


class Receipt(NamedTuple):
    """What a platform answered for one part. `data` keeps what later parts or a retraction need, such as a cid."""

    remote_id: str
    url: str = ""
    data: Mapping[str, str] = {}


class Found(StrEnum):
    """What a look after an unknown outcome can say."""

    ABSENT = "absent"  # it is not out, or sending the same again cannot make a second one
    UNSURE = "unsure"  # not seen, which proves nothing


UNDER_WAY = frozenset({Status.PLANNED, Status.CLAIMED, Status.PARTIAL, Status.UNKNOWN})
"""In these, what was claimed first is what another attempt sends."""


class PartState(StrEnum):
    """A part is `sending` from just before its committing call until its receipt is on disk."""

    WAITING = "waiting"
    SENDING = "sending"
    POSTED = "posted"


class PartRecord(NamedTuple):
    """What the ledger knows of one part; `number` counts from 0. Times are aware, UTC.

    `kept` is what the platform put on record between its calls, such as the id of a container that waits; `kept_of` is
    the digest of what was being sent then.
    """

    number: int
    state: PartState
    receipt: Receipt | None = None
    sending_at: datetime | None = None
    sent_at: datetime | None = None
    kept: Mapping[str, str] = {}
    kept_of: str = ""


class Record(NamedTuple):
    """The ledger's row of one delivery. Times are aware, UTC.

    `created_at` is fixed by the first claim of what is stored in `prepared`; `settled_at` is the last change of
    status; `next_try` is when it may be tried (or, if unknown, looked for) again; `looks` counts the looks so far.
    `doubt_since` is when a try began that may be out although a look did not find it: the same may be sent again only
    as long as the platform remembers its key. `even_late` counts for the due time it was given for.
    `retracted_at` is when what was posted was taken back.
    """

    key: str
    account: str
    status: Status
    due: datetime
    not_after: datetime
    settled_at: datetime
    attempt: int = 0
    owner: str | None = None
    prepared: Prepared | None = None
    created_at: datetime | None = None
    next_try: datetime | None = None
    looks: int = 0
    even_late: bool = False
    doubt_since: datetime | None = None
    error_kind: str = ""
    error: str = ""
    retracted_at: datetime | None = None
    parts: tuple[PartRecord, ...] = ()

    @property
    def is_under_way(self) -> bool:
        """Return whether another attempt sends what is stored, whatever the calendar says now."""
        return self.prepared is not None and self.status in UNDER_WAY

    @property
    def kept(self) -> Mapping[int, Mapping[str, str]]:
        """Return what platforms keep between their calls, by the number of the part."""
        return {part.number: part.kept for part in self.parts if part.kept}

    def find_kept(self, digest: str) -> Mapping[int, Mapping[str, str]]:
        """Return the same, but only what was kept of a Prepared with that digest."""
        return {part.number: part.kept for part in self.parts if part.kept and part.kept_of == digest}

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Return the receipts of the parts that are out, in order."""
        return tuple(part.receipt for part in self.parts if part.receipt is not None)
