"""Every exception of the product. The class decides what happens next, never the message.

SchedulerError
├── ConfigError(problems)         exit 2   a file a person wrote cannot be used as it stands
│   └── NoSettings                         there is no file of settings at all
├── LedgerError                   exit 3   the ledger is locked, damaged, full or written by a newer version
├── AlreadyRunning                exit 4   another daemon works on this ledger
├── UsageError                    exit 2   a command was asked for what it cannot do
├── UnfitPicture                           a picture that is missing, damaged or none at all
├── LaneFailed                    exit 1   the program failed while sending: its next start finds out what became of it
└── PublishError                           settles one delivery; never stops the daemon
    ├── Rejected                           this post will never be accepted
    ├── Unauthorised                       this account waits until its secret changes
    ├── RateLimited(until)                 not sent; the account may send again at `until`
    ├── Unavailable                        nothing was sent; safe to repeat
    └── OutcomeUnknown                     it may be out: reconcile, then ask
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from scheduler.domain.problem import Problem


class SchedulerError(Exception):
    """Any failure the product knows. `str(error)` is a sentence for a person, without secrets."""

    exit_code: ClassVar[int] = 1


class ConfigError(SchedulerError):
    """Settings or calendars that cannot be used; `problems` holds every one found, each with its place."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class NoSettings(ConfigError):
    """There are no settings; `advice` is the lines that say how to begin, empty if the problem says it all."""

    def __init__(self, problem: Problem, advice: str) -> None:
        super().__init__([problem])
        self.advice = advice


class UsageError(SchedulerError):
    """A command asked for something that cannot be done; the message says what to do instead."""

    exit_code = 2


class UnfitPicture(SchedulerError):
    """A picture that cannot be used; the message says why and what to do.

    `passing` says that the file could not be reached, which may mend itself, and not that it is no good.
    """

    exit_code = 2

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class LaneFailed(SchedulerError):
    """The program itself failed while it was sending. It must end, so that what it had claimed is taken over."""


class LedgerError(SchedulerError):
    """The ledger cannot be read or written: locked, damaged, out of space or from a newer version."""

    exit_code = 3


class AlreadyRunning(LedgerError):
    """Another process publishes from this ledger."""

    exit_code = 4


class PublishError(SchedulerError):
    """One attempt on one delivery did not end as posted. `kind` is the word kept in the ledger."""

    kind: ClassVar[str] = "failed"


class Rejected(PublishError):
    """The platform, or our own check, will never accept this post as it stands."""

    kind = "rejected"


class Unauthorised(PublishError):
    """The account may not post, and nothing was sent: its secret is missing, wrong or ended.

    `retry` says that it may be mended without a new secret (credit bought, say), so that it is tried now and then.
    """

    kind = "unauthorised"

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


class RateLimited(PublishError):
    """Nothing was sent. `until` is when the account may try again (aware, UTC), or None if it was not told."""

    kind = "rate-limited"

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unavailable(PublishError):
    """Nothing was sent, and the same attempt may be repeated."""

    kind = "unavailable"


class HandedOver(PublishError):
    """Nothing was sent: words and pictures lie ready for a person, who is to post them and say where they are."""

    kind = "handed"


class OutcomeUnknown(PublishError):
    """The post may be out. It is never sent again blindly."""

    kind = "unknown"
