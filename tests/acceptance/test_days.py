"""`campaign days` as people use it, and awareness days through every command that shows a plan."""

from __future__ import annotations

import json
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from scheduler.sources.catalogue import Catalogue
from tests.boards import Project, write_utc
from tests.daemons import run_daemon

CALENDAR = """\
campaign: ce
day: {day}
year: 2027
accounts: [board]
posts:
  - {{id: think, when: on the day at 09:00, text: "Think. #CEADay{{yy}}"}}
"""
NOT_SENT = "National Stalking Awareness Week 2027: its date is not known yet (it last began on 21 April 2025)"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_year_is_listed_in_order_of_date(project: Project) -> None:
    lines = project.run("days", "--year", "2027", code=0).stdout.splitlines()
    assert len(lines) == len(Catalogue().names())
    [line] = [line for line in lines if "ce-awareness-day" in line]
    assert line.split("  ")[0] == "Thu 18 Mar 2027"
    assert "computed" in line
    assert "https://" in line
    [week] = [line for line in lines if " hate-crime-awareness-week " in line]
    assert week.startswith("Sat 9 to Sat 16 Oct 2027 ")
    [unknown] = [line for line in lines if " stalking-awareness-week " in line]
    assert unknown.startswith("about Mon 19 to Fri 23 Apr 2027 ")
    assert " unknown " in unknown
    listed = json.loads(project.run("days", "--year", "2027", "--format", "json", code=0).stdout)
    assert [day["first"] for day in listed] == sorted(day["first"] for day in listed)
    assert [line.split()[-1] for line in lines] == [day["source"] for day in listed]
    seen = [day["status"] == "confirmed" for day in listed]
    assert ["seen at https://" in line for line in lines] == seen


def test_what_is_ahead_is_listed_with_its_name(project: Project) -> None:
    today = date.today()
    listed = json.loads(project.run("days", "--format", "json", code=0).stdout)
    assert {day["year"] for day in listed} <= {today.year, today.year + 1}
    assert all(day["last"] >= today.isoformat() for day in listed if day["year"] == today.year)
    whole = json.loads(project.run("days", "--year", str(today.year), "--format", "json", code=0).stdout)
    left = [day for day in whole if day["last"] and day["last"] >= today.isoformat()]
    following = json.loads(project.run("days", "--year", str(today.year + 1), "--format", "json", code=0).stdout)
    assert sorted(map(str, listed)) == sorted(map(str, [*left, *following]))
    assert [day["first"] for day in listed] == sorted(day["first"] for day in listed)
    lines = project.run("days", code=0).stdout.splitlines()
    assert len(lines) == len(listed)
    for line, day in zip(lines, listed, strict=True):
        assert f" {day['id']} " in line
        assert f"  {day['name']} · " in line


def test_a_feed_of_days_is_written_to_a_file_and_brought_up_to_date(project: Project) -> None:
    said = project.run("days", "--ics", "-o", "days.ics", code=0)
    assert (said.stdout, "days.ics: " in said.stderr) == ("", True)
    first = (project.folder / "days.ics").read_bytes()
    year = date.today().year + 1
    assert f"UID:ce-awareness-day-{year}@".encode() in first
    project.run("days", "--ics", "-o", "days.ics", code=0)
    assert (project.folder / "days.ics").read_bytes() == first
    (project.folder / "mine.ics").write_text("BEGIN:VCALENDAR")
    assert "this program did not write it" in project.run("days", "--ics", "-o", "mine.ics", code=2).stderr
    assert "Let its name end in .ics" in project.run("days", "--ics", "-o", "days.txt", code=2).stderr
    assert "Add --ics" in project.run("days", "-o", "days.ics", code=2).stderr


def test_whose_page_says_a_date_is_said(project: Project) -> None:
    lines = project.run("days", "--year", "2026", "--topic", "mental-health", code=0).stdout.splitlines()
    [line] = [line for line in lines if " time-to-talk-day " in line]
    assert " confirmed " in line
    assert " seen at https://www.yourhousinggroup.co.uk/" in line


def test_json_has_what_the_readme_says(project: Project) -> None:
    [day] = json.loads(project.run("days", "--topic", "stalking", "--year", "2027", "--format", "json", code=0).stdout)
    assert day["id"] == "stalking-awareness-week"
    assert (day["first"], day["last"], day["status"]) == ("2027-04-19", "2027-04-23", "unknown")
    assert day["hashtags"] == ["#NSAW2027", "#StalkingAwarenessWeek"]
    assert (day["declined"], day["topics"]) == ("", ["stalking", "vawg"])


