"""Entries for the calendars that people keep (Outlook, Google, Thunderbird): planned posts and awareness days."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from scheduler.domain.awareness import SURE, DateStatus, Holding, is_address, say_doubt
from scheduler.domain.content import Media
from scheduler.domain.delivery import Delivery, Status
from scheduler.domain.problem import Problem, has_errors

DOMAIN = "campaign-scheduler"
POST_LASTS = dt.timedelta(minutes=15)
"""How long a post's entry lasts: one of no length is drawn in three different ways by three programs."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tag:campaign-scheduler,2026:delivery")


class EventStatus(StrEnum):
    """As iCalendar has them (RFC 5545, 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Event(NamedTuple):
    """One entry. On whole days, `first` and `last` are dates, both included; at a time, they are aware datetimes.

    `uid` stays the same when anything else changes, so that a program replaces what it has. `changed` (aware) is when
    it was last changed, if that is known. `line` is where it begins in the file that it was read from; 0 if in none.
    """

    uid: str
    summary: str
    first: dt.date | dt.datetime
    last: dt.date | dt.datetime
    description: str = ""
    url: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    categories: tuple[str, ...] = ()
    changed: dt.datetime | None = None
    line: int = 0


class ShownPart(Protocol):
    """One message as readers will see it; a PartRow of the preview is one."""

    @property
    def text(self) -> str: ...

    @property
    def media(self) -> Sequence[Media]: ...


class PlannedRow(Protocol):
    """A delivery as a preview shows it; a Row of the preview is one."""

    @property
    def delivery(self) -> Delivery: ...

    @property
    def platform(self) -> str: ...

    @property
    def parts(self) -> Sequence[ShownPart]: ...

    @property
    def problems(self) -> Sequence[Problem]: ...

    @property
    def status(self) -> Status: ...

    @property
    def is_taken_back(self) -> bool: ...


_MARKS = {
    Status.POSTED: ("Posted: ", EventStatus.CONFIRMED),
    Status.PARTIAL: ("Partly posted: ", EventStatus.CONFIRMED),
    Status.HANDED: ("For a person to post: ", EventStatus.CONFIRMED),
    Status.UNKNOWN: ("Not known whether posted: ", EventStatus.TENTATIVE),
    Status.HELD: ("Held: ", EventStatus.TENTATIVE),
    Status.REJECTED: ("Refused: ", EventStatus.CANCELLED),
    Status.MISSED: ("Missed: ", EventStatus.CANCELLED),
    Status.SKIPPED: ("Not sent: ", EventStatus.CANCELLED),
    Status.PAST: ("Over, not sent: ", EventStatus.CANCELLED),
}


def plan_events(rows: Iterable[PlannedRow], now: dt.datetime) -> list[Event]:
    """Return an entry for each row of a preview (`scheduler.preview.build_rows`), in their order. `now` is aware.

    What is under embargo at `now` is an entry that says only that a post goes to an account: neither its words, nor
    its pictures, nor its own and its campaign's names or ids are in any part of it. Its uid is a digest of its key, so
    that the same entry is filled in when the embargo has ended.
    """
    return [_plan_event(row, now) for row in rows]


def _plan_event(row: PlannedRow, now: dt.datetime) -> Event:
    delivery = row.delivery
    post = delivery.post
    mark, status = _MARKS.get(row.status, ("", EventStatus.CONFIRMED))
    if row.is_taken_back:
        mark, status = "Taken back: ", EventStatus.CANCELLED
    if delivery.withheld and row.status in {Status.PLANNED, Status.HELD}:
        mark, status = ("Draft: " if post.draft else "Date not sure: "), EventStatus.TENTATIVE
    elif row.status is Status.PLANNED and has_errors(row.problems):
        mark, status = "Not ready: ", EventStatus.TENTATIVE
    uid = f"{uuid.uuid5(_NAMESPACE, delivery.key)}@{DOMAIN}"
    where = f"{post.due:%H:%M} {post.due.tzname()}, {delivery.account} ({row.platform})"
    if post.embargo is not None and post.embargo > now:
        summary = f"{mark}Post under embargo → {delivery.account}"
        text = f"{where}\n\nUnder embargo: what it says is not shown here."
        return Event(uid, summary, post.due, post.due + POST_LASTS, text, status=status)
    campaign = delivery.campaign
    summary = f"{mark}{campaign.name}: {post.id} → {delivery.account}"
    reason = "" if post.draft or not campaign.unsettled else f"\nNothing is sent: {campaign.unsettled}."
    text = f"{where}{reason}\n\n{_write_parts(row.parts)}"
    return Event(uid, summary, post.due, post.due + POST_LASTS, text, status=status, categories=(campaign.id,))


def _write_parts(parts: Sequence[ShownPart]) -> str:
    written = []
    for number, part in enumerate(parts, start=1):
        head = f"[{number} of {len(parts)}]\n" if len(parts) > 1 else ""
        pictures = "".join(f"\n[picture] {media.alt}" for media in part.media)
        written.append(f"{head}{part.text}{pictures}")
    return "\n\n".join(written)


def day_events(holdings: Iterable[Holding]) -> list[Event]:
    """Return an entry for each year's holding of a day; what has no date, or is not held, has none.

    An estimate says so in its summary and is tentative, and so is a day that the team declined.
    """
    return [_day_event(holding, holding.first) for holding in holdings if holding.first and _is_held(holding)]


def _is_held(holding: Holding) -> bool:
    return holding.status is not DateStatus.NOT_HELD


def _day_event(holding: Holding, first: dt.date) -> Event:
    doubt = say_doubt(holding)
    mark = ""
    if holding.declined:
        mark = " (not this year)"
    elif holding.status not in SURE:
        mark = " (date not known yet)" if holding.status is DateStatus.UNKNOWN else " (date is an estimate)"
    return Event(
        uid=f"{holding.day}-{holding.year}@days.{DOMAIN}",
        summary=f"{holding.name}{mark}",
        first=first,
        last=holding.last or first,
        description="\n".join(word for word in _describe_day(holding, first, doubt) if word),
        url=holding.source if is_address(holding.source) else "",
        status=EventStatus.TENTATIVE if doubt else EventStatus.CONFIRMED,
    )


def _describe_day(holding: Holding, first: dt.date, doubt: str) -> Iterator[str]:
    yield " ".join(holding.hashtags)
    for number, theme in enumerate(holding.themes):
        day = first + dt.timedelta(days=number)
        yield f"{day:%d/%m}: {theme}"
    yield f"{doubt}." if doubt else holding.note
    if not doubt:
        yield _say_ground(holding)
    if holding.source and not is_address(holding.source):
        yield f"Source: {holding.source}."
    if holding.verified_on:
        yield f"Last looked up on {holding.verified_on:%d/%m/%Y}."


def _say_ground(holding: Holding) -> str:
    """Return why a date is held for certain."""
    if holding.status is not DateStatus.CONFIRMED:
        return "Reckoned by its rule."
    return f"Seen at {holding.source.split('/')[2]}." if is_address(holding.source) else "As its source says."
