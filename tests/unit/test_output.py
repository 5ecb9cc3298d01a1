"""How problems are shown: the place is marked, wherever it is in a line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.cli.output import count_of, lay_out_problems, mark_place
from scheduler.domain.problem import Place, Problem, Severity, error
from tests.reading import read
from tests.terminal import show_on_terminal

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("line", "column", "width", "marked"), [
    ("    - mastadon", 7, 8, "mastadon"),
    ("text: " + "x" * 500 + "{blank}" + "y" * 500, 507, 7, "{blank}"),
    ("text: " + "x" * 500 + "{blank}", 507, 7, "{blank}"),
    ("text: Think", 7, 0, "T"),
    ("é: “ü” #x", 8, 2, "#x"),
])  # fmt: skip
def test_the_mark_stands_below_its_place(line: str, column: int, width: int, marked: str) -> None:
    shown, mark = mark_place(error("No.", Place("a.yaml", 1, column, width))._replace(line_text=line))
    start, stop = mark.index("^"), len(mark)
    assert shown[start:stop] == marked
    assert len(shown) <= 200


def test_what_has_no_place_in_its_line_is_not_marked() -> None:
    assert mark_place(error("The file is empty.", Place("a.yaml"))) == []


def test_one_is_not_many() -> None:
    counted = [count_of(number, noun) for noun in ("error", "delivery") for number in (0, 1, 2)]
    assert counted == ["0 errors", "1 error", "2 errors", "0 deliveries", "1 delivery", "2 deliveries"]


TEN = Path(__file__).parents[1] / "calendars/bad/ten-mistakes.yaml"


def ten_problems() -> tuple[Problem, ...]:
    problems = read(TEN.read_bytes(), "campaigns/hello.yaml").problems
    assert len(problems) == 10
    return problems


def test_ten_problems_fit_on_a_screen_of_24_lines() -> None:
    lines = lay_out_problems(ten_problems(), 100, 21)
    assert len(lines) <= 21
    assert max(map(len, lines)) <= 100
    assert lines[0] == "campaigns/hello.yaml"
    told = " ".join(" ".join(lines).split())
    for problem in ten_problems():
        assert f"{problem.place.line}:{problem.place.column} error: {problem.message} {problem.hint}" in told


def test_where_there_is_room_the_places_are_marked() -> None:
    lines = lay_out_problems(ten_problems()[:3], 100, 21)
    assert sum(set(line.strip()) == {"^"} for line in lines) == 3


def test_of_more_problems_than_a_screen_holds_only_the_first_are_marked() -> None:
    lines = lay_out_problems(ten_problems() * 5, 100, 21)
    assert sum(set(line.strip()) == {"^"} for line in lines) == 3


def test_each_file_is_named_above_its_problems() -> None:
    problems = [error("No.", Place(file, 1, 1)) for file in ("a.yaml", "a.yaml", "b.yaml")]
    assert [line for line in lay_out_problems(problems, 80, 20) if line.endswith(".yaml")] == ["a.yaml", "b.yaml"]


def test_letters_that_are_two_columns_wide_are_counted_as_such() -> None:
    lines = lay_out_problems([error("👋" * 30 + " a" * 40, Place("a.yaml", 1, 1))], 60, 20)
    assert max(len(line) + line.count("👋") for line in lines) <= 60


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal as Unix has it")
def test_check_shows_ten_problems_on_one_screen_of_a_terminal(tmp_path: Path) -> None:
    shown = show_on_terminal(set_up(tmp_path), tmp_path)
    assert len(shown) <= 23  # and the prompt
    assert max(map(len, shown)) <= 100
    assert "10 errors, 0 warnings" in shown[-1]


def test_check_shows_each_problem_on_one_line_when_piped(tmp_path: Path) -> None:
    lines = check_in_pipe(tmp_path).splitlines()
    heads = [line for line in lines if line.startswith("campaigns/hello.yaml:")]
    assert [line.split(": ")[1] for line in heads] == ["error"] * 10
    assert sum(set(line.strip()) == {"^"} for line in lines) == 10


def set_up(folder: Path) -> list[str]:
    (folder / "config.yaml").write_text("accounts: {force-x: {platform: noticeboard, folder: wall}}\n")
    (folder / "campaigns").mkdir()
    (folder / "campaigns/hello.yaml").write_bytes(TEN.read_bytes())
    return [sys.executable, "-m", "scheduler", "check"]


def check_in_pipe(folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(set_up(folder), cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    return done.stdout.decode()


def test_of_a_whole_file_no_line_is_said() -> None:
    problem = Problem(Severity.ERROR, "It is not there.", Place("config.yaml"), "Make it.")
    assert str(problem) == "config.yaml:1:1: error: It is not there. Make it."
    assert lay_out_problems([problem], 80, 24) == ["config.yaml", "         error: It is not there. Make it."]
