"""Text files of names and values → plain data, with the place of everything in them and every problem found.

libyaml's events carry positions and cost a fifth of its nodes. PyYAML's own constructors are not used: they turn
`10:00` into 600, `no` into False, and drop a name that is written twice. Here every value stays the text written.

Positions are kept as two numbers for each value, counted in characters from the start of the file; lines, columns and
paths are worked out when somebody asks. Words shown to people avoid the vocabulary of YAML.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, islice
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from scheduler.domain.problem import Place, Problem, error

Path = tuple[str | int, ...]

MAX_DEPTH = 40
MAX_REPEATED_VALUES = 100_000  # what `*name` may add to what is written
MAX_VALUES = 2_500_000  # a 16 MB calendar holds about 1,200,000 commas, colons and lines
MAX_PROBLEMS = 100
MAX_EXCERPT = 2_000

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ODD_SPACE = "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u3000"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_USUAL_BYTES = b"\n" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
# U+0080 to 00A0, 2000 to 200B, 2028 to 202F, FEFF, FFFE and FFFF, 3000: quicker to find in bytes than in text.
_UNUSUAL_SIGNS = tuple(
    map(re.compile, (rb"\xc2[\x80-\xa0]", rb"\xe2\x80[\x80-\x8b\xa8-\xaf]", rb"\xef[\xbb\xbf]", rb"\xe3\x80\x80"))
)
_INDENT = re.compile(f"^ *[{_ODD_SPACE}]", re.MULTILINE)
_GLUED_ITEM = re.compile(r"\n *(- )")
_REFUSED_NAMES = frozenset({None, "", "<<"})
_LINE_PARTS = re.compile(r"\s*((?:- +)*)((?:[\w-]+:(?: +|$))?)(.*)")
_KEY_LINE = re.compile(r"\s*(?:- +)*[\w-]+\s*:(?:\s|$)")
_QUOTE_FROM_START = "Put the whole text, from the line where it begins, in quotes."
_REST_UNREAD = " What follows is read once this is mended."


class _Fault(NamedTuple):
    """What is wrong with the characters from `start` to `stop`."""

    start: int
    stop: int
    message: str
    hint: str


class _Unreadable(Exception):
    """The file cannot be read further than this fault."""

    def __init__(self, start: int, stop: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.fault = _Fault(start, stop, message, hint)


class _Undecodable(Exception):
    """The file is not worth reading; `text` is what is known of it, the fault stands after its first part."""

    def __init__(self, head: str, message: str, hint: str, tail: str = "") -> None:
        super().__init__(message)
        self.text = head + tail
        self.fault = _Fault(len(head), len(head) + len(tail[:1]), message, hint)


class _Source:
    """The text of one file, its line breaks made plain; `written` is the same for the parser, as bytes where it can be.

    `unusual` says whether there may be tabs, carriage returns, control characters or spaces of an odd kind in it.
    """

    def __init__(self, file: str, text: str, unusual: bool = False, written: str | bytes = "") -> None:
        self.file, self.text, self.unusual, self.written = file, text, unusual, written

    @cached_property
    def line_starts(self) -> array[int]:
        return array("I", accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0))

    def line_span(self, position: int) -> tuple[int, int]:
        """Return where the line that holds a position starts and stops, its break left out."""
        start = self.text.rfind("\n", 0, position) + 1
        stop = self.text.find("\n", position)
        return start, len(self.text) if stop < 0 else stop

    def line_at(self, position: int) -> str:
        start, stop = self.line_span(position)
        return self.text[start:stop]

    def line_number(self, position: int) -> int:
        return bisect_right(self.line_starts, position)

    def place(self, start: int, stop: int) -> Place:
        number = self.line_number(start)
        end = min(stop, self.line_starts[number] - 1)
        return Place(self.file, number, start - self.line_starts[number - 1] + 1, max(0, end - start))

    def problem(self, fault: _Fault) -> Problem:
        found = error(fault.message, self.place(fault.start, fault.stop), fault.hint)
        return replace(found, line_text=self.line_at(fault.start)[:MAX_EXCERPT])


class _Nodes:
    """Where each name and value stands, numbered in the order of the file."""

    def __init__(self) -> None:
        self.starts = array("I")
        # Where a text stops; for a list or group, minus the number of the node after its last one (0 while it is open).
        self.stops = array("i")
        self.targets: dict[int, int] = {}  # `*name` → the node that `&name` stands at
        self.dropped: set[int] = set()  # names that were there already
        self._children: dict[int, dict[str | int, tuple[int, int]]] = {}

    def children(self, node: int, data: Any) -> dict[str | int, tuple[int, int]]:
        """Return, for what stands in a list or group, the nodes of each name (or item) and of its value."""
        node = self.targets.get(node, node)
        if node not in self._children:
            pairs = self._pairs(node) if isinstance(data, dict) else self._items(node)
            self._children[node] = dict(zip(data, pairs, strict=False) if isinstance(data, dict) else enumerate(pairs))
        return self._children[node]

    def _items(self, node: int) -> Iterator[tuple[int, int]]:
        end = -self.stops[node] or len(self.starts)
        item = node + 1
        while item < end:
            yield item, item
            item = max(item + 1, -self.stops[item])

    def _pairs(self, node: int) -> Iterator[tuple[int, int]]:
        nodes = self._items(node)
        for (key, _), (value, _) in zip(nodes, nodes, strict=False):
            if key not in self.dropped:
                yield key, value

    def holding(self, position: int) -> int:
        """Return the last node that starts at or before a position, -1 if there is none."""
        return bisect_right(self.starts, position) - 1


@dataclass(frozen=True)
class Document:
    """One file as read: `data` is made of dict, list, str and None (nothing written).

    `data` is None as a whole if the file could not be read to its end. `problems` are in the order of their lines.
    `data` does not need the document: keep it, and let the places go.
    """

    data: Any
    problems: tuple[Problem, ...]
    _source: _Source = field(repr=False, compare=False)
    _nodes: _Nodes = field(repr=False, compare=False)

    def place(self, path: Path) -> Place:
        """Return where the value at a pydantic location stands, or else the nearest thing around it that is there.

        A location that ends in pydantic's `[key]` means the name itself.
        """
        if path and path[-1] == "[key]":
            return self.key_place(path[:-1])
        return self._node_place(self._find(path)[1])

    def key_place(self, path: Path) -> Place:
        """Return where the name at a location stands (an item of a list: the item), or the nearest thing around it."""
        return self._node_place(self._find(path)[0])

    def line(self, number: int) -> str:
        """Return a line of the file, counted from 1, without its break; empty if there is none of that number."""
        starts = self._source.line_starts
        return self._source.text[starts[number - 1] : starts[number] - 1] if 0 < number < len(starts) else ""

    def _find(self, path: Path) -> tuple[int, int]:
        key = value = 0
        data = self.data
        for step in path:
            found = self._nodes.children(value, data).get(step) if isinstance(data, dict | list) else None
            if found is None:
                return value, value
            key, value = found
            data = data[step]
        return key, value

    def _node_place(self, node: int) -> Place:
        if self.data is None:
            return Place(self._source.file, 1, 1)
        start, stop = self._nodes.starts[node], self._nodes.stops[node]
        if stop < 0 and self._source.text[start] in "[{-&":
            stop = start + 1
        return self._node_place(node + 1) if stop < 0 else self._source.place(start, stop)


def read_yaml(data: bytes, file: str, *, limit: int = 16 * 2**20) -> Document:
    """Return what a file holds, with every problem found in it. Never raises, whatever the bytes are.

    `file` is the name shown in places; `limit` the largest size in bytes. Values are text exactly as YAML gives them.
    """
    nodes = _Nodes()
    value = None
    try:
        source = _decode(data, file, limit)
        faults = _clean(source)
        reader = _Reader(source, nodes)
        value = reader.read()
        faults += reader.faults
    except _Undecodable as wrong:
        source, faults = _Source(file, wrong.text), [wrong.fault]
    problems = tuple(source.problem(fault) for fault in sorted(set(faults))[:MAX_PROBLEMS])
    return Document(value, problems, source, nodes)


def _decode(data: bytes, file: str, limit: int) -> _Source:
    """Return a file's text. Raise _Undecodable if it is too large or no UTF-8 text."""
    again = 'Save the file again as plain text with the encoding "UTF-8".'
    if len(data) > limit:
        message = f"The file is larger than {limit / 2**20:.3g} MB."
        raise _Undecodable("", message, "Split it into several smaller files.")
    if data.startswith(_WIDE_MARKS):
        raise _Undecodable("", "The file is saved as UTF-16.", again)
    content = data.removeprefix(b"\xef\xbb\xbf")
    binary = content.find(b"\0")
    if binary >= 0:
        raise _Undecodable(content[:binary].decode(errors="replace"), "This is not a plain text file.", again)
    try:
        text = content.decode()
    except UnicodeDecodeError as wrong:
        meant = content[wrong.start : wrong.start + 1].decode("cp1252", errors="replace")
        head, tail = content[: wrong.start].decode(), content[wrong.start :].decode(errors="replace")
        message = f"The character here (perhaps {meant}) is not saved as UTF-8."
        raise _Undecodable(head, message, again, tail) from None
    unusual = bool(content.translate(None, _USUAL_BYTES)) or any(sign.search(content) for sign in _UNUSUAL_SIGNS)
    return _Source(file, text, unusual, content)


