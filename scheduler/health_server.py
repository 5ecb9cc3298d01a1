"""The health page: GET /health answers 200 when all is well and 503 when somebody must look, with the reasons."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scheduler.errors import SchedulerError
from scheduler.health import Health

log = logging.getLogger(__name__)

_FRESH_SECONDS = 2.0  # many who ask at once get one answer


class HealthServer(ThreadingHTTPServer):
    """Answers at `host:port` in a thread of its own; `read` says how things stand, or raises SchedulerError."""

    daemon_threads = True

    def __init__(self, host: str, port: int, read: Callable[[], Health]) -> None:
        self.read = read
        self._lock = threading.Lock()
        self._answer: tuple[int, bytes] = (503, b"{}")
        self._answered_at = float("-inf")
        super().__init__((host, port), _Handler)

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self.serve_forever, name="health", daemon=True).start()

    def answer(self) -> tuple[int, bytes]:
        """Return the HTTP status and the JSON text of how things stand now."""
        with self._lock:
            if time.monotonic() - self._answered_at > _FRESH_SECONDS:
                self._answer = self._ask()
                self._answered_at = time.monotonic()
            return self._answer

    def _ask(self) -> tuple[int, bytes]:
        try:
            fields: dict[str, Any] = self.read().fields()
        except SchedulerError as failure:
            fields = {"red": [str(failure)]}
        return 503 if fields["red"] else 200, json.dumps(fields, ensure_ascii=False, indent=1).encode()


class _Handler(BaseHTTPRequestHandler):
    server: HealthServer

    def do_GET(self) -> None:
        """Answer one question; only /health is known."""
        if self.path.partition("?")[0].rstrip("/") != "/health":
            self.send_error(404)
            return
        status, body = self.server.answer()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """Answer with the status alone."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: who watches asks every few seconds."""
