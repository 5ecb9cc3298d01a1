"""The door to a server, against raw sockets: what each failure proves and each answer means."""

from __future__ import annotations

import gc
import gzip
import json
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest

from scheduler.domain.ports import Reply
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.wire import BODY_LIMIT, Patience
from tests.doors import PATIENT, QUICK, Door, fail, open_door
from tests.servers.process import pick_free_port
from tests.servers.scripted import Act, hang_up, reset, say_and, start_scripted, stay_silent, write_answer


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as opened:
        yield opened


# --- The transport ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commit", [False, True])
class TestNothingWasSent:
    """Whatever fails before the request leaves is Unavailable, at the committing call as well."""

    def test_port_closed(self, door: Door, commit: bool) -> None:
        error = fail(door.wire(f"http://127.0.0.1:{pick_free_port()}"), commit=commit)
        assert type(error) is Unavailable
        assert "could not be reached (the connection was refused). Nothing was sent." in str(error)

    def test_name_unknown(self, door: Door, commit: bool) -> None:
        error = fail(door.wire("http://nobody.invalid"), commit=commit)
        assert type(error) is Unavailable
        assert "nobody.invalid could not be reached (its name is not known)" in str(error)

    def test_no_connection_in_time(self, door: Door, commit: bool) -> None:
        with socket.socket() as full, ExitStack() as waiting:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for _ in range(4):  # the kernel drops what comes when the queue is full
                client = waiting.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(full.getsockname())
            wire = door.wire(f"http://127.0.0.1:{full.getsockname()[1]}", Patience(connect=0.3))
            error = fail(wire, commit=commit)
        assert type(error) is Unavailable
        assert "no connection in time" in str(error)

    def test_no_secure_connection(self, door: Door, commit: bool) -> None:
        wire = door.wire(door.server.base_url.replace("http://", "https://"))
        error = fail(wire, commit=commit)
        assert type(error) is Unavailable
        assert "Nothing was sent" in str(error)
        assert door.server.requests == []

    def test_an_address_that_is_none(self, door: Door, commit: bool) -> None:
        for address in ("http://", "nonsense", "ftp://example.org"):
            assert type(fail(door.wire(address), commit=commit)) is Unavailable


LOST: dict[str, Act] = {
    "closes after reading": hang_up,
    "resets": reset,
    "hangs": stay_silent,
    "head cut short": partial(say_and, hang_up, b"HTTP/1.1 200 O"),
    "body cut short": partial(say_and, hang_up, write_answer(200, b'{"id": "1"}')[:-4]),
    "body hangs": partial(say_and, stay_silent, write_answer(200, b'{"id": "1"}')[:-4]),
    "no HTTP": partial(say_and, hang_up, b"220 mail.example.org\r\n"),
    "no gzip": partial(say_and, hang_up, write_answer(200, b"no gzip", {"Content-Encoding": "gzip"})),
}


@pytest.mark.parametrize("how", LOST)
def test_a_lost_reply_leaves_a_commit_in_doubt_and_nothing_else(door: Door, how: str) -> None:
    wire = door.wire(patience=QUICK if "hangs" in how else PATIENT)
    for commit, kind in ((False, Unavailable), (True, OutcomeUnknown)):
        door.server.acts = [LOST[how]]
        error = fail(wire, commit=commit)
        assert type(error) is kind, error
        assert ("The post may be out" in str(error)) is commit
    assert len(door.server.requests) == 2  # nothing is repeated by itself


