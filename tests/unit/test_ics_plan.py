"""Planned posts as entries for people's calendars; and that nothing under embargo leaves the team in them."""

from __future__ import annotations

import base64
import quopri
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from PIL import Image

from scheduler.bootstrap import build_app, inspect_media
from scheduler.domain.delivery import Status
from scheduler.domain.plan import plan_deliveries
from scheduler.preview import Row, build_rows
from scheduler.sources.ics import Event, EventStatus, plan_events, write_events
from tests.boards import Project

BEFORE = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
AFTER = datetime(2027, 3, 18, 7, 0, tzinfo=UTC)
OPEN = """\
campaign: openly
name: An open campaign
date: 18 March 2027
accounts: [board]
posts:
  - id: seen
    when: on the day at 12:00
    text: Readable
"""
SECRET = """\
campaign: thunderclap-launch
name: Operation Thunderclap
date: 18 March 2027
{campaign}accounts: [board, second]
hashtags: ["#ThunderclapLaunch"]
posts:
  - id: raids-overnight
    when: on the day at 08:00
{post}    text: |
      Überfall: forty warrants — executed 🚨 across Northshire, “overnight”; arrests, seizures.

      Ministers welcomed it.
    link: {{url: https://thunderclap.example.org/warrants, title: Warrantcard, description: Describedlong}}
    images: [{{file: warehouse-photo.png, alt: Officers beside confiscated machetes}}]
    tags: [countylines]
    variants:
      second: {{text: Shorterwording for second}}
"""
EMBARGO = "embargo: 18 March 2027 07:00"
WORDS = re.findall(
    r"[\w’-]{3,}",
    "thunderclap launch Operation Thunderclap ThunderclapLaunch raids overnight Überfall forty warrants executed "
    "across Northshire arrests seizures Ministers welcomed thunderclap.example warrants Warrantcard Describedlong "
    "warehouse photo Officers beside confiscated machetes countylines Shorterwording",
)


def make_rows(folder: Path, **calendars: str) -> list[Row]:
    """Return the preview's rows of calendars in a real project folder."""
    project = Project(folder)
    Image.new("RGB", (40, 30), "navy").save(folder / "campaigns/warehouse-photo.png")
    for name, text in calendars.items():
        project.write_calendar(text, name)
    app = build_app(folder / "config.yaml", allow_example=False)
    files = app.read_calendars()
    assert not [problem for file in files for problem in file.problems]
    deliveries = plan_deliveries([file.campaign for file in files if file.campaign is not None])
    accounts = app.show_accounts(["board", "second"])
    rows = build_rows(deliveries, accounts, inspect_media, records={}, holds=(), seen=lambda _: False, now=BEFORE)
    return list(rows)


