"""Each benchmark measures what it says: tried with a few posts, and without looking at how long it takes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks import commands, storm
from tests.benchmarks.figures import Figure
from tests.benchmarks.material import THREE_ACCOUNTS, write_calendar, write_posts, write_project
from tests.benchmarks.processes import CAMPAIGN, ROOT, Command, compare, read_output, run

ACCOUNTS = ("force-x", "force-bluesky", "force-mastodon")


@pytest.mark.parametrize(
    "value, bar, at_most, holds",
    [(1.5, 1.5, True, True), (1.51, 1.5, True, False), (0.9, 0.9, False, True), (0.89, 0.9, False, False)],
)
def test_a_figure_says_whether_it_holds(value: float, bar: float, at_most: bool, holds: bool) -> None:
    figure = Figure("some", value, bar, "×", "words", at_most)
    assert figure.holds is holds
    assert ("DOES NOT HOLD" in str(figure)) is not holds


def test_two_commands_are_told_apart(tmp_path: Path) -> None:
    quick = Command((sys.executable, "-c", "pass"), tmp_path)
    slow = Command((sys.executable, "-c", "import time; hold = bytearray(80_000_000); time.sleep(0.5)"), tmp_path)
    found = compare(slow, quick, 1)
    assert found.seconds >= 0.5
    assert found.ratio == pytest.approx(found.seconds / found.other_seconds)
    assert run(slow).memory > 80_000_000


def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    broken = Command((sys.executable, "-c", "raise SystemExit('no such thing')"), tmp_path)
    with pytest.raises(RuntimeError, match="no such thing"):
        read_output(broken)
    with pytest.raises(RuntimeError, match="ended with 1"):
        compare(broken, broken, 1)


def test_the_preview_is_of_three_platforms_and_then_of_a_ledger(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", THREE_ACCOUNTS, write_calendar(write_posts(4), ACCOUNTS))
    preview = Command((*CAMPAIGN, "preview"), project)
    before = read_output(preview)
    assert before.count("· planned") == 12
    assert all(f"→ {account}" in before for account in ACCOUNTS)
    read_output(Command((sys.executable, "-m", "tests.benchmarks.rows", str(project)), ROOT))
    assert read_output(preview).count("· posted") == 12


def test_the_large_calendar_is_without_fault(tmp_path: Path) -> None:
    one, three = commands.measure_check(tmp_path, posts=3, pairs=1)
    assert min(one.value, three.value) > 0


def test_a_storm_posts_everything_and_keeps_to_its_workers(tmp_path: Path) -> None:
    few, many = storm.measure_accounts(tmp_path, accounts=30)  # raises if one is not posted, or too many call at once
    assert min(few.value, many.value) > 0
