"""Characters that nobody sees: named where they do not belong, left alone where a script or an emoji needs them."""

from __future__ import annotations

import pytest

from scheduler.cli.output import mark_place
from scheduler.domain.hidden_signs import find_hidden_signs
from tests.reading import CAMPAIGN, POST, read

MISPLACED = {
    "Speak \u202eout": ("after 'Speak'", "right-to-left override, U+202E"),
    "\u202dSpeak out": ("at the beginning", "left-to-right override, U+202D"),
    "Call\u200b 101": ("after 'Call'", "zero width space, U+200B"),
    "#CEA\u200dDay": ("after '#CEA'", "zero width joiner, U+200D"),
    "Spe\u200cak": ("after 'Spe'", "zero width non-joiner, U+200C"),
    "See \u2067us\u2069": ("after 'See'", "right-to-left isolate, U+2067"),
    "Think.\u200e": ("after 'Think.'", "left-to-right mark, U+200E"),
    "اتصل بنا \u202e101": ("after 'بنا'", "right-to-left override, U+202E"),
}
AT_HOME = (
    "£5 – “Think”…",
    "اتصل على \u200e101\u200e أو \u2066999\u2069",  # Arabic with the marks that keep numbers in order
    "می\u200cخواهم",  # Persian
    "क्\u200dष",  # Hindi
    "👩\u200d👩\u200d👧 🏳️\u200d🌈",
    "ภาษา\u200bไทย",  # Thai
    "ភាសា\u200bខ្មែរ",  # Khmer
)


@pytest.mark.parametrize("text", MISPLACED)
def test_what_does_not_belong_is_named(text: str) -> None:
    found = find_hidden_signs(text)[0]
    where, name = MISPLACED[text]
    assert text[found.start] == found.sign
    assert found.message == f"A character that nobody sees stands {where}: {name}."


@pytest.mark.parametrize("text", AT_HOME)
def test_what_a_script_or_an_emoji_needs_is_left_alone(text: str) -> None:
    assert find_hidden_signs(text) == []


@pytest.mark.parametrize("text", MISPLACED)
def test_check_warns_at_its_place(text: str) -> None:
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: '{text}'\n")
    assert calendar.campaign is not None
    problem = calendar.problems[0]
    sign = find_hidden_signs(text)[0]
    assert (problem.severity, problem.message) == ("warning", sign.message)
    assert (problem.place.line, problem.place.column) == (7, len("    text: '") + sign.start + 1)


def test_the_line_shown_below_is_not_turned_round() -> None:
    [problem] = read(f"{CAMPAIGN}posts:\n{POST}    text: Call \u202e101 now\n").problems
    shown, mark = mark_place(problem)
    assert shown == "text: Call \ufffd101 now"
    assert mark.index("^") == shown.index("\ufffd")


def test_each_kind_is_told_of_once_at_the_first_that_does_not_belong() -> None:
    text = "ไทย\u200bไทย and a\u200bb c\u200bd"
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: {text}\n")
    [problem] = calendar.problems
    assert problem.place.column == len("    text: ") + text.index("a\u200b") + 2


def test_written_as_an_escape_and_in_a_link_it_is_found_too() -> None:
    text = '    text: "Speak \\u202Eout"\n    link: https://www.example.org/a\u200bb\n'
    problems = read(f"{CAMPAIGN}posts:\n{POST}{text}").problems
    assert [(problem.place.line, problem.message[-7:]) for problem in problems] == [(7, "U+202E."), (8, "U+200B.")]
