"""LinkedIn's tokens: which one to use, when it ends, and a new one where the app may have refresh tokens.

A token lasts sixty days. Most apps get no refresh token: somebody has to log in again before the end.

Sources, checked on 25 November 2026: learn.microsoft.com, LinkedIn, "Token Introspection" and "Refresh Tokens with
OAuth 2.0".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scheduler.domain.answers import read_answer
from scheduler.errors import PublishError, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

SERVER, SIGN_IN = "https://api.linkedin.com", "https://www.linkedin.com"
_EARLY = timedelta(days=20)  # before its end a token is exchanged: well before anybody is warned

_CODE = re.compile(r"[a-z_]{3,40}")


def find_token(context: Context) -> str:
    """Return the token that took the place of the configured one, or that one."""
    return _load_kept(context).get("token") or context.secret("access_token").strip()


def renew_token(context: Context) -> datetime | None:
    """Exchange the token for a new one if it is time to, and return when it ends (aware, UTC).

    None if the account has no refresh token. Raise Unauthorised if that has ended as well.
    """
    secrets, client = context.account.secrets, context.account.settings.get("client_id", "")
    if not client or "client_secret" not in secrets or "refresh_token" not in secrets:
        return None
    kept, now = _load_kept(context), context.clock.now()
    ends = _read_time(kept.get("ends"))
    if ends is not None and now < ends - _EARLY:
        return ends
    refresh = kept.get("refresh") or context.secret("refresh_token").strip()
    answer = _ask(context, "accessToken", grant_type="refresh_token", refresh_token=refresh)
    token, seconds, next_refresh = (answer.get(each) for each in ("access_token", "expires_in", "refresh_token"))
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise Unavailable(f"LinkedIn answered {context.account.name} without a new token.")
    ends = now + timedelta(seconds=seconds)
    fresh = next_refresh if isinstance(next_refresh, str) and next_refresh else refresh
    values = {"token": token, "refresh": fresh, "ends": ends.isoformat()}
    context.sessions.store(context.account.name, {**_describe(context), **values})
    return ends


def read_end(context: Context) -> datetime | None:
    """Return when the token ends (aware, UTC); None if the account has no client secret to ask with."""
    if not context.account.settings.get("client_id") or "client_secret" not in context.account.secrets:
        return None
    answer = _ask(context, "introspectToken", token=find_token(context))
    if answer.get("active") is False:
        raise Unauthorised(f"LinkedIn says that the token of {context.account.name} has ended. Make a new one.")
    ends = answer.get("expires_at")
    if not isinstance(ends, int) or isinstance(ends, bool):
        raise Unavailable(f"LinkedIn does not say when the token of {context.account.name} ends.")
    return datetime.fromtimestamp(ends, UTC)


def _ask(context: Context, call: str, **form: str) -> Mapping[str, Any]:
    """Return what the server that gives tokens answers. Its words are not repeated where they may hold one."""
    server = SIGN_IN if context.account.server == SERVER else context.account.server
    about = {"client_id": context.account.settings["client_id"], "client_secret": context.secret("client_secret")}

    def explain(reply: Reply) -> PublishError | None:
        if reply.status not in {400, 401}:
            return None
        code = str(read_answer(reply).get("error") or "")
        words = (
            f"{code if _CODE.fullmatch(code) else reply.status}. Log in anew, and check client_id and client_secret."
        )
        return Unauthorised(f"LinkedIn does not take the log-in of {context.account.name}: {words}")

    reply = context.wire.request("POST", f"{server}/oauth/v2/{call}", form={**about, **form}, explain=explain)
    try:
        answer = reply.json()
    except PublishError:
        answer = None
    if not isinstance(answer, dict):
        raise reply.problem("answered a question about a token with something else")
    return answer


def _load_kept(context: Context) -> Mapping[str, str]:
    """Return what is kept of the configured token. Another one, or another server, begins anew."""
    kept = context.sessions.load(context.account.name)
    return kept if all(kept.get(name) == value for name, value in _describe(context).items()) else {}


def _describe(context: Context) -> dict[str, str]:
    names = [name for name in ("access_token", "refresh_token") if name in context.account.secrets]
    words = "\0".join(context.secret(name).strip() for name in names)
    return {"server": context.account.server, "of": sha256(words.encode()).hexdigest()[:16]}


def _read_time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
