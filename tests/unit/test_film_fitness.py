"""Films and shapes against what a channel takes, and channels that fetch: named before anything is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.domain.account import Account
from scheduler.domain.campaign import Campaign, Part, Post, Video
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    ImageLimits,
    Repeat,
    Source,
    TextLimit,
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content, check_fetching
from scheduler.domain.measure import Unit
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import Place
from scheduler.domain.rendering import render_delivery
from scheduler.platforms.noticeboard import Noticeboard

_SOURCE = Source("made up", date(2026, 11, 25))
PLACE = Place("a.yaml", 4, 5)
VIDEOS = VideoLimits(
    max_bytes=1_000_000,
    shortest=1.0,
    longest=140.0,
    types=("video/mp4",),
    source=_SOURCE,
    captions="vtt",
    alt_length=40,
    captions_bytes=20_000,
    codecs=("h264", "hevc"),
    sounds=("aac",),
    min_rate=23.0,
    max_rate=60.0,
    min_ratio=1 / 3,
    max_ratio=3.0,
    max_side=1920,
    min_bytes=500,
)
IMAGES = ImageLimits(
    10, 8_000_000, ("image/jpeg",), 1000, _SOURCE, min_ratio=0.8, max_ratio=1.91, fetched=True, min_width=320
)
CHANNEL = Capabilities(
    text=(TextLimit(300, Unit.GRAPHEMES, _SOURCE),),
    repeat=Repeat(Idempotency.NONE, _SOURCE),
    source=_SOURCE,
    images=IMAGES,
    videos=VIDEOS,
)
FILM = Media(
    "film.mp4", "A teacher asks.", "d" * 64, "video/mp4", 1280, 720, 900_000, seconds=60.0,
    captions="film.srt", captions_digest="c" * 64, captions_size=900, frame_rate=25.0, codec="h264", sound="aac",
)  # fmt: skip
PICTURE = Media("hand.jpg", "An open hand.", "00", "image/jpeg", 1080, 1080, 1_000)


def find_problems(media: Media, videos: VideoLimits | None = VIDEOS) -> list[str]:
    content = Content((ContentPart("Think.", PLACE, media=(media,)),))
    problems = check_content(content, CHANNEL._replace(videos=videos), {}, "force")
    assert all(problem.hint and problem.place == PLACE for problem in problems)
    return [f"{problem.severity}: {problem.message}" for problem in problems]


def test_one_that_fits_has_no_problem() -> None:
    assert find_problems(FILM) == []
    assert find_problems(FILM._replace(sound="")) == []


BEYOND = [
    ("max_bytes", FILM._replace(size=1_000_001), "film.mp4 has 1,000,001 bytes; force takes 1,000,000."),
    ("min_bytes", FILM._replace(size=499), "film.mp4 has 499 bytes; force takes none below 500."),
    ("shortest", FILM._replace(seconds=0.5), "film.mp4 runs 0.5 s; force takes 1 to 140 s."),
    ("longest", FILM._replace(seconds=140.4), "film.mp4 runs 140.4 s; force takes 1 to 140 s."),
    ("types", FILM._replace(content_type="video/webm"), "force does not take video/webm: film.mp4."),
    ("codecs", FILM._replace(codec="av1"), "film.mp4 is encoded as av1; force takes h264 and hevc."),
    ("sounds", FILM._replace(sound="opus"), "The sound of film.mp4 is encoded as opus; force takes aac."),
    ("min_rate", FILM._replace(frame_rate=12.5), "film.mp4 has 12.5 frames a second; force takes 23 to 60."),
    ("max_rate", FILM._replace(frame_rate=120.0), "film.mp4 has 120 frames a second; force takes 23 to 60."),
    ("min_ratio", FILM._replace(width=400, height=1280),
     "film.mp4 is 400 by 1280 pixels; force takes films 0.333 to 3 times as wide as high."),
    ("max_ratio", FILM._replace(height=400),
     "film.mp4 is 1280 by 400 pixels; force takes films 0.333 to 3 times as wide as high."),
    ("max_side", FILM._replace(width=1922, height=1080),
     "film.mp4 is 1922 by 1080 pixels; force takes no side over 1920."),
    ("alt_length", FILM._replace(alt="x" * 41), "The description of film.mp4 is 41 characters long; force takes 40."),
    ("captions_bytes", FILM._replace(captions_size=20_001),
     "The captions film.srt have 20,001 bytes; force takes 20,000."),
]  # fmt: skip
"""What is declared, a film that does not keep it, and what is said of that."""


@pytest.mark.parametrize(("name", "film", "said"), BEYOND)
def test_each_limit_is_an_error(name: str, film: Media, said: str) -> None:
    assert find_problems(film) == [f"error: {said}"]
    others = tuple(other for other, _, _ in BEYOND if other != name)
    assert find_problems(film, VIDEOS._replace(uncertain=others)) == [f"error: {said}"]


@pytest.mark.parametrize(("name", "film", "said"), BEYOND)
def test_one_that_the_service_does_not_state_is_a_warning(name: str, film: Media, said: str) -> None:
    doubt = "The service does not confirm that limit: the post is sent as it is, and may be refused."
    assert find_problems(film, VIDEOS._replace(uncertain=(name,))) == [f"warning: {said} {doubt}"]


def test_what_the_service_tells_of_itself_is_certain() -> None:
    doubted = CHANNEL._replace(videos=VIDEOS._replace(uncertain=tuple(name for name, _, _ in BEYOND)))
    told = {"max_video_bytes": 800_000, "alt_length": 10, "video/mp4": 0}
    problems = check_content(Content((ContentPart("Think.", PLACE, media=(FILM,)),)), doubted, told, "force")
    assert [(str(problem.severity), problem.message.rpartition(" ")[2]) for problem in problems] == [
        ("error", "film.mp4."), ("error", "800,000."), ("error", "10.")
    ]  # fmt: skip


def test_a_film_without_captions_is_an_error() -> None:
    assert find_problems(FILM._replace(captions="")) == ["error: film.mp4 has no captions."]


def test_what_is_not_known_is_not_refused() -> None:
    nothing = FILM._replace(frame_rate=0.0, codec="", sound="", seconds=0.0, width=0, height=0)
    assert find_problems(nothing) == []
    bare = VideoLimits(1_000_000, 0.0, 1e6, ("video/mp4",), _SOURCE, captions="srt")
    odd = FILM._replace(frame_rate=300.0, codec="av1", sound="opus", width=9000, height=10, captions_size=10**6)
    assert find_problems(odd, bare) == []


@pytest.mark.parametrize(("bounds", "said"), [
    ({"max_rate": 0.0}, "23 or more"),
    ({"min_rate": 0.0, "max_rate": 10.0}, "at most 10"),
])  # fmt: skip
def test_one_bound_is_said_as_one(bounds: dict[str, float], said: str) -> None:
    (problem,) = find_problems(FILM._replace(frame_rate=12.0), VIDEOS._replace(**bounds))  # type: ignore[arg-type]
    assert problem.endswith(f"takes {said}.")


class TestCaptions:
    """Every film has captions that people get to see, or somebody says that it needs none."""

    NONE_TAKEN = VIDEOS._replace(captions="")

    def test_a_channel_that_takes_no_file_refuses_a_film_that_has_one(self) -> None:
        (problem,) = find_problems(FILM, self.NONE_TAKEN)
        assert problem.startswith("error: force takes no file of captions")

    def test_burnt_in_they_go_everywhere(self) -> None:
        burnt_in = FILM._replace(captions="", captions_needed=False)
        assert find_problems(burnt_in, self.NONE_TAKEN) == find_problems(burnt_in) == []


class TestShapes:
    @pytest.mark.parametrize("size", [(1080, 1080), (1080, 1350), (1200, 628), (1080, 566), (320, 320)])
    def test_what_everybody_means_by_the_bounds_passes(self, size: tuple[int, int]) -> None:
        assert find_problems(PICTURE._replace(width=size[0], height=size[1])) == []

    @pytest.mark.parametrize("size", [(1080, 1360), (1080, 1920), (1920, 1000)])
    def test_another_shape_is_an_error_not_a_crop(self, size: tuple[int, int]) -> None:
        (problem,) = find_problems(PICTURE._replace(width=size[0], height=size[1]))
        assert problem == (
            f"error: hand.jpg is {size[0]} by {size[1]} pixels; force takes pictures 0.8 to 1.91 times as wide as high."
        )

    def test_a_small_one_is_an_error_not_enlarged(self) -> None:
        (problem,) = find_problems(PICTURE._replace(width=319, height=319))
        assert problem == "error: hand.jpg is 319 pixels wide; force takes none narrower than 320."


class _Fetching(Noticeboard):
    capabilities = CHANNEL


def render(account: Account, inspect: Callable[..., Media]) -> list[str]:
    due = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
    part = Part("Think.", PLACE, video=Video("film.mp4", "A teacher asks.", PLACE))
    post = Post("think", due, timedelta(hours=2), (part,), ("force",), PLACE)
    (delivery,) = plan_deliveries([Campaign("ce", "ce", "a.yaml", due.date(), (post,))])
    rendered = render_delivery(delivery, _Fetching(), account, {}, inspect)
    assert (rendered.prepared is None) == bool(rendered.problems)
    return [problem.message for problem in rendered.problems]


class TestFetching:
    def test_where_nothing_can_be_fetched_from_media_are_an_error(self) -> None:
        content = Content((ContentPart("a", PLACE, media=(PICTURE, PICTURE)), ContentPart("b", PLACE)))
        (problem,) = check_fetching(content, CHANNEL, "force")
        assert problem.message == "force fetches pictures from a public address, and there is none."
        assert "public_media" in problem.hint
        assert check_fetching(content, CHANNEL._replace(images=IMAGES._replace(fetched=False)), "force") == []

    def test_the_renderer_asks_that_of_accounts_without_an_address(self) -> None:
        account = Account("force", "made-up", has_public_media=False)
        assert render(account, lambda _: FILM) == []  # films are not fetched there
        assert render(account, lambda _: PICTURE) == [
            "force fetches pictures from a public address, and there is none."
        ]
        assert render(account._replace(has_public_media=True), lambda _: PICTURE) == []
