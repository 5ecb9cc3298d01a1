"""The last lines of a preview: what of a broken calendar is shown, and a sum that counts what stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spreadsheets import Desk

CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [board]
posts:
  - id: think
    when: on the day at 08:00
    text: {text}
"""
NOTHING = "has errors: nothing of it is shown."


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    (tmp_path / "config.yaml").write_text(
        "calendars: campaigns\nhabits: {clashes: no, gap: off}\n"
        "accounts:\n  board: {platform: noticeboard, folder: noticeboard}\n"
    )
    return made


def write(desk: Desk, name: str, text: str) -> None:
    (desk.folder / f"campaigns/{name}.yaml").write_text(CALENDAR.format(text=text).replace("ce\n", f"{name}\n", 1))


@pytest.mark.parametrize("text", ["Think: spot", "Think {year}", "[Think", "Think #CEADay27"])
def test_a_calendar_with_errors_is_said_to_be_left_out_and_its_errors_count(desk: Desk, text: str) -> None:
    write(desk, "ce", text)
    lines = desk.run("preview", code=2).err.splitlines()
    assert lines[-2:] == [f"note: campaigns/ce.yaml {NOTHING}", "0 deliveries: 1 error, 0 warnings."]


def test_the_sum_counts_calendars_and_rows(desk: Desk) -> None:
    write(desk, "bad", "Think {year}")
    write(desk, "good", "Seen in 2026.")  # warned of, with the calendar
    write(desk, "long", "x" * 5001)  # refused by the account, in its row
    shown = desk.run("preview", code=2)
    assert shown.err.splitlines()[-1] == "2 deliveries: 2 errors, 1 warning."
    assert shown.out.count("  error: ") == 1
    assert shown.err.count(": error: ") == 1
    assert shown.err.count(": warning: ") == 1


def test_with_a_ledger_the_last_good_version_is_shown(desk: Desk) -> None:
    write(desk, "ce", "Think.")
    desk.run("run", "--once", code=0)
    write(desk, "ce", "Think: spot")
    write(desk, "new", "Think {year}")
    shown = desk.run("preview", code=2)
    assert shown.err.splitlines()[-3:] == [
        "note: campaigns/ce.yaml has errors: its last good version is shown, which stays in force.",
        f"note: campaigns/new.yaml {NOTHING}",
        "1 delivery: 2 errors, 0 warnings.",
    ]
    assert "    Think.\n" in shown.out
