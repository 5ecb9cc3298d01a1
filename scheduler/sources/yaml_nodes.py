"""Where each name and value of a file stands: two numbers for each, in the order of the file."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any


class Nodes:
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
