"""What LinkedIn's Posts API answers: refusals by their codes, the twin of a post, and posts and comments in a listing.

Sources, checked on 25 November 2026: learn.microsoft.com, LinkedIn, "Error handling", "Posts API", "Comments API" and
"Versioning"; where the fact is somebody's report, it stands at the line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.little_text import read_little
from scheduler.errors import PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

SCOPES = "w_organization_social r_organization_social rw_organization_admin"
_SKEW = timedelta(minutes=2)  # between LinkedIn's clock and ours
_TWIN = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_VERSION = re.compile(r"version\b.*\bnot (?:active|supported)|NONEXISTENT_VERSION|VERSION_MISSING", re.IGNORECASE)


class Gone(Rejected):
    """LinkedIn has no such post or comment, or not any more."""


class Said(NamedTuple):
    """What LinkedIn said in a refusal; both are empty if it was not LinkedIn that answered."""

    codes: frozenset[str]
    words: str


def read_said(reply: Reply) -> Said:
    """Return the codes and the words of a refusal, also one of its log-in."""
    answer = read_answer(reply)
    inputs = read_objects(read_object(answer, "errorDetails"), "inputErrors")
    codes = {str(each.get("code") or "") for each in (answer, *inputs)}
    told = answer.get("message") or answer.get("error_description") or answer.get("error") or answer.get("code")
    return Said(frozenset(codes - {""}), " ".join(str(told or "").split())[:300].rstrip("."))


def read_twin(reply: Reply) -> str:
    """Return the post of which LinkedIn calls ours a double, "twin" if it names none; nothing if it does not say so.

    Composio issue 2710 has such answers; the twin may be a post that was deleted up to two days before.
    """
    said = read_said(reply)
    if reply.status not in {400, 409, 422} or not ("DUPLICATE_POST" in said.codes or "duplicate of urn:" in said.words):
        return ""
    named = _TWIN.search(said.words)
    return named[0] if named else "twin"


def explain_refusal(reply: Reply, account: str, now: datetime) -> PublishError | None:
    """Return what a failed reply means for an account; None where the wire knows better."""
    said = read_said(reply)
    if reply.status == 429:
        return _explain_limit(reply, said, account, now)
    if not said.words or reply.status >= 500 or reply.status == 408:
        return None
    words = f"{said.words}. Nothing was sent."
    if reply.status == 426 or (reply.status == 400 and _VERSION.search(" ".join([said.words, *said.codes]))):
        hint = f"Write a newer month as the 'version' of {account}."
        return Unauthorised(f"LinkedIn does not know this version of its interface: {words} {hint}", retry=True)
    if twin := read_twin(reply):
        return reply.problem(f"says that this is a double of {twin}")
    if reply.status == 401:
        return Unauthorised(f"LinkedIn does not take the token of {account}: {words} Make a new one.")
    if reply.status == 403:
        hint = f"Check its role on the page, and that its token has the scopes {SCOPES}."
        return Unauthorised(f"LinkedIn does not let {account} do this: {words} {hint}", retry=True)
    if reply.status == 404:
        return Gone(f"LinkedIn has no such thing: {said.words}.")
    if any("MEDIA_ASSET" in each or "PROCESSING" in each for each in (*said.codes, said.words)):
        return Unavailable(f"LinkedIn cannot show the pictures or the film yet: {words}")
    return Rejected(f"LinkedIn refused this: {said.words}.") if reply.status < 429 else None


def _explain_limit(reply: Reply, said: Said, account: str, now: datetime) -> PublishError | None:
    """Limits are by the day, and begin anew at midnight UTC; which they are, only the developer portal tells."""
    if reply.headers.get("Retry-After"):
        return None
    midnight = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return RateLimited(f"LinkedIn lets {account} do no more today: {said.words or 'no words'}.", midnight)


# --- Posts and comments that are there -------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A post or comment as LinkedIn lists it."""

    id: str
    author: str
    text: str
    created_at: datetime


def read_post(given: Mapping[str, Any]) -> Listed | None:
    """Return a post, None for what is none."""
    text = read_little(str(given.get("commentary") or ""))
    return _build(given.get("id"), given.get("author"), text, given.get("publishedAt") or given.get("createdAt"))


def read_comment(given: Mapping[str, Any], post: str) -> Listed | None:
    """Return a comment below a post, None for what is none."""
    number = given.get("id")
    text, created = read_object(given, "message").get("text"), read_object(given, "created").get("time")
    return _build(number and name_comment(post, str(number)), given.get("actor"), str(text or ""), created)


def name_comment(post: str, number: str) -> str:
    """Return the name of a comment below a post."""
    return f"urn:li:comment:({post},{number})"


def _build(number: Any, author: Any, text: str, milliseconds: Any) -> Listed | None:
    if not number or not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return Listed(str(number), str(author), text, datetime.fromtimestamp(milliseconds / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return None


def read_beginning(context: Context) -> datetime:
    """Return from when on to look (aware, UTC): an attempt before the last one may be what went out."""
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times).astimezone(UTC) - _SKEW


def find_ours(listed: Iterable[Listed | None], text: str, author: str, context: Context) -> Listed | None:
    """Return the oldest of these with our words, by our page, made since the claim, that nothing else claims."""
    began, ended, bound = read_beginning(context), context.clock.now() + _SKEW, context.bound()
    ours = [
        each
        for each in listed
        if each is not None and each.author == author and _normalise(each.text) == _normalise(text)
        if began <= each.created_at <= ended and each.id not in bound
    ]
    return min(ours, key=lambda each: each.created_at) if ours else None


def _normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
