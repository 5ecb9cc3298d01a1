"""What the benchmarks work on: posts as an officer writes them, calendars and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

YEAR = datetime.now(UTC).year + 1
"""The year of all posts: the next, so that none is due."""

HASHTAG = f"#CEADay{YEAR % 100:02}"

THREE_ACCOUNTS = """\
  force-x: {platform: x, api_key: env:A, api_secret: env:B, access_token: env:C, access_secret: env:D}
  force-bluesky: {platform: bluesky, handle: force.example.org, app_password: env:E}
  force-mastodon: {platform: mastodon, server: https://mastodon.example.org, access_token: env:F}
"""

_TEXTS = (
    "Think. Spot. Speak out. If a child you know has new things and will not say where they came from, ask how they "
    "are. Tell us what you saw, however small it seems. https://www.example.org/signs",
    "It’s never the child’s fault. Anyone can be groomed, online or in the street, and it’s hard to see from inside. "
    "Know the signs 👀 and talk about them at home tonight.",
    "Put your hands up for #HelpingHands: write your pledge on your palm, take a picture and share it with your team. "
    "More at https://www.example.org/pledge and thank you.",
)


@dataclass(frozen=True)
class Wording:
    """One post: its id, the day and time it is due, and its words without the campaign's hashtag."""

    id: str
    day: date
    hour: str
    text: str


def write_posts(count: int) -> list[Wording]:
    """Return that many posts of next year; no two have the same words, none is less than 15 minutes after another."""
    return [
        Wording(
            id=f"post-{number:05}",
            day=date(YEAR, 1, 1) + timedelta(days=number % 300),
            hour=_say_hour(8 * 60 + number // 300 * 20 + number % 5),
            text=f"{number:05}. {_TEXTS[number % len(_TEXTS)]}",
        )
        for number in range(count)
    ]


def _say_hour(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def write_project(folder: Path, accounts: str, calendar: str, settings: str = "") -> Path:
    """Make a folder with settings and one calendar, and return it. `accounts` are lines of YAML."""
    (folder / "campaigns").mkdir(parents=True)
    head = f"calendars: campaigns\nledger: sqlite:///ledger.db\n{settings}"
    (folder / "config.yaml").write_text(f"{head}accounts:\n{accounts}", encoding="utf-8")
    (folder / "campaigns" / "benchmark.yaml").write_text(calendar, encoding="utf-8")
    return folder


def write_calendar(posts: Sequence[Wording], accounts: Sequence[str], *, details: bool = False) -> str:
    """Return a calendar of these posts; `details` gives each a link with a title and tags, as a real one has."""
    lines = [
        "campaign: benchmark",
        "name: National Child Exploitation Awareness Day",
        f"date: 18 March {YEAR}",
        f"accounts: [{', '.join(accounts)}]",
        f'hashtags: ["{HASHTAG}"]',
        "posts:",
    ]
    for post in posts:
        lines += [f"  - id: {post.id}", f"    when: {post.day.isoformat()} {post.hour}", "    text: |"]
        lines += [f"      {post.text}"]
        if details:
            lines += ["    link:", "      url: https://www.example.org/signs", "      title: Know the signs"]
            lines += ["    tags: [cse, schools]"]
    return "\n".join(lines) + "\n"


def write_storm(accounts: Sequence[str], due: datetime) -> str:
    """Return a calendar of one post that goes to every account at the same minute."""
    moment = due.astimezone(UTC)
    return (
        f"campaign: storm\ndate: {moment:%Y-%m-%d}\ntimezone: UTC\naccounts: [{', '.join(accounts)}]\n"
        f"posts:\n  - id: now\n    when: {moment:%Y-%m-%d %H:%M}\n    text: {_TEXTS[1]}\n"
    )


def write_boards(count: int) -> tuple[list[str], str]:
    """Return the names of that many accounts on one noticeboard, and their lines of settings."""
    names = [f"board-{number:04}" for number in range(count)]
    return names, "".join(f"  {name}: {{platform: noticeboard, folder: board}}\n" for name in names)
