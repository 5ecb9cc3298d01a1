"""Days of the week with a day of the month and no month: told of if no month that may be meant has such a day."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.date_doubts import Occasion
from scheduler.domain.stale_hints import may_be_stale
from scheduler.domain.staleness import Proofreader
from scheduler.sources.catalogue import Catalogue
from tests.reading import read, spot_of, unmark

CE_DAY = Occasion(date(2027, 3, 18), date(2027, 3, 18))  # a Thursday
LONG = Occasion(date(2027, 3, 25), date(2027, 5, 6))
TEASER = date(2027, 3, 11)

# A text with ‹what is wrong›, and words of the message and the hint.
WRONG = {
    "See you on ‹Tuesday 18th›.": ("18 March 2027 is a Thursday", "Type 'Thursday 18th'"),
    "‹Tues the 18th› at 9am": ("18 March 2027 is a Thursday", "Type 'Thu the 18th'"),
    "Come on ‹Wednesday, 14th›, all": ("14 March 2027 is a Sunday", "Type 'Sunday, 14th'"),
    "‹TUESDAY 18TH›": ("18 March 2027 is a Thursday", "Type 'THURSDAY 18TH'"),
    "‹tuesday 18th› 9-10am": ("is a Thursday", "'thursday 18th'"),
    "on ‹Tuesday›\n‹18th› from 9:30": ("is a Thursday", "'Thursday 18th'"),
    "Monday 15th, ‹Thursday 16th› and Wednesday 17th": ("16 March 2027 is a Tuesday", "'Tuesday 16th'"),
    "From ‹Monday 16th› to 19th, daily": ("16 March 2027 is a Tuesday", "'Tuesday 16th'"),
    "Thursday 18 March; then ‹Sunday 30th›!": ("30 March 2027 is a Tuesday", "or write its month"),
}
RIGHT = (
    "Thursday 18th, Thurs 18th, THURSDAY 18TH and Thursday the 18th",
    "Her 18th birthday is on the 18th, Tuesday 9 am, Monday 1-5pm, Tuesday at 6",
    "Tuesday 18th birthday tea. Monday 5th floor. Sunday 3rd Avenue. Tuesday 18th-century walk. Monday 50th!",
    "Friday 13th, and Friday the 13th",
    "We sat 18th in the queue. Is it Tuesday? 18th, yes.",
    "Our days in April: Tuesday 20th and Tuesday 27th",
    "Workshops on 20/04/2027 and Tuesday 27th",
    "Next month we are back on Tuesday 18th.",
    "Thursday 25th, and Thursday 1st.",
    "Tuesday 23 March, and Tuesday 23rd of March",
)


def find(text: str, occasion: Occasion = CE_DAY, posted: date | None = TEASER) -> list[tuple[str, str, str]]:
    findings = Proofreader(occasion, Catalogue()).read(text, posted)
    return [(text[each.start : each.stop], each.message, each.hint) for each in findings]


@pytest.mark.parametrize("marked", WRONG)
def test_a_weekday_that_fits_no_month_is_told_of(marked: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    words = marked[marked.index("‹") : marked.rindex("›")].replace("‹", "").replace("›", "")
    [(found, message, hint)] = find(text)
    assert found == words
    assert WRONG[marked][0] in message
    assert WRONG[marked][1] in hint
    assert may_be_stale(text)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_meant_is_left_alone(text: str) -> None:
    assert find(text) == []


def test_the_month_of_the_post_counts_and_those_of_a_long_campaign() -> None:
    assert find("Join on Wednesday 14th.")
    assert find("Join on Wednesday 14th.", posted=date(2027, 4, 3)) == []
    assert find("Join on Wednesday 14th.", LONG) == []
    assert find("Join on Tuesday 14th.", LONG)[0][1] == "'Tuesday 14th' cannot be: 14 March 2027 is a Sunday."


def test_soon_after_a_post_the_next_month_is_meant() -> None:
    assert find("We meet on Thursday 1st.", posted=date(2027, 3, 30)) == []
    [(_, message, _)] = find("We meet on Friday 1st.", posted=date(2027, 3, 30))
    assert "1 March 2027 is a Monday" in message


def test_a_day_that_the_month_does_not_have() -> None:
    february = Occasion(date(2027, 2, 20), date(2027, 2, 20))
    [(words, message, _)] = find("On Wednesday 30th, we", february, None)
    assert (words, message) == ("Wednesday 30th", "'Wednesday 30th' cannot be: February 2027 has no day 30.")


def test_check_shows_it_at_the_words_and_knows_when_the_post_goes_out() -> None:
    head = "campaign: hello\ndate: 18 March 2027\naccounts: [force-x]\nposts:\n"
    first = "  - id: a\n    when: on the day at 09:00\n    text: Again on ‹Wednesday 14th›.\n"
    second = "  - id: b\n    when: 3 April 2027 09:00\n    text: Again on Wednesday 14th.\n"
    text, spots = unmark(head + first + second)
    problems = read(text).problems
    assert [spot_of(problem) for problem in problems] == spots
    assert problems[0].severity == "warning"
