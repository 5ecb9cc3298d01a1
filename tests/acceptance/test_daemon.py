"""The daemon as a process: it starts, reloads, stops and fails as an administrator expects."""

from __future__ import annotations

import base64
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from scheduler.domain.delivery import Status
from tests.acceptance.crashing import Moment
from tests.boards import Project, make_calendar
from tests.conftest import ProxyFor
from tests.daemons import run_daemon
from tests.stages import build_stage, find_server, write_thread

BOARD = {"platform": "noticeboard", "folder": "boards/board"}
TOMORROW = 24 * 3600.0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def texts(project: Project) -> list[str]:
    return [post["text"] for post in project.posts("board")]


def find_status(project: Project, key: str) -> Status | None:
    record = project.read_ledger().get(key)
    return None if record is None else record.status


def test_it_posts_reloads_on_a_signal_and_stops(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        project.write_calendar(make_calendar(campaign="more", p0=0), name="b")
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(texts(project)) == 2)
        daemon.wait_until(lambda: project.run("status").returncode == 0)
        project.write_calendar("campaign: [", name="b")
        daemon.wait_until(lambda: "broken" in project.run("status").stdout)
        daemon.stop()
    assert project.run("status").returncode == 1
    assert project.read_ledger()[f"now/p0/{datetime.now(UTC).year}/board"].attempt == 1


def test_it_reads_a_changed_file_by_itself(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        project.write_calendar(make_calendar(campaign="more", p1=0), name="b")
        daemon.wait_until(lambda: texts(project) == ["Post p1", "Post p0"])
        daemon.stop()


def test_signals_that_come_in_a_heap_do_not_stop_it_from_stopping(project: Project) -> None:
    """A signal may interrupt anything, also what its handler does for the one before."""
    project.write_calendar(make_calendar(p0=0))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        end = time.monotonic() + 2
        while time.monotonic() < end:
            daemon.send(signal.SIGHUP)
        daemon.stop()
    assert texts(project) == ["Post p0"]


def test_a_second_one_on_the_same_ledger_exits_4(project: Project) -> None:
    project.write_calendar(make_calendar(p0=TOMORROW))
    with run_daemon(project) as first:
        first.wait_until_started()
        with run_daemon(project) as second:
            assert second.wait_for_end() == 4
            assert "Another process publishes from the ledger" in second.output
            assert len(second.output.splitlines()) == 1, second.output
        assert project.run("run", "--once").returncode == 4
        first.stop()
    with run_daemon(project) as third:
        third.wait_until_started()
        third.stop()


def test_what_is_deleted_or_moved_takes_effect_while_it_runs(project: Project) -> None:
    """The minimum gap keeps the second and third waiting, so that there is time for an edit."""
    project.write_accounts({"board": BOARD}, minimum_gap="8 seconds")
    project.write_calendar(make_calendar(p0=0, deleted=0, later=0, sooner=TOMORROW))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        project.write_calendar(make_calendar(p0=0, later=TOMORROW, sooner=0))
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(texts(project)) == 2)
        daemon.stop()
    assert texts(project) == ["Post p0", "Post sooner"]
    project.run("run", "--once", code=0)  # which knows of no gap
    assert texts(project) == ["Post p0", "Post sooner"]


def test_a_broken_calendar_keeps_its_last_good_version_also_after_a_restart(project: Project) -> None:
    project.write_accounts({"board": BOARD}, minimum_gap="8 seconds")
    project.write_calendar(make_calendar(p0=0, p1=0, p2=0))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        project.write_calendar(make_calendar(p0=0, p1=0, p2=0).replace("text: Post p2", "txet: Post p2"))
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: "broken" in daemon.output)
        assert texts(project) == ["Post p0"]
        daemon.wait_until(lambda: texts(project) == ["Post p0", "Post p1"])
        daemon.stop()
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0", "Post p1", "Post p2"])
        assert "broken" in daemon.output
        daemon.stop()


def test_a_hold_stops_it_within_a_second_and_its_release_sends_nothing(project: Project) -> None:
    project.write_accounts({"board": BOARD}, minimum_gap="1 second")
    names = [f"p{number:02}" for number in range(40)]
    project.write_calendar(make_calendar(campaign="now", **dict.fromkeys(names, 0.0)))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: len(texts(project)) >= 2)
        project.run("hold", "--reason", "a death in the force", code=0)
        sent = texts(project)
        key = f"now/{names[-1]}/{datetime.now(UTC).year}/board"
        daemon.wait_until(lambda: find_status(project, key) is Status.HELD)
        project.run("release", "--all", "--reason", "over", code=0)
        time.sleep(2.5)  # nothing is to happen: more than two of the gaps in which posts would leave
        daemon.stop()
    assert texts(project) == sent == [f"Post {name}" for name in names[: len(sent)]]
    statuses = [entry["status"] for entry in project.history().values()]
    assert statuses.count("held") == len(names) - len(sent)


def test_an_edit_after_the_claim_changes_nothing_under_way(project: Project, tmp_path: Path) -> None:
    stage = build_stage("noticeboard", None, tmp_path)
    write_thread(project, stage, datetime.now(UTC))
    settled = Moment("scheduler.ledger.writing", "PublishingLedger.settle_part", "return")
    with run_daemon(project, crash=[settled]) as daemon:
        daemon.wait_for_crash()
    calendar = project.folder / "campaigns" / "a.yaml"
    edited = calendar.read_text().replace("First part", "Edited").replace("Second part", "Edited too")
    calendar.write_text(edited.replace("date:", "name: Another name\ndate:"))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: len(stage.posts()) == 2)
        daemon.stop()
    assert [post.text for post in stage.posts()] == ["First part", "Second part"]


