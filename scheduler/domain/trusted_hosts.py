"""To which servers an account's log-in may go: its own, those that its platform names, those that a person wrote down.

Services answer with addresses to upload to. Were a log-in sent wherever such an answer points, whoever can write into
one would get it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from scheduler.domain.account import Account
from scheduler.errors import Unavailable

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1"})


@runtime_checkable
class NamesHosts(Protocol):
    """A platform whose service lives on more than one server."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The others that may see a log-in, with their ports if they are not 443; `.example.org` is any in there."""
        ...


def list_trusted(platform: object, account: Account) -> frozenset[str]:
    """Return the hosts that may see an account's log-in beside its own server."""
    named = platform.hosts if isinstance(platform, NamesHosts) else ()
    written = [_find_host(value) for value in account.settings.values() if "://" in value]
    return frozenset(host for host in (*named, *written) if host)


def keep_log_in_home(address: str, server: str, trusted: Collection[str], headers: Mapping[str, str] | None) -> None:
    """Raise Unavailable if a call would take a log-in to a server that is not to see it."""
    if not any(name.lower() == "authorization" for name in headers or {}):
        return
    host, scheme = _find_host(address), address.partition(":")[0].lower()
    if host and host == _find_host(server) and scheme == server.partition(":")[0].lower():
        return
    named = host in trusted or any(host.endswith(each) for each in trusted if each.startswith("."))
    if named and (scheme == "https" or host.partition(":")[0] in _THIS_MACHINE):
        return
    raise Unavailable(f"The log-in of this account is not sent to {host or 'an address without a host'}.")


def _find_host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower().removesuffix(":443")
    except ValueError:  # brackets that are no host
        return ""
