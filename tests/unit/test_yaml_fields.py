"""Changing single fields of a calendar: notes around them stay, wherever they stand and whatever the values are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap

from scheduler.sources.yaml_editing import EditableFile, write_new
from scheduler.sources.yaml_fields import make_value, note_field, put_field, remove_field
from scheduler.sources.yaml_text import read_yaml

VALUES = [
    "text: plain",
    "text: 'quoted'  # beside",
    "text: |\n      one\n      two",
    "text: >-\n      one\n      two",
    "accounts: [a, b]",
    "accounts: [a]   # beside\n    # below",
    "accounts: # beside\n    - a\n    - b",
    "images:\n    - file: a\n      alt: b",
    "images:\n    - file: a\n      alt: |\n        b",
    "link: {url: a, title: b}",
    "link:\n      url: a\n      title: b",
    "variants:\n      a:\n        text: |\n          x",
]
PAIRS = [
    (one, other)
    for number, one in enumerate(VALUES)
    for other in VALUES[number % 3 :: 3]  # each kind meets each other kind in some order, in a third of the time
    if one.partition(":")[0] != other.partition(":")[0]
]
EDITS: dict[str, Callable[[CommentedMap, str, str], None]] = {
    "the first is taken out": lambda post, first, _: remove_field(post, first),
    "the last is taken out": lambda post, _, last: remove_field(post, last),
    "the first is changed": lambda post, first, _: put_field(post, first, "new"),
    "the last is changed": lambda post, _, last: put_field(post, last, "new"),
    "the last becomes a block": lambda post, _, last: put_field(post, last, "new\nlines"),
    "the last becomes a list": lambda post, _, last: put_field(post, last, [{"file": "a", "alt": "b\nc"}]),
    "one comes": lambda post, *_: put_field(post, "draft", "yes"),
    "a note comes": lambda post, *_: note_field(post, "when", "a note"),
    "the last gets a note": lambda post, _, last: note_field(post, "id", "a note"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("gap", ["", "\n"])
def test_notes_stay_where_they_are(edit: str, gap: str) -> None:
    for first, last in PAIRS:
        head = f"posts:\n  - id: x\n    when: a\n    {first}\n    # between\n    {last}\n"
        text = f"{head}{gap}  # the next one\n  - id: y\n    text: z\n# end\n"
        file = EditableFile(text.encode(), "a.yaml")
        EDITS[edit](file.fields["posts"][0], first.partition(":")[0], last.partition(":")[0])
        written = file.write().decode()
        assert not read_yaml(written.encode(), "a.yaml").problems, written
        lines = [line.strip() for line in written.splitlines()]
        at = lines.index("- id: y")
        assert lines[at - 1] == "# the next one", written
        assert not gap or lines[at - 2] == "", written
        assert "# between" in lines, written
        assert lines[-1] == "# end", written


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=90))
def test_every_text_is_written_so_that_it_reads_the_same(text: str) -> None:
    written = write_new(CommentedMap(posts=[make_value({"text": text, "when": "9:00"})]))
    document = read_yaml(written, "a.yaml")
    assert not document.problems, (written, document.problems)
    assert document.data["posts"][0]["text"].removesuffix("\n") == text.removesuffix("\n")


def test_texts_of_several_lines_are_blocks() -> None:
    written = write_new(make_value({"text": "One #tag\n\nTwo: 'x'", "accounts": ["a", "b"], "hashtags": ["#A"]}))
    assert written.decode() == "text: |\n  One #tag\n\n  Two: 'x'\naccounts: [a, b]\nhashtags: ['#A']\n"
