"""Whatever stands in a toolkit's table, what becomes of it is a calendar that can be read, and no word is lost."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.problem import has_errors
from scheduler.domain.toolkit_when import CellValue
from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import Cell, Sheet, SheetRow
from scheduler.sources.toolkit import FreeNames, Toolkit, read_toolkit
from scheduler.sources.toolkit_calendar import Origin, Record, ToolkitRecord, write_calendar
from scheduler.sources.toolkit_surroundings import KnownSurroundings
from scheduler.sources.toolkit_update import merge_toolkit
from scheduler.sources.yaml_editing import EditableFile
from tests.reading import read

HEADINGS = ("Ref", "Date", "Time", "Channels", "Text", "Short", "X copy", "Image", "Alt text", "Hashtags", "Link",
            "Language", "Embargo", "Owner", "Notes", "Status", "Handles")  # fmt: skip
PIECES = ["a", "#tag", "# ", "{yy}", "{force}", "[insert x]", "XXXX", "\n", "\r\n", " ", "\t", "\n---\n", "'", '"', ":",
          "- ", "=1", "@x", "“é”", "🏴‍☠️", "\u00a0", "\u2028", "\x0b", "\x85", "\ufeff", "TBC", "T-3", "18/03/27",
          "day 2 of 7", "the last day", "9am", "0116", "https://e.org/x", "www.a.uk",
          "x.png", "force-x", "X", "|", ">", "%", "&a", "*b", "!t", "null", "~", "[", "}",
          "word " * 60]  # fmt: skip
OTHERS: list[CellValue] = [1163050005, 2.5, 0.375, 46464, 1e300, datetime(2027, 3, 18, 9), date(1900, 1, 1), time(9)]
CELLS = st.none() | st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join) | st.sampled_from(OTHERS)
TABLES = st.lists(st.lists(CELLS, min_size=len(HEADINGS), max_size=len(HEADINGS)), min_size=1, max_size=3)
AROUND = KnownSurroundings(
    ["mastodon"],
    {"force-x": "x", "mastodon": "mastodon"},
    date(2027, 3, 18),
    ZoneInfo("Europe/London"),
    lambda account, text: len(text) < 280,
    Path("nowhere/x.yaml"),
    Path("elsewhere/t.xlsx"),
)
ORIGIN = Origin("t.xlsx", "Posts", "0" * 64)
HEAD = {"campaign": "x", "date": "18 March 2027", "draft": "yes"}


def read_table(rows: list[list[CellValue]]) -> Toolkit | None:
    """Return the toolkit of a table, None if it is refused as having no posts."""
    listed = [SheetRow(1, [Cell(heading) for heading in HEADINGS])]
    listed += [SheetRow(number, [Cell(value) for value in row]) for number, row in enumerate(rows, start=2)]
    try:
        return read_toolkit(Sheet("t.xlsx", "Posts", listed), {}, AROUND)
    except UsageError:
        return None


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(TABLES, TABLES)
def test_any_table_becomes_a_good_calendar_and_any_other_is_merged_into_it(
    first: list[list[CellValue]], second: list[list[CellValue]]
) -> None:
    toolkit, after = read_table(first), read_table(second)
    if toolkit is None:
        return
    written = write_calendar(HEAD, toolkit.posts, ORIGIN, "18 March 2026", "x.yaml")
    calendar = read(written)
    assert not has_errors(calendar.problems), (written.decode(), calendar.problems)
    assert calendar.campaign is not None
    for post, made in zip(toolkit.posts, calendar.campaign.posts, strict=True):
        parts = post.fields.get("thread", [post.fields])
        assert [part["text"].replace("{yy}", "27") for part in parts] == [part.text.strip() for part in made.parts]
        assert bool(post.to_settle) == ("draft" in post.fields)
    if after is None:
        return
    record = Record(ORIGIN, {}, {post.id: ToolkitRecord(post.ref, post.fields) for post in toolkit.posts})
    file = EditableFile(written, "x.yaml")
    merge_toolkit(file, "x.yaml", record, after.posts, ORIGIN)
    merged = read(file.write())
    assert not has_errors(merged.problems), (file.write().decode(), merged.problems)


def test_ids_are_handed_out_once_whatever_the_case_of_letters() -> None:
    names = FreeNames(["Think"])
    assert [names.take(name) for name in ("think", "spot", "THINK", "think-2", "spot", "spot")] == [
        "think-2",
        "spot",
        "THINK-3",
        "think-2-2",
        "spot-2",
        "spot-3",
    ]


def test_ids_of_posts_that_all_begin_alike_are_quickly_found() -> None:
    names = FreeNames()
    assert len({names.take("think") for _ in range(20_000)}) == 20_000  # minutes, were each name tried from the start
