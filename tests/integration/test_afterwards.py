"""One post with all that a channel carries, by the command line, on the real servers: previewed, sent, taken back."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from scheduler.bootstrap import SystemClock, build_app
from scheduler.domain.ports import Retracts
from tests.boards import Project, write_utc
from tests.films import make_film
from tests.stages import Stage, build_stage, find_server

CALENDAR = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [account]
posts:
  - id: noticed
    when: {when}
    text: She noticed, and she asked.
    video: {{file: film-1.mp4, alt: A teacher asks., captions: {captions}}}
    comment: 'Worried about a child? https://www.example.org/help'
    {more}
  - id: hands
    when: {when}
    text: Helping hands
    images:
      - {{file: hand.png, alt: An open hand.}}
"""


@dataclass(frozen=True)
class Carried:
    """What a platform carries: captions as a calendar names them, more of the post, and what it costs."""

    captions: str
    more: str = ""
    price: float | None = None
    looks: str = ""


CARRIED = {
    "bluesky": Carried("film-1.srt", "replies: followers"),
    "mastodon_mock": Carried("burnt in", "content_warning: Talks about abuse"),
    "x_server": Carried("film-1.srt", "replies: mentioned", price=0.22, looks="X charges $0.003 for this."),
}


@dataclass(frozen=True)
class Play:
    """A project with its post due now."""

    project: Project
    stage: Stage
    carried: Carried

    def run(self, *arguments: str, code: int = 0) -> str:
        done = self.project.run(*arguments, code=code)
        assert not [secret for secret in self.stage.environment.values() if secret in done.stdout + done.stderr]
        return done.stdout + done.stderr


@pytest.fixture(params=CARRIED)
def play(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    carried, stage = CARRIED[request.param], build_stage(request.param, find_server(request.param, request), tmp_path)
    for name, value in stage.environment.items():
        monkeypatch.setenv(name, value)
    project, now = Project(tmp_path), datetime.now(UTC)
    project.write_accounts({"account": stage.settings})
    make_film(tmp_path / "campaigns", "", captions="srt")
    Image.new("RGB", (320, 200), "seagreen").save(tmp_path / "campaigns" / "hand.png")
    words = CALENDAR.format(date=now.date(), when=write_utc(now), captions=carried.captions, more=carried.more)
    project.write_calendar(words)
    assert os.environ.keys() >= stage.environment.keys()
    return Play(project, stage, carried)


def test_it_goes_out_as_previewed_is_seen_and_is_taken_back(play: Play) -> None:
    rows = json.loads(play.run("preview", "--format", "json"))
    row = next(row for row in rows if row["key"].startswith("ce/noticed/"))
    assert row.get("price_usd") == play.carried.price
    play.run("run", "--once")
    posts = {post.text: post for post in play.stage.posts()}
    assert sorted(posts) == sorted(part["text"] for row in rows for part in row["parts"])
    film, comment = (posts[part["text"]] for part in row["parts"])
    assert (film.parent, comment.parent) == (None, film.id)
    seen = play.run("verify")
    assert "2 deliveries looked at: 2 live, 0 gone, 0 unsure." in seen
    assert play.carried.looks in seen
    play.run("retract", row["key"], "--yes", "--reason", "wrong number")
    assert [post.text for post in play.stage.posts()] == ["Helping hands"]
    assert "1 delivery looked at: 1 live" in play.run("verify")
    play.run("run", "--once")
    assert [post.text for post in play.stage.posts()] == ["Helping hands"]


def test_what_was_deleted_there_is_noticed(play: Play) -> None:
    play.run("run", "--once")
    record = next(record for key, record in play.project.read_ledger().items() if key.startswith("ce/hands/"))
    channel = build_app(play.project.folder / "config.yaml", allow_example=False).build_channels(SystemClock())[
        "account"
    ]
    assert isinstance(channel.platform, Retracts)
    with channel.open(lambda: None) as context:
        channel.platform.retract(record.receipts[0], 0, context)
    seen = play.run("verify", code=1)
    assert "2 deliveries looked at: 1 live, 1 gone, 0 unsure." in seen
    assert f"gone    {record.key}" in seen
