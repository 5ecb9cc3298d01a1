"""`campaign platforms`: what each channel carries, and each setting that an account of it needs."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from scheduler.cli.platforms import command
from scheduler.platforms import list_platforms, load_platform


def show(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments, standalone_mode=False).output


@pytest.mark.parametrize("name", list_platforms())
def test_what_the_example_sets_is_listed_as_a_setting(name: str) -> None:
    example, facts = show(name, "--example"), show(name)
    needed = [line.partition(":")[0].strip() for line in example.splitlines()[2:] if not line.startswith("  # ")]
    assert re.findall(r"^  setting (\w+):", facts, re.MULTILINE) == needed
    [data] = json.loads(show(name, "--format", "json"))
    required = [each["name"] for each in data["settings"] if each["required"]]
    assert ["server"] * data["server_required"] + required == needed


def test_a_channel_that_takes_no_pictures_asks_for_none() -> None:
    assert "  every post needs a film\n" in show("youtube")
    assert "  every post needs a picture or a film\n" in show("instagram")
    assert "every post needs" not in show("mastodon")


def test_without_a_name_each_channel_is_one_line() -> None:
    done = CliRunner().invoke(command, [], standalone_mode=False)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(list_platforms())
    assert max(map(len, lines)) <= 130
    [bluesky] = [line for line in lines if line.startswith("bluesky ")]
    assert bluesky.endswith("300 graphemes, 4 pictures, film, threads, comment")
    [youtube] = [line for line in lines if line.startswith("youtube ")]
    assert youtube.endswith("5 kB, film, comment, never words alone")
    for name, line in zip(list_platforms(), lines, strict=True):
        facts = load_platform(name)
        assert line.startswith(f"{name} ")
        assert f"  {facts.title} " in line
        assert f"  {facts.capabilities.source.checked:%-d %b %Y}  " in line
    assert "campaign platforms NAME --example" in done.stderr
    assert [each["name"] for each in json.loads(show("--format", "json"))] == list(list_platforms())


def test_two_limits_of_one_text_are_one_line() -> None:
    assert "  text: 300 graphemes and 3 kB, whichever is full first\n" in show("bluesky")
    assert "  text: 500 graphemes, a link counts 23\n" in show("mastodon")
    assert "at most 24 h" in show("mastodon")
    assert "at most 12 h" in show("youtube")
