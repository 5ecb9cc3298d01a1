"""The JSON Schema of a team's days.yaml: made from the fields that validate, and true of what people write."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scheduler.cli.schema import write_schema
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.day_models import DaysFields
from scheduler.sources.yaml_text import read_yaml
from tests.spreadsheets import Desk
from tests.unit.test_json_schema import list_described, load
from tests.unit.test_team_days import GOOD

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PUBLISHED = ROOT / "tests/calendars/published"
DAY = "days:\n  open-day:\n    name: Open Day\n    rule: first Saturday of July\n"


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(write_schema(days=True)))


def complaints(text: str) -> list[str]:
    """Return what an editor would underline; to YAML 1.2, which editors read, the name `on` is a text and no yes."""
    return [error.message for error in validator().iter_errors(load(text))]


def read_problems(text: str) -> list[str]:
    return [problem.message for problem in Catalogue(file="days.yaml", content=text.encode()).problems]


AS_WRITTEN = {
    "that of the tests": GOOD,
    "that of the README": next(block for block in README.split("```yaml\n") if block.startswith("days:")).split("```")[
        0
    ],
    "no day": "verified: 25 November 2026\n",
    "ISO dates": DAY + "    dates:\n      2027: 2027-07-03\n      2028: {on: 2028-07-01, why: a wedding}\n",
    "a year as text": "dates:\n  black-friday:\n    '2027': {skip: x}\n",
    "a number for a name": DAY.replace("Open Day", "999"),
    "one topic, one source": DAY + "    topics: open\n    source: Resolve by telephone\n    theme_each_day: yes\n",
    "gone names": DAY + "    former_names: {CSE Day: 2020}\n    retired_hashtags: {'#CSEDay{yy}': 2020}\n",
}


@pytest.mark.parametrize("text", AS_WRITTEN.values(), ids=AS_WRITTEN)
def test_it_lets_people_write_as_the_reader_does(text: str) -> None:
    assert complaints(text) == []
    assert read_problems(text) == []


def test_the_catalogue_that_ships_fits_it() -> None:
    assert complaints((ROOT / "scheduler/data/awareness_days.yaml").read_text(encoding="utf-8")) == []


MISTAKES = {
    "a field that is none": DAY + "    reason: x\n",
    "no rule": "days:\n  open-day:\n    name: Open Day\n",
    "no name": "days:\n  open-day:\n    rule: 18 March\n",
    "an id with a space": DAY.replace("open-day", "open day"),
    "nothing below days": "days:\n",
    "no days for its length": DAY + "    days: 0\n",
    "a long length": DAY + "    days: 1000\n",
    "a hashtag without its sign": DAY + "    hashtags: [OpenDay]\n",
    "a word for yes": DAY + "    theme_each_day: perhaps\n",
    "a year of two figures": "dates:\n  black-friday:\n    27: {skip: x}\n",
    "a date for a year": "dates:\n  black-friday:\n    26 November 2027: {skip: x}\n",
    "a day without a year": "dates:\n  black-friday: 26 November 2027\n",
    "nothing said of a year": "dates:\n  black-friday:\n    2027: {source: x}\n",
    "held and not held": "dates:\n  black-friday:\n    2027: {on: 26 November 2027, not_held: x, source: x}\n",
    "a status that is none": "dates:\n  black-friday:\n    2027: {on: 26 November 2027, status: guessed, source: x}\n",
    "a year of a name": DAY + "    former_names: {Open Yard: long ago}\n",
    "an era of no year": DAY + "    from_year: {next: {days: 2}}\n",
    "a calendar": "campaign: a\ndate: 18 March 2027\n",
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_it_refuses_what_the_reader_refuses(text: str) -> None:
    assert complaints(text)
    assert read_problems(text)


# What the reader finds and no schema can.
UNSEEN = {
    "a rule is a text, and what it means no schema knows": DAY.replace("first Saturday of July", "some Saturday"),
    "it reckons no dates": "dates:\n  black-friday:\n    2027: {on: 31 June 2027, source: x}\n",
    "the catalogue stands in another file": "dates:\n  blck-friday:\n    2027: {skip: x}\n",
    "it compares no dates with a rule": (PUBLISHED / "07-always-the-second-tuesday-days.yaml")
    .read_text(encoding="utf-8")
    .translate({ord("‹"): "", ord("›"): ""}),
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_what_it_cannot_see_the_reader_finds(text: str) -> None:
    assert complaints(text) == []
    assert read_problems(text)


def test_each_field_has_a_description_and_examples_that_fit() -> None:
    fields = [(path, field) for path, field in list_described(validator().schema) if field.keys() != {"pattern"}]
    assert len(fields) > 35
    for path, field in fields:
        assert len(field["description"].split()) > 2, path
        assert field["examples"], path
        for example in field["examples"]:
            assert Draft202012Validator(field).is_valid(example), (path, example)


def test_the_examples_of_a_day_are_read_without_a_problem() -> None:
    schema = validator().schema
    assert isinstance(schema, dict)
    [day] = schema["properties"]["days"]["patternProperties"].values()
    for name, field in day["properties"].items():
        for example in field["examples"] if name not in {"name", "rule"} else ():
            text = DAY + f"    {name}: {json.dumps(example)}\n"
            assert read_problems(text) == [], text
    for name in ("days", "dates"):
        for example in schema["properties"][name]["examples"]:
            assert read_problems(f"{name}: {json.dumps(example)}\n") == []


def test_it_is_a_json_schema_of_the_fields_that_validate() -> None:
    schema = json.loads(write_schema(days=True))
    Draft202012Validator.check_schema(schema)
    assert tuple(schema["properties"]) == DaysFields.names
    assert schema["additionalProperties"] is False


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path, capsys)
    path = tmp_path / "days.schema.json"
    assert "$schema=days.schema.json" in desk.run("schema", "--days", "-o", str(path), code=0).err
    assert path.read_text(encoding="utf-8") == write_schema(days=True) == desk.run("schema", "--days", code=0).out
    assert "Ask for them one after the other." in desk.run("schema", "--days", "--settings", code=2).err
    assert read_yaml(path.read_bytes(), "days.schema.json").data
