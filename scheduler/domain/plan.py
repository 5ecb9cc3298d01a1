"""The plan: which deliveries the calendars ask for, in order of due time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from scheduler.domain.campaign import Campaign
from scheduler.domain.delivery import Delivery


class Window(NamedTuple):
    """Which days to look at, both included, by the calendar day in each post's own zone; None is open."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether a day lies in the window."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


EVERYTHING = Window()


def plan_deliveries(
    campaigns: Iterable[Campaign], window: Window = EVERYTHING, accounts: Collection[str] | None = None
) -> list[Delivery]:
    """Return every delivery whose post falls in the window and, if accounts are named, goes to one of them.

    The order is by due time, then as the calendars and their posts stand, then as the accounts are listed: the
    order in which an account's posts leave.
    """
    everything = window == EVERYTHING
    deliveries = [
        delivery
        for delivery in list_deliveries(campaigns)
        if (everything or window.holds(delivery.post.due.date())) and (accounts is None or delivery.account in accounts)
    ]
    return _sort(deliveries)


def _sort(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return deliveries in order of due time, which is worked out once for those of a post that come together."""
    timed: list[tuple[float, Delivery]] = []
    latest, due = None, 0.0
    for delivery in deliveries:
        if delivery.post is not latest:
            latest = delivery.post
            due = latest.due.timestamp()
        timed.append((due, delivery))
    timed.sort(key=itemgetter(0))
    return [delivery for _, delivery in timed]


def list_deliveries(campaigns: Iterable[Campaign]) -> Iterator[Delivery]:
    """Yield every delivery as the calendars and their posts stand, whatever the time."""
    for campaign in campaigns:
        for post in campaign.posts:
            for account in post.accounts:
                yield Delivery(campaign, post, account)
