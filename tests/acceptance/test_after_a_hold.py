"""After a release nothing looks as if the hold were in force, and what fell due meanwhile can be sent after all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

KEY = f"now/p0/{datetime.now(UTC).year}/board"
OVER = "it fell due during hold 1 (tag cse: incident), which is released"
HOLD = ("hold", "--tag", "cse", "--reason", "incident")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose post is due, and held."""
    made = Project(tmp_path)
    made.write_calendar(make_calendar(p0=0) + "    tags: [cse]\n")
    made.run(*HOLD, code=0)
    return made


def read_status(project: Project) -> dict[str, object]:
    told: dict[str, object] = json.loads(project.run("status", "--format", "json").stdout)
    return told


def release(project: Project) -> str:
    return project.run("release", "1", "--reason", "over", code=0).stdout


def test_while_it_is_in_force_the_hold_is_named(project: Project) -> None:
    project.run("run", "--once", code=0)
    assert project.run("history", code=0).stdout.rstrip().endswith(f"  held      {KEY}  hold 1 (tag cse): incident")
    assert "  hold: hold 1 (tag cse): incident\n" in project.run("preview", code=0).stdout
    assert "\nheld: 1 · " in project.run("status").stdout
    assert read_status(project)["held_over"] == []


@pytest.mark.parametrize("looked", ["during", "after", "never"])
def test_after_its_release_it_is_over_everywhere(project: Project, looked: str) -> None:
    """Whether a round looked while the hold was in force, or afterwards."""
    if looked == "during":
        project.run("run", "--once", code=0)
    release(project)
    if looked == "after":
        project.run("run", "--once", code=0)
    status = project.run("status").stdout
    assert "\nheld: 0 · " in status
    assert "fell due during a hold that is released, not sent: 1 post" in status
    assert (read_status(project)["held"], read_status(project)["held_over"]) == ([KEY], [KEY])
    shown = project.run("preview", code=0).stdout
    assert f"  hold: {OVER}" in shown
    assert "hold 1 (tag cse): incident" not in shown
    if looked != "never":
        assert f"  held      {KEY}  {OVER}" in project.run("history", code=0).stdout
        assert project.history()[KEY]["error"] == OVER
        before = (project.folder / "campaigns/a.yaml").read_text(encoding="utf-8")  # its time stays as it is
        project.write_calendar(before.replace("text: Post", "text: Another"))
        [difference] = json.loads(project.run("diff", "--format", "json", code=1).stdout)
        assert OVER in difference["outcome"]


def test_a_release_names_what_can_be_done_and_it_works(project: Project) -> None:
    project.run("run", "--once", code=0)
    said = release(project)
    assert f"{KEY}\nFor each: move its `when` to a time ahead; or send it now: campaign resolve KEY --retry" in said
    project.run("resolve", KEY, "--retry", code=0)
    project.run("run", "--once", code=0)
    assert [post["text"] for post in project.posts("board")] == ["Post p0"]


def test_what_no_round_has_looked_at_yet_can_be_sent_a_little_later(project: Project) -> None:
    release(project)
    said = project.run("resolve", KEY, "--retry", code=2).stderr
    assert "no round has looked at it since" in said
    project.run("run", "--once", code=0)
    project.run("resolve", KEY, "--retry", code=0)
    project.run("run", "--once", code=0)
    assert len(project.posts("board")) == 1
