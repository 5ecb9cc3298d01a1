"""LinkedIn's pages, before a scripted server: cards, pictures, films in pieces, twins, comments and tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.campaign import Link
from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.little_text import write_little
from scheduler.domain.ports import Refreshes, TellsEnd, WhoAmI
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from tests.accounts import make_comment, make_part, make_picture
from tests.film_desk import TEXT, FilmDesk, make_large_film, open_film_desk
from tests.films import SPOKEN
from tests.servers.scripted import ScriptedServer, start_scripted

SECRETS = {"access_token": "canary-access"}
APP = {**SECRETS, "client_secret": "canary-client", "refresh_token": "canary-refresh"}
PAGE = "urn:li:organization:2414183"
SHARE = "urn:li:share:7"
POSTED = {"x-restli-id": SHARE}
READY = {"status": "AVAILABLE"}
MakeDesk = Callable[..., FilmDesk]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as scripted:
        yield scripted


@pytest.fixture
def desk(server: ScriptedServer, tmp_path: Path) -> FilmDesk:
    return open_film_desk("linkedin", server.base_url, tmp_path, SECRETS, organization="2414183", version="202611")


def answer(server: ScriptedServer, body: Any = None, status: int = 200, **headers: str) -> None:
    """Let the next request have this answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    server.answer(status, b"" if body is None else json.dumps(body).encode(), told)


def read_body(server: ScriptedServer, number: int = -1) -> Any:
    return json.loads(server.requests[number].body)


def publish(desk: FilmDesk, server: ScriptedServer, *media: Any, **about: Any) -> Any:
    """Publish a post, and return what it said."""
    part = make_part(about.pop("text", TEXT), *media)._replace(**about)
    server.answer(201, b"", POSTED)
    assert desk.publish(desk.prepare(part, language="en-GB")[0]).remote_id == SHARE
    return read_body(server)


# --- What a post says ------------------------------------------------------------------------------------------------


def test_each_call_has_the_three_headers(server: ScriptedServer, desk: FilmDesk) -> None:
    said = publish(desk, server, text="Speak out (now). #CEADay27")
    assert (said["commentary"], said["author"]) == ("Speak out \\(now\\). #CEADay27", PAGE)
    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer canary-access"
    assert headers["linkedin-version"] == "202611"
    assert headers["x-restli-protocol-version"] == "2.0.0"
    assert "content" not in said


@pytest.mark.parametrize(
    ("link", "card"),
    [
        (
            Link("https://www.example.org/signs", "Know the signs", "What to look for."),
            {"source": "https://www.example.org/signs", "title": "Know the signs", "description": "What to look for."},
        ),
        (
            Link("https://www.example.org/signs?a=b"),
            {"source": "https://www.example.org/signs?a=b", "title": "www.example.org/signs"},
        ),
    ],
)
def test_the_card_is_drawn_from_the_calendar(
    server: ScriptedServer, desk: FilmDesk, link: Link, card: dict[str, str]
) -> None:
    assert publish(desk, server, link=link)["content"] == {"article": card}


def test_one_picture_and_several_have_their_own_shapes(server: ScriptedServer, desk: FilmDesk, tmp_path: Path) -> None:
    pictures = [make_picture(tmp_path, colour, f"A {colour} hand.") for colour in ("teal", "plum")]
    for number, count in enumerate((1, 2)):
        for each in range(count):
            answer(
                server,
                {"value": {"uploadUrl": f"{server.base_url}/dms-uploads/{each}", "image": f"urn:li:image:{each}"}},
            )
            answer(server, None, 201)
            answer(server, {"status": "PROCESSING"})
            answer(server, READY)
        shown = [{"id": f"urn:li:image:{each}", "altText": pictures[each].alt} for each in range(count)]
        said = publish(desk, server, *pictures[:count])
        assert said["content"] == ({"media": shown[0]} if number == 0 else {"multiImage": {"images": shown}})
    put = next(request for request in server.requests if request.method == "PUT")
    assert put.headers["authorization"] == "Bearer canary-access"
    assert put.body.startswith(b"\x89PNG")


