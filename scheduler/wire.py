"""The only HTTP door. It knows which failures prove that nothing was sent, and which leave a post in doubt.

What `requests` raises does not tell them apart (one class, ConnectionError, covers a refused connection and a lost
reply; measured with requests 2.34 and urllib3 2.8). So the connection says when a request starts to leave the machine:
what fails before that was not sent.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import requests

from scheduler.connections import Deadline, TellingAdapter
from scheduler.domain.ports import Explain
from scheduler.domain.rate_headers import Rest, read_rest, read_retry_after
from scheduler.domain.trusted_hosts import keep_log_in_home
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.masking import Mask
from scheduler.multipart import Files, StreamedForm, holds_film

if TYPE_CHECKING:
    from mmap import mmap

BODY_LIMIT = 8 * 2**20
"""Bytes of a reply, unpacked. No service answers a post with a hundredth of it."""
_BODY_SHOWN = 300
_MOVED = frozenset({301, 302, 307, 308})  # the request was not acted on; 303 can mean that it was
_TAGS = re.compile(r"<[^>]*>")

LastLook = Callable[[], None]
"""Called just before a committing call; whatever it raises keeps the call from being made."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, and for each piece of an answer (longer after an upload).

    A whole call, from its connection to the end of the answer, may last `whole` times as long as a piece.
    """

    connect: float = 10.0
    read: float = 30.0
    upload: float = 120.0
    whole: float = 4.0


class HttpReply:
    """What a server answered. `committing` says whether the call was the one that may have posted."""

    def __init__(self, response: requests.Response, *, committing: bool, mask: Callable[[str], str]) -> None:
        self._response = response
        self._committing = committing
        self._mask = mask

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; look-up ignores case."""
        return self._response.headers

    @property
    def text(self) -> str:
        """The body as text, cut to BODY_LIMIT, every secret that this account sent blotted out."""
        return self._mask(self._response.content.decode("utf-8", "replace"))

    def json(self) -> Any:
        """Return the body read as JSON, that of a failure without secrets, since its words are for people.

        Raise OutcomeUnknown or Unavailable if it is not JSON.
        """
        try:
            return json.loads(self._response.content if self.status < 300 else self.text)
        except (ValueError, RecursionError):
            raise self.problem(f"answered something that is not JSON: {self.excerpt()}") from None

    def field(self, *path: str) -> str:
        """Return the text or number found in the JSON body under these keys, as text."""
        value = self.json()
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int | str) and not isinstance(value, bool) and str(value):
            return str(value)
        raise self.problem(f"answered without '{'.'.join(path)}': {self.excerpt()}")

    def problem(self, message: str) -> PublishError:
        """Return the error for a reply that does not say what it should."""
        words = self._mask(f"{_host(self._response.url)} {message}")
        if self._committing:
            return OutcomeUnknown(f"{words}. The post may be out.")
        return Unavailable(words)

    def excerpt(self) -> str:
        """Return the beginning of the body, on one line, without markup or secrets."""
        # Blotted out before anything is cut, lest half a secret be left, and after, lest markup hid one.
        words = self._mask(" ".join(_TAGS.sub(" ", self.text[:4000]).split()))
        return words[:_BODY_SHOWN] or "(nothing)"


