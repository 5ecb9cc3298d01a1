"""What the test servers are made of: fetched once into a cache folder, under a lock, and kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import platformdirs

_COMPLETE = ".complete"
_FAILED = ".failed"
# A failed fetch is not tried again by every test and every worker of the same run.
_FAILURE_HOLDS_SECONDS = 300.0
_LONGEST_STEP_SECONDS = 900.0


class ServerMissing(Exception):
    """A server cannot be had on this machine. The message names the missing piece and, where known, what to install."""


def cache_folder() -> Path:
    """Return the folder for fetched servers: CAMPAIGN_TEST_CACHE, else the user's. It need not exist yet."""
    named = os.environ.get("CAMPAIGN_TEST_CACHE")
    return Path(named).absolute() if named else platformdirs.user_cache_path("campaign-scheduler-tests")


def servers_required() -> bool:
    """Return whether a missing server is a failure (REQUIRE_SERVERS=1, as the build sets it) rather than a skip."""
    return os.environ.get("REQUIRE_SERVERS") == "1"


def fetch_once(name: str, fetch: Callable[[Path], None]) -> Path:
    """Return the folder `name` of the cache, filled by `fetch(folder)` if no earlier run has filled it.

    `name` holds the version, so that a new version is fetched anew. Other processes wait at a lock meanwhile.
    Raise ServerMissing if `fetch` raises it, now or (unless servers are required) within the last few minutes.
    """
    folder = cache_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder.with_name(name + ".lock")):
        if not (folder / _COMPLETE).exists():
            _raise_recent_failure(folder)
            _fetch_into(folder, fetch)
    return folder


def run_step(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run one command of a fetch in `folder` and return its output.

    Raise ServerMissing, with the end of what the command said, if it is not installed, fails or takes too long.
    """
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise ServerMissing(f"the program '{words[0]}' is not installed")
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_LONGEST_STEP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServerMissing(f"'{' '.join(words)}' did not end within {_LONGEST_STEP_SECONDS:.0f} s") from None
    if done.returncode != 0:
        end = done.stdout.strip()[-800:]
        raise ServerMissing(f"'{' '.join(words)}' failed with exit code {done.returncode}: {end}")
    return done.stdout


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the file lock `path`; the kernel releases it if this process dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch_into(folder: Path, fetch: Callable[[Path], None]) -> None:
    # Built in its final place, because a Python environment does not survive being moved; the mark comes last.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    failure = folder.with_name(folder.name + _FAILED)
    try:
        fetch(folder)
    except ServerMissing as missing:
        failure.write_text(str(missing), encoding="utf-8")
        raise
    failure.unlink(missing_ok=True)
    (folder / _COMPLETE).touch()


def _raise_recent_failure(folder: Path) -> None:
    failure = folder.with_name(folder.name + _FAILED)
    if servers_required() or not failure.exists():
        return
    if time.time() - failure.stat().st_mtime < _FAILURE_HOLDS_SECONDS:
        raise ServerMissing(failure.read_text(encoding="utf-8"))
