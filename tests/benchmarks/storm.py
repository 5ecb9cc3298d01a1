"""Many accounts due in the same second: the daemon's own rounds on a real ledger, on channels that take their time."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.material import write_boards, write_project, write_storm
from tests.benchmarks.processes import ROOT, Command, read_output

CALL_SECONDS = 0.05
CRIER = 2.6
"""Deliveries a second of crier 2.1.1 (PyPI), measured in November 2026; it is too slow to be run each time."""


def measure_deliveries(folder: Path, *, deliveries: int = 400, repeats: int = 5) -> list[Figure]:
    """Deliveries a second on SQLite when a call takes no time: the best of some runs, as the product's own limit."""
    rate = max(_run_storm(folder / f"run-{number}", deliveries, 0.0, 20) for number in range(repeats))
    words = f"{deliveries} due at once, a call takes no time: {rate:.0f} a second, {rate / CRIER:.0f} × crier 2.1.1"
    return [Figure("deliveries", rate / 1000, 1.0, "× 1,000 a second", words, at_most=False)]


def measure_accounts(folder: Path, *, accounts: int = 2000, repeats: int = 3) -> list[Figure]:
    """Accounts that fall due in the same second, each with one call that sleeps 50 ms.

    With many workers the product itself is the limit, so that of some runs the best counts, as above.
    """
    limit = 20 / CALL_SECONDS
    few = _run_storm(folder / "twenty", accounts, CALL_SECONDS, 20)
    many = max(_run_storm(folder / f"sixty-four-{number}", accounts, CALL_SECONDS, 64) for number in range(repeats))
    words = f"{accounts} accounts, a call sleeps 50 ms"
    return [
        Figure(
            "accounts-20",
            few / limit,
            0.9,
            "of the limit",
            f"{words}, 20 workers: {few:.0f} of {limit:.0f} a second",
            at_most=False,
        ),
        Figure(
            "accounts-64",
            many / 1000,
            1.0,
            "× 1,000 a second",
            f"{words}, 64 workers: {many:.0f} of {64 / CALL_SECONDS:.0f} a second",
            at_most=False,
        ),
    ]


def _run_storm(folder: Path, accounts: int, call_seconds: float, workers: int) -> float:
    """Return the deliveries a second of one storm, run in a process of its own."""
    names, lines = write_boards(accounts)
    project = write_project(folder, lines, write_storm(names, datetime.now(UTC)), f"workers: {workers}\n")
    words = (sys.executable, "-m", "tests.benchmarks.storm", str(project), str(call_seconds))
    told = json.loads(read_output(Command(words, ROOT)).splitlines()[-1])
    if told["posted"] != accounts or told["most_at_once"] > workers:
        raise RuntimeError(f"the storm went wrong: {told}")
    return accounts / float(told["seconds"])


def main(folder: Path, call_seconds: float) -> None:
    """Send everything that is due in a project, and print how long it took and what the ledger says."""
    from scheduler.bootstrap import SystemClock, build_app
    from scheduler.domain.delivery import Status
    from scheduler.rounds import open_rounds
    from tests.benchmarks.channels import Calls, PacedChannel

    os.chdir(folder)
    clock, calls = SystemClock(), Calls(call_seconds)
    app = build_app(None, allow_example=False)
    channels = {name: PacedChannel(account, clock, calls) for name, account in app.settings.accounts.items()}
    rounds = open_rounds(app, clock, channels)  # type: ignore[arg-type]  # channels of the same port
    rounds.load()
    begun = time.perf_counter()
    rounds.run()
    rounds.publisher.join()
    seconds = time.perf_counter() - begun
    posted = sum(record.status is Status.POSTED for record in rounds.desk.records().values())
    rounds.publisher.stop(1)
    rounds.close()
    print(json.dumps({"seconds": seconds, "posted": posted, "most_at_once": calls.most_at_once}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
