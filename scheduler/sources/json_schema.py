"""The fields of calendars, settings and days.yaml → a JSON Schema (draft 2020-12), by which editors complete and mark.

It is made from what validates (`models.py`, `settings_models.py`, `day_models.py`). It describes a file as an editor
reads it: what YAML takes for a number, for yes or no, or for a list of one is allowed where its text would be. What no
schema can see (dates, accounts, a hashtag lost to a note, a name written twice) `campaign check` finds.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from scheduler.domain.account import SECRET_SCHEMES
from scheduler.domain.capabilities import Setting
from scheduler.sources.day_models import DaysFields, YearFields
from scheduler.sources.fields import Fields
from scheduler.sources.models import CalendarFields, PartFields, PostFields, TargetFields
from scheduler.sources.settings import PlatformFacts
from scheduler.sources.settings_models import SettingsFields
from scheduler.sources.yaml_text import read_yaml

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXAMPLES = re.compile(r"^For example: (.+)$", re.MULTILINE | re.DOTALL)
_YES_OR_NO = "^ *([Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]) *$"
_WHOLE_NUMBERS = sorted({sign * number for n in range(12) for number in (10**n, 10**n - 1) for sign in (1, -1)})
_TEXT_OR_THREAD = {"anyOf": [{"required": ["text"]}, {"required": ["thread"]}]}
_NO_MIXTURE = {"if": {"required": ["thread"]}, "then": {"properties": dict.fromkeys(PartFields.names, False)}}
_NEVER_EMPTY = frozenset({"thread"})
# What the readers check of several fields together, as far as a schema can say it.
_RULES: Mapping[type[Fields], JsonSchemaValue] = {
    CalendarFields: {
        "anyOf": [{"required": ["date"]}, {"required": ["day", "year"]}],
        "dependentRequired": {"year": ["day"]},
    },
    PostFields: _TEXT_OR_THREAD | _NO_MIXTURE,
    TargetFields: _NO_MIXTURE,
    PartFields: {"required": ["text"]},
    YearFields: {
        "anyOf": [{"required": [name]} for name in ("on", "not_held", "skip", "hashtags", "themes")],
        "not": {"required": ["on", "not_held"]},
        "allOf": [{"properties": {"status": {"pattern": "^([Cc]onfirmed|CONFIRMED|[Ee]stimated|ESTIMATED)$"}}}],
    },
}


class _Words(NamedTuple):
    """What is said of a field: what it is for, and values that may stand there."""

    description: str
    examples: list[Any]


def make_calendar_schema() -> JsonSchemaValue:
    """Return the JSON Schema of a calendar file."""
    return _make(CalendarFields, "Campaign calendar")


def make_settings_schema(platforms: Mapping[str, PlatformFacts]) -> JsonSchemaValue:
    """Return the JSON Schema of the settings file, with the settings of each of these platforms."""
    schema = _make(SettingsFields, "Campaign settings")
    accounts = schema["properties"]["accounts"]
    [name_pattern] = accounts.pop("patternProperties")
    accounts |= {"propertyNames": {"pattern": name_pattern}, "additionalProperties": _describe_account(platforms)}
    return schema


def make_days_schema() -> JsonSchemaValue:
    """Return the JSON Schema of a team's own file of awareness days."""
    closed: JsonSchemaValue = _close(_make(DaysFields, "Awareness days"))
    return closed


def _close(schema: Any) -> Any:
    """Return a schema in which a name that fits no pattern, an id with a space or a year of two figures, is wrong."""
    if isinstance(schema, list):
        return [_close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name == "examples" else _close(value) for name, value in schema.items()}
    return closed | {"additionalProperties": False} if "patternProperties" in closed else closed


def _make(model: type[Fields], title: str) -> JsonSchemaValue:
    made = _Generator().generate(model.schema)
    return {"$schema": _DIALECT, "title": title, "description": model.__doc__, **made}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, for `Fields` in place of pydantic's classes and for values as an editor reads them."""

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of a group of named fields, each with its description and examples."""
        model: type[Fields] = schema["cls"]
        made = self.generate_inner(schema["schema"])
        for name, field in made["properties"].items():
            words = _find_words(model, name)
            least = {"minItems": 1} if name in _NEVER_EMPTY else {}
            made["properties"][name] = {"description": words.description, "examples": words.examples, **field, **least}
        return {**made, "additionalProperties": False, **_RULES.get(model, {})}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return that no field has a title: its name says as much."""
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of a field that may be left out; its default is no value, and nothing to type."""
        default = {} if schema["default"] is None else {"default": schema["default"]}
        return {**self.generate_inner(schema["schema"]), **default}

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Return the schema in the order in which it is declared."""
        return value

    def str_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of a text, or of what an editor takes the text for."""
        made = super().str_schema(schema)
        return made | _allow_other_types(made.get("pattern", ""))

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of a field whose value may be written in several ways."""
        return _allow_other_ways(schema["function"]["function"], self.generate_inner(schema["schema"]))


