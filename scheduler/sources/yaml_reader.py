"""A parser's events → plain data, with the place of everything and every problem found.

libyaml's events carry positions and cost a fifth of its nodes. PyYAML's own constructors are not used: they turn
`10:00` into 600, `no` into False, and drop a name that is written twice. Here every value stays the text written.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

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

from scheduler.domain.problem import Severity
from scheduler.sources.yaml_advice import (
    find_odd_space,
    nameless_line,
    quote,
    refused_beginning,
    shorten,
    suggest_quotes,
)
from scheduler.sources.yaml_diagnosis import Diagnosis
from scheduler.sources.yaml_lost_text import find_lost_text, find_odd_indents
from scheduler.sources.yaml_nodes import Nodes
from scheduler.sources.yaml_source import CONTROL, MAX_PROBLEMS, Fault, Source

MAX_DEPTH = 40
MAX_REPEATED_VALUES = 100_000  # what `*name` may add to what is written

_NEEDS_QUOTES = tuple("#@&*!%`|>[{")
_GLUED_ITEM = re.compile(r"\n *(- )")
_REFUSED_NAMES = frozenset({None, "", "<<"})


class Unreadable(Exception):
    """The file cannot be read further than this fault."""

    def __init__(self, *fault: Any) -> None:
        super().__init__(*fault)
        self.fault = Fault(*fault)


class Reader:
    """Builds plain data from the events of one file, noting where everything stands and what is wrong."""

    def __init__(self, source: Source, nodes: Nodes) -> None:
        self.source, self.nodes, self.faults = source, nodes, list[Fault]()
        self._event = getattr(yaml, "CLoader", yaml.Loader)(source.written).get_event
        self._starts, self._stops = nodes.starts, nodes.stops
        self._names: dict[str, tuple[int, Any, int]] = {}  # of `&name`: its node, its value, how many values that is
        self._open: set[str] = set()
        self._unused: dict[str, Fault] = {}
        self._repeated_values = 0
        self._repeated_names: list[tuple[int, dict[str, Any], str, int]] = []

    def read(self) -> Any:
        """Return the data, None if the file cannot be read to its end; `faults` holds everything that was found."""
        value, ending, limit = None, None, len(self.source.text)
        try:
            value = self._document()
            self.faults += self._unused.values()
        except Unreadable as stop:
            ending = stop.fault
            limit = ending.start
        except (yaml.YAMLError, ValueError, OverflowError) as wrong:  # the last two: escapes, where libyaml is absent
            diagnosis = Diagnosis(self.source, self.nodes, wrong)
            ending, limit = diagnosis.fault(), diagnosis.limit
        for node, group, name, key in self._repeated_names:
            first = self.source.line_number(self._starts[(self.nodes.find(node, group, name) or (node,))[0]])
            self._note(key, f"'{name}' is written twice here, first on line {first}.", "Keep one of the two.")
        lost = list(islice(find_lost_text(self.source, self.nodes, limit), MAX_PROBLEMS))
        self.faults += lost
        self.faults += find_odd_indents(self.source, self.nodes, limit) if self.source.unusual else []
        number = self.source.line_number
        # A lost hashtag often breaks what follows it, and a strange indent is named once.
        named = ending and any(fault.start == ending.start or self._is_merge(fault, ending) for fault in self.faults)
        broken = [fault for fault in lost if fault.severity is Severity.ERROR]
        if ending and not named and not (broken and number(broken[-1].start) >= number(ending.start) - 1):
            self.faults.append(ending)
        return value

    def _is_merge(self, fault: Fault, ending: Fault) -> bool:
        """Return whether a fault is that of a `<<:` on the line where the reading ended."""
        return self.source.text.startswith("<<", fault.start) and self.source.line_span(fault.start)[1] >= ending.start

    def _note(self, node: int, message: str, hint: str) -> None:
        self.faults.append(Fault(self._starts[node], self._stops[node], message, hint))

    def _document(self) -> Any:
        self._event()
        if type(self._event()) is StreamEndEvent:
            raise Unreadable(
                0, 0, "The file holds nothing but notes.", "Write at least one line such as `name: value`."
            )
        first: Any = self._event()
        start = first.start_mark.index
        if type(first) is ScalarEvent:
            raise Unreadable(*nameless_line(self.source, start))
        if type(first) is not MappingStartEvent:
            stop = self.source.line_span(start)[1]
            hint = "Put a name, a colon and a space before it."
            raise Unreadable(start, stop, "The file must be made of lines such as `name: value`.", hint)
        value = self._value(first, 0)
        self._event()
        after: Any = self._event()
        if type(after) is not StreamEndEvent:
            start = after.start_mark.index
            hint = "Delete the line, or move what follows to a file of its own."
            raise Unreadable(start, start + 3, "This line begins a second file inside this one.", hint)
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
            raise Unreadable(
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
                raise Unreadable(start, start + 1, "A name before a colon must be plain words.", "Put it in quotes.")
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
            raise Unreadable(
                start, start + 1, f"There are more than {MAX_PROBLEMS} problems.", "Mend the others first."
            )

    def _text(self, event: Any) -> str | None:
        start, stop, value = event.start_mark.index, event.end_mark.index, event.value
        self._starts.append(start)
        self._stops.append(stop)
        if stop - start == len(value):  # plain words on one line, the bulk of every file
            if value[:1] == "-":
                self._check_dash(start, value)
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
            self._unused[event.anchor] = Fault(start, start + 1, lost, suggest_quotes(self.source, start))
        if not event.style and value and value[0] == "-":
            self._check_dash(start, value)
        if event.style == '"' and value and (bad := CONTROL.search(value)):
            message = f"This text holds a character that cannot be posted (U+{ord(bad[0]):04X})."
            self._note(node, message, "Delete the part with the backslash that stands for it.")
        elif not event.style and (glued := _GLUED_ITEM.search(self.source.text, start, stop)):
            message = (
                "This '- ' does not begin an item: the line stands deeper than the text above, and so continues it."
            )
            hint = "Move it left, below the item above, or put the whole text in quotes."
            self.faults.append(Fault(glued.start(1), glued.start(1) + 1, message, hint))
        return value

    def _check_dash(self, start: int, value: str) -> None:
        """Refuse `-words` where a line begins: it is meant to be an item, and would be read as a text."""
        own_line = not self.source.text[self.source.line_span(start)[0] : start].strip()
        if own_line and len(self.faults) <= MAX_PROBLEMS:
            if odd := find_odd_space(self.source, start):
                self.faults.append(odd)
                return
            item = quote(value[1:]) if value[1:2] in _NEEDS_QUOTES else shorten(value[1:])
            hint = f"Type `- {item}`, or put it in quotes if the - belongs to it."
            self.faults.append(Fault(start, start + 1, "A space is missing after the '-'.", hint))

    def _refuse_sign(self, start: int) -> None:
        self.faults.append(refused_beginning(self.source, start))
        if len(self.faults) > MAX_PROBLEMS:
            raise Unreadable(
                start, start + 1, f"There are more than {MAX_PROBLEMS} problems.", "Mend the others first."
            )

    def _repetition(self, event: Any, node: int) -> Any:
        start, stop = event.start_mark.index, event.end_mark.index
        self._stops[node] = stop
        if event.anchor in self._open:
            hint = "Write out what is meant instead."
            raise Unreadable(start, stop, f"'*{event.anchor}' stands inside the very part it repeats.", hint)
        if event.anchor not in self._names:
            raise Unreadable(*refused_beginning(self.source, start))
        self.nodes.targets[node], value, size = self._names[event.anchor]
        self._unused.pop(event.anchor, None)
        self._repeated_values += size
        if self._repeated_values > MAX_REPEATED_VALUES:
            hint = "Write out what is meant instead."
            raise Unreadable(start, stop, f"'*{event.anchor}' and the like repeat far too many values.", hint)
        return value
