"""What changed in a text, word by word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.wording import Fate, Piece, compare_words

KEPT, OUT, IN = Fate.KEPT, Fate.TAKEN_OUT, Fate.PUT_IN


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("Think. Spot.", "Think. Spot.", [(KEPT, "Think. Spot.")]),
        ("Learn the signs today.", "Learn the signs now.", [(KEPT, "Learn the signs "), (OUT, "today."), (IN, "now.")]),
        ("a b c", "a x y c", [(KEPT, "a "), (OUT, "b"), (IN, "x y"), (KEPT, " c")]),
        ("one two three", "four five six", [(OUT, "one two three"), (IN, "four five six")]),
        ("", "new", [(IN, "new")]),
        ("call 101", "call 101 today", [(KEPT, "call 101"), (IN, " today")]),
    ],
)
def test_pieces(old: str, new: str, pieces: list[tuple[Fate, str]]) -> None:
    assert compare_words(old, new) == [Piece(*piece) for piece in pieces]


WORDS = st.lists(st.sampled_from(["Think", "spot", "#Tag", " ", "\n", "  ", "🏴‍☠️", "101"]), max_size=30).map("".join)


@given(WORDS, WORDS)
def test_both_texts_are_in_the_pieces(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.PUT_IN) == old
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.TAKEN_OUT) == new


def test_long_texts_are_compared_quickly() -> None:
    old = "The police ask people to look out for each other. " * 1200  # as much as Facebook takes
    begun = time.monotonic()
    pieces = compare_words(old, old.replace("people", "everyone", 1) + "End")
    assert time.monotonic() - begun < 2
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.PUT_IN) == old
