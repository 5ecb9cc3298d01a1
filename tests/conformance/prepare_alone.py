"""Prepare a platform's samples in a process of its own that may not reach anything: python -m … NAME.

They are prepared twice: at the first time modules are loaded, which opens files; from then on, touching a network, a
program or a file ends the process.
"""

from __future__ import annotations

import sys

from scheduler.ledger.prepared import write_prepared
from scheduler.platforms import load_platform
from tests.conformance.samples import build_account, build_contents

FORBIDDEN = ("socket.", "subprocess.", "os.", "open", "shutil.", "sqlite3.", "urllib.")


def _forbid(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise RuntimeError(f"prepare must be pure, and did {event}")


def main(name: str) -> None:
    """Write what the platform prepares, as the ledger stores it."""
    platform = load_platform(name)
    for content in build_contents(platform):
        platform.prepare(content, build_account(platform), {})
    contents, account = build_contents(platform), build_account(platform)
    sys.addaudithook(_forbid)
    for content in contents:
        sys.stdout.write(write_prepared(platform.prepare(content, account, {})))


if __name__ == "__main__":
    main(sys.argv[1])
