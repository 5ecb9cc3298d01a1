"""What people type and YAML silently damages or refuses in its own words: read as meant, or refused with what to type.

Each trap is the lines of one post after `when`; ‹marks› stand around what the problem has to point at.
"""

from __future__ import annotations

import pytest

from scheduler.domain.problem import Severity
from tests.reading import CAMPAIGN, JARGON, POST, read, read_post, spot_of, unmark

# Lines of a post, what the problem says, what it says to type.
REFUSED = {
    "a hashtag after a text": (
        "    text: Speak out. ‹#CEADay26›\n",
        "'#CEADay26' would be lost",
        'text: "Speak out. #CEADay26"',
    ),
    "two hashtags after a text": (
        "    text: Speak out. ‹#HelpingHands #CEADay26›\n",
        "'#HelpingHands #CEADay26' would be lost",
        'text: "Speak out. #HelpingHands #CEADay26"',
    ),
    "a hashtag for a text": ("    text: ‹#CEADay26›\n", "'#CEADay26' would be lost", 'text: "#CEADay26"'),
    "a hashtag in a list": (
        "    text: x\n    hashtags:\n      - ‹#CEADay26›\n",
        "'#CEADay26' would be lost",
        '- "#CEADay26"',
    ),
    "hashtags after the name": (
        "    text: x\n    hashtags: ‹#CEADay26 #HelpingHands›\n",
        "would be lost",
        'hashtags: ["#CEADay26", "#HelpingHands"]',
    ),
    "hashtags in brackets": (
        "    text: x\n    hashtags: [‹#CEADay26]›\n",
        "'#CEADay26]' would be lost",
        'hashtags: ["#CEADay26"]',
    ),
    "a hashtag on the next line": ("    text: Speak out.\n      ‹#CEADay26›\n", "would be lost", "text: |"),
    "a hashtag after |": ("    text: | ‹#CEADay26›\n      Speak out.\n", "would be lost", "a line of its own"),
    "a handle": ("    text: ‹@›leicspolice will be there\n", "cannot begin with '@'", 'text: "@leicspolice will be'),
    "a colon in a text": (
        "    text: Worried about a child‹:› call 101\n",
        "colon and a space",
        'text: "Worried about a child: call 101"',
    ),
    "an apostrophe in single quotes": ("    text: 'Don‹'›t wait'\n", "apostrophe ends", 'text: "Don\'t wait"'),
    "a quotation first": (
        '    text: "Speak out‹"› is the message\n',
        "the line goes on",
        "text: '\"Speak out\" is the message'",
    ),
    "an open quote": ('    text: ‹"›Speak out\n', "never closed", 'Type " at the end'),
    "an open apostrophe": ("    text: ‹'›Tis time\n", "never closed", "Or is it an apostrophe?"),
    "a backslash": ('    text: "C:‹\\›q"\n', "backslash in double quotes", "single quotes"),
    "half a surrogate": ('    text: "‹\\›ud83d"\n', "backslash in double quotes", "the character that is meant"),
    "a character without a picture": ('    text: ‹"a\\0b"›\n', "cannot be posted (U+0000)", "Delete the part"),
    "a tab before a line": ("‹\t›text: x\n", "A tab stands here", "ordinary spaces"),
    "a tab after spaces": ("    ‹\t›text: x\n", "A tab stands here", "ordinary spaces"),
    "a space from the web": ("   ‹\u00a0›text: x\n", "An unusual space", "ordinary spaces"),
    "a space from the web after a colon": ("    text:‹\u00a0›hi\n", "An unusual space", "ordinary spaces"),
    "one that has no width": ("    text:‹\u200b›hi\n", "An unusual space", "ordinary spaces"),
    "one before another colon": ("    text:‹\u00a0›hi: there\n", "An unusual space", "ordinary spaces"),
    "one before a colon": ("    text‹\u00a0›: hi\n", "An unusual space", "ordinary spaces"),
    "one in braces": ("    text: x\n    link: {url:‹\u00a0›https://a.org}\n", "An unusual space", "ordinary spaces"),
    "one after an id": ("    text: x\n  - id:‹\u3000›spot\n    when: now\n", "An unusual space", "ordinary spaces"),
    "one after a dash": ("    text: x\n    tags:\n      -‹\u00a0›cse\n", "An unusual space", "ordinary spaces"),
    "a percent sign": ("    text: ‹%›50 of cases\n", "cannot begin with '%'", 'text: "%50 of cases"'),
    "bold": ("    text: ‹*›bold*\n", "cannot begin with '*'", 'text: "*bold*"'),
    "bold and more": ("    text: ‹*›bold* words\n", "cannot begin with '*'", 'text: "*bold* words"'),
    "very bold": ("    text: ‹*›*bold**\n", "cannot begin with '*'", 'text: "**bold**"'),
    "an ampersand": ("    text: ‹&›more to come\n", "'&more' would be lost", 'text: "&more to come"'),
    "an exclamation": ("    text: ‹!›important news\n", "cannot begin with '!'", 'text: "!important news"'),
    "a backtick": ("    text: ‹`›code` here\n", "cannot begin with '`'", 'text: "`code` here"'),
    "a question mark": ("    text: ‹?› what\n", "cannot begin with '?'", 'text: "? what"'),
    "a dash": ("    text: ‹-› not a list\n", "cannot begin with '-'", 'text: "- not a list"'),
    "a year in braces first": ("    text: ‹{›yy} is here\n", "cannot begin with '{'", 'text: "{yy} is here"'),
    "a word in brackets": ("    text: ‹[›PHOTO] Speak\n", "cannot begin with '['", 'text: "[PHOTO] Speak"'),
    "a bar and a text": ("    text: ‹|› hello\n", "cannot begin with '|'", "Type `text: |` alone; the text begins on"),
    "a bar glued to a text": ("    text: ‹|›hello\n", "cannot begin with '|'", "Type `text: |` alone; the text begins"),
    "a > and a text": ("    text: ‹>› hello\n", "cannot begin with '>'", "Type `text: >` alone; the text begins on"),
    "a bar in an item": ("    tags:\n      - ‹|› hello\n", "cannot begin with '|'", "Type `- |` alone; the text"),
    "a bar in brackets": ("    tags: [‹|› hello]\n", "cannot begin with '|'", 'in quotes: `"| hello"`'),
    "no space after a colon": ("    ‹text:Speak›\n", "A space is missing after the colon", "text: Speak"),
    "no space after a dash": (
        "    text: x\n    tags:\n      ‹-›cse\n",
        "A space is missing after the '-'",
        "- cse",
    ),
    "a name written twice": ("    text: x\n    ‹text›: y\n", "'text' is written twice here, first on line 7", "one"),
    "a line too far right": ("     ‹text: x›\n", "where it stands", "`when:` above begins in column 5"),
    "a line too far left": ("   ‹text: x›\n", "where it stands", "begin in the same column"),
    "a text that moves left": ("    text: |\n      a\n     ‹b›\n", "further left", "Begin it in the same column"),
    "a text that is not further in": ("    text: |\n    ‹a›\n", "begin further in", "two more spaces"),
    "an item too far right": ("    text: x\n    tags:\n      - a\n        ‹-› b\n", "not begin an item", "left"),
    "a list not closed": ("    text: x\n    tags: ‹[›a, b\n", "not closed with ]", "Type ] at its end"),
    "a merge": ("    text: x\n    ‹<<›: {a: b}\n", "'<<' cannot be used", "Write the lines out"),
    "a list for a name": ("    text: x\n    ? ‹[›a]\n    : b\n", "must be plain words", "quotes"),
    "a second document": ("    text: x\n‹---›\na: b\n", "begins a second file", "a file of its own"),
    "a type": ("    text: ‹!›!int 3\n", "cannot begin with '!'", 'text: "!!int 3"'),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "says", "instead"), REFUSED.values(), ids=REFUSED)
