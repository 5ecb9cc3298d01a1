"""iCalendar files that we write, read back with the library that others use: days, moments, ids, updates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.awareness import DateStatus, Holding
from scheduler.errors import UsageError
from scheduler.sources.ics import Event, EventStatus, day_events, export_events, read_events, write_events

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
LONDON = ZoneInfo("Europe/London")
WEEK = Event("week-2027@ours", "Hate Crime Awareness Week", date(2027, 10, 9), date(2027, 10, 16))
NOON = datetime(2027, 3, 18, 12, 0, tzinfo=LONDON)
POST = Event("post@ours", "Think", NOON, NOON + timedelta(minutes=15))


def read_back(content: bytes) -> dict[str, Any]:
    """Return the library's own reading of a file, by uid."""
    calendar = icalendar.Calendar.from_ical(content)
    assert not [entry.errors for entry in calendar.walk() if entry.errors]
    return {str(entry["uid"]): entry for entry in calendar.walk("VEVENT")}


def test_a_span_ends_the_day_after_its_last_and_comes_back_with_its_last() -> None:
    content = write_events([WEEK], "Days", NOW)
    entry = read_back(content)["week-2027@ours"]
    assert (entry["dtstart"].dt, entry["dtend"].dt) == (date(2027, 10, 9), date(2027, 10, 17))
    assert b"DTEND;VALUE=DATE:20271017\r\n" in content
    [event], problems = read_events(content, "days.ics")
    assert (event.first, event.last, problems) == (WEEK.first, WEEK.last, [])


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime(2027, 3, 27, 9, 0), "20270327T090000Z"),
        (datetime(2027, 3, 28, 0, 59), "20270328T005900Z"),
        (datetime(2027, 3, 28, 2, 0), "20270328T010000Z"),  # the clocks went forward at one
        (datetime(2027, 3, 28, 9, 0), "20270328T080000Z"),
        (datetime(2027, 10, 31, 1, 30, fold=0), "20271031T003000Z"),
        (datetime(2027, 10, 31, 1, 30, fold=1), "20271031T013000Z"),
    ],
)
def test_a_moment_keeps_its_wall_time_when_the_clocks_change(local: datetime, utc: str) -> None:
    first = local.replace(tzinfo=LONDON)
    event = POST._replace(first=first, last=(first.astimezone(UTC) + timedelta(minutes=15)).astimezone(LONDON))
    content = write_events([event], "Posts", NOW)
    assert f"DTSTART:{utc}\r\n".encode() in content
    assert read_back(content)["post@ours"]["dtstart"].dt.astimezone(LONDON).replace(tzinfo=None) == local
    [back], _ = read_events(content, "posts.ics")
    assert (back.first, back.last) == (event.first, event.last)
    assert isinstance(back.first, datetime)
    assert isinstance(back.last, datetime)
    assert back.last.astimezone(UTC) - back.first.astimezone(UTC) == timedelta(minutes=15)


def test_lines_are_folded_at_75_bytes_within_no_character_and_end_in_crlf() -> None:
    text = "Think, spot; speak \\ out 🏴‍☠️ £5 “quotes” " * 20
    content = write_events([POST._replace(summary=text, description=f"{text}\nline two")], "Posts", NOW)
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert [line.decode() for line in lines]  # each line is whole UTF-8
    entry = read_back(content)["post@ours"]
    assert (str(entry["summary"]), str(entry["description"])) == (text.strip(), f"{text}\nline two")


TEXT = st.text(min_size=1, max_size=120)


@given(TEXT, TEXT, st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 40))
def test_whatever_is_written_is_read_back(summary: str, description: str, first: date, days: int) -> None:
    event = Event("a/b/2027/c@ours", "x" + summary, first, first + timedelta(days=days), description)
    content = write_events([event], summary, NOW)
    entry = read_back(content)["a/b/2027/c@ours"]
    assert str(entry.get("description", "")) == what_may_stand(description)
    assert str(entry["summary"]).split() == what_may_stand("x" + summary).split()
    [back], problems = read_events(content, "x.ics")
    assert (back.first, back.last, problems) == (event.first, event.last, [])


