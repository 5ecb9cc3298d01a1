"""What the program says when it is asked for what it cannot do: each message says what to do instead."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write_calendar(make_calendar(campaign="hello", p0=3600), name="hello")
    return made


def run_wrongly(project: Project, *arguments: str, code: int = 2) -> str:
    """Run a command line that is to fail, and return its one line of error."""
    done = project.run(*arguments, code=code)
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("command", ["check", "preview", "rehearse"])
def test_a_calendar_that_is_not_there_is_no_broken_calendar(project: Project, command: str) -> None:
    said = run_wrongly(project, command, "helo")
    assert said == "error: There is no file helo. Did you mean campaigns/hello.yaml?"


def test_a_folder_is_no_calendar(project: Project) -> None:
    for name in ("campaigns", "."):
        said = run_wrongly(project, "preview", name)
        assert said == f"error: {name} is a folder. Name a calendar, or none for all of them."


@pytest.mark.parametrize("words", ["today", "tuesday", "18 March", "on the day at 09:00"])
def test_what_is_no_date_is_answered_with_one_that_is(project: Project, words: str) -> None:
    for arguments in (("preview", "--day"), ("preview", "--from"), ("rehearse", "--day")):
        said = run_wrongly(project, *arguments, words)
        example = said.rpartition("Type the date, like '")[2].partition("'")[0]
        assert example[:1].isdigit(), said
    project.run("preview", "--day", example, code=0)


def test_a_window_the_wrong_way_round_is_refused(project: Project) -> None:
    said = run_wrongly(project, "preview", "--from", "2027-03-02", "--to", "1 March 2027")
    assert "--from 2027-03-02 is after --to 1 March 2027" in said


def test_a_misspelt_command_is_guessed(project: Project) -> None:
    assert run_wrongly(project, "chek") == "Error: No such command 'chek'. Did you mean 'check'?"
    assert run_wrongly(project, "zzzz") == "Error: No such command 'zzzz'."


def test_one_is_not_many(project: Project) -> None:
    assert project.run("check", code=0).stderr == "1 calendar read: 0 errors, 0 warnings.\n"
    assert project.run("preview", code=0).stderr.endswith("1 delivery: 0 errors, 0 warnings.\n")
    done = project.run("rehearse", "--faults", "crash@1", code=0).stdout
    assert "\n1 delivery: " in done
    assert "was started again 1 time\n" in done


@pytest.mark.parametrize("arguments", [["preview"], ["status"], ["rehearse"], ["check", "b.yaml"]])
def test_no_color_takes_colour_off_on_a_terminal(project: Project, arguments: list[str]) -> None:
    (project.folder / "b.yaml").write_text("campaign: [")
    assert re.search(r"\x1b\[[\d;]+m", show_on_terminal(project, arguments, {}))
    assert not re.search(r"\x1b\[[\d;]+m", show_on_terminal(project, arguments, {"NO_COLOR": "1"}))


def show_on_terminal(project: Project, arguments: list[str], variables: dict[str, str]) -> str:
    """Run a command line whose output is a terminal, and return what the terminal gets."""
    master, terminal = pty.openpty()
    environment = {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler", *arguments],
        cwd=project.folder,
        env=environment | variables,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # as a terminal ends whose other side is closed
        while portion := os.read(master, 65536):
            shown += portion
    os.close(master)
    process.wait(60)
    return shown.decode()