class TestUnreadable:
    @pytest.mark.parametrize("body", [b"<html><h1>502</h1> Bad <b>Gateway</b>", b'{"id": "1', b"", b"[" * 100_000])
    def test_what_is_not_json_leaves_a_commit_in_doubt(self, door: Door, body: bytes) -> None:
        for commit, kind in ((False, Unavailable), (True, OutcomeUnknown)):
            door.server.answer(200, body)
            error = fail(door.wire(), commit=commit)
            assert type(error) is kind
            assert "answered something that is not JSON" in str(error)
            assert "<" not in str(error)
            assert len(str(error)) < 500

    @pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b"{}"), (200, b"[]"), (200, b'{"id": true}')])
    def test_a_reply_without_what_it_should_hold(self, door: Door, status: int, body: bytes) -> None:
        door.server.answer(status, body)
        assert type(fail(door.wire(), commit=True)) is OutcomeUnknown

    def test_values_are_found(self, door: Door) -> None:
        door.server.answer(201, json.dumps({"data": {"id": 12, "text": "ü"}}).encode())
        reply = door.wire().request("POST", "/post", commit=True)
        assert (reply.status, reply.field("data", "id"), reply.field("data", "text")) == (201, "12", "ü")

    @pytest.mark.parametrize("packed", [False, True])
    def test_a_body_too_long_is_not_read_to_its_end(self, door: Door, packed: bool) -> None:
        body, headers = b"x" * (10 * BODY_LIMIT), {}
        if packed:
            body, headers = gzip.compress(body * 4, compresslevel=9), {"Content-Encoding": "gzip"}
            assert len(body) < BODY_LIMIT
        tracemalloc.start()
        for commit, kind in ((False, Unavailable), (True, OutcomeUnknown)):
            door.server.answer(200, body, headers)
            error = fail(door.wire(), commit=commit)
            assert type(error) is kind
            assert "answered more than 8 MB" in str(error)
        door.server.acts.append(partial(say_and, hang_up, write_answer(400, body, headers)))
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        assert type(fail(door.wire(), commit=True)) is Rejected
        assert tracemalloc.get_traced_memory()[1] - held < 5 * BODY_LIMIT
        tracemalloc.stop()

    def test_the_body_of_a_failed_call_is_let_go_at_once(self, door: Door) -> None:
        door.server.answer(400, b"x" * BODY_LIMIT)
        wire = door.wire()
        gc.collect()
        gc.disable()  # what only the collector finds stays until it runs
        tracemalloc.start()
        try:
            with suppress(Rejected):
                wire.request("POST", "/post", commit=True)
            assert tracemalloc.get_traced_memory()[0] < BODY_LIMIT // 2
        finally:
            tracemalloc.stop()
            gc.enable()


# --- What the server says --------------------------------------------------------------------------------------------


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "before", "during"),
        [
            (400, Rejected, Rejected),
            (401, Unauthorised, Unauthorised),
            (403, Rejected, Rejected),
            (404, Rejected, Rejected),
            (408, Unavailable, OutcomeUnknown),
            (422, Rejected, Rejected),
            (429, RateLimited, RateLimited),
            (500, Unavailable, OutcomeUnknown),
            (502, Unavailable, OutcomeUnknown),
            (503, Unavailable, OutcomeUnknown),
            (301, Unavailable, Unavailable),
            (302, Unavailable, Unavailable),
            (303, Unavailable, OutcomeUnknown),
            (307, Unavailable, Unavailable),
            (308, Unavailable, Unavailable),
        ],
    )
    def test_each_has_its_meaning(
        self,
        door: Door,
        status: int,
        before: type[PublishError],
        during: type[PublishError],
    ) -> None:
        for commit, kind in ((False, before), (True, during)):
            door.server.answer(status, b'{"error": "words of the server"}', {"Location": "/elsewhere"})
            error = fail(door.wire(), commit=commit)
            assert type(error) is kind
            assert f"answered {status}" in str(error)
            assert "words of the server" in str(error)
        assert [request.path for request in door.server.requests] == ["/post", "/post"]  # no redirect was followed

    def test_a_redirect_is_followed_where_nothing_is_written(self, door: Door) -> None:
        door.server.answer(302, b"", {"Location": "/elsewhere"})
        door.server.answer(200, b'{"id": "1"}')
        assert door.wire().request("GET", "/post").field("id") == "1"
        assert [request.path for request in door.server.requests] == ["/post", "/elsewhere"]

    def test_a_redirect_takes_no_secret_to_another_host(self, door: Door) -> None:
        with start_scripted() as other:
            door.server.answer(302, b"", {"Location": other.base_url.replace("127.0.0.1", "localhost") + "/"})
            door.wire().request("GET", "/post", headers={"Authorization": "Bearer abcdef"})
        assert "authorization" in door.server.requests[0].headers
        assert "authorization" not in other.requests[0].headers

    def test_redirects_without_end_come_to_an_end(self, door: Door) -> None:
        door.server.acts = [lambda c: c.sendall(write_answer(302, b"", {"Location": "/post"}))] * 40
        assert type(fail(door.wire(), "GET", commit=False)) is Unavailable

    def test_a_platform_reads_first_and_the_wire_what_it_leaves(self, door: Door) -> None:
        def explain(reply: Reply) -> PublishError | None:
            return RateLimited("the platform's words", None) if "busy" in reply.text else None

        wire = door.wire()
        for body, kind in ((b"busy", RateLimited), (b"other", Rejected)):
            door.server.answer(400, body)
            with pytest.raises(kind):
                wire.request("POST", "/post", commit=True, explain=explain)
        door.server.answer(400, b"busy")
        with pytest.raises(Rejected):
            wire.request("POST", "/post")  # a reading is for the one call it was given with


