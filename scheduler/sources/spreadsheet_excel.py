"""XLSX files, through openpyxl."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scheduler.domain.problem import suggest
from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import MAX_ROWS, Cell, Sheet, SheetRow

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MAX_UNPACKED = 256 * 2**20
_MAX_COLUMNS = 200
_MAX_MERGED = 2_000_000  # cells; a column of a sheet has half as many, and openpyxl makes an object of each
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"""
)
_ESCAPE = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")  # how the format writes what XML cannot hold


def read_excel(content: bytes, file: str, name: str | None) -> Sheet:
    """Return a sheet of an XLSX file: the one named, or the first that can be seen. Raise UsageError if it cannot."""
    _refuse_bombs(content, file)
    values, formulas = _load(content, file, data_only=True), _load(content, file, data_only=False)
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


def _refuse_bombs(content: bytes, file: str) -> None:
    """Raise UsageError for what would take more memory than a machine has, before openpyxl unpacks it."""
    merged = 0
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        size = sum(entry.file_size for entry in archive.infolist())
        if size <= _MAX_UNPACKED:
            merged = sum(_count_merged(archive.read(name)) for name in archive.namelist() if name.endswith(".xml"))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, NotImplementedError):
        hint = "Open it in Excel, and save it again."
        raise UsageError(f"{file} is damaged, or no Excel file. {hint}") from None
    if size > _MAX_UNPACKED:
        raise UsageError(f"{file} holds more than {_MAX_UNPACKED // 2**20} MB. Copy its table into a new file.")
    if merged > _MAX_MERGED:
        hint = "In Excel, choose 'Unmerge Cells' for the whole sheet, and save it again."
        raise UsageError(f"{file} has millions of merged cells. {hint}")


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