class _Session(requests.Session):
    """A session that rewrites addresses to one server, always has a time-out, and obeys the commit mark.

    The address is rewritten here and not in an adapter: OAuth 1.0a signs what it sees after this.
    """

    def __init__(self, wire: HttpWire) -> None:
        super().__init__()
        self._wire = wire
        self.trust_env = False  # read once here, not at every call; a .netrc must not add a password
        self.proxies.update(requests.utils.get_environ_proxies(wire.server or "https://localhost"))
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self.headers["User-Agent"] = "campaign-scheduler"
        self.mount("https://", TellingAdapter(wire.note_connection, wire.note_leaving))
        self.mount("http://", TellingAdapter(wire.note_connection, wire.note_leaving))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        method, url = str(method).upper(), self._wire.rewrite(str(url))
        reading = method in {"GET", "HEAD"}
        patience = self._wire.patience
        kwargs["allow_redirects"] = reading and kwargs.get("allow_redirects", True)
        kwargs["timeout"] = kwargs.get("timeout") or (patience.connect, patience.read)
        kwargs["stream"] = True
        committing = self._wire.begin_call()
        if committing:
            self._wire.last_look()
        self.close_idle()
        response, whole = self._call(method, url, committing, args, kwargs)
        self._wire.check(response, committing=committing, whole=whole)
        return response

    def _call(
        self, method: str, url: str, committing: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[requests.Response, bool]:
        """Return the answer, and whether all of its body was read."""
        with self._wire.limit_call(kwargs["timeout"]) as deadline:
            try:
                response = super().request(method, url, *args, **kwargs)
                whole = _read_body(response)
            except requests.RequestException as failure:
                cause = requests.ReadTimeout() if deadline.has_passed else failure
                raise self._wire.explain_transport(cause, url, committing=committing) from None
            except UnicodeEncodeError:  # of a header, which holds Latin letters only
                message = "A secret of this account holds a character that none can hold. Set it anew."
                raise Unauthorised(message) from None
            if deadline.has_passed:  # an answer without a length ends where it is cut
                raise self._wire.explain_transport(requests.ReadTimeout(), url, committing=committing)
        return response, whole

    def close_idle(self) -> None:
        """Drop kept connections: on one that the server is just closing, as snac2 does untold, a call would be lost."""
        for adapter in self.adapters.values():
            adapter.close()


def _read_body(response: requests.Response) -> bool:
    """Read the body up to BODY_LIMIT, so that no server fills the memory. Return whether that is all of it."""
    body = bytearray()
    for piece in response.iter_content(65536):
        body += piece
        if len(body) > BODY_LIMIT:
            response.close()
            break
    response._content = bytes(body[:BODY_LIMIT])  # where requests keeps what it has read
    return len(body) <= BODY_LIMIT


class HttpWire:
    """Implements the port Wire for one account over HTTP. Not for use by two threads at once.

    Proxies (`HTTPS_PROXY`, `NO_PROXY` …) and `REQUESTS_CA_BUNDLE` are taken from the environment.
    """

    def __init__(
        self, server: str, *, last_look: LastLook, secrets: Sequence[str] = (), patience: Patience = Patience()
    ) -> None:
        self.server = server.rstrip("/")
        self.last_look = last_look
        self.patience = patience
        self.mask = Mask(secrets)
        self.trusted: Collection[str] = ()  # other hosts that may see the log-in
        self._marked = False
        self._left = False
        self._explain: Explain | None = None
        self._rest = Rest(None)
        self._deadline: Deadline | None = None
        self._session: _Session | None = None

    @property
    def resting_until(self) -> datetime | None:
        """Until when the account must rest (aware, UTC), by the last reply that told how many calls remain."""
        until = self._rest.until
        return until if until is not None and until > datetime.now(UTC) else None

    def session(self) -> requests.Session:
        """Return the session under this door, for a library that makes its own calls."""
        if self._session is None:
            self._session = _Session(self)
        return self._session

    @contextmanager
    def commit(self, explain: Explain | None = None) -> Iterator[None]:
        """Mark the one call made in this block through `session()` as the committing one."""
        self._marked, self._explain = True, explain
        try:
            yield
        finally:
            self._marked, self._explain = False, None

    def request(
        self,
        method: str,
        path: str,
        *,
        commit: bool = False,
        explain: Explain | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        json: Any = None,
        form: Sequence[tuple[str, str]] | Mapping[str, str] | None = None,
        files: Files | None = None,
        body: bytes | mmap | None = None,
        headers: Mapping[str, str] | None = None,
        upload: bool = False,
    ) -> HttpReply:
        """Make one call; see the port."""
        fields = list(form.items()) if isinstance(form, Mapping) else list(form or ())
        data: Any = fields if body is None else body
        if files and holds_film(files):
            data, files = StreamedForm(fields, files), None
            headers = {**(headers or {}), "Content-Type": data.content_type}
        address = path if "://" in path else self.server + path
        keep_log_in_home(address, self.server, self.trusted, headers)
        self._marked, self._explain = commit, explain
        try:
            response = self.session().request(
                method,
                address,
                params=query,
                json=json,
                data=data,
                files=files,
                headers=dict(headers or {}),
                timeout=(self.patience.connect, self.patience.upload if upload else self.patience.read),
            )
        finally:
            self._marked, self._explain = False, None
        return HttpReply(response, committing=commit, mask=self.mask)

    def close(self) -> None:
        """Give up every connection."""
        if self._session is not None:
            self._session.close()

    def rewrite(self, url: str) -> str:
        """Return the address on this account's server, whatever host a library built in."""
        parts, own = urlsplit(url), urlsplit(self.server)
        if not own.netloc or parts.netloc == own.netloc or not self._is_library_host(parts.netloc):
            return url
        return urlunsplit((own.scheme, own.netloc, own.path.rstrip("/") + parts.path, parts.query, ""))

    @staticmethod
    def _is_library_host(host: str) -> bool:
        return host in {"api.twitter.com", "api.x.com", "upload.twitter.com"}

    def begin_call(self) -> bool:
        """Return whether the call about to be made is the committing one; the mark is for one call."""
        marked, self._marked, self._left = self._marked, False, False
        return marked

    @contextmanager
    def limit_call(self, timeout: Any) -> Iterator[Deadline]:
        """Let the call made in this block last no longer than it may, given requests' `timeout`."""
        read = timeout[1] if isinstance(timeout, tuple) else timeout
        self._deadline = Deadline((read or self.patience.read) * self.patience.whole)
        self._deadline.start()
        try:
            yield self._deadline
        finally:
            self._deadline.end()
            self._deadline = None

    def note_connection(self, connection: socket.socket) -> None:
        """Hear of a connection that the call under way has made."""
        if self._deadline is not None:
            self._deadline.watch(connection)

    def note_leaving(self) -> None:
        """Hear that the request under way starts to leave: from now on it may reach the server."""
        self._left = True

    def explain_transport(self, failure: requests.RequestException, url: str, *, committing: bool) -> PublishError:
        """Return what a failure of the transport means: nothing was sent, or it may be out."""
        where = _host(url)
        if not self._left:
            return Unavailable(self.mask(f"{where} could not be reached ({_name(failure)}). Nothing was sent."))
        if committing:
            return OutcomeUnknown(
                self.mask(f"{where} did not answer to the end ({_name(failure)}). The post may be out.")
            )
        return Unavailable(self.mask(f"{where} did not answer to the end ({_name(failure)})."))

    def check(self, response: requests.Response, *, committing: bool, whole: bool) -> None:
        """Raise what a failed reply means; return for a status under 300 and a `whole` body."""
        # What was sent to log in (a session's token) is a secret of this account, too.
        self.mask.add_passing(str(response.request.headers.get("Authorization", "")).partition(" ")[2])
        self._rest = read_rest(response.headers, datetime.now(UTC)) or self._rest
        reply = HttpReply(response, committing=committing, mask=self.mask)
        if response.status_code >= 300:
            error = (self._explain(reply) if self._explain is not None else None) or _read_failure(reply)
            error.args = tuple(self.mask(word) if isinstance(word, str) else word for word in error.args)
            try:
                raise error
            finally:
                del error  # its traceback holds this frame: named here, it would keep the body until the collector runs
        if not whole:
            raise reply.problem(f"answered more than {BODY_LIMIT // 2**20} MB")


def _read_failure(reply: HttpReply) -> PublishError:
    words = f"answered {reply.status}: {reply.excerpt()}"
    whole_words = f"{_host(reply._response.url)} {words}"
    if reply.status in _MOVED:
        return Unavailable(f"{whole_words} (a redirect). Nothing was sent. Check the account's server setting.")
    if reply.status == 429:
        return RateLimited(whole_words, read_retry_after(reply.headers, datetime.now(UTC)))
    if reply.status == 401:
        return Unauthorised(whole_words)
    if reply.status < 400 or reply.status == 408 or reply.status >= 500:
        return reply.problem(words)
    return Rejected(whole_words)


def _name(failure: requests.RequestException) -> str:
    """Return a failure in words. Its own may quote an address with a token in it."""
    inner: Any = failure.args[0] if failure.args else failure
    reason = getattr(inner, "reason", None) or inner
    return {
        "NewConnectionError": "the connection was refused",
        "NameResolutionError": "its name is not known",
        "ConnectTimeoutError": "no connection in time",
        "ReadTimeoutError": "no answer in time",
        "ReadTimeout": "no answer in time",
        "ProtocolError": "the connection was cut",
        "ProxyError": "the proxy did not let it through",
        "SSLError": "no secure connection, or its certificate is not good",
    }.get(type(reason).__name__, type(failure if isinstance(reason, str) else reason).__name__)


def _host(url: str) -> str:
    """Return the host and port of an address, without a user or password written before them."""
    return urlsplit(url).netloc.rpartition("@")[2] or "the server"