def every_form(content: bytes) -> str:
    """Return a file as it is, unfolded, and with whatever in it is base64 or quoted-printable undone."""
    unfolded = content.replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    forms = [content, unfolded, quopri.decodestring(unfolded)]
    for run in re.findall(rb"[A-Za-z0-9+/_-]{8,}={0,2}", unfolded):
        for start in range(4):
            cut = run[start:].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
            forms.append(base64.b64decode(cut[: len(cut) // 4 * 4]))
    return "\n".join(form.decode("utf-8", "replace") for form in forms).casefold()


@pytest.mark.parametrize("where", ["campaign", "post"])
def test_no_word_under_embargo_is_in_any_part_of_the_file(where: str, tmp_path: Path) -> None:
    lines = {"campaign": "", "post": ""} | {where: f"{EMBARGO}\n" if where == "campaign" else f"    {EMBARGO}\n"}
    rows = make_rows(tmp_path, a=SECRET.format(**lines), b=OPEN)
    hidden = write_events(plan_events(rows, BEFORE), "Posts", BEFORE)
    found = every_form(hidden)
    assert [word for word in WORDS if word.casefold() in found] == []
    assert "readable" in found
    assert hidden.count(b"Post under embargo") == 2
    shown = every_form(write_events(plan_events(rows, AFTER), "Posts", AFTER))
    not_in_entries = {"Warrantcard", "Describedlong", "countylines", "photo", "warehouse"}
    assert [word for word in WORDS if word.casefold() not in shown and word not in not_in_entries] == []


def test_the_search_for_words_sees_through_folds_and_encodings() -> None:
    """So that the test above can fail."""
    for content in (
        b"SUMMARY:Thunder\r\n clap",
        b"X-A:" + base64.b64encode(b"say Thunderclap"),
        b"ATTACH:data:text/plain;base64," + base64.urlsafe_b64encode(b"xx Thunderclap??>"),
        b"SUMMARY;ENCODING=QUOTED-PRINTABLE:=54hunderclap",
    ):
        assert "thunderclap" in every_form(content), content


def test_the_entry_is_the_same_one_when_the_embargo_ends(tmp_path: Path) -> None:
    rows = make_rows(tmp_path, a=SECRET.format(campaign=f"{EMBARGO}\n", post=""))
    hidden, shown = plan_events(rows, BEFORE), plan_events(rows, AFTER)
    assert [event.uid for event in hidden] == [event.uid for event in shown]
    assert len({event.uid for event in shown}) == 2
    first = write_events(hidden, "Posts", BEFORE)
    entries = icalendar.Calendar.from_ical(write_events(shown, "Posts", AFTER, first)).walk("VEVENT")
    assert len(entries) == 2
    assert "forty warrants" in str(entries[0]["description"])
    assert "[picture] Officers beside" in str(entries[0]["description"])
    # And an embargo that is laid on what was exported before takes its words out again.
    again = write_events([], "Posts", BEFORE, write_events(shown, "Posts", BEFORE), is_whole=True)
    assert again.count(b"STATUS:CANCELLED") == 2
    assert [word for word in WORDS if word.casefold() in every_form(again)] == []


def plan_one(folder: Path, calendar: str) -> Event:
    [event] = plan_events(make_rows(folder, a=calendar), BEFORE)
    return event


def test_an_entry_says_when_where_and_what(tmp_path: Path) -> None:
    event = plan_one(tmp_path, OPEN.replace("18 March", "29 March"))
    assert event.summary == "An open campaign: seen → board"
    assert event.description == "12:00 BST, board (noticeboard)\n\nReadable"
    assert (event.status, event.categories) == (EventStatus.CONFIRMED, ("openly",))
    assert event.last - event.first == timedelta(minutes=15)


def test_a_thread_is_shown_part_by_part(tmp_path: Path) -> None:
    event = plan_one(tmp_path, OPEN.replace("text: Readable", "thread: [{text: First}, {text: Second}]"))
    assert event.description.endswith("[1 of 2]\nFirst\n\n[2 of 2]\nSecond")


def test_a_draft_is_tentative_and_says_so(tmp_path: Path) -> None:
    event = plan_one(tmp_path, OPEN + "    draft: yes\n")
    assert (event.summary, event.status) == ("Draft: An open campaign: seen → board", EventStatus.TENTATIVE)


def test_a_post_whose_date_is_not_sure_is_tentative_and_says_why(tmp_path: Path) -> None:
    [row] = make_rows(tmp_path, a=OPEN)
    campaign = row.delivery.campaign._replace(unsettled="its date is an estimate")
    [event] = plan_events([row._replace(delivery=row.delivery._replace(campaign=campaign))], BEFORE)
    assert (event.summary, event.status) == ("Date not sure: An open campaign: seen → board", EventStatus.TENTATIVE)
    assert "Nothing is sent: its date is an estimate." in event.description


def test_a_post_with_an_error_is_not_ready(tmp_path: Path) -> None:
    rows = make_rows(tmp_path, a=OPEN.replace("text: Readable", "text: " + "x" * 5001))
    [event] = plan_events(rows, BEFORE)
    assert (event.summary, event.status) == ("Not ready: An open campaign: seen → board", EventStatus.TENTATIVE)


@pytest.mark.parametrize("status", Status)
def test_what_has_become_of_a_post_is_said(status: Status, tmp_path: Path) -> None:
    [row] = make_rows(tmp_path, a=OPEN)
    [event] = plan_events([row._replace(status=status)], BEFORE)
    quiet = status in {Status.PLANNED, Status.CLAIMED}
    assert event.summary.startswith("An open campaign") is quiet
    never = {Status.REJECTED, Status.MISSED, Status.SKIPPED, Status.PAST}
    assert (event.status is EventStatus.CANCELLED) is (status in never)