def _clean(source: _Source) -> list[_Fault]:
    """Give a text plain line breaks, and spaces for characters that cannot be seen; return a fault for each of those.

    Raise _Undecodable if nothing or far too much is left to be read.
    """
    faults: list[_Fault] = []
    if source.unusual:
        text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        hint = "Delete it, and type the space or the line break again."
        for bad in islice(_CONTROL.finditer(text), MAX_PROBLEMS):
            message = f"A character that cannot be seen or posted (U+{ord(bad[0]):04X})."
            faults.append(_Fault(bad.start(), bad.end(), message, hint))
        source.text = source.written = _CONTROL.sub(" ", text)
    if not source.text or source.text.isspace():
        raise _Undecodable("", "The file is empty.", "Write at least one line such as `name: value`.")
    # Each value needs one of these before it, so a file that would take minutes is known before it is read.
    if len(source.text) > 6 * 2**20 and sum(map(source.text.count, ("\n", ",", ":", "[", "{", "- "))) > MAX_VALUES:
        raise _Undecodable("", "The file holds too many values.", "Split it into several smaller files.")
    return faults


class _Reader:
    """Builds plain data from the events of one file, noting where everything stands and what is wrong."""

    def __init__(self, source: _Source, nodes: _Nodes) -> None:
        self.source, self.nodes, self.faults = source, nodes, list[_Fault]()
        self._event = getattr(yaml, "CLoader", yaml.Loader)(source.written).get_event
        self._starts, self._stops = nodes.starts, nodes.stops
        self._names: dict[str, tuple[int, Any, int]] = {}  # of `&name`: its node, its value, how many values that is
        self._open: set[str] = set()
        self._unused: dict[str, _Fault] = {}
        self._repeated_values = 0
        self._repeated_names: list[tuple[int, dict[str, Any], str, int]] = []

    def read(self) -> Any:
        """Return the data, None if the file cannot be read to its end; `faults` holds everything that was found."""
        value, ending, limit = None, None, len(self.source.text)
        try:
            value = self._document()
            self.faults += self._unused.values()
        except _Unreadable as stop:
            ending = stop.fault
            limit = ending.start
        except (yaml.YAMLError, ValueError, OverflowError) as wrong:  # the last two: escapes, where libyaml is absent
            diagnosis = _Diagnosis(self.source, self.nodes, wrong)
            ending, limit = diagnosis.fault(), diagnosis.limit
        for node, group, name, key in self._repeated_names:
            first = self.source.line_number(self._starts[self.nodes.children(node, group)[name][0]])
            self._note(key, f"'{name}' is written twice here, first on line {first}.", "Keep one of the two.")
        lost = list(islice(_find_lost_text(self.source, self.nodes, limit), MAX_PROBLEMS))
        self.faults += lost
        self.faults += _find_odd_indents(self.source, self.nodes, limit) if self.source.unusual else []
        number = self.source.line_number
        # A lost hashtag often breaks what follows it, and a strange indent is named once.
        named = ending and any(fault.start == ending.start for fault in self.faults)
        if ending and not named and not (lost and number(lost[-1].start) >= number(ending.start) - 1):
            self.faults.append(ending)
        return value

    def _note(self, node: int, message: str, hint: str) -> None:
        self.faults.append(_Fault(self._starts[node], self._stops[node], message, hint))

    def _document(self) -> Any:
        self._event()
        if type(self._event()) is StreamEndEvent:
            raise _Unreadable(
                0, 0, "The file holds nothing but notes.", "Write at least one line such as `name: value`."
            )
        first: Any = self._event()
        start = first.start_mark.index
        if type(first) is ScalarEvent:
            raise _Unreadable(*_nameless_line(self.source, start))
        if type(first) is not MappingStartEvent:
            stop = self.source.line_span(start)[1]
            hint = "Put a name, a colon and a space before it."
            raise _Unreadable(start, stop, "The file must be made of lines such as `name: value`.", hint)
        value = self._value(first, 0)
        self._event()
        after: Any = self._event()
        if type(after) is not StreamEndEvent:
            start = after.start_mark.index
            hint = "Delete the line, or move what follows to a file of its own."
            raise _Unreadable(start, start + 3, "This line begins a second file inside this one.", hint)
        return value

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._text(event)
        start = event.start_mark.index
        node = len(self._starts)
        self._starts.append(start)
        self._stops.append(0)
        if kind is AliasEvent:
            return self._repetition(event, node)
        if depth >= MAX_DEPTH:
            raise _Unreadable(
                start, start + 1, f"More than {MAX_DEPTH} lists or groups stand inside each other.", "Bring some up."
            )
        if event.tag is not None:
            self._refuse_sign(start)
        before = self._repeated_values
        if event.anchor is not None:
            self._open.add(event.anchor)
        found = self._list(depth + 1) if kind is SequenceStartEvent else self._group(node, depth + 1)
        self._stops[node] = -len(self._starts)
        if event.anchor is not None:
            self._open.discard(event.anchor)
            self._names[event.anchor] = node, found, len(self._starts) - node + self._repeated_values - before
        return found

    def _list(self, depth: int) -> list[Any]:
        next_event, text = self._event, self._text
        items: list[Any] = []
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                items.append(text(event))
            elif kind is SequenceEndEvent:
                return items
            else:
                items.append(self._value(event, depth))

    def _group(self, node: int, depth: int) -> dict[str, Any]:
        next_event, text = self._event, self._text
        group: dict[str, Any] = {}
        while True:
            event = next_event()
            if type(event) is not ScalarEvent:
                if type(event) is MappingEndEvent:
                    return group
                start = event.start_mark.index
                raise _Unreadable(start, start + 1, "A name before a colon must be plain words.", "Put it in quotes.")
            key: Any = text(event)
            if key in group or key in _REFUSED_NAMES:
                self._refuse_name(node, group, key)
                self._value(next_event(), depth)
                continue
            event = next_event()
            group[key] = text(event) if type(event) is ScalarEvent else self._value(event, depth)

    def _refuse_name(self, node: int, group: dict[str, Any], key: str | None) -> None:
        place = len(self._starts) - 1
        self.nodes.dropped.add(place)
        if key is not None and key in group:
            self._repeated_names.append((node, group, key, place))
        elif key == "<<":
            self._note(place, "'<<' cannot be used here.", "Write the lines out where they are needed.")
        else:
            self._note(place, "There is no name before this colon.", "Write `name: value`.")
        if len(self.faults) + len(self._repeated_names) > MAX_PROBLEMS:
            start = self._starts[place]
            raise _Unreadable(
                start, start + 1, f"There are more than {MAX_PROBLEMS} problems.", "Mend the others first."
            )

    def _text(self, event: Any) -> str | None:
        start, stop, value = event.start_mark.index, event.end_mark.index, event.value
        self._starts.append(start)
        self._stops.append(stop)
        if stop - start == len(value):  # plain words on one line, the bulk of every file
            return value or None
        return self._marked_text(event, start, stop)

    def _marked_text(self, event: Any, start: int, stop: int) -> str | None:
        """Return a text that has quotes, several lines, or a sign before it."""
        value: str | None = event.value if event.value or event.style else None
        node = len(self._starts) - 1
        if event.tag is not None:
            self._refuse_sign(start)
        if event.anchor is not None:
            self._names[event.anchor] = node, value, 1
            lost = f"'&{event.anchor}' would be lost: a value cannot begin with '&'."
            self._unused[event.anchor] = _Fault(start, start + 1, lost, _suggest_quotes(self.source, start))
        if event.style == '"' and value and (bad := _CONTROL.search(value)):
            message = f"This text holds a character that cannot be posted (U+{ord(bad[0]):04X})."
            self._note(node, message, "Delete the part with the backslash that stands for it.")
        elif not event.style and (glued := _GLUED_ITEM.search(self.source.text, start, stop)):
            message = (
                "This '- ' does not begin an item: the line stands deeper than the text above, and so continues it."
            )
            hint = "Move it left, below the item above, or put the whole text in quotes."
            self.faults.append(_Fault(glued.start(1), glued.start(1) + 1, message, hint))
        return value

    def _refuse_sign(self, start: int) -> None:
        self.faults.append(_refused_beginning(self.source, start))
        if len(self.faults) > MAX_PROBLEMS:
            raise _Unreadable(
                start, start + 1, f"There are more than {MAX_PROBLEMS} problems.", "Mend the others first."
            )

    def _repetition(self, event: Any, node: int) -> Any:
        start, stop = event.start_mark.index, event.end_mark.index
        self._stops[node] = stop
        if event.anchor in self._open:
            hint = "Write out what is meant instead."
            raise _Unreadable(start, stop, f"'*{event.anchor}' stands inside the very part it repeats.", hint)
        if event.anchor not in self._names:
            raise _Unreadable(*_refused_beginning(self.source, start))
        self.nodes.targets[node], value, size = self._names[event.anchor]
        self._unused.pop(event.anchor, None)
        self._repeated_values += size
        if self._repeated_values > MAX_REPEATED_VALUES:
            hint = "Write out what is meant instead."
            raise _Unreadable(start, stop, f"'*{event.anchor}' and the like repeat far too many values.", hint)
        return value


