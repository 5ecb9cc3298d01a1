"""`campaign check` names the problems of each file from its top to its end, whoever found them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spreadsheets import Desk

FIRST = f"""\
campaign: a
date: 18 March 2099
accounts: [board]
posts:
  - id: long
    when: on the day at 08:00
    text: {"word " * 1100}
  - id: soon-after
    when: on the day at 08:05
    text: Join us in 2098.
  - id: same-time
    when: on the day at 08:05
    text: Type \\n here.
"""
SECOND = "campaign: b\ndate: soon\naccounts: [board]\nposts:\n  - {id: x, when: on the day at 09:00, text: a}\n"
DAYS = "days:\n  open-day: {name: Open, rule: never}\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    for name, text in (("a.yaml", FIRST), ("b.yaml", SECOND), ("old.yaml.txt", SECOND)):
        (tmp_path / "campaigns" / name).write_text(text, encoding="utf-8")
    (tmp_path / "days.yaml").write_text(DAYS, encoding="utf-8")
    return made


def test_each_file_is_gone_through_from_its_top(desk: Desk) -> None:
    found = [(each["file"], each["line"]) for each in desk.run("check", "--format", "json", code=2).data]
    files = list(dict.fromkeys(file for file, _ in found))
    assert files == ["days.yaml", "campaigns/old.yaml.txt", "campaigns/a.yaml", "campaigns/b.yaml"]
    assert [line for file, line in found if file == "campaigns/a.yaml"] == [7, 9, 10, 12, 13]
    assert len(found) == sum(file == name for name in files for file, _ in found)
    shown = [line for line in desk.run("check").out.splitlines() if not line.startswith(" ")]
    assert [line.split(" ")[0] for line in shown] == [
        f"{each['file']}:{each['line'] or 1}:{each['column'] or 1}:"
        for each in desk.run("check", "--format", "json", code=2).data
    ]


def test_calendars_that_are_named_come_in_the_order_in_which_they_were(desk: Desk) -> None:
    data = desk.run("check", "campaigns/b.yaml", "campaigns/a.yaml", "--format", "json", code=2).data
    assert [(each["file"], each["line"]) for each in data][:2] == [("campaigns/b.yaml", 2), ("campaigns/a.yaml", 7)]