@pytest.mark.parametrize("damage", ["corrupt", "newer", "folder", "locked"])
def test_a_ledger_that_cannot_be_used_ends_it_with_3_and_one_line(project: Project, damage: str) -> None:
    project.write_calendar(make_calendar(p0=0))
    ledger = project.folder / "ledger.db"
    connection = None
    if damage == "corrupt":
        ledger.write_bytes(b"this is no database" * 1000)
    elif damage == "folder":
        ledger.mkdir()
    else:
        project.run("hold", "--reason", "to make the ledger", code=0)
        connection = sqlite3.connect(ledger, isolation_level=None)
        newer = "UPDATE alembic_version SET version_num = '9999'"
        connection.execute(newer if damage == "newer" else "BEGIN IMMEDIATE")
    before = ledger.read_bytes() if damage == "corrupt" else b""
    with run_daemon(project) as daemon:
        assert daemon.wait_for_end() == 3, daemon.output
        errors = [line for line in daemon.output.splitlines() if "level=" not in line]
    assert len(errors) == 1, daemon.output
    assert errors[0].startswith("error: The ledger"), errors
    assert "Traceback" not in daemon.output
    assert texts(project) == []
    assert not before or ledger.read_bytes() == before
    if connection is not None:
        connection.close()


def test_a_ledger_that_is_locked_while_it_runs_ends_it_with_3(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    with run_daemon(project) as daemon:
        daemon.wait_until(lambda: texts(project) == ["Post p0"])
        daemon.wait_until(lambda: [record.status for record in project.read_ledger().values()] == [Status.POSTED])
        with closing(sqlite3.connect(project.folder / "ledger.db", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            project.write_calendar(make_calendar(p0=0, p1=0))
            daemon.send(signal.SIGHUP)
            assert daemon.wait_for_end() == 3, daemon.output
        assert daemon.output.splitlines()[-1].startswith("error: The ledger ledger.db is locked")
        assert "Traceback" not in daemon.output
    assert texts(project) == ["Post p0"]
    project.run("run", "--once", code=0)
    assert texts(project) == ["Post p0", "Post p1"]


@pytest.mark.parametrize(("fault", "path", "posts"), [
    ("hang", "uploadBlob", 0),
    ("hang", "putRecord", 0),
    ("hang-after", "putRecord", 1),
    ("slow", "putRecord", 1),
])  # fmt: skip
def test_sigterm_ends_it_in_time_while_a_call_hangs(
    fault: str, path: str, posts: int, request: pytest.FixtureRequest, lossy_proxy: ProxyFor, project: Project
) -> None:
    server = find_server("bluesky", request)
    proxy = lossy_proxy(server.base_url)
    stage = build_stage("bluesky", server, project.folder).behind(proxy.base_url)
    key = write_thread(project, stage, datetime.now(UTC))
    proxy.fail_next(fault, path=path)
    with run_daemon(project, environment=stage.environment) as daemon:
        daemon.wait_until(lambda: any(seen.fault == fault for seen in proxy.requests()))
        if fault == "hang-after":
            daemon.wait_until(lambda: len(stage.posts()) == 1)
        daemon.stop(seconds=10)
    assert len(stage.posts()) == posts
    with run_daemon(project, environment=stage.environment) as daemon:
        daemon.wait_until(lambda: find_status(project, key) is Status.POSTED)
        daemon.stop()
    assert [post.text for post in stage.posts()] == ["First part", "Second part"]


@pytest.mark.parametrize("name", ["bluesky", "mastodon_mock", "x_server"])
def test_no_secret_is_left_anywhere(
    name: str, request: pytest.FixtureRequest, lossy_proxy: ProxyFor, project: Project
) -> None:
    """Through a refused log-in and a lost reply; the store of log-ins may hold what the server gave, no more."""
    server = find_server(name, request)
    proxy = lossy_proxy(server.base_url)
    stage = build_stage(name, server, project.folder).behind(proxy.base_url)
    key = write_thread(project, stage, datetime.now(UTC))
    project.write_accounts({"account": stage.settings, "board": BOARD})
    project.write_calendar(make_calendar(p0=0), name="b")
    wrong = {secret: f"canary-{number}-{value}" for number, (secret, value) in enumerate(stage.environment.items())}
    with run_daemon(project, environment=wrong) as daemon:
        daemon.wait_until(lambda: project.read_ledger().get(key) and project.read_ledger()[key].error_kind)
        assert project.read_ledger()[key].error_kind == "unauthorised", daemon.output
        daemon.stop()
    proxy.fail_next("kill-after", path=stage.committing)
    with run_daemon(project, environment=stage.environment) as daemon:
        daemon.wait_until(lambda: find_status(project, key) is Status.POSTED)
        shown = [project.run(*words.split()) for words in ("history --format json", "status", "preview --format json")]
        daemon.stop()
    assert proxy.pending() == 0
    said = "".join(done.stdout + done.stderr for done in shown).encode()
    files = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    assert {"ledger.db", f"now.p0.{datetime.now(UTC).year}.board.0.json"} <= {path.name for path in files}
    for secret in {*wrong.values(), *stage.environment.values()}:
        for form in {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}:
            assert form.encode() not in said
            assert [str(path) for path, content in files.items() if form.encode() in content] == []
    for path in (project.folder / "state" / "sessions").glob("*"):
        assert path.stat().st_mode & 0o077 == 0
