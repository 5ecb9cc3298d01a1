"""Composing what goes out: text, link and hashtags."""

from __future__ import annotations

import pytest

from scheduler.domain.campaign import Link
from scheduler.domain.content import compose_text, holds_hashtag

LINK = Link("https://www.example.org/signs")


@pytest.mark.parametrize(
    ("text", "link", "hashtags", "expected"),
    [
        ("Think.", None, (), "Think."),
        ("Think.\n", LINK, (), "Think.\n\nhttps://www.example.org/signs"),
        ("See https://www.example.org/signs now", LINK, (), "See https://www.example.org/signs now"),
        ("Think.", None, ("#CEADay27", "#HelpingHands"), "Think.\n\n#CEADay27 #HelpingHands"),
        ("Think #ceaday27", None, ("#CEADay27", "#HelpingHands"), "Think #ceaday27\n\n#HelpingHands"),
        ("Think #CEADay2", None, ("#CEADay27",), "Think #CEADay2\n\n#CEADay27"),
        ("Think #CEADay270", None, ("#CEADay27",), "Think #CEADay270\n\n#CEADay27"),
        ("Think #CEADay270 #CEADay27", None, ("#CEADay27",), "Think #CEADay270 #CEADay27"),
        ("A", LINK, ("#B", "#B"), "A\n\nhttps://www.example.org/signs\n\n#B"),
    ],
)
def test_compose(text: str, link: Link | None, hashtags: tuple[str, ...], expected: str) -> None:
    assert compose_text(text, link, hashtags) == expected


def test_a_hashtag_is_a_whole_word() -> None:
    assert holds_hashtag("Look: #HelpingHands.", "#HelpingHands")
    assert not holds_hashtag("Look: #HelpingHandsTogether", "#HelpingHands")
