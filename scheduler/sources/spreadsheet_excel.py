"""XLSX files, through openpyxl."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.problem import suggest
from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import MAX_ROWS, Cell, Sheet, SheetRow

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MAX_UNPACKED = 64 * 2**20
_MAX_COLUMNS = 200
# openpyxl takes some ten microseconds and up to a kilobyte for each; a long plan has a tenth of these.
_MAX_TEXTS = 500_000  # cells, shared strings and the runs of formatted ones
_MAX_MARKS = 3_000_000  # of the XML, of any kind; most elements have two
_TEXT = re.compile(rb"<(?:[\w.-]+:)?(?:c|si|r|rPh)[\s/>]")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")  # how XML in UTF-16 begins, which no spreadsheet program writes
_MAX_MERGED = 2_000_000  # cells; a column of a sheet has half as many, and openpyxl makes an object of each
_MERGED = re.compile(
    rb"""<(?:[\w.-]+:)?mergeCell\s[^>]*?\bref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"""
)
_ESCAPE = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")  # how the format writes what XML cannot hold


def read_excel(content: bytes, file: str, name: str | None) -> Sheet:
    """Return a sheet of an XLSX file: the one named, or the first that can be seen. Raise UsageError if it cannot."""
    has_formulas = _refuse_bombs(content, file)
    values = _load(content, file, data_only=True)
    formulas = _load(content, file, data_only=False) if has_formulas else values
    sheet = _choose(values, file, name)
    notes = _name_others(values, sheet) if name is None else []
    merged, spans = _spread_merged(sheet)
    if spans:
        notes.append(f"merged cells count for each of their rows ({', '.join(spans[:5])}{', …' if spans[5:] else ''})")
    used, last_column = _find_used(formulas[sheet.title])
    if len(used) > MAX_ROWS:
        raise UsageError(f"{file} has more than {MAX_ROWS} rows. Split it.")
    rows = []
    for number in sorted(used | {row for row, _ in merged}):
        cells = [
            merged.get((number, column)) or _read_cell(sheet, formulas[sheet.title], number, column)
            for column in range(1, last_column + 1)
        ]
        row = SheetRow(number, cells, bool(sheet.row_dimensions[number].hidden))
        if not row.is_empty:
            rows.append(row)
    return Sheet(file, sheet.title, rows, tuple(notes))


class _Load(NamedTuple):
    """How much of a workbook openpyxl would have to hold."""

    texts: int
    marks: int
    merged: int
    formulas: int


def _refuse_bombs(content: bytes, file: str) -> bool:
    """Raise UsageError for what would take minutes or a machine's memory, before openpyxl unpacks it.

    Return whether there are formulas in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            entries = archive.infolist() if size <= _MAX_UNPACKED else []
            loads = [_measure(archive.read(entry)) for entry in entries]  # by any name: a part may be called anything
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, NotImplementedError):
        hint = "Open it in Excel, and save it again."
        raise UsageError(f"{file} is damaged, or no Excel file. {hint}") from None
    load = _Load(*map(sum, zip((0, 0, 0, 0), *loads, strict=True)))
    if size > _MAX_UNPACKED or load.texts > _MAX_TEXTS or load.marks > _MAX_MARKS:
        hint = "Copy its table of posts alone into a new file."
        raise UsageError(f"{file} holds far more than a table of posts, too much to be read. {hint}")
    if load.merged > _MAX_MERGED:
        hint = "In Excel, choose 'Unmerge Cells' for the whole sheet, and save it again."
        raise UsageError(f"{file} has millions of merged cells. {hint}")
    return load.formulas > 0


def _measure(part: bytes) -> _Load:
    """Return the load of a part; raise ValueError if nothing can be counted in it."""
    if part.startswith(_WIDE) or b"<!ENTITY" in part:
        raise ValueError("what is in it is not what is counted")
    texts, formulas = sum(1 for _ in _TEXT.finditer(part)), int(_FORMULA.search(part) is not None)
    return _Load(texts, part.count(b"<"), _count_merged(part), formulas)


def _count_merged(part: bytes) -> int:
    """Return how many cells the merged ranges of a sheet cover."""
    from openpyxl.utils import column_index_from_string

    count = 0
    for left, top, right, bottom in _MERGED.findall(part):
        width = column_index_from_string(right.decode()) - column_index_from_string(left.decode()) + 1
        count += width * (int(bottom) - int(top) + 1)
    return count


def _load(content: bytes, file: str, *, data_only: bool) -> Workbook:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are not kept: only values are read
            return load_workbook(io.BytesIO(content), data_only=data_only)
    except Exception:  # whatever a file from elsewhere makes of the library
        hint = "Open it in Excel, and save it as 'Excel Workbook (.xlsx)'."
        raise UsageError(f"{file} cannot be read as an Excel file. {hint}") from None


def _choose(book: Workbook, file: str, name: str | None) -> Worksheet:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name is not None:
        for title, sheet in sheets.items():
            if title.strip().lower() == name.strip().lower():
                return sheet
        hint = suggest(name, sheets) or f"It has: {', '.join(sheets)}."
        raise UsageError(f"{file} has no sheet called '{name}'. {hint}")
    seen = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"] or list(sheets.values())
    filled = [sheet for sheet in seen if _find_used(sheet)[0]] or seen
    if not filled:
        raise UsageError(f"{file} has no sheet with cells.")
    return filled[0]


def _name_others(book: Workbook, chosen: Worksheet) -> list[str]:
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    others = [sheet.title for sheet in seen if sheet.title != chosen.title]
    return [f"other sheets are not read ({', '.join(others)}): --sheet NAME reads one"] if others else []


def _find_used(sheet: Worksheet) -> tuple[set[int], int]:
    """Return the rows that hold anything, and the last column that does: a sheet may be formatted to its far end."""
    filled = [place for place, cell in sheet._cells.items() if cell.value is not None]  # no other way is as quick
    return {row for row, _ in filled}, min(max((column for _, column in filled), default=0), _MAX_COLUMNS)


def _spread_merged(sheet: Worksheet) -> tuple[Mapping[tuple[int, int], Cell], list[str]]:
    """Return the cells that lie within merged ones, but for their first, with the value of that; and those ranges."""
    cells: dict[tuple[int, int], Cell] = {}
    spans = []
    for span in sheet.merged_cells.ranges:
        first = sheet.cell(span.min_row, span.min_col)
        if first.value is None or span.max_row == span.min_row:
            continue  # across columns only: a title
        spans.append(str(span))
        for row in range(span.min_row + 1, min(span.max_row, span.min_row + MAX_ROWS) + 1):
            cells[row, span.min_col] = _make_cell(first)
    return cells, sorted(spans)


def _read_cell(sheet: Worksheet, formulas: Worksheet, row: int, column: int) -> Cell:
    cell, formula = sheet.cell(row, column), formulas.cell(row, column)
    if formula.data_type == "f" and cell.value is None:
        return Cell(fault="a formula whose result is not saved in the file: open it in Excel and save it again")
    if cell.data_type == "e":
        return Cell(fault=f"an error, {cell.value}")
    return _make_cell(cell)


def _make_cell(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str):
        value = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
    link = cell.hyperlink
    return Cell(value, str(link.target) if link is not None and link.target else "")
