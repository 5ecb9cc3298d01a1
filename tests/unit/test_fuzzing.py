"""The fuzzing that is run by hand: its promises can be broken, and hold for a few hundred files."""

from __future__ import annotations

import random

import pytest

from scheduler.domain.problem import Place, error
from tests.fuzzing.__main__ import LONGEST, list_readers, try_one
from tests.fuzzing.mutation import MAX_BYTES, damage
from tests.fuzzing.promises import Broken, check_nothing_lost, check_problems, list_typed
from tests.reading import CAMPAIGN, POST, read

HEAD = f"{CAMPAIGN}posts:\n{POST}"


def test_damaged_files_are_read_or_refused() -> None:
    dice, readers = random.Random(27), list_readers()
    contents = [(reader, damage(reader.seeds, dice)) for reader in readers for _ in range(150)]
    assert max(len(content) for _, content in contents) <= MAX_BYTES
    found = [finding for reader, content in contents if (finding := try_one(reader, content)[1]) is not None]
    assert [(finding.kind, finding.what) for finding in found] == []


def test_a_lost_word_is_noticed() -> None:
    calendar = read(f"{HEAD}    text: Speak out.\n")
    assert calendar.campaign is not None
    for longer in ("Speak out. Now.", "Speak # out.", "|\n      Speak out.\n      Now."):
        with pytest.raises(Broken, match=r"nowhere|in no message"):
            check_nothing_lost(f"{HEAD}    text: {longer}\n".encode(), calendar.campaign._replace(posts=()), ())
    with pytest.raises(Broken, match="Now"):
        check_nothing_lost(f"{HEAD}    text: Speak out. Now.\n".encode(), calendar.campaign, ())


def test_what_a_person_sees_in_texts_is_found_by_the_look_of_the_lines() -> None:
    lines = ["- text: a b # c", "  text: |", "    d #e", "", "    f", "  when: g", "- text: 'h'"]
    assert list(list_typed(lines)) == [(1, "a"), (1, "b"), (3, "d"), (3, "#e"), (5, "f")]


def test_a_place_outside_the_file_is_noticed() -> None:
    for place in (Place("a.yaml", 2, 1), Place("a.yaml", 1, 9)):
        with pytest.raises(Broken, match="outside the file"):
            check_problems([error("No.", place)], b"a: b")


def test_a_failure_and_a_slow_reading_are_findings() -> None:
    def fail(content: bytes) -> None:
        raise KeyError(content)

    reader = list_readers()[0]._replace(read=fail)
    _, finding = try_one(reader, b"a: b")
    assert finding is not None
    assert finding.what.startswith("KeyError at test_fuzzing.py:")
    assert LONGEST == 2
