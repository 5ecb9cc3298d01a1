"""The transcript in the README, of a first calendar with mistakes: the program says today what stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.terminal import show_on_terminal

README = Path(__file__).parents[2] / "README.md"
SETTINGS = "accounts: {board: {platform: noticeboard, folder: noticeboard}}\n"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_transcript() -> list[tuple[str, str]]:
    """Return the blocks of the transcript, each with its kind: yaml, text (lines typed anew) and console."""
    text = README.read_text(encoding="utf-8")
    _, marked, rest = text.partition("<!-- transcript -->")
    assert marked
    return _BLOCK.findall(rest.partition("<!-- /transcript -->")[0])


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal as Unix has it")
def test_a_first_calendar_with_mistakes_is_told_of_as_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SETTINGS)
    (tmp_path / "campaigns").mkdir()
    blocks = read_transcript()
    assert [kind for kind, _ in blocks] == ["yaml", "console", "text", "console", "text", "console"]
    lines = blocks[0][1].splitlines()
    for kind, block in blocks:
        if kind == "text":
            for number, line in re.findall(r"^ *(\d+) {2}(.*)$", block, re.MULTILINE):
                lines[int(number) - 1] = line
        elif kind == "console":
            (tmp_path / "campaigns/first.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
            command, *shown = block.splitlines()
            assert command == "$ campaign check"
            assert show_on_terminal([sys.executable, "-m", "scheduler", "check"], tmp_path) == shown
    assert blocks[-1][1].endswith("1 calendar read: 0 errors, 0 warnings.\n")
