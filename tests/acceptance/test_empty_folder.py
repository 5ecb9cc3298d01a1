"""What a stranger sees who has installed the program and stands in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.spreadsheets import Desk, read_excel

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    (tmp_path / "config.yaml").unlink()
    (tmp_path / "campaigns").rmdir()
    return made


@pytest.mark.parametrize("command", ["check", "preview", "run", "status", "accounts", "days", "forecast"])
def test_each_command_says_how_to_begin(desk: Desk, command: str) -> None:
    said = desk.run(command, code=2).err
    assert said.startswith(
        "config.yaml:1:1: error: There is no config.yaml in this folder. Go to the folder that has one"
    )
    assert "config.example.yaml" not in said
    assert "campaign platforms mastodon --example" in said


def test_the_lines_that_are_shown_are_a_beginning(desk: Desk) -> None:
    said = desk.run("check", code=2).err
    settings = said.partition("\n\n")[2].partition("\n\n")[0]
    assert f"```yaml\n{settings}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert yaml.safe_load(settings)["calendars"] == "campaigns"
    (desk.folder / "config.yaml").write_text(settings)
    assert "The folder of calendars, campaigns, is not there. Make it" in desk.run("check", code=2).err
    (desk.folder / "campaigns").mkdir()
    assert "error" not in desk.run("check", code=0).out


def test_beside_the_example_it_is_what_to_copy(desk: Desk) -> None:
    (desk.folder / "config.example.yaml").write_text((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    said = desk.run("accounts", code=2).err
    assert said == ("config.yaml:1:1: error: There is no config.yaml in this folder. Copy config.example.yaml to "
                    "config.yaml and fill in your accounts, or name a file with --config.\n")  # fmt: skip


def test_a_table_to_fill_in_needs_no_settings(desk: Desk) -> None:
    desk.run("export", "--template", "-o", "t.xlsx", code=0)
    sheet = read_excel(desk.folder / "t.xlsx")
    assert [cell.value for cell in sheet[1]][:5] == ["Ref", "Date", "Time", "Accounts", "Text"]
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["K2:K1000"]
    assert sheet["D2"].value == "all"
    assert "There is no config.yaml" in desk.run("export", "-o", "plan.xlsx", code=2).err
