"""The calls of one account of YouTube's: its log-in, and uploads that go on where they broke off.

An access token lasts an hour and is got with a refresh token. Both, and where an upload stands, are kept in the
account's session and not in the ledger: whoever has an upload's address can go on with it, and it has to outlive tries
that failed before anything was public, of which the ledger keeps nothing.

Sources, checked on 25 November 2026: developers.google.com/identity/protocols/oauth2/web-server, "Refreshing an access
token", and developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scheduler.domain.answers import read_answer
from scheduler.domain.youtube_answers import Incomplete, TokenEnded, UploadLost, explain_refusal, explain_upload
from scheduler.errors import PublishError, Unauthorised, Unavailable

if TYPE_CHECKING:
    from mmap import mmap

    from scheduler.domain.ports import Context, Explain, Reply

SERVER, SIGN_IN = "https://youtube.googleapis.com", "https://oauth2.googleapis.com"
PIECE = 8 * 2**20
"""Bytes of one call: a multiple of 256 KiB, as YouTube demands, and little to send anew after a break."""
_EARLY = timedelta(minutes=10)  # before its end a token is not used any more
_CODE = re.compile(r"[a-z_]{3,40}")


class YouTubeCalls:
    """One account's calls."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.name = context.account.name
        words = "\0".join(context.secret(each).strip() for each in ("client_secret", "refresh_token"))
        self._about = {"server": context.account.server, "of": sha256(words.encode()).hexdigest()[:16]}

    def call(
        self,
        method: str,
        path: str,
        *,
        commit: bool = False,
        explain: Explain | None = None,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Reply:
        """Make one call as the account; `request` as the wire takes it. After a refused token comes a new one."""

        def explain_all(reply: Reply) -> PublishError | None:
            error = explain(reply) if explain is not None else None
            return error or explain_refusal(reply, self.name, self.context.clock.now())

        sent = {**(headers or {}), "Authorization": f"Bearer {self._find_token()}"}
        try:
            return self.context.wire.request(method, path, commit=commit, explain=explain_all, headers=sent, **request)
        except TokenEnded:
            self.keep(access_token="", ends="")
            raise

    # --- The session ---

    def load(self) -> Mapping[str, str]:
        """Return what is kept of this log-in; another one begins anew."""
        kept = self.context.sessions.load(self.name)
        return kept if all(kept.get(name) == value for name, value in self._about.items()) else {}

    def keep(self, **values: str) -> None:
        """Keep these values beside the others."""
        self.context.sessions.store(self.name, {**self.load(), **self._about, **values})

    def _find_token(self) -> str:
        kept = self.load()
        try:
            good = self.context.clock.now() < datetime.fromisoformat(kept.get("ends", "")) - _EARLY
        except ValueError:
            good = False
        return kept["access_token"] if good and kept.get("access_token") else self.renew_token()

    def renew_token(self) -> str:
        """Get a new access token and keep it. Raise Unauthorised if somebody has to log in again."""
        server = SIGN_IN if self.context.account.server == SERVER else self.context.account.server
        form = {
            "client_id": self.context.account.settings["client_id"],
            "client_secret": self.context.secret("client_secret").strip(),
            "refresh_token": self.context.secret("refresh_token").strip(),
            "grant_type": "refresh_token",
        }
        reply = self.context.wire.request("POST", f"{server}/token", form=form, explain=self._explain_log_in)
        try:
            answer = reply.json()
        except PublishError:
            answer = None  # its words may hold the token
        token, seconds = (
            answer.get(each) if isinstance(answer, dict) else "" for each in ("access_token", "expires_in")
        )
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise reply.problem("answered a log-in without a token")
        ends = self.context.clock.now() + timedelta(seconds=seconds)
        self.keep(access_token=token, ends=ends.isoformat())
        return token

    def _explain_log_in(self, reply: Reply) -> PublishError | None:
        if reply.status not in {400, 401, 403}:
            return None
        code = str(read_answer(reply).get("error") or "")
        said = code if _CODE.fullmatch(code) else str(reply.status)
        hint = "Log in again, and put the new refresh token in its place. Those of an app 'in testing' last a week."
        return Unauthorised(f"Google does not take the log-in of {self.name} ({said}). {hint}")

    # --- Uploads ---

    def begin_upload(self, kind: str, part: str, about: Mapping[str, Any], content_type: str, size: int) -> str:
        """Announce an upload and return the address that it goes to."""
        headers = {"X-Upload-Content-Type": content_type, "X-Upload-Content-Length": str(size)}
        query = {"uploadType": "resumable", "part": part}
        reply = self.call("POST", f"/upload/youtube/v3/{kind}", query=query, json=about, headers=headers)
        address = reply.headers.get("Location", "")
        if "://" not in address:
            raise reply.problem("answered without an address to upload to")
        return address

    def go_on(self, address: str, content: bytes | mmap, content_type: str) -> Reply | None:
        """Ask how much of an upload has arrived and send the rest; None if it cannot go on."""
        headers = {"Content-Range": f"bytes */{len(content)}"}
        try:
            return self.call("PUT", address, body=b"", headers=headers, explain=explain_upload)
        except UploadLost:
            return None
        except Incomplete as more:
            return self.send(address, content, content_type, more.received)

    def send(self, address: str, content: bytes | mmap, content_type: str, start: int = 0) -> Reply:
        """Send the content from there on, piece by piece, and return the last answer."""
        size = len(content)
        while True:
            end = min(start + PIECE, size)
            headers = {"Content-Type": content_type, "Content-Range": f"bytes {start}-{end - 1}/{size}"}
            try:
                return self.call(
                    "PUT", address, body=content[start:end], headers=headers, explain=explain_upload, upload=True
                )
            except Incomplete as more:
                if not start < more.received < size:
                    raise Unavailable("YouTube takes no more of this upload. Nothing was sent.") from None
                start = more.received
                more.__traceback__ = None  # through which each piece that was sent would stay in memory
