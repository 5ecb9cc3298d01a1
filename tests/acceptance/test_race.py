"""Two daemons on one PostgreSQL ledger: each delivery once, in the order of its account, whoever sends it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.domain.delivery import Status
from tests.acceptance.crashing import Moment
from tests.boards import Project, read_board, write_utc
from tests.daemons import DaemonProcess, run_daemon
from tests.stages import build_stage, find_server

ACCOUNTS, POSTS = 100, 5
BOARD = {"platform": "noticeboard", "folder": "board"}
CLAIMED = Moment("scheduler.ledger.writing", "PublishingLedger.claim", "return")


def write_storm(project: Project, accounts: int) -> None:
    """Write a calendar of five posts to each account, all due at once."""
    now = datetime.now(UTC)
    names = ", ".join(f"force{number}" for number in range(accounts))
    head = f"campaign: storm\ndate: {now.date()}\ntimezone: UTC\naccounts: [{names}]\nposts:\n"
    posts = [f"  - id: p{number}\n    when: {write_utc(now)}\n    text: Post {number}\n" for number in range(POSTS)]
    project.write_calendar(head + "".join(posts))


@contextmanager
def run_two(
    project: Project, accounts: int = ACCOUNTS, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[DaemonProcess, DaemonProcess]]:
    """Two daemons at work before anything is due, so that they begin together."""
    with ExitStack() as running:
        first, second = (running.enter_context(run_daemon(project, environment=environment)) for _ in range(2))
        for daemon in (first, second):
            daemon.wait_until_started()
        write_storm(project, accounts)
        for daemon in (first, second):
            daemon.send(signal.SIGHUP)
        yield first, second


@pytest.fixture
def project(tmp_path: Path, postgres_url: str) -> Project:
    made = Project(tmp_path, postgres_url)
    made.write_accounts({f"force{number}": BOARD for number in range(ACCOUNTS)})
    return made


def count_files(project: Project) -> int:
    return len(list((project.folder / "board").glob("*.json")))


def count_posted(project: Project) -> int:
    return sum(record.status is Status.POSTED for record in project.read_ledger().values())


def list_sent(*daemons: DaemonProcess) -> list[str]:
    """Return the keys of what the daemons say that they sent. A noticeboard would not show a second sending."""
    return [key for daemon in daemons for key in re.findall(r"delivery=(\S+) status=posted", daemon.output)]


def verify_order(project: Project) -> None:
    """Fail unless the ledger holds each delivery as posted by one call, in the order of its account.

    One that was left by a killed daemon is unknown until it was looked for: that holds up nothing, so it has no order.
    """
    order: dict[str, list[tuple[int, str]]] = {}
    left: dict[str, set[str]] = {}
    for entry in project.history().values():
        assert entry["status"] == "posted", entry
        [posted] = [event for event in entry["events"] if event["kind"] == "posted"]
        order.setdefault(entry["account"], []).append((posted["seq"], entry["post"]))
        if any(event["kind"] == "taken-over" for event in entry["events"]):
            left.setdefault(entry["account"], set()).add(entry["post"])
    for account, sent in order.items():
        aside = left.get(account, set())
        assert len(aside) <= 1, f"{account} had more than one claim at once"
        expected = [post for post in (f"p{number}" for number in range(POSTS)) if post not in aside]
        assert [post for _, post in sorted(sent) if post not in aside] == expected, account
        assert {post for _, post in sent} == {*expected, *aside}, account


def test_two_daemons_send_each_of_500_once(project: Project) -> None:
    with run_two(project) as (first, second):
        first.wait_until(lambda: count_posted(project) == ACCOUNTS * POSTS)
        first.stop()
        second.stop()
    assert count_files(project) == ACCOUNTS * POSTS
    assert {entry["attempts"] for entry in project.history().values()} == {1}
    verify_order(project)
    assert sorted(list_sent(first, second)) == sorted(project.read_ledger())
    assert list_sent(first), "the second sent everything: this was no race"
    assert list_sent(second), "the first sent everything: this was no race"


def test_one_of_two_is_killed_in_the_storm_and_the_other_finishes(project: Project) -> None:
    with run_two(project) as (first, second):
        first.wait_until(lambda: count_files(project) >= 100)
        first.kill()
        second.wait_until(lambda: count_posted(project) == ACCOUNTS * POSTS)
        second.stop()
    assert count_files(project) == ACCOUNTS * POSTS
    sent = list_sent(first, second)
    assert len(set(sent)) == len(sent)
    verify_order(project)


def test_two_daemons_on_a_server_that_takes_a_post_twice(
    tmp_path: Path, postgres_url: str, request: pytest.FixtureRequest
) -> None:
    """Here every sending shows: the server makes a post of each call."""
    project, server = Project(tmp_path, postgres_url), find_server("snac2", request)
    stages = [build_stage("snac2", server, tmp_path) for _ in range(8)]
    project.write_accounts(
        {f"force{number}": {**stage.settings, "access_token": f"env:T{number}"} for number, stage in enumerate(stages)}
    )
    tokens = {f"T{number}": stage.environment["TOKEN"] for number, stage in enumerate(stages)}
    with run_two(project, len(stages), tokens) as (first, second):
        first.wait_until(lambda: count_posted(project) == len(stages) * POSTS)
        first.stop()
        second.stop()
    for stage in stages:
        assert sorted(post.text for post in stage.posts()) == [f"Post {number}" for number in range(POSTS)]
    verify_order(project)


def test_a_daemon_leaves_alone_what_its_calendars_do_not_hold(tmp_path: Path, postgres_url: str) -> None:
    """What the other left claimed and unsent is taken over, and waits for a daemon that knows it."""
    projects = []
    for name in ("knows", "other"):
        (tmp_path / name).mkdir()
        made = Project(tmp_path / name, postgres_url)
        made.write_accounts({"force": {**BOARD, "folder": str(tmp_path / "board")}})
        now = datetime.now(UTC)
        made.write_calendar(
            f"campaign: {name}\ndate: {now.date()}\ntimezone: UTC\naccounts: [force]\n"
            f"posts:\n  - id: p0\n    when: {write_utc(now)}\n    text: From {name}\n"
        )
        projects.append(made)
    knows, other = projects
    key = f"knows/p0/{datetime.now(UTC).year}/force"
    with run_daemon(knows, crash=[CLAIMED]) as daemon:
        daemon.wait_for_crash()
    with run_daemon(other) as daemon:
        daemon.wait_until(lambda: count_posted(other) == 1)
        assert other.read_ledger()[key].status is Status.PLANNED
        daemon.stop()
    assert [post["text"] for post in read_board(tmp_path / "board")] == ["From other"]
    with run_daemon(knows) as daemon:
        daemon.wait_until(lambda: count_posted(knows) == 2)
        daemon.stop()
    assert sorted(post["text"] for post in read_board(tmp_path / "board")) == ["From knows", "From other"]
