"""Webhooks: an address that is itself the secret, since whoever knows it may post."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scheduler.errors import Unauthorised


def read_path(address: str, pattern: str, account: str, example: str) -> str:
    """Return the path and query of a webhook's address; which host they are on, the account's `server` says.

    Raise Unauthorised, without repeating it, if its path is not one that `pattern` matches as a whole.
    """
    try:
        parts = urlsplit(address.strip())
        fits = re.fullmatch(pattern, parts.path) is not None
    except ValueError:  # brackets that are no host
        fits = False
    if not fits:
        message = f"The webhook of {account} is not an address as the service gives it, such as {example}."
        raise Unauthorised(f"{message} Copy it anew, whole.")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
