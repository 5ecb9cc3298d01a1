"""What the tests of spreadsheets share: a folder with settings, tables as files, and commands run in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.cli import run

SETTINGS = """\
calendars: campaigns
accounts:
  force-x: {platform: x, api_key: "env:A", api_secret: "env:B", access_token: "env:C", access_secret: "env:D"}
  force-mastodon: {platform: mastodon, server: "https://mastodon.example.org", access_token: "env:E"}
  board: {platform: noticeboard, folder: noticeboard}
"""
HEADINGS = ("Ref", "Date", "Time", "Channels", "Suggested copy")


class Done(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


class Desk:
    """A folder in which commands are run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        (folder / "campaigns").mkdir()
        (folder / "config.yaml").write_text(SETTINGS, encoding="utf-8")

    @property
    def calendar(self) -> Path:
        """Where the tests put their calendar."""
        return self.folder / "campaigns" / "x.yaml"

    def run(self, *arguments: str, code: int | None = None) -> Done:
        """Run a command line in the folder; check its exit code if one is given."""
        self._capsys.readouterr()
        done = Done(run(arguments), *self._capsys.readouterr())
        assert code is None or done.code == code, done
        return done

    def write_table(self, *rows: Sequence[Any], name: str = "toolkit.xlsx", headings: Sequence[str] = HEADINGS) -> None:
        """Write a table as an XLSX file."""
        (self.folder / name).write_bytes(make_excel([headings, *rows]))

    def import_table(
        self, *rows: Sequence[Any], headings: Sequence[str] = HEADINGS, options: Sequence[str] = ()
    ) -> Done:
        """Import a table into the calendar, with a date and an account for what names none."""
        self.write_table(*rows, headings=headings)
        given = options or ("--date", "18 March 2027", "--accounts", "board")
        return self.run("import", "toolkit.xlsx", "-o", "campaigns/x.yaml", *given)

    def read(self) -> str:
        """Return the calendar's text."""
        return self.calendar.read_text(encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Change some words of the calendar, which must be in it."""
        text = self.read()
        assert old in text, text
        self.calendar.write_text(text.replace(old, new), encoding="utf-8")


def make_excel(rows: Sequence[Sequence[Any]], change: Callable[[Worksheet], None] | None = None) -> bytes:
    """Return an XLSX file with these rows on the sheet Posts."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Posts"
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_excel(path: Path) -> Worksheet:
    """Return the first sheet of an XLSX file."""
    return load_workbook(path).worksheets[0]
