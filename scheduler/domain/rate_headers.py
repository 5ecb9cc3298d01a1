"""What a server's headers say of its rate limits: whether any call remains, and when to ask again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_REST = timedelta(days=1)
"""A server that wants more is asked again then: no service limits posts by more than a day."""
_FAMILIES = ("x-rate-limit", "ratelimit", "x-ratelimit")  # X; Bluesky and the drafts of the IETF; Mastodon

# Meta's Graph API: developers.facebook.com/docs/graph-api/overview/rate-limiting, checked on 25 November 2026.
_USAGE = ("X-Business-Use-Case-Usage", "X-App-Usage", "X-Page-Usage")
_SHARES = ("call_count", "total_time", "total_cputime")  # each in per cent of what is allowed
_UNTOLD_REST = timedelta(minutes=10)  # of a limit by the hour that does not say when it ends


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when to rest (aware, UTC), None if calls remain."""

    until: datetime | None


def read_rest(headers: Mapping[str, str], now: datetime) -> Rest | None:
    """Return whether these headers ask for a rest; None if they do not say how many calls remain."""
    remaining = {family: headers.get(f"{family}-remaining", "").strip() for family in _FAMILIES}
    if not any(remaining.values()):
        return read_usage(headers, now)
    resets = [_read_reset(headers, family, now) for family, calls in remaining.items() if calls == "0"]
    return Rest(max((reset for reset in resets if reset is not None), default=None))


def read_usage(headers: Mapping[str, str], now: datetime) -> Rest | None:
    """Return whether Meta's headers of usage say that all is used up, and until when; None if there are none."""
    told = [value for name in _USAGE if (value := headers.get(name, "").strip())]
    if not told:
        return None
    ends = [end for value in told for usage in _list_usages(value) if (end := _read_end(usage, now)) is not None]
    return Rest(max(ends, default=None))


def _list_usages(value: str) -> list[dict[str, Any]]:
    """Return each count in a header of usage: it is one itself, or holds a list of them for each page or account."""
    try:
        whole = json.loads(value)
    except ValueError:
        return []
    if not isinstance(whole, dict):
        return []
    lists = [each for each in whole.values() if isinstance(each, list)]
    return [usage for usages in lists for usage in usages if isinstance(usage, dict)] or [whole]


def _read_end(usage: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when calls are allowed again, None if they are now."""
    minutes = usage.get("estimated_time_to_regain_access")
    if isinstance(minutes, int) and minutes > 0:
        return _bound(now.timestamp() + minutes * 60, now)
    shares = [share for name in _SHARES if isinstance(share := usage.get(name), int | float)]
    return now + _UNTOLD_REST if max(shares, default=0) >= 100 else None


def read_retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when a server wants to be asked again (aware, UTC), from `Retry-After` or a `…ratelimit-reset` header.

    None if it does not say; never more than LONGEST_REST ahead.
    """
    after = headers.get("Retry-After", "").strip()
    try:
        return _bound(now.timestamp() + max(float(after), 0.0), now)
    except ValueError:
        pass
    try:
        return _bound(parsedate_to_datetime(after).timestamp(), now)
    except (ValueError, TypeError, OverflowError):
        resets = (_read_reset(headers, family, now) for family in _FAMILIES)
        return next((reset for reset in resets if reset is not None), None)


def _read_reset(headers: Mapping[str, str], family: str, now: datetime) -> datetime | None:
    """Return when a family of rate headers starts anew (aware, UTC); None if it does not say.

    Unix seconds (X, Bluesky), seconds from now (drafts of the IETF) and ISO 8601 (Mastodon) are all in use.
    """
    value = headers.get(f"{family}-reset", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return _bound((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), now)
    return _bound(seconds if seconds > 1e9 else now.timestamp() + seconds, now)


def _bound(seconds: float, now: datetime) -> datetime | None:
    """Return a moment given in Unix seconds, at most LONGEST_REST ahead; None for what is no number."""
    latest = (now + LONGEST_REST).timestamp()
    return datetime.fromtimestamp(min(seconds, latest), UTC) if seconds >= 0 else None
