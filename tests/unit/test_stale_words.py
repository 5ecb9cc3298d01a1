"""Stale words in a calendar: the line and the column of the very words, however the text is written."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.problem import Severity
from scheduler.sources.calendar import CalendarFile, Defaults, read_calendar
from scheduler.sources.catalogue import Catalogue
from tests.reading import CAMPAIGN, POST, spot_of, unmark

PLACES = {
    "plain": "    text: Join in ‹2026› with us\n",
    "in quotes": '    text: "Speak out. ‹#CEADay26› now"\n',
    "in single quotes": "    text: 'It''s on ‹Tuesday 18 March›'\n",
    "in a block": "    text: |\n      One line.\n\n      See you on ‹Tuesday 18 March›.\n",
    "in a folded block": "    text: >-\n      One line\n      and ‹Tuesday 18 March›.\n",
    "twice, of which one is meant": "    text: |\n      In 2026/27 and\n      in ‹2026›, and since 2026.\n",
    "twice": "    text: |\n      On ‹Tuesday 18 March›,\n      yes, ‹Tuesday 18 March›.\n",
    "over a line break": "    text: |\n      On ‹Tuesday›\n      18 March we meet.\n",
    "over two lines": "    text: See you\n      on ‹Tuesday 18 March›.\n",
    "in a list of hashtags": '    text: x\n    hashtags: ["#HelpingHands", "‹#CEADay26›"]\n',
    "in a thread": "    thread:\n      - text: One\n      - text: Two, in ‹2026›\n",
    "in a variant": "    text: x\n    variants:\n      force-x:\n        text: In ‹2026›\n",
    "in a link's words": "    text: x\n    link: {url: https://a.org/2026, title: Report ‹2026›}\n",
    "in a picture's words": "    draft: yes\n    text: x\n    images: [{file: a.png, alt: A poster of ‹2026›}]\n",
}  # fmt: skip


def read(text: str, days: Catalogue | None = None) -> CalendarFile:
    defaults = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), ("force-x",), days=days or Catalogue())
    return read_calendar(text.encode(), "campaigns/hello.yaml", defaults)


@pytest.mark.parametrize("name", PLACES)
def test_stale_words_are_shown_where_they_stand(name: str) -> None:
    text, spots = unmark(f"{CAMPAIGN}posts:\n{POST}{PLACES[name]}")
    calendar = read(text)
    assert [spot_of(problem) for problem in calendar.problems] == spots
    assert all(problem.severity is Severity.WARNING for problem in calendar.problems)
    assert [problem.line_text for problem in calendar.problems] == [text.split("\n")[spot.line - 1] for spot in spots]
    assert calendar.campaign is not None


def test_the_campaigns_name_and_hashtags_are_read_too_and_its_id_is_not() -> None:
    text, spots = unmark(
        'campaign: hello-2026\nname: CE Day ‹2026›\ndate: 18 March 2027\naccounts: [force-x]\nhashtags: "‹#CEADay26›"\n'
        f"posts:\n{POST}    text: Speak out.\n"
    )
    assert [spot_of(problem) for problem in read(text).problems] == spots


def test_a_text_that_stands_for_several_accounts_is_told_of_once() -> None:
    text = f"{CAMPAIGN}posts:\n{POST}    text: In 2026\n    variants:\n      force-x: {{link: https://a.org}}\n"
    assert len(read(text).problems) == 1


def test_a_team_file_with_errors_keeps_no_text_from_being_read() -> None:
    broken = Catalogue(file="days.yaml", content=b"days: {a: {nme: x}}\n")
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: CSE Day in 2026\n", broken)
    assert ["2026" in problem.message for problem in calendar.problems] == [True]


def test_the_days_of_the_team_count() -> None:
    own = Catalogue(file="days.yaml", content=b"days: {open-day: {name: Open Day, rule: first Saturday of July}}\n")
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: Our Open Day is on 4 July.\n", own)
    assert ["Open Day 2027 is on 3 July 2027" in problem.message for problem in calendar.problems] == [True]
