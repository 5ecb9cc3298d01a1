"""mdsend 0.3.2 (PyPI), the program whose preview ours is measured against, in an environment of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.material import HASHTAG, Wording
from tests.benchmarks.processes import Command
from tests.servers.cache import fetch_once, run_step

VERSION = "0.3.2"


def prepare_mdsend(folder: Path, posts: Sequence[Wording]) -> Command:
    """Write posts into a folder as mdsend reads them, and return the command that previews them on three platforms.

    Raise ServerMissing if mdsend cannot be had.
    """
    program = fetch_once(f"mdsend-{VERSION}", _fetch) / "environment/bin/mdsend"
    for post in posts:
        own = folder / "posts" / f"{post.day.isoformat()}_{post.hour.replace(':', '-')}_{post.id}"
        own.mkdir(parents=True)
        (own / "post.md").write_text(f"{post.text}\n\n{HASHTAG}\n", encoding="utf-8")
    return Command((str(program), "--platforms", "bluesky", "linkedin", "mastodon"), folder)


def _fetch(folder: Path) -> None:
    run_step([sys.executable, "-m", "venv", "environment"], folder)
    run_step([folder / "environment/bin/pip", "install", "--quiet", f"mdsend=={VERSION}"], folder)
