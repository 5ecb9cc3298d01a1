"""Deliveries across the nights on which clocks change, and the agenda's order on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.agenda import Agenda
from scheduler.domain.campaign import Campaign, Part, Post
from scheduler.domain.delivery import Delivery
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import Place

LONDON = ZoneInfo("Europe/London")
PLACE = Place("a.yaml", 1, 1)


def plan(*dues: datetime, not_after: timedelta = timedelta(hours=2)) -> list[Delivery]:
    posts = tuple(
        Post(f"p{n}", due, not_after, (Part("Think.", PLACE),), ("board",), PLACE) for n, due in enumerate(dues)
    )
    return plan_deliveries([Campaign("ce", "CE", "a.yaml", date(2026, 10, 25), posts)])


@pytest.mark.parametrize(("due", "utc"), [
    (datetime(2026, 10, 25, 1, 15, tzinfo=LONDON), "2026-10-25 00:15"),
    (datetime(2026, 10, 25, 1, 15, fold=1, tzinfo=LONDON), "2026-10-25 01:15"),
    (datetime(2026, 3, 29, 0, 30, tzinfo=LONDON), "2026-03-29 00:30"),
    (datetime(2026, 3, 28, 9, 0, tzinfo=LONDON), "2026-03-28 09:00"),
    (datetime(2026, 3, 30, 9, 0, tzinfo=LONDON), "2026-03-30 08:00"),
])  # fmt: skip
def test_the_time_to_send_is_as_long_as_it_says(due: datetime, utc: str) -> None:
    [delivery] = plan(due, not_after=timedelta(minutes=20))
    assert delivery.due == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert delivery.not_after - delivery.due == timedelta(minutes=20)


def test_within_the_hour_that_comes_twice_the_first_one_leaves_first() -> None:
    second = datetime(2026, 10, 25, 1, 10, fold=1, tzinfo=LONDON)
    first = datetime(2026, 10, 25, 1, 50, tzinfo=LONDON)
    agenda = Agenda(plan(second, first))
    agenda.advance(first.astimezone(UTC))
    assert [delivery.post.id for delivery in agenda.open] == ["p1"]
    agenda.advance(second.astimezone(UTC))
    assert [delivery.post.id for delivery in agenda.open] == ["p1", "p0"]
