"""What may stand in a calendar and in the settings, as pydantic models: every value comes as text.

Checks across fields are a separate pass (`calendar.py`, `settings.py`), because pydantic leaves its own out once a
field has failed, and every problem is to be reported at once.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_link(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


def _as_flag(value: Any) -> Any:
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in {"yes", "true", "on"}:
        return True
    if word in {"no", "false", "off"}:
        return False
    raise PydanticCustomError("flag", "This is neither yes nor no.")


class _NeverEmpty:
    """A field that may be left out and yet not be empty: `draft:` with nothing after it must not mean `draft: no`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Hashtag = Annotated[str, StringConstraints(pattern=r"^#[^\s#]+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
_Value = TypeVar("_Value")
Maybe = Annotated[_Value | None, _NeverEmpty()]


class Fields(BaseModel):
    """Named fields; a name that is not known is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LinkFields(Fields):
    """A link with the words of its card."""

    url: Url
    title: Maybe[Text] = None
    description: Maybe[Text] = None


class ImageFields(Fields):
    """A picture beside the calendar, and what it shows in words."""

    file: Text
    alt: Text


LinkField = Annotated[LinkFields, BeforeValidator(_as_link)]
Hashtags = Annotated[list[Hashtag], BeforeValidator(_as_list)]
Ids = Annotated[list[Id], BeforeValidator(_as_list)]


class PartFields(Fields):
    """One message."""

    text: Maybe[Text] = None
    link: Maybe[LinkField] = None
    images: Maybe[list[ImageFields]] = None


class TargetFields(PartFields):
    """What differs for one account."""

    thread: Maybe[list[PartFields]] = None
    hashtags: Maybe[Hashtags] = None


class PostFields(TargetFields):
    """One message of the campaign, or a thread."""

    id: Id
    when: Text
    accounts: Maybe[Ids] = None
    tags: Maybe[Ids] = None
    variants: Maybe[dict[Text, TargetFields]] = None
    not_after: Maybe[Text] = None
    draft: Maybe[Flag] = None
    language: Maybe[Text] = None


class CalendarFields(Fields):
    """A calendar file."""

    campaign: Id
    date: Text
    posts: list[PostFields] = Field(min_length=1)
    name: Maybe[Text] = None
    until: Maybe[Text] = None
    accounts: Maybe[Ids] = None
    hashtags: Maybe[Hashtags] = None
    tags: Maybe[Ids] = None
    not_after: Maybe[Text] = None
    timezone: Maybe[Text] = None
    draft: Maybe[Flag] = None
    language: Maybe[Text] = None


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