def _suggest_quotes(source: _Source, position: int) -> str:
    """Return what to type so that the value at a position is taken as text."""
    line = source.line_at(position)
    dash, key, value = _split_line(line)
    column = position - source.line_span(position)[0]
    if value[:1] in ("[", "{") and line.find(value) < column:
        return f"Put it in quotes: `{_quote(re.split(r'[],}]', line[column:])[0])}`."
    block = f", or type `{key.strip()} |` and the text on the next line, further in" if key else ""
    return f"Put the whole text in quotes: `{dash}{key}{_quote(value)}`{block}."


def _split_line(line: str) -> tuple[str, str, str]:
    """Return the dashes, the name with its colon, and the value of a line; each may be empty."""
    parts = _LINE_PARTS.match(line)
    dash, key, value = parts.groups() if parts else ("", "", line)
    return dash, key, value.strip()


def _quote(value: str) -> str:
    """Return a value between quotes that suit it, cut if it is long; quotes around it already are left out."""
    value = value.strip()
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        value = value[1:-1]
    value = _shorten(value)
    return "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _refused_beginning(source: _Source, start: int) -> _Fault:
    message = f"A value cannot begin with '{source.text[start]}' unless it is in quotes."
    return _Fault(start, start + 1, message, _suggest_quotes(source, start))


