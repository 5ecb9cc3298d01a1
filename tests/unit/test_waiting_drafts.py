"""A draft may wait for its picture: check, preview and run agree that it keeps nothing else back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.spreadsheets import Desk

CALENDAR = """\
campaign: ce
date: {today:%d/%m/%Y}
accounts: [board]
not_after: 2 days
posts:
  - id: ready
    when: on the day at 00:00
    text: Ready.
  - id: waiting
    when: the day after at 10:00
    text: Waiting.{draft}
    images: [{{file: hands.png, alt: Six raised hands.}}]
"""
DRAFT = "\n    draft: yes"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    (tmp_path / "config.yaml").write_text(
        "calendars: campaigns\naccounts:\n  board: {platform: noticeboard, folder: noticeboard}\n"
    )
    return made


def write(desk: Desk, draft: str) -> None:
    today = datetime.now().astimezone().date()
    desk.calendar.write_text(CALENDAR.format(today=today, draft=draft), encoding="utf-8")


def find_posted(desk: Desk) -> list[str]:
    desk.run("run", "--once")
    return [row["post"] for row in desk.run("history", "--format", "json").data if row["status"] == "posted"]


@pytest.mark.parametrize("content", [None, b"no picture"], ids=["missing", "no picture"])
def test_a_draft_without_its_picture_is_warned_of(desk: Desk, content: bytes | None) -> None:
    write(desk, DRAFT)
    if content is not None:
        (desk.folder / "campaigns/hands.png").write_bytes(content)
    [problem] = desk.run("check", "--format", "json", code=0).data
    assert (problem["severity"], problem["line"]) == ("warning", 13)
    assert "hands.png" in problem["message"]
    rows = desk.run("preview", "--format", "json", code=0).data
    assert [[each["severity"] for each in row["problems"]] for row in rows] == [[], ["warning"]]
    assert find_posted(desk) == ["ready"]


def test_a_post_that_is_no_draft_cannot_do_without(desk: Desk) -> None:
    write(desk, "")
    [problem] = desk.run("check", "--format", "json", code=2).data
    assert problem["severity"] == "error"
    desk.run("run", "--once")
    assert desk.run("history", "--format", "json").data == []


def test_what_one_account_cannot_take_keeps_back_that_post_alone(desk: Desk) -> None:
    write(desk, DRAFT)
    desk.edit("text: Waiting.\n    draft: yes\n    images: [{file: hands.png, alt: Six raised hands.}]",
              f"text: {'words ' * 1000}")  # fmt: skip
    [problem] = desk.run("check", "--format", "json", code=2).data
    assert "The text for board is" in problem["message"]
    assert find_posted(desk) == ["ready"]
