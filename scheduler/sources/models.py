"""What may stand in a calendar and in the settings, as pydantic models: every value comes as text.

Checks across fields are a separate pass (`calendar.py`, `settings.py`), because pydantic leaves its own out once a
field has failed, and every problem is to be reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from scheduler.domain.problem import Place, Problem, Severity, suggest
from scheduler.sources.yaml_text import Document, Path


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_link(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


def _as_flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in {"yes", "true", "on"}:
        return True
    if word in {"no", "false", "off"}:
        return False
    raise PydanticCustomError("flag", "'{word}' is neither yes nor no. Write yes or no.", {"word": value})


Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Hashtag = Annotated[str, StringConstraints(pattern=r"^#[^\s#]+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")]
Flag = Annotated[bool, BeforeValidator(_as_flag)]


class Fields(BaseModel):
    """Named fields; a name that is not known is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LinkFields(Fields):
    """A link with the words of its card."""

    url: Url
    title: Text | None = None
    description: Text | None = None


class ImageFields(Fields):
    """A picture beside the calendar, and what it shows in words."""

    file: Text
    alt: Text


LinkField = Annotated[LinkFields, BeforeValidator(_as_link)]
Hashtags = Annotated[list[Hashtag], BeforeValidator(_as_list)]
Ids = Annotated[list[Id], BeforeValidator(_as_list)]


class PartFields(Fields):
    """One message."""

    text: Text | None = None
    link: LinkField | None = None
    images: list[ImageFields] | None = None


class TargetFields(PartFields):
    """What differs for one account."""

    thread: list[PartFields] | None = None
    hashtags: Hashtags | None = None


class PostFields(TargetFields):
    """One message of the campaign, or a thread."""

    id: Id
    when: Text
    accounts: Ids | None = None
    tags: Ids | None = None
    variants: dict[Text, TargetFields] | None = None
    not_after: Text | None = None
    draft: Flag | None = None
    language: Text | None = None


class CalendarFields(Fields):
    """A calendar file."""

    campaign: Id
    date: Text
    posts: list[PostFields] = Field(min_length=1)
    name: Text | None = None
    until: Text | None = None
    accounts: Ids | None = None
    hashtags: Hashtags | None = None
    tags: Ids | None = None
    not_after: Text | None = None
    timezone: Text | None = None
    draft: Flag | None = None
    language: Text | None = None


class SettingsFields(Fields):
    """The settings file."""

    calendars: Text = "campaigns"
    ledger: Text = "sqlite:///ledger.db"
    state: Text = "state"
    timezone: Text = "Europe/London"
    not_after: Text = "2 hours"
    workers: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")] = "20"
    reconcile_after: Text = "60 seconds"
    minimum_gap: Text = "0 seconds"
    alerts: Annotated[list[Text], BeforeValidator(_as_list)] = []
    health: Text = "off"
    accounts: dict[Id, dict[str, Text]]


def read_problems(failure: ValidationError, document: Document) -> Iterator[Problem]:
    """Yield what pydantic found, in plain words, each at its place in the document."""
    for details in failure.errors(include_url=False):
        path = tuple(details["loc"])
        is_name = details["type"] in {"extra_forbidden"} or path[-1:] == ("[key]",)
        place = document.key_place(path) if is_name else document.place(path)
        message, hint = _say(details, path)
        yield Problem(Severity.ERROR, message, place, hint, document.line(place.line))


def find_problem(
    document: Document, path: Path, message: str, hint: str = "", severity: Severity = Severity.ERROR
) -> Problem:
    """Return a problem at the value of a path, with its line."""
    place = document.place(path)
    return Problem(severity, message, place, hint, document.line(place.line))


def point_within(document: Document, place: Place, start: int, end: int) -> Place:
    """Return the place of the characters [start, end) of a value that stands on one line, if it can be told."""
    if end <= start or end > place.width:
        return place
    quote = document.line(place.line)[place.column - 1 : place.column] in {'"', "'"}
    return place._replace(column=place.column + start + quote, width=end - start)


_KNOWN: Mapping[str, type[Fields]] = {
    "posts": PostFields,
    "thread": PartFields,
    "images": ImageFields,
    "variants": TargetFields,
    "link": LinkFields,
}


def _names_at(path: Path, root: Iterable[str]) -> Iterable[str]:
    for step in reversed(path[:-1]):
        if step in _KNOWN:
            return _KNOWN[str(step)].model_fields
    return root


_PATTERN_WORDS = {
    "Id": ("cannot be an id.", "Use letters, digits, '-' and '_' only, at most 100 of them."),
    "Hashtag": ("is not a hashtag.", 'Begin it with # and leave no spaces, in quotes: "#HelpingHands".'),
    "Url": ("is not a web address.", "Write the whole address, beginning with https://"),
    "Number": ("is not a whole number from 1 to 999.", "Write a number such as 20."),
}


def _which_pattern(pattern: str) -> str:
    for word, start in (("Id", "^[A-Za"), ("Hashtag", "^#"), ("Url", "^https")):
        if pattern.startswith(start):
            return word
    return "Number"


def _say(details: ErrorDetails, path: Path) -> tuple[str, str]:
    """Return what to say of a pydantic error, and what to do about it."""
    kind, value, name = details["type"], details["input"], next((s for s in reversed(path) if isinstance(s, str)), "")
    if kind == "missing":
        return f"'{name}' is missing here.", f"Add a line '{name}: …'."
    if kind == "extra_forbidden":
        root = SettingsFields if path[:1] == ("accounts",) else CalendarFields
        known = list(_names_at(path, [*root.model_fields, *SettingsFields.model_fields]))
        return f"No field is called '{name}' here.", suggest(name, known) or f"Known here: {', '.join(known)}."
    if kind == "flag":
        return details["msg"].split(". ", 1)[0] + ".", "Write yes or no."
    if value is None or (isinstance(value, str) and not value.strip()):
        return f"'{name}' is empty.", "Write something after the colon, or take the line out."
    if kind == "string_pattern_mismatch":
        message, hint = _PATTERN_WORDS[_which_pattern(str(details["ctx"]["pattern"]))]
        return f"'{value}' {message}", hint
    if kind == "string_type":
        return f"'{name}' must be text.", "Write it on one line, or after '|' on the lines below."
    if kind == "list_type":
        return f"'{name}' must be a list.", "Begin each item with '- '."
    if kind == "too_short":
        return f"'{name}' holds nothing.", "Add at least one."
    return f"'{name or 'The file'}' must hold named fields.", "Write lines such as 'name: value' below it."
