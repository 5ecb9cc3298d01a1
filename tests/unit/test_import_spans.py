"""A toolkit that counts the days of its campaign: how long that is stands in the calendar, or is to be settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spreadsheets import Desk

ROWS = (["a", "day 1 of 7", "9am", "board", "One."], ["b", "Day 2/7", "9am", "board", "Two."])
GIVEN = ("--date", "18 March 2027", "--accounts", "board")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_its_last_day_is_worked_out_from_the_rows(desk: Desk) -> None:
    done = desk.import_table(*ROWS)
    assert done.code == 0
    assert "taken to end on 24 March 2027, as its rows count 7; --until says otherwise" in done.err
    assert "date: 18 March 2027\nuntil: 24 March 2027\ndraft: yes" in desk.read()
    assert "when: day 2 of 7 at 09:00" in desk.read()
    desk.run("check", "--strict", code=0)
    desk.write_table(*ROWS, name="v2.xlsx")
    desk.run("import", "--update", "campaigns/x.yaml", "v2.xlsx", code=0)
    assert "when: day 2 of 7 at 09:00" in desk.read()


def test_a_row_that_counts_otherwise_is_told_by_cell_and_is_a_draft(desk: Desk) -> None:
    done = desk.import_table(*ROWS, ["c", "day 3 of 5", "9am", "board", "Three."])
    assert done.code == 1
    assert "toolkit.xlsx:Posts!B4: warning: 'day 3 of 5' cannot be: the campaign has 7 days. '2 days after'" in done.out
    assert "when: 2 days after at 09:00\n    draft: yes # to settle: 'day 3 of 5' cannot be" in desk.read()
    desk.run("check", "--strict", code=0)


def test_what_is_told_goes_before_what_the_rows_say(desk: Desk) -> None:
    done = desk.import_table(*ROWS, options=(*GIVEN, "--until", "20 March 2027"))
    assert done.out.count("cannot be: the campaign has 3 days.") == 2
    assert "until: 20 March 2027" in desk.read()
    desk.run("check", "--strict", code=0)


def test_a_last_day_that_nothing_says_is_asked_for_by_cell(desk: Desk) -> None:
    last = ["z", "the last day", "5pm", "board", "Thanks."]
    done = desk.import_table(last)
    assert (
        "toolkit.xlsx:Posts!B2: warning: 'the last day' needs the campaign's last day, which is not known." in done.out
    )
    assert "Add --until '24 March 2027' to the command" in done.out
    assert "draft: yes # to settle: 'the last day' needs" in desk.read()
    for path in desk.folder.glob("campaigns/*"):
        path.unlink()
    assert desk.import_table(last, options=(*GIVEN, "--until", "24 March 2027")).code == 0
    rows = desk.run("preview", "--format", "json", code=0).data
    assert rows[0]["due_local"].startswith("2027-03-24T17:00")


def test_an_awareness_day_of_several_days_says_it_itself(desk: Desk) -> None:
    given = ("--day", "sixteen-days", "--year", "2027", "--accounts", "board")
    assert desk.import_table(["a", "day 2 of 16", "9am", "board", "Two."], options=given).code == 0
    assert "until" not in desk.read()
    desk.run("check", "--strict", code=0)


def test_an_update_goes_by_the_dates_of_the_calendar(desk: Desk) -> None:
    desk.import_table(["a", "T", "9am", "board", "One."])
    desk.write_table(["a", "T", "9am", "board", "One."], *ROWS[1:], name="v2.xlsx")
    done = desk.run("import", "--update", "campaigns/x.yaml", "v2.xlsx", "--show", code=1)
    assert "'day 2 of 7' needs the campaign's last day, which is not known." in done.out
    desk.edit("date: 18 March 2027\n", "date: 19 March 2027\nuntil: 25 March 2027\n")
    done = desk.run("import", "--update", "campaigns/x.yaml", "v2.xlsx", code=0)
    assert "when: day 2 of 7 at 09:00" in desk.read()
    desk.run("check", "--strict", code=0)


def test_a_campaign_that_ends_before_it_begins_is_refused(desk: Desk) -> None:
    done = desk.import_table(*ROWS, options=(*GIVEN, "--until", "17 March 2027"))
    assert (done.code, desk.calendar.exists()) == (2, False)
    assert "would end on 17 March 2027, before it begins" in done.err
