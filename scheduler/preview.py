"""What will go out, shown beforehand: plan → decide → render, one row a delivery. It can neither send nor write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Length, Limits, Price, choose_bounds, measure_text
from scheduler.domain.content import Inspect, Media
from scheduler.domain.delivery import Delivery, Prepared, Record, Status
from scheduler.domain.habits import HabitWarning
from scheduler.domain.hold import Hold
from scheduler.domain.measure import find_urls
from scheduler.domain.policy import TAKEN_BACK, Action, Decision, decide, is_rebooked
from scheduler.domain.problem import Problem, warning
from scheduler.domain.rendering import Rendering, render_delivery

if TYPE_CHECKING:
    from scheduler.domain.ports import Platform


class Shown(NamedTuple):
    """One account as a preview needs it."""

    account: Account
    platform: Platform
    limits: Limits


class PartRow(NamedTuple):
    """One message as readers will see it. `counts_warning` says that the content warning is in its length."""

    text: str
    length: Length
    links: tuple[str, ...]
    media: tuple[Media, ...]
    is_comment: bool = False
    counts_warning: bool = False


class Row(NamedTuple):
    """One delivery as it stands; `price` is what it costs in US dollars, if anything."""

    delivery: Delivery
    platform: str
    parts: tuple[PartRow, ...]
    problems: tuple[Problem, ...]
    decision: Decision
    status: Status
    price: float | None = None

    @property
    def not_sent(self) -> str:
        """Return why it is shown and never sent as its calendar stands; the empty string if it may be sent."""
        return self.delivery.withheld if self.decision.reason == self.delivery.withheld else ""

    @property
    def is_taken_back(self) -> bool:
        """Return whether what was posted of it is out no more; its status stays `posted` or `partial`."""
        return self.decision.reason == TAKEN_BACK


def build_rows(
    deliveries: Iterable[Delivery],
    accounts: Mapping[str, Shown],
    inspect: Inspect,
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
        parts, problems = _show_parts(rendered), rendered.problems
        if rendered.content.content_warning and shown.platform.capabilities.content_warnings:
            parts = _mark_warned(parts)
        if record is not None and record.prepared is not None and record.is_under_way:
            parts, problems = (
                _show_stored(record.prepared, shown, delivery),
                (*problems, *_compare(parts, record.prepared, delivery)),
            )
        price = _sum_price(parts, shown.platform.capabilities.price)
        yield Row(delivery, shown.platform.name, parts, problems, decision, status, price)


def add_warnings(rows: Iterable[Row], found: Iterable[HabitWarning]) -> Iterable[Row]:
    """Return the rows with the warnings that are said of their deliveries added to their problems."""
    warned: dict[str, list[Problem]] = defaultdict(list)
    for each in found:
        for delivery in each.deliveries:
            warned[delivery.key].append(each.problem)
    return map(partial(_add_warnings, warned), rows) if warned else rows


def _add_warnings(warned: Mapping[str, Sequence[Problem]], row: Row) -> Row:
    mine = warned.get(row.delivery.key)
    return row._replace(problems=(*row.problems, *mine)) if mine else row


def _show_stored(prepared: Prepared, shown: Shown, delivery: Delivery) -> tuple[PartRow, ...]:
    """Return each part of what is under way: it goes out as it was when it was first claimed."""
    capabilities = shown.platform.capabilities
    bounds = [choose_bounds(capabilities, has_media=bool(part.media)) for part in prepared.parts]
    has_comment = len(prepared.parts) > 1 and delivery.post.find_comment(delivery.account) is not None
    if has_comment and capabilities.comments:
        bounds[-1] = capabilities.comments
    parts = [
        PartRow(part.text, measure_text(part.text, capabilities, shown.limits, limits), part.links, part.media)
        for part, limits in zip(prepared.parts, bounds, strict=True)
    ]
    if has_comment:
        parts[-1] = parts[-1]._replace(is_comment=True)
    return tuple(parts)


def _compare(parts: Sequence[PartRow], prepared: Prepared, delivery: Delivery) -> list[Problem]:
    if [part.text for part in parts] == [part.text for part in prepared.parts]:
        return []
    message = "This is under way already, and goes out as it was before it was edited."
    hint = "If it is not to go out so, use `campaign hold` or `campaign resolve KEY --skip`."
    return [warning(message, delivery.post.place, hint)]


def _sum_price(parts: Iterable[PartRow], price: Price | None) -> float | None:
    """Return what a delivery costs in US dollars, None where nothing is charged."""
    if price is None:
        return None
    posts = sum(price.post_with_link if part.links else price.post for part in parts)
    media = [media for part in parts for media in part.media]
    described = sum(bool(each.captions if each.is_video else each.alt) for each in media)
    return round(posts + described * price.described, 4)


def _show_parts(rendered: Rendering) -> tuple[PartRow, ...]:
    """Return each part with its links as the platform counts them, or as they read if an error keeps it from going."""
    parts, lengths = rendered.content.parts, rendered.lengths
    if len(parts) == 1 and rendered.prepared is not None:  # as nearly all are
        part = parts[0]
        return (PartRow(part.text, lengths[0], rendered.prepared.parts[0].links, part.media, part.is_comment),)
    if rendered.prepared is None:
        links = [tuple([url for _, _, url in find_urls(part.text)]) for part in parts]
    else:
        links = [part.links for part in rendered.prepared.parts]
    return tuple(
        [
            PartRow(part.text, length, found, part.media, part.is_comment)
            for part, length, found in zip(parts, lengths, links, strict=True)
        ]
    )


def _mark_warned(parts: Iterable[PartRow]) -> tuple[PartRow, ...]:
    """Return the parts, all but a comment marked as those whose length is that with the warning."""
    return tuple([part if part.is_comment else part._replace(counts_warning=True) for part in parts])


def _read_status(delivery: Delivery, record: Record | None, decision: Decision, seen: Callable[[str], bool]) -> Status:
    if record is not None and record.status is not Status.PLANNED and not is_rebooked(delivery, record):
        return record.status
    if decision.action is Action.HOLD:
        return Status.HELD
    if decision.action is Action.MISS:
        return Status.MISSED if seen(delivery.key) else Status.PAST
    return Status.PLANNED
