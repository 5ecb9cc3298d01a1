"""What the YouTube Data API answers: refusals by their reasons, and what it says of a film and of comments.

Sources, checked on 25 November 2026: developers.google.com/youtube/v3/docs, "Errors", "Videos", "CommentThreads" and
"Quota and Compliance Audits"; developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.errors import PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

_SKEW = timedelta(minutes=2)  # between YouTube's clock and ours
_RECEIVED = re.compile(r"bytes=0-(\d+)")
_DAILY = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_MANY = frozenset({"uploadLimitExceeded", "uploadRateLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded"})
_MISSING = frozenset({"videoNotFound", "commentNotFound", "commentThreadNotFound", "notFound"})
_UNFIT = frozenset({"commentsDisabled", "ineligibleAccount", "processingFailure"})  # of the post, whatever the status
_RESTS = timedelta(hours=1)  # after a limit that is not told to end


class TokenEnded(Unauthorised):
    """YouTube does not take the access token, which lasts an hour; another one may be had."""


class Gone(Rejected):
    """YouTube has no such film or comment, or not any more."""


class AlreadyThere(Rejected):
    """The film has captions of this language."""


class Incomplete(Unavailable):
    """An upload wants more: `received` bytes are there."""

    def __init__(self, received: int) -> None:
        super().__init__(f"YouTube has {received:,} bytes of this upload and waits for more. Nothing was sent.")
        self.received = received


class UploadLost(Unavailable):
    """An upload that was begun cannot go on; nobody has seen it."""


def read_reason(reply: Reply) -> tuple[str, str]:
    """Return the reason of a refusal and its words; both empty if it was not YouTube that answered."""
    error = read_object(read_answer(reply), "error")
    reasons = [str(each.get("reason") or "") for each in read_objects(error, "errors")]
    words = " ".join(re.sub(r"<[^>]*>", "", str(error.get("message") or "")).split())[:300].rstrip(".")
    return (reasons[0] if reasons else ""), words


def explain_upload(reply: Reply) -> PublishError | None:
    """Return what an upload's own answers mean: 308 asks for more, 404 and 410 end it."""
    if reply.status == 308:
        received = _RECEIVED.fullmatch(reply.headers.get("Range", "").strip())
        return Incomplete(int(received[1]) + 1 if received else 0)
    if reply.status in {404, 410}:
        return UploadLost("YouTube does not know this upload any more. Nothing was sent; the next try begins anew.")
    return None


def explain_refusal(reply: Reply, account: str, now: datetime) -> PublishError | None:
    """Return what a failed reply means for an account; None where the wire knows better."""
    reason, words = read_reason(reply)
    if not words or reply.status in {408, 429} or reply.status >= 500:
        return None
    said = f"{words} ({reason or reply.status}). Nothing was sent."
    if reason in _DAILY:
        return RateLimited(f"The quota of {account} is used up: {said}", _find_reset(now))
    if reason in _TOO_MANY:
        return RateLimited(f"YouTube asks {account} to rest: {said}", now + _RESTS)
    if reply.status == 401:
        return TokenEnded(f"YouTube does not take the token of {account}: {said}", retry=True)
    if reply.status == 404 or reason in _MISSING:
        return Gone(f"YouTube has no such film or comment: {words} ({reason or reply.status}).")
    if reason == "captionExists":
        return AlreadyThere(f"YouTube has captions of this film already: {said}")
    if reply.status == 403 and reason not in _UNFIT:
        hint = "Check the permissions that were granted, the channel, and the project in Google's console."
        return Unauthorised(f"YouTube does not let {account} do this: {said} {hint}", retry=True)
    return Rejected(f"YouTube refused this: {words} ({reason or reply.status}).")


def _find_reset(now: datetime) -> datetime:
    """Return when quotas begin anew: at midnight Pacific time, which is at 8 in the morning UTC or an hour before."""
    reset = now.astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    return reset if reset > now else reset + timedelta(days=1)


# --- Films -----------------------------------------------------------------------------------------------------------


class Film(NamedTuple):
    """What YouTube says of a film: `upload` is how far it is made ready, `privacy` who can see it."""

    upload: str
    privacy: str
    why: str


def read_film(reply: Reply) -> Film | None:
    """Return what is said of the film that was asked for; None if there is none."""
    films = read_answer(reply).get("items")
    if not isinstance(films, list):
        raise reply.problem("answered a question about a film with something else")
    if not films:
        return None
    status = read_object(films[0], "status")
    why = str(status.get("rejectionReason") or status.get("failureReason") or "")
    film = Film(str(status.get("uploadStatus") or ""), str(status.get("privacyStatus") or ""), why)
    if not film.privacy:
        raise reply.problem("does not say who can see the film")
    return film


# --- Comments --------------------------------------------------------------------------------------------------------


def find_comment(reply: Reply, text: str, context: Context) -> str:
    """Return the id of the oldest of these comments with our words, made since the claim, that nothing else claims."""
    threads = read_answer(reply).get("items")
    if not isinstance(threads, list):
        raise reply.problem("answered a question about comments with something else")
    began, ended, bound = _read_beginning(context), context.clock.now() + _SKEW, context.bound()
    found = [
        (made, number)
        for number, words, made in map(_read_comment, threads)
        if number and number not in bound and made and began <= made <= ended and _normalise(words) == _normalise(text)
    ]
    return min(found)[1] if found else ""


def _read_comment(thread: Any) -> tuple[str, str, datetime | None]:
    comment = read_object(read_object(thread, "snippet"), "topLevelComment")
    snippet: Mapping[str, Any] = read_object(comment, "snippet")
    try:
        made = datetime.fromisoformat(str(snippet.get("publishedAt")))
    except ValueError:
        made = None
    words = str(snippet.get("textOriginal") or snippet.get("textDisplay") or "")
    return str(comment.get("id") or ""), words, made if made and made.tzinfo else None


def _read_beginning(context: Context) -> datetime:
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times).astimezone(UTC) - _SKEW


def _normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
