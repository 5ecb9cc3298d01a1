"""campaign roll: the file that it writes, what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import group
from scheduler.errors import SchedulerError

SETTINGS = "accounts:\n  board: {platform: noticeboard, folder: wall}\n"
CALENDAR = """\
campaign: ce
day: ce-awareness-day
year: 2027
accounts: [board]
hashtags: ["#CEADay27"]
posts:
  - id: think
    when: 7 days before at 10:00
    text: Think. {words}
  - id: spot
    when: Monday 22 March 2027 09:00
    text: Spot.
"""
GOOD = CALENDAR.replace("{words}", "Spot.")


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(SETTINGS)
    Path("campaigns").mkdir()
    write("ce.yaml", GOOD)


def write(name: str, text: str) -> Path:
    path = Path("campaigns", name)
    path.write_text(text, encoding="utf-8")
    return path


def roll(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["roll", *arguments], standalone_mode=False)


def refusal(*arguments: str) -> str:
    before = {path: path.read_bytes() for path in Path("campaigns").iterdir()}
    result = roll(*arguments)
    assert isinstance(result.exception, SchedulerError)
    assert result.exception.exit_code == 2
    assert {path: path.read_bytes() for path in Path("campaigns").iterdir()} == before
    return str(result.exception)


@pytest.mark.parametrize("name", ["ce", "CE", "campaigns/ce.yaml"])
def test_the_new_calendar_stands_beside_the_old_one(name: str) -> None:
    result = roll(name, "2028")
    assert (result.exception, result.return_value) == (None, 0)
    text = Path("campaigns/ce-2028.yaml").read_text(encoding="utf-8")
    assert "year: 2028" in text
    assert "draft: yes" in text
    assert "when: Wednesday 22 March 2028 09:00" in text
    assert Path("campaigns/ce.yaml").read_text(encoding="utf-8") == GOOD
    said = " ".join(result.stdout.split())
    assert "Written: campaigns/ce-2028.yaml, from campaigns/ce.yaml." in said
    assert "It is a draft" in said
    assert "think Thu 11 Mar 2027 10:00 GMT Sat 11 Mar 2028 10:00 GMT" in said
    assert "spot Mon 22 Mar 2027 09:00 GMT Wed 22 Mar 2028 09:00 GMT" in said
    assert "line 5: #CEADay27 became #CEADay{yy}" in said


def test_both_years_are_good_and_the_new_one_is_held_back() -> None:
    roll("ce", "2028")
    preview = CliRunner().invoke(group, ["preview", "--format", "json"], standalone_mode=False)
    decisions = {row["key"]: row["decision"] for row in json.loads(preview.stdout)}
    assert decisions["ce/think/2028/board"] == "hold"
    assert set(decisions) == {f"ce/{post}/{year}/board" for post in ("think", "spot") for year in (2027, 2028)}


def test_what_is_stale_in_it_is_named_with_its_line() -> None:
    write("ce.yaml", CALENDAR.replace("{words}", "See you on Thursday 18 March 2027."))
    result = roll("ce", "2028")
    assert result.return_value == 1
    assert "campaigns/ce-2028.yaml:10:29: warning: 'Thursday 18 March 2027' is of another year" in result.stdout


def test_the_year_in_the_files_name_is_replaced_and_the_last_year_is_taken() -> None:
    Path("campaigns/ce.yaml").rename("campaigns/ce-2027-v2.yaml")
    assert roll("ce", "2028").return_value == 0
    assert roll("ce", "2029").return_value == 0
    assert "rolled forward from 2027" in Path("campaigns/ce-2028-v2.yaml").read_text(encoding="utf-8")
    assert sorted(path.name for path in Path("campaigns").iterdir()) == [f"ce-{y}-v2.yaml" for y in (2027, 2028, 2029)]


def test_nothing_is_written_where_it_is_only_to_be_shown() -> None:
    result = roll("ce", "2028", "--show")
    assert result.stdout.startswith("campaign: ce\ndraft: yes")
    assert "Nothing was written. This would be campaigns/ce-2028.yaml" in result.stdout
    assert [path.name for path in Path("campaigns").iterdir()] == ["ce.yaml"]


def test_programs_can_read_it() -> None:
    told = json.loads(roll("ce", "2028", "--format", "json").stdout)
    assert (told["campaign"], told["file"], told["written"]) == ("ce", "campaigns/ce-2028.yaml", True)
    assert (told["old_date"], told["new_date"]) == ("2027-03-18", "2028-03-18")
    assert told["posts"][1] == {"post": "spot", "old_utc": "2027-03-22T09:00:00Z", "new_utc": "2028-03-22T09:00:00Z"}
    assert {"line": 5, "field": "hashtag", "old": "#CEADay27", "new": "#CEADay{yy}"} in told["changes"]
    assert "content" in json.loads(roll("ce", "2029", "--show", "--format", "json").stdout)


def test_another_file_may_be_named() -> None:
    assert roll("ce", "2028", "-o", "next.yaml").return_value == 0
    assert "year: 2028" in Path("next.yaml").read_text(encoding="utf-8")


def test_a_file_that_is_there_is_not_overwritten() -> None:
    write("ce-2028.yaml", "# mine\n")
    assert "campaigns/ce-2028.yaml is there already. Name another file with -o" in refusal("ce", "2028")


def test_a_year_that_is_there_is_not_made_twice() -> None:
    roll("ce", "2028", "-o", "campaigns/other.yaml")
    assert "'ce' of 2028 is there already: campaigns/other.yaml" in refusal("ce", "2028")
    assert "Name a year after 2027" in refusal("ce", "2027")
    assert "Name a year after 2027" in refusal("ce", "2026")


def test_what_cannot_be_understood_is_refused_with_what_to_type() -> None:
    assert "'27' is no year. Write it in four figures: campaign roll ce 20" in refusal("ce", "27")
    assert "campaign roll 'my campaign' 20" in refusal("my campaign", "next")
    assert "No campaign is called 'cee', and no file. Did you mean 'ce'?" in refusal("cee", "2028")
    assert "cannot be written: No such file or directory" in refusal("ce", "2028", "-o", "nowhere/ce.yaml")


def test_a_calendar_with_errors_is_mended_first() -> None:
    write("ce.yaml", GOOD.replace("when: 7", "whn: 7"))
    assert "campaigns/ce.yaml:8:5: error" in refusal("ce", "2028")