def test_what_would_be_lost_is_refused_with_what_to_type(lines: str, says: str, instead: str) -> None:
    text, (spot,) = unmark(f"{CAMPAIGN}posts:\n{POST}{lines}")
    calendar = read(text)
    assert calendar.campaign is None
    problem = next(problem for problem in calendar.problems if spot_of(problem) == spot)
    assert says in problem.message
    assert instead in problem.hint
    assert problem.line_text == text.split("\n")[spot.line - 1]


@pytest.mark.parametrize("lines", [lines for lines, *_ in REFUSED.values()], ids=REFUSED)
def test_problems_are_in_plain_words(lines: str) -> None:
    text, _ = unmark(f"{CAMPAIGN}posts:\n{POST}{lines}")
    for problem in read(text).problems:
        words = problem.message.replace("'<<'", "").lower()
        assert not [word for word in JARGON if word in words]
        assert problem.hint


@pytest.mark.parametrize("name", [name for name, (lines, *_) in REFUSED.items() if "#" in lines and "|" not in lines])
def test_a_lost_hashtag_is_named_once(name: str) -> None:
    text, _ = unmark(f"{CAMPAIGN}posts:\n{POST}{REFUSED[name][0]}")
    assert len(read(text).problems) == 1


AS_MEANT = {
    "a phone number": ("01163050005", "01163050005"),
    "a time": ("9:00", "9:00"),
    "another time": ("11:00", "11:00"),
    "no": ("no", "no"),
    "off": ("off", "off"),
    "Yes": ("Yes", "Yes"),
    "null": ("null", "null"),
    "a tilde": ("~", "~"),
    "octal": ("0o17", "0o17"),
    "hexadecimal": ("0x1F", "0x1F"),
    "an exponent": ("1e3", "1e3"),
    "infinity": (".inf", ".inf"),
    "underscores": ("1_000", "1_000"),
    "a date": ("2027-03-18", "2027-03-18"),
    "an apostrophe": ("Don't wait", "Don't wait"),
    "a quotation": ('He said "stop" and left', 'He said "stop" and left'),
    "a percentage": ("50% of cases", "50% of cases"),
    "a handle inside": ("Thank you @leicspolice", "Thank you @leicspolice"),
    "a handle in quotes": ('"@leicspolice"', "@leicspolice"),
    "a hashtag in quotes": ('"Speak out. #CEADay27"', "Speak out. #CEADay27"),
    "a hashtag glued": ("Speak out.#CEADay27", "Speak out.#CEADay27"),
    "an address": ("https://www.example.org/a#b", "https://www.example.org/a#b"),
    "bold inside": ("Be *bold* now", "Be *bold* now"),
    "an ampersand inside": ("Q&A with us", "Q&A with us"),
    "emoji": ("👋🏽 👨‍👩‍👧 hello", "👋🏽 👨‍👩‍👧 hello"),
    "Welsh": ("Siaradwch â ni", "Siaradwch â ni"),
    "two lines": ("one\n      two", "one two"),
    "a block": ("|\n      Speak out. #CEADay27\n\n      0116: call\n", "Speak out. #CEADay27\n\n0116: call\n"),
    "a year": ("CE Day {yy}, {yyyy}", "CE Day 27, 2027"),
    "an empty pair of braces": ("a {} b", "a {} b"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), AS_MEANT.values(), ids=AS_MEANT)
