"""Meta's channels, killed with SIGKILL around the two steps and started again: each post is out once, and on record."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from scheduler.domain.delivery import Record, Status
from tests.acceptance.crashing import Moment
from tests.boards import Project, write_utc
from tests.daemons import run_daemon
from tests.meta_desk import SETTINGS, TEXT
from tests.servers.meta import MetaServer, list_texts, start_meta

MADE = Moment("scheduler.domain.meta_calls", "GraphCalls.post", "return")
KEPT = Moment("scheduler.ledger.writing", "PublishingLedger.keep_progress", "return")
MARKED = Moment("scheduler.ledger.writing", "PublishingLedger.begin_sending", "return")
SENT = Moment("urllib3.connection", "HTTPConnection.getresponse", "call")  # no byte of the reply is read
READ = Moment("requests.sessions", "Session.send", "return")
SETTLED = Moment("scheduler.ledger.writing", "PublishingLedger.settle_part", "call")

STEPS: dict[str, tuple[tuple[Moment, ...], ...]] = {
    # After MARKED alone nobody could tell a page's post from one whose reply was lost: it is left to a person.
    "facebook": ((MADE,), (MARKED, SENT), (MARKED, READ), (SETTLED,)),
    "instagram": ((MADE,), (KEPT,), (MARKED,), (MARKED, SENT), (MARKED, READ), (SETTLED,)),
    "threads": ((MADE,), (KEPT,), (MARKED,), (MARKED, SENT), (MARKED, READ), (SETTLED,)),
}
CALENDAR = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [account]
posts:
  - id: think
    when: {when}
    text: {text}
    images:
      - {{file: hand.png, alt: An open hand.}}
"""


@pytest.fixture
def servers() -> Iterator[list[MetaServer]]:
    with ExitStack() as running:
        yield [running.enter_context(start_meta()) for _ in range(6)]


def write_project(folder: Path, name: str, server: MetaServer) -> Project:
    """Return a project with one post that is due now, on one account."""
    folder.mkdir()
    project = Project(folder)
    account = {"platform": name, "server": server.base_url, "token": "env:META_TOKEN", **SETTINGS[name]}
    public = '{folder: public, address: "https://media.example.org"}'
    project.write_accounts({"account": account}, public_media=public)
    Image.new("RGB", (320, 200), "seagreen").save(folder / "campaigns" / "hand.png")
    now = datetime.now(UTC)
    project.write_calendar(CALENDAR.format(date=now.date(), when=write_utc(now), text=TEXT))
    return project


def play(name: str, moments: tuple[Moment, ...], server: MetaServer, folder: Path) -> str:
    """Crash at a moment, start again, and say what is wrong then; nothing, if all is well."""
    project = write_project(folder, name, server)
    environment = {"META_TOKEN": server.service.tokens[0]}
    with run_daemon(project, crash=moments, environment=environment) as daemon:
        daemon.wait_for_crash()

    def record() -> Record | None:
        return next(iter(project.read_ledger().values()), None)

    with run_daemon(project, environment=environment) as daemon:
        daemon.wait_until_started()
        daemon.wait_until(lambda: (row := record()) is not None and row.status is Status.POSTED)
        daemon.stop()
    posts, row = server.posts(), record()
    assert row is not None
    if list_texts(posts) != [TEXT] or [receipt.remote_id for receipt in row.receipts] != [posts[0].id]:
        return f"{name}, killed at {' > '.join(map(str, moments))}: {list_texts(posts)}, {row.receipts}"
    return ""


@pytest.mark.parametrize("name", STEPS)
def test_killed_at_every_step_it_is_out_once(name: str, servers: list[MetaServer], tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        plays = [
            pool.submit(play, name, moments, server, tmp_path / f"play-{number}")
            for number, (moments, server) in enumerate(zip(STEPS[name], servers, strict=False))
        ]
    assert [wrong for each in plays if (wrong := each.result())] == []
