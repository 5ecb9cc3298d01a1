"""What is longer than a figure that a service does not state itself: warned of, and sent whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, write_utc
from tests.servers.scripted import ScriptedServer, start_scripted

CALENDAR = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [page]
posts:
  - id: think
    when: {now}
    text: {text}
    comment: {comment}
"""
TEXT, COMMENT = "Think " + "a" * 2995, "Call " + "b" * 1246  # LinkedIn is said to take 3,000 and 1,250


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as scripted:
        yield scripted


@pytest.fixture
def project(tmp_path: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("LINKEDIN_TOKEN", "canary-access")
    project = Project(tmp_path)
    account = {"platform": "linkedin", "server": server.base_url, "organization": "2414183"}
    project.write_accounts({"page": {**account, "access_token": "env:LINKEDIN_TOKEN"}})
    now = datetime.now(UTC)
    project.write_calendar(CALENDAR.format(date=now.date(), now=write_utc(now), text=TEXT, comment=COMMENT))
    return project


def test_a_text_over_linkedins_unconfirmed_length_is_warned_of_and_sent(
    project: Project, server: ScriptedServer
) -> None:
    assert (len(TEXT), len(COMMENT)) == (3001, 1251)
    (row,) = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    warned = {f"{each['severity']}: {each['message'].partition(';')[0]}" for each in row["problems"]}
    assert warned == {
        "warning: The text for page is 3001 utf-16 units long",
        "warning: The text for page (first comment) is 1251 utf-16 units long",
    }
    assert [(part["length"], part["limit"]) for part in row["parts"]] == [(3001, 3000), (1251, 1250)]
    assert [part["limit_certain"] for part in row["parts"]] == [False, False]

    server.answer(201, b"", {"x-restli-id": "urn:li:share:7"})
    server.answer(201, b'{"id": "71", "object": "urn:li:activity:8"}', {"x-restli-id": "71"})
    project.run("run", "--once", code=0)
    post, comment = (json.loads(request.body) for request in server.requests if request.method == "POST")
    assert (post["commentary"], comment["message"]["text"]) == (TEXT, COMMENT)
    (entry,) = project.history().values()
    assert (entry["status"], entry["attempts"]) == ("posted", 1)


def test_if_the_service_does_refuse_it_that_is_said_and_nothing_is_out(
    project: Project, server: ScriptedServer
) -> None:
    server.answer(422, b'{"status": 422, "code": "FIELD_LENGTH_TOO_LONG", "message": "commentary is too long"}')
    project.run("run", "--once")
    (entry,) = project.history().values()
    assert (entry["status"], len(server.requests)) == ("rejected", 1)
    assert "commentary is too long" in entry["error"]
