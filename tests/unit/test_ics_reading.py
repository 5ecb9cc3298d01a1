"""iCalendar files of others: what is taken over, and what is said of the rest, with its line."""

from __future__ import annotations

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.awareness import DateStatus
from scheduler.domain.problem import Problem, Severity
from scheduler.sources.ics import Event, EventStatus, read_events, take_days
from tests.reading import JARGON

LONDON = ZoneInfo("Europe/London")
# In the manner of a site that lists awareness days: whole days, an American zone that nothing uses beside ours.
SITE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//A site of days - ECPv6//NONSGML v6//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:A site of days
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:20270314T070000
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:20271107T060000
END:STANDARD
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:BST
DTSTART:20270328T010000
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270401
DTEND;VALUE=DATE:20270408
DTSTAMP:20261101T100000
CREATED:20260101T100000Z
LAST-MODIFIED:20261030T093000Z
UID:10000123-1775001600-1775606399@days.example.org
SUMMARY:Stress Awareness Week 2027
DESCRIPTION:A week on stress\\, at work and at home. #StressWeek\\n\\nTell us a
 bout yours.
URL:https://days.example.org/stress-week/
CATEGORIES:Health,Work & wellbeing
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20270318T090000
DTEND;TZID=America/New_York:20270318T100000
UID:10000124@days.example.org
SUMMARY:A webinar
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20270328T023000
DURATION:PT90M
UID:10000125@days.example.org
SUMMARY:After the clocks went forward
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:no part of it
TRIGGER:-PT10M
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def read(text: str | bytes) -> tuple[list[Event], list[Problem]]:
    """Return what is read of a feed."""
    return read_events(text if isinstance(text, bytes) else text.encode(), "feed.ics")


