"""The lines of an iCalendar file → the blocks of its entries, each line with its number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from scheduler.domain.problem import Place, Problem, error, warning

MAX_FEED = 16 * 2**20
_PROPERTY = re.compile(r"[A-Za-z0-9-]+[;:]")
_WHAT_TO_DO = "Save the calendar again from its website or program, as an iCalendar (.ics) file."
_KEPT = frozenset({"VEVENT", "VTIMEZONE"})


class Line(NamedTuple):
    """One line, what was folded out of it put together again. `number` is that of its first part, from 1."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """Return the name of its property, in capitals."""
        return self.text.partition(":")[0].partition(";")[0].upper()

    @property
    def value(self) -> str:
        """Return what stands after its first colon."""
        return self.text.partition(":")[2].strip()


class Block(NamedTuple):
    """An entry, or a table of a time zone, from its BEGIN line to its END line."""

    kind: str
    lines: tuple[Line, ...]


class Feed(NamedTuple):
    """What a file holds: its blocks, how many entries of other kinds, and the calendar's own properties."""

    blocks: list[Block]
    others: dict[str, int]
    properties: dict[str, str]
    problems: list[Problem]


def read_feed(content: bytes, file: str) -> Feed:
    """Return the blocks of a file, with every problem of its form. Never raises, whatever the bytes are."""
    refusal = _refuse(content, file)
    if refusal is not None:
        return Feed([], {}, {}, [refusal])
    feed = Feed([], {}, {}, [])
    _Splitter(feed, file).split(_unfold(_decode(content)))
    if "BEGIN" not in feed.properties:
        return Feed([], {}, {}, [error("This is not an iCalendar file.", Place(file), _say_what_it_is(content))])
    if feed.properties.get("VERSION") == "1.0":
        message = "This is a vCalendar file of the 1990s (VERSION:1.0), which is not read."
        return Feed([], {}, {}, [error(message, Place(file), _WHAT_TO_DO)])
    return feed


def _refuse(content: bytes, file: str) -> Problem | None:
    if not content.strip():
        return error("This file is empty.", Place(file), _WHAT_TO_DO)
    if len(content) > MAX_FEED:
        size, most = round(len(content) / 2**20), MAX_FEED // 2**20
        hint = "Save a shorter period, or one of its calendars at a time."
        return error(f"This file has {size} MB; up to {most} MB are read.", Place(file), hint)
    return None


def _say_what_it_is(content: bytes) -> str:
    if b"<html" in content[:2000].lower() or content.lstrip()[:1] == b"<":
        return "It is a web page: on that page, look for 'Export' or 'Subscribe', and save the .ics file."
    if content[:2] == b"PK":
        return "It is a spreadsheet or a zip file. If it is a zip file, take the .ics file out of it."
    return "Such a file begins with BEGIN:VCALENDAR. " + _WHAT_TO_DO


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _unfold(text: str) -> Iterator[Line]:
    """Yield whole lines: one that begins with a space or a tab goes on the one before."""
    number, begun = 0, [""]
    for position, line in enumerate(re.split("\r\n|\n|\r", text), start=1):
        if line[:1] in {" ", "\t"} and number:
            begun.append(line[1:])
            continue
        if number and any(begun):
            yield Line(number, "".join(begun))
        number, begun = position, [line]
    if any(begun):
        yield Line(number, "".join(begun))


class _Splitter:
    """Puts lines into blocks; what is inside an entry, such as its alarm, is passed over."""

    def __init__(self, feed: Feed, file: str) -> None:
        self.feed, self.file = feed, file
        self.block: list[Line] = []
        self.kind = self.inner = ""

    def split(self, lines: Iterable[Line]) -> None:
        """Fill the feed."""
        for line in lines:
            if not self.block:
                self._take_outside(line)
            else:
                self._take_inside(line)
        if self.block:
            self._give_up("It has no end: the file is cut short.")

    def _take_outside(self, line: Line) -> None:
        if line.name == "BEGIN" and line.value.upper() != "VCALENDAR":
            self.block, self.kind, self.inner = [line], line.value.upper(), ""
        elif line.name != "END":
            self.feed.properties.setdefault(line.name, line.value.upper())

    def _take_inside(self, line: Line) -> None:
        name, value = line.name, line.value.upper()
        if (name, value) == ("BEGIN", "VEVENT") or (name, value) == ("END", "VCALENDAR"):
            self._give_up("It has no end: another begins, or the file ends, before END:VEVENT.")
            self._take_outside(line)
        elif (name, value) == ("END", self.kind):
            self._close(line)
        elif self.kind == "VTIMEZONE":
            self.block.append(line)
        elif self.inner:
            self.inner = "" if (name, value) == ("END", self.inner) else self.inner
        elif name == "BEGIN":
            self.inner = value
        elif _PROPERTY.match(line.text):
            self.block.append(line)
        else:
            message = "This line is no part of an entry, and is left out."
            self._report(warning, line, message, "A text with a line break in it was saved wrongly.")

    def _close(self, line: Line) -> None:
        self.block.append(line)
        if self.kind in _KEPT:
            self.feed.blocks.append(Block(self.kind, tuple(self.block)))
        else:
            self.feed.others[self.kind] = self.feed.others.get(self.kind, 0) + 1
        self.block = []

    def _give_up(self, message: str) -> None:
        self._report(error, self.block[0], f"This entry is left out. {message}", _WHAT_TO_DO)
        self.block = []

    def _report(self, make: Callable[[str, Place, str], Problem], line: Line, message: str, hint: str) -> None:
        place = Place(self.file, line.number, 1, len(line.text))
        self.feed.problems.append(make(message, place, hint)._replace(line_text=line.text))