def test_days_that_are_near_and_not_certain_are_warned_of(project: Project) -> None:
    near = date.today() + timedelta(days=100)
    (project.folder / "days.yaml").write_text(
        f"days:\n  talk: {{name: Talk, rule: usually {near:%-d %B}, topics: [talk], organiser: Ann}}\n"
    )
    done = project.run("days", "--topic", "talk", code=0)
    assert "warning: One day of the next 180 without a certain date:" in done.stderr
    assert "in 100 days, about " in done.stderr
    assert "talk (estimated) · ask Ann" in done.stderr
    assert project.run("days", "--topic", "talk", "--strict", code=1).stderr == done.stderr
    project.run("days", "--set", "talk", "--date", near.isoformat(), "--source", "Ann", code=0)
    assert project.run("days", "--topic", "talk", "--strict", code=0).stderr == ""


def test_a_decision_is_recorded_and_shown(project: Project) -> None:
    recorded = project.run("days", "--skip", "black-friday", "--year", "2027", "--reason", "nobody is free", code=0)
    assert "Recorded in days.yaml" in recorded.stdout
    listed = project.run("days", "--topic", "fraud", "--year", "2027", code=0).stdout
    assert "not this year: nobody is free" in listed


def test_an_organisers_date_is_recorded_and_settles_a_campaign(project: Project) -> None:
    project.write_calendar(CALENDAR.format(day="stalking-awareness-week"))
    assert "NOT SENT" in project.run("preview", code=0).stdout
    arguments = ("days", "--set", "stalking-awareness-week", "--date", "26/04/2027", "--source", "https://example.org")
    said = project.run(*arguments, "--until", "29 April 2027", code=0).stdout
    assert "stalking-awareness-week is on Mon 26 to Thu 29 Apr 2027." in said
    shown = project.run("preview", "--strict", code=0).stdout
    assert "Mon 26 Apr 2027 09:00 BST" in shown
    assert "NOT SENT" not in shown
    again = project.run(*arguments[:4], "19/04/2027", *arguments[5:], code=0).stdout
    assert "stalking-awareness-week is on Mon 19 to Fri 23 Apr 2027." in again  # its usual length
    assert "Before, it was Mon 26 to Thu 29 Apr 2027 (https://example.org)." in again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topic", "vawgg"], "No day is about 'vawgg'. Did you mean 'vawg'?"),
        (["--topic", "zzzzz"], "Known: adult-safeguarding, asb, "),
        (["--year", "99"], "99 is not a year"),
        (["--skip", "ce-awarness-day", "--year", "2027", "--reason", "x"], "Did you mean 'ce-awareness-day'?"),
        (["--skip", "ce-awareness-day", "--reason", "x"], "Say which year, and why"),
        (["--skip", "ce-awareness-day", "--year", "2027", "--reason", " "], "Say which year, and why"),
        (["--skip", "a", "--set", "b"], "--skip goes with --year and --reason only."),
        (["--set", "ce-awareness-day", "--date", "18 March 2027"], "Say when, and who says so"),
        (["--set", "ce-awareness-day", "--source", "x"], "Say when, and who says so"),
        (["--set", "ce-awareness-day", "--source", "x", "--date", "9.9"], "'9.9' is no date"),
        (["--set", "ce-awareness-day", "--source", "x", "--date", "19 March 2027"], "say why with --reason"),
        (["--set", "999-day", "--source", "x", "--date", "9/9/2027", "--until", "8/9/2027"], "Swap them"),
        (["--set", "999-day", "--source", "x", "--date", "9/9/2027", "--year", "2028"], "is not in 2028"),
        (["--date", "9/9/2027"], "need --set ID or --skip ID"),
    ],
)
def test_what_is_typed_wrongly_is_answered_with_what_to_type(project: Project, arguments: list[str], said: str) -> None:
    done = project.run("days", *arguments, code=2)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (project.folder / "days.yaml").exists()


