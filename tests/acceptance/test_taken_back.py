"""Is it still out? Every command that shows a post that was taken back says that it is not."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

YEAR = datetime.now(UTC).year
KEY, OTHER = f"now/p0/{YEAR}/board", f"now/p1/{YEAR}/board"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two posts that were sent, one of which was taken back."""
    made = Project(tmp_path)
    made.write_calendar(make_calendar(p0=0, p1=0))
    made.run("run", "--once", code=0)
    made.run("retract", KEY, "--yes", "--reason", "a wrong number", code=0)
    return made


def test_history_says_when_and_why(project: Project) -> None:
    shown = project.run("history", code=0).stdout.splitlines()
    lines = {key: line for key in (KEY, OTHER) for line in shown if f"  {key}  " in line}
    assert re.search(rf"  posted, taken back \w{{3}} \d+ \w{{3}} {YEAR} [0-9:]{{5}} \w+  {KEY}  ", lines[KEY])
    assert re.search(r"it was at file:///\S+ · a wrong number$", lines[KEY])
    assert "  posted    " in lines[OTHER]
    assert "taken back" not in lines[OTHER]
    assert KEY in project.run("history", "--status", "retracted", code=0).stdout
    assert OTHER not in project.run("history", "--status", "retracted", code=0).stdout


def test_programs_read_when_and_the_status_stays(project: Project) -> None:
    entries = project.history()
    assert [entries[key]["status"] for key in (KEY, OTHER)] == ["posted", "posted"]
    assert entries[OTHER]["retracted_utc"] is None
    told = next(event["at"] for event in entries[KEY]["events"] if event["kind"] == "retracted")
    assert entries[KEY]["retracted_utc"] == told
    rows = {row["key"]: row for row in json.loads(project.run("preview", "--format", "json", code=0).stdout)}
    assert (rows[KEY]["status"], rows[KEY]["reason"]) == ("posted", "it was taken back")


def test_preview_and_export_head_it_so(project: Project) -> None:
    shown = project.run("preview", code=0).stdout
    assert "(noticeboard) · posted, taken back\n" in shown
    assert "(noticeboard) · posted\n" in shown
    page = project.run("preview", "--format", "html", code=0).stdout
    assert "(noticeboard) · posted, taken back</h2>" in page
    assert "(noticeboard) · posted</h2>" in page
    project.run("export", "-o", "plan.csv", code=0)
    with (project.folder / "plan.csv").open(encoding="utf-8-sig", newline="") as table:
        assert [row["Status"] for row in csv.DictReader(table)] == ["posted, taken back", "posted"]
    project.run("export", "-o", "plan.ics", code=0)
    feed = (project.folder / "plan.ics").read_text(encoding="utf-8")
    assert (feed.count("SUMMARY:Taken back: "), feed.count("SUMMARY:Posted: ")) == (1, 1)


def test_diff_says_of_neither_an_edit_nor_a_removal_that_it_is_out(project: Project) -> None:
    edited = make_calendar(p0=0, p1=0).replace("text: Post p0", "text: Another number")
    project.write_calendar(edited)
    [difference] = json.loads(project.run("diff", "--format", "json").stdout)
    assert difference["outcome"] == "will not be sent: it was taken back"
    project.write_calendar(make_calendar(p1=0))
    [difference] = json.loads(project.run("diff", "--format", "json").stdout)
    assert (difference["key"], difference["outcome"]) == (KEY, "will not be sent (it was taken back)")
