"""A server that does what a test tells it, byte for byte: it closes, resets, hangs, cuts short or says nonsense."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import parse_headers
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from tests.servers.cache import ServerMissing

Act = Callable[[socket.socket], None]
"""What is done with a connection after a request was read from it."""


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came; `headers` by lower-case name, `connection` counts from 0."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass
class ScriptedServer:
    """A listening server. Each request takes the next of `acts`; when none is left it is answered with 200 and `{}`."""

    base_url: str
    acts: list[Act] = field(default_factory=list)
    requests: list[SeenRequest] = field(default_factory=list)

    def answer(self, status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> None:
        """Let the next request have this answer, the connection kept open."""
        self.acts.append(lambda connection: connection.sendall(write_answer(status, body, headers)))

    def send(self, content: bytes) -> None:
        """Let the next request have these bytes, then the end of the connection."""
        self.acts.append(lambda connection: say_and(hang_up, content, connection))


def write_answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return an answer with its length."""
    lines = [f"HTTP/1.1 {status} Words", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def say_and(act: Act, content: bytes, connection: socket.socket) -> None:
    """Send these bytes, then do something else with the connection."""
    connection.sendall(content)
    act(connection)


def hang_up(connection: socket.socket) -> None:
    """Close the connection in order."""
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Close the connection with a reset, as a crashed machine or a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())  # at once, whoever else may hold it


def stay_silent(connection: socket.socket) -> None:
    """Say nothing until the client leaves."""
    while connection.recv(4096):
        pass


@contextmanager
def make_certificate() -> Iterator[Path]:
    """Give a PEM file with a fresh certificate of 127.0.0.1 and its key. Raise ServerMissing without openssl."""
    with tempfile.TemporaryDirectory(prefix="certificate-") as folder:
        path, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        _run_openssl(path, key)
        path.write_bytes(path.read_bytes() + key.read_bytes())
        yield path


def _run_openssl(path: Path, key: Path) -> None:
    kind = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(path), "-keyout", str(key)]
    try:
        subprocess.run([*kind, *names], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as failure:
        raise ServerMissing(f"openssl cannot make a certificate: {failure}") from None


@contextmanager
def start_scripted(certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """Start a server on a free port; a thread for each connection, all ended with the block.

    With a `certificate` (a PEM file with its key) it speaks HTTPS.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    server = ScriptedServer(f"http{'s' if certificate else ''}://127.0.0.1:{listener.getsockname()[1]}")
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
    if secure and certificate:
        secure.load_cert_chain(certificate)
    open_connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if secure:
                connection = secure.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            open_connections.append(connection)
            threads.append(threading.Thread(target=_serve, args=(server, connection, len(threads)), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for connection in open_connections:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def _serve(server: ScriptedServer, connection: socket.socket, number: int) -> None:
    reader = cast(BufferedIOBase, connection.makefile("rb"))
    try:
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
        while (seen := _read_request(reader, number)) is not None:
            server.requests.append(seen)
            act = server.acts.pop(0) if server.acts else _answer_well
            act(connection)
    except OSError:
        pass  # the client left, or the test ended
    finally:
        reader.close()
        connection.close()


def _answer_well(connection: socket.socket) -> None:
    connection.sendall(write_answer(200, b"{}"))


def _read_request(reader: BufferedIOBase, number: int) -> SeenRequest | None:
    words = reader.readline().decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        return None  # the end, or a greeting in TLS
    message = parse_headers(reader)
    headers = {name.lower(): value for name, value in message.items()}
    body = reader.read(int(headers.get("content-length", "0")))
    return SeenRequest(words[0], words[1], headers, body, number)
