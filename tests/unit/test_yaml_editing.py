"""What an edit does not touch stays as people wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap

from scheduler.errors import ConfigError
from scheduler.sources.yaml_editing import EditableFile, replace_file, write_new
from scheduler.sources.yaml_text import read_yaml

WRITTEN = """\
# For the whole year.
campaign: ce   # never changes
date: 18 March 2027
draft: yes
phone: 01163050005
hashtags: ["#CEADay{yy}", '#HelpingHands']

posts:
  # The first one.
  - id: think
    when: on the day at 9:00
    text: |
      Think. #CEADay27

      Spot.
    off: no
  - id: long   # a comment
    text: {long}
    folded: >-
      one
      two
""".replace("{long}", "a word " * 60 + "more")


@pytest.mark.parametrize("text", [WRITTEN, WRITTEN.replace("\n", "\r\n"), "\ufeff" + WRITTEN])
def test_what_is_not_changed_comes_back_byte_by_byte(text: str) -> None:
    assert EditableFile(text.encode(), "a.yaml").write() == text.encode()


def test_the_calendars_that_are_shipped_come_back_byte_by_byte() -> None:
    for path in sorted(Path("campaigns").glob("*.yaml")):
        assert EditableFile(path.read_bytes(), str(path)).write() == path.read_bytes(), path


def test_only_what_is_changed_changes() -> None:
    file = EditableFile(WRITTEN.encode(), "a.yaml")
    file.fields["date"] = "17 March 2028"
    file.fields["posts"][0]["when"] = "8:30"
    expected = WRITTEN.replace("18 March 2027", "17 March 2028").replace("on the day at 9:00", "8:30")
    assert file.write().decode() == expected


@pytest.mark.parametrize("text", ["- a\n", "a: [1\n", "a: 1\na: 2\n", ""])
def test_what_is_broken_is_not_edited(text: str) -> None:
    with pytest.raises(ConfigError):
        EditableFile(text.encode(), "a.yaml")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=60))
def test_no_text_is_lost_by_writing_it(text: str) -> None:
    written = write_new(CommentedMap(posts=[CommentedMap(text=text, when="9:00")]))
    document = read_yaml(written, "a.yaml")
    assert not document.problems, (written, document.problems)
    assert document.data["posts"][0] == {"text": text, "when": "9:00"}


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"new", 0o640, [path])
