"""Titles of films, and characters that a channel takes nowhere: named before anything is due."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.capabilities import Capabilities, Idempotency, Repeat, Source, TextLimit, VideoLimits
from scheduler.domain.content import Content, ContentPart, Media, find_title
from scheduler.domain.fitness import check_content
from scheduler.domain.measure import Unit
from scheduler.domain.problem import Place, has_errors

_SOURCE = Source("made up", date(2026, 11, 25))
PLACE = Place("a.yaml", 4, 5)
CHANNEL = Capabilities(
    text=(TextLimit(300, Unit.BYTES, _SOURCE),),
    repeat=Repeat(Idempotency.NONE, _SOURCE),
    source=_SOURCE,
    videos=VideoLimits(1_000_000, 1.0, 140.0, ("video/mp4",), _SOURCE, captions="srt", title_length=20),
    comments=(TextLimit(300, Unit.CHARACTERS, _SOURCE),),
    forbidden="<>",
)
FILM = Media("film.mp4", "A teacher asks.", "d" * 64, "video/mp4", 1280, 720, 900_000, seconds=60.0)
FILM = FILM._replace(captions="film.srt", captions_digest="c" * 64)


def check(text: str, title: str = "", comment: str = "") -> list[str]:
    """Return what is wrong with a post of that text and a film of that title."""
    parts = [ContentPart(text, PLACE, media=(FILM._replace(title=title),))]
    parts += [ContentPart(comment, PLACE, is_comment=True)] if comment else []
    problems = check_content(Content(tuple(parts)), CHANNEL, {}, "force")
    assert has_errors(problems) is bool(problems)
    assert all(problem.place == PLACE and problem.hint for problem in problems)
    return [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("She noticed", "Think.\nSpot.", "She noticed"),
        (" She noticed ", "Think.", "She noticed"),
        ("", "\n Think. \n\nSpot.", "Think."),
        ("", "Think.", "Think."),
    ],
)
def test_the_first_line_stands_in_for_a_title(title: str, text: str, found: str) -> None:
    assert find_title(FILM._replace(title=title), text) == found


def test_a_title_at_its_limit_passes_and_one_character_over_does_not() -> None:
    assert check("Think", "a" * 20) == []
    (message,) = check("Think", "a" * 21)
    assert "title of film.mp4 is 21 characters long; force takes 20" in message


def test_a_first_line_may_be_too_long_for_a_title() -> None:
    assert check("a" * 20 + "\nand more, as long as it likes") == []
    (message,) = check("a" * 21)
    assert "first line of the text" in message
    assert "21" in message
    assert check("a" * 21, "Short") == []


def test_characters_that_a_channel_does_not_take_are_named() -> None:
    assert check("a < b > c") == ["force takes no < and no >, neither in a text nor in the title of a film."]
    assert check("Think", "She <noticed") == ["force takes no <, neither in a text nor in the title of a film."]
    assert check("Think", comment="Call <101>") == []
