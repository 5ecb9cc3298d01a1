"""Meta's services on loopback: pages, Instagram and Threads, held to the parameters that Meta's own package knows.

It loses replies, refuses and hangs where a test tells it to. Instagram and Threads publish each container once.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.conformance.seen_call import SeenCall
from tests.servers.meta_service import MetaService, Thing, refuse
from tests.servers.meta_tables import MetaTables
from tests.servers.seen import SeenPost, make_name

LOST = "lost"  # carried out, then the connection closes
DROPPED = "dropped"  # the connection closes, nothing is carried out


@dataclass
class _Fault:
    piece: str
    what: str | tuple[int, Any]
    carried_out: bool
    method: str


@dataclass
class MetaServer:
    """A running server; it takes `service.tokens`. `unknown` are parameters that Meta does not have."""

    base_url: str
    service: MetaService
    tables: MetaTables | None = None
    requests: list[SeenCall] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    _faults: list[_Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(
        self, piece: str, what: str | tuple[int, Any], *, carried_out: bool = False, method: str = "POST"
    ) -> None:
        """Let the next call whose path holds `piece` be LOST, DROPPED or answered with a status and a body."""
        self._faults.append(_Fault(piece, what, carried_out or what == LOST, method))

    def posts(self, *kinds: str) -> list[SeenPost]:
        """Return what readers see, oldest first."""
        return [self._show(each) for each in self.service.shown(*(kinds or ("post", "media", "film")))]

    def count_calls(self, method: str, piece: str) -> int:
        """Return how many calls came whose path ends with `piece`."""
        return sum(call.method == method and call.path.endswith(piece) for call in self.requests)

    def answer(self, call: SeenCall) -> tuple[int, Any] | None:
        """Return a status and a body, None if there is to be no answer."""
        with self._lock:
            self.requests.append(call)
            fault = next(
                (each for each in self._faults if each.piece in call.path and each.method == call.method), None
            )
            if fault is not None:
                self._faults.remove(fault)
            good = self._carry_out(call) if fault is None or fault.carried_out else (500, {})
        if fault is None:
            return good
        return fault.what if isinstance(fault.what, tuple) else None

    def _carry_out(self, call: SeenCall) -> tuple[int, Any]:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if token not in self.service.tokens or scheme not in {"Bearer", "OAuth"}:
            return 401, refuse(190, 463, "Error validating access token")
        path = re.sub(r"^/v\d+\.\d/", "/", call.path)
        fields = _read_fields(call)
        unknown = self.tables.find_unknown(call.method, path, set(fields) - {"body"}) if self.tables else None
        if unknown:
            self.unknown += [f"{call.method} {path} {name}" for name in sorted(unknown)]
        status, body = self.service.answer(call.method, path, fields)
        return status, json.loads(json.dumps(body).replace("{server}", self.base_url))

    def _show(self, thing: Thing) -> SeenPost:
        children = thing.fields.get("children", "").split(",")
        attached = [each["media_fbid"] for each in json.loads(thing.fields.get("attached_media", "[]"))]
        pictures = [self.service.things[number].fields for number in [*children, *attached] if number]
        sources = pictures or [thing.fields]
        alts = tuple(alt for each in sources if (alt := each.get("alt_text") or each.get("alt_text_custom")))
        return SeenPost(thing.id, thing.text, alts, thing.parent or None, thing.made_at.isoformat(), dict(thing.fields))


def _read_fields(call: SeenCall) -> dict[str, str]:
    """Return the fields of query and body; a film's bytes, sent as they are, are `body`."""
    fields = dict(parse_qsl(call.query, keep_blank_values=True))
    kind = call.headers.get("content-type", "")
    if kind.startswith("multipart/"):
        return fields | _read_parts(kind, call.body)
    if "urlencoded" in kind:
        return fields | dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return fields | ({"body": call.body.decode("latin-1")} if call.body else {})


def _read_parts(kind: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form; the bytes of files are Latin letters here, those of words UTF-8."""
    from email import message_from_bytes

    fields = {}
    for part in message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload():
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        encoding = "latin-1" if part.get_filename() else "utf-8"
        fields[str(part.get_param("name", header="content-disposition"))] = content.decode(encoding)
    return fields


@contextmanager
def start_meta(tables: MetaTables | None = None) -> Iterator[MetaServer]:
    """Start a server, held to these parameters if they are given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet: tests read `MetaServer.requests`."""

        def _serve(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            answer = server.answer(SeenCall(self.command, path, headers, body, query))
            if answer is None:
                self.close_connection = True
                return
            content = json.dumps(answer[1]).encode()
            with suppress(OSError):  # the client may have been killed
                self.send_response(answer[0])
                for name, value in {"Content-Length": str(len(content)), **server.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        base_url = f"http://127.0.0.1:{listener.server_port}"
        server = MetaServer(base_url, MetaService([make_name("token")]), tables)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def list_texts(posts: Sequence[SeenPost]) -> list[str]:
    """Return what posts say."""
    return [post.text for post in posts]
