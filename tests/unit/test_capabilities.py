"""Pictures against what a channel takes: named before anything is due."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    ImageLimits,
    Repeat,
    Source,
    TextLimit,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.measure import Unit
from scheduler.domain.problem import Place

_SOURCE = Source("made up", date(2026, 11, 24))
CHANNEL = Capabilities(
    text=(TextLimit(300, Unit.GRAPHEMES, _SOURCE),),
    repeat=Repeat(Idempotency.NONE, _SOURCE),
    source=_SOURCE,
    images=ImageLimits(2, 1_000_000, ("image/jpeg", "image/png"), 20, _SOURCE),
)
PICTURE = Media("hand.png", "An open hand.", "00", "image/png", 16, 9, 1_000)


def find_problems(*pictures: Media, channel: Capabilities = CHANNEL, **limits: int) -> list[str]:
    part = ContentPart("Think.", Place("a.yaml", 4, 5), media=pictures)
    return [
        f"{problem.severity}: {problem.message}"
        for problem in check_content(Content((part,)), channel, limits, "force")
    ]


@pytest.mark.parametrize(("pictures", "said"), [
    ((PICTURE,), []),
    ((PICTURE,) * 3, ["error: force carries at most 2 pictures, and this post has 3."]),
    ((PICTURE._replace(alt="x" * 21),), ["error: The alt text of hand.png is 21 characters long; force takes 20."]),
    ((PICTURE._replace(size=9_000_000),), []),
    ((PICTURE._replace(content_type="image/webp"),),
     ["warning: force does not take image/webp: hand.png will be sent as a JPEG."]),
    ((PICTURE._replace(content_type="image/gif", animated=True),),
     ["error: hand.png is animated, and force cannot take it as it is."]),
    ((PICTURE._replace(size=9_000_000, animated=True),),
     ["error: hand.png is animated, and force cannot take it as it is."]),
    ((PICTURE._replace(animated=True),), []),
])  # fmt: skip
def test_pictures_are_checked(pictures: tuple[Media, ...], said: list[str]) -> None:
    assert find_problems(*pictures) == said


def test_an_instance_may_tell_other_limits() -> None:
    assert find_problems(*(PICTURE,) * 3, max_images=3) == []
    assert find_problems(PICTURE, alt_length=5) != []
    assert find_problems(PICTURE, PICTURE, max_images=1) == [
        "error: force carries at most 1 picture, and this post has 2."
    ]


def test_a_channel_without_pictures_says_so() -> None:
    assert find_problems(PICTURE, channel=CHANNEL._replace(images=None)) == ["error: force cannot carry pictures."]