def _find_lost_text(source: _Source, nodes: _Nodes, limit: int) -> Iterator[_Fault]:
    """Yield every hashtag before a position that reads as a note: `text: Speak out. #CEADay26`."""
    text = source.text
    position = text.find("#")
    while 0 <= position < limit:
        node = nodes.holding(position)
        start, stop = (nodes.starts[node], nodes.stops[node]) if node >= 0 else (0, 0)
        in_block_header = text[start] in "|>" and text.find("\n", start, position) < 0
        if position < stop and not in_block_header:
            position = text.find("#", stop)
            continue
        # Outside every value, so a note begins here and goes on to the end of the line.
        line_start, line_stop = source.line_span(position)
        if text[position + 1 : position + 2] not in "# \t\n":
            own_line = not text[line_start:position].strip()
            if not own_line or _would_continue(source, nodes, node, position):
                begun_above = start < line_start and stop > line_start
                yield _lost_text(source, position, own_line, begun_above)
        position = text.find("#", line_stop)


def _would_continue(source: _Source, nodes: _Nodes, node: int, position: int) -> bool:
    """Return whether a `#word` on a line of its own stands where it would go on with the value before it."""
    text = source.text
    if node < 0 or not (text[position + 1].isalnum() or text[position + 1] == "_"):
        return False
    start, stop = nodes.starts[node], nodes.stops[node]
    if stop < 0:
        return text[start] in "[{" and not {"]", "}"} & set(text[start:position])
    between = text[stop:position].strip()
    if between.startswith((":", "]", "}")):  # the value of a name is still to come, or a list in brackets is over
        return False
    if between.startswith(","):
        return True
    line_start = source.line_span(start)[0]
    dash = text[line_start:start].rstrip()
    if node and text[nodes.stops[node - 1] : start].strip() == ":" and nodes.stops[node - 1] > 0:
        owner = nodes.starts[node - 1]
        owner -= source.line_span(owner)[0]
    else:
        owner = len(dash) - 1 if dash.endswith("-") else position
    return position - source.line_span(position)[0] > owner