def read_entry(*lines: str) -> tuple[list[Event], list[Problem]]:
    """Return what is read of a feed with one entry, the first of whose lines is the fourth of the file."""
    return read("\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]))


def test_a_site_of_awareness_days_is_read_in_full() -> None:
    [webinar, clocks, week], problems = read(SITE)
    assert problems == []
    assert (week.first, week.last) == (date(2027, 4, 1), date(2027, 4, 7))
    assert (week.summary, week.url) == ("Stress Awareness Week 2027", "https://days.example.org/stress-week/")
    assert week.description == "A week on stress, at work and at home. #StressWeek\n\nTell us about yours."
    assert (week.uid, week.line) == ("10000123-1775001600-1775606399@days.example.org", 31)
    assert week.categories == ("Health", "Work & wellbeing")
    assert str(week.changed) == "2026-10-30 09:30:00+00:00"
    assert webinar.first == datetime(2027, 3, 18, 13, 0, tzinfo=LONDON)  # America changed its clocks four days before
    assert webinar.last == datetime(2027, 3, 18, 14, 0, tzinfo=LONDON)
    assert str(clocks.first) == "2027-03-28 02:30:00+01:00"
    assert str(clocks.last) == "2027-03-28 04:00:00+01:00"
    assert "no part" not in clocks.description


@pytest.mark.parametrize("convert", [str, lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_line_breaks_and_marks_at_the_start_do_not_matter(convert: type[str]) -> None:
    assert read(convert(SITE)) == read(SITE)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = SITE.replace("A webinar", "A webinar for £5 – “free”")
    assert read(text.encode(encoding))[0][0].summary == "A webinar for £5 – “free”"


SUMMARY, START = "SUMMARY:Day", "DTSTART;VALUE=DATE:20270318"
TIMED = "DTSTART:20270318T090000Z"


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([START], date(2027, 3, 18)),
        ([START, "DTEND;VALUE=DATE:20270319"], date(2027, 3, 18)),
        ([START, "DTEND;VALUE=DATE:20270318"], date(2027, 3, 18)),  # some write the day itself
        ([START, "DTEND;VALUE=DATE:20270326"], date(2027, 3, 25)),
        ([START, "DURATION:P1W"], date(2027, 3, 24)),
        (["DTSTART;VALUE=DATE:20270327", "DURATION:P2D"], date(2027, 3, 28)),
        ([TIMED], datetime(2027, 3, 18, 9, 0, tzinfo=LONDON)),
        (["DTSTART:20270328T003000Z", "DURATION:PT1H"], datetime(2027, 3, 28, 2, 30, tzinfo=LONDON)),
        (["DTSTART;TZID=GMT Standard Time:20270701T090000"], datetime(2027, 7, 1, 9, 0, tzinfo=LONDON)),
    ],
)
def test_the_last_of_an_entry_is_found(lines: list[str], last: date) -> None:
    [event], problems = read_entry("UID:1", SUMMARY, *lines)
    assert (event.last, problems) == (last, [])


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ([SUMMARY, "DTSTART:next Tuesday"], 5, "'next Tuesday' is no date."),
        ([SUMMARY, "DTSTART;VALUE=DATE:20270230"], 5, "'20270230' is no date."),
        ([SUMMARY], 3, "This entry has no date (DTSTART)"),
        ([SUMMARY, START, "DTEND:banana"], 6, "'banana' is no date."),
        ([SUMMARY, START, "DTEND;VALUE=DATE:20270310"], 6, "It ends before it begins."),
        ([SUMMARY, START, "DTEND:20270318T100000Z"], 6, "Its first and last are not both days"),
        ([SUMMARY, START, "DURATION:a week"], 6, "'a week' is no duration."),
        ([START], 3, "This entry has no title (SUMMARY)"),
    ],
)
def test_an_entry_that_cannot_be_used_is_left_out_and_named(lines: list[str], line: int, said: str) -> None:
    events, [problem] = read_entry(*lines, "UID:1")
    assert events == []
    assert (problem.severity, problem.place.file, problem.place.line) == (Severity.ERROR, "feed.ics", line)
    assert problem.message.startswith(said)
    assert "left out" in f"{problem.message} {problem.hint}"
    assert problem.line_text


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (["RRULE:FREQ=YEARLY"], 7, "It repeats every year; only its first date is taken over."),
        (["RRULE:FREQ=WEEKLY;BYDAY=FR"], 7, "It repeats every week"),
        (["RDATE;VALUE=DATE:20280318"], 7, "It repeats on other dates too"),
        (["DESCRIPTION:A text", "whose second line was not indented"], 8, "This line is no part of an entry"),
    ],
)
def test_what_is_not_taken_over_is_said(lines: list[str], line: int, said: str) -> None:
    [event], [problem] = read_entry("UID:1", SUMMARY, START, *lines)
    assert event.first == date(2027, 3, 18)
    assert (problem.severity, problem.place.line) == (Severity.WARNING, line)
    assert problem.message.startswith(said)


def test_a_title_without_end_is_cut_and_that_is_said() -> None:
    more = (f"DESCRIPTION:#{'y' * 10**6} #Short", f"URL:https://example.org/{'z' * 10**6}")
    events, [problem] = read_entry("UID:1", f"SUMMARY:Day {'x' * 10**7}", START, *more)
    assert events[0].summary == f"Day {'x' * 196}"
    assert problem.message == "Its title has 10000004 characters, and is cut after 200."
    assert (problem.severity, problem.place.line) == (Severity.WARNING, 5)
    assert len(problem.line_text) == 1000
    [day] = take_days(events)
    assert (day.name, len(day.day), day.hashtags, day.source) == (events[0].summary, 200, ("#Short",), "")


def test_a_time_without_a_zone_is_ours_and_that_is_said_once() -> None:
    entry = "BEGIN:VEVENT\nUID:{0}\nSUMMARY:{0}\nDTSTART:2027070{0}T090000\nEND:VEVENT\n"
    events, [problem] = read("BEGIN:VCALENDAR\n" + "".join(map(entry.format, (1, 2, 3))) + "END:VCALENDAR\n")
    assert events[0].first == datetime(2027, 7, 1, 9, 0, tzinfo=LONDON)
    assert str(problem) == (
        "feed.ics:5:1: warning: 3 times have no time zone, and count as Europe/London. See that it is right."
    )


