"""campaign export: the plan as a table that opens right and runs nothing, and a template that import reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.sources.spreadsheet import FORMULA_SIGNS, read_sheet
from scheduler.sources.spreadsheet_writing import Table, guard, write_csv, write_excel
from scheduler.sources.toolkit_rows import unguard
from tests.spreadsheets import Desk, read_excel

CALENDAR = """\
campaign: x
date: 18 March 2099
accounts: [board, force-x]
hashtags: ["#CEADay{yy}"]
posts:
  - id: think
    when: on the day at 09:00
    text: |
      “Think” – £5.
      =1+1
    link: https://www.example.org/a
    images:
      - {file: hands.png, alt: An open palm.}
  - id: thread
    when: 1 day after at 09:00
    accounts: [board]
    draft: yes
    thread:
      - text: First
      - text: Second
  - id: secret
    when: 2 days after at 09:00
    accounts: [board]
    embargo: 20 March 2099 00:01
    text: Wait for it.
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    desk.calendar.write_text(CALENDAR, encoding="utf-8")
    picture = Path(__file__).parents[1] / "calendars/good/pictures/hands.png"
    (desk.folder / "campaigns/hands.png").write_bytes(picture.read_bytes())
    return desk


def read_csv(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_one_row_a_delivery_with_the_text_that_is_sent(desk: Desk) -> None:
    desk.run("export", "-o", "plan.csv", code=0)
    rows = read_csv(desk.folder / "plan.csv")
    previewed = desk.run("preview", "--format", "json", code=0).data
    assert (
        [row["Account"] for row in rows]
        == [each["account"] for each in previewed]
        == ["board", "force-x", "board", "board"]
    )
    assert [row["Text"] for row in rows[:2]] == [each["parts"][0]["text"] for each in previewed[:2]]
    first = rows[0]
    assert (first["Date"], first["Weekday"], first["Time"]) == ("18/03/2099", "Wednesday", "09:00")
    assert (first["Campaign"], first["Post"], first["Platform"]) == ("x", "think", "noticeboard")
    assert (first["Image"], first["Alt text"]) == ("campaigns/hands.png", "An open palm.")
    assert (first["Link"], first["Hashtags"], first["Status"]) == ("https://www.example.org/a", "#CEADay99", "planned")
    assert (rows[2]["Text"], rows[2]["Status"]) == ("First\n---\nSecond\n\n#CEADay99", "draft")


def test_words_under_embargo_are_left_out_unless_asked_for(desk: Desk) -> None:
    done = desk.run("export", "-o", "plan.xlsx", code=0)
    assert "1 text under embargo left out" in done.err
    content = (desk.folder / "plan.xlsx").read_bytes()
    cells = [str(cell.value) for row in read_excel(desk.folder / "plan.xlsx").iter_rows() for cell in row]
    assert not any("Wait" in cell for cell in cells)
    assert any(cell.startswith("(withheld: embargoed until") for cell in cells)
    desk.run("export", "-o", "all.csv", "--embargoed", code=0)
    assert "Wait for it." in read_csv(desk.folder / "all.csv")[3]["Text"]
    assert content


def test_the_window_and_the_accounts_are_those_of_the_preview(desk: Desk) -> None:
    desk.run("export", "-o", "a.csv", "--from", "18 March 2099", "--to", "18/03/2099", "--account", "board", code=0)
    assert [row["Post"] for row in read_csv(desk.folder / "a.csv")] == ["think"]
    assert "Did you mean 'board'?" in desk.run("export", "-o", "b.csv", "--account", "bord", code=2).err


def test_a_file_that_is_there_is_left_unless_forced(desk: Desk) -> None:
    (desk.folder / "plan.csv").write_text("mine", encoding="utf-8")
    assert "add --force" in desk.run("export", "-o", "plan.csv", code=2).err
    assert (desk.folder / "plan.csv").read_text(encoding="utf-8") == "mine"
    desk.run("export", "-o", "plan.csv", "--force", code=0)
    assert len(read_csv(desk.folder / "plan.csv")) == 4
    assert ".csv, .xlsx, .ics" in desk.run("export", "-o", "plan.pdf", code=2).err


def test_a_calendar_with_errors_is_said_to_be_missing(desk: Desk) -> None:
    (desk.folder / "campaigns/bad.yaml").write_text("campaign: bad\n", encoding="utf-8")
    done = desk.run("export", "-o", "plan.csv", code=1)
    assert "campaigns/bad.yaml has errors: nothing of it is in plan.csv" in done.err


def test_a_feed_for_outlook(desk: Desk) -> None:
    desk.run("export", "-o", "plan.ics", code=0)
    content = (desk.folder / "plan.ics").read_bytes()
    events = Calendar.from_ical(content).walk("VEVENT")
    assert len(events) == 4
    assert b"Wait" not in content
    assert "never in it" in desk.run("export", "-o", "more.ics", "--embargoed", code=2).err


def test_a_post_that_was_taken_out_is_called_off_in_a_feed_of_everything(desk: Desk) -> None:
    def export(name: str, *options: str) -> int:
        desk.run("export", "-o", name, *options, code=0)
        return (desk.folder / name).read_bytes().count(b"STATUS:CANCELLED")

    assert (export("plan.ics"), export("board.ics", "--account", "board")) == (0, 0)
    desk.calendar.write_text(CALENDAR[: CALENDAR.index("  - id: thread")], encoding="utf-8")
    assert export("plan.ics") == 2
    assert export("board.ics", "--account", "board") == 0  # a selection says nothing of what it leaves out


@pytest.mark.parametrize("name", ["template.xlsx", "template.csv"])
def test_the_template_is_read_back(desk: Desk, name: str) -> None:
    desk.run("export", "--template", "-o", name, code=0)
    sheet = read_sheet((desk.folder / name).read_bytes(), name)
    assert [cell.text for cell in sheet.rows[0].cells][:5] == ["Ref", "Date", "Time", "Accounts", "Text"]
    done = desk.run("import", name, "-o", "campaigns/new.yaml", code=1)
    assert "1 post" in done.out
    assert "not used" not in done.out
    text = (desk.folder / "campaigns/new.yaml").read_text(encoding="utf-8")
    assert "- id: example\n" in text
    assert "accounts: [force-x]\n" in text


def test_the_example_is_left_out_once_there_are_posts(desk: Desk) -> None:
    desk.run("export", "--template", "-o", "t.xlsx", code=0)
    book = read_excel(desk.folder / "t.xlsx").parent
    assert book is not None
    book.worksheets[0].append(["ours", "18/03/2027", "9am", "board", "Ours."])
    book.save(desk.folder / "t.xlsx")
    said = desk.run("import", "t.xlsx", "-o", "campaigns/new.yaml", code=0).out
    assert "note: row 2 is the template's example, and is left out" in said
    text = (desk.folder / "campaigns/new.yaml").read_text(encoding="utf-8")
    assert "- id: ours" in text
    assert "example" not in text


def test_all_that_the_template_offers_is_taken(desk: Desk) -> None:
    desk.run("export", "--template", "-o", "t.xlsx", code=0)
    sheet = read_excel(desk.folder / "t.xlsx")
    book = sheet.parent
    assert book is not None
    offered = [str(cell.value) for (cell,) in book["Lists"]["A2:A5"]]
    for number, name in enumerate(offered):
        sheet.append([f"post-{number}", "18/03/2027", "9am", name, f"Words {number}."])
    book.save(desk.folder / "t.xlsx")
    desk.run("import", "t.xlsx", "-o", "campaigns/new.yaml", code=0)
    text = (desk.folder / "campaigns/new.yaml").read_text(encoding="utf-8")
    listed = [line.strip() for line in text.splitlines() if "accounts:" in line]
    every = ", ".join(offered[:-1])
    assert listed == [*(f"accounts: [{name}]" for name in offered[:-1]), f"accounts: [{every}]"]


def test_the_template_offers_the_accounts(desk: Desk) -> None:
    desk.run("export", "--template", "-o", "t.xlsx", code=0)
    sheet = read_excel(desk.folder / "t.xlsx")
    [accounts, _] = sheet.data_validations.dataValidation
    assert (str(accounts.sqref), accounts.formula1) == ("D2:D1000", "Lists!$A$2:$A$5")
    assert sheet.parent is not None
    lists = sheet.parent["Lists"]
    assert [lists.cell(row, 1).value for row in range(2, 6)] == ["force-x", "force-mastodon", "board", "all"]


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_no_cell_is_a_formula(sign: str) -> None:
    table = Table("Plan", ("Text",), [[f"{sign}cmd|' /C calc'!A0"], [f"'{sign}1"]])
    written = write_csv(table).decode("utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(written, newline=""))][1:]
    assert all(cell.startswith("'") for cell in cells)
    excel = write_excel(table)
    assert [cell.value for row in read_sheet(excel, "a.xlsx").rows[1:] for cell in row.cells] == [
        row[0].replace("\r", "\n") for row in table.rows
    ]


def test_a_text_of_excel_is_text_also_after_an_edit(desk: Desk) -> None:
    path = desk.folder / "a.xlsx"
    path.write_bytes(write_excel(Table("Plan", ("Text",), [["=1+1"], ["plain"]])))
    sheet = read_excel(path)
    assert [(cell.data_type, cell.number_format, bool(cell.quotePrefix)) for cell in sheet["A"][1:]] == [
        ("s", "@", True),
        ("s", "@", False),
    ]


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_a_cell_of_a_csv_begins_with_no_sign_of_a_formula(sign: str) -> None:
    text = f"{sign}1+1"
    content = write_csv(Table("Plan", ("Text",), [[text]])).decode("utf-8-sig")
    [[_], [cell]] = csv.reader(io.StringIO(content, newline=""))
    assert (cell, unguard(cell)) == (f"'{text}", text)


@given(st.text(max_size=60))
def test_what_is_kept_from_being_a_formula_comes_back_as_it_was(text: str) -> None:
    assert not guard(text).startswith(FORMULA_SIGNS)
    assert unguard(guard(text)) == text


TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"], exclude_characters="{}[]<>\ufeff", include_characters="\n"
    ),
    min_size=1,
).filter(lambda text: text.strip() and "---" not in text and "TB" not in text and "xxx" not in text.lower())


