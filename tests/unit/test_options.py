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


LIMIT = ("history", "--limit")
DAYS = ("forecast", "--days")
RELEASE = ("release", "--reason", "over", "--")


@pytest.mark.parametrize(
    ("command", "typed", "said"),
    [
        (LIMIT, "ten", "--limit: 'ten' is no whole number. Type one such as --limit 20."),
        (LIMIT, "2.5", "--limit: '2.5' is no whole number."),
        (LIMIT, "²", "--limit: '²' is no whole number."),
        (LIMIT, "", "--limit: '' is no whole number."),
        (LIMIT, "0", "--limit: 0 is too small: the least is 1. Type one such as --limit 20."),
        (LIMIT, "-5", "--limit: -5 is too small: the least is 1."),
        (LIMIT, "9" * 5000, "is too large: the most is 1000000000."),
        (DAYS, "a month", "--days: 'a month' is no whole number. Type one such as --days 90."),
        (DAYS, "3661", "--days: 3661 is too large: the most is 3660. Type one such as --days 90."),
        (RELEASE, "everything", "'everything' is no whole number. Type the hold's own, as in `campaign release 2`"),
        (RELEASE, "-1", "-1 is too small: the least is 1. Type the hold's own"),
    ],
)
def test_a_number_that_is_none_is_answered_with_what_to_type(
    desk: Desk, command: tuple[str, ...], typed: str, said: str
) -> None:
    done = desk.run(*command, typed, code=2)
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert said in done.err
    assert len(done.err) < 300


def test_whole_numbers_are_taken(desk: Desk) -> None:
    assert desk.run(*LIMIT, " 3 ").code == 0
    assert "in the next 1 day:" in desk.run(*DAYS, "1").err
    desk.run("hold", "--reason", "a test", code=0)
    assert "Hold 7 is not in force." in desk.run(*RELEASE, "7", code=2).err
    assert "is released" in desk.run(*RELEASE, "1", code=0).out