def test_a_zone_that_nobody_knows_is_named() -> None:
    [event], [problem] = read_entry("UID:1", SUMMARY, "DTSTART;TZID=Ruritania/Strelsau:20270701T090000")
    assert event.first == datetime(2027, 7, 1, 9, 0, tzinfo=LONDON)
    assert (problem.place.line, "'Ruritania/Strelsau'" in problem.message) == (6, True)


def test_a_zone_that_the_file_describes_is_known() -> None:
    text = SITE.replace("America/New_York", "The office in Boston")
    [webinar, _, _], problems = read(text)
    assert (webinar.first, problems) == (datetime(2027, 3, 18, 13, 0, tzinfo=LONDON), [])


def test_an_entry_without_an_id_has_the_same_one_each_time() -> None:
    [event], [problem] = read_entry(SUMMARY, START)
    [again], _ = read_entry("DESCRIPTION:more", SUMMARY, START)
    [other], _ = read_entry(SUMMARY, "DTSTART;VALUE=DATE:20270319")
    assert event.uid == again.uid != other.uid
    assert problem.message.startswith("1 entry has no name of its own (UID)")


def test_one_date_of_a_series_is_an_entry_of_its_own() -> None:
    [event], _ = read_entry("UID:1", SUMMARY, START, "RECURRENCE-ID;VALUE=DATE:20270317")
    assert event.uid == "1/2027-03-17"


def test_what_is_cancelled_says_so() -> None:
    [event], _ = read_entry("UID:1", SUMMARY, START, "STATUS:CANCELLED")
    assert event.status is EventStatus.CANCELLED
    [event], _ = read("BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\n" + START + "\nEND:VEVENT\n")
    assert event.status is EventStatus.CANCELLED


def test_one_bad_entry_does_not_cost_the_others() -> None:
    text = SITE.replace("DTSTART;VALUE=DATE:20270401", "DTSTART;VALUE=DATE:tomorrow")
    events, problems = read(text)
    assert ([event.summary for event in events], len(problems)) == (["A webinar", "After the clocks went forward"], 1)


def test_a_file_that_is_cut_short_is_read_up_to_there() -> None:
    events, [problem] = read(SITE[: SITE.index("DURATION:PT90M")])
    assert [event.summary for event in events] == ["A webinar", "Stress Awareness Week 2027"]
    assert (problem.place.line, "cut short" in problem.message) == (50, True)


def test_an_entry_that_is_not_ended_is_named_and_the_next_is_read() -> None:
    text = SITE.replace("SUMMARY:A webinar\nEND:VEVENT\n", "SUMMARY:A webinar\n")
    events, [problem] = read(text)
    assert [event.summary for event in events] == ["After the clocks went forward", "Stress Awareness Week 2027"]
    assert problem.place.line == 44


def test_tasks_are_counted_and_left_out() -> None:
    events, [problem] = read(SITE.replace("VEVENT", "VTODO"))
    assert (events, problem.message) == ([], "3 of another kind (VTODO) left out: only events are read.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty."),
        (b"\n \n", "This file is empty."),
        (b"<!DOCTYPE html>\n<html><body>Subscribe", "It is a web page"),
        (b"PK\x03\x04 a spreadsheet", "It is a spreadsheet or a zip file."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "This is not an iCalendar file."),
        (b"campaign: ce\ndate: 18 March 2027\n", "This is not an iCalendar file."),
        (b"BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nSUMMARY;QUOTED-PRINTABLE:=41\nEND:VEVENT\n", "of the 1990s"),
    ],
)
def test_what_is_no_feed_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    events, [problem] = read(content)
    assert (events, problem.severity) == ([], Severity.ERROR)
    assert said in str(problem)


