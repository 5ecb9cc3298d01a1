"""`python -m tests.servers.fetch`: fetch all test servers into the cache now, and say which cannot be had."""

from __future__ import annotations

import sys
import time

from tests.servers.bluesky import fetch_bluesky
from tests.servers.cache import ServerMissing, cache_folder
from tests.servers.lossy_proxy import fetch_mitmproxy
from tests.servers.meta_tables import fetch_meta_tables
from tests.servers.snac import fetch_snac2
from tests.servers.x_contract import fetch_x_contract

_FETCHED = {
    "Bluesky data server": fetch_bluesky,
    "snac2": fetch_snac2,
    "mitmproxy": fetch_mitmproxy,
    "X's OpenAPI contract": fetch_x_contract,
    "Meta's parameters": fetch_meta_tables,
}


def main() -> int:
    """Fetch everything and print a line for each; return 1 if something cannot be had."""
    print(f"Test servers go to {cache_folder()}")
    missing = 0
    for name, fetch in _FETCHED.items():
        begun = time.monotonic()
        try:
            fetch()
            print(f"{name}: there ({time.monotonic() - begun:.0f} s)", flush=True)
        except ServerMissing as reason:
            missing += 1
            print(f"{name}: MISSING: {reason}", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
