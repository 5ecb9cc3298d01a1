"""CSV files from Excel and elsewhere: in any encoding that Windows writes, with commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
from collections import Counter

from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import MAX_ROWS, Cell, Sheet, SheetRow

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_LOOKED_AT = 50  # rows read to find the separator
_LONGEST = 2**20


def read_csv(content: bytes, file: str) -> Sheet:
    """Return the rows of a CSV file. Raise UsageError, with what to do, if it is none."""
    text, notes = _decode(content, file)
    if not text.strip():
        raise UsageError(f"{file} is empty.")
    first, _, rest = text.partition("\n")
    told, skipped = "", 0
    if first.strip().lower().startswith("sep=") and len(first.strip()) <= 5:  # Excel's own first line
        told, text, skipped = first.strip("\r")[4:] or ",", rest, 1
    separator = told or _find_separator(text)
    if separator != ",":
        notes.append(f"its columns are set apart by {_SEPARATORS.get(separator, separator)}")
    rows = _read_rows(text, separator, file, skipped)
    return Sheet(file, "", [row for row in rows if not row.is_empty], tuple(notes))


def _decode(content: bytes, file: str) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try(content, "utf-16", file), ["it is in UTF-16"]
    even, odd = content[:400:2].count(b"\0"), content[1:400:2].count(b"\0")
    if even or odd:  # in UTF-16 every other byte of plain letters is nought
        if min(even, odd) * 4 > max(even, odd) or max(even, odd) * 3 < len(content[:400:2]):
            raise UsageError(f"{file} is not a text file. Save the spreadsheet as .xlsx or as 'CSV UTF-8'.")
        return _try(content, "utf-16-le" if odd > even else "utf-16-be", file), ["it is in UTF-16"]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        note = "it is not in UTF-8, and read as Windows saves it (1252): look at £, quotes and accents"
        return _try(content, "cp1252", file), [note]


def _try(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        hint = "Open it in Excel, and save it as .xlsx or as 'CSV UTF-8'."
        raise UsageError(f"{file} is in an encoding that cannot be told. {hint}") from None


def _find_separator(text: str) -> str:
    """Return the separator by which most rows have as many columns as each other, and more than one."""
    best, most = ",", 0
    for separator in _SEPARATORS:
        sizes: Counter[int] = Counter()
        try:
            for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
                sizes[len(row)] += len(row) > 1
                if number >= _LOOKED_AT:
                    break
        except csv.Error:
            continue
        size, rows = max(sizes.items(), key=lambda each: each[0] * each[1], default=(1, 0))
        if size * rows > most:
            best, most = separator, size * rows
    return best


def _read_rows(text: str, separator: str, file: str, skipped: int) -> list[SheetRow]:
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    rows: list[SheetRow] = []
    line = 1 + skipped
    try:
        for cells in reader:
            rows.append(SheetRow(line, [Cell(cell) for cell in cells]))
            line = reader.line_num + 1 + skipped
            if len(rows) > MAX_ROWS:
                raise UsageError(f"{file} has more than {MAX_ROWS} rows. Split it.")
    except csv.Error:
        raise UsageError(f"{file}:{line}: this row cannot be read. Look for a quote that is not closed.") from None
    _refuse_open_quote(text, separator, file, rows, skipped)
    return rows


def _refuse_open_quote(text: str, separator: str, file: str, rows: list[SheetRow], skipped: int) -> None:
    """A quote that is never closed swallows every row below it into one cell: nothing may be lost without a word."""
    strict = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for _ in strict:
            pass
    except csv.Error as failure:
        if "unexpected end" in str(failure):
            line = rows[-1].number if rows else 1 + skipped
            hint = 'Look for a " that is not closed in it or above it.'
            raise UsageError(f"{file}:{line}: the row that begins here never ends. {hint}") from None
