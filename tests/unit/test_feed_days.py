"""campaign import of a feed: the days of others, as estimates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scheduler.domain.awareness import DateStatus
from scheduler.sources.catalogue import Catalogue
from tests.spreadsheets import Desk

FEED = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//EN
BEGIN:VEVENT
UID:1@example.org
SUMMARY:Exampleshire Kindness Week 2027
DTSTART;VALUE=DATE:20270405
DTEND;VALUE=DATE:20270412
DESCRIPTION:With #KindnessWeek
URL:https://www.example.org/kindness
END:VEVENT
BEGIN:VEVENT
UID:2@example.org
SUMMARY:CE Awareness Day
DTSTART;VALUE=DATE:20270319
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    (tmp_path / "feed.ics").write_text(FEED, encoding="utf-8", newline="")
    return desk


def test_days_of_a_feed_become_a_file_of_estimates(desk: Desk) -> None:
    done = desk.run("import", "feed.ics", "-o", "days.yaml", code=1)
    assert "CE Awareness Day 2027: the feed says 19 March 2027; known is 18 March 2027" in done.out
    days = Catalogue(desk.folder / "days.yaml", "days.yaml")
    assert not days.problems
    holding = days.find("exampleshire-kindness-week", 2027)
    assert (holding.first, holding.last) == (date(2027, 4, 5), date(2027, 4, 11))
    assert holding.status is DateStatus.ESTIMATED
    assert holding.hashtags == ("#KindnessWeek",)


def test_nothing_is_overwritten_and_show_writes_nothing(desk: Desk) -> None:
    assert "exampleshire-kindness-week:" in desk.run("import", "feed.ics", "--show", code=1).out
    assert not (desk.folder / "days.yaml").exists()
    (desk.folder / "days.yaml").write_text("# ours\n", encoding="utf-8")
    assert "is there already" in desk.run("import", "feed.ics", "-o", "days.yaml", code=2).err
    assert "not merged" in desk.run("import", "feed.ics", "--update", "campaigns/x.yaml", code=2).err
