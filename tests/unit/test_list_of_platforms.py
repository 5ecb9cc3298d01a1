"""`campaign platforms`: what each channel carries, and each setting that an account of it needs."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from scheduler.cli.platforms import command
from scheduler.platforms import list_platforms


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
