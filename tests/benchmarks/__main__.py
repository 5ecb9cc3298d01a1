"""`python -m tests.benchmarks [--only NAME]`: measure, print a line for each figure, end with 1 if one fails."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks import commands, daemon, storm, year
from tests.benchmarks.figures import Figure
from tests.servers.cache import ServerMissing, cache_folder

BENCHMARKS: Mapping[str, Callable[[Path], list[Figure]]] = {
    "preview": commands.measure_preview,
    "check": commands.measure_check,
    "year": year.measure_year,
    "help": commands.measure_help,
    "deliveries": storm.measure_deliveries,
    "accounts": storm.measure_accounts,
    "punctual": daemon.measure_punctuality,
    "rest": daemon.measure_rest,
}


def main() -> int:
    """Run the benchmarks asked for. Return 1 if a figure does not hold or cannot be had, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="only this one; may be repeated")
    only = parser.parse_args().only or list(BENCHMARKS)
    failed = 0
    cache_folder().mkdir(parents=True, exist_ok=True)
    for name in only:
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="benchmark-") as folder:
            try:
                figures = BENCHMARKS[name](Path(folder))
            except (RuntimeError, ServerMissing) as failure:
                print(f"{name:<22} could not be measured: {failure}", flush=True)
                failed += 1
                continue
        for figure in figures:
            print(figure, flush=True)
            failed += not figure.holds
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
