"""`campaign status` tells the truth at once, and a preview shows what is in force."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar, write_utc
from tests.daemons import run_daemon

HOUR = 3600


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_secret_that_is_missing_is_red_long_before_it_is_needed(project: Project) -> None:
    secret = project.folder / "password"
    settings = {"platform": "bluesky", "handle": "force.example.org", "app_password": f"file:{secret}"}
    unused = {"platform": "x", **dict.fromkeys(("api_key", "api_secret", "access_token", "access_secret"), "env:NO")}
    project.write_accounts({"force": settings, "unused": unused})
    project.write_calendar(make_calendar(p0=5 * HOUR).replace("[board]", "[force]"))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: "account=force cannot post" in daemon.output)
        daemon.wait_until(lambda: "unauthorised: force" in project.run("status", code=1).stdout)
        assert "unused" not in project.run("status").stdout
        assert str(secret) in json.loads(project.run("status", "--format", "json").stdout)["unauthorised"]["force"]
        daemon.stop()


def test_a_daemon_that_was_killed_is_red_at_once(project: Project) -> None:
    project.write_calendar(make_calendar(p0=5 * HOUR))
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        daemon.wait_until(lambda: project.run("status").returncode == 0)
        daemon.kill()
        assert "no daemon is running" in project.run("status", code=1).stdout


def test_a_ledger_that_was_lost_is_named(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    for path in project.folder.glob("ledger.db*"):
        path.unlink()
    assert "is not the one that was last written" in project.run("status", code=1).stdout
    project.run("run", "--once", code=3)


def test_what_is_in_force_of_a_broken_calendar_is_shown(project: Project) -> None:
    path = project.write_calendar(make_calendar(p0=5 * HOUR))
    project.run("run", "--once", code=0)
    path.write_text(path.read_text() + "broken: [\n")
    done = project.run("preview", "--format", "json", code=2)
    assert [row["post"] for row in json.loads(done.stdout)] == ["p0"]
    assert "its last good version is shown, which stays in force" in done.stderr
    status = json.loads(project.run("status", "--format", "json", code=1).stdout)
    assert status["next_due_utc"] is not None
    assert status["broken_calendars"] == ["campaigns/a.yaml"]


def test_a_preview_does_without_a_ledger_that_cannot_be_reached(tmp_path: Path) -> None:
    project = Project(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing")
    project.write_calendar(make_calendar(p0=5 * HOUR))
    done = project.run("preview", "--format", "json", code=0)
    assert len(json.loads(done.stdout)) == 1
    assert "what is posted or held already is not shown" in done.stderr


def test_a_hold_says_nothing_of_what_was_over_before_it(project: Project) -> None:
    past = datetime.now(UTC) - timedelta(days=200)
    project.write_calendar(
        f"campaign: old\ndate: {past.date()}\ntimezone: UTC\naccounts: [board]\nposts:\n"
        f"  - {{id: a, when: {write_utc(past)}, text: Think.}}\n"
    )
    project.run("hold", "--reason", "mourning", code=0)
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert (row["decision"], row["status"]) == ("miss", "past")


def test_why_it_could_not_be_sent_is_kept_when_it_is_missed(project: Project) -> None:
    project.write_settings({"board": "unavailable@1"})
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=1)
    project.write_calendar(make_calendar(p0=-4 * HOUR))
    project.run("run", "--once", code=1)
    [entry] = project.history().values()
    assert entry["status"] == "missed"
    assert "told to be out of reach" in entry["error"]