@pytest.mark.parametrize("name", ["plan.csv", "plan.xlsx"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_texts_come_back_from_an_export_as_they_were(desk: Desk, name: str, text: str) -> None:
    for path in [*desk.folder.glob("campaigns/*.*"), *desk.folder.glob("plan*"), *desk.folder.glob("toolkit*")]:
        path.unlink()
    text = text.strip()
    desk.write_table(["one", "18/03/2099", "9am", "board", f"'{text}" if unguard(f"'{text}") == text else text])
    desk.run("import", "toolkit.xlsx", "-o", "campaigns/x.yaml")
    [first] = desk.run("preview", "--format", "json").data
    desk.run("export", "-o", name, code=0)
    desk.calendar.unlink()
    desk.run("import", name, "-o", "campaigns/y.yaml")
    [second] = desk.run("preview", "--format", "json").data
    assert first["parts"][0]["text"] == second["parts"][0]["text"] == text


def test_a_name_that_says_no_kind_of_file_is_refused_with_those_that_do(desk: Desk) -> None:
    said = desk.run("export", "-o", "plan.pdf", code=2).err
    assert "plan.pdf does not say what to write. Let its name end in .csv, .xlsx, .ics." in said
    said = desk.run("export", "--template", "-o", "empty.ics", code=2).err
    assert "empty.ics cannot be a table to fill in. Let its name end in .csv, .xlsx." in said
    assert not list(desk.folder.glob("plan.*")) and not list(desk.folder.glob("empty.*"))