def _lost_text(source: _Source, position: int, own_line: bool, begun_above: bool) -> _Fault:
    line_start, line_stop = source.line_span(position)
    lost = source.text[position:line_stop].rstrip()
    dash, key, value = _split_line(source.text[line_start:line_stop])
    if own_line:
        hint = f"An item of a list: type `- {_quote(lost.rstrip(','))}`. A part of a text: type `text: |` and the text"
        hint += " on the lines below, further in."
    elif begun_above:
        hint = _QUOTE_FROM_START
    elif value.startswith(("|", ">")):
        hint = "Move it to a line of its own below, further in."
    elif key and value == lost:
        words = ", ".join(f'"{word.rstrip(",")}"' for word in lost.split())
        hint = f"Type `{key}[{words}]` for a list, `{key}{_quote(lost)}` for a text."
    elif value.startswith("["):
        hint = "Put each in quotes: `" + key + re.sub(r"""(?<!["'])#[^],\s]+""", r'"\g<0>"', value) + "`."
    elif not key and value == lost:
        hint = f"Type `{dash}{_quote(lost)}`."
    else:
        hint = _suggest_quotes(source, position)
    message = f"'{_shorten(lost)}' would be lost: a # after a space begins a note that is never posted."
    return _Fault(position, position + len(lost), message, f"{hint} For a note, leave a space after the #.")


