"""The team's own file of days: what it may say, and every mistake at its line and column, with what to type instead."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.awareness import DateStatus
from scheduler.domain.problem import Severity
from scheduler.domain.when import WhenError, write_date
from scheduler.errors import ConfigError
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.day_reading import parse_span
from tests.reading import JARGON, spot_of, unmark

GOOD = """\
# Ours.
verified: 1 October 2026
days:
  open-day:
    name: Open Day of Leicestershire Police
    rule: first Saturday of July
    organiser: Leicestershire Police
    topics: [open-day]
    hashtags: ["#OpenDay{yy}"]
    source: https://www.example.org/open-day
    from_year:
      2028: {name: Open Weekend, days: 2, rule: last Saturday of June}
    dates:
      2026: {not_held: the yard is being built}
  thanks:
    name: Thank-you to the volunteers
    rule: 2 days after open-day
  forum:
    name: Safeguarding Forum
    rule: announced
    theme_each_day: yes
    dates:
      2026: {on: 9 March 2026 to 10 March 2026, themes: [Listening, Cuckooing]}
dates:
  stalking-awareness-week:
    2027:
      on: Monday 19 April 2027 to Friday 23 April 2027
      source: https://www.suzylamplugh.org/news/upcoming-campaigns
      verified: 25 November 2026
  999-day:
    2027: {on: 10 September 2027, why: moved because of an election}
  asb-awareness-week:
    2027: {on: 5 July 2027, status: estimated, source: Resolve by telephone}
  black-friday:
    2026: {skip: nobody is free}
