"""YouTube, against a server that takes uploads in pieces, breaks off, loses replies and keeps films private."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from scheduler.domain.content import ContentPart
from scheduler.domain.delivery import Found, PreparedPart, Receipt
from scheduler.domain.ports import Refreshes, WhoAmI
from scheduler.domain.youtube_calls import PIECE
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from tests.accounts import make_comment, make_part
from tests.film_desk import TEXT, FilmDesk, make_large_film, open_film_desk
from tests.films import SPOKEN
from tests.servers.youtube import YouTubeServer, refuse, start_youtube

SECRETS = {"client_secret": "canary-client", "refresh_token": "canary-refresh"}
SIZE = 2 * PIECE + 300_000


@pytest.fixture
def server() -> Iterator[YouTubeServer]:
    with start_youtube() as service:
        yield service


@pytest.fixture
def desk(server: YouTubeServer, tmp_path: Path) -> FilmDesk:
    return open_film_desk("youtube", server.base_url, tmp_path, SECRETS, client_id="123-abc")


def prepare(desk: FilmDesk, size: int = 100_000, text: str = TEXT, *others: ContentPart) -> PreparedPart:
    """Return a post with a film of that size."""
    return desk.prepare(make_part(text, make_large_film(desk.folder, size)), *others, language="en-GB")[0]


# --- Uploading -------------------------------------------------------------------------------------------------------


def test_nothing_is_public_before_the_last_look(server: YouTubeServer, desk: FilmDesk) -> None:
    seen: list[tuple[str, int]] = []
    desk.on_look = lambda: seen.append((server.films["film1"]["status"]["privacyStatus"], len(server.captions)))
    part = prepare(desk, SIZE)
    receipt = desk.publish(part)
    assert (receipt.remote_id, receipt.url) == ("film1", "https://www.youtube.com/watch?v=film1")
    assert seen == [("private", 1)]
    film = server.films["film1"]
    assert film["content"] == Path(part.media[0].path).read_bytes()
    assert film["status"]["privacyStatus"] == "public"
    assert film["status"]["selfDeclaredMadeForKids"] is False
    expected = {
        "title": "She noticed",
        "description": TEXT,
        "defaultLanguage": "en-GB",
        "defaultAudioLanguage": "en-GB",
    }
    assert film["snippet"] == expected
    (captions,) = server.captions
    assert SPOKEN in captions.content.decode()
    assert captions.about["snippet"]["language"] == "en-GB"
    assert server.count("PUT", "/upload/youtube/v3/videos") == 3


def test_an_upload_goes_on_where_it_broke_off(server: YouTubeServer, desk: FilmDesk) -> None:
    part = prepare(desk, SIZE)
    server.broken_after = PIECE + 2**20
    with pytest.raises(Unavailable):
        desk.publish(part)
    assert server.films == {}
    before = len(server.requests)
    desk.publish(part)
    assert len([each for each in server.uploads.values() if each.kind == "videos"]) == 1
    assert [call.headers["content-range"] for call in server.requests[before : before + 2]] == [
        f"bytes */{SIZE}",
        f"bytes {PIECE + 2**20}-{SIZE - 1}/{SIZE}",
    ]
    assert server.films["film1"]["content"] == Path(part.media[0].path).read_bytes()


def test_an_upload_that_is_forgotten_begins_anew(server: YouTubeServer, desk: FilmDesk) -> None:
    part = prepare(desk, SIZE)
    server.broken_after = PIECE
    with pytest.raises(Unavailable):
        desk.publish(part)
    server.uploads.clear()
    desk.publish(part)
    assert server.films["film1"]["content"] == Path(part.media[0].path).read_bytes()


def test_a_lost_last_reply_makes_no_second_film(server: YouTubeServer, desk: FilmDesk) -> None:
    part = prepare(desk)
    server.lost.append("PUT /upload/youtube/v3/videos")
    with pytest.raises(Unavailable):
        desk.publish(part)
    desk.publish(part)
    assert list(server.films) == ["film1"]


def test_captions_that_have_arrived_are_enough(server: YouTubeServer, desk: FilmDesk) -> None:
    part = prepare(desk)
    server.lost.append("PUT /upload/youtube/v3/captions")
    with pytest.raises(Unavailable):
        desk.publish(part)
    server.refusals.append(("POST /upload/youtube/v3/captions", 409, refuse("captionExists", "It exists.")))
    desk.publish(part)
    assert len(server.captions) == 1
    assert list(server.films) == ["film1"]


def test_another_text_or_film_is_another_upload(server: YouTubeServer, desk: FilmDesk) -> None:
    server.becomes = "uploaded"
    with pytest.raises(Unavailable, match="still working"):
        desk.publish(prepare(desk))
    server.becomes = "processed"
    desk.kept.clear()  # nothing of it could be out, so the calendar counts anew
    assert desk.publish(prepare(desk, text="Other words")).remote_id == "film2"
    assert [film["status"]["privacyStatus"] for film in server.films.values()] == ["private", "public"]


def test_a_large_film_needs_little_memory(server: YouTubeServer, desk: FilmDesk) -> None:
    part, server.forgets = prepare(desk, 10 * PIECE), True
    tracemalloc.start()
    try:
        desk.publish(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert server.films["film1"]["status"]["privacyStatus"] == "public"
    assert peak < 5 * PIECE  # a piece here and there, and as the server reads it; the film has ten


# --- What comes of it ------------------------------------------------------------------------------------------------


def test_a_lost_reply_is_cleared_up_by_a_look(server: YouTubeServer, desk: FilmDesk) -> None:
    part = prepare(desk)
    server.lost.append("PUT /youtube/v3/videos")
    with pytest.raises(OutcomeUnknown):
        desk.publish(part)
    found = desk.find(part)
    assert isinstance(found, Receipt)
    assert found.remote_id == "film1"
    server.films["film1"]["status"]["privacyStatus"] = "private"  # as if the call had never come
    assert desk.find(part) is Found.ABSENT
    assert desk.publish(part).remote_id == "film1"
    server.films.clear()
    assert desk.find(part) is Found.UNSURE


def test_what_was_never_uploaded_is_not_out(server: YouTubeServer, desk: FilmDesk) -> None:
    assert desk.find(prepare(desk)) is Found.ABSENT


def test_a_project_that_google_has_not_verified_is_told_of(server: YouTubeServer, desk: FilmDesk) -> None:
    server.stays_private = True
    with pytest.raises(Unauthorised, match="verified the project") as caught:
        desk.publish(prepare(desk))
    assert caught.value.retry


def test_a_film_that_is_refused_says_why_and_is_not_kept(server: YouTubeServer, desk: FilmDesk) -> None:
    part, server.becomes = prepare(desk), "rejected"
    with pytest.raises(Rejected, match="duplicate"):
        desk.publish(part)
    server.becomes = "processed"
    assert desk.publish(part).remote_id == "film2"


@pytest.mark.parametrize(
    ("call", "status", "reason", "meant"),
    [
        ("POST /upload/youtube/v3/videos", 403, "quotaExceeded", RateLimited),
        ("POST /upload/youtube/v3/videos", 400, "uploadLimitExceeded", RateLimited),
        ("POST /upload/youtube/v3/videos", 403, "rateLimitExceeded", RateLimited),
        ("POST /upload/youtube/v3/videos", 400, "invalidDescription", Rejected),
        ("POST /upload/youtube/v3/videos", 401, "youtubeSignupRequired", Unauthorised),
        ("POST /upload/youtube/v3/captions", 403, "forbidden", Unauthorised),
        ("PUT /youtube/v3/videos", 403, "forbidden", Unauthorised),
        ("PUT /youtube/v3/videos", 404, "videoNotFound", Rejected),
        ("PUT /youtube/v3/videos", 403, "quotaExceeded", RateLimited),
        ("PUT /youtube/v3/videos", 500, "backendError", OutcomeUnknown),
    ],
)
def test_each_refusal_has_its_meaning(
    server: YouTubeServer, desk: FilmDesk, call: str, status: int, reason: str, meant: type[PublishError]
) -> None:
    server.refusals.append((call, status, refuse(reason, "Words of <a href='/x'>YouTube</a>.")))
    with pytest.raises(meant) as caught:
        desk.publish(prepare(desk))
    if meant is not OutcomeUnknown:
        assert "Words of YouTube" in str(caught.value)
        assert reason in str(caught.value)
    if isinstance(caught.value, RateLimited) and reason == "quotaExceeded":
        until = caught.value.until
        assert until is not None
        assert (until.astimezone(UTC).hour, until.minute) == (8, 0)
        assert timedelta() < until - desk.clock.now() <= timedelta(days=1)


# --- The log-in ------------------------------------------------------------------------------------------------------


def test_an_access_token_is_kept_until_it_nears_its_end(server: YouTubeServer, desk: FilmDesk, tmp_path: Path) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, WhoAmI)
    for _ in range(2):
        assert desk.use(platform.who_am_i) == "Example Force"
    assert server.tokens == 1
    (kept,) = (tmp_path / "sessions").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    desk.clock.ahead += timedelta(minutes=51)
    desk.use(platform.who_am_i)
    assert server.tokens == 2


def test_a_token_that_was_refused_is_not_used_again(server: YouTubeServer, desk: FilmDesk) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, WhoAmI)
    server.refusals.append(("GET /youtube/v3/channels", 401, refuse("authError", "Invalid Credentials")))
    with pytest.raises(Unauthorised) as caught:
        desk.use(platform.who_am_i)
    assert caught.value.retry
    assert desk.use(platform.who_am_i) == "Example Force"
    assert server.tokens == 2


def test_a_refresh_token_that_has_ended_is_a_matter_for_a_person(server: YouTubeServer, desk: FilmDesk) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, Refreshes)
    body = {"error": "invalid_grant", "error_description": "canary-refresh has been expired or revoked."}
    server.refusals.append(("POST /token", 400, body))
    with pytest.raises(Unauthorised, match="invalid_grant") as caught:
        desk.use(platform.refresh)
    assert not caught.value.retry
    assert "canary" not in str(caught.value)


def test_the_log_in_goes_to_no_other_server(server: YouTubeServer, desk: FilmDesk) -> None:
    with start_youtube() as other:
        server.refusals.append(("POST /upload/youtube/v3/videos", 200, None))
        with pytest.raises(Unavailable, match="without an address"):
            desk.publish(prepare(desk))
        real, server.base_url = server.base_url, other.base_url
        with pytest.raises(Unavailable, match="not sent to"):
            desk.publish(prepare(desk))
        assert other.requests == []
        server.base_url = real


# --- Comments, and taking back ---------------------------------------------------------------------------------------


def test_a_first_comment_is_posted_found_and_taken_back(server: YouTubeServer, desk: FilmDesk) -> None:
    film = make_large_film(desk.folder, 1000)
    first, comment = desk.prepare(make_part(TEXT, film), make_comment("Call 101. <Any time>"))
    receipt = desk.publish(first)
    server.lost.append("POST /youtube/v3/commentThreads")
    with pytest.raises(OutcomeUnknown):
        desk.publish(comment, receipt)
    found = desk.find(comment, receipt)
    assert isinstance(found, Receipt)
    assert found == Receipt("comment1", "https://www.youtube.com/watch?v=film1&lc=comment1", {"video": "film1"})
    desk.bound = frozenset({"comment1"})
    assert desk.find(comment, receipt) is Found.UNSURE
    assert desk.is_live(found)
    desk.retract(found)
    assert not desk.is_live(found)
    desk.retract(found)
    assert desk.is_live(receipt)
    desk.retract(receipt)
    assert not desk.is_live(receipt)
    desk.retract(receipt)


def test_a_film_known_by_its_address_alone_can_be_taken_back(server: YouTubeServer, desk: FilmDesk) -> None:
    desk.publish(prepare(desk))
    for address in ("https://www.youtube.com/watch?v=film1&t=3", "https://youtu.be/film1"):
        assert desk.is_live(Receipt("", address))
    server.films["film1"]["status"]["privacyStatus"] = "private"
    assert not desk.is_live(Receipt("", "https://youtu.be/film1"))
    with pytest.raises(Rejected, match="cannot be told"):
        desk.retract(Receipt("", ""))