def _find_odd_indents(source: _Source, nodes: _Nodes, limit: int) -> list[_Fault]:
    """Return the lines before a position that begin with a tab or a space of an unusual kind, outside texts."""
    faults: list[_Fault] = []
    for match in _INDENT.finditer(source.text, 0, limit):
        position = match.end() - 1
        line = source.line_at(position).strip(_ODD_SPACE + " ")
        node = nodes.holding(position)
        within = node >= 0 and nodes.starts[node] < position < nodes.stops[node]
        if line and not line.startswith("#") and not within:
            faults.append(_odd_space(source, position))
        if len(faults) >= MAX_PROBLEMS:
            break
    return faults


def _odd_space(source: _Source, position: int) -> _Fault:
    kind = "A tab" if source.text[position] == "\t" else "An unusual space (often copied from a web page)"
    return _Fault(position, position + 1, f"{kind} stands here.", "Delete it and type ordinary spaces instead.")


def _nameless_line(source: _Source, start: int) -> _Fault:
    """Return what is wrong with a line that should be `name: value` and is not."""
    line_start, line_stop = source.line_span(start)
    line = source.text[start:line_stop].rstrip()
    stop = start + len(line)
    above = source.text[max(0, line_start - 200) : line_start].rstrip()
    if close := re.match(r"((?:- +)*[\w-]+:)([^\s/].*)", line):
        return _Fault(start, stop, "A space is missing after the colon.", f"Type `{close[1]} {_shorten(close[2])}`.")
    if re.search(r"[:-] +[|>][-+\d]*$", above):
        return _Fault(start, stop, "The lines of a text below | begin further in.", "Put two more spaces before it.")
    if re.match(r"-\S", line):
        return _Fault(start, stop, "A space is missing after the '-'.", f"Type `- {_shorten(line[1:])}`.")
    hint = "Type `name: value`; if it goes on with the text above, put that text below `text: |`, further in."
    return _Fault(start, stop, "This line has no name followed by a colon.", hint)


