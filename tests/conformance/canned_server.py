"""A server on loopback that gives canned replies, and fails at the call it is told to, in every way servers fail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import parse_headers
from io import BufferedIOBase
from typing import Any, cast

from tests.conformance.replies import CannedCall
from tests.conformance.seen_call import SeenCall


class Failure(StrEnum):
    """What can go wrong with a call. The first two never reach the server; after the last six it may be out."""

    REFUSED = "refused"
    NO_CONNECTION = "time-out before"
    STATUS_400 = "400"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_422 = "422"
    STATUS_429 = "429"
    STATUS_500 = "500"
    STATUS_503 = "503"
    HTML = "HTML"
    CUT_JSON = "cut JSON"
    CUT_BODY = "cut body"
    EMPTY = "empty 200"
    CLOSED = "closed after reading"
    SILENT = "time-out after reading"


RETRY_AFTER = 60
"""Seconds that the server asks for with 429."""
UNREACHABLE = frozenset({Failure.REFUSED, Failure.NO_CONNECTION})
EXTRA = {"added_later": {"of": [1, None, "a kind nobody knows"], "id": "0", "url": "https://example.org/other"}}
"""Fields that a service may add to its replies tomorrow."""


@dataclass
class CannedServer:
    """A listening server. `calls` may be changed at any time; `unexpected` are requests that none of them answers.

    `enriched` adds unknown fields everywhere; `echo` are words that it repeats in each refusal. `on_turn` hears True
    before the client can begin the call that is to fail, and False as soon as that is under way.
    """

    calls: tuple[CannedCall, ...]
    refusal: Any
    listener: socket.socket
    requests: list[SeenCall] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    enriched: bool = False
    echo: str = ""
    on_turn: Callable[[bool], None] = lambda _: None
    _failure: Failure | None = None
    _fails_at: int = -1
    _held: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.address: tuple[str, int] = self.listener.getsockname()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def base_url(self) -> str:
        """The address to call."""
        return f"http://127.0.0.1:{self.address[1]}"

    def fail(self, failure: Failure, number: int) -> None:
        """Let a call fail; `number` counts the calls from now on, from 0. The ones after it go well again."""
        self._failure, self._fails_at = failure, len(self.requests) + number
        self._prepare_to_fail()

    def forget(self) -> None:
        """Start anew: no request was seen, and none is to fail."""
        self.requests.clear()
        self._failure, self._fails_at = None, -1

    def close(self) -> None:
        """Stop listening, and let go of everyone."""
        self._stop_listening()
        for each in self._held:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self._held.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _stop_listening(self) -> None:
        with suppress(OSError):  # not listening any more
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._accepting.join(5)

    def _prepare_to_fail(self) -> None:
        """If the next call fails without reaching the server: refuse connections, or leave them without an answer."""
        if len(self.requests) != self._fails_at:
            return
        self.on_turn(True)
        if self._failure not in UNREACHABLE:
            return
        self._stop_listening()
        if self._failure is Failure.NO_CONNECTION:
            full = socket.create_server(self.address, backlog=0)  # its queue is full with the first of these
            self._held.append(full)
            for _ in range(3):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(self.address)
                self._held.append(waiting)

    def _serve(self, connection: socket.socket) -> None:
        reader = cast(BufferedIOBase, connection.makefile("rb"))
        with suppress(OSError), connection, reader:  # the client may leave, or the test end
            seen = _read_request(reader)
            if seen is not None:
                failure = self._failure if len(self.requests) == self._fails_at else None
                self.requests.append(seen)
                if failure:
                    self.on_turn(False)
                self._prepare_to_fail()
                self._answer(connection, seen, failure)

    def _answer(self, connection: socket.socket, seen: SeenCall, failure: Failure | None) -> None:
        good = self._find_answer(seen)
        if failure is Failure.SILENT:
            while connection.recv(4096):
                pass
        elif failure is Failure.CLOSED:
            connection.shutdown(socket.SHUT_RDWR)
        elif failure is Failure.CUT_BODY:
            whole = write_answer(*good)
            connection.sendall(whole[: -max(len(good[1]) // 2, 1)])
        else:
            connection.sendall(write_answer(*(self._spoil(failure, good[1]) if failure else good)))

    def _find_answer(self, seen: SeenCall) -> tuple[int, bytes, Mapping[str, str]]:
        for each in self.calls:
            if each.matches(seen.method, seen.path, seen.query):
                call = each.at(self.base_url)
                if call.raw is not None:
                    return call.status, call.raw.encode(), {"Content-Type": "text/plain", **call.headers}
                return call.status, _to_json(_enrich(call.reply) if self.enriched else call.reply), call.headers
        self.unexpected.append(f"{seen.method} {seen.path}")
        return 501, b"{}", {}

    def _spoil(self, failure: Failure, good: bytes) -> tuple[int, bytes, Mapping[str, str]]:
        page = f"<html><h1>Something else</h1><p>{self.echo}</p></html>".encode()
        if failure is Failure.HTML:
            return 200, page, {"Content-Type": "text/html"}
        if failure in {Failure.CUT_JSON, Failure.EMPTY}:
            return 200, good[: len(good) // 2] if failure is Failure.CUT_JSON else b"", {}
        status = int(failure)
        if status >= 500:
            return status, page, {"Content-Type": "text/html"}
        headers = {"Retry-After": str(RETRY_AFTER)} if status == 429 else {}
        return status, _to_json(_echo(self.refusal, self.echo)), headers


@contextmanager
def start_canned(calls: tuple[CannedCall, ...], refusal: Any) -> Iterator[CannedServer]:
    """Start a server on a free port, stopped with the block."""
    server = CannedServer(calls, refusal, socket.create_server(("127.0.0.1", 0)))
    try:
        yield server
    finally:
        server.close()


def write_answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return an answer, after which the connection is closed."""
    given = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"{name}: {value}" for name, value in (given | dict(headers or {})).items()]
    return "\r\n".join([f"HTTP/1.1 {status} Words", *lines, "", ""]).encode() + body


def _read_request(reader: BufferedIOBase) -> SeenCall | None:
    words = reader.readline().decode("latin-1").split()
    if len(words) != 3:
        return None
    headers = {name.lower(): value for name, value in parse_headers(reader).items()}
    body = reader.read(int(headers.get("content-length", "0")))
    path, _, query = words[1].partition("?")
    return SeenCall(words[0], path, headers, body, query)


def _to_json(reply: Any) -> bytes:
    return json.dumps(reply, ensure_ascii=False).encode()


def _enrich(reply: Any) -> Any:
    """Return a reply in which every object has fields that nobody knows."""
    if isinstance(reply, list):
        return [_enrich(item) for item in reply]
    if isinstance(reply, dict):
        return {**EXTRA, **{name: _enrich(value) for name, value in reply.items()}}
    return reply


def _echo(reply: Any, words: str) -> Any:
    """Return a reply in which every text is followed by these words."""
    if isinstance(reply, list):
        return [_echo(item, words) for item in reply]
    if isinstance(reply, dict):
        return {name: _echo(value, words) for name, value in reply.items()}
    return f"{reply} {words}".strip() if isinstance(reply, str) else reply
