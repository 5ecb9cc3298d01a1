"""A tag that is probably mistyped is doubted: a hold on the right one would not stop its post."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from scheduler.domain.near_words import is_one_slip
from scheduler.sources.doubtful_tags import find_doubtful_tags
from tests.reading import CAMPAIGN, read, spot_of, unmark

NEAR = [("cse", "csse"), ("csse", "cse"), ("cse", "cs"), ("cse", "cze"), ("hate-crime", "haet-crime"), ("CSE", "cse"),
        ("cse", "cse-"), ("hate-crime", "hatecrime"), ("ab", "ba")]  # fmt: skip
FAR = [("cse", "cse"), ("cse", "drugs"), ("cse", "c"), ("week-1", "week-2"), ("week", "week1"), ("week-1", "week-12"),
       ("hate-crime", "hate"), ("abcd", "badc"), ("cse", "ces-x")]  # fmt: skip


@pytest.mark.parametrize(("word", "other"), NEAR)
def test_words_one_slip_apart(word: str, other: str) -> None:
    assert is_one_slip(word, other)
    assert is_one_slip(other, word)


@pytest.mark.parametrize(("word", "other"), FAR)
def test_words_that_are_meant_to_differ(word: str, other: str) -> None:
    assert not is_one_slip(word, other)
    assert not is_one_slip(other, word)


def post(number: int, tags: str) -> str:
    return f"  - id: p{number}\n    when: on the day at {8 + number:02}:00\n    text: x\n    tags: {tags}\n"


def test_a_tag_used_once_is_doubted_where_it_stands() -> None:
    text, (spot,) = unmark(f"{CAMPAIGN}posts:\n{post(1, '[cse]')}{post(2, 'cse')}{post(3, '[young, ‹csse›]')}")
    [problem] = find_doubtful_tags([read(text)])
    assert spot_of(problem) == spot
    assert str(problem).endswith(
        "warning: The tag 'csse' is used only here. Did you mean 'cse', as elsewhere?",
    )


def test_the_right_one_may_be_used_in_another_calendar() -> None:
    wrong, (spot,) = unmark(f"{CAMPAIGN}tags: ‹hate-crim›\nposts:\n{post(1, '[a]')}{post(2, '[a]')}")
    right = f"{CAMPAIGN}tags: [hate-crime]\nposts:\n{post(1, '[b]')}{post(2, '[b]')}{post(3, '[b]')}"
    [problem] = find_doubtful_tags([read(wrong, "campaigns/a.yaml"), read(right, "campaigns/b.yaml")])
    assert (problem.place.file, spot_of(problem)) == ("campaigns/a.yaml", spot)


@pytest.mark.parametrize("tags", [("[cse]", "[csse]"), ("[cse, cse]", "[csse]"), ("[csse]", "[csse]")])
def test_two_that_are_as_frequent_are_not_doubted(tags: tuple[str, str]) -> None:
    text = f"{CAMPAIGN}posts:\n{post(1, tags[0])}{post(2, tags[1])}"
    assert find_doubtful_tags([read(text)]) == []


def test_check_warns_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("accounts: {force-x: {platform: noticeboard, folder: wall}}\n")
    Path("campaigns").mkdir()
    Path("campaigns/a.yaml").write_text(f"{CAMPAIGN}posts:\n{post(1, 'cse')}{post(2, 'cse')}{post(3, 'cze')}")
    done = CliRunner().invoke(group, ["check", "--strict"], standalone_mode=False)
    assert done.return_value == 1
    assert "campaigns/a.yaml:16:11: warning: The tag 'cze' is used only here." in done.stdout
    named = CliRunner().invoke(group, ["check", "campaigns/a.yaml"], standalone_mode=False)
    assert "cze" not in named.stdout  # of one calendar nobody can tell
