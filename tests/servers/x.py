"""X on loopback: a real HTTP server that holds requests to X's own contract, verifies signatures and stores posts."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.servers.seen import SeenPost
from tests.servers.x_answers import (
    FORBIDDEN,
    TOO_MANY,
    UNAUTHORISED,
    UNAVAILABLE,
    Answer,
    refuse_capped,
    refuse_spent,
)
from tests.servers.x_contract import load_x_contract
from tests.servers.x_service import XService
from tests.servers.x_store import XAccount, read_post

_REFUSALS = ("401", "402", "403", "429", "usage-capped", "503")
_BEFORE = ("kill-before", "hang", "slow")
_AFTER = ("kill-after", "html-502", "truncate", "empty-200", "hang-after")
X_FAULTS = (*_REFUSALS, *_BEFORE, *_AFTER)
_PAGE_502 = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came; `status` is None where it got no reply, `account` is a username, "" if none signed."""

    method: str
    path: str
    status: int | None
    account: str


@dataclass
class _Fault:
    word: str
    method: str
    path: str
    seconds: float


@dataclass(frozen=True)
class _Reply:
    status: int
    body: bytes
    headers: dict[str, str]


class XServer:
    """A running server; the faults are listed as X_FAULTS and explained in `tests/servers/__init__.py`."""

    def __init__(self, service: XService, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.service = service
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._faults: list[_Fault] = []
        self._requests: list[SeenRequest] = []

    @property
    def requests(self) -> list[SeenRequest]:
        """Every request answered or dropped so far, in that order."""
        with self._lock:
            return list(self._requests)

    def new_account(self, name: str = "force") -> XAccount:
        """Create an account with keys of its own and no post."""
        return self.service.store.new_account(name)

    def posts(self, account: XAccount) -> list[SeenPost]:
        """Return the account's posts, oldest first; `text` is what was sent, `raw["text"]` what X makes of it."""
        return [read_post(post) for post in self.service.store.posts_of(account.id)]

    def count(self, account: XAccount) -> int:
        """Return how many posts the account has."""
        return len(self.posts(account))

    def fail_next(
        self, fault: str, *, times: int = 1, method: str = "POST", path: str = "/2/tweets", seconds: float = 3.0
    ) -> None:
        """Let the next `times` requests to exactly this path meet `fault`. Raise ValueError for an unknown word.

        `*` in the path stands for any characters.
        `seconds` is the delay of `slow`, and the time until the reset that 429 names.
        """
        if fault not in X_FAULTS:
            raise ValueError(f"no fault named '{fault}': there are {', '.join(X_FAULTS)}")
        with self._lock:
            self._faults += [_Fault(fault, method, path, seconds) for _ in range(times)]

    def clear_faults(self) -> None:
        """Drop all faults not used up."""
        with self._lock:
            self._faults.clear()

    def set_limit(
        self, account: XAccount, remaining: int, *, reset_in: float = 900.0, endpoint: str = "POST /2/tweets"
    ) -> None:
        """Let the account have `remaining` requests of this kind left for `reset_in` seconds."""
        self.service.limits.set_remaining(account.id, endpoint, remaining, time.time() + reset_in)

    def take_fault(self, method: str, path: str) -> _Fault:
        """Return the first fault set for this request and use it up; its word is "" if there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.method == method and fnmatchcase(path, fault.path):
                    self._faults.remove(fault)
                    return fault
        return _Fault("", method, path, 0)

    def record(self, request: SeenRequest) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)


@contextmanager
def start_x() -> Iterator[XServer]:
    """Start an empty server in threads of this process. Raise ServerMissing if X's contract cannot be fetched."""
    service = XService(load_x_contract())
    with _Listener(("127.0.0.1", 0), _Handler) as listener:
        server = listener.x_server = XServer(service, listener.server_port)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            listener.shutdown()
            thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    x_server: XServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has hung up, as killed ones do; anything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 600

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: tests read `XServer.requests`."""

    def _serve(self) -> None:
        assert isinstance(self.server, _Listener)
        server = self.server.x_server
        request = self._read_request()
        fault = server.take_fault(request.method, request.path)
        account = server.service.find_account(request)
        if fault.word == "slow":
            server.stopping.wait(fault.seconds)
        reply = _decide(fault, account, lambda: server.service.answer(account, request))
        # Before it is sent: who has the reply finds the request recorded.
        username = account.username if account else ""
        server.record(SeenRequest(request.method, request.path, reply.status if reply else None, username))
        if reply:
            self._send(reply)
        else:
            self._drop(server, waiting=fault.word.startswith("hang"))

    def _read_request(self) -> Request:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        base = f"http://{self.headers['Host']}"
        builder = EnvironBuilder(path, base, query, self.command, data=body, headers=list(self.headers.items()))
        return builder.get_request()

    def _send(self, reply: _Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _drop(self, server: XServer, *, waiting: bool) -> None:
        """Close the connection without a word, after the server's end if the client is to wait for nothing."""
        if waiting:
            server.stopping.wait(self.timeout)
        self.close_connection = True
        with suppress(OSError):  # the client may have left before
            self.connection.shutdown(socket.SHUT_RDWR)


def _decide(fault: _Fault, account: XAccount | None, carry_out: Callable[[], Answer]) -> _Reply | None:
    """Return what is sent, with the fault done to it; None if nothing is. What strikes before does not carry it out."""
    if fault.word in ("kill-before", "hang"):
        return None
    if fault.word in _REFUSALS:
        return _write(_refuse(fault, account))
    reply = _write(carry_out())
    if fault.word in ("kill-after", "hang-after"):
        return None
    if fault.word == "html-502":
        return _Reply(502, _PAGE_502, {"Content-Type": "text/html"})
    if fault.word == "empty-200":
        return _Reply(200, b"", reply.headers)
    return _Reply(reply.status, reply.body[:20], reply.headers) if fault.word == "truncate" else reply


def _write(answer: Answer) -> _Reply:
    headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
    return _Reply(answer.status, json.dumps(answer.body).encode(), headers)


def _refuse(fault: _Fault, account: XAccount | None) -> Answer:
    who = account.id if account else "0"
    reset = {"x-rate-limit-limit": "100", "x-rate-limit-reset": str(int(time.time() + fault.seconds))}
    answers = {
        "401": UNAUTHORISED,
        "402": refuse_spent(who),
        "403": FORBIDDEN,
        "429": Answer(429, TOO_MANY.body, reset | {"x-rate-limit-remaining": "0"}),
        "usage-capped": refuse_capped(who),
        "503": UNAVAILABLE,
    }
    return answers[fault.word]