"""


def read(text: str) -> Catalogue:
    return Catalogue(file="days.yaml", content=text.encode())


def test_a_file_with_everything_is_read() -> None:
    days = read(GOOD)
    assert days.problems == ()
    assert set(days.names()) >= {"open-day", "thanks", "forum", "ce-awareness-day"}
    opened = days.find("open-day", 2027)
    assert (opened.first, opened.hashtags, opened.verified_on) == (date(2027, 7, 3), ("#OpenDay27",), date(2026, 10, 1))
    weekend = days.find("open-day", 2028)
    assert (weekend.name, weekend.first, weekend.last) == ("Open Weekend", date(2028, 6, 24), date(2028, 6, 25))
    assert days.find("open-day", 2026).status is DateStatus.NOT_HELD
    assert days.find("thanks", 2027).first == date(2027, 7, 5)
    assert days.find("forum", 2026).themes == ("Listening", "Cuckooing")
    assert days.describe("forum").has_daily_themes
    assert days.describe("open-day").former_names == (("Open Day of Leicestershire Police", 2028),)


def test_what_the_team_knows_goes_before_the_catalogue() -> None:
    days = read(GOOD)
    told = days.find("stalking-awareness-week", 2027)
    assert (told.first, told.last, told.status) == (date(2027, 4, 19), date(2027, 4, 23), DateStatus.CONFIRMED)
    assert (told.source, told.verified_on) == (
        "https://www.suzylamplugh.org/news/upcoming-campaigns", date(2026, 11, 25))  # fmt: skip
    moved = days.find("999-day", 2027)
    assert (moved.first, moved.note) == (date(2027, 9, 10), "moved because of an election")
    assert days.find("asb-awareness-week", 2027).status is DateStatus.ESTIMATED
    declined = days.find("black-friday", 2026)
    assert (declined.declined, declined.first, declined.status) == (
        "nobody is free", date(2026, 11, 27), DateStatus.COMPUTED)  # fmt: skip
    assert days.find("stalking-awareness-week", 2025).first == date(2025, 4, 21)


@pytest.mark.parametrize("text", ["", "\n", "# Nothing yet.\n\n", "days: {}\n"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert read(text).problems == ()
    assert read(text).names() == Catalogue().names()


@pytest.mark.parametrize(
    "span",
    [
        "19 April 2027 to 23 April 2027",
        "Monday 19 April 2027 until Friday 23 April 2027",
        "2027-04-19 to 2027-04-23",
        "19/4/27 - 23/4/27",
        "19 to 23 April 2027",
        "19-23 April 2027",
        "19–23 April 2027",
        "Mon 19 to Fri 23 April 2027",
        "19th April to 23rd April 2027",
    ],
)
def test_spans_are_read_as_people_write_them(span: str) -> None:
    assert parse_span(span) == (date(2027, 4, 19), date(2027, 4, 23))


def test_a_span_may_go_over_new_year() -> None:
    assert parse_span("28 December to 3 January 2028") == (date(2027, 12, 28), date(2028, 1, 3))
    assert parse_span("18 March 2027") == (date(2027, 3, 18), None)


@pytest.mark.parametrize(
    "span", ["23 to 19 April 2027", "Tue 19 to Fri 23 April 2027", "31 to 23 June 2027", "to", "19 to"]
)
def test_a_span_that_cannot_be_is_refused(span: str) -> None:
    with pytest.raises(WhenError):
        parse_span(span)


@given(st.dates(date(1971, 1, 1), date(2198, 1, 1)), st.integers(0, 365), st.booleans())
def test_each_span_that_is_written_is_read(first: date, days: int, is_iso: bool) -> None:
    last = first + timedelta(days=days)
    words = f"{first} to {last}" if is_iso else f"{write_date(first)} to {write_date(last)}"
    assert parse_span(words) == (first, last)


def test_a_file_need_not_be_there(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "days.yaml").problems == ()


def test_a_file_that_cannot_be_opened_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "days.yaml").mkdir()
    [problem] = Catalogue(tmp_path / "days.yaml", "days.yaml").problems
    assert str(problem) == "days.yaml:1:1: error: Your days cannot be read: Is a directory. Check the file."


OWN = "days:\n  open-day:\n    name: Open Day\n    rule: first Saturday of July\n"
BAD: dict[str, tuple[str, str, str]] = {
    "unknown top name": ("‹day›:\n  open-day: {name: A, rule: 1 May}\n", "No field is called 'day'", "'days'"),
    "unknown field": (f"{OWN}    ‹organizer›: Us\n", "No field is called 'organizer'", "'organiser'"),
    "what people call it": (
        "dates:\n  black-friday:\n    2026: {‹reason›: no time}\n", "No field is called 'reason'", "'why'"),
    "date for on": (
        "dates:\n  black-friday:\n    2026: {‹date›: 1 May 2026}\n", "No field is called 'date'", "'on'"),
    "when for rule": ("days:\n  a: {name: A, rule: 1 May, ‹when›: 1 May}\n", "No field is called 'when'", "'rule'"),
    "unknown field of an era": (f"{OWN}    from_year:\n      2028: {{‹day›: 2}}\n", "called 'day'", "'days'"),
    "no name": ("days:\n  open-day:\n    ‹rule: 1 May›\n", "'name' is missing", "name: …"),
    "no rule": ("days:\n  open-day:\n    ‹name: A›\n", "'rule' is missing", "rule: …"),
    "bad rule": (f"{OWN[:-5]}‹Jully›\n", "'Jully' is not a month", "'July'"),
    "bad rule of an era": (
        f"{OWN}    from_year:\n      2028: {{rule: 1 ‹Mai›}}\n", "'Mai' is not a month", "'May'"),
    "bad days": (f"{OWN}    days: ‹many›\n", "'many' is not a whole number", "such as 20"),
    "bad hashtag": (f"{OWN}    hashtags: [‹OpenDay›]\n", "'OpenDay' is not a hashtag", "#"),
    "bad year": ("dates:\n  black-friday:\n    ‹next›: {skip: no}\n", "'next' is not a year", "such as 2027"),
    "day of the catalogue": (
        "days:\n  ‹ce-awareness-day›: {name: A, rule: 1 May}\n", "is in the catalogue", "'dates:'"),
    "unknown day": (
        "dates:\n  ‹ce-awarness-day›:\n    2027: {skip: no}\n", "no awareness day is called", "'ce-awareness-day'"),
    "own day misspelt": (f"{OWN}dates:\n  ‹openday›:\n    2027: {{skip: no}}\n", "called 'openday'", "open-day"),
    "date in another year": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: ‹19 April 2026›, source: us}\n",
        "19 April 2026 is not in 2027", "Put one of the two right"),
    "short form in another year": (
        f"{OWN}    dates:\n      2027: ‹3 July 2026›\n", "3 July 2026 is not in 2027", "Put one of the two right"),
    "not a date": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: ‹9.9›, source: us}\n", "'9.9' is not a date", "18 March"),
    "wrong weekday": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: ‹Tuesday 19 April 2027›, source: us}\n",
        "19 April 2027 is a Monday", "Monday 19 April 2027"),
    "second date": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: 19 April 2027 to ‹9.9›, source: us}\n",
        "'9.9' is not a date", "18 March"),
    "end before begin": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: 19 April 2027 to ‹9 April 2027›, source: us}\n",
        "ends before it begins", "Put one of the two"),
    "a year long": (
        "dates:\n  stalking-awareness-week:\n    2027: {on: 19 April 2027 to ‹19 April 2028›, source: us}\n",
        "longer than a year", "Put one of the two"),
    "nothing said": (
        "dates:\n  black-friday:\n    2026: ‹{›source: us}\n", "Nothing is said of 2026", "'skip:'"),
    "both": (
        "dates:\n  black-friday:\n    2026: {on: 27 November 2026, not_held: ‹no›, source: us}\n",
        "It is not held, and has a date", "Keep one"),
    "status": (
        "dates:\n  asb-awareness-week:\n    2027: {on: 5 July 2027, status: ‹estimate›, source: us}\n",
        "'estimate' is no status", "'estimated'"),
    "verified": (f"{OWN}    verified: ‹lately›\n", "'lately' is not a date", "18 March"),
    "themes": (
        f"{OWN}    dates:\n      2027: {{on: 3 July 2027 to 4 July 2027, themes: ‹[›A, B, C]}}\n",
        "3 themes for 2 days", "one for each day"),
    "no source": (
        "dates:\n  stalking-awareness-week:\n    2027: ‹19 April 2027›\n", "does not say who told you", "'source:'"),
    "not by the rule": (
        "dates:\n  ce-awareness-day:\n    2027: ‹{›on: 19 March 2027, source: us}\n",
        "is on 18 March 2027 in 2027", "'why:'"),
    "announced and no date": (
        "days:\n  forum: {name: Forum, rule: ‹announced›}\n", "needs a date to go by", "'usually'"),
    "counts from nothing": (
        "days:\n  after: {name: After, rule: ‹2 days after open-dai›}\n", "no awareness day is called 'open-dai'", ""),
    "counts from itself": (
        "days:\n  a: {name: A, rule: ‹2 days after b›}\n  b: {name: B, rule: 2 days before 1 May}\n".replace(
            "2 days before 1 May", "1 day after a"), "counts from itself", "Give one of them a date"),
    "counts from itself later": (
        "days:\n  a: {name: A, rule: ‹1 May›, from_year: {2027: {rule: 1 day after b}}}\n"
        "  b: {name: B, rule: 1 day after Easter, from_year: {2028: {rule: 1 day after a}}}\n",
        "'a' counts from itself", "Give one of them a date"),
    "too long": (f"{OWN[:-23]}‹{'usually ' * 50}1 May›\n", "too long", "18 March"),
    "no group of days": ("days: ‹tomorrow›\n", "Something is missing below 'days'", "open-day"),
    "no group of dates": ("dates: ‹tomorrow›\n", "Something is missing below 'dates'", "2027: 19 April 2027"),
    "no year": ("dates:\n  black-friday: ‹27 November 2026›\n", "A year is missing here", "2027: 19 April 2027"),
    "an empty day": ("days:\n  open-day:‹›\n", "'open-day' is empty", "Write something"),
    "not named": ("‹-› open-day\n", "lines such as", ""),
    "lost to a note": (f"{OWN}    note: bring tea ‹#tea›\n", "would be lost", "Type `note:"),
    "twice": (f"{OWN}  ‹open-day›: {{name: B, rule: 1 May}}\n", "'open-day' is written twice", "Keep one"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_each_mistake_is_named_at_its_place(case: str) -> None:
    marked, said, hint = BAD[case]
    text, [spot] = unmark(marked)
    problem = read(text).problems[0]
    assert said in problem.message
    assert hint in problem.hint
    assert problem.hint
    assert problem.severity is Severity.ERROR
    assert (spot_of(problem).line, spot_of(problem).column) == (spot.line, spot.column), problem
    words = f"{problem.message} {problem.hint}".lower().replace("not_held", "").split()
    assert not [word for word in JARGON if word in words]


def test_one_look_shows_all_mistakes() -> None:
    text = (
        "days:\n  one: {name: A, rule: 1 Mai}\n  two: {nmae: B, rule: 1 May}\n  three: {name: C, rule: 31 June}\n"
        "dates:\n  black-fryday:\n    2026: {skip: no}\n  999-day:\n    2026: {on: 9.9}\n"
    )
    lines = [problem.place.line for problem in read(text).problems]
    assert set(lines) >= {2, 3, 4, 6, 9}
    assert lines == sorted(lines)


def test_with_a_mistake_nothing_is_told_of_any_day() -> None:
    days = read("dates:\n  black-friday:\n    2026: {skp: no}\n")
    with pytest.raises(ConfigError):
        days.find("ce-awareness-day", 2027)
    assert days.good_content is None


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    assert isinstance(Catalogue(file="days.yaml", content=text.encode("utf-8", "replace")).problems, tuple)


@given(
    st.dictionaries(
        st.sampled_from(["days", "dates", "verified", "x"]),
        st.recursive(
            st.sampled_from(["", "x", "2027", "#a", "1 May 2027", "announced", "yes"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["name", "rule", "999-day", "2027", "on", "skip", "dates", "from_year", "days"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
        max_size=4,
    )
)
def test_no_shape_crashes_the_reader(data: dict[str, object]) -> None:
    import json

    days = Catalogue(file="days.yaml", content=json.dumps(data).encode())
    assert all(problem.place.line > 0 for problem in days.problems)
