"""Options of commands: what cannot be read is answered with what to type, and what spans lines is put on one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spreadsheets import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("year", "words"),
    [("next", "'next' is no year."), ("²", "'²' is no year."), ("-5", "'-5' is no year."), ("27", "27 is not a year"),
     ("20277", "20277 is not a year that can be reckoned."), ("9" * 5000, "is not a year that can be reckoned.")],
)  # fmt: skip
def test_a_year_that_is_none_is_answered_with_what_to_type(desk: Desk, year: str, words: str) -> None:
    done = desk.run("days", "--year", year, code=2)
    assert words in done.err
    assert "Write one in four figures: campaign days --year 20" in done.err


def test_two_forms_at_once_are_refused(desk: Desk) -> None:
    done = desk.run("days", "--ics", "--format", "json", code=2)
    assert done.out == ""
    assert "Leave one of them out." in done.err
    assert desk.run("days", "--ics", "--format", "text", code=0).out.startswith("BEGIN:VCALENDAR")


def test_a_reason_of_two_lines_is_kept_on_one(desk: Desk) -> None:
    reason = " nobody\n\tis free\r\nthat week "
    done = desk.run("days", "--skip", "black-friday", "--year", "2027", "--reason", reason, code=0)
    assert done.out.endswith("not this year: nobody is free that week\n")
    assert "nobody is free that week" in (desk.folder / "days.yaml").read_text(encoding="utf-8")
    desk.run("hold", "--reason", reason, code=0)
    assert "nobody is free that week" in desk.run("status").out
    assert "Say why" in desk.run("hold", "--reason", "\n", code=2).err