def test_the_token_goes_to_no_server_that_an_answer_names(
    server: ScriptedServer, desk: FilmDesk, tmp_path: Path
) -> None:
    with start_scripted() as other:
        answer(server, {"value": {"uploadUrl": f"{other.base_url}/dms-uploads/0", "image": "urn:li:image:0"}})
        with pytest.raises(Unavailable, match="not sent to 127"):
            desk.publish(desk.prepare(make_part(TEXT, make_picture(tmp_path, "teal", "A hand.")))[0])
        assert other.requests == []


# --- Films -----------------------------------------------------------------------------------------------------------


def announce(server: ScriptedServer, *pieces: tuple[int, int]) -> None:
    """Let a film be announced, to be sent in these pieces."""
    asked = [
        {"uploadUrl": f"{server.base_url}/dms-uploads/{first}", "firstByte": first, "lastByte": last}
        for first, last in pieces
    ]
    about = {"video": "urn:li:video:C5", "uploadToken": "", "captionsUploadUrl": f"{server.base_url}/captions"}
    answer(server, {"value": {**about, "uploadInstructions": asked}})


def test_a_film_goes_in_pieces_with_its_captions(server: ScriptedServer, desk: FilmDesk, tmp_path: Path) -> None:
    film = make_large_film(tmp_path, 250_000)
    announce(server, (0, 99_999), (100_000, 199_999), (200_000, 249_999))
    for number in range(3):
        answer(server, None, 200, ETag=f'"tag-{number}"')
    answer(server, None, 201)
    answer(server)
    answer(server, {"status": "PROCESSING"})
    answer(server, READY)
    said = publish(desk, server, film)
    assert said["content"] == {"media": {"id": "urn:li:video:C5", "title": "She noticed"}}
    begun = read_body(server, 0)["initializeUploadRequest"]
    assert begun == {"owner": PAGE, "fileSizeBytes": 250_000, "uploadCaptions": True, "uploadThumbnail": False}
    sent = b"".join(request.body for request in server.requests if request.method == "PUT")
    assert sent == Path(film.path).read_bytes()
    captions = server.requests[4].body.decode()
    assert SPOKEN in captions
    assert '"locale": {"language": "EN", "country": "GB"}' in captions
    finished = read_body(server, 5)["finalizeUploadRequest"]
    assert finished["uploadedPartIds"] == ["tag-0", "tag-1", "tag-2"]


@pytest.mark.parametrize("pieces", [[(0, 99_999)], [(0, 99_999), (100_001, 249_999)], [(1, 249_999)], []])
def test_pieces_that_leave_something_out_are_not_sent(
    server: ScriptedServer, desk: FilmDesk, tmp_path: Path, pieces: list[tuple[int, int]]
) -> None:
    announce(server, *pieces)
    for _ in pieces:
        answer(server, None, 200, ETag="tag")
    with pytest.raises(Unavailable, match="Nothing was sent"):
        desk.publish(desk.prepare(make_part(TEXT, make_large_film(tmp_path, 250_000)))[0])
    assert "finalizeUpload" not in "".join(request.path for request in server.requests)


def test_a_film_that_linkedin_cannot_show_is_not_posted(server: ScriptedServer, desk: FilmDesk, tmp_path: Path) -> None:
    announce(server, (0, 249_999))
    answer(server, None, 200, ETag="tag")
    answer(server, None, 201)
    answer(server)
    answer(server, {"status": "PROCESSING_FAILED"})
    with pytest.raises(Unavailable, match="uploads it anew"):
        desk.publish(desk.prepare(make_part(TEXT, make_large_film(tmp_path, 250_000)))[0])
    assert not any(request.path == "/rest/posts" for request in server.requests)


# --- Twins, and looking ----------------------------------------------------------------------------------------------


def describe(desk: FilmDesk, **others: Any) -> dict[str, Any]:
    """Return our post as LinkedIn shows it."""
    post = {"id": SHARE, "author": PAGE, "commentary": write_little(TEXT)}
    return {**post, "createdAt": int(desk.created_at.timestamp() * 1000) + 4000, **others}