def test_fifty_megabytes_are_refused_at_once() -> None:
    content = b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * (50 * 2**20 // 34)
    begun = time.monotonic()
    events, [problem] = read(content)
    assert (events, time.monotonic() - begun < 1) == ([], True)
    assert problem.message == "This file has 50 MB; up to 16 MB are read."


def test_of_a_feed_without_end_the_first_entries_are_read() -> None:
    entry = "BEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20270318\nEND:VEVENT\n"
    events, problems = read(f"BEGIN:VCALENDAR\n{entry * 5002}END:VCALENDAR\n")
    assert len(events) == 5000
    assert str(problems[0]) == (
        "feed.ics:1:1: error: It has more than 5000 entries; the last 2 are left out. "
        "Save a shorter time, such as a single year."
    )


def test_one_time_without_a_zone_counts_as_ours() -> None:
    _, [problem] = read_entry("UID:1", SUMMARY, "DTSTART:20270701T090000")
    assert problem.message == "1 time has no time zone, and counts as Europe/London."


def test_a_thousand_problems_are_fifty_and_a_count() -> None:
    _, problems = read("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nUID:1\nSUMMARY:x\nEND:VEVENT\n" * 1000)
    assert len(problems) == 51
    assert problems[-1].message == "There are 950 more problems in this file."


PIECES = st.sampled_from(
    [*SITE.splitlines(), "BEGIN:VEVENT", "END:VEVENT", START, SUMMARY, "DTEND:x", "DTSTART:", "DURATION:-P1D", ";:", "",
     "DTSTART;VALUE=DATE:00000000", "DTEND;TZID=:20270101T000000", "DTSTART;TZID=\"a:b\":20270101T000000", " folded",
     "DTSTART;VALUE=PERIOD:20270101T000000Z/PT1H", "RECURRENCE-ID:x", "CATEGORIES:", "RRULE:FREQ", "UID:",
     "DTSTART:99991231", "DTSTART;VALUE=DATE:99991231", "STATUS:x", "DTSTART:00010101T000000Z", "DURATION:P99999999W"]
)  # fmt: skip


@given(st.one_of(st.lists(PIECES, max_size=40).map("\n".join), st.text(max_size=200)))
def test_nothing_makes_it_fall_over(text: str) -> None:
    _, problems = read("BEGIN:VCALENDAR\n" + text)
    for problem in problems:
        words = f"{problem.message} {problem.hint}".lower().replace(problem.line_text.lower() or "\0", "")
        assert not [word for word in JARGON if f" {word} " in words], problem


def test_awareness_days_are_taken_as_estimates_with_their_source() -> None:
    days = take_days(read(SITE)[0], "feed.ics")
    [day] = days
    assert (day.day, day.year, day.name) == ("stress-awareness-week", 2027, "Stress Awareness Week")
    assert (day.first, day.last) == (date(2027, 4, 1), date(2027, 4, 7))
    assert (day.status, day.source) == (DateStatus.ESTIMATED, "https://days.example.org/stress-week/")
    assert day.hashtags == ("#StressWeek",)
    assert day.note == "as feed.ics has it; ask the organiser"


def test_a_day_that_comes_twice_a_year_is_taken_twice_and_one_said_twice_once() -> None:
    day = Event("1", "Operation Sceptre", date(2027, 5, 17), date(2027, 5, 23))
    autumn = day._replace(uid="2", first=date(2027, 11, 15), last=date(2027, 11, 21))
    gone = day._replace(uid="4", summary="Gone Day", status=EventStatus.CANCELLED)
    taken = take_days([day, autumn, day._replace(uid="3"), gone])
    assert [(each.day, each.first) for each in taken] == [
        ("operation-sceptre", date(2027, 5, 17)),
        ("operation-sceptre-2", date(2027, 11, 15)),
    ]
