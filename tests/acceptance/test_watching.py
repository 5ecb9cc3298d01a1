"""What an administrator relies on: the health page, the status and the alerts tell the truth."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from tests.boards import Project, write_utc
from tests.conftest import ProxyFor
from tests.daemons import run_daemon
from tests.inbox import Inbox, start_inbox
from tests.servers.bluesky import BlueskyServer
from tests.servers.process import pick_free_port


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with start_inbox() as made:
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def write_post(project: Project, account: str = "board", *, minutes: float = 0, name: str = "a") -> str:
    """Write a calendar with one post due so many minutes from now, and return its key."""
    when = datetime.now(UTC) + timedelta(minutes=minutes)
    project.write_calendar(
        f"campaign: {name}\ndate: {when.date()}\ntimezone: UTC\naccounts: [{account}]\nposts:\n"
        f"  - {{id: think, when: {write_utc(when)}, text: Think.}}\n",
        name,
    )
    return f"{name}/think/{when.year}/{account}"


def add_settings(project: Project, **settings: str) -> None:
    """Put further general settings into config.yaml."""
    config = project.folder / "config.yaml"
    config.write_text("".join(f"{name}: {value}\n" for name, value in settings.items()) + config.read_text())


def test_the_health_page_is_green_and_turns_red(project: Project) -> None:
    port = pick_free_port()
    add_settings(project, health=f"127.0.0.1:{port}")
    write_post(project)
    page = f"http://127.0.0.1:{port}/health"
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        daemon.wait_until(lambda: requests.get(page, timeout=10).status_code == 200)
        assert requests.get(page, timeout=10).json()["red"] == []
        assert requests.head(page, timeout=10).status_code == 200
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 404
        project.write_calendar("campaign: [", "b")
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: requests.get(page, timeout=10).status_code == 503)
        assert requests.get(page, timeout=10).json()["red"] == ["calendar broken: campaigns/b.yaml"]
        daemon.stop()


def test_a_port_that_is_taken_stops_no_post(project: Project) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as taken:
        add_settings(project, health=f"127.0.0.1:{taken.server_address[1]}")
        write_post(project)
        with run_daemon(project) as daemon:
            daemon.wait_until(lambda: len(project.posts("board")) == 1)
            assert "health page cannot be opened" in daemon.output
            daemon.stop()


def test_broken_and_missed_are_told_once(project: Project, inbox: Inbox) -> None:
    add_settings(project, alerts="[env:ALERTS]")
    write_post(project, minutes=60)
    environment = {"ALERTS": inbox.address}
    with run_daemon(project, environment=environment) as daemon:
        daemon.wait_until_started()
        key = write_post(project, minutes=-180)
        project.write_calendar("campaign: [", "b")
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(inbox.messages) >= 2)
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: project.read_ledger()[key].status == "missed")
        write_post(project, name="c")
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        daemon.stop()
    assert sorted(inbox.titles()) == ["calendar broken: campaigns/b.yaml", f"missed: {key}"]
    assert "campaigns/b.yaml:1:11: error:" in str(inbox.messages)


def test_a_refused_account_is_told_waits_quietly_and_goes_on_with_its_new_secret(
    project: Project, inbox: Inbox, bluesky: BlueskyServer, tmp_path: Path
) -> None:
    account = bluesky.new_account()
    secret = tmp_path / "password"
    secret.write_text("canary-wrong-password")
    settings = {
        "platform": "bluesky",
        "server": bluesky.base_url,
        "handle": account.handle,
        "app_password": f"file:{secret}",
    }
    project.write_accounts({"force": settings}, alerts="[env:ALERTS]")
    key = write_post(project, "force")
    with run_daemon(project, environment={"ALERTS": inbox.address}) as daemon:
        daemon.wait_until(lambda: inbox.messages)
        for _ in range(3):  # each makes a round: the account must not be tried again, nor fill the log
            daemon.send(signal.SIGHUP)
            daemon.wait_until(lambda: project.run("status").returncode == 1)
        assert "unauthorised: force" in project.run("status").stdout
        assert project.read_ledger()[key].attempt == 1
        assert daemon.output.count("refused the log-in") == 1
        secret.write_text(account.password)
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: project.read_ledger()[key].status == "posted")
        daemon.wait_until(lambda: project.run("status").returncode == 0)
        daemon.stop()
    assert inbox.titles() == ["account unauthorised: force"]
    assert "canary" not in str(inbox.messages)
    assert bluesky.count(account) == 1


@pytest.mark.parametrize(("server", "told"), [("mastodon_mock", 0), ("snac2", 1)])
def test_an_unknown_is_told_if_it_cannot_be_cleared_up(
    project: Project, inbox: Inbox, request: pytest.FixtureRequest, lossy_proxy: ProxyFor, server: str, told: int
) -> None:
    """Nothing was posted: one server takes the same key again, of the other nobody can say."""
    running = request.getfixturevalue(server)
    account, proxy = running.new_account(), lossy_proxy(running.base_url)
    settings = {"platform": "mastodon", "server": proxy.base_url, "access_token": "env:TOKEN"}
    project.write_accounts({"force": settings}, alerts="[env:ALERTS]")
    key = write_post(project, "force")
    proxy.fail_next("503", path="/api/v1/statuses")
    with run_daemon(project, environment={"ALERTS": inbox.address, "TOKEN": account.access_token}) as daemon:
        status = "unknown" if told else "posted"
        daemon.wait_until(lambda: key in project.read_ledger() and project.read_ledger()[key].status == status)
        daemon.wait_until(lambda: len(inbox.messages) == told)
        daemon.stop()
    assert inbox.titles() == [f"unknown: {key}"] * told
    assert running.count(account) == 1 - told
