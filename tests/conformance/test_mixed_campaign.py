"""Point 14 again, for a whole campaign: twelve posts with all that posts may have, one calendar for every platform."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.bootstrap import inspect_media
from scheduler.domain.delivery import Delivery, Receipt
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import has_errors
from scheduler.domain.rendering import render_delivery
from scheduler.ledger.prepared import read_prepared, write_prepared
from scheduler.platforms import list_platforms, load_platform
from scheduler.preview import PartRow, Row
from scheduler.sources.calendar import Defaults, read_calendar
from tests.conformance.harness import Harness
from tests.conformance.replies import Replies, Where
from tests.conformance.test_preview import preview
from tests.mixed_campaign import POSTS, draw_media, write_mixed_calendar


def plan(harness: Harness) -> list[Delivery]:
    """Return what the calendar plans for the harness's account, which is one of every platform's."""
    accounts = {f"{name}-press": load_platform(name) for name in list_platforms()}
    name = f"{harness.platform.name}-press"
    harness.account = harness.channel.account = harness.account._replace(name=name)
    draw_media(harness.folder)
    defaults = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), accounts)
    read = read_calendar(write_mixed_calendar(accounts).encode(), str(harness.folder / "ce.yaml"), defaults)
    assert read.campaign is not None, read.problems
    return [delivery for delivery in plan_deliveries([read.campaign]) if delivery.account == name]


def send(harness: Harness, delivery: Delivery, row: Row) -> Iterator[tuple[str, list[str]]]:
    """Send a delivery as the publisher does, out of the ledger: each part's text as previewed, and as it arrived."""
    rendered = render_delivery(delivery, harness.platform, harness.account, harness.channel.limits(), inspect_media)
    assert rendered.prepared is not None, rendered.problems
    receipts: list[Receipt] = []
    parts = read_prepared(write_prepared(rendered.prepared)).parts
    for shown, part in zip(row.parts, parts, strict=True):
        before = harness.door.seen()
        receipts.append(harness.publish(part, *receipts, key=delivery.key))
        arrived = harness.read_calls(
            find_text(harness.replies, shown), [call for call in harness.door.seen() if call not in before]
        )
        yield shown.text, [text for found in arrived for text in found]
    harness.door.forget()


def find_text(replies: Replies, shown: PartRow) -> Where:
    """Return where the text of a part of this kind stands."""
    if shown.is_comment:
        return replies.comment or replies.text
    is_film = any(media.is_video for media in shown.media)
    return replies.film_text if is_film and replies.film_text is not None else replies.text


@pytest.mark.point(14)
def test_a_mixed_campaign_is_sent_as_it_was_previewed(harness: Harness) -> None:
    deliveries = plan(harness)
    assert len(deliveries) == POSTS
    for delivery in deliveries:
        row = preview(harness, delivery)
        assert not has_errors(row.problems), row.problems
        for shown, arrived in send(harness, delivery, row):
            assert [text.encode() for text in arrived] == [shown.encode()], delivery.key
