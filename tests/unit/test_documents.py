"""What is promised is written down: every command, option, setting, platform and status, in help, example or README."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from scheduler.cli import COMMANDS, group
from scheduler.domain.delivery import Status
from scheduler.ledger.opening import NEWEST
from scheduler.platforms import list_platforms
from scheduler.sources.settings_models import SettingsFields

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config.example.yaml").read_text(encoding="utf-8")


def load(name: str) -> click.Command:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_its_module_says(name: str) -> None:
    command = load(name)
    assert command.help is not None
    assert command.help.splitlines()[0] == COMMANDS[name]
    assert all(isinstance(p, click.Argument) or getattr(p, "help", "") for p in command.params)
    assert name in README


def test_every_command_module_is_listed() -> None:
    names = {path.stem for path in (ROOT / "scheduler/cli").glob("*.py")} - {
        "__init__",
        "output",
        "import_dates",
        "import_report",
        "preview_fields",
        "preview_file",
        "preview_page",
    }
    assert {name.removesuffix("_") for name in names} == set(COMMANDS)  # `import` can be no module


@pytest.mark.parametrize("setting", SettingsFields.names)
def test_each_setting_is_in_the_example(setting: str) -> None:
    assert f"\n{setting}:" in "\n" + EXAMPLE


@pytest.mark.parametrize("platform", list_platforms())
def test_each_platform_is_in_the_readme(platform: str) -> None:
    assert f"| {platform} |" in README


@pytest.mark.parametrize("status", Status)
def test_each_status_is_explained_in_the_readme(status: str) -> None:
    assert f"\n| `{status}` | " in README


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_named_by_what_it_is_for(name: str) -> None:
    table = README.partition("| I want to | command |")[2].partition("\n\n")[0]
    assert f"`campaign {name}" in table


def test_the_program_knows_its_newest_migration() -> None:
    versions = (ROOT / "scheduler/ledger/migrations/versions").glob("v*.py")
    assert max(path.stem[1:5] for path in versions) == NEWEST
