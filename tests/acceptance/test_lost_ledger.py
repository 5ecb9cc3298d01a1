"""A ledger that was lost is told of by every command that looks into it, not only by those that send."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

LOST = "warning: The ledger ledger.db is not the one that was last written from here"
LOOKS = {
    "history": (("history",), 1, ""),
    "history as JSON": (("history", "--format", "json"), 1, "[]\n"),
    "tasks": (("tasks",), 1, ""),
    "preview": (("preview",), 0, None),
    "export": (("export", "-o", "plan.csv"), 0, None),
    "diff": (("diff", "--against", "campaigns/a.yaml"), 0, None),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project one of whose posts was sent."""
    made = Project(tmp_path)
    made.write_calendar(make_calendar(p0=0))
    made.run("run", "--once", code=0)
    return made


@pytest.mark.parametrize("look", LOOKS)
def test_a_lost_ledger_is_told_of(project: Project, look: str) -> None:
    arguments, code, output = LOOKS[look]
    assert "warning: " not in project.run(*arguments).stderr
    for path in [*project.folder.glob("ledger.db*"), *project.folder.glob("plan.csv")]:
        path.unlink()
    done = project.run(*arguments, code=code)
    assert LOST in done.stderr
    assert done.stderr.count("warning: ") == 1
    assert "There is no ledger yet" not in done.stdout
    if output is not None:
        assert done.stdout == output


def test_an_older_copy_is_told_of_where_the_record_is_read(project: Project) -> None:
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        connection.execute("VACUUM INTO ?", (str(project.folder / "backup"),))
    connection.close()
    project.write_calendar(make_calendar(campaign="next", p1=0), "b")
    project.run("run", "--once", code=0)
    for path in project.folder.glob("ledger.db*"):
        path.unlink()
    shutil.copy(project.folder / "backup", project.folder / "ledger.db")
    done = project.run("history", "--format", "json", code=1)
    assert LOST in done.stderr
    assert [entry["post"] for entry in json.loads(done.stdout)] == ["p0"]
    assert LOST in project.run("tasks", code=1).stderr


def test_where_there_never_was_one_nothing_is_warned_of(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_calendar(make_calendar(p0=3600))
    for arguments in (("history",), ("tasks",), ("preview",)):
        assert "warning: " not in project.run(*arguments, code=0).stderr
    assert project.run("history", code=0).stdout.startswith("There is no ledger yet")


def test_a_preview_without_a_ledger_loads_nothing_that_reads_one(tmp_path: Path) -> None:
    """Most have none yet, and what reads one takes longer to load than a preview to be made."""
    project = Project(tmp_path)
    project.write_calendar(make_calendar(p0=3600))

    words = (
        "import sys\nfrom scheduler.cli import group\n"
        "group(['preview'], standalone_mode=False)\nprint('sqlalchemy' in sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=project.folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.endswith("False\n")
