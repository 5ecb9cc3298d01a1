"""A daemon that goes on: servers that hang, files with odd times, settings that cannot be used."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar
from tests.conftest import ProxyFor
from tests.daemons import run_daemon
from tests.servers.mastodon_mock import MastodonMock


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def has_posts(project: Project, count: int) -> bool:
    return len(project.posts("board")) == count


def test_a_look_at_a_server_that_hangs_delays_no_other_account_and_no_end(
    project: Project, mastodon_mock: MastodonMock, lossy_proxy: ProxyFor
) -> None:
    account, proxy = mastodon_mock.new_account(), lossy_proxy(mastodon_mock.base_url)
    force = {"platform": "mastodon", "server": proxy.base_url, "access_token": "env:TOKEN"}
    project.write_accounts({"force": force, "board": {"platform": "noticeboard", "folder": "boards/board"}})
    project.write_calendar(make_calendar(p0=0).replace("[board]", "[force]"))
    proxy.fail_next("503", path="/api/v1/statuses")
    with run_daemon(project, environment={"TOKEN": account.access_token}) as daemon:
        daemon.wait_until(lambda: any(record.status == "unknown" for record in project.read_ledger().values()))
        proxy.fail_next("hang", times=50, path="/api/v1", methods=("GET",))
        daemon.wait_until(lambda: any(request.fault == "hang" for request in proxy.requests()))
        project.write_calendar(make_calendar(campaign="more", p0=0), name="b")
        begun = time.monotonic()
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        assert time.monotonic() - begun < 25, "it waited for the look, which takes half a minute"
        daemon.stop()
    proxy.clear()


def test_a_file_whose_time_is_ahead_keeps_no_other_from_being_read(project: Project) -> None:
    path = project.write_calendar(make_calendar(p0=3600))
    ahead = datetime.now(UTC).timestamp() + 3600
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        os.utime(path, (ahead, ahead))
        project.write_calendar(make_calendar(campaign="more", p0=0), name="b")
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        daemon.stop()


def test_settings_that_cannot_be_used_are_red_and_calendars_are_read_all_the_same(project: Project) -> None:
    config = project.folder / "config.yaml"
    good = config.read_text()
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        for number, bad in enumerate([good.replace("ledger.db", "other.db"), good + "no_such_setting: 1\n"]):
            config.write_text(bad)
            daemon.send(signal.SIGHUP)
            daemon.wait_until(lambda: "cannot be used" in daemon.output)
            project.write_calendar(make_calendar(campaign=f"c{number}", p0=0), name=f"c{number}")
            daemon.wait_until(partial(has_posts, project, number + 1))
        config.write_text(good)
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: project.run("status").returncode == 0)
        daemon.stop()


def test_a_folder_of_calendars_that_goes_away_is_red_until_it_is_back(project: Project) -> None:
    project.write_calendar(make_calendar(p0=3600))
    folder, away = project.folder / "campaigns", project.folder / "away"
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        folder.rename(away)
        daemon.wait_until(lambda: "calendars cannot be used" in daemon.output)
        away.rename(folder)
        project.write_calendar(make_calendar(campaign="more", p0=0), name="b")
        daemon.send(signal.SIGHUP)
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        daemon.wait_until(lambda: project.run("status").returncode == 0)
        daemon.stop()
