r"""A `\n` or an `&amp;` in a text is posted as it stands: it is named at its place, with what to type instead."""

from __future__ import annotations

import pytest

from scheduler.domain.typed_codes import find_typed_codes
from tests.reading import CAMPAIGN, POST, read, spot_of, unmark

NEW_LINE = "Take it out and press Enter there: a text of several lines stands below a line such as 'text: |'."
CODES = {
    r"Think.\nSpot.": (r"\n", NEW_LINE),
    r"Call us:\nNow": (r"\n", NEW_LINE),
    r"Think.\r\nSpot.": (r"\r\n", NEW_LINE),
    r"Think.\\nSpot.": (r"\\n", NEW_LINE),
    r"He said \"no\".": (r"\"", 'Type " in its place.'),
    r"It\'s here": (r"\'", "Type ' in its place."),
    r"\u00a35": (r"\u00a3", "Type £ in its place."),
    r"Look \ud83d": (r"\ud83d", "Type the sign itself in its place."),
    "Abuse &amp; neglect": ("&amp;", "Type & in its place."),
    "Call&nbsp;101": ("&nbsp;", "Type a space in its place."),
    "Call&amp;nbsp;101": ("&amp;nbsp;", "Type a space in its place."),
    "a &amp;quite; b": ("&amp;", "Type & in its place."),
    "It&#8217;s": ("&#8217;", "Type ’ in its place."),
    "It&#x2019;s": ("&#x2019;", "Type ’ in its place."),
    "&pound;5": ("&pound;", "Type £ in its place."),
    "week&shy;end": ("&shy;", "Take it out."),
}
NO_CODES = (
    "Abuse & neglect; more at https://example.org/?a=1&b=2;c",
    r"¯\_(ツ)_/¯ \o/ and\or",
    r"Look in C:\news",
    "R&D; Q&A;",
    "R&amp",
    "&; &#; &#x;",
)


@pytest.mark.parametrize("text", CODES)
def test_each_is_named_with_what_to_type(text: str) -> None:
    code = find_typed_codes(text)[0]
    assert (code.words, code.hint) == CODES[text]
    assert text[code.start :].startswith(code.words)
    assert code.message.startswith(f"'{code.words}' ")


@pytest.mark.parametrize("text", NO_CODES)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert find_typed_codes(text) == []
    assert read(f"{CAMPAIGN}posts:\n{POST}    text: |\n      {text}\n").problems == ()


LINES = {
    "a plain text": "    text: Think.‹\\n›Spot.\n",
    "a block": "    text: |\n      R&D;\n      Think &‹&amp;› spot &amp; speak.\n",
    "in quotes": "    text: 'Abuse ‹&amp;› neglect'\n",
    "a link": "    text: a\n    link: https://example.org/?a=1‹&amp;›b=2\n",
    "an alt text": "    text: a\n    images: [{file: pictures/hands.png, alt: 'Two‹&nbsp;›hands'}]\n",
    "a comment": "    text: a\n    comment: Call‹&nbsp;›101\n",
    "a variant": "    text: a\n    variants: {force-x: {text: 'b‹\\n›c'}}\n",
    "a thread": "    thread: [{text: a}, {text: 'b‹\\n›c'}]\n",
    "a draft": "    draft: yes\n    text: a‹&lt;›b\n",
}


@pytest.mark.parametrize("name", LINES)
def test_check_warns_once_at_its_place(name: str) -> None:
    text, [spot] = unmark(f"{CAMPAIGN}posts:\n{POST}{LINES[name]}")
    calendar = read(text)
    [problem] = calendar.problems
    assert (problem.severity, spot_of(problem)) == ("warning", spot)
    assert calendar.campaign is not None, "a warning keeps nothing back"


def test_a_line_break_written_in_double_quotes_is_one() -> None:
    calendar = read(f'{CAMPAIGN}posts:\n{POST}    text: "Think.\\nSpot. It\\u2019s \\"here\\"."\n')
    assert calendar.problems == ()
    assert calendar.campaign is not None
    assert calendar.campaign.posts[0].parts[0].text == 'Think.\nSpot. It’s "here".'


def test_many_signs_cost_little() -> None:
    assert len(find_typed_codes("&amp;" * 50_000 + "\\" * 50_000)) == 1