def test_a_calendar_file_holds_each_date_with_its_status_and_nothing_without_a_date(project: Project) -> None:
    project.run("days", "--skip", "black-friday", "--year", "2027", "--reason", "no", code=0)
    feed = Calendar.from_ical(project.run("days", "--ics", "--year", "2027", code=0).stdout)
    events: dict[str, Any] = {str(event["uid"]).partition("-2027@")[0]: event for event in feed.walk("VEVENT")}
    week = events["hate-crime-awareness-week"]
    assert (week["dtstart"].dt, week["dtend"].dt) == (date(2027, 10, 9), date(2027, 10, 17))
    assert week["status"] == "CONFIRMED"
    assert events["ramadan-start"]["status"] == "TENTATIVE"
    assert "estimate" in events["ramadan-start"]["summary"]
    assert "not this year" in events["black-friday"]["summary"]
    assert "stalking-awareness-week" not in events
    days = Catalogue()
    dated = [each for name in days.names() if (each := days.find(name, 2027)).status != "unknown"]
    assert len(events) == len(dated)


def test_doubt_is_loud_in_every_form_of_the_preview(project: Project) -> None:
    project.write_calendar(CALENDAR.format(day="stalking-awareness-week"))
    shown = project.run("preview", code=0)
    assert f"\n  NOT SENT: {NOT_SENT}\n" in shown.stdout
    assert "warning: Nothing of this campaign will be sent" in shown.stderr
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert (row["not_sent"], row["decision"], row["status"]) == (NOT_SENT, "hold", "held")
    page = project.run("preview", "--format", "html", code=0).stdout
    assert f'<p class="not-sent">NOT SENT: {NOT_SENT}</p>' in page
    project.run("preview", "--strict", code=1)


def test_a_certain_day_is_shown_without_doubt(project: Project) -> None:
    project.write_calendar(CALENDAR.format(day="ce-awareness-day"))
    assert "Think. #CEADay27" in project.run("preview", "--strict", code=0).stdout
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert (row["not_sent"], row["due_utc"]) == ("", "2027-03-18T09:00:00Z")
    project.run("check", "--strict", code=0)


def test_a_rehearsal_sends_what_is_certain_and_holds_the_rest(project: Project) -> None:
    project.write_calendar(CALENDAR.format(day="ce-awareness-day"), "a")
    unsure = CALENDAR.format(day="stalking-awareness-week").replace("campaign: ce", "campaign: nsaw")
    project.write_calendar(unsure, "b")
    table = project.run("rehearse", code=0).stdout
    assert "sent once 1" in table
    assert f"held · {NOT_SENT}" in table
    posts = list((project.folder / "rehearsal/noticeboard").glob("*.json"))
    assert len(posts) == 1


def test_check_names_what_is_wrong_with_the_teams_days(project: Project) -> None:
    project.write_calendar(CALENDAR.format(day="ce-awareness-day"))
    (project.folder / "days.yaml").write_text("dates:\n  black-fryday:\n    2027: {skip: no}\n")
    done = project.run("check", code=2)
    assert (
        "days.yaml:2:3: error: no awareness day is called 'black-fryday'. Did you mean 'black-friday'?" in done.stdout
    )
    assert (
        "campaigns/a.yaml:2:6: error: It is not known when 'ce-awareness-day' is: days.yaml has errors" in done.stdout
    )
    assert "days.yaml:2:3: error" in project.run("days", code=2).stderr


def test_the_settings_say_where_the_days_are(project: Project) -> None:
    config = project.folder / "config.yaml"
    config.write_text("days: ours/awareness.yaml\n" + config.read_text())
    (project.folder / "ours").mkdir()
    project.run("days", "--skip", "black-friday", "--year", "2027", "--reason", "no", code=0)
    assert (project.folder / "ours/awareness.yaml").exists()
    assert "not this year: no" in project.run("days", "--topic", "fraud", "--year", "2027", code=0).stdout


def test_the_daemon_reads_a_changed_file_of_days_again(project: Project) -> None:
    now = datetime.now(UTC)
    entry = "dates:\n  look-closer-week:\n    {0.year}: {{on: {0:%Y-%m-%d}, {1}}}\n"
    (project.folder / "days.yaml").write_text(entry.format(now, "status: estimated, source: us"))
    project.write_calendar(
        f"campaign: a\nday: look-closer-week\nyear: {now.year}\ntimezone: UTC\naccounts: [board]\nposts:\n"
        f"  - {{id: p0, when: {write_utc(now)}, text: Look closer.}}\n"
    )
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        assert project.posts("board") == []
        (project.folder / "days.yaml").write_text(entry.format(now, "source: https://example.org"))
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        daemon.send(signal.SIGTERM)
        assert daemon.wait_for_end() == 0
