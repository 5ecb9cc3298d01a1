"""X's rate limits, counted per account and call, and told in the headers of every answer."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_WINDOW_SECONDS = 900.0
# Requests in 15 minutes for one user, as X documents them.
_LIMITS = {
    "POST /2/tweets": 100,
    "DELETE /2/tweets/{id}": 50,
    "GET /2/tweets/{id}": 900,
    "POST /2/media/subtitles": 100,
    "GET /2/users/me": 75,
    "GET /2/users/{id}/tweets": 900,
}
_OTHER_LIMIT = 500


@dataclass
class _Window:
    limit: int
    remaining: int
    reset: float


class XLimits:
    """One window of 15 minutes for each account and call, begun by its first request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Window] = {}

    def use(self, account: str, endpoint: str, now: float) -> tuple[bool, dict[str, str]]:
        """Count one request; return whether it is within the limit, and the headers that say what is left."""
        with self._lock:
            window = self._windows.get((account, endpoint))
            if window is None or window.reset <= now:
                limit = _LIMITS.get(endpoint, _OTHER_LIMIT)
                window = _Window(limit, limit, now + _WINDOW_SECONDS)
                self._windows[account, endpoint] = window
            within = window.remaining > 0
            window.remaining = max(0, window.remaining - 1)
            return within, _tell(window)

    def set_remaining(self, account: str, endpoint: str, remaining: int, reset: float) -> None:
        """Let the account have `remaining` requests left until `reset`, in Unix seconds."""
        limit = _LIMITS.get(endpoint, _OTHER_LIMIT)
        with self._lock:
            self._windows[account, endpoint] = _Window(limit, remaining, reset)


def _tell(window: _Window) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(window.limit),
        "x-rate-limit-remaining": str(window.remaining),
        "x-rate-limit-reset": str(int(window.reset)),
    }
