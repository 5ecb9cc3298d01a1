"""What tells a clock that cannot be right, and when a changed file has rested."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.clock_watch import ClockWatch
from scheduler.domain.ports import Heartbeat
from scheduler.file_watch import FileWatch, read_stamps


class MovedClock:
    """The machine's clock, moved by so much."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.mark.parametrize(("by", "moved", "problem"), [
    (timedelta(), False, ""),
    (timedelta(seconds=1), False, ""),
    (timedelta(seconds=-30), True, ""),
    (timedelta(hours=3), True, ""),
    (timedelta(minutes=-30), True, "went back"),
    (timedelta(days=2), True, "leapt ahead"),
])  # fmt: skip
def test_a_clock_that_is_moved(by: timedelta, moved: bool, problem: str) -> None:
    clock = MovedClock()
    watch = ClockWatch(clock)
    clock.moved = by
    assert watch.has_moved() is moved
    assert problem in watch.problem
    assert bool(problem) == bool(watch.problem)
    assert not watch.has_moved()


@pytest.mark.parametrize(("ahead", "wrong"), [(timedelta(seconds=30), False), (timedelta(minutes=5), True)])
def test_a_sign_of_life_ahead_of_the_clock(ahead: timedelta, wrong: bool) -> None:
    watch = ClockWatch(MovedClock())
    now = datetime.now(UTC)
    watch.compare([Heartbeat("me", "host", 1, now, now + ahead, None, {})])
    assert bool(watch.problem) is wrong


def test_a_file_is_read_when_it_has_rested_whatever_its_time_says(tmp_path: Path) -> None:
    path, ahead = tmp_path / "a.yaml", time.time() + 3600
    path.write_text("one")
    watch = FileWatch(read_stamps([path]))
    assert not watch.is_due(read_stamps([path]))
    path.write_text("another")
    os.utime(path, (ahead, ahead))
    assert not watch.is_due(read_stamps([path]))
    end = time.monotonic() + 30
    while not watch.is_due(read_stamps([path])):
        assert time.monotonic() < end
        time.sleep(0.05)
    watch.loaded = read_stamps([path])
    assert not watch.is_due(read_stamps([path]))
    path.unlink()
    assert read_stamps([path]) == {str(path): (0, 0)}
