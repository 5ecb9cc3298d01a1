"""iCalendar files of others, as they come: what can be taken over is, and the rest is named with its line."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from scheduler.domain.awareness import DateStatus, Holding
from scheduler.domain.events import Event, EventStatus
from scheduler.domain.problem import Place, Problem, error, warning
from scheduler.sources.ics_lines import Block, Line, read_feed

LONDON = ZoneInfo("Europe/London")
_MAX_PROBLEMS = 50
_MAX_ENTRIES = 5000
_LONGEST_TITLE = 200
_LONGEST_LINK = 2000
_MOST_HASHTAGS, _LONGEST_HASHTAG = 30, 100
_LONGEST_SHOWN = 1000  # characters of a line that is shown with its problem
_ONE_DAY = timedelta(days=1)
_LONGEST = timedelta(days=366)
_YEARS = range(1900, 2200)
_REPEATS = ("RRULE", "RDATE")
_EVERY = {"YEARLY": "every year", "MONTHLY": "every month", "WEEKLY": "every week", "DAILY": "every day"}


def read_events(content: bytes, file: str, zone: ZoneInfo = LONDON) -> tuple[list[Event], list[Problem]]:
    """Return the events of an iCalendar file in order of time, and its problems in order of lines. Never raises.

    Days are dates, their last one included; moments are in `zone`, also those that the file gives without any.
    An error means that the entry (or the whole file) is left out; a warning, that something of it is: an entry that
    repeats is taken over once, on its first date. `file` is the name to show with problems.
    """
    feed = read_feed(content, file)
    reader = _Reader(file, zone, cancelled=feed.properties.get("METHOD") == "CANCEL")
    reader.problems += feed.problems
    for block in feed.blocks:
        if block.kind == "VTIMEZONE":
            _load_zone(block)
    entries = [block for block in feed.blocks if block.kind == "VEVENT"]
    if len(entries) > _MAX_ENTRIES:
        left = len(entries) - _MAX_ENTRIES
        message = f"It has more than {_MAX_ENTRIES} entries; the last {left} are left out."
        reader.problems.append(error(message, Place(file), "Save a shorter time, such as a single year."))
    events = [event for block in entries[:_MAX_ENTRIES] if (event := reader.read(block)) is not None]
    reader.report_counts(feed.others)
    events.sort(key=lambda event: (_day_of(event.first), event.line))
    return events, _limit(sorted(reader.problems, key=lambda problem: problem.place.line), file)


def _limit(problems: list[Problem], file: str) -> list[Problem]:
    if len(problems) <= _MAX_PROBLEMS:
        return problems
    more = len(problems) - _MAX_PROBLEMS
    return [*problems[:_MAX_PROBLEMS], warning(f"There are {more} more problems in this file.", Place(file))]


def _load_zone(block: Block) -> None:
    """Let the library know a zone that the file describes itself; one it cannot read is missed where it is used."""
    with suppress(UnreadableError):
        _parse(block)


class UnreadableError(Exception):
    """The library can make nothing of a block."""


def _parse(block: Block) -> Any:
    inside = "\r\n".join(line.text for line in block.lines)
    try:
        calendar = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{inside}\r\nEND:VCALENDAR\r\n")
        return calendar.subcomponents[0]
    except Exception as failure:  # damage makes it fail in a dozen ways, AttributeError among them
        raise UnreadableError(type(failure).__name__) from failure


class _Reader:
    """Reads entries one by one; `problems` fill while it does."""

    def __init__(self, file: str, zone: ZoneInfo, *, cancelled: bool) -> None:
        self.file, self.zone, self.cancelled = file, zone, cancelled
        self.problems: list[Problem] = []
        self.floating: list[Line] = []
        self.nameless: list[Line] = []

    def read(self, block: Block) -> Event | None:
        """Return what an entry says; None, with a problem noted, if it cannot be taken over."""
        lines = {line.name: line for line in reversed(block.lines)}
        begin = block.lines[0]
        try:
            entry = _parse(block)
        except UnreadableError:
            self._report(begin, "This entry cannot be read.", f"Put it right in its own program. {_SKIPPED}")
            return None
        span = self._read_span(entry, lines, begin)
        if span is None:
            return None
        summary = _text(entry, "SUMMARY")
        if not summary:
            self._report(begin, "This entry has no title (SUMMARY), and is left out.", "Give it one, or take it out.")
            return None
        if len(summary) > _LONGEST_TITLE:
            message = f"Its title has {len(summary)} characters, and is cut after {_LONGEST_TITLE}."
            self._warn(lines.get("SUMMARY", begin), message, "Write a shorter one.")
        self._warn_of_repeats(lines)
        return Event(
            uid=self._read_uid(entry, begin, summary, span[0]),
            summary=summary[:_LONGEST_TITLE].rstrip(),
            first=span[0],
            last=span[1],
            description=_text(entry, "DESCRIPTION", lines=True),
            url=_text(entry, "URL"),
            status=self._read_status(entry),
            categories=_read_categories(entry),
            changed=_read_changed(entry),
            line=begin.number,
        )

    def _read_span(
        self, entry: Any, lines: dict[str, Line], begin: Line
    ) -> tuple[date | datetime, date | datetime] | None:
        """Return the first and the last of an entry: dates, both included, or moments."""
        if "DTSTART" not in lines:
            self._report(begin, "This entry has no date (DTSTART), and is left out.", "Give it one, or take it out.")
            return None
        first = self._read_moment(entry, "DTSTART", lines)
        if first is None:
            return None
        has_end = "DTEND" in lines
        end = self._read_moment(entry, "DTEND", lines) if has_end else self._add_duration(entry, first, lines)
        if end is None:
            return None
        if isinstance(first, datetime) != isinstance(end, datetime):
            self._report(lines["DTEND"], "Its first and last are not both days, or both times.", _SKIPPED)
            return None
        if end < first:  # both are dates, or both moments
            self._report(lines.get("DTEND", begin), "It ends before it begins.", _SKIPPED)
            return None
        if isinstance(end, datetime):
            return first, end
        return first, max(first, end - _ONE_DAY)  # exclusive; some write the day itself

    def _read_moment(self, entry: Any, name: str, lines: dict[str, Line]) -> date | datetime | None:
        value = _value(entry, name)
        line = lines[name]
        if not isinstance(value, date) or value.year not in _YEARS:
            self._report(line, f"'{line.value[:40]}' is no date.", f"Dates are written like 20270318. {_SKIPPED}")
            return None
        if not isinstance(value, datetime):
            return value
        if value.utcoffset() is not None:
            return value.astimezone(self.zone)
        named = re.search(r';TZID="?([^":;]+)', line.text, re.IGNORECASE)
        if named:
            message = f"Nobody knows the time zone '{named[1]}'; the time is taken as {self.zone.key}."
            self._warn(line, message, "See that it is right.")
        else:
            self.floating.append(line)
        return value.replace(tzinfo=self.zone)

    def _add_duration(self, entry: Any, first: date | datetime, lines: dict[str, Line]) -> date | datetime | None:
        if "DURATION" not in lines:
            return first if isinstance(first, datetime) else first + _ONE_DAY
        lasts = _value(entry, "DURATION")
        if not isinstance(lasts, timedelta) or not timedelta() <= lasts <= _LONGEST:
            line = lines["DURATION"]
            hint = f"It is written like P1D or PT2H. {_SKIPPED}"
            self._report(line, f"'{line.value[:40]}' is no duration.", hint)
            return None
        if isinstance(first, datetime):
            return (first.astimezone(UTC) + lasts).astimezone(self.zone)  # wall time would lose the hour clocks change
        return first + timedelta(days=max(lasts.days, 1))

    def _warn_of_repeats(self, lines: dict[str, Line]) -> None:
        for name in _REPEATS:
            if name in lines:
                every = re.search("FREQ=([A-Z]+)", lines[name].value.upper())
                often = _EVERY.get(every[1], "again and again") if every else "on other dates too"
                message = f"It repeats {often}; only its first date is taken over."
                self._warn(lines[name], message, "Look up the date of each year.")

    def _read_uid(self, entry: Any, begin: Line, summary: str, first: date | datetime) -> str:
        uid = _text(entry, "UID")
        if not uid:
            self.nameless.append(begin)
            return hashlib.sha256(f"{summary}\0{first}".encode()).hexdigest()[:32]
        which = _value(entry, "RECURRENCE-ID")
        return f"{uid}/{which}" if which else uid

    def _read_status(self, entry: Any) -> EventStatus:
        if self.cancelled:
            return EventStatus.CANCELLED
        try:
            return EventStatus(_text(entry, "STATUS").lower())
        except ValueError:
            return EventStatus.CONFIRMED

    def report_counts(self, others: dict[str, int]) -> None:
        """Note once what is true of many entries."""
        if self.floating:
            one = len(self.floating) == 1
            times, counts = ("1 time has", "counts") if one else (f"{len(self.floating)} times have", "count")
            message = f"{times} no time zone, and {counts} as {self.zone.key}."
            self._warn(self.floating[0], message, "See that it is right.")
        if self.nameless:
            many = "1 entry has" if len(self.nameless) == 1 else f"{len(self.nameless)} entries have"
            message = f"{many} no name of its own (UID); its title and date stand for it."
            self._warn(self.nameless[0], message, "If either is changed, it counts as a new one.")
        for kind, count in others.items():
            message = f"{count} of another kind ({kind}) left out: only events are read."
            self.problems.append(warning(message, Place(self.file)))

    def _report(self, line: Line, message: str, hint: str) -> None:
        shown = line.text[:_LONGEST_SHOWN]
        place = Place(self.file, line.number, 1, len(shown))
        self.problems.append(error(message, place, hint)._replace(line_text=shown))

    def _warn(self, line: Line, message: str, hint: str) -> None:
        shown = line.text[:_LONGEST_SHOWN]
        place = Place(self.file, line.number, 1, len(shown))
        self.problems.append(warning(message, place, hint)._replace(line_text=shown))


_SKIPPED = "The entry is left out."


def _value(entry: Any, name: str) -> Any:
    """Return the date, the moment or the duration of a property, the first of several; None if it is none."""
    value = entry.get(name)
    value = value[0] if isinstance(value, list) and value else value
    try:
        return getattr(value, "dt", None)
    except ValueError:  # the library keeps what it could not read, and says so when it is used
        return None


def _text(entry: Any, name: str, *, lines: bool = False) -> str:
    """Return the text of a property (the first, of several), on one line unless its lines count."""
    value = entry.get(name, "")
    value = value[0] if isinstance(value, list) and value else value
    words = str(value).replace("\r\n", "\n")
    return words.strip() if lines else " ".join(words.split())


def _read_categories(entry: Any) -> tuple[str, ...]:
    found = entry.get("CATEGORIES", [])
    listed = found if isinstance(found, list) else [found]
    return tuple(dict.fromkeys(str(name).strip() for each in listed for name in getattr(each, "cats", [])))


def _read_changed(entry: Any) -> datetime | None:
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        value = _value(entry, name)
        if isinstance(value, datetime) and value.utcoffset() is not None:
            return value.astimezone(UTC)
    return None


def _day_of(moment: date | datetime) -> datetime:
    """Return a moment to sort by."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time.min, UTC)


