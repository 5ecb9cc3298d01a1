"""Figures that no service states itself: which they are, that they only warn, and that the post goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from scheduler.cli.platforms import command
from scheduler.domain.capabilities import (
    Capabilities,
    Count,
    Idempotency,
    ImageLimits,
    Rate,
    Repeat,
    Source,
    TextLimit,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.measure import Unit
from scheduler.domain.problem import Place
from scheduler.errors import Rejected
from scheduler.media import fit_image, inspect_image
from scheduler.platforms import load_platform
from scheduler.prepared_media import PreparedMedia
from tests.accounts import make_picture
from tests.unit.test_forecast import make_load, make_standing, tell

# By channel, what is declared without the service's own word for it: reports of others, what an app or another server
# of the kind does, or bounds of our own. All that is not here was found in documents, in source code or by trying it.
UNCERTAIN = {
    "bluesky": {"images.max_bytes", "images.alt_length", "images.max_side", "videos.longest", "videos.alt_length"},
    "discord": {"videos.longest", "rate"},
    "facebook": {"text", "comments", "images.maximum", "images.max_bytes", "images.types", "images.alt_length"}
    | {"videos.max_bytes", "videos.longest", "videos.types"},
    "handoff": set(),  # our own folder: what we say of it is so
    "instagram": {"comments", "images.alt_length", "hashtags"},
    "linkedin": {"text", "comments", "images.max_bytes", "images.alt_length", "images.max_side", "videos.codecs"}
    | {"rate"},
    "mastodon": {"images.max_bytes", "images.max_side", "videos.longest", "videos.max_side"},
    "matrix": {"text", "comments", "images.max_bytes", "rate"},
    "noticeboard": set(),
    "slack": {"images.maximum", "images.max_bytes"},
    "slack_webhook": {"images.maximum", "images.max_bytes"},
    "teams": {"text", "images.maximum", "images.alt_length"},
    "telegram": {"videos.longest"},
    "threads": {"images.alt_length", "images.min_ratio", "videos.alt_length"},
    "x": set(),
    "youtube": {"comments"},
}
_SOURCE = Source("made up", date(2026, 11, 25))
_PLACE = Place("a.yaml", 4, 5)
_DOUBT = " The service does not confirm that limit: the post is sent as it is, and may be refused."
IMAGES = ImageLimits(
    2, 20_000, ("image/gif", "image/jpeg"), 20, _SOURCE, max_side=90, min_ratio=0.5, max_ratio=2.0, min_width=30
)
PICTURE = Media("hand.gif", "An open hand.", "00", "image/gif", 80, 80, 1_000)


def list_doubts(facts: Capabilities) -> Iterator[str]:
    """Give the names of what a channel declares as not certain."""
    for name in ("text", "comments"):
        yield from (name for limit in getattr(facts, name) if not limit.certain)
    for name in ("images", "videos"):
        if (limits := getattr(facts, name)) is not None:
            yield from (f"{name}.{each}" for each in limits.uncertain)
    for name in ("hashtags", "links", "rate"):
        if (limit := getattr(facts, name)) is not None and not limit.certain:
            yield name


@pytest.mark.parametrize("name", UNCERTAIN)
def test_each_channel_doubts_what_its_service_does_not_state(name: str) -> None:
    assert set(list_doubts(load_platform(name).capabilities)) == UNCERTAIN[name]


@pytest.mark.parametrize("name", [name for name in UNCERTAIN if UNCERTAIN[name]])
def test_the_list_of_platforms_says_what_is_not_certain(name: str) -> None:
    shown = CliRunner().invoke(command, [name], standalone_mode=False).output
    lines = {line.partition(":")[0].strip(): line for line in shown.splitlines()}
    words = {"text": "text", "comments": "first comment", "images": "pictures", "videos": "films"}
    doubted = {words.get(each.partition(".")[0], each.partition(".")[0]) for each in UNCERTAIN[name]}
    assert {word for word, line in lines.items() if "not certain" in line} == doubted


# --- What is said ----------------------------------------------------------------------------------------------------


def find_problems(*pictures: Media, text: str = "Think.", images: ImageLimits = IMAGES, **limits: int) -> list[str]:
    channel = Capabilities(
        text=(TextLimit(10, Unit.CHARACTERS, _SOURCE, setting="max_characters", certain=False),),
        repeat=Repeat(Idempotency.NONE, _SOURCE),
        source=_SOURCE,
        images=images,
        hashtags=Count(1, _SOURCE, certain=False, refused_above=3),
    )
    problems = check_content(Content((ContentPart(text, _PLACE, media=pictures),)), channel, limits, "force")
    return [f"{problem.severity}: {problem.message}" for problem in problems]


def test_a_text_beyond_it_is_warned_of_and_beyond_what_an_instance_tells_refused() -> None:
    assert find_problems(text="x" * 10) == []
    long = "The text for force is 11 characters long; the limit is 10."
    assert find_problems(text="x" * 11) == [f"warning: {long}{_DOUBT}"]
    assert find_problems(text="x" * 11, max_characters=10) == [f"error: {long}"]


def test_hashtags_are_warned_of_and_refused_only_above_what_is_certain() -> None:
    def said(tags: int) -> list[str]:
        return find_problems(text="#a" + " #a" * (tags - 1), max_characters=100)

    assert said(1) == []
    assert said(3) == [f"warning: force takes at most 1 hashtags in a post, and this one has 3.{_DOUBT}"]
    assert said(4) == ["error: force takes at most 3 hashtags in a post, and this one has 4."]


PICTURES = [
    (("maximum",), (PICTURE,) * 3, "force carries at most 2 pictures, and this post has 3."),
    (("alt_length",), (PICTURE._replace(alt="x" * 21),),
     "The alt text of hand.gif is 21 characters long; force takes 20."),
    (("min_ratio",), (PICTURE._replace(width=35),),
     "hand.gif is 35 by 80 pixels; force takes pictures 0.5 to 2 times as wide as high."),
    (("max_ratio",), (PICTURE._replace(height=35),),
     "hand.gif is 80 by 35 pixels; force takes pictures 0.5 to 2 times as wide as high."),
    (("min_width",), (PICTURE._replace(width=20, height=20),),
     "hand.gif is 20 pixels wide; force takes none narrower than 30."),
    (("max_bytes",), (PICTURE._replace(animated=True, size=20_001),),
     "hand.gif is animated, and force cannot take it as it is."),
    (("max_side", "max_bytes"), (PICTURE._replace(animated=True, width=91, size=20_001),),
     "hand.gif is animated, and force cannot take it as it is."),
    (("types",), (PICTURE._replace(animated=True, content_type="image/webp"),),
     "hand.gif is animated, and force cannot take it as it is."),
]  # fmt: skip


@pytest.mark.parametrize(("names", "pictures", "said"), PICTURES)
def test_a_picture_is_refused_only_for_what_is_certain(
    names: tuple[str, ...], pictures: tuple[Media, ...], said: str
) -> None:
    assert find_problems(*pictures) == [f"error: {said}"]
    assert find_problems(*pictures, images=IMAGES._replace(uncertain=names)) == [f"warning: {said}{_DOUBT}"]
    rest = tuple(name for (name, *_), *_ in PICTURES if name != names[0])  # one that is certain is enough
    assert find_problems(*pictures, images=IMAGES._replace(uncertain=rest)) == [f"error: {said}"]


def test_what_an_instance_tells_of_pictures_is_certain() -> None:
    doubted = IMAGES._replace(uncertain=("maximum", "alt_length"))
    assert find_problems(*(PICTURE,) * 3, images=doubted, max_images=2)[0].startswith("error: ")
    assert find_problems(PICTURE, images=doubted, alt_length=5)[0].startswith("error: ")


def test_more_than_a_doubtful_quota_lets_through_is_a_warning() -> None:
    rate = Rate(3, timedelta(hours=24), _SOURCE, certain=False)
    (said,) = tell(make_standing(rate=rate), *[make_load(hours) for hours in (0, 1, 2, 3)])
    assert said.startswith("warning: page: 4 posts are due within 24 hours from ce/p0 on 1 March 2027;")
    assert "takes 3. The service does not confirm that limit" in said


# --- What is sent ----------------------------------------------------------------------------------------------------


def draw_animation(folder: Path) -> Media:
    """Return a picture of two frames, 120 pixels wide."""
    frames = [Pillow.new("RGB", (120, 80), colour) for colour in ("teal", "plum")]
    frames[0].save(folder / "hand.gif", save_all=True, append_images=frames[1:])
    return describe(folder / "hand.gif")


def describe(path: Path) -> Media:
    from scheduler.domain.campaign import Image

    return inspect_image(Image(str(path), "A palm.", _PLACE))


@pytest.mark.parametrize("narrow", [{"max_bytes": 10}, {"max_side": 100}, {"types": ("image/jpeg",)}])
def test_one_that_moves_is_sent_untouched_where_only_the_doubtful_speaks_against_it(
    tmp_path: Path, narrow: dict[str, object]
) -> None:
    media, wide = draw_animation(tmp_path), ImageLimits(2, 10**6, ("image/gif", "image/jpeg"), 20, _SOURCE)
    certain = wide._replace(**narrow)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="is animated and cannot go"):
        fit_image(media, certain)
    sent = fit_image(media, certain._replace(uncertain=tuple(narrow)))
    assert bytes(sent.content) == Path(media.path).read_bytes()


def test_one_that_cannot_be_made_small_enough_is_sent_as_small_as_it_gets(tmp_path: Path) -> None:
    media, limits = make_picture(tmp_path, "teal", "A palm."), ImageLimits(2, 10, ("image/jpeg",), 20, _SOURCE)
    store = PreparedMedia(tmp_path / "prepared", 10**6)
    doubted = limits._replace(uncertain=("max_bytes",))
    sent = store.fit(media, doubted)
    assert (sent.content_type, len(sent.content) > 10) == ("image/jpeg", True)
    assert store.fit(media, doubted).content == sent.content
    with pytest.raises(Rejected, match="cannot be made smaller than 10 bytes"):
        store.fit(media, limits)  # what was kept for the other is none of its own
