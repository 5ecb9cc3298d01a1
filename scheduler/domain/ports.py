"""What the core needs of the world, as protocols: a clock, a wire, a platform, a ledger and two small stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Capabilities, Limits, Setting
from scheduler.domain.content import Content, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt, Status
from scheduler.domain.hold import Subject
from scheduler.errors import PublishError, Rejected

if TYPE_CHECKING:
    from mmap import mmap

    import requests


class Clock(Protocol):
    """The time. Everything that waits, waits through it, so that a rehearsal can run a day in seconds."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back after that many seconds of this clock."""
        ...


class Reply(Protocol):
    """What a server answered, after the wire has ruled out failures."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; look-up ignores case."""
        ...

    @property
    def text(self) -> str:
        """The body as text, cut to a bound."""
        ...

    def json(self) -> Any:
        """Return the body read as JSON.

        Raise OutcomeUnknown (after a committing call) or Unavailable if it is not JSON.
        """
        ...

    def field(self, *path: str) -> str:
        """Return the text found in the JSON body under these keys, a number as text.

        Raise OutcomeUnknown (after a committing call) or Unavailable if it is missing, empty or something else.
        """
        ...

    def problem(self, message: str) -> PublishError:
        """Return (not raise) the error for a reply that does not say what it should: by whether it may be out."""
        ...


Explain = Callable[[Reply], PublishError | None]
"""A platform's own reading of a failed reply (any status from 300): its error, or None for the wire's reading."""


class Wire(Protocol):
    """The only door to one account's server. Its methods raise a PublishError or return."""

    @property
    def resting_until(self) -> datetime | None:
        """Until when the account must rest (aware, UTC), None if it need not.

        The last reply that told how many calls remain said that none do, and when more will be allowed.
        """
        ...

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
        files: Mapping[str, tuple[str, bytes | mmap, str]] | None = None,
        body: bytes | mmap | None = None,
        headers: Mapping[str, str] | None = None,
        upload: bool = False,
    ) -> Reply:
        """Make one call and return a reply with a status under 300.

        `path` is joined to the account's server. `commit` marks the one call of a part that makes it public: just
        before it the last look is taken, and from then on an outcome that cannot be told raises OutcomeUnknown.
        `upload` allows it longer; a film among `files` is sent piece by piece. Redirects are followed only where
        nothing is written.

        Raise Unavailable: nothing was sent. OutcomeUnknown: it may be out. Rejected, Unauthorised, RateLimited: the
        server said so. Whatever the last look raises passes through.
        """
        ...

    def session(self) -> requests.Session:
        """Return the session under this door, for a library that makes its own calls (tweepy)."""
        ...

    def commit(self, explain: Explain | None = None) -> AbstractContextManager[None]:
        """Mark the one call that a library makes within this block through `session()` as the committing one.

        Transport failures and failed replies raise inside the library as PublishError, as `request` raises them.
        """
        ...


class Sessions(Protocol):
    """Log-ins worth keeping between runs, outside the ledger; readable by the daemon's user only."""

    def load(self, account: str) -> Mapping[str, str]:
        """Return what was stored for the account, or an empty mapping."""
        ...

    def store(self, account: str, values: Mapping[str, str]) -> None:
        """Keep these values for the account, in place of what was there; an empty mapping forgets them."""
        ...


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture made fit for a channel, or a film. `width` and `height` are pixels.

    The content of a film is a mapping of its file, so that hundreds of megabytes need no memory; it may be sliced.
    """

    content: bytes | mmap
    content_type: str
    width: int
    height: int


def _refuse_media(media: Media) -> str:
    raise Rejected(f"{media.path} cannot be sent from here.")


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a platform may use for one account and, while publishing or finding, one delivery.

    `key` is the delivery's key and never changes between attempts; `created_at` was fixed when the claim was stored;
    `sent_after` is when the last attempt at this part began (for finding; an earlier one began after `created_at`);
    `earlier` are the receipts of the parts before; `secret(name)` returns the value of a secret setting or raises
    Unauthorised; `open_media` returns a picture's bytes within the platform's limits or raises Rejected; `bound` are
    the remote ids that the ledger already knows for this account, so that a listing cannot take another entry's post
    for this one.

    `open_captions` returns the captions of a film as text in the form that the platform declares; `find_address` puts a
    picture or film where the platform can fetch it and returns its public address; both raise Rejected or Unavailable.
    `kept` is what `keep` put on record for this part at an earlier call, whichever attempt made it: `keep` is on disk
    when it returns, and takes the place of what was kept before. `not_after` is the last moment at which the delivery
    may be posted, aware, UTC; None where it is only looked for.
    """

    account: Account
    wire: Wire
    clock: Clock
    sessions: Sessions
    secret: Callable[[str], str]
    open_media: Callable[[Media], MediaFile]
    limits: Limits
    key: str = ""
    created_at: datetime | None = None
    sent_after: datetime | None = None
    earlier: tuple[Receipt, ...] = ()
    bound: Callable[[], frozenset[str]] = frozenset
    open_captions: Callable[[Media], str] = _refuse_media
    find_address: Callable[[Media], str] = _refuse_media
    kept: Mapping[str, str] = field(default_factory=dict)
    keep: Callable[[Mapping[str, str]], None] = lambda _: None
    not_after: datetime | None = None