class TestWhenToAskAgain:
    def ask(self, door: Door, headers: dict[str, str]) -> float | None:
        """Return after how many seconds the server wants to be asked again."""
        door.server.answer(429, b"", headers)
        error = fail(door.wire(), commit=True)
        assert isinstance(error, RateLimited)
        return None if error.until is None else (error.until - datetime.now(UTC)).total_seconds()

    @pytest.mark.parametrize("family", ["x-rate-limit", "ratelimit", "x-ratelimit"])
    def test_seconds_dates_and_unix_time_are_read(self, door: Door, family: str) -> None:
        later = datetime.now(UTC) + timedelta(seconds=100)
        for headers in (
            {"Retry-After": "100"},
            {"Retry-After": "100.0"},
            {"Retry-After": format_datetime(later, usegmt=True)},
            {f"{family}-reset": str(int(later.timestamp()))},
            {f"{family}-reset": f"{later.timestamp():.3f}"},
            {f"{family}-reset": later.isoformat().replace("+00:00", "Z")},
            {f"{family}-reset": later.replace(tzinfo=None).isoformat()},
            {f"{family}-reset": "100"},
            {"Retry-After": "100", f"{family}-reset": str(int(later.timestamp()) + 900)},
            {"Retry-After": "soon", f"{family}-reset": str(int(later.timestamp()))},
        ):
            seconds = self.ask(door, headers)
            assert seconds is not None, headers
            assert 90 < seconds <= 100, headers

    def test_nonsense_is_no_answer_and_for_ever_is_a_day(self, door: Door) -> None:
        for words in ("soon", "nan", "-", "٣", ""):
            assert self.ask(door, {"ratelimit-reset": words.encode().decode("latin-1")}) is None, words
        for words in ("1e300", "inf", "99999999999999"):
            for name in ("Retry-After", "ratelimit-reset"):
                seconds = self.ask(door, {name: words})
                assert seconds is not None
                assert 86_000 < seconds <= 86_400

    @pytest.mark.parametrize("family", ["x-rate-limit", "ratelimit", "x-ratelimit"])
    def test_an_account_rests_when_nothing_remains(self, door: Door, family: str) -> None:
        wire, later = door.wire(), datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=100)
        told: list[tuple[dict[str, str], datetime | None]] = [
            ({f"{family}-remaining": "3", f"{family}-reset": str(int(later.timestamp()))}, None),
            ({f"{family}-remaining": "0", f"{family}-reset": str(int(later.timestamp()))}, later),
            ({}, later),  # a reply that says nothing changes nothing
            ({f"{family}-remaining": "0", f"{family}-reset": later.isoformat()}, later),
            ({f"{family}-remaining": "1"}, None),
            ({f"{family}-remaining": "0"}, None),
            ({f"{family}-remaining": "0", f"{family}-reset": str(int(later.timestamp()) - 200)}, None),
        ]
        assert wire.resting_until is None
        for headers, until in told:
            door.server.answer(200, b"{}", headers)
            wire.request("POST", "/post")
            assert wire.resting_until == until, headers
        door.server.answer(429, b"", told[1][0])
        fail(wire, commit=True)
        assert wire.resting_until == later
