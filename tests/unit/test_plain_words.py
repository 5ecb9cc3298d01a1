"""What is said of mistakes is said in plain words: nothing of the trade of those who write programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.domain.problem import Problem, Severity
from tests.reading import CAMPAIGN, POST, read, spot_of, unmark
from tests.unit import test_calendar, test_settings, test_trap_table, test_yaml_text, test_yaml_traps

HEAD = f"{CAMPAIGN}posts:\n{POST}"
BAD = sorted((Path(__file__).parents[1] / "calendars/bad").glob("*.yaml"))
TRADE = re.compile(
    r"\b(yaml|pydantic|mapping|map|scalar|sequence|array|tokens?|nodes?|dict\w*|pars(e|ed|er|ing)|inputs?|keys?|"
    r"null|nonetype|str|strings?|bool\w*|int|integers?|floats?|objects?|anchors?|alias(es)?|flow|merge|tags? handle|"
    r"schema|exception|traceback|loader|stream|escapes?|unicode|codec|decode\w*|bytes?|regex|patterns?|syntax|"
    r"indent\w*|invalid|valid\w*|literal|folded|delimiter|whitespace)\b"
)
QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")
PLACES = re.compile(r"[\w.-]*/[\w./-]+|[\w-]+\.ya?ml|sqlite:\S+|postgresql:\S+")


def list_problems() -> Iterator[Problem]:
    """Yield every problem of every bad calendar and bad settings that the tests know."""
    for path in BAD:
        yield from read(path.read_bytes()).problems
    texts = [row.lines for row in test_trap_table.TABLE.values()]
    texts += [lines for lines, *_ in (*test_yaml_traps.REFUSED.values(), *test_calendar.POST_PROBLEMS.values())]
    for text in texts:
        yield from read(unmark(test_trap_table.whole(text))[0]).problems
    for line, *_ in test_calendar.DATE_PROBLEMS.values():
        yield from read(f"{unmark(line)[0]}\n{HEAD}    text: x\n").problems
    for text, *_ in test_calendar.BEGINNINGS.values():
        yield from read(unmark(text)[0]).problems
    for content, *_ in test_yaml_text.UNREADABLE.values():
        yield from read(content).problems
    for text, *_ in test_settings.MISTAKES.values():
        yield from test_settings.read(unmark(text)[0])[1]
    for text in test_settings.OPEN_SECRETS.values():
        yield from test_settings.read(text)[1]


def say_unquoted(problem: Problem) -> str:
    """Return what is said of a problem, without what it quotes from the file or tells to type."""
    words = f"{problem.message} {problem.hint}"
    return PLACES.sub("", QUOTED.sub("", words)).lower().replace("the token", "")  # as the platforms' own pages say


def test_no_message_and_no_hint_has_a_word_of_the_trade() -> None:
    problems = list(list_problems())
    assert len(problems) > 250
    assert sorted({str(problem) for problem in problems if TRADE.search(say_unquoted(problem))}) == []


def test_every_error_says_what_to_do() -> None:
    assert [str(problem) for problem in list_problems() if not problem.hint.strip()] == []


def test_every_message_is_short_enough_to_be_read() -> None:
    assert [str(problem) for problem in list_problems() if len(problem.message) + len(problem.hint) > 300] == []


# Names that are nearly right, wherever they stand: the calendar, ‹mark› at the name, what is meant.
NESTED = {
    "of a campaign": (f"‹acounts›: [force-x]\n{HEAD}    text: x\n", "accounts"),
    "of a post": (f"{HEAD}    ‹txet›: x\n", "text"),
    "of a part": (f"{HEAD}    thread:\n      - ‹tekst›: x\n", "text"),
    "of a link": (f"{HEAD}    text: x\n    link: {{url: https://a.org, ‹titel›: y}}\n", "title"),
    "of a link in a part": (f"{HEAD}    thread:\n      - text: x\n        link: {{‹ulr›: https://a.org}}\n", "url"),
    "of a picture": (f"{HEAD}    text: x\n    images: [{{file: a, ‹alt_txt›: b}}]\n", "alt"),
    "of a picture in a variant": (
        f"{HEAD}    text: x\n    variants:\n      force-x:\n        images: [{{‹flie›: a, alt: b}}]\n",
        "file",
    ),
    "of a variant": (f"{HEAD}    text: x\n    variants:\n      force-x: {{‹hashtag›: '#a'}}\n", "hashtags"),
    "of a part of a variant": (
        f"{HEAD}    text: x\n    variants:\n      force-x:\n        thread: [{{text: x, ‹imags›: []}}]\n",
        "images",
    ),
    "an account of a post": (f"{HEAD}    text: x\n    accounts: [‹force-c›]\n", "force-x"),
    "an account of a campaign": (f"{HEAD}    text: x\n".replace("[force-x]", "[‹forse-x›]"), "force-x"),
    "an account of a variant": (f"{HEAD}    text: x\n    variants:\n      ‹forcex›: {{text: y}}\n", "force-x"),
}


@pytest.mark.parametrize(("text", "meant"), NESTED.values(), ids=NESTED)
def test_a_misspelt_name_is_suggested_at_every_depth(text: str, meant: str) -> None:
    plain, (spot,) = unmark(text)
    problem = next(problem for problem in read(plain).problems if spot_of(problem) == spot)
    assert problem.severity is Severity.ERROR
    assert problem.hint == f"Did you mean '{meant}'?"
    assert problem.line_text == plain.split("\n")[spot.line - 1]
