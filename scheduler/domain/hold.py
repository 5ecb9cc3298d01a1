"""A hold: a reason not to send now, for everything, a campaign, an account or a tag."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from scheduler.domain.delivery import Delivery


class Subject(NamedTuple):
    """What a hold is matched against: the ids of a delivery and the tags of its post."""

    campaign: str
    post: str
    account: str
    tags: frozenset[str] = frozenset()


class Hold(NamedTuple):
    """A hold as the ledger keeps it. Times are aware, UTC; an empty scope covers everything.

    Scopes given together must all match. `exempt` holds `campaign/post` ids that go out all the same.
    """

    id: int
    placed_at: datetime
    placed_by: str
    reason: str
    campaign: str | None = None
    account: str | None = None
    tag: str | None = None
    exempt: frozenset[str] = frozenset()
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None

    @property
    def scope(self) -> str:
        """Return what it covers, in words."""
        named = [("campaign", self.campaign), ("account", self.account), ("tag", self.tag)]
        return ", ".join(f"{kind} {name}" for kind, name in named if name is not None) or "everything"

    @property
    def words(self) -> str:
        """Return what the record says of a delivery that it stops."""
        return f"hold {self.id} ({self.scope}): {self.reason}"

    @property
    def words_when_over(self) -> str:
        """Return what is to be said of a delivery that it stopped, once it is released."""
        return f"it fell due during hold {self.id} ({self.scope}: {self.reason}), which is released"

    def covers(self, subject: Subject) -> bool:
        """Return whether the hold is about this delivery, whatever the time."""
        return (
            (self.campaign is None or self.campaign == subject.campaign)
            and (self.account is None or self.account == subject.account)
            and (self.tag is None or self.tag in subject.tags)
            and f"{subject.campaign}/{subject.post}" not in self.exempt
        )

    def is_active(self, now: datetime) -> bool:
        """Return whether it stops anything at this moment.

        One that is not released does, even if another machine's clock says that it was placed in a moment from now.
        """
        return self.released_at is None or self.placed_at <= now < self.released_at

    def overlaps(self, since: datetime, now: datetime) -> bool:
        """Return whether it was in force at any moment of [since, now]."""
        return self.released_at is None or (self.placed_at <= now and self.released_at >= since)


def say_held(words: str, holds: Iterable[Hold]) -> str:
    """Given what the record says of a delivery that is held, return the same, or that the hold is released by now."""
    over = (hold.words_when_over for hold in holds if hold.released_at is not None and hold.words == words)
    return next(over, words)


def subject_of(delivery: Delivery) -> Subject:
    """Return what holds look at in a delivery."""
    return Subject(delivery.campaign.id, delivery.post.id, delivery.account, delivery.post.tags)
