"""Output that cannot be written: the command says so in one line, and does not end as if all were well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

FULL = Path("/dev/full")


def run_into(shell_words: str, project: Project) -> subprocess.CompletedProcess[str]:
    """Preview with standard output as the shell is told to set it up."""
    command = f'"$0" -m scheduler preview {shell_words}'
    return subprocess.run(
        ["sh", "-c", command, sys.executable], cwd=project.folder, stderr=subprocess.PIPE, text=True, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_calendar(make_calendar(p0=3600))
    return project


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_plain_line(project: Project) -> None:
    done = run_into(f"> {FULL}", project)
    assert (done.returncode, done.stderr) == (1, "error: The output cannot be written: No space left on device.\n")


def test_an_output_closed_from_the_start_is_no_failure(project: Project) -> None:
    done = run_into(">&-", project)
    assert (done.returncode, done.stderr) == (0, "1 delivery: 0 errors, 0 warnings.\n")


def test_who_reads_the_first_lines_only_leaves_no_process_behind(project: Project) -> None:
    """All processes at work hold standard error open: it is read to its end only when they have ended."""
    posts = {f"p{number}": 3600.0 + 60 * number for number in range(4000)}
    project.write_calendar(make_calendar(campaign="now", **posts))
    command = '"$0" -m scheduler preview | head -n 2'
    shell = ["sh", "-c", command, sys.executable]
    done = subprocess.run(shell, cwd=project.folder, capture_output=True, text=True, timeout=60, check=False)
    assert "now/p0/" in done.stdout
    assert done.stderr == ""