def take_days(events: Sequence[Event], feed: str = "") -> list[Holding]:
    """Return the awareness days that a feed names: its entries on whole days, except those that are cancelled.

    Their status is *estimated*, so that nothing is sent by them until a person has checked the date with the
    organiser: what others publish is wrong too often. `feed` is where they are from, for the note. What comes twice
    in a year has a second id, ending in -2; what is said twice is taken once.
    """
    taken: dict[tuple[str, int], Holding] = {}
    for event in events:
        if isinstance(event.first, datetime) or event.status is EventStatus.CANCELLED:
            continue
        holding, number = _take(event, feed), 1
        day = holding.day
        while (other := taken.get((holding.day, holding.year))) and other.first != holding.first:
            number += 1
            holding = holding._replace(day=f"{day}-{number}")
        taken.setdefault((holding.day, holding.year), holding)
    return list(taken.values())


def _take(event: Event, feed: str) -> Holding:
    year = event.first.year
    name = re.sub(rf"\s*\b{year}\b\s*", " ", event.summary).strip(" -–:") or event.summary
    found = dict.fromkeys(re.findall(r"(?<![\w&/])#\w*[^\W\d_]\w*", event.description))
    note = f"as {feed} has it; ask the organiser" if feed else "as a calendar feed has it; ask the organiser"
    return Holding(
        day=name_day(name),
        year=year,
        name=name,
        first=event.first,
        last=event.last,
        status=DateStatus.ESTIMATED,
        hashtags=tuple(tag for tag in found if len(tag) <= _LONGEST_HASHTAG)[:_MOST_HASHTAGS],
        note=note,
        source=event.url if len(event.url) <= _LONGEST_LINK else "",
    )


def name_day(name: str) -> str:
    """Return an id for a day of that name: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "day"
