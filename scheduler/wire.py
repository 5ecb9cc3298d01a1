"""The only HTTP door. It knows which failures prove that nothing was sent, and which leave a post in doubt.

Facts about what `requests` raises were measured against loopback sockets (requests 2.34, urllib3 2.8): one class,
ConnectionError, covers both a refused connection and a reply that was lost, so the inner reason is looked at.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from scheduler.domain.ports import Explain
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
UPLOAD_SECONDS = 120.0
_BODY_SHOWN = 300
_BODY_LIMIT = 8 * 2**20
_NEVER_SENT = (NewConnectionError, NameResolutionError, ConnectTimeoutError, SSLError)
_TAGS = re.compile(r"<[^>]*>")

LastLook = Callable[[], None]
"""Called just before a committing call; whatever it raises keeps the call from being made."""


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
        """The body as text."""
        return self._response.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON. Raise OutcomeUnknown or Unavailable if it is not JSON."""
        try:
            return json.loads(self._response.content)
        except ValueError:
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
        words = " ".join(_TAGS.sub(" ", self.text[:4000]).split())[:_BODY_SHOWN]
        return self._mask(words) or "(nothing)"


class _Session(requests.Session):
    """A session that rewrites addresses to one server, always has a time-out, and obeys the commit mark.

    The address is rewritten here and not in an adapter: OAuth 1.0a signs what it sees after this.
    """

    def __init__(self, wire: HttpWire) -> None:
        super().__init__()
        self._wire = wire
        self.trust_env = False  # read once below, not at every call; a .netrc must not add a password
        self.proxies.update(requests.utils.get_environ_proxies(wire.server or "https://localhost"))
        adapter = HTTPAdapter(max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        method, url = str(method).upper(), self._wire.rewrite(str(url))
        reading = method in {"GET", "HEAD"}
        kwargs["allow_redirects"] = reading and kwargs.get("allow_redirects", True)
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        committing = self._wire.take_mark()
        if committing:
            self._wire.last_look()
            self.close_idle()
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as failure:
            raise self._wire.explain_transport(failure, url, committing=committing) from None
        self._wire.check(response, committing=committing)
        return response

    def close_idle(self) -> None:
        """Drop kept connections: one that the server has closed would look like a lost reply."""
        for adapter in self.adapters.values():
            adapter.close()


class HttpWire:
    """Implements the port Wire for one account over HTTP. Not for use by two threads at once."""

    def __init__(self, server: str, *, last_look: LastLook, secrets: Sequence[str] = ()) -> None:
        self.server = server.rstrip("/")
        self.last_look = last_look
        self._secrets = secrets
        self._marked = False
        self._explain: Explain | None = None
        self._session: _Session | None = None
        self._lock = threading.Lock()

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
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        upload: bool = False,
    ) -> HttpReply:
        """Make one call; see the port."""
        self._marked, self._explain = commit, explain
        try:
            response = self.session().request(
                method,
                path if "://" in path else self.server + path,
                params=query,
                json=json,
                data=(list(form) if isinstance(form, Sequence) else form) if body is None else body,
                files=files,
                headers=dict(headers or {}),
                timeout=(CONNECT_SECONDS, UPLOAD_SECONDS if upload else READ_SECONDS),
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

    def take_mark(self) -> bool:
        """Return whether the call about to be made is the committing one; the mark is for one call."""
        marked, self._marked = self._marked, False
        return marked

    def mask(self, words: str) -> str:
        """Return the words with every secret of this account blotted out."""
        for secret in self._secrets:
            if secret and len(secret) > 3:
                words = words.replace(secret, "•••")
        return words

    def explain_transport(self, failure: requests.RequestException, url: str, *, committing: bool) -> PublishError:
        """Return what a failure of the transport means: nothing was sent, or it may be out."""
        where = _host(url)
        if _was_never_sent(failure):
            return Unavailable(self.mask(f"{where} could not be reached ({_name(failure)}). Nothing was sent."))
        if committing:
            return OutcomeUnknown(
                self.mask(f"{where} did not answer to the end ({_name(failure)}). The post may be out.")
            )
        return Unavailable(self.mask(f"{where} did not answer to the end ({_name(failure)})."))

    def check(self, response: requests.Response, *, committing: bool) -> None:
        """Raise what a failed reply means; return for a status under 300."""
        if response.status_code < 300:
            return
        reply = HttpReply(response, committing=committing, mask=self.mask)
        error = self._explain(reply) if self._explain is not None else None
        raise error or _read_failure(reply)


def _read_failure(reply: HttpReply) -> PublishError:
    words = f"{_host(reply._response.url)} answered {reply.status}: {reply.excerpt()}"
    if reply.status == 429:
        return RateLimited(words, read_retry_after(reply.headers, datetime.now(UTC)))
    if reply.status in {401}:
        return Unauthorised(words)
    if reply.status == 408 or reply.status >= 500:
        return reply.problem(f"answered {reply.status}: {reply.excerpt()}")
    if reply.status < 400:
        return Rejected(f"{words} (a redirect). Check the account's server setting.")
    return Rejected(words)


def read_retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when a server wants to be asked again, from `Retry-After` or a `…ratelimit-reset` header, if it says.

    Reset is in Unix seconds at some and ISO 8601 at others (Mastodon); both are read.
    """
    after = headers.get("Retry-After")
    if after is not None:
        try:
            return now + timedelta(seconds=min(float(after), 86400.0))
        except ValueError:
            try:
                return parsedate_to_datetime(after).astimezone(UTC)
            except (ValueError, TypeError):
                pass
    for name in ("x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset"):
        value = headers.get(name, "")
        try:
            return datetime.fromtimestamp(float(value), UTC) if value.isdigit() else datetime.fromisoformat(value)
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _was_never_sent(failure: requests.RequestException) -> bool:
    if isinstance(
        failure, requests.ConnectTimeout | requests.exceptions.InvalidURL | requests.exceptions.MissingSchema
    ):
        return True
    inner: Any = failure.args[0] if failure.args else None
    if isinstance(inner, MaxRetryError):
        inner = inner.reason
    return isinstance(inner, _NEVER_SENT)


def _name(failure: requests.RequestException) -> str:
    inner: Any = failure.args[0] if failure.args else failure
    reason = getattr(inner, "reason", None) or inner
    return {
        "NewConnectionError": "the connection was refused",
        "NameResolutionError": "its name is not known",
        "ConnectTimeoutError": "no connection in time",
        "ReadTimeoutError": "no answer in time",
        "ProtocolError": "the connection was cut",
        "SSLError": "its certificate is not good",
    }.get(type(reason).__name__, type(reason).__name__)


def _host(url: str) -> str:
    return urlsplit(url).netloc or "the server"