def refuse_double(server: ScriptedServer) -> None:
    """Let the next post be refused as a double of SHARE."""
    message = f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {SHARE}"
    details = {"inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]}
    answer(server, {"message": message, "errorDetails": details, "status": 422}, 422)


def test_a_twin_is_adopted_after_a_look(server: ScriptedServer, desk: FilmDesk) -> None:
    (part,) = desk.prepare(make_part(TEXT))
    refuse_double(server)
    with pytest.raises(OutcomeUnknown, match=SHARE):
        desk.publish(part)
    assert desk.kept == {0: {"twin": SHARE}}
    answer(server, describe(desk))
    assert desk.find(part) == Receipt(SHARE, f"https://www.linkedin.com/feed/update/{SHARE}")
    assert server.requests[-1].path == "/rest/posts/urn%3Ali%3Ashare%3A7"


@pytest.mark.parametrize(
    "others",
    [
        {"commentary": "Other words"},
        {"author": "urn:li:organization:1"},
        {"createdAt": 1_700_000_000_000},
        {"createdAt": None},
        {"id": "urn:li:share:8"},
        None,
    ],
)
def test_a_twin_that_does_not_fit_or_is_a_ghost_proves_nothing(
    server: ScriptedServer, desk: FilmDesk, others: dict[str, Any] | None
) -> None:
    (part,) = desk.prepare(make_part(TEXT))
    refuse_double(server)
    with pytest.raises(OutcomeUnknown):
        desk.publish(part)
    desk.bound = frozenset({"urn:li:share:8"})
    if others is None:
        answer(server, {"status": 404, "message": "Not found"}, 404)
    else:
        answer(server, describe(desk, **others))
    answer(server, {"elements": []})
    assert desk.find(part) is Found.UNSURE


def test_a_listing_is_gone_through_until_it_is_too_old(server: ScriptedServer, desk: FilmDesk) -> None:
    (part,) = desk.prepare(make_part("Speak out (now). #CEADay27"))
    others = [describe(desk, id=f"urn:li:share:{number}", commentary="Other words") for number in range(100, 150)]
    answer(server, {"elements": others})
    ours = describe(desk, commentary="Speak out \\(now\\). {hashtag|\\#|CEADay27}")
    answer(server, {"elements": [None, 7, {}, {"id": "x"}, describe(desk, createdAt=True), ours]})
    found = desk.find(part)
    assert isinstance(found, Receipt)
    assert found.remote_id == SHARE
    assert [request.path.partition("start=")[2] for request in server.requests] == ["0", "50"]
    assert f"author={PAGE.replace(':', '%3A')}" in server.requests[0].path


# --- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "meant", "words"),
    [
        (
            426,
            {"code": "NONEXISTENT_VERSION", "message": "Requested version 20241101 is not active"},
            Unauthorised,
            "month",
        ),
        (400, {"code": "VERSION_MISSING", "message": "A version must be present."}, Unauthorised, "'version' of force"),
        (400, {"message": "MEDIA_ASSET_WAITING_UPLOAD"}, Unavailable, "yet"),
        (400, {"code": "MEDIA_ASSET_PROCESSING_FAILED", "message": "Asset failed"}, Unavailable, "yet"),
        (401, {"code": "EXPIRED_ACCESS_TOKEN", "message": "The token has expired"}, Unauthorised, "has expired"),
        (403, {"code": "ACCESS_DENIED", "message": "Not enough permissions"}, Unauthorised, "scopes"),
        (422, {"message": "Field Value validation failed"}, Rejected, "validation failed"),
        (404, {"message": "Organization not found"}, Rejected, "not found"),
        (429, {"message": "Resource level throttle MEMBER limit"}, RateLimited, "throttle"),
    ],
)
def test_each_refusal_has_its_meaning(
    server: ScriptedServer, desk: FilmDesk, status: int, body: dict[str, Any], meant: type[PublishError], words: str
) -> None:
    answer(server, body, status)
    with pytest.raises(meant, match=words) as caught:
        desk.publish(desk.prepare(make_part(TEXT))[0])
    if isinstance(caught.value, Unauthorised):
        assert caught.value.retry is (status != 401)
    if isinstance(caught.value, RateLimited):
        until = caught.value.until
        assert until is not None
        assert (until.hour, until.minute, until.tzinfo) == (0, 0, UTC)
        assert timedelta() < until - desk.clock.now() <= timedelta(days=1)


# --- Comments, and taking back ---------------------------------------------------------------------------------------


