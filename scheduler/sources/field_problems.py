"""What pydantic found wrong with a document → problems in plain words, each at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic_core import ErrorDetails

from scheduler.domain.problem import Place, Problem, Severity, suggest
from scheduler.sources.fields import Fields
from scheduler.sources.models import (
    CommentFields,
    ImageFields,
    LinkFields,
    PartFields,
    PostFields,
    TargetFields,
    VideoFields,
)
from scheduler.sources.settings_models import HabitsFields
from scheduler.sources.yaml_advice import describe_space, quote, split_line
from scheduler.sources.yaml_source import ODD_SPACE, cut_words
from scheduler.sources.yaml_text import Document, Path

MAX_LISTED = 1000
"""How many problems of one file are named: a person mends no more at once, and a file may hold a million."""

MAX_WORTH_READING = 20_000
"""With more problems than this a file is no calendar with mistakes: to look at each would only fill the memory."""

_KNOWN: Mapping[str, type[Fields]] = {
    "posts": PostFields,
    "thread": PartFields,
    "images": ImageFields,
    "variants": TargetFields,
    "link": LinkFields,
    "video": VideoFields,
    "comment": CommentFields,
    "habits": HabitsFields,
}
# What people call a field → its name here.
_MEANT = {
    **dict.fromkeys(["time", "date", "day", "at", "on", "datetime", "schedule"], "when"),
    **dict.fromkeys(["message", "body", "copy", "content", "caption", "post", "tweet"], "text"),
    **dict.fromkeys(["image", "picture", "pictures", "photo", "photos", "media"], "images"),
    **dict.fromkeys(["account", "channel", "channels", "platform", "platforms"], "accounts"),
    **dict.fromkeys(["url", "website"], "link"),
    **dict.fromkeys(["alt_text", "alttext", "description"], "alt"),
    **dict.fromkeys(["path", "src"], "file"),
    **dict.fromkeys(["start", "from"], "date"),
    **dict.fromkeys(["end", "to"], "until"),
    "title": "name",
    "hashtag": "hashtags",
    "tag": "tags",
}
_HINT_AFTER_NAME = "Write something after the colon, or take the line out."
_HINT_IF_NONE = "Write its words after the colon, or `none` if there is to be none."
_MAY_BE_NONE = frozenset({"comment", "content_warning"})
# What to type where named fields belong and something else stands: in a list or group of this name.
_UNNAMED = {
    "posts": "Type `- id: …`, and below `id`, in the same column, `when: …` and `text: …`.",
    "thread": "Type `- text: {}` on a line below `thread:`.",
    "images": "Type `- file: {}` on a line below `images:`, and below `file`, in the same column, `alt: …`, what the "
    "picture shows.",
    "variants": "Type `text: {}`, below the name of the account and further in.",
}
# What to add where a field is missing.
_TO_ADD = {
    "campaign": "Add a line such as `campaign: my-campaign`.",
    "date": "Add a line such as `date: 18 March 2027`.",
    "id": "Add a line such as `id: think`.",
    "when": "Add a line such as `when: on the day at 09:00`.",
    "file": "Add a line such as `file: hands.jpg`.",
    "alt": "Add a line `alt: …` that says what the picture shows.",
    "url": "Add a line such as `url: https://www.example.org`.",
    "posts": "Add a line `posts:` and, below it, `- id: …`; below `id`, in the same column, `when: …` and `text: …`.",
    "accounts": "Add a line `accounts:`, below it a name of your own and a colon, further in, and below that, further "
    "in again, `platform: …`.",
}
_MAX_NAMED = 10
_ODD_IN_NAME = re.compile(f"[{ODD_SPACE}]")


def read_problems(found: Iterable[ErrorDetails], document: Document, root: type[Fields]) -> Iterator[Problem]:
    """Yield what pydantic found, in plain words, each at its place; `root` is the model of the whole file.

    A value that is missing because a # made a note of it is left out: the document says so already.
    """
    said = {problem.place.line for problem in document.problems}
    spots = {problem.place[:3] for problem in document.problems}
    listed = list(islice(found, MAX_LISTED))
    renamed = set(_find_renamed(listed, root))
    for details in listed:
        path = tuple(details["loc"])
        is_name = details["type"] == "extra_forbidden"
        place = document.key_place(path) if is_name else document.place(path)
        known = (details["input"] is None and place.line in said) or place[:3] in spots
        if known or (details["type"] == "missing" and path in renamed):
            continue
        if odd := _find_odd_space(document, details, path):
            yield odd
            continue
        message, hint = _say(details, path, root)
        if details["type"] == "string_type" and details["input"] and (written := _find_bracketed(document, place)):
            message, hint = written
        yield make_problem(document, place, message, hint)


def _find_renamed(listed: Iterable[ErrorDetails], root: type[Fields]) -> Iterator[Path]:
    """Yield the paths of the fields that are there under a name that is nearly theirs: they are not missing as well."""
    for details in listed:
        path = tuple(details["loc"])
        if details["type"] == "extra_forbidden":
            names = _names_at(path, root)
            yield from ((*path[:-1], name) for name in names if f"'{name}'" in _suggest_name(str(path[-1]), names))


def _find_odd_space(document: Document, details: ErrorDetails, path: Path) -> Problem | None:
    """Return the error of a space that only looks like one, in a name or in a value of a strict form."""
    if details["type"] == "extra_forbidden":
        return find_odd_space_problem(document, path)
    odd = _ODD_IN_NAME.search(details["input"]) if details["type"] == "string_pattern_mismatch" else None
    if odd is None:
        return None
    place = document.place_within(path, odd.start(), odd.end())
    return Problem(Severity.ERROR, *_order(place, odd[0]), document.line(place.line))


def _order(place: Place, space: str) -> tuple[str, Place, str]:
    message, hint = describe_space(space)
    return message, place, hint


def _find_bracketed(document: Document, place: Place) -> tuple[str, str] | None:
    """Return what to say of a text that was taken for a list or group because of its first sign: `text: {yy}`."""
    line = document.line(place.line)
    sign = line[place.column - 1 : place.column]
    dash, key, value = split_line(line)
    if sign not in ("[", "{") or not value.startswith(sign):
        return None
    return f"A text cannot begin with '{sign}' unless it is in quotes.", f"Type `{dash}{key}{quote(value)}`."


def find_problem(
    document: Document, path: Path, message: str, hint: str = "", severity: Severity = Severity.ERROR
) -> Problem:
    """Return a problem at the value of a path, with its line."""
    return make_problem(document, document.place(path), message, hint, severity)


def find_name_problem(document: Document, path: Path, message: str, hint: str = "") -> Problem:
    """Return an error at the name that a path ends in, with its line."""
    return make_problem(document, document.key_place(path), message, hint)


def make_problem(
    document: Document, place: Place, message: str, hint: str = "", severity: Severity = Severity.ERROR
) -> Problem:
    """Return a problem at a place, with its line. Of what it quotes from the file no more is kept than can be read."""
    return Problem(severity, cut_words(message), place, cut_words(hint), document.line(place.line))


def find_odd_space_problem(document: Document, path: Path) -> Problem | None:
    """Return the error of a space that only looks like one in the name that a path ends in, None if it has none.

    With such a space after it, the colon of `text: Help: call 101` is no colon, and the name goes on to the second.
    """
    odd = _ODD_IN_NAME.search(str(path[-1]))
    if odd is None:
        return None
    place = document.key_place(path)
    line, column = document.line(place.line), place.column + odd.start()
    if line[column - 1 : column] == odd[0]:  # not where the name has quotes
        place = place._replace(column=column, width=1)
    message, hint = describe_space(odd[0])
    return Problem(Severity.ERROR, message, place, hint, line)


def _names_at(path: Path, root: type[Fields]) -> list[str]:
    """Return the names that may stand beside the last of a path."""
    model, is_account = root, False
    for step in path[:-1]:
        if not is_account:
            model = _KNOWN.get(str(step), model)
        is_account = step == "variants" and not is_account
    return list(model.names)


def _say(details: ErrorDetails, path: Path, root: type[Fields]) -> tuple[str, str]:
    """Return what to say of a pydantic error, and what to do about it."""
    kind, value = details["type"], details["input"]
    whole = next((step for step in reversed(path) if isinstance(step, str)), "")
    name = whole.partition(":")[0]  # what follows is a value, of which no space sets it apart
    if kind == "missing":
        return f"'{name}' is missing here.", _TO_ADD.get(name, f"Add a line '{name}: …'.")
    if kind == "extra_forbidden" and name != whole:
        return "A space is missing after the first colon.", "Type one there."
    if kind == "extra_forbidden":
        return f"No field is called '{_shorten(name)}' here.", _suggest_name(name, _names_at(path, root))
    if name in _MAY_BE_NONE and not value:
        return f"'{name}' is empty.", _HINT_IF_NONE
    if value is None and path and isinstance(path[-1], int):
        return "This item is empty.", "Write something after the '- ', or take the line out."
    if value is None or (isinstance(value, str) and not value.strip()):
        return f"'{name}' is empty.", _HINT_AFTER_NAME
    if kind == "flag":
        word = f"'{_shorten(value)}'" if isinstance(value, str) else "This"
        return f"{word} is neither yes nor no.", "Write yes or no."
    if kind == "string_pattern_mismatch":
        from scheduler.sources.field_advice import advise_form  # it is needed only where something is wrong

        return advise_form(value, details["ctx"]["pattern"], name, in_list=isinstance(path[-1], int))
    return _say_of_kind(kind, value, name, path)


def _say_of_kind(kind: str, value: Any, name: str, path: Path) -> tuple[str, str]:
    """Return what to say of a value that is text, a list or a group and should be another of these."""
    if kind == "list_type" and name in {"posts", "thread"}:
        return f"'{name}' must be a list.", _UNNAMED[name].format(_shorten(value) if isinstance(value, str) else "…")
    if kind == "list_type" and isinstance(value, dict) and name in {"accounts", "tags"}:
        return f"'{name}' must be a list.", f"Type `{name}: [{_shorten(', '.join(map(str, value)))}]`."
    if kind == "string_type":
        return f"'{name}' must be text.", "Write it on one line, or after '|' on the lines below."
    if kind == "list_type" and name == "images" and isinstance(value, str):
        return "'images' must be a list.", _UNNAMED[name].format(_shorten(value))
    if kind == "list_type":
        return f"'{name}' must be a list.", "Begin each item with '- '."
    if kind == "too_short":
        return f"'{name}' holds nothing.", "Add at least one."
    if name == "link":
        return "'link' must be one web address.", "Write `link: https://…`."
    if kind == "dict_type" and path[0] == "accounts" and len(path) > 1:
        hint = "Write `platform: …` and what else the account needs below it, each on a line of its own, further in."
        return f"'{name}' must hold the settings of an account.", hint
    if kind == "dict_type":
        return f"'{name}' must hold the names of accounts.", "Write a line 'name:' for each, further in."
    holder = name if path and isinstance(path[-1], int) else "variants"
    hint = _UNNAMED.get(holder, "").format(_shorten(value) if isinstance(value, str) else "…")
    return "This must be made of lines such as `name: value`.", hint


def _suggest_name(name: str, known: list[str]) -> str:
    meant = _MEANT.get(name.strip().lower())
    if meant in known:
        return f"Did you mean '{meant}'?"
    near = suggest(name, known) if len(name) < 60 else ""
    if near and not name.isascii():
        near += " Some of these letters only look like the right ones."
    others = f"Known here: {', '.join(known[:_MAX_NAMED])}{', …' if len(known) > _MAX_NAMED else ''}."
    return near or ("If it belongs to the text above, move it further in." if name[:1].isupper() else others)


def _shorten(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:57] + "…"
