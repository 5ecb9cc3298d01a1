"""The plan: which deliveries the calendars ask for, in order of due time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
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
    deliveries = [
        Delivery(campaign, post, account)
        for campaign in campaigns
        for post in campaign.posts
        if window.holds(post.due.date())
        for account in post.accounts
        if accounts is None or account in accounts
    ]
    deliveries.sort(key=lambda delivery: delivery.post.due.timestamp())
    return deliveries
