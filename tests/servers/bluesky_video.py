"""Bluesky's video service on loopback: it takes films, works on them for some looks, and puts them on the data server.

As the real one does, it puts them there with the token that it was handed, so that the data server verifies it.
Sources, checked on 25 November 2026: docs.bsky.app, "Uploading Video", and the lexicons app.bsky.video.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

_UPLOAD, _STATUS = "/xrpc/app.bsky.video.uploadVideo", "/xrpc/app.bsky.video.getJobStatus"


@dataclass
class VideoJob:
    """The work on one film; `looks` are left until it is done."""

    id: str
    did: str
    content: bytes
    token: str
    looks: int
    blob: Any = None


@dataclass
class VideoService:
    """A running service. `looks` is how often a film is asked for before it is ready; `answers` come before all else.

    `failure` is what each job fails with, `wrapped` whether answers stand within `jobStatus`, as documented.
    """

    base_url: str
    data_server: str
    looks: int = 2
    wrapped: bool = True
    failure: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    jobs: dict[str, VideoJob] = field(default_factory=dict)

    def answer(self, method: str, address: str, token: str, body: bytes) -> tuple[int, Any]:
        """Return a status and a body."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.heard.append(f"{method} {parts.path.rpartition('.')[2]}")
        if self.answers:
            return self.answers.pop(0)
        if (method, parts.path) == ("POST", _UPLOAD):
            return self._take(query["did"], token, body)
        if (method, parts.path) == ("GET", _STATUS) and query["jobId"] in self.jobs:
            return 200, self._work(self.jobs[query["jobId"]])
        return 404, {"error": "NotFound", "message": "no such job"}

    def _take(self, did: str, token: str, content: bytes) -> tuple[int, Any]:
        number = sha256(did.encode() + content).hexdigest()[:12]
        if number in self.jobs:
            message = "Video already processed"
            return 409, {"error": "already_exists", "jobId": number, "message": message, "did": did}
        self.jobs[number] = VideoJob(number, did, content, token, self.looks)
        return 200, self._show(self.jobs[number])

    def _work(self, job: VideoJob) -> Any:
        job.looks -= 1
        if job.looks <= 0 and job.blob is None and not self.failure:
            headers = {"Authorization": f"Bearer {job.token}", "Content-Type": "video/mp4"}
            address = f"{self.data_server}/xrpc/com.atproto.repo.uploadBlob"
            reply = requests.post(address, data=job.content, headers=headers, timeout=30)
            if not reply.ok:
                raise AssertionError(f"the data server did not take the film: {reply.text[:300]}")
            job.blob = reply.json()["blob"]
        return self._show(job)

    def _show(self, job: VideoJob) -> Any:
        status = {"jobId": job.id, "did": job.did, "state": "JOB_STATE_ENCODING"}
        if job.blob:
            status |= {"state": "JOB_STATE_COMPLETED", "blob": job.blob}
        elif self.failure and job.looks <= 0:
            status |= {"state": "JOB_STATE_FAILED", "error": "encoding_failed", "message": self.failure}
        return {"jobStatus": status} if self.wrapped else status


@contextmanager
def start_video_service(data_server: str) -> Iterator[VideoService]:
    """Start a service that puts its films on this data server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet: tests read `VideoService.heard`."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = str(self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, answer = service.answer(self.command, self.path, token, body)
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        service = VideoService(f"http://127.0.0.1:{listener.server_port}", data_server)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            listener.shutdown()
            thread.join()
