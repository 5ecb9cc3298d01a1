"""What may stand in a calendar and in the settings: every value comes as text.

Checks across fields are a separate pass (`calendar.py`, `settings.py`), so that every problem is reported at once.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from scheduler.sources.fields import Fields


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


Text = Annotated[str, ("min_length", 1), ("pattern", r"\S")]
Id = Annotated[str, ("pattern", r"^[A-Za-z0-9_-]{1,100}$")]
Hashtag = Annotated[str, ("pattern", r"^#[^\s#]+$")]
Url = Annotated[str, ("pattern", r"^https?://[^\s/]+\S*$")]
Year = Annotated[str, ("pattern", r"^[0-9]{4}$")]
Count = Annotated[str, ("pattern", r"^[1-9][0-9]{0,2}$")]
# BCP 47 (RFC 5646): a language in two or three letters, then a script, a region and the like.
Language = Annotated[str, ("pattern", r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$")]
Flag = Annotated[bool, _as_flag]


class LinkFields(Fields):
    """A link with the words of its card."""

    url: Url
    title: Text | None = None
    description: Text | None = None


class ImageFields(Fields):
    """A picture beside the calendar, and what it shows in words."""

    file: Text
    alt: Text


LinkField = Annotated[LinkFields, _as_link]
Hashtags = Annotated[list[Hashtag], _as_list]
Ids = Annotated[list[Id], _as_list]


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
    language: Language | None = None
    embargo: Text | None = None


class CalendarFields(Fields):
    """A calendar file."""

    campaign: Id
    posts: Annotated[list[PostFields], ("min_length", 1)]
    date: Text | None = None
    day: Id | None = None
    year: Year | None = None
    name: Text | None = None
    until: Text | None = None
    accounts: Ids | None = None
    hashtags: Hashtags | None = None
    tags: Ids | None = None
    not_after: Text | None = None
    timezone: Text | None = None
    draft: Flag | None = None
    language: Language | None = None
    embargo: Text | None = None


class HabitsFields(Fields):
    """What the team holds to, and is warned of."""

    posting_hours: Text | None = None
    staffed_hours: Text | None = None
    gap: Text | None = None
    daily_cap: Count | None = None
    nation: Text | None = None


class SettingsFields(Fields):
    """The settings file."""

    calendars: Text = "campaigns"
    days: Text = "days.yaml"
    ledger: Text = "sqlite:///ledger.db"
    state: Text = "state"
    timezone: Text = "Europe/London"
    not_after: Text = "2 hours"
    workers: Count = "20"
    reconcile_after: Text = "60 seconds"
    minimum_gap: Text = "0 seconds"
    alerts: Annotated[list[Text], _as_list] | None = None
    health: Text = "off"
    habits: HabitsFields | None = None
    accounts: dict[Id, dict[str, Text]]
