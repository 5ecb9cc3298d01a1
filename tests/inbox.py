"""A web hook that alerts are sent to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Inbox:
    """A web hook that keeps what it is told. What `refuses` says yes to, given a title, is answered with 503 instead.

    `refused` holds the titles of those, in the order in which they came.
    """

    def __init__(self, port: int) -> None:
        self.messages: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.refuses: Callable[[str], bool] = lambda _: False
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                title = _read_title(message)
                is_refused = inbox.refuses(title)
                if is_refused:
                    inbox.refused.append(title)
                else:
                    inbox.messages.append(message)
                self.send_response(503 if is_refused else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Return where it listens, as apprise writes it."""
        return f"json://127.0.0.1:{self.server.server_address[1]}"

    def titles(self) -> list[str]:
        """Return the titles of what it took, without what they have in common."""
        return [_read_title(message) for message in self.messages]


def _read_title(message: dict[str, Any]) -> str:
    return str(message["title"]).removeprefix("Campaign scheduler: ")


@contextmanager
def start_inbox(port: int = 0) -> Iterator[Inbox]:
    """Start an inbox, on a free port unless one is named."""
    inbox = Inbox(port)
    try:
        yield inbox
    finally:
        inbox.server.shutdown()
        inbox.server.server_close()
