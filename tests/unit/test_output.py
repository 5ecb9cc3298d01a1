"""How problems are shown: the place is marked, wherever it is in a line."""

from __future__ import annotations

import pytest

from scheduler.cli.output import count_of, mark_place
from scheduler.domain.problem import Place, error


@pytest.mark.parametrize(("line", "column", "width", "marked"), [
    ("    - mastadon", 7, 8, "mastadon"),
    ("text: " + "x" * 500 + "{blank}" + "y" * 500, 507, 7, "{blank}"),
    ("text: " + "x" * 500 + "{blank}", 507, 7, "{blank}"),
    ("text: Think", 7, 0, "T"),
    ("é: “ü” #x", 8, 2, "#x"),
])  # fmt: skip
def test_the_mark_stands_below_its_place(line: str, column: int, width: int, marked: str) -> None:
    shown, mark = mark_place(error("No.", Place("a.yaml", 1, column, width))._replace(line_text=line))
    start, stop = mark.index("^"), len(mark)
    assert shown[start:stop] == marked
    assert len(shown) <= 200


def test_what_has_no_place_in_its_line_is_not_marked() -> None:
    assert mark_place(error("The file is empty.", Place("a.yaml"))) == []


def test_one_is_not_many() -> None:
    counted = [count_of(number, noun) for noun in ("error", "delivery") for number in (0, 1, 2)]
    assert counted == ["0 errors", "1 error", "2 errors", "0 deliveries", "1 delivery", "2 deliveries"]
