"""Habits as people meet them: `campaign check` and `campaign preview` in a folder of calendars."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.boards import Project

ROOT = Path(__file__).parents[2]
BOARDS = {name: {"platform": "noticeboard", "folder": name} for name in ("board", "second")}
ONE = """\
campaign: one
date: 18 March 2027
accounts: [board, second]
posts:
  - {id: think, when: on the day at 09:00, text: Think.}
  - {id: spot, when: on the day at 09:10, text: Spot.}
  - {id: late, when: the Sunday after at 18:00, text: Late.}
"""
OTHER = """\
campaign: other
date: 18 March 2027
accounts: [board]
posts:
  - {id: think, when: on the day at 12:00, text: Think.}
  - {id: bank, when: the day or the next working day at 13:00, text: Thank you.}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_accounts(BOARDS, habits="{staffed_hours: Monday to Friday 08:00 to 18:00, daily_cap: 3}")
    project.write_calendar(ONE)
    project.write_calendar(OTHER, "b")
    return project


def list_problems(project: Project, *arguments: str, code: int = 0) -> list[Mapping[str, Any]]:
    listed: list[Mapping[str, Any]] = json.loads(project.run("check", "--format", "json", *arguments, code=code).stdout)
    return listed


def test_check_names_what_a_habit_forbids_at_its_when(project: Project) -> None:
    found = [(each["file"], each["line"], each["column"]) for each in list_problems(project)]
    assert found == [
        ("campaigns/a.yaml", 6, 22),  # ten minutes after the one before
        ("campaigns/a.yaml", 7, 22),  # Sunday 18:00, nobody on duty
        ("campaigns/b.yaml", 2, 7),  # two campaigns on one day
        ("campaigns/b.yaml", 6, 22),  # the fourth on that day
    ]
    shown = project.run("check", "--strict", code=1)
    assert "2 calendars read: 0 errors, 4 warnings." in shown.stderr
    assert "when: on the day at 09:10" in shown.stdout


def test_only_the_calendars_named_are_compared(project: Project) -> None:
    assert [each["line"] for each in list_problems(project, "campaigns/a.yaml", "--strict", code=1)] == [6, 7]
    assert list_problems(project, "campaigns/b.yaml", "--strict") == []


def test_preview_shows_each_warning_on_the_rows_that_it_is_said_of(project: Project) -> None:
    rows = json.loads(project.run("preview", "--format", "json", "--strict", code=1).stdout)
    warned = {row["key"]: [each["message"].split()[0] for each in row["problems"]] for row in rows if row["problems"]}
    assert warned == {
        "one/spot/2027/board": ["It"],
        "one/spot/2027/second": ["It"],
        "one/late/2027/board": ["Nobody"],
        "one/late/2027/second": ["Nobody"],
        "other/think/2027/board": ["On"],
        "other/bank/2027/board": ["With"],
    }
    text = project.run("preview", "--day", "18 March 2027", "--account", "second", code=0)
    assert "warning: It goes out 10 minutes after 'think' (line 5) on board, second." in text.stdout
    assert "2 deliveries: 0 errors, 1 warning." in text.stderr
    page = project.run("preview", "--format", "html", code=0).stdout
    assert "Nobody is on duty at 18:00 on Sunday 21 March 2027" in page


def test_neighbours_count_in_a_preview_that_does_not_show_them(project: Project) -> None:
    project.write_calendar(OTHER.replace("12:00", "00:05"), "b")
    project.write_calendar(ONE.replace("on the day at 09:10", "the eve at 23:55"))
    shown = project.run("preview", "--day", "18 March 2027", code=0).stdout
    assert "It goes out 10 minutes after 'spot' (campaigns/a.yaml, line 6) on board." in shown
    assert "one/spot" not in shown


def test_the_nation_of_the_settings_counts_the_working_days(project: Project) -> None:
    project.write_calendar(OTHER.replace("18 March", "29 March"), "b")  # Easter Monday, not in Scotland
    days = []
    for nation in ("england", "scotland"):
        project.write_accounts(BOARDS, habits=f"{{nation: {nation}}}")
        rows = json.loads(project.run("preview", "--format", "json", "campaigns/b.yaml", code=0).stdout)
        days.append({row["post"]: row["due_local"] for row in rows}["bank"])
    assert days == ["2027-03-30T13:00:00+01:00", "2027-03-29T13:00:00+01:00"]


def test_what_is_shipped_keeps_the_habits_of_the_example(tmp_path: Path) -> None:
    project = Project(tmp_path)
    shutil.copytree(ROOT / "campaigns", tmp_path / "campaigns", dirs_exist_ok=True)
    shutil.copy(ROOT / "config.example.yaml", tmp_path / "config.yaml")
    assert "\n  staffed_hours:" in (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert project.run("check", "--strict", code=0).stdout == ""
    project.run("preview", "--strict", code=0)
