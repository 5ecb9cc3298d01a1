"""What the program says when it is asked for what it cannot do: each message says what to do instead."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.ledger.opening import open_engine
from scheduler.ledger.owner import Owner
from scheduler.platforms import list_platforms
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


@pytest.mark.parametrize("words", ["today", "tuesday", "on the day at 09:00"])
def test_what_is_no_date_is_answered_with_one_that_is(project: Project, words: str) -> None:
    for arguments in (("preview", "--day"), ("preview", "--from"), ("rehearse", "--day")):
        said = run_wrongly(project, *arguments, words)
        example = said.rpartition("Type the date, like '")[2].partition("'")[0]
        assert example[:1].isdigit(), said
    project.run("preview", "--day", example, code=0)


def test_what_is_nearly_a_date_is_put_right(project: Project) -> None:
    assert "February 2027 has 28 days" in run_wrongly(project, "preview", "--day", "2027-02-30")
    assert "18 March 2027 is a Thursday" in run_wrongly(project, "rehearse", "--day", "Friday 18 March 2027")


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


def test_resolve_says_what_can_be_said(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("hold", "--reason", "mourning", code=0)
    project.run("run", "--once", code=0)
    [(key, held)] = project.history().items()
    assert held["status"] == "held"
    said = run_wrongly(project, "resolve", key, "--posted", "https://e.org/1")
    assert said == f"error: {key} is held: what can be said of it now is --retry or --skip."
    project.run("resolve", key, "--skip", "--reason", "not wanted", code=0)
    project.run("resolve", key, "--posted", "https://e.org/1", code=0)
    for option in (["--retry"], ["--skip", "--reason", "no"], ["--posted", "https://e.org/2"]):
        assert "it is out, and nothing is ever sent twice" in run_wrongly(project, "resolve", key, *option)


def test_resolve_says_how_to_stop_what_is_still_to_come(project: Project) -> None:
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    for _ in range(2):  # without a ledger, and with one
        said = run_wrongly(project, "resolve", row["key"], "--skip", "--reason", "no")
        assert "is not due yet. If it is not to go out: take it out of the calendar, or write draft: yes." in said
        project.run("run", "--once", code=0)
    assert "The ledger has no delivery a/b/c/d" in run_wrongly(project, "resolve", "a/b/c/d", "--retry")
    said = run_wrongly(project, "resolve", row["key"], "--skip", "--retry")
    assert said == "error: Say only one of --posted URL, --retry and --skip."


def test_history_says_that_nothing_matches(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    for arguments in (["nope"], ["--campaign", "nope"], ["--status", "unknown"]):
        done = project.run("history", *arguments, code=0)
        assert (done.stdout, done.stderr) == ("", "Nothing in the ledger matches.\n")
    assert json.loads(project.run("history", "nope", "--format", "json", code=0).stdout) == []
    said = run_wrongly(project, "history", "--status", "nope")
    assert "'posted'" in said
    assert "'unknown'" in said


def test_history_tells_times_as_preview_does(project: Project) -> None:
    project.write_accounts({"board": {"platform": "noticeboard", "folder": "b"}}, timezone="Asia/Kolkata")
    now = datetime.now(ZoneInfo("Asia/Kolkata"))
    posts = f"posts:\n  - {{id: think, when: '{now:%Y-%m-%d %H:%M}', text: Think.}}\n"
    project.write_calendar(f"campaign: late\ndate: {now.date()}\naccounts: [board]\n{posts}", name="late")
    project.run("run", "--once", code=0)
    shown = project.run("preview", "campaigns/late.yaml", code=0).stdout.partition(" (")[0]
    assert shown.endswith(" IST")
    assert project.run("history", code=0).stdout.startswith(f"{shown}  posted    late/think/")


def test_a_ledger_that_is_not_there_cannot_be_verified(project: Project) -> None:
    assert run_wrongly(project, "ledger", "verify", code=3).startswith("error: There is no ledger yet")


def test_platforms_are_described_in_words(project: Project) -> None:
    listed = project.run("platforms", code=0).stdout.splitlines()
    assert len(listed) == len(list_platforms())
    shown = "".join(project.run("platforms", line.split()[0], code=0).stdout for line in listed)
    assert "up to 5 MB" in shown
    assert "after a lost reply: it is looked up by its own key" in shown
    assert "link card: drawn by the platform" in shown
    assert "pictures: 20, up to 20 MB, alt text 5000 graphemes\n  films: one, up to 1.07 GB, at most 24 h" in shown
    assert "captions burnt in, fetched from a public address (not certain, a warning: length of alt text)\n" in shown
    assert "text: 3000 utf-16 units (not certain: a warning)\n" in shown
    assert not re.search(r"\d{5} bytes|: client|: server", shown)


def test_a_rehearsal_shows_what_went_wrong_and_was_mended(project: Project) -> None:
    posts = "".join(f"  - {{id: p{day}, when: {day} October 2027 08:00, text: Think.}}\n" for day in (7, 8, 9, 10))
    project.write_calendar(f"campaign: hello\ndate: 9 October 2027\naccounts: [board]\nposts:\n{posts}", name="hello")
    faults = "lost-reply@1,unavailable@2,crash@4,rate-limit@99,reject@board/98"
    done = project.run("rehearse", "--faults", faults, code=0)
    lines = done.stdout.splitlines()
    assert lines[0].endswith("sent once · its answer was lost, then found")
    assert lines[1].endswith("sent once · it was out of reach at first")
    assert lines[2].endswith("sent once · the daemon died while it was being sent")
    assert lines[3].endswith("sent once")
    assert len({line.index("hello/p") for line in lines[:4]}) == 1, done.stdout
    assert "note: rate-limit@99 did not strike: there is no post 99; with" in done.stderr
    assert "note: reject@board/98 did not strike: there is no post 98 on board; with" in done.stderr
    assert "Sat 9 Oct 2027 08:00 BST (07:00 UTC)" in (project.folder / "rehearsal/noticeboard/index.html").read_text()


def test_a_fault_without_its_post_asks_for_it(project: Project) -> None:
    said = run_wrongly(project, "rehearse", "--faults", "lost-reply")
    assert said == "error: Say which post, counted from 1: lost-reply@1, or which account: lost-reply@board."


def test_files_meant_as_calendars_are_read_or_warned_of(project: Project) -> None:
    path = project.folder / "campaigns/hello.yaml"
    path = path.rename(path.with_suffix(".YML"))
    assert "1 calendar read: 0 errors, 0 warnings." in project.run("check", "--strict", code=0).stderr
    path.rename(path.with_name("hello.yaml.txt"))
    done = project.run("check", "--strict", code=1)
    assert done.stdout.splitlines() == [
        "campaigns:1:1: warning: There is no calendar in this folder. A calendar is a file whose name ends in .yaml.",
        "campaigns/hello.yaml.txt:1:1: warning: This looks like a calendar but is not read. Rename it to hello.yaml.",
    ]


def test_who_publishes_already_is_named(project: Project) -> None:
    ledger = f"sqlite:///{project.folder / 'ledger.db'}"
    owner = Owner(open_engine(ledger, create=True), ledger).acquire()
    said = run_wrongly(project, "run", "--once", code=4)
    owner.release()
    assert f": process {os.getpid()} on {socket.gethostname()}." in said