class _Diagnosis:
    """What a parser's complaint means to a person, judged by the characters around it.

    `limit` is the position up to which the file was understood.
    """

    def __init__(self, source: _Source, nodes: _Nodes, wrong: Exception) -> None:
        self.source, self.nodes, self.text = source, nodes, source.text
        self.what = f"{getattr(wrong, 'context', None)}, {getattr(wrong, 'problem', None)}"
        self.at = self._index(getattr(wrong, "problem_mark", None), nodes.starts[-1] if nodes.starts else 0)
        self.since = self._index(getattr(wrong, "context_mark", None), self.at)
        self.limit = self.since if "while scanning" in self.what else self.at
        self.line_start, self.line_stop = source.line_span(self.at)
        self.line = self.text[self.line_start : self.line_stop]

    def _index(self, mark: Any, otherwise: int) -> int:
        return otherwise if mark is None else min(mark.index, len(self.text))

    def fault(self) -> _Fault:
        """Return the fault in plain words, from the first reading of it that fits."""
        rules = (
            self._odd_space, self._closed_quote, self._open_quote, self._beginning, self._sign_beginning,
            self._colon, self._open_bracket, self._nameless, self._misplaced_item, self._short_block,
        )  # fmt: skip
        for rule in rules:
            if found := rule():
                return found._replace(hint=found.hint + _REST_UNREAD)
        found = self._indentation()
        return found._replace(hint=found.hint + _REST_UNREAD)

    def _odd_space(self) -> _Fault | None:
        odd = _INDENT.match(self.line)
        if odd:
            return _odd_space(self.source, self.line_start + odd.end() - 1)
        return _odd_space(self.source, self.at) if self.text[self.at : self.at + 1] == "\t" else None

    def _last_text(self) -> tuple[int, int] | None:
        """Return where the last text that is not empty starts and stops."""
        for node in range(len(self.nodes.starts) - 1, -1, -1):
            start, stop = self.nodes.starts[node], self.nodes.stops[node]
            if stop != start:
                return (start, stop) if stop > start else None
        return None

    def _closed_quote(self) -> _Fault | None:
        start, stop = self._last_text() or (0, 0)
        mark = self.text[start : start + 1]
        if (
            mark not in ("'", '"')
            or not stop
            or self.text[stop : self.at].strip(" ")
            or "\n" in self.text[stop : self.at]
        ):
            return None
        if "\n" in self.text[start:stop]:
            number = self.source.line_number(stop - 1)
            message = f"The quote that opens here is closed only on line {number}."
            return _Fault(start, start + 1, message, f"Type {mark} at the end of this text.")
        hint = _suggest_quotes(self.source, start)
        if mark == "'" and self.text[stop : stop + 1].isalnum():
            return _Fault(stop - 1, stop, "The apostrophe ends the quoted text here.", hint)
        return _Fault(stop - 1, stop, "The quoted text ends here, but the line goes on.", hint)

    def _open_quote(self) -> _Fault | None:
        if "quoted" not in self.what:
            return None
        if "escape" in self.what or "hexa" in self.what:
            hint = "Type it twice, or put the text in single quotes, or type the character that is meant."
            return _Fault(self.at, self.at + 1, "A backslash in double quotes has a meaning of its own.", hint)
        mark = self.text[self.since : self.since + 1]
        hint = f"Type {mark} at the end of the text."
        if mark == "'":
            hint = f"Type ' at the end of the text. Or is it an apostrophe? {_suggest_quotes(self.source, self.since)}"
        return _Fault(self.since, self.since + 1, "The quote that opens here is never closed.", hint)

    def _beginning(self) -> _Fault | None:
        begins_before = re.search(r"scanning an a|tag|block scalar|directive|incompatible|version", self.what)
        start = self.since if begins_before else self.at
        known = begins_before or re.search(r"cannot start|node content|(entries|keys) are not allowed", self.what)
        return _refused_beginning(self.source, start) if known and self.text[start : start + 1].strip() else None

    def _sign_beginning(self) -> _Fault | None:
        """`text: [PHOTO] Speak out`, `text: *all of you`: something complete is over, and the line goes on."""
        first = self.nodes.holding(self.line_start) + 1
        for node in range(first, len(self.nodes.starts)):
            start = self.nodes.starts[node]
            closed = self.text[start] in "[{" and self.text[start : self.at].rstrip().endswith(("]", "}"))
            if closed or (node in self.nodes.targets and not self.text[self.nodes.stops[node] : self.at].strip()):
                return _refused_beginning(self.source, start)
        return None

    def _colon(self) -> _Fault | None:
        if self.text[self.at : self.at + 1] != ":":
            return None
        start = (self._last_text() or (self.at, 0))[0]
        if start >= self.line_start:
            return self._unquoted_colon(_suggest_quotes(self.source, start))
        if "flow" in self.what:
            return None
        line_start, line_stop = self.source.line_span(start)
        if not re.fullmatch(r"(- +)*[\w-]+", self.text[self.line_start : self.at].strip()):
            return self._unquoted_colon(_QUOTE_FROM_START)
        unspaced = re.match(r"[ -]*[\w-]+:[^\s/]", self.text[line_start:line_stop])
        return _nameless_line(self.source, start) if unspaced else self._indentation()

    def _unquoted_colon(self, hint: str) -> _Fault:
        return _Fault(self.at, self.at + 1, "A text with a colon and a space in it must be in quotes.", hint)

    def _open_bracket(self) -> _Fault | None:
        if "flow" not in self.what:
            return None
        opened = self.since
        for node in range(len(self.nodes.starts) - 1, -1, -1):
            if not self.nodes.stops[node] and self.text[self.nodes.starts[node]] in "[{":
                opened = self.nodes.starts[node]
                break
        closing = {"[": "]", "{": "}"}.get(self.text[opened : opened + 1], "]")
        message = f"What opens here is not closed with {closing}, or a comma is missing in it."
        return _Fault(
            opened, opened + 1, message, f"Type {closing} at its end, and a comma and a space between its parts."
        )

    def _nameless(self) -> _Fault | None:
        return _nameless_line(self.source, self.since) if "expected ':'" in self.what else None

    def _misplaced_item(self) -> _Fault | None:
        if not re.match(r" *-( |$)", self.line):
            return None
        dash = self.line_start + self.line.index("-")
        items = re.findall(r"^ *- ", self._lines_above(), re.MULTILINE)
        if not items:
            hint = "Delete the '- ', or put a name such as `accounts:` on a line of its own above it."
            return _Fault(dash, dash + 1, "A list cannot begin here.", hint)
        hint = f"Begin it in column {len(items[-1]) - 1}, below the '-' of the item above."
        return _Fault(dash, dash + 1, "This item does not stand in line with the items above.", hint)

    def _lines_above(self) -> str:
        return self.text[max(0, self.line_start - 10_000) : self.line_start]

    def _short_block(self) -> _Fault | None:
        start, stop = self._last_text() or (0, 0)
        if (
            self.text[start : start + 1] not in ("|", ">")
            or self.text[stop : self.at].strip()
            or _KEY_LINE.match(self.line)
        ):
            return None
        message = "This line stands further left than the first line of the text that it belongs to."
        return _Fault(self.at, self.line_stop, message, "Begin it in the same column as that line.")

    def _indentation(self) -> _Fault:
        begin = self.line_start + len(self.line) - len(self.line.lstrip())
        message = "This line cannot be understood where it stands."
        named = [line for line in self._lines_above().splitlines() if _KEY_LINE.match(line)]
        hint = "Look at the spaces before it, at quotes and colons, and at the line above."
        if (
            "block collection" in self.what
            and self.source.line_span(self.since)[0] + begin == self.line_start + self.since
        ):
            hint = "Begin it with '- ' to make it an item, or move it left, below the name that the list belongs to."
        elif "document start" in self.what:
            hint = "Delete the line of dots above it, which ends the file."
        elif named:
            name = named[-1].lstrip(" -")
            hint = "Lines that belong together begin in the same column;"
            hint += f" `{_shorten(name.partition(':')[0])}:` above begins in column {len(named[-1]) - len(name) + 1}."
        return _Fault(begin, self.line_stop, message, hint)
