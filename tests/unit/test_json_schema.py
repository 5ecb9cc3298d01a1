"""The JSON Schema of calendars and settings: made from the fields that validate, and true of what people write."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from scheduler.cli.schema import command, write_schema
from scheduler.sources.fields import Fields
from scheduler.sources.models import CalendarFields
from scheduler.sources.settings_models import SettingsFields
from tests.editors import CoreLoader
from tests.reading import CAMPAIGN, read, unmark
from tests.reading import POST as READ_POST
from tests.unit.test_calendar import POST_PROBLEMS

ROOT = Path(__file__).parents[2]
CALENDARS = ROOT / "tests/calendars"
GOOD = sorted([*ROOT.glob("campaigns/*.yaml"), *CALENDARS.glob("good/*.yaml")])
BAD = sorted(CALENDARS.glob("bad/*.yaml"))
# Bad calendars in which no schema can see a mistake, and why.
UNSEEN = {
    "wrong-dates": "a date or a time is a text to a schema, and only the reader knows weekdays and clock changes",
    "wrong-names": "which accounts there are stands in another file, and a schema compares no two ids",
    "lost-words": "a schema is shown what YAML leaves of a line, and that a note was meant as a hashtag is not in it",
}
# The same of single mistakes in a post, as `test_calendar.py` has them.
UNSEEN_IN_POSTS = {
    "which accounts there are stands in another file": ["an account"],
    "a schema follows no name from one field to another": [
        "another's variant", "a misspelt variant", "a link for a thread", "no account",
    ],
    "it compares no two posts": ["the same id", "nearly the same id"],
    "a time or a length of time is a text": ["a late time", "no unit", "no time at all"],
    "what may stand in braces is a rule of this program": [
        "a blank to fill", "a blank in a block", "a blank in quotes", "another case", "twice the braces",
        "a blank in a link", "a blank in alt",
    ],
}  # fmt: skip


@cache
def validator(*, settings: bool = False) -> Draft202012Validator:
    return Draft202012Validator(json.loads(write_schema(settings=settings)))


def load(text: str, loader: Any = CoreLoader) -> Any:
    """Return a file as an editor sees it; a date that YAML 1.1 makes of a text is text to an editor's schema."""
    return json.loads(json.dumps(yaml.load(text, loader), default=date.isoformat))


def complaints(text: str, *, settings: bool = False) -> list[str]:
    return [error.message for error in validator(settings=settings).iter_errors(load(text))]


@pytest.mark.parametrize("settings", [False, True])
def test_it_is_a_json_schema(settings: bool) -> None:
    schema = json.loads(write_schema(settings=settings))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
