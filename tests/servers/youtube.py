"""YouTube on loopback, as far as a channel's client uses it: uploads in pieces, captions, films and their privacy.

Made after developers.google.com/youtube/v3/docs and its guide to resumable uploads, checked on 25 November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

from tests.conformance.seen_call import SeenCall

STEP = 256 * 2**10  # what every piece but the last has to be a multiple of
_RANGE = re.compile(r"bytes (?:\*|(\d+)-(\d+))/(\d+)")
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Upload:
    """One that was begun. `film` is what it became, or belongs to."""

    kind: str
    about: dict[str, Any]
    size: int
    content: bytearray = field(default_factory=bytearray)
    received: int = 0
    film: str = ""


@dataclass
class YouTubeServer:
    """A running server. `broken_after` breaks the connection once when an upload has that many bytes.

    `refusals` are answered to the next calls whose method and path begin so; `lost` are carried out and not answered.
    With `forgets` it keeps nothing of what was uploaded, so that memory can be measured.
    """

    base_url: str
    uploads: dict[str, Upload] = field(default_factory=dict)
    films: dict[str, dict[str, Any]] = field(default_factory=dict)
    captions: list[Upload] = field(default_factory=list)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[SeenCall] = field(default_factory=list)
    refusals: list[tuple[str, int, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    broken_after: int = 0
    stays_private: bool = False
    becomes: str = "processed"
    tokens: int = 0
    forgets: bool = False

    def count(self, method: str, path: str) -> int:
        """Return how many such calls came."""
        return sum(call.method == method and call.path == path for call in self.requests)

    def answer(self, call: SeenCall) -> Answer | None:
        """Return a status, a body and headers, None if there is to be no answer."""
        self.requests.append(replace(call, body=b"") if self.forgets else call)
        line = f"{call.method} {call.path}"
        for refusal in self.refusals:
            if line.startswith(refusal[0]):
                self.refusals.remove(refusal)
                return refusal[1], refusal[2], {}
        if call.path == "/token":
            self.tokens += 1
            return 200, {"access_token": f"access-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"}, {}
        if not re.fullmatch(rf"Bearer access-[1-{self.tokens}]", call.headers.get("authorization", "")):
            return 401, refuse("authError", "Invalid Credentials"), {}
        good = self._upload(call) if call.path.startswith("/upload/") else self._carry_out(call)
        if line in self.lost:
            self.lost.remove(line)
            return None
        return good

    # --- Uploads ---

    def _upload(self, call: SeenCall) -> Answer | None:
        query, kind = dict(parse_qsl(call.query)), call.path.rpartition("/")[2]
        if call.method == "POST":
            name = f"u{len(self.uploads) + 1}"
            about, size = json.loads(call.body), int(call.headers["x-upload-content-length"])
            self.uploads[name] = Upload(kind, about, size)
            return 200, None, {"Location": f"{self.base_url}{call.path}?uploadType=resumable&upload_id={name}"}
        upload = self.uploads.get(query.get("upload_id", ""))
        if upload is None:
            return 404, refuse("notFound", "No such upload"), {}
        return self._take_piece(upload, call)

    def _take_piece(self, upload: Upload, call: SeenCall) -> Answer | None:
        found = _RANGE.fullmatch(call.headers.get("content-range", ""))
        if found is None or int(found[3]) != upload.size:
            return 400, refuse("invalidContentRange", "Bad range"), {}
        if found[1] is not None:
            start, end = int(found[1]), int(found[2]) + 1
            whole = end == upload.size or (end - start) % STEP == 0
            if start != upload.received or end - start != len(call.body) or not whole:
                return 400, refuse("invalidContentRange", "Bad piece"), {}
            if self.broken_after and end > self.broken_after:
                self._store(upload, call.body[: max(self.broken_after - start, 0)])
                self.broken_after = 0
                return None
            self._store(upload, call.body)
        if upload.received < upload.size:
            return 308, None, {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}
        return self._finish(upload)

    def _store(self, upload: Upload, piece: bytes) -> None:
        upload.received += len(piece)
        upload.content += b"" if self.forgets else piece

    def _finish(self, upload: Upload) -> Answer:
        if not upload.film:
            upload.film = upload.about["snippet"].get("videoId") or f"film{len(self.films) + 1}"
            if upload.kind == "captions":
                self.captions.append(upload)
            else:
                self.films[upload.film] = {**upload.about, "content": bytes(upload.content)}
        return 200, {"id": upload.film if upload.kind == "videos" else "caption1"}, {}

    # --- The rest ---

    def _carry_out(self, call: SeenCall) -> Answer:
        query, kind = dict(parse_qsl(call.query)), call.path.rpartition("/")[2]
        acts: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "videos"): lambda: self._list({query.get("id", ""): self.films.get(query.get("id", ""))}),
            ("PUT", "videos"): lambda: self._update(json.loads(call.body)),
            ("DELETE", "videos"): lambda: self._delete(self.films, query["id"], "videoNotFound"),
            ("GET", "channels"): lambda: (200, {"items": [{"id": "UC3", "snippet": {"title": "Example Force"}}]}, {}),
            ("POST", "commentThreads"): lambda: self._comment(json.loads(call.body)["snippet"]),
            ("GET", "commentThreads"): lambda: (200, {"items": list(self.comments.values())}, {}),
            ("GET", "comments"): lambda: (
                200,
                {"items": [{"id": each} for each in self.comments if each in call.query]},
                {},
            ),
            ("DELETE", "comments"): lambda: self._delete(self.comments, query["id"], "commentNotFound"),
        }
        act = acts.get((call.method, kind))
        return act() if act else (404, refuse("notFound", "No such call"), {})

    def _list(self, films: dict[str, Any]) -> Answer:
        state = {
            "uploadStatus": self.becomes,
            **({"rejectionReason": "duplicate"} if self.becomes == "rejected" else {}),
        }
        items = [{"id": name, "status": {**film["status"], **state}} for name, film in films.items() if film]
        return 200, {"items": items}, {}

    def _update(self, body: dict[str, Any]) -> Answer:
        film = self.films.get(body["id"])
        if film is None:
            return 404, refuse("videoNotFound", "The video cannot be found."), {}
        privacy = "private" if self.stays_private else body["status"]["privacyStatus"]
        film["status"] = {**body["status"], "privacyStatus": privacy}
        return 200, {"id": body["id"], "status": film["status"]}, {}

    def _comment(self, snippet: dict[str, Any]) -> Answer:
        name, said = f"comment{len(self.comments) + 1}", snippet["topLevelComment"]["snippet"]
        made = {**said, "publishedAt": datetime.now(UTC).isoformat(timespec="seconds")}
        self.comments[name] = {"id": name, "snippet": {**snippet, "topLevelComment": {"id": name, "snippet": made}}}
        return 200, self.comments[name], {}

    @staticmethod
    def _delete(things: dict[str, Any], name: str, reason: str) -> Answer:
        return (204, None, {}) if things.pop(name, None) else (404, refuse(reason, "It cannot be found."), {})


def refuse(reason: str, message: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    return {"error": {"code": 0, "message": message, "errors": [{"reason": reason, "message": message}]}}


@contextmanager
def start_youtube() -> Iterator[YouTubeServer]:
    """Start the server on a free port, stopped with the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer_call(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            answer = service.answer(SeenCall(self.command, path, headers, body, query))
            self.close_connection = True
            if answer is None:
                return
            status, said, told = answer
            content = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**told, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer_call  # noqa: N815  the names that the library calls

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = YouTubeServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
