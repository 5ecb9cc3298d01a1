"""What will go out, shown beforehand: plan → decide → render, one row a delivery. It can neither send nor write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from scheduler.domain.account import Account
from scheduler.domain.campaign import Image
from scheduler.domain.capabilities import Length, Limits
from scheduler.domain.content import Media
from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.measure import find_urls
from scheduler.domain.policy import Action, Decision, decide, is_rebooked
from scheduler.domain.ports import Platform
from scheduler.domain.problem import Problem
from scheduler.domain.rendering import Rendering, render_delivery


class Shown(NamedTuple):
    """One account as a preview needs it."""

    account: Account
    platform: Platform
    limits: Limits


class PartRow(NamedTuple):
    """One message as readers will see it."""

    text: str
    length: Length
    links: tuple[str, ...]
    media: tuple[Media, ...]


class Row(NamedTuple):
    """One delivery as it stands."""

    delivery: Delivery
    platform: str
    parts: tuple[PartRow, ...]
    problems: tuple[Problem, ...]
    decision: Decision
    status: Status


def build_rows(
    deliveries: Iterable[Delivery],
    accounts: Mapping[str, Shown],
    inspect: Callable[[Image], Media],
    *,
    records: Mapping[str, Record],
    holds: Sequence[Hold],
    seen: Callable[[str], bool],
    now: datetime,
) -> Iterator[Row]:
    """Yield a row for each delivery. `seen` says whether the ledger knew of a delivery before it was over."""
    for delivery in deliveries:
        shown = accounts[delivery.account]
        record = records.get(delivery.key) if records else None
        rendered = render_delivery(delivery, shown.platform, shown.account, shown.limits, inspect)
        decision = decide(delivery, record, holds, now)
        status = _read_status(delivery, record, decision, seen)
        yield Row(delivery, shown.platform.name, _show_parts(rendered), rendered.problems, decision, status)


def _show_parts(rendered: Rendering) -> tuple[PartRow, ...]:
    """Return each part with its links as the platform counts them, or as they read if an error keeps it from going."""
    parts, lengths = rendered.content.parts, rendered.lengths
    if rendered.prepared is None:
        links = [tuple([url for _, _, url in find_urls(part.text)]) for part in parts]
    else:
        links = [part.links for part in rendered.prepared.parts]
    return tuple(
        [
            PartRow(part.text, length, found, part.media)
            for part, length, found in zip(parts, lengths, links, strict=True)
        ]
    )


def _read_status(delivery: Delivery, record: Record | None, decision: Decision, seen: Callable[[str], bool]) -> Status:
    if record is not None and record.status is not Status.PLANNED and not is_rebooked(delivery, record):
        return record.status
    if decision.action is Action.HOLD:
        return Status.HELD
    if decision.action is Action.MISS:
        return Status.MISSED if seen(delivery.key) else Status.PAST
    return Status.PLANNED
