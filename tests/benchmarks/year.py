"""A whole year: sixty campaigns, ten thousand deliveries, checked and previewed by one process."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

from tests.benchmarks.commands import ACCOUNTS, expect, say
from tests.benchmarks.figures import Figure
from tests.benchmarks.material import HASHTAG, THREE_ACCOUNTS, YEAR, Wording, write_posts
from tests.benchmarks.mdsend import VERSION, prepare_mdsend
from tests.benchmarks.processes import CAMPAIGN, Command, compare

CAMPAIGNS, POSTS = 60, 56  # of three accounts: 10,080 deliveries

_READ_ALL = """\
import pathlib, yaml
for path in sorted(pathlib.Path("campaigns").glob("*.yaml")):
    loader = yaml.CLoader(path.read_text(encoding="utf-8"))
    while loader.check_event():
        loader.get_event()
"""


def measure_year(folder: Path, *, pairs: int = 5) -> list[Figure]:
    """Check against a process that only reads libyaml's events; preview against mdsend on the same posts."""
    project = folder / "project"
    (project / "campaigns").mkdir(parents=True)
    (project / "config.yaml").write_text(f"ledger: sqlite:///ledger.db\naccounts:\n{THREE_ACCOUNTS}", encoding="utf-8")
    written = write_posts(CAMPAIGNS * POSTS)
    for number in range(CAMPAIGNS):
        words = _write_campaign(number, written[number * POSTS : (number + 1) * POSTS])
        (project / "campaigns" / f"campaign-{number:02}.yaml").write_text(words, encoding="utf-8")
    check, preview = Command((*CAMPAIGN, "check"), project), Command((*CAMPAIGN, "preview"), project)
    events = Command((sys.executable, "-c", _READ_ALL), project)
    theirs = prepare_mdsend(folder / "mdsend", written)
    expect(check, f"{CAMPAIGNS} calendars read: 0 errors")
    expect(preview, f"{CAMPAIGNS * POSTS * len(ACCOUNTS)} deliveries: 0 errors")
    checked, previewed = compare(check, events, pairs), compare(preview, theirs, pairs)
    size = f"{CAMPAIGNS} campaigns, {CAMPAIGNS * POSTS * len(ACCOUNTS)} deliveries"
    reading = f"{size}: a process that reads only libyaml's events; {say(checked)}"
    return [
        Figure("year-check", checked.ratio, 6.0, "×", reading),
        Figure(
            "year-preview", previewed.ratio, 1.5, "×", f"{size}: mdsend {VERSION} on the same posts; {say(previewed)}"
        ),
    ]


def _write_campaign(number: int, posts: list[Wording]) -> str:
    """Return a calendar as officers write them: a day of the year, and posts that count from it."""
    day = date(YEAR, 1, 4) + timedelta(days=number * 6)
    lines = [
        f"campaign: campaign-{number:02}",
        f"name: Campaign number {number}",
        f"date: {day.isoformat()}",
        f"accounts: [{', '.join(ACCOUNTS)}]",
        f'hashtags: ["{HASHTAG}"]',
        "posts:",
    ]
    for at, post in enumerate(posts):
        when = f"{at // 8 + 1} days before at" if at % 2 else f"{at // 8} days after at"
        minute = number % 3 * 20  # so that posts of neighbouring campaigns keep apart
        lines += [f"  - id: {post.id}", f"    when: {when} {8 + at % 8:02}:{minute:02}", "    text: |"]
        lines += [f"      {post.text}", "    tags: [cse, schools]"]
    return "\n".join(lines) + "\n"
