"""Spreadsheets as people send them, CSV or XLSX → rows of cells, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from scheduler.domain.toolkit_when import CellValue
from scheduler.errors import UsageError

MAX_FILE = 32 * 2**20
MAX_ROWS = 20_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is run as a formula by a spreadsheet, unless it is kept from it.

The wide ones count where Excel is set to Chinese, Japanese or Korean.
"""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class CellPlace(NamedTuple):
    """Where a cell is: `row` counts from 1; `name` is of an XLSX the cell's, `C7`, of a CSV its column's heading."""

    file: str
    sheet: str
    row: int
    name: str

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.file}:{self.sheet}!{self.name}"
        return f"{self.file}:{self.row}" + (f" ({self.name})" if self.name else "")


class Cell(NamedTuple):
    """What a cell holds. `address` is where its hyperlink leads; `fault` says why its value is not to be had."""

    value: CellValue = None
    address: str = ""
    fault: str = ""

    @property
    def text(self) -> str:
        """Return the value as people read it; dates day first."""
        return write_value(self.value)


class SheetRow(NamedTuple):
    """One row: its number in the sheet (of a CSV its first line) from 1, and whether it is hidden from view."""

    number: int
    cells: Sequence[Cell]
    hidden: bool = False

    def cell(self, index: int) -> Cell:
        """Return a cell by the number of its column, counted from 0; an empty one if the row ends before it."""
        return self.cells[index] if 0 <= index < len(self.cells) else Cell()

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing in it."""
        return not any(cell.text.strip() or cell.fault for cell in self.cells)


class Sheet(NamedTuple):
    """The rows of one sheet that hold anything. `name` is empty for a CSV; `notes` say what had to be guessed."""

    file: str
    name: str
    rows: Sequence[SheetRow]
    notes: tuple[str, ...] = ()

    def place(self, row: int, column: int, heading: str = "") -> CellPlace:
        """Return the place of a cell: `row` as in SheetRow, `column` counted from 0."""
        return CellPlace(self.file, self.name, row, f"{name_column(column)}{row}" if self.name else heading)


def read_sheet(content: bytes, file: str, sheet: str | None = None) -> Sheet:
    """Return what a CSV or XLSX file holds; `sheet` names one of several. Raise UsageError, with what to do.

    What kind of file it is, its first bytes say, not its name.
    """
    if len(content) > MAX_FILE:
        raise UsageError(f"{file} is larger than {MAX_FILE // 2**20} MB. Take pictures out of it, and save it again.")
    if content.startswith(_OLD_EXCEL):
        hint = "Open it and save it as 'Excel Workbook (.xlsx)', without a password."
        raise UsageError(f"{file} is an old Excel file (.xls), or has a password. {hint}")
    if content.startswith(b"PK"):
        from scheduler.sources.spreadsheet_excel import read_excel

        return read_excel(content, file, sheet)
    if content.startswith((b"%PDF", b"{\\rtf", b"<html", b"<!DOC")):
        raise UsageError(f"{file} is not a spreadsheet. Copy its table into Excel, and save that as .xlsx.")
    if sheet is not None:
        raise UsageError(f"{file} is a CSV file and has no sheets. Leave --sheet out.")
    from scheduler.sources.spreadsheet_text import read_csv

    return read_csv(content, file)


def load_sheet(path: Path, file: str, sheet: str | None = None) -> tuple[Sheet, bytes]:
    """Return the sheet of a file on disk, and the file's bytes. Raise UsageError as `read_sheet` does."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as failure:
        raise UsageError(f"{file} cannot be read: {failure.strerror}. Check its name and its folder.") from None
    return read_sheet(content, file, sheet), content


def name_column(index: int) -> str:
    """Return what Excel calls a column counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def write_value(value: CellValue) -> str:
    """Return a cell's value as people read it: dates day first, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
