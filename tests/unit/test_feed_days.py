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


def test_json_is_one_object(desk: Desk) -> None:
    (desk.folder / "feed.ics").write_text(FEED.replace("2027\r\nDTSTART", "2027\r\nRRULE:FREQ=YEARLY\r\nDTSTART"))
    done = desk.run("import", "feed.ics", "-o", "found.yaml", "--format", "json", code=1)
    assert done.err == ""
    assert {name: done.data[name] for name in ("file", "written", "days", "differing")} == {
        "file": "feed.ics",
        "written": "found.yaml",
        "days": [{"id": "exampleshire-kindness-week", "year": 2027, "name": "Exampleshire Kindness Week",
                  "first": "2027-04-05", "last": "2027-04-11", "source": "https://www.example.org/kindness",
                  "hashtags": ["#KindnessWeek"]}],
        "differing": [{"id": "ce-awareness-day", "year": 2027, "name": "CE Awareness Day", "first": "2027-03-19",
                       "last": "2027-03-19", "source": "", "hashtags": [], "known_first": "2027-03-18",
                       "known_status": "computed"}],
    }  # fmt: skip
    [problem] = done.data["problems"]
    assert (problem["severity"], problem["file"], problem["line"]) == ("warning", "feed.ics", 7)
    shown = desk.run("import", "feed.ics", "-o", "other.yaml", "--show", "--format", "json", code=1).data
    assert (shown["written"], shown["days"]) == (None, done.data["days"])
    assert not (desk.folder / "other.yaml").exists()


def test_nothing_is_overwritten_and_show_writes_nothing(desk: Desk) -> None:
    assert "exampleshire-kindness-week:" in desk.run("import", "feed.ics", "--show", code=1).out
    assert not (desk.folder / "days.yaml").exists()
    (desk.folder / "days.yaml").write_text("# ours\n", encoding="utf-8")
    assert "is there already" in desk.run("import", "feed.ics", "-o", "days.yaml", code=2).err
    assert "not merged" in desk.run("import", "feed.ics", "--update", "campaigns/x.yaml", code=2).err


def test_entries_with_a_time_of_day_are_counted_and_left_out(desk: Desk) -> None:
    timed = "BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:A meeting\r\nDTSTART:20270318T090000Z\r\nEND:VEVENT\r\n"
    (desk.folder / "timed.ics").write_text(f"BEGIN:VCALENDAR\r\n{timed * 2}END:VCALENDAR\r\n", encoding="utf-8")
    said = desk.run("import", "timed.ics", "-o", "days.yaml", code=2).err
    assert "2 entries have a time of day, and are left out: awareness days last whole days." in said
    assert "Nothing is written: no entry of timed.ics lasts a whole day." in said
    (desk.folder / "both.ics").write_text(FEED.replace("END:VCALENDAR", f"{timed}END:VCALENDAR"), encoding="utf-8")
    assert "1 entry has a time of day, and is left out" in desk.run("import", "both.ics", "-o", "days.yaml", code=1).err


def test_a_feed_of_days_that_are_all_known_says_so(desk: Desk) -> None:
    known = FEED[: FEED.index("BEGIN:VEVENT")] + FEED[FEED.rindex("BEGIN:VEVENT") :].replace("20270319", "20270318")
    (desk.folder / "known.ics").write_text(known, encoding="utf-8")
    said = desk.run("import", "known.ics", "-o", "days.yaml", code=2).err
    assert "Nothing is written: each day of known.ics is known already." in said


def test_a_feed_that_never_ends_is_not_read_to_its_end(desk: Desk) -> None:
    with (desk.folder / "long.ics").open("wb") as file:
        file.truncate(17 * 2**20)
    assert "long.ics is larger than 16 MB." in desk.run("import", "long.ics", "-o", "days.yaml", code=2).err
