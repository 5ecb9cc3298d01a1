"""X from a calendar to the post, through the command line: what is previewed arrives, and once."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.boards import SETTINGS, Project, write_utc
from tests.x_desk import SECRETS, draw, list_calls

if TYPE_CHECKING:
    from tests.conftest import ProxyFor
    from tests.servers.x import XServer
    from tests.servers.x_store import XAccount

CALENDAR = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [force-x]
hashtags: ["#CEADay{{yy}}"]
posts:
  - id: think
    when: {now}
    thread:
      - text: Think & “spot” — children don't say “help me”.
        images:
          - file: hands.png
            alt: Two hands with the words think, spot, speak out.
      - text: Speak out.
        link: https://www.example.org/signs?from=x&copy=2
"""


class XProject(Project):
    """A project folder whose only account is on X; its secrets are in the environment."""

    def __init__(self, folder: Path, user: XAccount, environment: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        self.user = user
        self.values = {name: getattr(user, name) for name in SECRETS}
        for name, value in self.values.items():
            environment.setenv(f"X_{name.upper()}", value)
        draw(folder / "campaigns" / "hands.png")
        now = datetime.now(UTC)
        self.write_calendar(CALENDAR.format(date=now.date(), now=write_utc(now)))
        self.key = f"ce/think/{now.year}/force-x"

    def connect(self, address: str) -> None:
        """Write settings whose account talks to this address."""
        references = ", ".join(f"{name}: env:X_{name.upper()}" for name in SECRETS)
        account = f'  force-x: {{platform: x, server: "{address}", {references}}}'
        (self.folder / "config.yaml").write_text(SETTINGS.format(ledger=self.ledger, accounts=account))

    def preview(self) -> list[str]:
        """Return the texts that are to go out."""
        (row,) = json.loads(self.run("preview", "--format", "json", code=0).stdout)
        return [part["text"] for part in row["parts"]]

    def entry(self) -> dict[str, Any]:
        """Return the only delivery as the ledger has it."""
        (entry,) = self.history().values()
        assert entry["key"] == self.key
        return entry


@pytest.fixture
def project(tmp_path: Path, x_server: XServer, monkeypatch: pytest.MonkeyPatch) -> XProject:
    project = XProject(tmp_path, x_server.new_account(), monkeypatch)
    project.connect(x_server.base_url)
    return project


def test_a_thread_with_a_picture_goes_out_once_and_as_previewed(project: XProject, x_server: XServer) -> None:
    previewed = project.preview()
    said = project.run("run", "--once", code=0).stderr
    first, second = x_server.posts(project.user)
    assert [first.text, second.text] == previewed
    assert (first.alt_texts, second.parent) == (("Two hands with the words think, spot, speak out.",), first.id)
    entry = project.entry()
    assert (entry["status"], entry["attempts"]) == ("posted", 1)
    assert [part["url"] for part in entry["parts"]] == [f"https://x.com/i/status/{post.id}" for post in (first, second)]
    assert project.run("run", "--once", code=0).returncode == 0
    assert x_server.count(project.user) == 2
    stored = said.encode() + b"".join(path.read_bytes() for path in project.folder.rglob("*") if path.is_file())
    assert not any(value.encode() in stored for value in project.values.values())


def test_replies_lost_on_the_way_are_found_among_the_posts(
    project: XProject, x_server: XServer, lossy_proxy: ProxyFor
) -> None:
    """The proxy stands where X's own front does: the post is there, its answer never arrives."""
    proxy = lossy_proxy(x_server.base_url)
    project.connect(proxy.base_url)
    for fault, status, posts in (("html-502", "unknown", 1), ("kill-after", "unknown", 2), ("", "posted", 2)):
        if fault:
            proxy.fail_next(fault, path="/2/tweets")
        project.run("run", "--once", code=1 if fault else 0)
        assert (project.entry()["status"], x_server.count(project.user)) == (status, posts)
        time.sleep(1.1 if fault else 0)  # `reconcile_after` of the settings
    assert [post.text for post in x_server.posts(project.user)] == project.preview()
    assert list_calls(x_server, project.user).count("POST /2/tweets") == 2


def test_a_limit_reached_within_a_thread_delays_the_rest_of_it(project: XProject, x_server: XServer) -> None:
    x_server.set_limit(project.user, 1, reset_in=900)
    project.run("run", "--once", code=1)
    x_server.set_limit(project.user, 100)
    project.run("run", "--once")  # X named a reset, so nothing is tried before it
    entry = project.entry()
    assert (entry["status"], entry["attempts"], x_server.count(project.user)) == ("partial", 1, 1)
    assert [bool(part.get("url")) for part in entry["parts"]].count(True) == 1
