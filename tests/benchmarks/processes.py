"""Whole processes, measured from outside by the operating system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Where the tests can be run as modules."""

CAMPAIGN = (str(Path(sys.executable).with_name("campaign")),)
"""The product's command, beside the Python that runs the benchmarks."""


@dataclass(frozen=True)
class Command:
    """A program with its arguments, run in a folder."""

    words: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Run:
    """One finished process: seconds from start to end, and the most memory it had, in bytes."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Comparison:
    """Medians over pairs of runs, first command by second."""

    seconds: float
    other_seconds: float
    ratio: float
    memory_ratio: float


def make_environment() -> Mapping[str, str]:
    """Return this process's environment as a user's is: compiled modules are kept, and output is buffered."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPROFILEIMPORTTIME"}
    }


def read_output(command: Command) -> str:
    """Run a command and return what it printed, both streams. Raise RuntimeError if it fails."""
    done = subprocess.run(
        command.words,
        cwd=command.folder,
        env=make_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"'{' '.join(command.words)}' ended with {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


def run(command: Command) -> Run:
    """Run a command, its output thrown away. Raise RuntimeError if it fails.

    The memory is not below what this process itself has at that moment (the kernel counts the moment of the start), so
    that what is measured here must keep this process small.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(
        command.words,
        cwd=command.folder,
        env=make_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    ended = time.perf_counter()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"'{' '.join(command.words)}' ended with {process.returncode}")
    return Run(ended - begun, usage.ru_maxrss * 1024)


def compare(command: Command, other: Command, pairs: int) -> Comparison:
    """Run two commands in turn, after one run of each that is not counted, and return the medians."""
    run(command)
    run(other)
    counted: Sequence[tuple[Run, Run]] = [(run(command), run(other)) for _ in range(pairs)]
    return Comparison(
        seconds=statistics.median(first.seconds for first, _ in counted),
        other_seconds=statistics.median(second.seconds for _, second in counted),
        ratio=statistics.median(first.seconds / second.seconds for first, second in counted),
        memory_ratio=statistics.median(first.memory / second.memory for first, second in counted),
    )