def what_may_stand(text: str) -> str:
    """Return a text without control characters, its lines ended in one manner."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or (ord(each) >= 32 and ord(each) != 127))


def test_equal_input_gives_equal_bytes_and_nothing_changes_if_nothing_changed() -> None:
    first = write_events([WEEK, POST], "Ours", NOW)
    assert write_events([WEEK, POST], "Ours", NOW) == first
    assert write_events([WEEK, POST], "Ours", LATER, first) == first
    stamped = [event._replace(changed=NOW) for event in (WEEK, POST)]
    assert write_events(stamped, "Ours", LATER) == first


def test_what_changed_is_numbered_on_and_keeps_its_uid() -> None:
    first = write_events([WEEK, POST], "Ours", NOW)
    moved = POST._replace(first=NOON + timedelta(hours=1), last=NOON + timedelta(hours=2))
    second = write_events([WEEK, moved], "Ours", NOW, first)  # within the same minute too
    before, after = read_back(first), read_back(second)
    assert before.keys() == after.keys()
    assert after["post@ours"]["sequence"] > before["post@ours"]["sequence"]
    assert after["week-2027@ours"].to_ical() == before["week-2027@ours"].to_ical()
    third = read_back(write_events([WEEK, moved._replace(summary="Spot")], "Ours", LATER, second))
    assert third["post@ours"]["sequence"] > after["post@ours"]["sequence"]
    assert third["post@ours"]["dtstamp"].dt == third["post@ours"]["last-modified"].dt == LATER


def test_without_the_file_of_before_a_later_export_is_numbered_higher() -> None:
    numbers = [read_back(write_events([POST], "Ours", now))["post@ours"]["sequence"] for now in (NOW, LATER)]
    assert 0 < numbers[0] < numbers[1] < 2**31


def test_what_is_gone_is_cancelled_and_says_nothing_any_more() -> None:
    first = write_events([WEEK, POST._replace(summary="Secret", description="Secret words")], "Ours", NOW)
    second = write_events([WEEK], "Ours", LATER, first, is_whole=True)
    entry = read_back(second)["post@ours"]
    assert (str(entry["status"]), entry["dtstart"].dt) == ("CANCELLED", NOON)
    assert b"Secret" not in second
    assert write_events([WEEK], "Ours", LATER + timedelta(days=1), second, is_whole=True) == second
    over = write_events([WEEK], "Ours", datetime(2027, 4, 1, tzinfo=UTC), second, is_whole=True)
    assert read_back(over).keys() == {"week-2027@ours"}


def test_what_comes_back_is_no_longer_cancelled() -> None:
    gone = write_events([], "Ours", LATER, write_events([POST], "Ours", NOW), is_whole=True)
    entry = read_back(write_events([POST], "Ours", LATER, gone))["post@ours"]
    assert str(entry["status"]) == "CONFIRMED"
    assert entry["sequence"] > read_back(gone)["post@ours"]["sequence"]


def test_a_selection_cancels_nothing() -> None:
    first = write_events([WEEK, POST], "Ours", NOW)
    assert b"CANCELLED" not in write_events([WEEK], "Ours", LATER, first)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_events([POST._replace(first=datetime(2027, 3, 18, 12, 0))], "Ours", NOW)


def test_the_calendar_has_what_programs_ask_for() -> None:
    calendar = icalendar.Calendar.from_ical(write_events([POST], "Posts of the force", NOW))
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert str(calendar["x-wr-calname"]) == str(calendar["name"]) == "Posts of the force"
    entry = calendar.walk("VEVENT")[0]
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"} <= entry.keys()
    assert str(entry["transp"]) == "TRANSPARENT"


def test_an_export_is_brought_up_to_date_and_no_other_file_is_touched(tmp_path: Path) -> None:
    path, foreign = tmp_path / "ours.ics", tmp_path / "theirs.ics"
    export_events(path, [WEEK, POST], "Ours", NOW)
    first = path.read_bytes()
    export_events(path, [WEEK, POST], "Ours", LATER)
    assert path.read_bytes() == first
    export_events(path, [WEEK], "Ours", LATER, is_whole=True)
    assert b"STATUS:CANCELLED" in path.read_bytes()
    foreign.write_bytes(first.replace(b"campaign-scheduler", b"somebody"))
    with pytest.raises(UsageError, match="is there already"):
        export_events(foreign, [WEEK], "Ours", NOW)
    with pytest.raises(UsageError, match="cannot be written"):
        export_events(tmp_path / "none/ours.ics", [WEEK], "Ours", NOW)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ours.ics", "theirs.ics"]


HOLDING = Holding("ce", 2027, "CE Awareness Day", date(2027, 3, 18), None, DateStatus.CONFIRMED, source="https://e.org")


@pytest.mark.parametrize(
    ("changes", "summary", "status"),
    [
        ({}, "CE Awareness Day", EventStatus.CONFIRMED),
        ({"status": DateStatus.COMPUTED}, "CE Awareness Day", EventStatus.CONFIRMED),
        ({"status": DateStatus.ESTIMATED}, "CE Awareness Day (date is an estimate)", EventStatus.TENTATIVE),
        ({"status": DateStatus.UNKNOWN}, "CE Awareness Day (date not known yet)", EventStatus.TENTATIVE),
        ({"declined": "no local angle"}, "CE Awareness Day (not this year)", EventStatus.TENTATIVE),
    ],
)
def test_a_day_that_is_not_sure_says_so(changes: dict[str, Any], summary: str, status: EventStatus) -> None:
    [event] = day_events([HOLDING._replace(**changes)])
    assert (event.summary, event.status, event.uid) == (summary, status, "ce-2027@days.campaign-scheduler")
    assert changes.get("declined", "") in event.description
    assert read_back(write_events([event], "Days", NOW))[event.uid]["dtend"].dt == date(2027, 3, 19)


def test_a_day_without_a_date_or_not_held_has_no_entry() -> None:
    unheld = HOLDING._replace(status=DateStatus.NOT_HELD)
    assert day_events([unheld, HOLDING._replace(first=None, status=DateStatus.NOT_HELD)]) == []


def test_a_day_says_its_themes_and_who_knows_its_date() -> None:
    told = HOLDING._replace(source="Jo at the council", themes=("Listening", "Cuckooing"), hashtags=("#CE",))
    [event] = day_events([told._replace(last=date(2027, 3, 19), verified_on=date(2026, 11, 25))])
    assert event.url == ""
    assert event.description.splitlines() == [
        "#CE",
        "18/03: Listening",
        "19/03: Cuckooing",
        "As its source says.",
        "Source: Jo at the council.",
        "Last looked up on 25/11/2026.",
    ]
    [event] = day_events([HOLDING])
    assert event.url == "https://e.org"
    assert "Seen at e.org." in event.description
