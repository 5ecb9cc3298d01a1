"""What Bluesky's servers answer, and mean when they say no: `{"error", "message"}`, for an ended token with HTTP 400.

Sources, checked on 25 November 2026: the lexicons of `bluesky-social/atproto`, and its data server 0.4.217 run locally.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.errors import OutcomeUnknown, PublishError, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Reply

_TOKEN_ENDED = frozenset({"ExpiredToken", "InvalidToken"})
_ACCOUNT_REFUSED = frozenset({"AccountTakedown", "AuthFactorTokenRequired", "AuthenticationRequired"})


class TokenEnded(Unavailable):
    """The server takes the token no more: nothing was done, and another token may mend it."""


class NotFound(Rejected):
    """There is no record of that key."""


class FilmKnown(Rejected):
    """The video service has this film already; `job` is the id of the work on it."""

    def __init__(self, message: str, job: str) -> None:
        super().__init__(message)
        self.job = job


def explain_call(reply: Reply, handle: str) -> PublishError | None:
    """Return what a refusal of a call about the account's records means, None if the wire is to read it."""
    name, words = read_refusal(reply)
    if name in _TOKEN_ENDED:
        return TokenEnded("Bluesky says that the log-in has ended. Nothing was sent.")
    if name == "RecordNotFound":
        return NotFound(words)
    if name == "InvalidSwap":
        return OutcomeUnknown(f"Something else is already at this post's place on Bluesky ({words}). It may be out.")
    if name == "BlobNotFound":  # swept since it was uploaded
        return Unavailable(f"Bluesky has lost a picture or film of this post ({words}). Nothing was sent.")
    if name in _ACCOUNT_REFUSED or (name and reply.status in {401, 403}):
        return Unauthorised(f"Bluesky does not let {handle} do this: {words}. Nothing was sent.")
    return Rejected(f"Bluesky refused this post: {words}.") if name else None


def explain_login(reply: Reply, handle: str, server: str) -> PublishError | None:
    """Return what a refused log-in means: it is the account's trouble, never the post's."""
    _, words = read_refusal(reply)
    if not words:
        return None
    return Unauthorised(
        f"{server} refused the log-in of {handle}: {words}. "
        "Check the account's handle, server and app_password, and whether the app password was revoked."
    )


def explain_refreshing(reply: Reply) -> PublishError | None:
    """Return what a refused refresh token means: whatever the words, another way to log in is left."""
    return TokenEnded() if read_refusal(reply)[1] else None


def explain_film(reply: Reply) -> PublishError | None:
    """Return what a refusal of the video service means. It is the film's trouble: posts without one still go out."""
    name, words = read_refusal(reply)
    job = str(read_answer(reply).get("jobId") or "")
    if name == "already_exists" and job:
        return FilmKnown(words, job)
    hint = "Check that the account's e-mail address is confirmed, or send the film later or elsewhere."
    return Rejected(f"Bluesky's video service refused the film of this post: {words}. {hint}") if words else None


def read_refusal(reply: Reply) -> tuple[str, str]:
    """Return the name of the server's error, empty if it has none, and its words.

    Both are empty if the server did not say no: what is busy, limited or broken is for the wire to read.
    """
    if reply.status < 400 or reply.status in {408, 429} or reply.status >= 500:
        return "", ""
    answer = read_answer(reply)
    name, message = (str(answer.get(field) or "") for field in ("error", "message"))
    words = " ".join((message or name or f"HTTP status {reply.status}").split())
    return name, words[:300].rstrip(".")


def read_job(reply: Reply, film: str) -> tuple[str, Mapping[str, Any]]:
    """Return the id of the video service's work on a film, and what posts name the film by, empty until it is ready.

    Raise Rejected if the service cannot use it.
    """
    answer = read_answer(reply)
    status = read_object(answer, "jobStatus") or answer  # documented within, and seen without
    job, blob = str(status.get("jobId") or ""), read_object(status, "blob")
    if status.get("state") == "JOB_STATE_FAILED" and not blob:
        told = " ".join(str(status.get("message") or status.get("error") or "it does not say why").split())
        raise Rejected(f"Bluesky cannot use the film {film}: {told[:300].rstrip('.')}. Export it anew, as MP4.")
    if not (job or blob):
        raise reply.problem("answered without 'jobId'")
    return job, blob


def read_place(reply: Reply) -> tuple[str, str]:
    """Return the address and the digest of the record that was written or read, the first one of several."""
    answer = read_answer(reply)
    made = next(iter(read_objects(answer, "results")), answer)
    uri, cid = (str(made.get(name) or "") for name in ("uri", "cid"))
    if not (uri and cid):
        raise reply.problem("answered without 'uri' and 'cid'")
    return uri, cid


def need_object(reply: Reply, name: str) -> Mapping[str, Any]:
    """Return the object under a name. Raise what the reply makes of it if there is none."""
    value = read_object(read_answer(reply), name)
    if not value:
        raise reply.problem(f"answered without '{name}'")
    return value
