"""Fixtures for all tests: the real servers. What each offers is written in `tests/servers/__init__.py`.

A server starts when the first test asks for it, and its module is imported then: most tests need none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.servers.requirement import start_or_skip

if TYPE_CHECKING:
    from tests.servers.bluesky import BlueskyServer
    from tests.servers.lossy_proxy import LossyProxy
    from tests.servers.mastodon_mock import MastodonMock
    from tests.servers.postgres import PostgresServer
    from tests.servers.snac import SnacServer
    from tests.servers.x import XServer

ProxyFor: TypeAlias = "Callable[[str], LossyProxy]"


@pytest.fixture(scope="session")
def bluesky() -> Iterator[BlueskyServer]:
    """A real Bluesky data server, without rate limits."""
    from tests.servers.bluesky import start_bluesky

    with start_or_skip(start_bluesky()) as server:
        yield server


@pytest.fixture(scope="session")
def snac2() -> Iterator[SnacServer]:
    """A real fediverse server that ignores Idempotency-Key."""
    from tests.servers.snac import start_snac2

    with start_or_skip(start_snac2()) as server:
        yield server


@pytest.fixture(scope="session")
def mastodon_mock() -> Iterator[MastodonMock]:
    """A Mastodon API that honours Idempotency-Key."""
    from tests.servers.mastodon_mock import start_mastodon_mock

    with start_or_skip(start_mastodon_mock()) as server:
        yield server


@pytest.fixture(scope="session")
def x_server() -> Iterator[XServer]:
    """X's API, held to X's contract."""
    from tests.servers.x import start_x

    with start_or_skip(start_x()) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL."""
    from tests.servers.postgres import start_postgres

    with start_or_skip(start_postgres()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def started_proxies() -> Iterator[ProxyFor]:
    """Proxies that stay up for the session, one for each upstream, since one takes a second to start."""
    from tests.servers.lossy_proxy import start_lossy_proxy

    proxies: dict[str, LossyProxy] = {}
    with ExitStack() as running:

        def find_proxy(upstream: str) -> LossyProxy:
            if upstream not in proxies:
                proxies[upstream] = running.enter_context(start_or_skip(start_lossy_proxy(upstream)))
            return proxies[upstream]

        yield find_proxy


@pytest.fixture
def lossy_proxy(started_proxies: ProxyFor) -> Iterator[ProxyFor]:
    """Give the base address of a server, get a proxy in front of it that has no faults set and has seen no request."""
    used: dict[str, LossyProxy] = {}

    def find_clean_proxy(upstream: str) -> LossyProxy:
        if upstream not in used:
            used[upstream] = started_proxies(upstream)
            used[upstream].clear()
        return used[upstream]

    yield find_clean_proxy
    for proxy in used.values():
        proxy.clear()
