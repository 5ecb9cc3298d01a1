"""References to secrets → their values, read when they are needed and kept nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from scheduler.domain.account import SecretRef
from scheduler.errors import Unauthorised


def read_secret(reference: SecretRef) -> str:
    """Return the value that a reference names. Raise Unauthorised, naming the reference only, if there is none."""
    readers = {"env": _read_environment, "file": _read_file, "keyring": _read_keyring}
    value = readers[reference.scheme](reference.name).strip()
    if not value:
        raise Unauthorised(f"The secret {reference} is empty. Set it, and the account goes on by itself.")
    return value


def _read_environment(name: str) -> str:
    if name not in os.environ:
        raise Unauthorised(f"The environment has no {name}. Set it for the daemon and start it again.")
    return os.environ[name]


def _read_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not text"
        raise Unauthorised(f"The secret file {name} cannot be read: {reason}.") from None


def _read_keyring(name: str) -> str:
    try:
        import keyring
    except ImportError:
        raise Unauthorised("The keyring is not installed: pip install 'campaign-scheduler[keyring]'.") from None
    service, _, user = name.partition("/")
    try:
        return keyring.get_password(service, user) or ""
    except Exception as failure:  # any back end may fail in its own way
        raise Unauthorised(f"The keyring cannot be read: {type(failure).__name__}.") from None
