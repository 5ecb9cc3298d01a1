"""Two daemons on one PostgreSQL ledger: each delivery once, in the order of its account, whoever sends it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.domain.delivery import Status
from tests.acceptance.crashing import Moment
from tests.boards import Project, read_board, write_utc
from tests.daemons import DaemonProcess, run_daemon

ACCOUNTS, POSTS = 100, 5
BOARD = {"platform": "noticeboard", "folder": "board"}
CLAIMED = Moment("scheduler.ledger.writing", "PublishingLedger.claim", "return")


def write_storm(project: Project) -> None:
    """Write a calendar of 500 deliveries, all due at once."""
    now = datetime.now(UTC)
    names = ", ".join(f"force{number}" for number in range(ACCOUNTS))
    head = f"campaign: storm\ndate: {now.date()}\ntimezone: UTC\naccounts: [{names}]\nposts:\n"
    posts = [f"  - id: p{number}\n    when: {write_utc(now)}\n    text: Post {number}\n" for number in range(POSTS)]
    project.write_calendar(head + "".join(posts))


@contextmanager
def run_two(project: Project) -> Iterator[tuple[DaemonProcess, DaemonProcess]]:
    """Two daemons at work before anything is due, so that they begin together."""
    with ExitStack() as running:
        first, second = (running.enter_context(run_daemon(project)) for _ in range(2))
        for daemon in (first, second):
            daemon.wait_until_started()
        write_storm(project)
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


def verify_storm(project: Project) -> dict[str, int]:
    """Fail unless all 500 are out once, in the order of their accounts. Return how many each daemon sent."""
    posts = read_board(project.folder / "board")
    assert len({post["key"] for post in posts}) == len(posts) == ACCOUNTS * POSTS
    history = project.history()
    assert {entry["status"] for entry in history.values()} == {"posted"}
    sent_by: dict[str, int] = {}
    order: dict[str, list[tuple[int, str]]] = {}
    for entry in history.values():
        [posted] = [event for event in entry["events"] if event["kind"] == "posted"]
        sent_by[posted["who"]] = sent_by.get(posted["who"], 0) + 1
        order.setdefault(entry["account"], []).append((posted["seq"], entry["post"]))
    for account, sent in order.items():
        assert [post for _, post in sorted(sent)] == [f"p{number}" for number in range(POSTS)], account
    return sent_by


def test_two_daemons_send_each_of_500_once(project: Project) -> None:
    with run_two(project) as (first, second):
        first.wait_until(lambda: count_posted(project) == ACCOUNTS * POSTS)
        first.stop()
        second.stop()
    sent_by = verify_storm(project)
    assert {entry["attempts"] for entry in project.history().values()} == {1}
    assert len(sent_by) == 2, f"one of them sent everything, so this was no race: {sent_by}"


def test_one_of_two_is_killed_in_the_storm_and_the_other_finishes(project: Project) -> None:
    with run_two(project) as (first, second):
        first.wait_until(lambda: count_files(project) >= 100)
        first.kill()
        second.wait_until(lambda: count_posted(project) == ACCOUNTS * POSTS)
        second.stop()
    verify_storm(project)


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
