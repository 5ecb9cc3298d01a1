"""Who runs `campaign run --once` from cron has a status that is green when all is well, and red when it is not."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.boards import Project, make_calendar
from tests.daemons import run_daemon

HOUR = 3600
SOON = f"soon/p0/{datetime.now(UTC).year}/board"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of which one round was run; its next post is due in hours."""
    made = Project(tmp_path)
    made.write_calendar(make_calendar(p0=0, p1=5 * HOUR))
    made.run("run", "--once", code=0)
    return made


def read_status(project: Project, *, code: int) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.run("status", "--format", "json", code=code).stdout)
    return told


def set_back(project: Project, by: timedelta) -> None:
    """Make the mark of the last round older, as if none had been run since."""
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        moment = (datetime.now(UTC) - by).isoformat(timespec="microseconds")
        connection.execute("UPDATE heartbeat SET beat_at = ?", (moment,))
    connection.close()


def test_it_is_green_and_says_when_the_last_round_was(project: Project) -> None:
    before = datetime.now(UTC)
    project.run("run", "--once", code=0)
    shown = project.run("status", code=0).stdout
    assert "GREEN: all is well" in shown
    assert "last round at: " in shown
    assert "(`campaign run --once`)" in shown
    assert "heartbeat" not in shown
    told = read_status(project, code=0)
    assert datetime.fromisoformat(told["last_round_utc"]) >= before - timedelta(seconds=1)
    assert (told["red"], told["heartbeat_age_seconds"]) == ([], None)


def test_it_is_red_if_there_was_none_for_a_day(project: Project) -> None:
    set_back(project, timedelta(hours=23))
    assert ", 23 hours ago" in project.run("status", code=0).stdout
    set_back(project, timedelta(hours=25))
    assert "`campaign run --once` was not run for 25 hours" in project.run("status", code=1).stdout
    project.run("run", "--once", code=0)
    project.run("status", code=0)


@pytest.mark.parametrize(("late", "code"), [(10 * 60, 0), (20 * 60, 1)])
def test_it_is_red_if_something_is_overdue_and_cron_has_time_to_come_round(
    project: Project, late: float, code: int
) -> None:
    set_back(project, timedelta(minutes=30))
    project.write_calendar(make_calendar(campaign="soon", p0=-late), "b")
    assert read_status(project, code=code)["overdue"] == ([SOON] if code else [])


def test_a_round_that_was_never_run_and_a_daemon_that_died_stay_red(project: Project, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Project(tmp_path / "other")
    other.write_calendar(make_calendar(p0=5 * HOUR))
    assert "no daemon is running" in other.run("status", code=1).stdout
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        daemon.wait_until(lambda: read_status(project, code=0)["last_round_utc"] is None)
        daemon.kill()
    assert "no daemon is running" in project.run("status", code=1).stdout
    project.run("run", "--once", code=0)
    assert "no daemon is running" in project.run("status", code=1).stdout, "a round by hand brings no daemon back"
    set_back(project, timedelta(hours=25))
    project.run("run", "--once", code=0)  # whoever runs rounds for a day has no daemon any more
    project.run("status", code=0)


def test_a_calendar_that_is_mended_is_green_before_the_next_round(project: Project) -> None:
    path = project.folder / "campaigns/a.yaml"
    good = path.read_text()
    path.write_text(good + "broken: [\n")
    project.run("run", "--once", code=1)
    assert read_status(project, code=1)["broken_calendars"] == ["campaigns/a.yaml"]
    path.write_text(good)
    assert read_status(project, code=0)["broken_calendars"] == []


def test_a_mark_from_a_clock_that_was_ahead_stops_no_round(project: Project) -> None:
    set_back(project, timedelta(hours=-3))
    assert "the clock went back" in project.run("status", code=1).stdout
    project.run("run", "--once", code=0)
    project.run("status", code=0)
