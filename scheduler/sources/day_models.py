"""What may stand in a file of awareness days: the catalogue that comes with the program, and the team's own days.yaml.

It is a module of its own since a calendar without `day:` needs none of it.
"""

from __future__ import annotations

from typing import Annotated, Any

from scheduler.sources.fields import Fields
from scheduler.sources.models import Count, Flag, Hashtag, Hashtags, Id, Ids, Text, Year, as_list


def as_year(value: Any) -> Any:
    return {"on": value} if isinstance(value, str) else value


class YearFields(Fields):
    """What is known of one year, or decided for it."""

    on: Text | None = None
    """The date, or the first and the last one with `to` between them.

    For example: `19 April 2027 to 23 April 2027`
    """
    status: Text | None = None
    """How sure the date is: confirmed (if nothing is written) or estimated.

    For example: `estimated`
    """
    why: Text | None = None
    """Why the date is not where the rule puts it.

    For example: `moved because of national mourning`
    """
    not_held: Text | None = None
    """Why the day is not held at all in that year.

    For example: `the organiser has let it go this year`
    """
    skip: Text | None = None
    """Why your team does nothing for it in that year.

    For example: `nobody is free that week`
    """
    source: Text | None = None
    """Who says so: an address, or a person.

    For example: `https://www.suzylamplugh.org/news/upcoming-campaigns`
    """
    verified: Text | None = None
    """The day on which somebody last looked there.

    For example: `25 November 2026`
    """
    hashtags: Hashtags | None = None
    """Hashtags of that year only.

    For example: `"#CEnomorein24"`
    """
    themes: Annotated[list[Text], as_list] | None = None
    """The theme of the first day, of the second, and so on.

    For example: `[Listening, Cuckooing]`
    """


YearField = Annotated[YearFields, as_year]


class EraFields(Fields):
    """What is different from a year on."""

    name: Text | None = None
    """What it is called from then on.

    For example: `Open Weekend`
    """
    rule: Text | None = None
    """When it is from then on.

    For example: `last Saturday of June`
    """
    days: Count | None = None
    """How many days it lasts from then on.

    For example: `2`
    """
    hashtags: Hashtags | None = None
    """Its hashtags from then on.

    For example: `["#OpenWeekend{yy}"]`
    """


class DayFields(Fields):
    """An awareness day."""

    name: Text
    """What it is called, in full.

    For example: `Open Day of Leicestershire Police`
    """
    rule: Text
    """When it is, by a rule in words.

    For example: `first Saturday of July`, `announced`
    """
    days: Count | None = None
    """How many days it lasts: 1, or what the rule says, if nothing is written.

    For example: `7`
    """
    organiser: Text | None = None
    """Who decides when it is.

    For example: `Leicestershire Police`
    """
    topics: Ids | None = None
    """What it is about.

    For example: `[child-exploitation, cse]`
    """
    hashtags: Hashtags | None = None
    """Its hashtags; {yy} and {yyyy} are the year.

    For example: `["#CEADay{yy}"]`
    """
    source: Annotated[list[Text], as_list] | None = None
    """Where its date can be looked up.

    For example: `https://www.example.org/open-day`, `[https://www.example.org, Resolve by telephone]`
    """
    verified: Text | None = None
    """The day on which somebody last looked there.

    For example: `25 November 2026`
    """
    from_year: dict[Year, EraFields] | None = None
    """What is different from a year on.

    For example: `{2028: {name: Open Weekend, days: 2}}`
    """
    dates: dict[Year, YearField] | None = None
    """The years of which something is known beside the rule.

    For example: `{2027: 3 July 2027}`, `{2026: {not_held: the yard is being built}}`
    """
    former_names: dict[Text, Year] | None = None
    """Other names that it does not go by any more, each with the first year without it.

    For example: `{CSE Day: 2020}`
    """
    retired_hashtags: dict[Hashtag, Year] | None = None
    """Hashtags that are used no more, each with the first year without it.

    For example: `{"#CSEDay{yy}": 2020}`
    """
    theme_each_day: Flag | None = None
    """Whether each of its days has a theme of its own.

    For example: `yes`
    """
    note: Text | None = None
    """What is good to know of it.

    For example: `The organisers say the first full week of February.`
    """


class DaysFields(Fields):
    """A file of awareness days."""

    days: dict[Id, DayFields] | None = None
    """Days, by their ids.

    For example: `{open-day: {name: Open Day of Leicestershire Police, rule: first Saturday of July}}`
    """
    dates: dict[Id, dict[Year, YearField]] | None = None
    """What is known or decided of single years: the id of a day, and below it the year.

    For example: `{black-friday: {2027: {skip: nobody is free that week}}}`
    """
    verified: Text | None = None
    """The day on which the sources of all days were last looked at, where they do not say it themselves.

    For example: `25 November 2026`
    """
