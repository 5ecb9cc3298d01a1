"""A calendar whose date is that of an awareness day: found, compared, doubted or refused."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.problem import Severity
from scheduler.sources.calendar import CalendarFile, read_calendar
from scheduler.sources.catalogue import Catalogue
from tests.reading import DEFAULTS, spot_of, unmark

POSTS = "accounts: [force-x]\nposts:\n  - id: think\n    when: {when}\n    text: 'Speak out. #CEADay{{yy}}'\n"
TEAM = """\
dates:
  asb-awareness-week:
    2027: {on: 5 July 2027 to 11 July 2027, source: Resolve}
    2028: {on: 3 July 2028, status: estimated, source: Resolve}
  black-friday:
    2027: {skip: nobody is free}
  999-day:
    2027: {not_held: it was let go}
"""


def read(head: str, when: str = "on the day at 09:00", team: str = TEAM) -> CalendarFile:
    days = Catalogue(file="days.yaml", content=team.encode())
    text = f"campaign: c\n{head}{POSTS.format(when=when)}"
    return read_calendar(text.encode(), "campaigns/c.yaml", DEFAULTS._replace(days=days))


def test_a_day_and_its_year_give_the_date() -> None:
    read_file = read("day: ce-awareness-day\nyear: 2027\n")
    campaign = read_file.campaign
    assert read_file.problems == ()
    assert campaign is not None
    assert (campaign.date, campaign.until, campaign.day, campaign.unsettled) == (
        date(2027, 3, 18), None, "ce-awareness-day", "")  # fmt: skip
    assert campaign.posts[0].parts[0].text == "Speak out. #CEADay27"
    assert campaign.occurrence == "2027"


def test_a_span_gives_its_last_day_too() -> None:
    campaign = read("day: hate-crime-awareness-week\nyear: 2026\n", "day 8 at 09:00").campaign
    assert campaign is not None
    assert (campaign.date, campaign.until) == (date(2026, 10, 10), date(2026, 10, 17))
    assert campaign.posts[0].due.date() == date(2026, 10, 17)


def test_a_last_day_that_is_written_goes_before_that_of_the_day() -> None:
    campaign = read("day: hate-crime-awareness-week\nyear: 2026\nuntil: 12 October 2026\n").campaign
    assert campaign is not None
    assert campaign.until == date(2026, 10, 12)


def test_the_year_may_be_that_of_the_date() -> None:
    read_file = read("day: ce-awareness-day\ndate: 18 March 2027\n")
    assert read_file.problems == ()
    assert read_file.campaign is not None
    assert read_file.campaign.unsettled == ""


@pytest.mark.parametrize(
    ("head", "said", "hint"),
    [
        ("day: ‹ce-awareness-day›\n", "does not say of which year", "'year: 2027'"),
        ("day: ‹ce-awarness-day›\nyear: 2027\n", "no awareness day is called", "'ce-awareness-day'"),
        ("day: ‹zzz›\nyear: 2027\n", "no awareness day is called 'zzz'", "`campaign days`"),
        ("day: ce-awareness-day\nyear: ‹1066›\n", "1066 is not the year", "such as 2027"),
        ("day: ce-awareness-day\nyear: ‹2026›\ndate: 18 March 2027\n", "2026 is not the year", "'year: 2027'"),
        ("day: ce-awareness-day\ndate: ‹19 March 2027›\n", "is on 18 March 2027, not on 19 March 2027", "days --set"),
        ("day: asb-awareness-week\ndate: ‹6 July 2027›\n", "is on 5 July 2027, not on 6 July 2027", "--reason"),
        ("date: 18 March 2027\nyear: ‹2027›\n", "belongs to a campaign with 'day:'", "Take it out"),
        ("day: hate-crime-awareness-week\nyear: 2026\nuntil: ‹9 October 2026›\n", "ends before it begins",
         "10 October 2026 or later"),
        ("day: ce-awareness-day\ndate: ‹18 March›\n", "has no year", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(head: str, said: str, hint: str) -> None:
    text, [spot] = unmark(f"campaign: c\n{head}")
    read_file = read(text.removeprefix("campaign: c\n"))
    [problem] = [each for each in read_file.problems if each.severity is Severity.ERROR]
    assert said in problem.message
    assert hint in problem.hint
    assert spot_of(problem)[:2] == spot[:2]
    assert read_file.campaign is None


def test_without_a_date_and_a_day_the_date_is_missing() -> None:
    [problem] = read("").problems
    assert "'date' is missing" in problem.message
    assert "day: ce-awareness-day" in problem.hint


@pytest.mark.parametrize(
    ("head", "doubt", "first"),
    [
        ("day: stalking-awareness-week\nyear: 2027\n", "its date is not known yet", date(2027, 4, 19)),
        ("day: ramadan-start\nyear: 2027\n", "its date is an estimate", date(2027, 2, 8)),
        ("day: asb-awareness-week\nyear: 2028\n", "its date is an estimate", date(2028, 7, 3)),
        ("day: black-friday\nyear: 2027\n", "not this year: nobody is free", date(2027, 11, 26)),
        ("day: black-friday\ndate: 26 November 2027\n", "not this year: nobody is free", date(2027, 11, 26)),
        ("day: 999-day\nyear: 2027\n", "it is not held (it was let go)", date(2027, 12, 31)),
        ("day: 999-day\ndate: 9 September 2027\n", "it is not held (it was let go)", date(2027, 9, 9)),
        ("day: ramadan-start\nyear: 2150\n", "its date is not known yet", date(2150, 12, 31)),
    ],
)
def test_what_is_not_sure_is_planned_and_never_sent(head: str, doubt: str, first: date) -> None:
    read_file = read(head)
    [problem] = read_file.problems
    assert problem.severity is Severity.WARNING
    assert problem.message.startswith("Nothing of this campaign will be sent: ")
    assert (problem.place.line, problem.place.column) == (2, 6)
    assert problem.hint
    assert read_file.campaign is not None
    assert read_file.campaign.date == first
    assert doubt in read_file.campaign.unsettled


@pytest.mark.parametrize(
    ("head", "first", "until"),
    [
        ("day: stalking-awareness-week\ndate: 26 April 2027\n", date(2027, 4, 26), date(2027, 4, 30)),
        ("day: ramadan-start\ndate: 9 February 2027\n", date(2027, 2, 9), date(2027, 3, 9)),
        ("day: ramadan-start\ndate: 9 February 2150\n", date(2150, 2, 9), None),
    ],
)
def test_a_date_that_a_person_wrote_settles_an_estimate(head: str, first: date, until: date | None) -> None:
    read_file = read(head)
    assert read_file.problems == ()
    assert read_file.campaign is not None
    assert (read_file.campaign.date, read_file.campaign.until) == (first, until)
    assert read_file.campaign.unsettled == ""


def test_what_the_organiser_said_settles_it_too() -> None:
    campaign = read("day: asb-awareness-week\nyear: 2027\n", "day 7 at 9am").campaign
    assert campaign is not None
    assert (campaign.date, campaign.until, campaign.unsettled) == (date(2027, 7, 5), date(2027, 7, 11), "")


def test_while_the_teams_days_have_errors_no_calendar_takes_a_date_from_them() -> None:
    read_file = read("day: ce-awareness-day\nyear: 2027\n", team="dates:\n  black-friday:\n    2027: {skp: no}\n")
    [problem] = read_file.problems
    assert problem.message == "It is not known when 'ce-awareness-day' is: days.yaml has errors, the first on line 3."
    assert "`campaign check`" in problem.hint
    assert read_file.campaign is None
    assert read("date: 18 March 2027\n", team="dates: [\n").campaign is not None


def test_where_no_days_are_known_none_is_found() -> None:
    text = f"campaign: c\nday: ce-awareness-day\nyear: 2027\n{POSTS.format(when='on the day at 09:00')}"
    [problem] = read_calendar(text.encode(), "c.yaml", DEFAULTS).problems
    assert "no awareness day is called" in problem.message
