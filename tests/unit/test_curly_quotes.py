"""Word's curly quotes around a whole value are posted with it: they are warned of, and advice leaves them out."""

from __future__ import annotations

import pytest

from scheduler.domain.curly_quotes import find_inside
from tests.reading import CAMPAIGN, POST, read, spot_of, unmark

WRAPPED = {
    "“Hello there”": "Hello there",
    "„Hello there“": "Hello there",
    "“Hello there“": "Hello there",
    '“Hello there"': "Hello there",
    "‘It’s time’": "It’s time",
    "“ It’s time. ”": "It’s time.",
}
NOT_WRAPPED = (
    "“Think” and “Spot”",
    "“Think” – spot",
    "Say “no”",
    "“”",
    "“",
    "“open",
    "close”",
    "‘Think’ or ‘Spot’",
    "",
)


@pytest.mark.parametrize("text", WRAPPED)
def test_what_stands_between_them_is_found(text: str) -> None:
    assert find_inside(text) == WRAPPED[text]


@pytest.mark.parametrize("text", NOT_WRAPPED)
def test_a_quotation_within_a_text_is_its_own(text: str) -> None:
    assert find_inside(text) == ""


LINES = {
    "a text": ("    text: ‹“Hello there”›\n", 'Type "Hello there" with'),
    "single ones": ("    text: ‹‘It’s time’›\n", 'Type "It’s time" with'),
    "a comment": ("    text: a\n    comment: ‹“Call 101”›\n", 'Type "Call 101" with'),
    "an alt text": ("    text: a\n    images: [{file: pictures/hands.png, alt: ‹“Two hands”›}]\n", 'Type "Two hands"'),
    "a variant": ("    text: a\n    variants: {force-x: {text: ‹“b c”›}}\n", 'Type "b c"'),
}


@pytest.mark.parametrize("name", LINES)
def test_a_value_in_them_is_warned_of_at_its_place(name: str) -> None:
    text, [spot] = unmark(f"{CAMPAIGN}posts:\n{POST}{LINES[name][0]}")
    [problem] = read(text).problems
    assert (problem.severity, spot_of(problem)) == ("warning", spot)
    assert problem.message == "These curly quotes are part of the text, and would be posted."
    assert problem.hint.startswith(LINES[name][1])


@pytest.mark.parametrize(
    "lines",
    [
        "    text: '“Hello there”'\n",
        '    text: "“Hello there”"\n',
        "    text: |\n      “Hello there”\n",
        "    text: “Think” and “Spot”\n",
        "    thread:\n      - text: |\n          “I was fourteen.”\n",
    ],
)
def test_where_they_are_meant_nothing_is_said(lines: str) -> None:
    assert read(f"{CAMPAIGN}posts:\n{POST}{lines}").problems == ()


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("text: “Worried about a child: call 101”", 'text: "Worried about a child: call 101"'),
        ("text: “Speak out. #CEADay27”", 'text: "Speak out. #CEADay27"'),
        ("text: “Say “no”: call 101”", 'text: "“Say “no”: call 101”"'),
    ],
)
def test_the_advice_leaves_them_out(line: str, typed: str) -> None:
    [problem] = read(f"{CAMPAIGN}posts:\n{POST}    {line}\n").problems
    assert f"`{typed}`" in problem.hint
    mended = read(f"{CAMPAIGN}posts:\n{POST}    {typed}\n")
    assert mended.problems == ()
    assert mended.campaign is not None
