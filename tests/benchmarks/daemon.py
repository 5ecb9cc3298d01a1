"""The daemon as a process: how punctual it is, what it holds in memory and what it costs while nothing is due."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.material import write_boards, write_calendar, write_posts, write_project, write_storm
from tests.benchmarks.processes import CAMPAIGN, make_environment

_START_SECONDS = 120.0
_NOTICE = timedelta(seconds=20)  # for the daemon to start and read everything before the minute of the storm
_LIMIT_SECONDS = 0.020
_LIMIT_MEMORY = 150 * 2**20
_LIMIT_IDLE = 0.01


def measure_punctuality(folder: Path, *, accounts: int = 2000, repeats: int = 2) -> list[Figure]:
    """How long after its second the first of many posts stands on its board, as the file's time says."""
    late = min(_measure_lateness(folder / f"storm-{number}", accounts) for number in range(repeats))
    words = f"the first of {accounts} accounts stands on the noticeboard {late * 1000:.1f} ms after its second"
    return [Figure("punctual", late / _LIMIT_SECONDS, 1.0, "of 20 ms", words)]


def _measure_lateness(folder: Path, accounts: int) -> float:
    names, lines = write_boards(accounts)
    due = (datetime.now(UTC) + _NOTICE).replace(second=0, microsecond=0) + timedelta(minutes=1)
    project = write_project(folder, lines, write_storm(names, due))
    with run_daemon(project):
        if datetime.now(UTC) >= due:
            raise RuntimeError("the daemon took too long to start")
        first = _wait_for_files(project / "board", due.timestamp() + 60)
    return first - due.timestamp()


def _wait_for_files(board: Path, until: float) -> float:
    """Return when the first of the posts was put there, once some are."""
    while time.time() < until:
        times = [path.stat().st_mtime for path in board.glob("*.json")]
        if len(times) > 20:
            return min(times)
        time.sleep(0.5)
    raise RuntimeError(f"nothing stands in {board}")


def measure_rest(folder: Path, *, posts: int = 10_000, accounts: int = 10, seconds: float = 60.0) -> list[Figure]:
    """Memory and processor time of a daemon with many posts, all of them far ahead."""
    names, lines = write_boards(accounts)
    project = write_project(folder / "project", lines, write_calendar(write_posts(posts), names))
    with run_daemon(project) as process:
        time.sleep(5)  # what starting left to do
        before = process.cpu_times()
        time.sleep(seconds)
        after, memory = process.cpu_times(), process.memory_info().rss
    idle = (after.user + after.system - before.user - before.system) / seconds
    many = f"{posts} posts × {accounts} accounts ahead"
    return [
        Figure("memory", memory / _LIMIT_MEMORY, 1.0, "of 150 MB", f"{memory / 2**20:.0f} MB resident, {many}"),
        Figure("idle", idle / _LIMIT_IDLE, 1.0, "of 1 % of a core", f"{idle:.2%} over {seconds:.0f} s, {many}"),
    ]


@contextmanager
def run_daemon(project: Path) -> Iterator[psutil.Process]:
    """Run the daemon in a folder from when it is ready until the block ends."""
    log = project / "daemon.log"
    with log.open("wb") as output:
        words = (*CAMPAIGN, "run")
        process = subprocess.Popen(words, cwd=project, env=make_environment(), stdout=output, stderr=output)
    try:
        until = time.monotonic() + _START_SECONDS
        while b"ledger ready" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the daemon did not start: {log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)
