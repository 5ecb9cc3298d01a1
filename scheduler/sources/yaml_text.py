"""Text files of names and values → plain data, with the place of everything in them and every problem found.

Every value stays the text written (`yaml_reader.py`); paths, lines and columns are worked out when somebody asks.
Words shown to people avoid the vocabulary of YAML.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from scheduler.domain.problem import Place, Problem
from scheduler.sources.yaml_nodes import Nodes
from scheduler.sources.yaml_reader import Reader
from scheduler.sources.yaml_source import MAX_EXCERPT, MAX_PROBLEMS, Source, Undecodable, clean, decode

Path = tuple[str | int, ...]
_BRANCHES = (dict, list)
_ITEM = 2  # steps to a post, of which several values are asked for one after the other


class Document:
    """One file as read: `data` is made of dict, list, str and None (nothing written).

    `data` is None as a whole if the file could not be read to its end. `problems` are in the order of their lines.
    `data` does not need the document: keep it, and let the places go.
    """

    def __init__(self, data: Any, problems: tuple[Problem, ...], source: Source, nodes: Nodes) -> None:
        self.data, self.problems, self._source, self._nodes = data, problems, source, nodes
        self._branch: tuple[Path, int, Any] = (), 0, data  # what was looked into last, its node and what it holds

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

    def place_within(self, path: Path, start: int, stop: int) -> Place:
        """Return where the characters [start, stop) of a text stand if it is on one line, else where all of it does."""
        place = self.place(path)
        begin = self._source.line_starts[place.line - 1] + place.column - 1
        quoted = self._source.text[begin : begin + 1] in ("'", '"')
        if stop <= start or stop + 2 * quoted > place.width:
            return place
        return place._replace(column=place.column + start + quoted, width=stop - start)

    def place_of(self, path: Path, words: str, before: int = 0) -> Place:
        """Return where some words of a text stand first, or after so many like them that stand `before`.

        Where the text goes on in another line within the words, it is the part on the first line; all of the text if
        it is not written that way.
        """
        node = self._find(path)[1]
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())) or re.escape(words))
        position, stop = self._nodes.starts[node], max(0, self._nodes.stops[node])
        for found in islice(pattern.finditer(self._source.text, position, stop), before, None):
            return self._source.place(*found.span())
        return self.place(path)

    def line(self, number: int) -> str:
        """Return a line of the file, counted from 1, without its break; empty if there is none of that number.

        Of a very long line only the beginning: there may be as many problems as values in it.
        """
        starts = self._source.line_starts
        if not 0 < number < len(starts):
            return ""
        start, stop = starts[number - 1], starts[number] - 1
        return self._source.text[start : min(stop, start + MAX_EXCERPT)]

    def _find(self, path: Path) -> tuple[int, int]:
        depth = key = value = 0
        data = self.data
        if len(path) > _ITEM and path[:_ITEM] == self._branch[0]:
            depth, (_, value, data) = _ITEM, self._branch
        for step in path[depth:]:
            found = self._nodes.find(value, data, step) if isinstance(data, _BRANCHES) else None
            if found is None:
                return value, value
            if depth == _ITEM:
                self._branch = path[:_ITEM], value, data
            depth += 1
            key, value = found
            data = data[step]
        return key, value

    def _node_place(self, node: int) -> Place:
        if self.data is None:
            return Place(self._source.file, 1, 1)
        start, stop = self._nodes.starts[node], self._nodes.stops[node]
        if stop < 0 and self._source.text.startswith(("[", "{", "-", "&", "!"), start):
            stop = start + 1
        return self._node_place(node + 1) if stop < 0 else self._source.place(start, stop)


def read_yaml(data: bytes, file: str, *, limit: int = 16 * 2**20) -> Document:
    """Return what a file holds, with every problem found in it. Never raises, whatever the bytes are.

    `file` is the name shown in places; `limit` the largest size in bytes. Values are text exactly as YAML gives them.
    """
    nodes = Nodes()
    value = None
    try:
        source = decode(data, file, limit)
        faults = clean(source)
        reader = Reader(source, nodes)
        value = reader.read()
        faults += reader.faults
    except Undecodable as wrong:
        source, faults = Source(file, wrong.text), [wrong.fault]
    problems = tuple(source.problem(fault) for fault in sorted(set(faults))[:MAX_PROBLEMS])
    return Document(value, problems, source, nodes)
