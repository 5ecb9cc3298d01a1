"""A rehearsal's noticeboard says of each post what the rehearsal's table says of it: when, and how many there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.boards import Project

ACCOUNTS = "accounts: [board]\n"
SUMMER = f"""\
campaign: summer
date: 1 June 2027
{ACCOUNTS}posts:
  - {{id: plain, when: on the day at 00:30, text: Plain.}}
  - id: thread
    when: on the day at 09:00
    thread: [{{text: One}}, {{text: Two}}, {{text: Three}}]
    comment: Call 101.
"""
PARIS = f"""\
campaign: paris
date: 1 June 2027
timezone: Europe/Paris
{ACCOUNTS}posts:
  - {{id: bonjour, when: on the day at 12:00, text: Bonjour.}}
"""
UTC = PARIS.replace("paris", "utc", 1).replace("Europe/Paris", "UTC").replace("12:00", "15:00")
WINTER = SUMMER.replace("1 June 2027", "1 December 2027").replace("summer", "winter", 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def rehearse(project: Project) -> tuple[list[str], str]:
    """Return when the table says that each post went out, and the page."""
    table = project.run("rehearse", code=0).stdout
    times = re.findall(r"^(\w{3} \d+ \w{3} \d{4} \d\d:\d\d \w+)  ", table, re.MULTILINE)
    return times, (project.folder / "rehearsal/noticeboard/index.html").read_text(encoding="utf-8")


def test_times_are_those_of_the_table_with_utc_beside(project: Project) -> None:
    project.write_calendar(SUMMER)
    project.write_calendar(PARIS, "b")
    project.write_calendar(UTC, "c")
    project.write_calendar(WINTER, "d")
    times, page = rehearse(project)
    said = re.findall(r"</strong> · (.*?) · \S+/board", page)
    assert list(dict.fromkeys(said)) == [
        "Tue 1 Jun 2027 00:30 BST (23:30 UTC)",
        "Tue 1 Jun 2027 09:00 BST (08:00 UTC)",
        "Tue 1 Jun 2027 12:00 CEST (10:00 UTC)",
        "Tue 1 Jun 2027 15:00 UTC",
        "Wed 1 Dec 2027 00:30 GMT (00:30 UTC)",
        "Wed 1 Dec 2027 09:00 GMT (09:00 UTC)",
    ]
    assert times == [each.partition(" (")[0] for each in dict.fromkeys(said)]


def test_a_thread_is_one_post(project: Project) -> None:
    project.write_calendar(SUMMER)
    _, page = rehearse(project)
    with_parts = "with the later parts of threads and first comments that is 5 messages"
    assert f"<p>2 posts, in the order in which they went out; {with_parts}.</p>" in page
    assert page.count("<article") == 5


def test_where_each_post_is_one_message_nothing_is_said_of_messages(project: Project) -> None:
    project.write_calendar(PARIS)
    _, page = rehearse(project)
    assert "<p>1 post, in the order in which they went out.</p>" in page
