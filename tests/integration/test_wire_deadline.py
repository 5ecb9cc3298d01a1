"""The door to a server that drips: each piece comes in time, and the whole never ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from scheduler.errors import OutcomeUnknown, Unavailable
from scheduler.wire import Patience
from tests.doors import Door, fail, open_door
from tests.servers.process import pick_free_port
from tests.servers.requirement import start_or_skip
from tests.servers.scripted import make_certificate, say_and, start_scripted, write_answer

SHORT = Patience(connect=5.0, read=0.75, upload=0.75, whole=2.0)
LONG_ENOUGH = 30.0


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as opened:
        yield opened


def drip(content: bytes, connection: socket.socket) -> None:
    """Send a byte every tenth of a second, and then spaces, until the client leaves."""
    for _ in range(3000):
        connection.sendall(content[:1] or b" ")
        content = content[1:]
        time.sleep(0.1)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
DRIPS = {
    "body": partial(say_and, partial(drip, b""), HEAD),
    "body without a length": partial(say_and, partial(drip, b""), b"HTTP/1.1 200 OK\r\n\r\n"),
    "complete JSON, and no end": partial(say_and, partial(drip, b""), b'HTTP/1.1 200 OK\r\n\r\n{"id": "1"}'),
    "headers": partial(say_and, partial(drip, b"X-Long: " + b"x" * 3000), b"HTTP/1.1 200 OK\r\n"),
    "body of a refusal": partial(say_and, partial(drip, b""), HEAD.replace(b"200 OK", b"400 No")),
}


@pytest.mark.parametrize("how", DRIPS)
def test_an_answer_that_never_ends_is_ended(door: Door, how: str) -> None:
    door.server.acts = [DRIPS[how]]
    began = time.monotonic()
    error = fail(door.wire(patience=SHORT), commit=True)
    assert type(error) is OutcomeUnknown
    assert "did not answer to the end (no answer in time). The post may be out." in str(error)
    assert 1 < time.monotonic() - began < LONG_ENOUGH


def test_nothing_is_in_doubt_where_nothing_is_posted(door: Door) -> None:
    door.server.acts = [DRIPS["body"]]
    error = fail(door.wire(patience=SHORT), "GET", commit=False)
    assert type(error) is Unavailable
    assert "no answer in time" in str(error)


def test_it_is_ended_under_tls_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    with start_or_skip(make_certificate()) as certificate, start_scripted(certificate) as secure:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        secure.acts = [DRIPS["headers"]]
        assert type(fail(door.wire(secure.base_url, SHORT), commit=True)) is OutcomeUnknown


def test_a_proxy_that_drips_is_ended_and_nothing_was_sent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", door.server.base_url)
    monkeypatch.setenv("NO_PROXY", "")
    door.server.acts = [DRIPS["headers"]]
    error = fail(door.wire("https://127.0.0.1:1", SHORT), commit=True)
    assert type(error) is Unavailable
    assert "Nothing was sent" in str(error)


def test_an_answer_in_slow_pieces_is_read_to_its_end(door: Door) -> None:
    def send_slowly(connection: socket.socket) -> None:
        for piece in write_answer(200, b'{"id": "1"}').split(b"\n"):
            connection.sendall(piece + b"\n" * (not piece.endswith(b"}")))
            time.sleep(0.3)

    door.server.acts = [send_slowly]
    wire = door.wire(patience=Patience(connect=5.0, read=LONG_ENOUGH))
    assert wire.request("POST", "/post", commit=True).field("id") == "1"


def test_a_call_that_is_over_leaves_nothing_behind(door: Door) -> None:
    wire, process = door.wire(), psutil.Process()
    wire.request("GET", "/post")
    open_files = process.num_fds()
    for _ in range(20):
        wire.request("GET", "/post")
        fail(door.wire(f"http://127.0.0.1:{pick_free_port()}"), commit=True)
    wire.close()
    end = time.monotonic() + LONG_ENOUGH
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.02)
    while process.num_fds() > open_files:  # the server closes its ends in its own time
        assert time.monotonic() < end, (process.num_fds(), open_files)
        time.sleep(0.02)
