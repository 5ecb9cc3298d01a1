"""Whatever text is written, in whatever style, the calendar holds it exactly, or refuses it at its place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap

from scheduler.domain.problem import Problem, has_errors
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.yaml_editing import EditableFile, write_new
from tests.reading import CAMPAIGN, POST, read

OFTEN = settings(max_examples=200, deadline=None)
SEEN = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff{}")
PIECES = (
    "#CEADay26", "#HelpingHands", "01163050005", "0800 1111", "9:00", "09:00", "11:01", "no", "off", "~", "null",
    "1_000", "0x1F", "1e3", "2027-03-18", "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
    "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}", "\N{REGIONAL INDICATOR SYMBOL LETTER G}", "é", "ŵ", "@leicspolice",
    "%50", "*bold*", "&c", "!now", "`x`", "'", '"', ": ", " #", "# ", "- ", "? ", "| ", "> ", ", ", "\\", "\\n",
    "[PHOTO]", "<<", "---", "...", " ", "  ", "word", "call 101", "\n", "\n\n", "\n  ", "\n- ", "\n#tag",
    "https://example.org/a#b",
)  # fmt: skip
TEXTS = (st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join) | st.text(SEEN, min_size=1)).filter(
    lambda text: bool(text.strip())
)
LINES = TEXTS.map(lambda text: " ".join(text.split("\n"))).filter(lambda text: bool(text.strip()))


def _words(text: str) -> list[str]:
    """Return the words of a text; a sign that begins a note without any is none."""
    return [word for word in text.split() if word.strip("#")]


def text_of(calendar: CalendarFile) -> str | None:
    return calendar.campaign.posts[0].parts[0].text if calendar.campaign is not None else None


def write(post: dict[str, Any], **style: Any) -> str:
    """Return a calendar with this post, as PyYAML writes it."""
    calendar = {"campaign": "a", "date": "18 March 2027", "accounts": ["force-x"], "posts": [post]}
    written: str = yaml.safe_dump(calendar, allow_unicode=True, sort_keys=False, **style)
    return written


STYLES: dict[str, dict[str, Any]] = {
    "plain where that is possible": {},
    "in single quotes": {"default_style": "'"},
    "in double quotes": {"default_style": '"'},
    "on lines of their own": {"default_style": "|"},
    "folded": {"default_style": ">"},
    "in brackets": {"default_flow_style": True},
    "in narrow columns": {"width": 20},
    "folded in narrow columns": {"default_style": ">", "width": 20},
    "quoted in narrow columns": {"default_style": '"', "width": 20},
    "in brackets and narrow columns": {"default_flow_style": True, "width": 20},
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@OFTEN
@given(TEXTS)
@example("Speak out. #HelpingHands #CEADay26")
@example(" first\n\n  last \n")
@example("01163050005")
@example("\n  #CEADay26#CEADay26 #CEADay26")
@example("01163050005#CEADay26# - 01163050005")  # broken before the dash, where columns are narrow
def test_a_text_comes_back_from_every_style_exactly(style: dict[str, Any], text: str) -> None:
    written = write({"id": "a", "when": "on the day at 09:00", "text": text}, **style)
    if style.get("default_style") == ">":  # PyYAML breaks lines that begin with a space, and these stay broken
        text = yaml.load(written, yaml.BaseLoader)["posts"][0]["text"]
    calendar = read(written)
    if slipped := [problem for problem in calendar.problems if "does not begin an item" in problem.message]:
        # A plain text that is broken before its dash looks like an item that slipped: refused, at that line.
        assert style.get("width") == 20 and "default_style" not in style
        assert all(problem.line_text.lstrip().startswith("- ") and is_at(problem, 3, 99) for problem in slipped)
        return
    assert not has_errors(calendar.problems)
    assert text_of(calendar) == text


@OFTEN
@given(TEXTS)
@example("#CEADay26")
def test_a_text_comes_back_from_what_the_program_writes(text: str) -> None:
    fields = CommentedMap(campaign="a", date="18 March 2027", accounts=["force-x"])
    fields["posts"] = [CommentedMap(id="a", when="on the day at 09:00", text=text)]
    calendar = read(write_new(fields))
    assert not has_errors(calendar.problems)
    assert text_of(calendar) == text


@OFTEN
@given(TEXTS)
def test_a_text_outlives_an_edit_of_what_stands_beside_it(text: str) -> None:
    written = write({"id": "a", "when": "on the day at 09:00", "text": text})
    file = EditableFile(written.encode(), "a.yaml")
    file.fields["date"] = "19 March 2027"
    assert text_of(read(file.write())) == text


def is_at(problem: Problem, first: int, last: int) -> bool:
    return first <= problem.place.line <= last and problem.place.column >= 1 and bool(problem.hint)


@settings(max_examples=600, deadline=None)
@given(LINES)
@example("Speak out. #CEADay26")
@example("Meet at gate # 3")
@example("x #")
def test_a_line_typed_by_hand_is_held_exactly_or_told_of_at_its_place(text: str) -> None:
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: {text}\n")
    told = [problem for problem in calendar.problems if calendar.campaign is None or "is a note" in problem.message]
    if told:
        assert any(is_at(problem, 7, 8) for problem in told)
    elif text.strip(" \t")[0] not in "'\"":  # quotes are a style, and are not part of a text
        assert text_of(calendar) == text.strip(" \t")


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(["|", "|-", "|+", ">", ">-", ">+"]), st.integers(1, 6))
@example("Speak out.\n#CEADay26\n", "|", 2)
def test_lines_typed_below_a_bar_are_held_or_told_of_at_their_place(text: str, sign: str, further: int) -> None:
    lines = text.split("\n")
    block = "".join(f"{' ' * (4 + further)}{line}\n" if line.strip() else "\n" for line in lines)
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: {sign}\n{block}")
    held = text_of(calendar)
    if held is None:
        assert any(is_at(problem, 7, 8 + len(lines)) for problem in calendar.problems)
    else:
        assert _words(held) == _words(text)
        assert sign[0] == ">" or [line.strip() for line in held.strip().split("\n")] == [
            line.strip() for line in text.strip().split("\n")
        ]


@OFTEN
@given(st.lists(st.sampled_from(PIECES).map(lambda piece: piece.strip()).filter(bool), min_size=1, max_size=5))
def test_hashtags_typed_in_a_list_are_held_or_told_of(words: list[str]) -> None:
    items = "".join(f"      - {word}\n" for word in words)
    calendar = read(f"{CAMPAIGN}posts:\n{POST}    text: x\n    hashtags:\n{items}")
    if calendar.campaign is None:
        assert any(is_at(problem, 8, 9 + items.count("\n")) for problem in calendar.problems)
    else:
        assert [tag.strip("'\"") for tag in calendar.campaign.posts[0].hashtags] == [w.strip("'\"") for w in words]
