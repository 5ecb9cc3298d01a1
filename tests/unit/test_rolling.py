"""Next year's calendar from this year's: what moves, and that nothing else does."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.campaign import Campaign
from scheduler.errors import ConfigError
from scheduler.sources.calendar import Defaults, read_calendar
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.rolling import DRAFT_NOTE, Rolled, roll_calendar

DAYS = Catalogue()
DEFAULTS = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), ("board",), days=DAYS)
HEAD = "campaign: ce\n"
DRAFT = f"draft: yes   {DRAFT_NOTE.format(year=2026)}\n"
WRITTEN = """\
# For the whole year.
campaign:  "ce"   # never changes
name: 'CE Day'
date: Wednesday 18 March 2026      # a Wednesday
until:   22/03/2026
hashtags: ["#CEADay26",   '#HelpingHands']   # at the end
embargo: 9am on 1 March 2026

posts:
  # The first one.
  - {id: think, when: "Mon, 9th Mar 2026, 9.30am", text: "Hello #CEADay26", accounts: [board]}
  - id:  spot
    accounts: [board]
    when:   7 days before at 10:00   # counted
    text: |
      Think. #CEADay2026 #CEADay26!   

      Since 2026.
  - id: last
    when: 2026-04-01T08:00
    embargo: 31-Mar-26 12:00
    accounts: [board]
    text: >-
      one
      two
"""  # noqa: W291
ROLLED = """\
# For the whole year.
campaign:  "ce"   # never changes
draft: yes   # rolled forward from 2026: take this line out when a person has read every text again
name: 'CE Day'
date: Thursday 18 March 2027      # a Wednesday
until:   22/03/2027
hashtags: ["#CEADay{yy}",   '#HelpingHands']   # at the end
embargo: 9am on 1 March 2027

posts:
  # The first one.
  - {id: think, when: "Tue, 9th Mar 2027, 9.30am", text: "Hello #CEADay{yy}", accounts: [board]}
  - id:  spot
    accounts: [board]
    when:   7 days before at 10:00   # counted
    text: |
      Think. #CEADay{yyyy} #CEADay{yy}!   

      Since 2026.
  - id: last
    when: 2027-04-01T08:00
    embargo: 31-Mar-27 12:00
    accounts: [board]
    text: >-
      one
      two