def _allow_other_ways(change: Callable[[Any], Any], made: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema of a field that is changed before it is checked, judged by what it makes of a word."""
    changed = change("yes")
    if isinstance(changed, list):  # one may stand for a list of one
        return {"anyOf": [made, made["items"]]}
    if isinstance(changed, dict):  # one text may stand for a group
        [name] = changed
        return {"anyOf": [made["properties"][name], made]}
    return {"anyOf": [made, {"type": "string", "pattern": _YES_OR_NO}]}


def _allow_other_types(pattern: str) -> JsonSchemaValue:
    """Return what else than text may stand where a text has to match a pattern: `year: 2027` is a number to YAML."""
    types = ["string"]
    bounds: JsonSchemaValue = {}
    numbers = [number for number in _WHOLE_NUMBERS if re.search(pattern, str(number))]
    if numbers:
        types.append("number" if re.search(pattern, "0.5") else "integer")
        bounds = {"minimum": numbers[0]} if numbers[0] > _WHOLE_NUMBERS[0] else {}
        bounds |= {"maximum": numbers[-1]} if numbers[-1] < _WHOLE_NUMBERS[-1] else {}
    if re.search(pattern, "no"):
        types.append("boolean")
    return {"type": types if len(types) > 1 else "string", **bounds}


def _find_words(model: type[Fields], name: str) -> _Words:
    """Return what stands below a field in the class that declares it."""
    for cls in model.__mro__:
        if name in inspect.get_annotations(cls):
            text = _read_field_texts(cls)[name]
            description, _, rest = text.partition("\n")
            examples = _EXAMPLES.search(rest)
            written = re.findall("`(.+?)`", examples[1]) if examples else []
            return _Words(description, [_read_typed(each) for each in written])
    raise KeyError(name)


def _read_typed(example: str) -> Any:
    """Return an example, which is written as it is typed after a colon, as a value."""
    data = read_yaml(f"value: {example}".encode(), "example").data
    return example if data is None else data["value"]


@cache
def _read_field_texts(cls: type) -> dict[str, str]:
    """Return the text below each field of a class, from its source."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)))
    body = tree.body[0].body  # type: ignore[attr-defined]  # a class
    texts = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            texts[field.target.id] = inspect.cleandoc(below.value.value)  # type: ignore[union-attr,attr-defined]
    return texts


def _describe_account(platforms: Mapping[str, PlatformFacts]) -> JsonSchemaValue:
    names = sorted(platforms)
    known = {"description": "Which service the account is on.", "enum": names}
    choices = [
        {
            "if": {"properties": {"platform": {"const": name}}, "required": ["platform"]},
            "then": _describe_settings(platforms[name]),
        }
        for name in names
    ]
    return {"type": "object", "properties": {"platform": known}, "required": ["platform"], "allOf": choices}


def _describe_settings(facts: PlatformFacts) -> JsonSchemaValue:
    required = [setting.name for setting in facts.settings if setting.required]
    needs_server = not facts.server and not any(setting.name == "folder" for setting in facts.settings)
    server = {
        "description": "The address of the server that the account lives on.",
        "type": "string",
        "pattern": "^https?://",
        "examples": ["https://social.example.org"],
    }
    properties: JsonSchemaValue = {"platform": True, "server": server}
    properties |= {setting.name: _describe_setting(setting) for setting in facts.settings}
    needed = [*(["server"] if needs_server else []), *required]
    return {"properties": properties, "required": needed, "additionalProperties": False}


def _describe_setting(setting: Setting) -> JsonSchemaValue:
    described: JsonSchemaValue = {"description": setting.help, "examples": [_read_typed(setting.example)]}
    if setting.secret:
        return described | {"type": "string", "pattern": f"^({'|'.join(sorted(SECRET_SCHEMES))}):."}
    pattern = f"^(?:{setting.pattern})$" if setting.pattern else r"\S"
    return described | {"pattern": pattern, **_allow_other_types(pattern)}
