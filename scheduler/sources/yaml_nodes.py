"""Where each name and value of a file stands: two numbers for each, in the order of the file."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

_SMALL = 16


class Nodes:
    """Where each name and value stands, numbered in the order of the file."""

    def __init__(self) -> None:
        self.starts = array("I")
        # Where a text stops; for a list or group, minus the number of the node after its last one (0 while it is open).
        self.stops = array("i")
        self.targets: dict[int, int] = {}  # `*name` → the node that `&name` stands at
        self.dropped: set[int] = set()  # names that were there already
        # Few of the many small groups are kept: tables of them all would cost more than making some again.
        self._recent: dict[int, dict[str | int, tuple[int, int]]] = {}
        self._large: dict[int, dict[str | int, tuple[int, int]]] = {}

    def find(self, node: int, data: Any, step: str | int) -> tuple[int, int] | None:
        """Return the nodes of a name (or item) in a list or group and of its value, None if it is not there."""
        node = self.targets.get(node, node)
        table = self._recent.get(node) or self._large.get(node)
        if table is None:
            table = self._tabulate(node, data)
            if len(table) > _SMALL:
                self._large[node] = table
            else:
                if len(self._recent) > _SMALL:
                    self._recent.clear()
                self._recent[node] = table
        return table.get(step)

    def _tabulate(self, node: int, data: Any) -> dict[str | int, tuple[int, int]]:
        stops, dropped = self.stops, self.dropped
        table: dict[str | int, tuple[int, int]] = {}
        named = isinstance(data, dict)
        key = node + 1
        for step in data if named else range(len(data)):
            while key in dropped:
                key = self._after(key + 1)
            value = key + named
            table[step] = key, value
            stop = stops[value]
            key = value + 1 if stop >= 0 else -stop
        return table

    def _after(self, node: int) -> int:
        """Return the node that stands after the whole of another."""
        return max(node + 1, -self.stops[node])

    def holding(self, position: int) -> int:
        """Return the last node that starts at or before a position, -1 if there is none."""
        return bisect_right(self.starts, position) - 1
