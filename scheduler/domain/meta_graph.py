"""What Meta's Graph API answers, for the channels that speak it: errors by their codes, times, and posts in a listing.

Sources, checked on 25 November 2026: Meta's pages on error handling and the error codes of the Instagram Platform and
of Threads; where the fact is somebody's report, it stands at the line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.answers import read_answer, read_object
from scheduler.domain.rate_headers import read_retry_after, read_usage
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

SKEW = timedelta(minutes=2)  # between Meta's clock and ours
_LARGE = 1000  # smaller subcodes mean something only together with their code


class NothingThere(Rejected):
    """There is no such object, or the token may not see it: Meta does not tell the two apart (100/33)."""


class ContainerLost(Unavailable):
    """What was made ready to be published is of no use any more; nobody has seen it."""


class ContainerDoubted(OutcomeUnknown):
    """What was to be published is said to be of no use, just as it was to be published: its own state tells more.

    An earlier call, whose reply was lost, may have published it meanwhile.
    """


class GraphError(NamedTuple):
    """An error as the Graph API tells it. `words` are Meta's, with what its support asks for."""

    code: int
    subcode: int
    words: str
    is_transient: bool


class Meaning(Enum):
    """What an error means to a post."""

    UNFIT = "it will never be taken"
    TOKEN = "the token is no good"  # noqa: S105  words, not a secret
    NOT_ALLOWED = "the account may not do this"
    TOO_MANY = "the account must rest"
    IN_DOUBT = "it may have been done"
    TWIN = "something like it is there"
    BLOCKED = "the action is blocked, or so it is said"
    NOT_READY = "what is to be published is not ready"
    LOST = "what is to be published is lost"
    MISSING = "there is no such object"


# By subcode or code. What stands in no line is UNFIT: too large, of the wrong shape, too long, against the rules …
_MEANINGS: Mapping[Meaning, frozenset[int]] = {
    Meaning.IN_DOUBT: frozenset({1, 2, 1363047, 1609010}),  # 1 and 2 came while the post went out (koala #699)
    Meaning.TWIN: frozenset({368, 506, 1366051}),
    Meaning.TOO_MANY: frozenset({4, 17, 32, 341, 613, 80001, 80002, 1390008, 2207042}),
    Meaning.BLOCKED: frozenset({2207051}),  # seen although the post was live (postiz PR 1681)
    Meaning.TOKEN: frozenset({102, 190}),
    Meaning.NOT_ALLOWED: frozenset({3, 10, *range(200, 300), 1404078, 2207050}),
    Meaning.NOT_READY: frozenset({2207027}),
    Meaning.LOST: frozenset({2207001, 2207003, 2207005, 2207020, 2207032, 2207053, 4279009}),
}
_BY_NUMBER = {number: meaning for meaning, numbers in _MEANINGS.items() for number in numbers}


def read_error(reply: Reply) -> GraphError | None:
    """Return the error in a failed reply, None if it tells none: a proxy's page, or nothing."""
    told = read_object(read_answer(reply), "error")
    code, subcode = (_read_number(told.get(name)) for name in ("code", "error_subcode"))
    said = " ".join(str(told.get("error_user_msg") or told.get("message") or "").split())[:300].rstrip(".")
    if not code and not said:
        return None
    number = f"{code}/{subcode}" if subcode else str(code)
    trace = f", fbtrace_id {told['fbtrace_id']}" if told.get("fbtrace_id") else ""
    return GraphError(code, subcode, f"{said or 'no words'} (code {number}{trace})", told.get("is_transient") is True)


def find_meaning(error: GraphError, status: int) -> Meaning | None:
    """Return what an error means, None where only its HTTP status tells."""
    if (error.code, error.subcode) == (100, 33):
        return Meaning.MISSING
    if error.subcode >= _LARGE and (meaning := _BY_NUMBER.get(error.subcode)):
        return meaning
    if meaning := _BY_NUMBER.get(error.code):
        return meaning
    if error.is_transient:
        return Meaning.IN_DOUBT
    if status == 401:
        return Meaning.TOKEN
    return None if status in {408, 429} or status >= 500 else Meaning.UNFIT


def explain_refusal(reply: Reply, service: str, account: str, now: datetime) -> PublishError | None:
    """Return what a failed reply of a service means for an account; None where the wire knows better."""
    error = read_error(reply)
    meaning = None if error is None else find_meaning(error, reply.status)
    if error is None or meaning is None:
        return None
    doubt = reply.problem(f"says: {error.words}")
    commits = isinstance(doubt, OutcomeUnknown)
    if meaning is Meaning.IN_DOUBT or (commits and meaning in {Meaning.TWIN, Meaning.BLOCKED}):
        return doubt
    if meaning in {Meaning.TOO_MANY, Meaning.BLOCKED}:
        return RateLimited(f"{service} asks {account} to rest: {error.words}.", _read_until(reply, now))
    words = f"{error.words}. Nothing was sent."
    if meaning is Meaning.TOKEN:
        return Unauthorised(f"{service} does not take the token of {account}: {words} Make a new one.")
    if meaning is Meaning.NOT_ALLOWED:
        hint = "Check the permissions of the app, and the role of whoever made the token."
        return Unauthorised(f"{service} does not let {account} do this: {words} {hint}", retry=True)
    if meaning is Meaning.NOT_READY:
        return Unavailable(f"{service} is still working on the media: {words}")
    if meaning is Meaning.LOST and commits:
        return ContainerDoubted(f"{service} does not publish what was made ready: {error.words}. It is looked at.")
    if meaning is Meaning.LOST:
        return ContainerLost(f"{service} cannot make this ready to be published: {words}")
    if meaning is Meaning.MISSING:
        return NothingThere(f"{service} has no such object, or does not show it to {account}: {error.words}.")
    return Rejected(f"{service} refused this: {error.words}.")


def _read_until(reply: Reply, now: datetime) -> datetime | None:
    usage = read_usage(reply.headers, now)
    return (usage.until if usage is not None else None) or read_retry_after(reply.headers, now)


def _read_number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


# --- Own posts in a listing ------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """How a listing names what it tells: the text, the time, and the address."""

    text: str
    time: str
    url: str

    @property
    def fields(self) -> str:
        """Return what to ask for."""
        return ",".join(["id", *(name for name in self if name)])


def read_beginning(context: Context) -> datetime:
    """Return from when on to look (aware, UTC): an attempt before the last one may be what went out."""
    times = [moment for moment in (context.created_at, context.sent_after) if moment is not None]
    if not times:
        raise ValueError("a look needs the moment at which its delivery was claimed or sent")
    return min(times).astimezone(UTC) - SKEW


def find_post(posts: Iterable[Mapping[str, Any]], text: str, names: Listed, context: Context) -> tuple[str, str] | None:
    """Return the id and address of the oldest post of these words, made since the claim, that nothing else claims."""
    began, ended, bound = read_beginning(context), context.clock.now() + SKEW, context.bound()
    wanted, found = normalise_text(text), []
    for post in posts:
        moment, number = read_time(post.get(names.time)), str(post.get("id") or "")
        ours = normalise_text(str(post.get(names.text) or "")) == wanted
        if ours and number and number not in bound and moment is not None and began <= moment <= ended:
            found.append((moment, number, str(post.get(names.url) or "") if names.url else ""))
    return min(found)[1:] if found else None


def normalise_text(text: str) -> str:
    """Return a text in the form in which ours is compared with Meta's: composed, with one kind of space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def read_time(value: Any) -> datetime | None:
    """Return a moment as the Graph API writes it, `2027-03-18T08:00:00+0000`; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
