"""A content warning counts with the text, and every form of the preview says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spreadsheets import Desk

CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [board, chat]
posts:
  - id: think
    when: on the day at 08:00
    text: one
    content_warning: child abuse
    comment: Call 101.
    variants:
      chat: {comment: none}
  - id: plain
    when: on the day at 09:00
    text: two
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    accounts = "  board: {platform: noticeboard, folder: noticeboard}\n  chat: {platform: discord, webhook: env:HOOK}\n"
    (tmp_path / "config.yaml").write_text(f"calendars: campaigns\naccounts:\n{accounts}")
    made.calendar.write_text(CALENDAR)
    return made


def test_the_text_says_that_the_warning_counts(desk: Desk) -> None:
    shown = desk.run("preview", code=0).out
    assert "  14/5000 graphemes with the warning\n    one\n" in shown
    assert "  first comment: 9/5000 graphemes\n" in shown
    assert shown.count("with the warning") == 1  # discord has none, and nothing is counted with it
    assert "  3/5000 graphemes\n    two\n" in shown


def test_a_program_is_told_too(desk: Desk) -> None:
    rows = desk.run("preview", "--format", "json", code=0).data
    counted = {row["key"]: [(part["length"], part["counts_warning"]) for part in row["parts"]] for row in rows}
    assert counted == {
        "ce/think/2027/board": [(14, True), (9, False)],
        "ce/think/2027/chat": [(3, False)],
        "ce/plain/2027/board": [(3, False)],
        "ce/plain/2027/chat": [(3, False)],
    }


def test_the_page_says_it_and_shows_the_warning_of_each_account(desk: Desk) -> None:
    desk.edit("chat: {comment: none}", "chat: {comment: none, content_warning: none}")
    page = desk.run("preview", "--format", "html", code=0).out
    assert page.count("14 of 5000 graphemes with the warning") == 1
    assert page.count("Readers see this first: <strong>child abuse</strong>") == 1