class Platform(Protocol):
    """One channel: data about it, a pure rendering, and the calls that make a part public."""

    @property
    def name(self) -> str:
        """The word in `platform:`."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    @property
    def server(self) -> str:
        """The address of the real service; an account's `server` setting replaces it. Empty: the account must say.

        A platform without one may have `server_example`, the address that an example of its settings shows.
        """
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry."""
        ...

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Its own settings; `platform` and `server` are common to all."""
        ...

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return what will be sent, without any secret; equal input gives equal output. Raise Rejected if it can't.

        Each part says exactly the text of the content's, and has its media and the addresses in its text as `links`.
        """
        ...

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Make one part public with exactly one committing call, the last, and return its receipt.

        Raise a PublishError otherwise.
        """
        ...


@runtime_checkable
class Finds(Protocol):
    """A platform that can look whether a part is out."""

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Return the receipt if the part is out, else what that means. Raise a PublishError if it cannot look.

        ABSENT says that it may be sent again: it is certainly not out, or its key is remembered long enough from the
        earlier of `created_at` and `sent_after`. All else that was not found is UNSURE.
        """
        ...


@runtime_checkable
class TellsLimits(Protocol):
    """A platform whose servers tell their own limits."""

    def read_limits(self, context: Context) -> Limits:
        """Return the limits by the names the capabilities use. Raise a PublishError if they cannot be had."""
        ...


@runtime_checkable
class WhoAmI(Protocol):
    """A platform that can say whose credentials these are."""

    def who_am_i(self, context: Context) -> str:
        """Return the account's public name. Raise Unauthorised if the credentials are not good."""
        ...


@runtime_checkable
class Retracts(Protocol):
    """A platform that can take a post back."""

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Take a part back; one that is gone already counts as taken back. Raise a PublishError if it cannot be."""
        ...


@runtime_checkable
class Verifies(Protocol):
    """A platform that can say whether a post is still there."""

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether a part is still to be seen. Raise a PublishError if that cannot be told."""
        ...


@runtime_checkable
class Refreshes(Protocol):
    """A platform whose tokens end, and can be exchanged for new ones before they do."""

    def refresh(self, context: Context) -> datetime | None:
        """Get a new token if it is time to, keep it in `context.sessions`, and return when it ends (aware, UTC).

        None if that is not told. Raise Unauthorised if a person must log in again.
        """
        ...


@runtime_checkable
class TellsEnd(Protocol):
    """A platform that can say until when an account's credentials are good."""

    def read_end(self, context: Context) -> datetime | None:
        """Return when they end (aware, UTC), None if they do not. Raise a PublishError if that cannot be told."""
        ...


class Channel(Protocol):
    """One account, ready to be used: its platform, its limits, and a way to open its door."""

    @property
    def account(self) -> Account:
        """The account."""
        ...

    @property
    def platform(self) -> Platform:
        """Its platform."""
        ...

    def limits(self) -> Limits:
        """Return what its instance told of its limits, from the cache; empty if it was never asked."""
        ...

    def refresh_limits(self) -> None:
        """Ask the instance for its limits, unless it was asked lately or tells none. `limits` returns them then.

        Cheap enough for every delivery: an answer lasts a day, one without limits ten minutes, and a failure, which is
        then raised again, from half a minute to ten. Raise a PublishError if they cannot be had, and nothing else.
        """
        ...

    def fingerprint(self) -> str:
        """Return a word that changes when a secret of the account does. It tells nothing of the secret."""
        ...

    def open(self, last_look: Callable[[], None], **about: Any) -> AbstractContextManager[Context]:
        """Return a context for one delivery; `about` are the fields of Context from `key` on.

        Raise Unauthorised if a secret cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one delivery, as long as its owner and attempt are those in the ledger."""

    key: str
    owner: str
    attempt: int
    account: str
    subject: Subject
    due: datetime
    not_after: datetime
    created_at: datetime
    prepared: Prepared
    even_late: bool
    receipts: tuple[Receipt, ...] = ()
    kept: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


class Withdrawn(Exception):
    """The last look said no. `status` is what the delivery becomes: held, missed, or claimed (by somebody else)."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record. `seq` counts from 1; `at` is UTC; `detail` is plain JSON."""

    seq: int
    at: datetime
    kind: str
    key: str | None
    who: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of a daemon, or the mark that a round which is over left; times are UTC."""

    owner: str
    host: str
    process: int
    started_at: datetime
    beat_at: datetime
    next_due: datetime | None
    detail: Mapping[str, Any]

    @property
    def is_round(self) -> bool:
        """Return whether it is the mark of `campaign run --once`."""
        return bool(self.detail.get("once"))
