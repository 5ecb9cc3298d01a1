"""One account on each server that stores posts, all to be used alike: its settings, its secrets, what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.boards import Project, read_board, write_utc
from tests.servers.seen import SeenPost

STAGES = ("noticeboard", "bluesky", "snac2", "mastodon_mock", "x_server")
"""Every stage; all but the noticeboard are fixtures of `tests/conftest.py` too."""


@dataclass(frozen=True)
class Stage:
    """An account that nobody else has.

    `settings` go into config.yaml, `environment` holds the secrets they name; `posts` reads what is on the server,
    oldest first. `can_tell` is whether the platform can always find out what became of a post whose answer was lost.
    `committing` is a piece of the path of the call that posts; empty where there is no server.
    """

    settings: Mapping[str, str]
    posts: Callable[[], Sequence[SeenPost]]
    can_tell: bool
    committing: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def behind(self, server: str) -> Stage:
        """Return the same stage, reached through another address."""
        return replace(self, settings={**self.settings, "server": server})


def build_stage(name: str, server: Any, folder: Path) -> Stage:
    """Return a stage with a fresh account on a running server (None for the noticeboard, which is in `folder`).

    snac2 2.75 may crash where a user is made while another one posts: do one after the other.
    """
    return {
        "noticeboard": _build_noticeboard,
        "bluesky": _build_bluesky,
        "snac2": _build_snac2,
        "mastodon_mock": _build_mastodon_mock,
        "x_server": _build_x,
    }[name](server, folder)


def find_server(name: str, request: pytest.FixtureRequest) -> Any:
    """Return the running server of a stage; None for the noticeboard."""
    return None if name == "noticeboard" else request.getfixturevalue(name)


def _build_noticeboard(_: Any, folder: Path) -> Stage:
    def read_posts() -> list[SeenPost]:
        return [
            SeenPost(
                id=f"{post['key'].replace('/', '.')}.{post['part']}.json",
                text=post["text"],
                alt_texts=tuple(media["alt"] for media in post["media"]),
                parent=post["reply_to"],
                created_at=post["posted_at"],
                raw=post,
            )
            for post in read_board(folder / "board")
        ]

    return Stage({"platform": "noticeboard", "folder": "board"}, read_posts, can_tell=True)


def _build_bluesky(server: Any, _: Path) -> Stage:
    account = server.new_account()
    settings = {"platform": "bluesky", "server": server.base_url, "handle": account.handle, "app_password": "env:PASS"}
    return Stage(settings, lambda: server.posts(account), True, "putRecord", {"PASS": account.password})


def _build_mastodon(server: Any, *, can_tell: bool) -> Stage:
    account = server.new_account()
    settings = {"platform": "mastodon", "server": server.base_url, "access_token": "env:TOKEN"}
    return Stage(settings, lambda: server.posts(account), can_tell, "/api/v1/statuses", {"TOKEN": account.access_token})


def _build_snac2(server: Any, _: Path) -> Stage:
    return _build_mastodon(server, can_tell=False)


def _build_mastodon_mock(server: Any, _: Path) -> Stage:
    return _build_mastodon(server, can_tell=True)


def _build_x(server: Any, _: Path) -> Stage:
    account = server.new_account()
    names = ("api_key", "api_secret", "access_token", "access_secret")
    settings = {"platform": "x", "server": server.base_url, **{name: f"env:{name.upper()}" for name in names}}
    secrets = {name.upper(): getattr(account, name) for name in names}
    return Stage(settings, lambda: server.posts(account), False, "/2/tweets", secrets)


THREAD = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [account]
posts:
  - id: films
    when: {when}
    thread:
      - text: First part
        images:
          - {{file: hand.png, alt: An open hand.}}
      - text: Second part
"""


def write_thread(project: Project, stage: Stage, when: datetime, **settings: str) -> str:
    """Write settings and a calendar that plans one thread of two parts, the first with a picture; return its key."""
    project.write_accounts({"account": stage.settings}, **settings)
    Image.new("RGB", (320, 200), "seagreen").save(project.folder / "campaigns" / "hand.png")
    project.write_calendar(THREAD.format(date=when.date().isoformat(), when=write_utc(when)))
    return f"ce/films/{when.year}/account"
