"""Faults: what the noticeboard's setting takes is what its folder's door understands, and where they strike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.bootstrap import SystemClock
from scheduler.errors import UsageError
from scheduler.noticeboard_folder import FAULTS, Board, Strike, read_faults
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


@pytest.mark.parametrize(
    "words",
    ["bang", "bang@2", "crash", "crash@0", "crash@1crash@2", "Crash@1", "crash @1", "crash@board", "crash@board/1"],
)
def test_anything_else_is_refused_when_the_settings_are_read(words: str) -> None:
    assert not is_taken(words)


@given(PIECES.map("".join).filter(str.strip))
def test_what_is_taken_is_what_the_door_understands(words: str) -> None:
    assert is_taken(words) == is_understood(words)


# --- One account's own -----------------------------------------------------------------------------------------------

ACCOUNTS = ("force-x", "force-mastodon", "7")


def test_a_fault_may_strike_one_account() -> None:
    read = read_faults("unavailable@force-x, rate-limit@force-mastodon/3 reject@2,crash@7,lost-reply@7/1", ACCOUNTS)
    assert read == {
        Strike(0, "force-x"): "unavailable",
        Strike(3, "force-mastodon"): "rate-limit",
        Strike(2): "reject",
        Strike(7): "crash",  # a number alone counts
        Strike(1, "7"): "lost-reply",
    }
    written = ", ".join(f"{fault}@{strike}" for strike, fault in read.items())
    assert read_faults(written, ACCOUNTS) == read


@pytest.mark.parametrize(("words", "said"), [
    ("reject@force-y", "the settings have no account named 'force-y'. Did you mean 'force-x'?"),
    ("reject@library", "the settings have no account named 'library'. Write a name as it stands there, or a number."),
    ("reject@force-y/2", "no account named 'force-y'"),
    ("reject", "Say which post, counted from 1: reject@1, or which account: reject@force-x."),
    ("reject@", "is no fault. Write FAULT@WHERE."),
    ("reject@/2", "is no fault"),
    ("reject@force-x/", "is no fault"),
    ("reject@force-x/0", "is no fault"),
    ("reject@force-x/1000000", "is no fault"),
    ("reject@force-x/two", "is no fault"),
    ("bang@force-x", "or ACCOUNT/N, for the Nth there."),
])  # fmt: skip
def test_what_names_no_place_is_refused(words: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        read_faults(words, ACCOUNTS)


def test_each_account_has_a_count_of_its_own(tmp_path: Path) -> None:
    board = Board(
        tmp_path, SystemClock(), read_faults("crash@4,reject@b/2,unavailable@a,lost-reply@a/2,reject@c", "abc")
    )
    assert [board.next_fault(account) for account in "abab"] == ["unavailable", "", "lost-reply", "crash"]
    assert board.next_fault("b") == ""  # b/2 was the fourth of all
    assert [board.count_calls(account) for account in ("", "a", "b", "c")] == [5, 2, 3, 0]
    assert board.struck == {Strike(4), Strike(0, "a"), Strike(2, "a")}
