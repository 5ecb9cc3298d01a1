"""LinkedIn's `little` text: nothing is cut, and readers see what was previewed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.little_text import read_little, write_little

RESERVED = "|{}@[]()<>#*_~\\"
TEXTS = st.text(st.one_of(st.sampled_from(RESERVED + " \naZ1é語"), st.characters(exclude_categories=["Cs"])))


@given(TEXTS)
def test_readers_see_the_text(text: str) -> None:
    assert read_little(write_little(text)) == text


@given(TEXTS)
def test_nothing_that_is_syntax_is_left_but_the_sign_of_a_hashtag(text: str) -> None:
    without = re.sub(r"\\.", "", write_little(text), flags=re.DOTALL)
    left = [character for character in without if character in RESERVED]
    assert set(left) <= {"#"}
    assert len(left) == len(re.findall(r"#\w", without))


@pytest.mark.parametrize(
    ("text", "commentary"),
    [
        ("Think. Spot. Speak out. #CEADay27", "Think. Spot. Speak out. #CEADay27"),
        ("#Ünïcödé, #語 and (#HelpingHands)", "#Ünïcödé, #語 and \\(#HelpingHands\\)"),
        ("#Helping_Hands", "#Helping\\_Hands"),
        ("Question #2, no. #1️⃣ and a#b", "Question \\#2, no. \\#1️⃣ and a\\#b"),
        ("##twice # alone", "\\#\\#twice \\# alone"),
        ("https://example.org/a_(b)#top", "https://example.org/a\\_\\(b\\)\\#top"),
        ("help@example.org & <b> [x] {y} ~ * | \\", "help\\@example.org & \\<b\\> \\[x\\] \\{y\\} \\~ \\* \\| \\\\"),
    ],
)
def test_what_is_written(text: str, commentary: str) -> None:
    assert write_little(text) == commentary
    assert read_little(commentary) == text


@pytest.mark.parametrize(
    ("commentary", "text"),
    [
        ("Speak out. {hashtag|\\#|CEADay27}", "Speak out. #CEADay27"),
        ("{hashtag|\\#|Helping\\_Hands}!", "#Helping_Hands!"),
        ("Thanks, @[Example \\(County\\) Council](urn:li:organization:42)!", "Thanks, Example (County) Council!"),
        ("@[Devtestco] (urn:li:organization:2414183)", "Devtestco"),
        ("ends in \\", "ends in \\"),
    ],
)
def test_what_linkedin_writes_is_read(commentary: str, text: str) -> None:
    assert read_little(commentary) == text
