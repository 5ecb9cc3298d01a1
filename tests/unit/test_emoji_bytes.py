"""Threads counts code points, but of each emoji the bytes of its UTF-8; held against an independent list of emoji."""

from __future__ import annotations

import sys

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from twitter_text.regexp.emoji import emoji_list

from scheduler.domain.measure import Unit, measure

EMOJI_OF_2019 = sorted({entry.emoji for entry in emoji_list})


def count(text: str) -> int:
    return measure(text, Unit.EMOJI_BYTES)


@pytest.mark.parametrize(
    "text, length",
    [
        ("", 0),
        ("Think, spot, speak out.", 23),
        ("👍", 4),
        ("👍🏽", 8),
        ("👨‍👩‍👧‍👦", 25),
        ("a👨‍👩‍👧‍👦b", 27),
        ("🇬🇧", 8),
        ("🏴󠁧󠁢󠁷󠁬󠁳󠁿", 28),
        ("❤️", 6),
        ("❤", 3),
        ("1️⃣ and 1 #", 15),
        ("🫩", 4),  # of 2024
        ("“é” – £5 …", 10),
        ("e\u0301", 2),
        ("हिन्दी", 6),
        ("one\r\ntwo 👍", 13),
    ],
)
def test_an_emoji_counts_its_bytes_and_all_else_its_characters(text: str, length: int) -> None:
    assert count(text) == length


def test_no_emoji_escapes_the_first_look() -> None:
    sign = regex.compile(r"[\p{Emoji_Presentation}\p{Extended_Pictographic}]")
    signs = [chr(code) for code in range(sys.maxunicode + 1) if sign.match(chr(code))]
    assert len(signs) > 1000
    assert [emoji for emoji in signs if count(emoji) != len(emoji.encode())] == []


def test_every_emoji_counts_its_bytes() -> None:
    assert [emoji for emoji in EMOJI_OF_2019 if count(emoji) != len(emoji.encode())] == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(EMOJI_OF_2019), st.text("abc é語ç", max_size=5)), max_size=12))
def test_pieces_with_spaces_between_them_add_up(pieces: list[str]) -> None:
    wanted = sum(len(piece.encode()) if piece in EMOJI_OF_2019 else len(piece) for piece in pieces)
    assert count(" ".join(pieces)) == wanted + max(len(pieces) - 1, 0)
