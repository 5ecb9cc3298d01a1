"""A missing server skips the tests that need it, with the reason; where servers are required it fails them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.servers.cache import ServerMissing, servers_required

Server = TypeVar("Server")


@contextmanager
def start_or_skip(starting: AbstractContextManager[Server]) -> Iterator[Server]:
    """Enter `starting` for the block; if it raises ServerMissing, skip the test, or fail with REQUIRE_SERVERS=1."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(starting)
        except ServerMissing as missing:
            if servers_required():
                pytest.fail(f"REQUIRE_SERVERS=1, and this server cannot be had: {missing}", pytrace=False)
            pytest.skip(f"this server cannot be had here: {missing}")
        yield server
