"""CSV and XLSX files as they come: encodings, separators, formulas, merged cells, damage."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from datetime import datetime, time
from time import monotonic as time_now

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import Cell, Sheet, name_column, read_sheet
from tests.spreadsheets import make_excel

WORDS = "“Think” – £5, it’s café"
CSV = f'Date,Text\r\n18/03/27,"{WORDS}\r\nline two"\r\n\r\n19/03/27,plain\r\n'


def texts(sheet: Sheet) -> list[list[str]]:
    return [[cell.text.replace("\r\n", "\n") for cell in row.cells] for row in sheet.rows]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("cp1252", b""), ("utf-16-le", codecs.BOM_UTF16_LE),
     ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-16-le", b""), ("utf-16-be", b"")],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator(encoding: str, mark: bytes, separator: str) -> None:
    text = CSV.replace("Date,Text", f"Date{separator}Text").replace("27,", f"27{separator}")
    sheet = read_sheet(mark + text.encode(encoding), "a.csv")
    assert texts(sheet) == [["Date", "Text"], ["18/03/27", f"{WORDS}\nline two"], ["19/03/27", "plain"]]
    assert [row.number for row in sheet.rows] == [1, 2, 5]
    assert any("1252" in note for note in sheet.notes) == (encoding == "cp1252")
    assert any("UTF-16" in note for note in sheet.notes) == encoding.startswith("utf-16")


def test_the_separator_that_excel_names_counts() -> None:
    sheet = read_sheet(b"sep=|\r\nDate|Text\r\na|b,c\r\n", "a.csv")
    assert texts(sheet) == [["Date", "Text"], ["a", "b,c"]]
    assert [row.number for row in sheet.rows] == [2, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b'Date,Text\r\n1,"never closed\r\n2,b\r\n', "a.csv:2: the row that begins here never ends"),
        (b"\x00\x01\x02\x00\x00\x00\x00\x00\x00\x00", "not a text file"),
        (b"a\x81b,\xe9", "encoding"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel file"),
        (b"PK\x03\x04rubbish", "damaged"),
        (b"%PDF-1.7", "not a spreadsheet"),
        (b"x" * (32 * 2**20 + 1), "larger than"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as failure:
        read_sheet(content, "a.csv")
    assert said in str(failure.value)
    assert failure.value.exit_code == 2


SHARED = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
          "http://schemas.openxmlformats.org/spreadsheetml/2006/main")  # fmt: skip


def add_shared_strings(inner: bytes, head: bytes = b"", name: str = "xl/sharedStrings.xml") -> bytes:
    """Return an XLSX file with this in its table of shared strings."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_excel([["Date", "Text"], ["T", "a"]]))) as plain,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for each in plain.namelist():
            part = f'<Override PartName="/{name}" ContentType="{SHARED[0]}"/></Types>'.encode()
            made.writestr(each, plain.read(each).replace(b"</Types>", part))
        made.writestr(name, head + f'<x.y:sst xmlns:x.y="{SHARED[1]}">'.encode() + inner + b"</x.y:sst>")
    return stream.getvalue()


def test_shared_strings_are_read() -> None:
    assert texts(read_sheet(add_shared_strings(b"<x.y:si><x.y:t>a</x.y:t></x.y:si>"), "a.xlsx"))[1] == ["T", "a"]


@pytest.mark.parametrize(
    ("inner", "head", "said"),
    [
        (b"\n" * (65 * 2**20), b"", "far more than a table of posts"),
        (b"<x.y:si><x.y:t>a</x.y:t></x.y:si>" * 600_000, b"", "far more"),
        (b"<x.y:si>" + b"<x.y:r><x.y:t>a</x.y:t></x.y:r>" * 600_000 + b"</x.y:si>", b"", "far more"),
        (b"<x.y:b/>" * 3_000_001, b"", "far more"),
        (b"&s;", b"<!DOCTYPE a [<!ENTITY s '" + b"<x.y:si/>" * 1000 + b"'>]>", "damaged"),
        (b"", b"\xff\xfe<\0", "damaged"),
    ],
)
@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/words.bin"])
def test_a_file_that_unpacks_to_far_too_much_is_refused_at_once(
    inner: bytes, head: bytes, said: str, name: str
) -> None:
    content = add_shared_strings(inner, head, name)
    started = time_now()
    with pytest.raises(UsageError, match=said):
        read_sheet(content, "a.xlsx")
    assert time_now() - started < 5