def test_a_first_comment_is_plain_text_found_and_taken_back(server: ScriptedServer, desk: FilmDesk) -> None:
    post, comment = desk.prepare(make_part(TEXT), make_comment("Call 101 (any time)"))
    answer(server, None, 201, **POSTED)
    receipt = desk.publish(post)
    answer(server, {"id": "71"}, 201)
    commented = desk.publish(comment, receipt)
    said = {"actor": PAGE, "message": {"text": "Call 101 (any time)"}, "object": SHARE}
    assert read_body(server) == said
    assert commented.remote_id == f"urn:li:comment:({SHARE},71)"
    made = {"id": "71", "created": {"time": int(desk.created_at.timestamp() * 1000) + 9000}, **said}
    answer(server, {"elements": [{**made, "actor": "urn:li:person:1"}, made]})
    assert desk.find(comment, receipt) == commented
    answer(server, {"id": "71"})
    assert desk.is_live(commented)
    answer(server, None, 204)
    desk.retract(commented)
    path = "/rest/socialActions/urn%3Ali%3Ashare%3A7/comments/71"
    assert server.requests[-1].path == f"{path}?actor={PAGE.replace(':', '%3A')}"


def test_a_post_that_only_its_address_names_is_for_a_person(server: ScriptedServer, desk: FilmDesk) -> None:
    answer(server, None, 204)
    desk.retract(Receipt("", f"https://www.linkedin.com/feed/update/{SHARE}/"))
    assert server.requests[-1].path == "/rest/posts/urn%3Ali%3Ashare%3A7"
    with pytest.raises(Rejected, match="Look on LinkedIn"):
        desk.retract(Receipt("", "https://www.linkedin.com/posts/force_ceaday-activity-7131-aBcD"))


# --- The log-in ------------------------------------------------------------------------------------------------------


def test_a_token_whose_owner_may_not_post_is_found_out(server: ScriptedServer, desk: FilmDesk) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, WhoAmI)
    elements = [
        {"organization": PAGE, "role": "ANALYST"},
        {"organization": "urn:li:organization:1", "role": "ADMINISTRATOR"},
    ]
    answer(server, {"elements": elements})
    with pytest.raises(Unauthorised, match="roles: ANALYST"):
        desk.use(platform.who_am_i)


def test_without_a_client_secret_nothing_is_asked(server: ScriptedServer, desk: FilmDesk) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, Refreshes)
    assert isinstance(platform, TellsEnd)
    assert desk.use(platform.refresh) is None
    assert desk.use(platform.read_end) is None
    assert server.requests == []


def test_a_token_is_exchanged_before_it_ends(server: ScriptedServer, tmp_path: Path) -> None:
    about = {"organization": "2414183", "client_id": "78abc"}
    desk = open_film_desk("linkedin", server.base_url, tmp_path, APP, **about)
    platform = desk.channel.platform
    assert isinstance(platform, Refreshes)
    answer(server, {"access_token": "canary-new", "expires_in": 5_184_000, "refresh_token": "canary-refresh-2"})
    ends = desk.use(platform.refresh)
    assert isinstance(ends, datetime)
    assert desk.use(platform.refresh) == ends
    publish(desk, server)
    assert server.requests[-1].headers["authorization"] == "Bearer canary-new"
    desk.clock.ahead += timedelta(days=41)
    answer(server, {"error": "invalid_grant", "error_description": "canary-refresh-2 was revoked"}, 400)
    with pytest.raises(Unauthorised, match="invalid_grant") as caught:
        desk.use(platform.refresh)
    assert "canary" not in str(caught.value)
    assert b"refresh_token=canary-refresh-2" in server.requests[-1].body
    assert len(server.requests) == 3


def test_a_token_that_has_ended_is_told_of(server: ScriptedServer, tmp_path: Path) -> None:
    desk = open_film_desk("linkedin", server.base_url, tmp_path, APP, organization="1", client_id="78abc")
    platform = desk.channel.platform
    assert isinstance(platform, TellsEnd)
    answer(server, {"active": False, "status": "expired"})
    with pytest.raises(Unauthorised, match="has ended"):
        desk.use(platform.read_end)
    answer(server, {"active": True, "expires_at": "soon"})
    with pytest.raises(Unavailable, match="does not say when"):
        desk.use(platform.read_end)
