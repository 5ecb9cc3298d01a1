"""Every trap that YAML sets for people who write calendars, and thirty slips more: one table, one test.

Each row is the lines of a post after `when`, or a whole calendar if it has a line `posts:`. ‹Marks› stand around the
place that the program points at, or, where all is well, around the value that is read. `says` is what it says there, or
`READ`; `instead` is what it says to type, or the value read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from scheduler.domain.problem import Severity
from scheduler.sources.yaml_text import Path, read_yaml
from tests.reading import CAMPAIGN, JARGON, POST, read, spot_of, unmark

READ = "read as meant"


class Row(NamedTuple):
    """One trap: what is typed, and what becomes of it."""

    lines: str
    says: str
    instead: str
    severity: Severity = Severity.ERROR


HEAD = f"{CAMPAIGN}posts:\n{POST}"
T = "    text: x\n"

# What people type, as the research found it, and what YAML makes of it by itself.
PROMISED = {
    "hashtags after a text": Row(
        "    text: Speak out. ‹#HelpingHands #CEADay26›\n", "would be lost", '"Speak out. #HelpingHands #CEADay26"'
    ),
    "a hashtag in a list": Row(f"{T}    hashtags:\n      - ‹#CEADay26›\n", "would be lost", '`- "#CEADay26"`'),
    "a telephone number": Row("    text: ‹01163050005›\n", READ, "01163050005"),
    "an unknown name with one": Row(f"{T}    ‹phone›: 01163050005\n", "No field is called 'phone'", "Known here: "),
    "a time": Row("    text: ‹9:00›\n", READ, "9:00"),
    "another time": Row("    text: ‹11:00›\n", READ, "11:00"),
    "a time for a post": Row(f"{T}  - id: b\n    when: ‹9:00›\n{T}", "has no day", "'on the day at 09:00'"),
    "an unknown name with a time": Row(f"{T}    ‹time›: 9:00\n", "No field is called 'time'", "Did you mean 'when'?"),
    "off": Row("    text: ‹off›\n", READ, "off"),
    "no, for a language": Row(f"{T}    language: ‹no›\n", READ, "no"),
    "a name written twice": Row("    text: x\n    ‹text›: y\n", "'text' is written twice here, first on", "Keep one"),
    "a misspelt name": Row(f"{T}    ‹hastags›: [a]\n", "No field is called 'hastags'", "Did you mean 'hashtags'?"),
    "a colon in a text": Row(
        "    text: Worried about a child‹:› call 101\n", "colon and a space", '"Worried about a child: call 101"'
    ),
    "a handle": Row("    text: ‹@›leicspolice\n", "cannot begin with '@'", '`text: "@leicspolice"`'),
    "an apostrophe in quotes": Row("    text: 'Don‹'›t wait'\n", "apostrophe ends", '`text: "Don\'t wait"`'),
    "an apostrophe": Row("    text: ‹Don't wait›\n", READ, "Don't wait"),
    "a quotation first": Row('    text: "Stop‹"› they said\n', "the line goes on", "`text: '\"Stop\" they said'`"),
    "a tab before a name": Row("    ‹\t›text: x\n", "A tab stands here", "ordinary spaces"),
    "a percent sign": Row("    text: ‹%›50 off\n", "cannot begin with '%'", '`text: "%50 off"`'),
    "bold": Row("    text: ‹*›bold* news\n", "cannot begin with '*'", '`text: "*bold* news"`'),
}

# What else a hurried person does.
SLIPS = {
    "curly quotes around a text": Row(
        "    text: ‹“Speak out.”›\n", "would be posted", 'Type "Speak out." with', Severity.WARNING
    ),
    "curly quotes around a hashtag": Row(f"{T}    hashtags: [‹“#CEADay27”›]\n", "not a hashtag", '`"#CEADay27"`'),
    "curly quotes around an id": Row(f"{T}  - id: ‹‘b’›\n    when: now\n", "cannot be an id", "`b`"),
    "no space after a colon": Row("    ‹text:Speak›\n", "space is missing after the colon", "`text: Speak`"),
    "no space after a dash": Row(f"{T}    tags:\n      ‹-›cse\n", "space is missing after the '-'", "`- cse`"),
    "nor before a hashtag": Row(f"{T}    hashtags:\n      ‹-›#a\n", "missing after the '-'", '`- "#a"`'),
    "a semicolon": Row("    ‹text; x›\n", "A colon is missing after 'text'", "`text: x`"),
    "an equals sign": Row("    ‹text = x›\n", "A colon is missing after 'text'", "`text: x`"),
    "a colon from another keyboard": Row("    ‹text：x›\n", "no name followed by a colon", "`name: value`"),
    "a space before the colon": Row("    text : ‹x›\n", READ, "x"),
    "a line too far right": Row("      ‹text: x›\n", "where it stands", "`when:` above begins in column 5"),
    "a line too far left": Row("  ‹text: x›\n", "where it stands", "column 5, below `when:`"),
    "a post too far right": Row(f"{T}    ‹-› id: b\n", "not stand in line", "column 3"),
    "no dashes": Row(f"{CAMPAIGN}posts:\n  ‹id›: b\n{T[2:]}", "must be a list", "`- id: …`"),
    "words of a block too far left": Row("    text: |\n  ‹Speak out.›\n", "further in", "two more spaces"),
    "a block that moves left": Row("    text: |\n        a\n      ‹b›\n", "further left", "same column"),
    "words that look like a name": Row("    text: |\n      a\n    ‹Call›: 101\n", "'Call'", "move it further in"),
    "a non-breaking space before": Row("   ‹\u00a0›text: x\n", "An unusual space", "ordinary spaces"),
    "one in a text": Row("    text: ‹10\u00a0000 children›\n", READ, "10\u00a0000 children"),
    "one in a time": Row(f"{T}  - id: b\n    when: ‹on\u00a0the day at 9am›\n{T}", READ, "on\u00a0the day at 9am"),
    "a space of no width in an id": Row(f"{T}  - id: a‹\u200b›b\n    when: now\n", "An unusual space", "ordinary"),
    "a letter of another alphabet": Row("    ‹t\u0435xt›: x\n", "No field is called", "only look like the right ones"),
    "capitals": Row("    ‹Text›: x\n", "No field is called 'Text'", "Did you mean 'text'?"),
    "capitals at the top": Row(HEAD.replace("posts:", "‹Posts›:") + T, "called 'Posts'", "Did you mean 'posts'?"),
    "an ampersand": Row("    text: ‹&›more to come\n", "'&more' would be lost", '`text: "&more to come"`'),
    "a backtick": Row("    text: ‹`›code` here\n", "cannot begin with '`'", '`text: "`code` here"`'),
    "a bar and words": Row("    text: ‹|›Speak out\n", "cannot begin with '|'", "Type `text: |` alone"),
    "an open quote": Row('    text: ‹"›Speak out\n  - id: b\n', "never closed", 'Type " at the end'),
    "quotes around the line": Row('    ‹"text: x"›\n', "around the value only", '`text: "x"`'),
    "a number sign": Row("    text: Gate ‹# 3›\n", "is a note", '`text: "Gate # 3"`', Severity.WARNING),
    "a # in the middle": Row("    text: ‹Speak out.#CEADay27›\n", READ, "Speak out.#CEADay27"),
    "We're #1": Row("    text: We're ‹#1 in the county›\n", "would be lost", '"We\'re #1 in the county"'),
    "emoji": Row("    text: ‹👋🏽 👨‍👩‍👧 hello›\n", READ, "👋🏽 👨‍👩‍👧 hello"),
    "emoji and a colon": Row("    text: 👋 hi‹:› there\n", "colon and a space", '`text: "👋 hi: there"`'),
    "a separator": Row(f"{T}‹---›\nposts: []\n", "begins a second file", "a file of its own"),
    "a cell of a spreadsheet": Row('    text: ‹"›Say\n\n""no"" now"\n', "closed only on line 9", 'Type " at the end'),
    "two cells": Row("    text: ‹x\ty›\n", READ, "x\ty"),
    "a merge": Row("    ‹<<›: *other\n    text: x\n", "'<<' cannot be used", "Write the lines out"),
    "a bullet": Row(f"{T}    accounts:\n      - ‹• force-x›\n", "cannot be an id", "`- force-x`"),
    "a star for a dash": Row(f"{T}    accounts:\n      ‹*› force-x\n", "cannot begin with '*'", "`- force-x`"),
    "accounts with a comma": Row(f"{T}    accounts: ‹force-x, mastodon›\n", "cannot be", "[force-x, mastodon]"),
    "accounts with and": Row(f"{T}    accounts: ‹force-x and mastodon›\n", "cannot be", "[force-x, mastodon]`"),
    "hashtags with a space": Row(f'{T}    hashtags: ‹"#a #b"›\n', "is not a hashtag", '`hashtags: ["#a", "#b"]`'),
    "quoted ones with a comma": Row(f'{T}    hashtags: "#a‹"›, "#b"\n', "the line goes on", '`hashtags: ["#a", "#b"]`'),
    "a comma missing": Row(f'{T}    hashtags: ["#a‹"› "#b"]\n', "the line goes on", "a comma and a space"),
    "a hashtag without #": Row(f"{T}    hashtags: [‹CEADay27›]\n", "is not a hashtag", '`"#CEADay27"`'),
    "two names on a line": Row("    text: x link‹:› https://a.org\n", "colon and a space", "`link: …` on a line"),
    "an address of a page": Row(f"{T}    link: ‹[›us](https://a.org)\n", "begin with '['", "`link: https://a.org`"),
    "an address without https": Row(f"{T}    link: ‹www.a.org›\n", "is not a web address", "`https://www.a.org`"),
    "a year in braces": Row("    text: ‹{›yy}\n", "cannot begin with '{'", '`text: "{yy}"`'),
    "an id of several words": Row(f"{T}  - id: ‹thank you›\n    when: now\n", "cannot be an id", "`thank-you`"),
    "the same id": Row(f"{T}  - id: ‹Think›\n    when: 9am on the day\n{T}", "that of the post on line 5", "its own"),
    "two versions": Row(f"‹<<<<<<< HEAD›\n{T}=======\n{T}>>>>>>> b\n", "two versions of the same lines", "Keep the"),
    "draft: Y": Row(f"{T}    draft: ‹Y›\n", "neither yes nor no", "Write yes or no"),
}  # fmt: skip
TABLE = PROMISED | SLIPS


def whole(lines: str) -> str:
    return lines if "osts" in lines.partition("text")[0] else HEAD + lines


def list_values(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, data
    for step, value in data.items() if isinstance(data, dict) else enumerate(data if isinstance(data, list) else ()):
        yield from list_values(value, (*path, step))


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_what_people_type_is_read_as_meant_or_told_of_at_its_place(row: Row) -> None:
    text, (spot,) = unmark(whole(row.lines))
    calendar = read(text)
    assert all(problem.place.file == "campaigns/hello.yaml" for problem in calendar.problems)
    if row.says == READ:
        document = read_yaml(text.encode(), "a.yaml")
        assert (spot, row.instead) in [(document.place(path)[1:], value) for path, value in list_values(document.data)]
        assert [str(problem) for problem in calendar.problems] == []
        return
    problem = next(problem for problem in calendar.problems if spot_of(problem) == spot)
    assert row.says in problem.message
    assert row.instead in problem.hint
    assert problem.severity is row.severity
    assert (calendar.campaign is None) is (row.severity is Severity.ERROR)


@pytest.mark.parametrize("ending", ["\r\n", "\r"], ids=["Windows", "an old Mac"])
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_line_ends_change_neither_place_nor_words(row: Row, ending: str) -> None:
    text, _ = unmark(whole(row.lines))
    assert read(text.replace("\n", ending)).problems == read(text).problems


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.says != READ], ids=str)
def test_what_is_told_is_in_plain_words(row: Row) -> None:
    text, _ = unmark(whole(row.lines))
    for problem in read(text).problems:
        words = problem.message.replace("'<<'", "").replace("<<<<<<<", "").lower()
        assert not [word for word in JARGON if word in words]
        assert problem.hint
