"""Films on Bluesky: straight to the real data server, or through a video service that puts them there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.content import Content, Media
from scheduler.domain.fitness import check_content
from scheduler.errors import PublishError, RateLimited, Rejected, Unavailable
from scheduler.platforms.bluesky import PLATFORM
from tests.accounts import make_part
from tests.bluesky_desk import Desk, fetch_blob, open_desk
from tests.films import SPOKEN, draw_film, make_film
from tests.servers.bluesky_video import VideoService, start_video_service

if TYPE_CHECKING:
    from tests.servers.bluesky import BlueskyServer

ALT = "A teacher sees a pupil’s new phone."


@pytest.fixture
def desk(bluesky: BlueskyServer, tmp_path: Path) -> Desk:
    return open_desk(bluesky, tmp_path)


@pytest.fixture
def service(bluesky: BlueskyServer, desk: Desk) -> Iterator[VideoService]:
    """A video service, and the account's settings that name it."""
    with start_video_service(bluesky.base_url) as running:
        account = desk.channel.account
        desk.channel.account = account._replace(settings={**account.settings, "video_server": running.base_url})
        yield running


@pytest.fixture
def film(tmp_path: Path) -> Media:
    return make_film(tmp_path, ALT, captions="srt")


def read_embed(desk: Desk) -> dict[str, Any]:
    assert desk.server is not None
    assert desk.account is not None
    [post] = desk.server.posts(desk.account)
    embed: dict[str, Any] = post.raw["value"]["embed"]
    return embed


def fetch(desk: Desk, blob: dict[str, Any]) -> bytes:
    assert desk.server is not None
    assert desk.account is not None
    return fetch_blob(desk.server, desk.account, blob["ref"]["$link"])


def check_embed(desk: Desk) -> None:
    """See that the post carries the film whole, its description, its shape, and its captions as WebVTT."""
    embed = read_embed(desk)
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", ALT)
    assert embed["aspectRatio"] == {"width": 320, "height": 180}
    assert fetch(desk, embed["video"]) == draw_film(1)
    [captions] = embed["captions"]
    words = fetch(desk, captions["file"]).decode()
    assert (captions["lang"], captions["file"]["mimeType"]) == ("cy", "text/vtt")
    assert words.startswith("WEBVTT")
    assert SPOKEN in words


def test_it_goes_straight_to_the_accounts_server(desk: Desk, film: Media) -> None:
    desk.publish(desk.prepare(make_part("She noticed.", film), language="cy"))
    check_embed(desk)
    assert desk.looks == 1


def test_without_captions_there_are_none(desk: Desk, tmp_path: Path) -> None:
    desk.publish(desk.prepare(make_part("She noticed.", make_film(tmp_path, ALT))))
    assert "captions" not in read_embed(desk)


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_service_makes_it_ready_with_a_token_that_the_server_takes(
    desk: Desk, service: VideoService, film: Media, wrapped: bool
) -> None:
    service.wrapped = wrapped
    desk.publish(desk.prepare(make_part("She noticed.", film), language="cy"))
    check_embed(desk)
    assert service.heard == ["POST uploadVideo", "GET getJobStatus", "GET getJobStatus"]
    assert (len(desk.clock.slept), desk.looks) == (2, 1)


def test_a_film_that_the_service_knows_is_not_worked_on_again(desk: Desk, service: VideoService, film: Media) -> None:
    prepared = desk.prepare(make_part("She noticed.", film), language="cy")
    receipts = [desk.publish(prepared) for _ in range(2)]
    assert receipts[0] == receipts[1]  # the same record, so the same again changed nothing
    check_embed(desk)
    assert len(service.jobs) == 1


def test_what_the_service_cannot_use_is_refused_in_its_words(desk: Desk, service: VideoService, film: Media) -> None:
    service.failure = "No video stream."
    with pytest.raises(Rejected, match=r"Bluesky cannot use the film .*film-1\.mp4: No video stream\. Export it anew"):
        desk.publish(desk.prepare(make_part("She noticed.", film)))
    assert (desk.looks, desk.texts()) == (0, [])


def test_what_is_not_ready_in_time_sends_nothing(desk: Desk, service: VideoService, film: Media) -> None:
    service.looks = 1000
    with pytest.raises(Unavailable, match="still working on the film"):
        desk.publish(desk.prepare(make_part("She noticed.", film)))
    assert (desk.looks, desk.texts()) == (0, [])
    assert 500 <= sum(desk.clock.slept) <= 700


@pytest.mark.parametrize(
    ("status", "answer", "error", "words"),
    [
        (401, {"error": "unconfirmed_email", "message": "Please confirm your email"}, Rejected, "confirm your email"),
        (400, {"error": "InvalidRequest", "message": "Daily limit"}, Rejected, "Daily limit"),
        (409, {"error": "already_exists"}, Rejected, "already_exists"),
        (429, {"error": "RateLimitExceeded"}, RateLimited, "429"),
        (500, {"error": "InternalServerError"}, Unavailable, "500"),
        (502, "<html>", Unavailable, "502"),
        (200, {}, Unavailable, "jobId"),
        (200, "<html>", Unavailable, "jobId"),
    ],
)
def test_what_its_answers_mean(
    desk: Desk, service: VideoService, film: Media, status: int, answer: Any, error: type[PublishError], words: str
) -> None:
    prepared = desk.prepare(make_part("She noticed.", film), language="cy")
    service.answers = [(status, answer)]
    with pytest.raises(PublishError, match=words) as caught:
        desk.publish(prepared)
    assert type(caught.value) is error
    assert (desk.looks, desk.texts()) == (0, [])
    desk.publish(prepared)
    check_embed(desk)


def test_a_service_that_is_down_is_named_and_nothing_was_sent(desk: Desk, film: Media) -> None:
    account = desk.channel.account
    desk.channel.account = account._replace(settings={**account.settings, "video_server": "http://127.0.0.1:1"})
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 could not be reached .* Nothing was sent"):
        desk.publish(desk.prepare(make_part("She noticed.", film)))


def test_long_films_are_warned_of_and_large_captions_refused() -> None:
    film = Media("film.mp4", ALT, "d" * 64, "video/mp4", 320, 180, 1_000, captions="film.vtt", captions_size=20_001)
    content = Content((make_part("Film", film._replace(seconds=181.0)),))
    problems = [str(problem.message) for problem in check_content(content, PLATFORM.capabilities, {}, "force")]
    assert problems == [
        "film.mp4 runs 181.0 s; force may refuse more than 180 s.",
        "The captions film.vtt have 20,001 bytes; force takes 20,000.",
    ]