def test_cells_without_end_are_refused_at_once() -> None:
    content = make_excel([["Date", "Text"]])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as plain, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name in plain.namelist():
            cells = b'<row r="2">' + b'<c r="A2" s="0"/>' * 600_000 + b"</row></sheetData>"
            made.writestr(name, plain.read(name).replace(b"</sheetData>", cells))
    started = time_now()
    with pytest.raises(UsageError, match="far more"):
        read_sheet(stream.getvalue(), "a.xlsx")
    assert time_now() - started < 5


def test_cells_of_excel_keep_their_kind() -> None:
    row = [
        "text",
        1163050005,
        2.5,
        datetime(2027, 3, 18),
        datetime(2027, 3, 18, 9, 30),
        time(9),
        True,
        None,
        "01163 050",
    ]
    sheet = read_sheet(make_excel([row]), "a.xlsx")
    expected = ["text", "1163050005", "2.5", "18/03/2027", "18/03/2027 09:30", "09:00", "yes", "", "01163 050"]
    assert texts(sheet) == [expected]
    assert str(sheet.place(1, 2)) == "a.xlsx:Posts!C1"


def test_merged_hidden_and_empty_rows_links_and_formulas() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A4")
        sheet.row_dimensions[3].hidden = True
        sheet["B4"].hyperlink = "https://www.example.org/x"
        sheet["C2"] = "=1+1"
        sheet["C3"] = "#REF!"
        sheet["C3"].data_type = "e"

    sheet = read_sheet(
        make_excel([["Theme", "Link"], ["Think", "a"], ["", "b"], ["", "here"], [], ["", "c"]], change), "a.xlsx"
    )
    assert [row.cells[0].text for row in sheet.rows] == ["Theme", "Think", "Think", "Think", ""]
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4, 6]
    assert [row.hidden for row in sheet.rows] == [False, False, True, False, False]
    assert sheet.rows[3].cells[1].address == "https://www.example.org/x"
    assert "formula" in sheet.rows[1].cells[2].fault
    assert "#REF!" in sheet.rows[2].cells[2].fault
    assert "A2:A4" in " ".join(sheet.notes)


def test_a_sheet_is_chosen_by_name_and_the_others_are_named() -> None:
    def change(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.create_sheet("Notes").append(["x"])

    content = make_excel([["a", "b"], ["c", "d"]], change)
    assert "Notes" in " ".join(read_sheet(content, "a.xlsx").notes)
    assert texts(read_sheet(content, "a.xlsx", "notes")) == [["x"]]
    with pytest.raises(UsageError, match="Did you mean 'Notes'"):
        read_sheet(content, "a.xlsx", "Note")


def test_what_a_formula_came_to_is_read() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["B2"] = '=A1&"!"'

    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_excel([["Date", "Text"], ["T", ""]], change))) as plain,
        zipfile.ZipFile(stream, "w") as saved,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":  # as Excel saves it: the formula and what it came to
                content = re.sub(
                    rb'<c r="B2"([^>]*)>(<f>.*?</f>)<v ?/?>(</v>)?', rb'<c r="B2" t="str">\2<v>Date!</v>', content
                )
                assert b"<v>Date!</v>" in content
            saved.writestr(name, content)
    assert read_sheet(stream.getvalue(), "a.xlsx").rows[1].cells[1] == Cell("Date!")


def test_a_sheet_that_is_formatted_to_its_far_end_is_read_quickly() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.cell(1_048_576, 16_384).font = Font(bold=True)

    started = time_now()
    assert len(read_sheet(make_excel([["Date", "Text"], ["T", "a"]], change), "a.xlsx").rows) == 2
    assert time_now() - started < 5


def test_a_sheet_that_is_merged_to_its_far_end_is_refused_before_it_fills_the_memory() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merged_cells.add("A3:XFD1048576")

    started = time_now()
    with pytest.raises(UsageError, match="millions of merged cells"):
        read_sheet(make_excel([["Date", "Text"], ["T", "a"]], change), "a.xlsx")
    assert time_now() - started < 5


def test_a_title_that_is_merged_across_its_whole_row_is_read() -> None:
    content = make_excel([["Plan"], ["Date", "Text"]], lambda sheet: sheet.merge_cells("A1:XFD1"))
    assert texts(read_sheet(content, "a.xlsx"))[1][:2] == ["Date", "Text"]


def test_columns_are_named_as_excel_does() -> None:
    assert [name_column(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_it_is_read_or_refused_in_words(content: bytes) -> None:
    try:
        read_sheet(content, "a.csv")
    except UsageError as failure:
        assert "a.csv" in str(failure)
