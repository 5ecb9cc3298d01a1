"""iCalendar files (RFC 5545): written for Outlook, Google and Thunderbird, and read from anybody.

To write: `write_events(plan_events(rows, now), "Posts", now)` or `write_events(day_events(holdings), "Days", now)`;
to a file, new or written by us before: `export_events(path, events, name, now)`. To read: `read_events`.

Moments are written in UTC, which all three programs show in their reader's own time, and which needs no table of
zones that they could read differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import icalendar

from scheduler.domain.events import Event, EventStatus, day_events, plan_events
from scheduler.errors import UsageError
from scheduler.sources.ics_reading import read_events, take_days

__all__ = [
    "Event",
    "EventStatus",
    "day_events",
    "export_events",
    "plan_events",
    "read_events",
    "take_days",
    "write_events",
]

PRODUCT = "-//campaign-scheduler//campaign//EN"
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def write_events(
    events: Iterable[Event], name: str, now: datetime, previous: bytes = b"", *, is_whole: bool = False
) -> bytes:
    """Return a calendar of that name with these events, the same bytes for the same events, `now` and `previous`.

    `previous` is what was written before, if anything: what has not changed since keeps its stamps, so that nothing
    changes when nothing changed; what has changed is numbered on, so that programs replace what they have. Without it,
    each event is stamped `changed`, or `now`. `is_whole` says that these events are all that there are: what was there
    before, is not any more and is not over yet is then cancelled. It is false for a selection, such as one account's,
    and while a calendar cannot be read. Times must be aware: raise ValueError if one is not.
    """
    before = _read_previous(previous)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for field in ("name", "x-wr-calname"):  # by RFC 7986, and what Google and Outlook read
        calendar.add(field, icalendar.vText(_join(name)))
    for event in events:
        calendar.add_component(_stamp(_make(event), event.changed or now, before.pop(event.uid, None)))
    for gone in before.values() if is_whole else ():
        cancelled = _cancel(gone, now)
        if cancelled is not None:
            calendar.add_component(cancelled)
    return bytes(calendar.to_ical())


def export_events(path: Path, events: Sequence[Event], name: str, now: datetime, *, is_whole: bool = False) -> None:
    """Write these events to a file, in one step; one that this program wrote before is brought up to date.

    `is_whole` is that of `write_events`. Raise UsageError if another file is in its place, or it cannot be written.
    """
    from scheduler.sources.yaml_editing import replace_file

    try:
        previous = path.read_bytes() if path.exists() else b""
        if previous and PRODUCT.encode() not in previous[:1000]:
            raise UsageError(f"{path} is there already, and this program did not write it. Name another file.")
        replace_file(path, write_events(events, name, now, previous, is_whole=is_whole))
    except OSError as failure:
        raise UsageError(f"{path} cannot be written: {failure.strerror}. Name another file.") from None


def _make(event: Event) -> icalendar.Event:
    """Return an event in iCalendar's terms, without its stamps."""
    made = icalendar.Event()
    made.add("uid", _join(event.uid))
    made.add("summary", _join(event.summary))
    made.add("dtstart", _write_moment(event.first))
    if isinstance(event.last, datetime):
        made.add("dtend", _write_moment(event.last))
    else:
        made.add("dtend", event.last + timedelta(days=1))  # exclusive
    if event.description:
        made.add("description", _clean(event.description))
    if event.url:
        made.add("url", _join(event.url))
    if event.categories:
        made.add("categories", [_join(category) for category in event.categories])
    made.add("status", event.status.upper())
    made.add("transp", "TRANSPARENT")  # nobody is busy because of it
    return made


def _write_moment(moment: date | datetime) -> date | datetime:
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise ValueError(f"{moment} has no time zone")
        return moment.astimezone(UTC)
    return moment


def _clean(text: str) -> str:
    """Return a text without what iCalendar cannot hold: control characters, and halves of a surrogate pair."""
    return _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _join(text: str) -> str:
    """Return a text on one line."""
    return " ".join(_clean(text).split())


def _stamp(made: icalendar.Event, changed: datetime, before: Any) -> icalendar.Event:
    """Return an event with its stamps: those that it had before if nothing else of it has changed."""
    if before is not None and _say(made) == _say(before):
        return before  # type: ignore[no-any-return]
    number = _number(changed)
    if before is not None:
        number = max(number, int(before.get("sequence", 0)) + 1)
    for field in ("dtstamp", "last-modified"):
        made.add(field, changed.astimezone(UTC).replace(microsecond=0))
    made.add("sequence", number)
    return made


def _number(changed: datetime) -> int:
    """Return minutes since 2020: grows with each change without being kept anywhere, and fits into 32 bits."""
    return max(0, int((changed - _EPOCH) / timedelta(minutes=1)))


def _say(made: icalendar.Event) -> bytes:
    """Return an event as it is written, its stamps apart."""
    copy = icalendar.Event()
    for field, value in made.items():
        if field not in {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}:
            copy[field] = value
    return bytes(copy.to_ical())


def _read_previous(content: bytes) -> dict[str, Any]:
    """Return the events of what was written before, by uid; none if it cannot be read."""
    if not content:
        return {}
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except ValueError:  # damaged: written anew
        return {}
    return {str(event.get("uid", "")): event for event in calendar.walk("VEVENT")}


def _cancel(gone: Any, now: datetime) -> icalendar.Event | None:
    """Return the notice that an event is no more, which says nothing else of it; None if it is over anyway."""
    first, end = (getattr(gone.get(name), "dt", None) for name in ("dtstart", "dtend"))
    if not isinstance(first, date) or not isinstance(end, date):
        return None  # somebody wrote into the file
    if datetime.combine(end, time.max, UTC) <= now:
        return None
    made = icalendar.Event()
    made.add("uid", str(gone["uid"]))
    made.add("summary", "Cancelled")
    made.add("dtstart", first)
    made.add("dtend", end)
    made.add("status", "CANCELLED")
    made.add("transp", "TRANSPARENT")
    return _stamp(made, now, gone)
