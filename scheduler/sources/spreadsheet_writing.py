"""Tables → CSV and XLSX that open right in Excel and run nothing there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import FORMULA_SIGNS, name_column

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_LONGEST = 32_767  # characters in a cell, by Excel's specifications (Microsoft's support pages, checked November 2026)
_WIDEST = 60
_HEADING_COLOUR = "DDE3EA"


class Choice(NamedTuple):
    """The values that the cells of a column are to be chosen from, and what to say where something else is typed."""

    heading: str
    values: Sequence[str]
    advice: str


class Table(NamedTuple):
    """Rows of text below headings."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    choices: Sequence[Choice] = ()


def guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe stands before one that looks like it.

    Who reads it back takes one apostrophe away where more than that is a formula (`toolkit_rows.unguard`).
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_SIGNS) else text


def write_csv(table: Table) -> bytes:
    """Return a table as Excel reads a CSV right: UTF-8 with its mark, lines that end in CR LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in (table.headings, *table.rows):
        writer.writerow([guard(text.replace("\r\n", "\n")) for text in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "replace")


def write_excel(table: Table) -> bytes:
    """Return a table as an XLSX file in which every cell is text. Raise UsageError if a text is too long for a cell."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = table.name
    for number, row in enumerate((table.headings, *table.rows), start=1):
        for column, text in enumerate(row, start=1):
            _put_text(sheet, number, column, text)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=_HEADING_COLOUR)
    top = Alignment(wrap_text=True, vertical="top")
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = top
    sheet.freeze_panes = "A2"
    if table.rows:
        sheet.auto_filter.ref = sheet.dimensions
    _set_widths(sheet, table)
    _add_choices(sheet, table)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_table(table: Table, path: Path, *, force: bool = False) -> None:
    """Write a table to a file, CSV or XLSX by its name. Raise UsageError if it is there already, unless forced to."""
    content = write_excel(table) if path.suffix.lower() == ".xlsx" else write_csv(table)
    try:
        if force:
            from scheduler.sources.yaml_editing import replace_file

            replace_file(path, content)
        else:
            with path.open("xb") as stream:
                stream.write(content)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is left as it is. Name another, or add --force.") from None
    except OSError as failure:
        raise UsageError(f"{path} cannot be written: {failure.strerror}. Name another with -o.") from None


def _put_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    if len(text) > _LONGEST:
        raise UsageError(f"A text is too long for a cell of Excel ({len(text)} characters). Write a .csv file.")
    cell = sheet.cell(row, column)
    cell.value = _ESCAPE.sub(r"_x005F_\1", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))) or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.number_format = "@"  # as text, also after somebody has edited it
        cell.quotePrefix = text.startswith(FORMULA_SIGNS)


def _set_widths(sheet: Worksheet, table: Table) -> None:
    for index, heading in enumerate(table.headings):
        lines = [line for row in table.rows for line in row[index].split("\n")]
        width = max(map(len, [heading, *lines]))
        sheet.column_dimensions[name_column(index)].width = min(width, _WIDEST) + 3


def _add_choices(sheet: Worksheet, table: Table) -> None:
    """Offer the values of a column as a list: they stand in a sheet of their own, for in the rule itself few fit."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if not table.choices or sheet.parent is None:
        return
    listed = sheet.parent.create_sheet("Lists")
    listed.sheet_state = "hidden"
    for number, choice in enumerate(table.choices):
        letter = name_column(number)
        for row, value in enumerate((choice.heading, *choice.values), start=1):
            _put_text(listed, row, number + 1, value)
        span = f"Lists!${letter}$2:${letter}${len(choice.values) + 1}"
        rule = DataValidation("list", formula1=span, allow_blank=True, showErrorMessage=True, errorStyle="warning")
        rule.error, rule.errorTitle = choice.advice, choice.heading
        rule.prompt, rule.promptTitle, rule.showInputMessage = choice.advice, choice.heading, True
        column = name_column(list(table.headings).index(choice.heading))
        rule.add(f"{column}2:{column}1000")
        sheet.add_data_validation(rule)