@pytest.mark.parametrize("loader", [CoreLoader, yaml.SafeLoader], ids=["YAML 1.2", "YAML 1.1"])
def test_every_good_calendar_fits_it(path: Path, loader: Any) -> None:
    data = load(path.read_text(encoding="utf-8"), loader)
    assert [error.message for error in validator().iter_errors(data)] == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_it_sees_what_a_schema_can_see_of_a_bad_calendar(path: Path) -> None:
    try:
        found = complaints(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:  # an editor underlines that by itself
        assert path.stem not in UNSEEN
        return
    assert bool(found) is (path.stem not in UNSEEN)


@pytest.mark.parametrize("name", POST_PROBLEMS)
def test_it_sees_what_a_schema_can_see_of_a_bad_post(name: str) -> None:
    text, _ = unmark(f"{CAMPAIGN}posts:\n{READ_POST}{POST_PROBLEMS[name][0]}")
    unseen = [each for names in UNSEEN_IN_POSTS.values() for each in names]
    try:
        assert bool(complaints(text)) is (name not in unseen)
    except yaml.YAMLError:
        assert name not in unseen


def test_what_it_cannot_see_is_still_there() -> None:
    assert set(UNSEEN) <= {path.stem for path in BAD}
    assert {name for names in UNSEEN_IN_POSTS.values() for name in names} <= set(POST_PROBLEMS)


def test_the_example_of_the_settings_fits_theirs() -> None:
    assert complaints((ROOT / "config.example.yaml").read_text(encoding="utf-8"), settings=True) == []


HEAD = "campaign: a\ndate: 18 March 2027\naccounts: [b]\n"
POST = HEAD + "posts:\n  - id: think\n    when: on the day at 09:00\n"
AS_WRITTEN = {
    "one account": POST.replace("[b]", "b") + "    text: x\n",
    "a hashtag alone": POST + '    text: x\n    hashtags: "#a"\n',
    "a number for a text": POST + "    text: 101\n",
    "yes for a text": POST + "    text: true\n",
    "a number for an id": POST.replace("think", "2027") + "    text: x\n",
    "a link with its card": POST + "    text: x\n    link: {url: https://a.org, title: 999}\n",
    "a draft": POST + "    text: x\n    draft: yes\n",
    "a draft as editors have it": POST + "    text: x\n    draft: true\n",
    "a draft in capitals": POST + "    text: x\n    draft: Off\n",
    "Norwegian": POST + "    text: x\n    language: no\n",
    "a day and its year": POST.replace("date: 18 March 2027", "day: ce-awareness-day\nyear: 2027") + "    text: x\n",
    "a day and its year as text": POST.replace("date: 18 March 2027", "day: x\nyear: '2027'") + "    text: x\n",
    "a thread": POST + "    thread: [{text: x}]\n    variants: {b: {text: y}}\n",
    "an ISO date": POST.replace("18 March 2027", "2027-03-18") + "    text: x\n    embargo: 2027-03-18 00:01\n",
}  # fmt: skip


@pytest.mark.parametrize("text", AS_WRITTEN.values(), ids=AS_WRITTEN)
@pytest.mark.parametrize("loader", [CoreLoader, yaml.SafeLoader], ids=["YAML 1.2", "YAML 1.1"])
def test_it_lets_people_write_as_the_reader_does(text: str, loader: Any) -> None:
    assert [error.message for error in validator().iter_errors(load(text, loader))] == []


MISTAKES = {
    "a field that is none": POST + "    text: x\n    txt: y\n",
    "nothing after a name": POST + "    text:\n",
    "no text": POST,
    "a text and a thread": POST + "    text: x\n    thread: [{text: y}]\n",
    "a part without a text": POST + "    thread: [{link: https://a.org}]\n",
    "no date": POST.replace("date: 18 March 2027\n", "") + "    text: x\n",
    "a year without a day": POST + "    text: x\nyear: 2027\n",
    "a day without a year": POST.replace("date: 18 March 2027", "day: ce-awareness-day") + "    text: x\n",
    "a year of two figures": POST.replace("date: 18 March 2027", "day: x\nyear: 27") + "    text: x\n",
    "no posts": HEAD + "posts: []\n",
    "a picture without a description": POST + "    text: x\n    images: [{file: a.png}]\n",
    "an address without a scheme": POST + "    text: x\n    link: example.org\n",
    "a word for yes": POST + "    text: x\n    draft: maybe\n",
    "a lost hashtag": POST + "    text: x\n    hashtags:\n      - #CEADay27\n",
    "a hashtag without its sign": POST + "    text: x\n    hashtags: [CEADay27]\n",
    "a list for a text": POST + "    text: [x]\n",
    "an id with a space": POST.replace("think", "think it over") + "    text: x\n",
}  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_it_refuses_what_the_reader_refuses(text: str) -> None:
    assert complaints(text)
    assert read(text).campaign is None


SETTINGS_MISTAKES = {
    "a secret in the open": "accounts: {a: {platform: mastodon, server: https://a.org, access_token: hunter2}}",
    "no platform": "accounts: {a: {folder: wall}}",
    "a platform that is none": "accounts: {a: {platform: myspace}}",
    "a setting of another platform": "accounts: {a: {platform: noticeboard, folder: wall, handle: me}}",
    "a setting that is missing": "accounts: {a: {platform: noticeboard}}",
    "too many workers": "workers: 1000\naccounts: {a: {platform: noticeboard, folder: wall}}",
    "no accounts": "calendars: campaigns",
}


@pytest.mark.parametrize("text", SETTINGS_MISTAKES.values(), ids=SETTINGS_MISTAKES)
def test_it_sees_mistakes_in_settings(text: str) -> None:
    assert complaints(text, settings=True)


def list_described(schema: Any, where: str = "") -> list[tuple[str, Any]]:
    """Return every field of a schema by its path, with what is said of it."""
    found = []
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            found.append((f"{where}/{name}", field))
        for step, inner in schema.items():
            found += list_described(inner, f"{where}/{step}" if step != "properties" else where)
    elif isinstance(schema, list):
        for inner in schema:
            found += list_described(inner, where)
    return found


@pytest.mark.parametrize("settings", [False, True])
def test_each_field_has_a_description_and_examples_that_fit(settings: bool) -> None:
    fields = [(path, field) for path, field in list_described(validator(settings=settings).schema) if path]
    described = [(path, field) for path, field in fields if not isinstance(field, bool) and "const" not in field]
    assert len(described) > 20
    for path, field in described:
        assert len(field["description"].split()) > 1, path
        assert field.get("examples") or "enum" in field, path
        for example in field.get("examples", []):
            assert Draft202012Validator(field).is_valid(example), (path, example)


@pytest.mark.parametrize(("model", "settings"), [(CalendarFields, False), (SettingsFields, True)])
def test_it_has_the_fields_that_validate_and_no_others(model: type[Fields], settings: bool) -> None:
    schema = validator(settings=settings).schema
    assert isinstance(schema, dict)
    assert tuple(schema["properties"]) == model.names
    assert schema["additionalProperties"] is False


def test_examples_are_typed_in_a_calendar_without_a_problem() -> None:
    """The examples of the fields of a post, one after the other."""
    schema = validator().schema
    assert isinstance(schema, dict)
    for name, field in schema["properties"]["posts"]["items"]["properties"].items():
        for example in field["examples"]:
            post = {"id": "a", "when": "on the day at 09:00", "accounts": ["force-x", "force-bluesky"]}
            post |= {} if name == "thread" else {"text": "x"}
            lines = [f"    {each}: {json.dumps(value)}" for each, value in (post | {name: example}).items()]
            lines[0] = lines[0].replace("  - ", "").replace("    ", "  - ", 1)
            head = "campaign: a\ndate: 18 March 2027\nuntil: 19 March 2027\naccounts: force-x\nposts:\n"
            problems = read(head + "\n".join(lines)).problems
            assert [problem.message for problem in problems] == [], (name, example)


def test_the_schema_that_ships_is_the_one_that_is_made() -> None:
    shipped = ROOT / "scheduler/data/calendar.schema.json"
    assert shipped.read_text(encoding="utf-8") == write_schema(settings=False), (
        "Run: campaign schema -o scheduler/data/calendar.schema.json --force"
    )


@pytest.mark.parametrize("path", sorted(ROOT.glob("campaigns/*.yaml")), ids=lambda path: path.stem)
def test_the_calendars_that_ship_point_at_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (path.parent / found[1]).resolve() == ROOT / "scheduler/data/calendar.schema.json"


def test_the_command_writes_a_file_and_overwrites_none(tmp_path: Path) -> None:
    path = tmp_path / "calendar.schema.json"
    done = CliRunner().invoke(command, ["-o", str(path)], standalone_mode=False)
    assert done.exception is None
    assert path.read_text(encoding="utf-8") == write_schema(settings=False)
    assert "# yaml-language-server: $schema=calendar.schema.json" in done.stderr
    again = CliRunner().invoke(command, ["-o", str(path)], standalone_mode=False)
    assert again.exception is None  # it is the same
    other = CliRunner().invoke(command, ["--settings", "-o", str(path)], standalone_mode=False)
    assert "is there already" in str(other.exception)
    assert path.read_text(encoding="utf-8") == write_schema(settings=False)
