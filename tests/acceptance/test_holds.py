"""`campaign hold` and `release` on a bad day: with broken calendars, broken settings, or no calendars at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

HOLD = ("hold", "--reason", "a death in the force")
RELEASE = ("release", "--all", "--reason", "over")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose post p0 is due; its ledger knows the calendar."""
    made = Project(tmp_path)
    made.write_calendar(make_calendar(p0=0))
    return made


@pytest.fixture
def key() -> str:
    return f"now/p0/{datetime.now(UTC).year}/board"


def break_settings(project: Project, text: str = "colour: blue\n") -> None:
    config = project.folder / "config.yaml"
    config.write_text(text + config.read_text())


@pytest.mark.parametrize("text", ["colour: blue\n", "alerts: [env:A\n"])
def test_settings_with_an_error_elsewhere_stop_neither(project: Project, text: str) -> None:
    project.run(*HOLD, code=0)
    project.run("release", "1", "--reason", "a trial", code=0)
    break_settings(project, text)
    held = project.run(*HOLD, code=0)
    assert "Hold 2 is in force: everything." in held.stdout
    assert "config.yaml has errors; all that is used of it is the ledger, ledger.db." in held.stderr
    assert "config.yaml:1:" in held.stderr  # what is to be mended
    released = project.run(*RELEASE, code=0)
    assert "Hold 2 (everything) is released." in released.stdout
    assert "what fell due meanwhile cannot be listed" in released.stderr


def test_where_the_settings_are_broken_no_other_ledger_is_made(project: Project) -> None:
    break_settings(project)
    assert "There is no ledger" in project.run(*HOLD, code=3).stderr
    break_settings(project, "ledger: sqlite:///other.db\n")
    assert "written twice" in project.run(*HOLD, code=2).stderr
    assert not list(project.folder.glob("*.db"))


def test_names_are_not_refused_while_the_settings_are_broken(project: Project) -> None:
    project.run(*HOLD, code=0)
    break_settings(project)
    held = project.run(*HOLD, "--account", "bord", "--campaign", "now", code=0)
    assert "No account is called 'bord'. Did you mean 'board'? It may stand in a file that has errors" in held.stderr
    assert "the names given were not looked up, since config.yaml has errors" in held.stderr


def test_no_folder_of_calendars_stops_neither(project: Project) -> None:
    folder = project.folder / "campaigns"
    folder.rename(project.folder / "moved")
    assert project.run(*HOLD, code=0).stderr == ""
    assert "the names given were not looked up" in project.run(*HOLD, "--tag", "cse", code=0).stderr
    released = project.run(*RELEASE, code=0)
    assert "Hold 1 (everything) is released.\nHold 2 (tag cse) is released." in released.stdout
    assert "what fell due meanwhile cannot be listed" in released.stderr
    assert "The folder of calendars, campaigns, is not there" in released.stderr


def test_a_name_that_may_be_in_a_broken_calendar_is_not_refused(project: Project) -> None:
    for option, name in (("--campaign", "nwo"), ("--tag", "cse"), ("--except", "now/p1")):
        assert "is called" in (refused := project.run(*HOLD, option, name, code=2).stderr) or "has the tag" in refused
    project.write_calendar("campaign: b\n", "b")
    for option, name in (("--campaign", "nwo"), ("--tag", "cse"), ("--except", "b/p1")):
        held = project.run(*HOLD, option, name, code=0)
        assert "It may stand in a file that has errors" in held.stderr
    assert project.run(*HOLD, "--campaign", "now", "--except", "now/p0", code=0).stderr == ""


def test_pictures_are_not_looked_at(project: Project) -> None:
    picture = "    images:\n      - {file: gone.png, alt: An open hand.}\n"
    project.write_calendar(make_calendar(p0=0) + picture)
    project.run("check", code=2)
    assert project.run(*HOLD, "--campaign", "now", code=0).stderr == ""


def test_what_a_broken_calendar_planned_is_listed_all_the_same(project: Project, key: str) -> None:
    project.run(*HOLD, code=0)
    project.run("run", "--once", code=0)  # keeps the calendar's version
    project.write_calendar("campaign: [")
    released = project.run(*RELEASE, code=0)
    assert key in released.stdout
    assert "campaigns/a.yaml has errors: its last good version is used." in released.stderr
    project.write_calendar("campaign: [", "b")
    project.run(*HOLD, code=0)
    assert "b.yaml has errors: what it planned is not listed." in project.run(*RELEASE, code=0).stderr