def test_a_text_is_read_as_meant(written: str, meant: str) -> None:
    assert read_post(f"    text: {written}\n").parts[0].text == meant


@pytest.mark.parametrize(
    ("word", "draft"), [("yes", True), ("on", True), ("True", True), ("no", False), ("off", False)]
)
def test_a_draft_is_yes_or_no(word: str, draft: bool) -> None:
    assert read_post(f"    text: x\n    draft: {word}\n").draft is draft


def test_norwegian_is_a_language() -> None:
    assert read_post("    text: x\n    language: no\n").language == "no"


def test_a_note_is_no_text() -> None:
    assert read_post('    text: "Speak out." # agreed by Ann\n    # more notes\n').parts[0].text == "Speak out."


DOUBTFUL_NOTES = {
    "a number": ("    text: Meet at gate ‹# 3 on the left›\n", 'text: "Meet at gate # 3 on the left"'),
    "an agreement": ("    text: Speak out. ‹# agreed by Ann›\n", "put it on a line of its own"),
    "in a picture": (
        "    text: x\n    images: [{file: a.png, alt: Six hands ‹# by Ann›\n      }]\n",
        "line of its own",
    ),
    "after two spaces": ("    text: x  ‹# y›\n    link: https://a.org # fine\n", 'text: "x  # y"'),
}


@pytest.mark.parametrize(("lines", "instead"), DOUBTFUL_NOTES.values(), ids=DOUBTFUL_NOTES)
def test_a_note_after_words_that_are_posted_is_doubted(lines: str, instead: str) -> None:
    text, (spot,) = unmark(f"{CAMPAIGN}posts:\n{POST}{lines}")
    calendar = read(text)
    assert calendar.campaign is not None
    [problem] = calendar.problems
    assert (problem.severity, spot_of(problem)) == (Severity.WARNING, spot)
    assert "is a note and is not posted" in problem.message
    assert instead in problem.hint


def test_a_doubt_hides_no_mistake_below_it() -> None:
    text, spots = unmark(f"{CAMPAIGN}posts:\n{POST}    text: Gate ‹# 3›\n‹””›\n")
    calendar = read(text)
    assert calendar.campaign is None
    assert [(problem.severity, spot_of(problem)) for problem in calendar.problems] == [
        (Severity.WARNING, spots[0]),
        (Severity.ERROR, spots[1]),
    ]
