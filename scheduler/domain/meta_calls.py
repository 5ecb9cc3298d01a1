"""The calls of one account of a service of Meta's, with its token, and the token's renewal.

A token always goes in a header, never into an address, but where it is itself what a call is about.
Sources, checked on 25 November 2026: Meta's pages on paging, on debugging tokens, and on long-lived tokens of the
Instagram API with Instagram Login and of Threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.meta_graph import NothingThere, explain_refusal, read_time
from scheduler.errors import PublishError, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

POSTS_A_DAY, REPLIES_A_DAY = "posts_a_day", "replies_a_day"
"""What the quotas that Meta tells of an account are called among its limits."""

_PAGE, _PAGES = "100", 5  # what is listed at once, and how far back a look goes
_RENEWED_EVERY = timedelta(days=7)
_TOO_YOUNG = timedelta(hours=25)  # a token is renewed when it is a day old, not before
_LIFETIME = timedelta(days=60)


class GraphCalls:
    """One account's calls. `host` takes the place of the account's server where it is not empty."""

    def __init__(self, context: Context, service: str, version: str, host: str = "") -> None:
        self.context = context
        self.service = service
        self._host = host
        self._version = version
        self._token = _find_token(context)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Make a call that changes nothing."""
        return self.send("GET", f"/{self._version}{path}", query=query)

    def post(self, path: str, form: Mapping[str, str], *, commit: bool = False, **request: Any) -> Reply:
        """Make a call that changes something; `request` as the wire takes it."""
        return self.send("POST", f"/{self._version}{path}", form=form, commit=commit, **request)

    def send(self, method: str, path: str, *, scheme: str = "Bearer", **request: Any) -> Reply:
        """Make a call to a path that holds the version already, or to a whole address."""
        address = path if "://" in path else f"{self._host}{path}"
        headers = {**request.pop("headers", {}), "Authorization": f"{scheme} {self._token}"}
        return self.context.wire.request(method, address, headers=headers, explain=self._explain, **request)

    def list_objects(self, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Go through a listing, page by page, as it comes."""
        asked = {"limit": _PAGE, **query}
        for _ in range(_PAGES):
            reply = self.get(path, asked)
            page = read_answer(reply)
            if not isinstance(page.get("data"), list):
                raise reply.problem("answered a question about what was posted with something else")
            yield from read_objects(page, "data")
            paging = read_object(page, "paging")
            after = str(read_object(paging, "cursors").get("after") or "")
            if not after or not paging.get("next"):
                return
            asked = {**asked, "after": after}

    def exists(self, number: str) -> bool:
        """Return whether an object is there, as far as the token may see it."""
        try:
            return bool(self.get(f"/{number}", {"fields": "id"}).field("id"))
        except NothingThere:
            return False

    def delete(self, number: str) -> None:
        """Delete an object; one that is gone already counts. Raise Unauthorised if it is there and may not be."""
        try:
            reply = self.send("DELETE", f"/{self._version}/{number}")
        except NothingThere:
            if self.exists(number):
                message = f"{self.service} does not let {self.context.account.name} delete {number}."
                raise Unauthorised(f"{message} Check the permissions of the token.", retry=True) from None
            return
        if read_answer(reply).get("success") is not True:
            raise reply.problem("does not say that it was deleted")

    def read_debugged_end(self) -> datetime | None:
        """Return when the token ends (aware, UTC), as Facebook tells of its own; None if it does not.

        Some tokens may not ask about themselves. Those of pages and system users, which are what is used, do not end.
        """
        try:
            reply = self.get("/debug_token", {"input_token": self._token})
        except Rejected:
            return None
        told = read_object(read_answer(reply), "data")
        if told.get("is_valid") is False:
            raise Unauthorised(f"{self.service} says that the token of {self.context.account.name} has ended.")
        ends = told.get("expires_at")
        if not isinstance(ends, int) or isinstance(ends, bool) or ends < 0:
            raise reply.problem("does not say when the token ends")
        return datetime.fromtimestamp(ends, UTC) if ends else None

    def renew_token(self, grant: str) -> datetime:
        """Exchange the token for one that lasts longer if it is time to; return when it ends (aware, UTC)."""
        kept, now = _load_kept(self.context), self.context.clock.now()
        ends, renewed = read_time(kept.get("ends")), read_time(kept.get("renewed"))
        if ends is not None and now >= ends:
            message = f"The token of {self.context.account.name} ended on {ends:%d %B %Y}."
            raise Unauthorised(f"{message} {self.service} renews none that has ended: make a new one.")
        if ends is not None and renewed is not None and now < renewed + _RENEWED_EVERY:
            return ends
        try:
            query = {"grant_type": grant, "access_token": self._token}
            reply = self.send("GET", "/refresh_access_token", query=query)
        except Rejected as refusal:
            return self._allow_young(kept, now, refusal)
        token, seconds = _read_token(reply)
        lasts = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _LIFETIME
        ends = now + lasts
        _keep(self.context, {"token": token, "ends": ends.isoformat(), "renewed": now.isoformat()})
        self._token = token
        return ends

    def _allow_young(self, kept: Mapping[str, str], now: datetime, refusal: Rejected) -> datetime:
        """Return the least that a token lasts which may be too young to be renewed. Raise the refusal if it is not."""
        seen = read_time(kept.get("seen")) or now
        if kept.get("renewed") or now >= seen + _TOO_YOUNG:
            raise refusal
        _keep(self.context, {"seen": seen.isoformat()})
        return seen + _LIFETIME - _TOO_YOUNG

    def _explain(self, reply: Reply) -> PublishError | None:
        account, now = self.context.account.name, self.context.clock.now()
        return explain_refusal(reply, self.service, account, now)


def read_quota(reply: Reply) -> dict[str, int]:
    """Return how many posts a day an account may make, and how many replies if the answer tells that."""
    for told in read_objects(read_answer(reply), "data"):
        if posts := _read_total(told, "config"):
            replies = _read_total(told, "reply_config")
            return {POSTS_A_DAY: posts, **({REPLIES_A_DAY: replies} if replies else {})}
    raise Unavailable("The answer about the account's limit says none.")


def _read_total(told: Mapping[str, Any], name: str) -> int:
    total = read_object(told, name).get("quota_total")
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else 0


# --- Tokens that are kept --------------------------------------------------------------------------------------------


def _find_token(context: Context) -> str:
    """Return the token that took the place of the configured one, or that one."""
    return _load_kept(context).get("token") or context.secret("token").strip()


def _read_token(reply: Reply) -> tuple[str, Any]:
    """Return a new token, and how many seconds it lasts. No error quotes an answer that holds one.

    Not from the reply's text, in which the old one is blotted out: the new one may be the same.
    """
    try:
        answer = reply.json()
    except PublishError:
        answer = None
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise reply.problem("answered without a token")
    return token, answer.get("expires_in")


def _load_kept(context: Context) -> Mapping[str, str]:
    """Return what is kept of the configured token. Another one, or another server, begins anew."""
    kept = context.sessions.load(context.account.name)
    return kept if all(kept.get(name) == value for name, value in _describe(context).items()) else {}


def _keep(context: Context, values: Mapping[str, str]) -> None:
    context.sessions.store(context.account.name, {**_describe(context), **values})


def _describe(context: Context) -> dict[str, str]:
    digest = sha256(context.secret("token").strip().encode()).hexdigest()
    return {"server": context.account.server, "of": digest[:16]}
