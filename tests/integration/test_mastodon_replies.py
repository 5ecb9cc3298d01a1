"""What the Mastodon client makes of replies that neither test server gives: pictures in work, refusals, nonsense.

A small server on loopback answers each path with the replies that a test lists for it, the last one again and again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.platforms.mastodon import PLATFORM
from tests.accounts import Sender, make_part, make_picture, make_sender
from tests.films import make_film

TOKEN = "canary-81c2d7"
STATUS = {"id": "7", "url": "https://social.example.org/@force/7"}
INSTANCE = {"version": "4.7.0", "configuration": {"statuses": {"max_characters": 500}}}
NOT_READY = "Cannot attach files that have not finished processing. Try again in a moment!"

Canned = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class CannedServer(ThreadingHTTPServer):
    """Answers with `replies`, a list for each path; a body that is not text is sent as JSON. `seen` are the paths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Canned]] = {}
        self.seen: list[str] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_reply(self, path: str) -> Canned:
        self.seen.append(path)
        replies = self.replies.get(path) or [(404, {"error": "Record not found"})]
        return replies.pop(0) if len(replies) > 1 else replies[0]


class _Handler(BaseHTTPRequestHandler):
    server: CannedServer

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body, *more = self.server.next_reply(self.path.partition("?")[0])
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(more[0] if more else {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815  the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:
        """Keep silent."""


@pytest.fixture
def canned() -> Iterator[CannedServer]:
    with CannedServer() as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@pytest.fixture
def sender(canned: CannedServer, tmp_path: Path) -> Sender:
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    return make_sender(PLATFORM, canned.base_url, {"access_token": secret})


def send(sender: Sender, folder: Path | None = None) -> Receipt:
    """Publish a post, with a picture if there is a folder to make it in."""
    media = [make_picture(folder, "teal", "A palm.")] if folder else []
    return sender.publish(sender.prepare(make_part("Speak out.", *media)))


def test_a_picture_in_work_is_waited_for(canned: CannedServer, sender: Sender, tmp_path: Path) -> None:
    canned.replies = {
        "/api/v2/media": [(202, {"id": "31", "url": None})],
        "/api/v1/media/31": [(206, {"id": "31"}), (206, {"id": "31"}), (200, {"id": "31"})],
        "/api/v1/statuses": [(200, STATUS)],
    }
    assert send(sender, tmp_path) == Receipt("7", STATUS["url"])
    assert canned.seen == ["/api/v2/media", *["/api/v1/media/31"] * 3, "/api/v1/statuses"]
    assert len(sender.clock.slept) == 3


def test_a_picture_in_work_for_too_long_sends_nothing(canned: CannedServer, sender: Sender, tmp_path: Path) -> None:
    canned.replies = {"/api/v2/media": [(202, {"id": "31"})], "/api/v1/media/31": [(206, {"id": "31"})]}
    with pytest.raises(Unavailable, match="still working on the picture"):
        send(sender, tmp_path)
    assert "/api/v1/statuses" not in canned.seen
    assert 30 <= sum(sender.clock.slept) <= 120


def test_a_film_in_work_is_waited_for_longer(canned: CannedServer, sender: Sender, tmp_path: Path) -> None:
    prepared = sender.prepare(make_part("Speak out.", make_film(tmp_path, "A teacher asks.")))
    canned.replies = {
        "/api/v2/media": [(202, {"id": "31"})],
        "/api/v1/media/31": [*[(206, {"id": "31"})] * 15, (200, {"id": "31"})],
        "/api/v1/statuses": [(200, STATUS)],
    }
    assert sender.publish(prepared) == Receipt("7", STATUS["url"])
    assert 180 <= sum(sender.clock.slept) <= 300
    canned.replies["/api/v1/media/31"] = [(206, {"id": "31"})]
    with pytest.raises(Unavailable, match="still working on the film"):
        sender.publish(prepared)
    assert sum(sender.clock.slept) <= 1000
    assert sender.looks == 1


def test_a_picture_that_cannot_be_used_is_refused(canned: CannedServer, sender: Sender, tmp_path: Path) -> None:
    canned.replies = {
        "/api/v2/media": [(202, {"id": "31"})],
        "/api/v1/media/31": [(422, {"error": "Error processing"})],
    }
    with pytest.raises(Rejected, match="Error processing"):
        send(sender, tmp_path)
    assert "/api/v1/statuses" not in canned.seen


@pytest.mark.parametrize(
    ("reply", "expected", "words"),
    [
        ((401, {"error": "The access token was revoked"}), Unauthorised, "The access token was revoked"),
        ((401, ""), Unauthorised, "HTTP status 401"),
        ((403, {"error": "This action is outside the authorized scopes"}), Unauthorised, "outside the authorized"),
        ((403, {"error": "Your login is currently disabled"}), Unauthorised, "currently disabled"),
        ((422, {"error": "This method requires an authenticated user"}), Unauthorised, "authenticated user"),
        ((403, {"error": "This action is not allowed"}), Rejected, "not allowed"),
        ((422, {"error": "Validation failed: Text can't be blank"}), Rejected, "Text can't be blank"),
        ((404, {"error": "Record not found"}), Rejected, "Record not found"),
        ((404, "<h1>404 Not Found</h1>"), Rejected, "server setting"),
        ((302, "", {"Location": "/elsewhere"}), Unavailable, "server setting"),
        ((422, {"error": NOT_READY}), Unavailable, "Nothing was sent"),
        ((500, {"error": "oh"}), OutcomeUnknown, "may be out"),
        ((408, ""), OutcomeUnknown, "may be out"),
        ((504, "<html>gateway</html>"), OutcomeUnknown, "may be out"),
        ((200, {"url": "https://social.example.org/@force/7"}), OutcomeUnknown, "without 'id'"),
        ((200, []), OutcomeUnknown, "without 'id'"),
        ((200, "<html>welcome</html>"), OutcomeUnknown, "not JSON"),
        ((200, ""), OutcomeUnknown, "not JSON"),
    ],
)
def test_each_reply_to_a_post_has_its_meaning(
    reply: Canned, expected: type[PublishError], words: str, canned: CannedServer, sender: Sender
) -> None:
    canned.replies = {"/api/v1/statuses": [reply]}
    with pytest.raises(expected) as failure:
        send(sender)
    assert words in str(failure.value)
    assert canned.seen == ["/api/v1/statuses"]


@pytest.mark.parametrize("as_number", [False, True])
def test_a_rate_limit_is_read_in_both_its_forms(as_number: bool, canned: CannedServer, sender: Sender) -> None:
    until = sender.clock.now().replace(microsecond=0) + timedelta(minutes=5)
    reset = str(int(until.timestamp())) if as_number else until.isoformat().replace("+00:00", ".000Z")
    limited = (429, {"error": "Too many requests"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
    canned.replies = {"/api/v1/statuses": [limited]}
    with pytest.raises(RateLimited) as failure:
        send(sender)
    assert failure.value.until == until


@pytest.mark.parametrize("status", [401, 403, 422, 500])
def test_a_token_that_a_server_echoes_is_blotted_out(status: int, canned: CannedServer, sender: Sender) -> None:
    canned.replies = {"/api/v1/statuses": [(status, {"error": f"no such token: {TOKEN}"})]}
    with pytest.raises(PublishError) as failure:
        send(sender)
    assert TOKEN not in f"{failure.value}{failure.value!r}"


def test_a_post_without_an_address_is_out_all_the_same(canned: CannedServer, sender: Sender) -> None:
    canned.replies = {"/api/v1/statuses": [(200, {"id": 7, "url": None})]}
    assert send(sender) == Receipt("7", "")


def test_limits_come_from_the_older_call_where_the_newer_is_missing(canned: CannedServer, sender: Sender) -> None:
    canned.replies = {"/api/v2/instance": [(404, "<h1>no</h1>")], "/api/v1/instance": [(200, INSTANCE)]}
    sender.channel.refresh_limits()
    assert sender.channel.limits() == {"max_characters": 500, "honours_key": 1}


@pytest.mark.parametrize("body", [[], "<html>", "null", '"4.7.0"'])
def test_limits_that_cannot_be_read_are_left_as_they_were(body: Any, canned: CannedServer, sender: Sender) -> None:
    canned.replies = {"/api/v2/instance": [(200, body)]}
    with pytest.raises(Unavailable):
        sender.channel.refresh_limits()
    assert sender.channel.limits() == {}


def list_own(canned: CannedServer, listed: Any, source: Canned = (404, "")) -> None:
    """Let the account's listing be answered so."""
    canned.replies = {
        "/api/v2/instance": [(200, INSTANCE)],
        "/api/v1/accounts/verify_credentials": [(200, {"id": "3", "acct": "force"})],
        "/api/v1/accounts/3/statuses": [(200, listed)],
        "/api/v1/statuses/7/source": [source],
    }


def test_a_listing_that_is_none_cannot_be_looked_through(canned: CannedServer, sender: Sender) -> None:
    prepared = sender.prepare(make_part("Speak out."))
    for nonsense in ({"error": "oh"}, "<html>", ""):
        list_own(canned, nonsense)
        with pytest.raises(Unavailable):
            sender.find(prepared)


def test_odd_entries_of_a_listing_are_passed_over(canned: CannedServer, sender: Sender) -> None:
    now = sender.clock.now().isoformat()
    good = {**STATUS, "created_at": now, "content": "<p>Speak out.</p>", "in_reply_to_id": None}
    odd: list[Any] = [None, 7, {}, {**good, "id": None}, {**good, "created_at": "today"}, {**good, "created_at": None}]
    list_own(canned, [*odd, good])
    prepared = sender.prepare(make_part("Speak out."))
    assert sender.find(prepared) == Receipt("7", STATUS["url"])
    list_own(canned, odd)
    assert sender.find(prepared) is Found.UNSURE  # its version was never asked for
    sender.channel.refresh_limits()
    assert sender.find(prepared) is Found.ABSENT


def test_what_a_server_renders_oddly_is_known_by_its_source(canned: CannedServer, sender: Sender) -> None:
    now = sender.clock.now().isoformat()
    listed = [{**STATUS, "created_at": now, "content": "<p><i>Speak</i> out&hellip;</p>", "in_reply_to_id": None}]
    prepared = sender.prepare(make_part("_Speak_ out..."))
    list_own(canned, listed, (200, {"id": "7", "text": "_Speak_ out..."}))
    assert sender.find(prepared) == Receipt("7", STATUS["url"])
    others: list[Canned] = [(404, ""), (200, {"id": "7", "text": "Speak up"}), (200, [])]
    for source in others:
        list_own(canned, listed, source)
        assert sender.find(prepared) is Found.UNSURE
