"""Accounts' credentials, looked after before a post needs them: whose they are, when they end, and new ones in time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from scheduler.domain.ports import Channel, Refreshes, TellsEnd, WhoAmI
from scheduler.errors import PublishError

log = logging.getLogger(__name__)


class Ends(Protocol):
    """Where the ends of credentials are kept, by account, for those who must not ask the platform."""

    def load(self, account: str) -> Any:
        """Return what was stored, or an empty mapping."""
        ...

    def store(self, account: str, values: dict[str, str]) -> None:
        """Keep these values."""
        ...


class Credentials(NamedTuple):
    """What a platform said of an account: its public name, and when its credentials end (aware, UTC; None: not told).

    `problem` says why they are no good, or could not be looked at.
    """

    account: str
    platform: str
    who: str = ""
    ends: datetime | None = None
    problem: str = ""


def look_after(channel: Channel, ends: Ends) -> Credentials:
    """Ask an account's platform whose its credentials are, and get new ones if it is time to. Never raises."""
    name, platform = channel.account.name, channel.platform
    told = Credentials(name, platform.name)
    try:
        with channel.open(lambda: None) as context:
            until = platform.refresh(context) if isinstance(platform, Refreshes) else None
        with channel.open(lambda: None) as context:  # a new token is another session
            who = platform.who_am_i(context) if isinstance(platform, WhoAmI) else ""
            if until is None and isinstance(platform, TellsEnd):
                until = platform.read_end(context)
        told = told._replace(who=who, ends=until)
        ends.store(name, {} if until is None else {"ends_at": until.isoformat()})
    except PublishError as failure:
        return told._replace(problem=str(failure))
    except Exception as failure:  # one account's trouble is not another's
        log.exception("account=%s could not be looked at", name)
        return told._replace(problem=f"It could not be looked at: a fault in the program ({type(failure).__name__}).")
    return told


def look_after_all(channels: Mapping[str, Channel], ends: Ends) -> list[Credentials]:
    """Look after each account whose platform has credentials that end, one after the other."""
    return [
        look_after(channel, ends)
        for channel in list(channels.values())
        if isinstance(channel.platform, Refreshes | TellsEnd)
    ]


def read_end(ends: Ends, account: str) -> datetime | None:
    """Return when an account's credentials end (aware), as last told; None if that is not known."""
    try:
        moment = datetime.fromisoformat(ends.load(account)["ends_at"])
        return moment if moment.tzinfo is not None else None
    except (KeyError, TypeError, ValueError):
        return None