"""  # noqa: W291


def read(content: bytes) -> Campaign:
    calendar = read_calendar(content, "campaigns/ce.yaml", DEFAULTS)
    assert calendar.campaign is not None, calendar.problems
    return calendar.campaign


def roll(text: str, year: int = 2027, days: Catalogue = DAYS) -> Rolled:
    return roll_calendar(text.encode(), read(text.encode()), year, days)


def day_of(dates: str, posts: str = "") -> str:
    post = "  - {id: a, when: on the day at 9am, text: x, accounts: [board]}\n"
    return f"{HEAD}{dates}posts:\n{post}{posts}"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_dates_and_hashtags_move_and_all_else_stays_byte_for_byte(ending: str, mark: str) -> None:
    rolled = roll(mark + WRITTEN.replace("\n", ending))
    assert rolled.content.decode() == mark + ROLLED.replace("\n", ending)
    assert rolled.first == date(2027, 3, 18)
    assert [change.field for change in rolled.changes if change.field != "hashtag"] == [
        "date", "until", "embargo", "when of think", "when of last", "embargo of last"]  # fmt: skip
    assert sum(change.field == "hashtag" for change in rolled.changes) == 4


def test_it_can_be_rolled_again_and_again() -> None:
    once = roll(WRITTEN)
    again = roll(once.content.decode(), 2030)
    assert b"date: Monday 18 March 2030" in again.content
    assert again.content.count(b"draft: yes") == 1


DATED = {
    "by the rule of its day": (
        "day: safer-internet-day\nyear: 2026\n", "day: safer-internet-day\nyear: 2027\n", date(2027, 2, 9)),
    "its date too": (
        "day: safer-internet-day\ndate: Tuesday 10 February 2026\n",
        "day: safer-internet-day\ndate: Tuesday 9 February 2027\n", date(2027, 2, 9)),
    "and its end, of another length": (
        "day: safeguarding-adults-week\nyear: 2022\nuntil: 27 November 2022\n",
        "day: safeguarding-adults-week\nyear: 2027\nuntil: 19 November 2027\n", date(2027, 11, 15)),
    "an end of its own": (
        "day: ce-awareness-day\nyear: 2026\nuntil: 20 March 2026\n",
        "day: ce-awareness-day\nyear: 2027\nuntil: 20 March 2027\n", date(2027, 3, 18)),
    "not known for certain": (
        "day: anti-bullying-week\ndate: 17 November 2026\n", "day: anti-bullying-week\nyear: 2027\n", None),
    "not known, with a year": (
        "day: anti-bullying-week\nyear: 2026\ndate: 17 November 2026\n",
        "day: anti-bullying-week\nyear: 2027\n", None),
    "no such day": ("date: 29 February 2024\n", "date: 28 February 2027\n", date(2027, 2, 28)),
}  # fmt: skip


@pytest.mark.parametrize("name", DATED)
def test_the_campaign_moves_by_its_rule(name: str) -> None:
    before, after, first = DATED[name]
    rolled = roll(day_of(before))
    old = read(day_of(before).encode())
    draft = DRAFT.replace("2026", old.occurrence)
    assert rolled.content.decode() == day_of(after).replace(HEAD, HEAD + draft)
    assert first is None or rolled.first == read(rolled.content).date == first


def test_what_has_a_date_of_its_own_keeps_its_distance_from_the_day() -> None:
    posts = "  - {id: b, when: 'Monday 2 February 2026 08:00', text: x, accounts: [board]}\n"
    rolled = roll(day_of("day: safer-internet-day\nyear: 2026\n", posts))
    assert b"when: 'Monday 1 February 2027 08:00'" in rolled.content


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ("date: 18 March 2026\n", "stays on the same date: Thursday 18 March 2027; before, it was Wednesday 18 March"),
        (
            "date: 29 February 2024\n",
            "There is no 29 February 2027, so it is the day before: Sunday 28 February 2027; before, it was Thursday",
        ),
        ("name: Safer Internet Day\ndate: 10 February 2026\n", "By its rule, Safer Internet Day 2027 is on 9 February"),
        ("day: anti-bullying-week\nyear: 2026\n", "Nothing of it will be sent: Anti-Bullying Week 2027"),
        ("day: anti-bullying-week\ndate: 17 November 2026\n", "became 'year: 2027': the next date is not known"),
    ],
)
def test_a_person_is_told_what_to_look_at(dates: str, words: str) -> None:
    assert any(words in note for note in roll(day_of(dates)).notes)


def test_of_a_leap_day_only_what_is_true_is_told() -> None:
    [common] = roll(day_of("date: 29 February 2024\n")).notes
    assert "same date" not in common
    leap = roll(day_of("date: 29 February 2024\n"), 2028)
    assert b"date: 29 February 2028" in leap.content
    assert leap.notes == (
        "It stays on the same date: Tuesday 29 February 2028; before, it was Thursday 29 February 2024.",
    )


def test_drafts_and_brackets() -> None:
    assert b"draft: yes\n" in roll(day_of("draft: no\ndate: 18 March 2026\n")).content
    assert roll(day_of("draft: on\ndate: 18 March 2026\n")).content.count(b"draft") == 1
    flow = "{campaign: ce, date: 18 March 2026, posts: [{id: a, when: on the day at 9am, text: x, accounts: [board]}]}"
    assert roll(flow).content.decode() == flow.replace("{campaign", "{draft: yes, campaign").replace("2026", "2027")


def test_what_is_named_once_and_used_twice_moves_once() -> None:
    posts = (
        "  - {id: b, when: &t 2 March 2026 08:00, text: x, accounts: [board]}\n"
        "  - {id: c, when: *t, text: x, accounts: [board]}\n"
    )
    content = roll(day_of("date: 18 March 2026\n", posts)).content
    assert b"when: &t 2 March 2027 08:00" in content
    assert [post.due.date() for post in read(content).posts[1:]] == [date(2027, 3, 2)] * 2


def test_what_cannot_be_followed_is_refused_and_not_guessed() -> None:
    posts = '  - {id: b, when: "2 March\\x202026 08:00", text: x, accounts: [board]}\n'
    with pytest.raises(ConfigError, match="cannot be rolled forward") as caught:
        roll(day_of("date: 18 March 2026\n", posts))
    assert caught.value.problems[0].place.line == 5


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"),
            max_size=30),
    st.dates(date(2020, 1, 1), date(2035, 12, 28)),
    st.integers(1, 5),
)  # fmt: skip
def test_no_text_changes_by_rolling(words: str, first: date, later: int) -> None:
    text = f"Words: {words}".replace("\\", "\\\\").replace('"', '\\"').replace("#", "+").replace("{", "(")
    calendar = day_of(
        f"date: {first:%d/%m/%Y}\n", f'  - {{id: b, when: {first} 09:00, text: "{text}", accounts: [board]}}\n'
    )
    document = read_calendar(calendar.encode(), "campaigns/ce.yaml", DEFAULTS)
    if document.campaign is None:
        return
    rolled = read(roll(calendar, first.year + later).content)
    assert [post.parts[0].text for post in rolled.posts] == [post.parts[0].text for post in document.campaign.posts]
    assert rolled.date.year == first.year + later
    assert rolled.posts[1].due.date() == rolled.date
    assert all(post.draft for post in rolled.posts)
