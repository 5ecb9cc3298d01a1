"""The noticeboard's setting `faults`: what is taken of it is what its folder's door understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import UsageError
from scheduler.noticeboard_folder import FAULTS, read_faults
from scheduler.platforms.noticeboard import PLATFORM
from scheduler.sources.settings import PlatformFacts, read_settings

FACTS = {"noticeboard": PlatformFacts(PLATFORM.server, PLATFORM.settings)}
PIECES = st.lists(st.sampled_from([*FAULTS, "bang", "@1", "@2", "@0", "@1234567", "@", ",", " ", ", "]), max_size=8)


def is_taken(words: str) -> bool:
    """Return whether settings with these faults have no problem."""
    text = f"accounts:\n  board: {{platform: noticeboard, folder: wall, faults: '{words}'}}\n"
    return read_settings(text.encode(), "config.yaml", FACTS)[0] is not None


def is_understood(words: str) -> bool:
    try:
        read_faults(words)
    except UsageError:
        return False
    return True


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_taken(fault: str) -> None:
    assert is_taken(f"{fault}@1")
    assert is_taken(f"{fault}@12, {fault}@3 crash@4")


@pytest.mark.parametrize("words", ["bang", "bang@2", "crash", "crash@0", "crash@1crash@2", "Crash@1", "crash @1"])
def test_anything_else_is_refused_when_the_settings_are_read(words: str) -> None:
    assert not is_taken(words)


@given(PIECES.map("".join).filter(str.strip))
def test_what_is_taken_is_what_the_door_understands(words: str) -> None:
    assert is_taken(words) == is_understood(words)
