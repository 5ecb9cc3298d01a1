"""Which column of a spreadsheet is which field: by its heading, or else by what stands below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scheduler.domain.toolkit_when import reads_as_day

# Field → the headings that toolkits, content calendars and bulk uploads give it.
_HEADINGS: Mapping[str, str] = {
    "ref": "ref|reference|id|post id|post ref|no|number|post no|post number|item|post",
    "campaign": "campaign",
    "date": "date|post date|posting date|publish date|publication date|scheduled date|go live date|day and date"
    "|day date|when|date and time|date time|schedule|timing|due",
    "time": "time|post time|posting time|publish time|scheduled time|time of day|time uk",
    "theme": "theme|day theme|topic|subject|pillar|day",
    "channels": "channel|channels|platform|platforms|account|accounts|network|networks|social channel|social channels",
    "text": "text|copy|suggested copy|post copy|post text|message|suggested post|suggested text|caption|content"
    "|social copy|social media copy|body|long copy|long version|suggested copy long|suggested social copy|wording"
    "|suggested wording|post content|suggested message|template copy",
    "short": "short|short copy|short version|short text|suggested copy short|shorter version|short post",
    "image": "image|images|image file|image video file or link|image file name|picture|pictures|photo|graphic|visual"
    "|visuals|visual link|asset|assets|file|file name|filename|media|image or video|image video",
    "alt": "alt|alt text|alternative text|image description|alt text for image",
    "hashtags": "hashtag|hashtags|tags",
    "mentions": "handle|handles|handles to tag|mentions|mention|accounts to tag|tag|who to tag",
    "link": "link|links|url|web link|website|web page|landing page|link to include|website link",
    "contact": "call to action|cta|helpline|call to action helpline|contact|phone|phone number|telephone",
    "language": "language|lang",
    "embargo": "embargo|embargoed until|embargo until|not before|embargo date",
    "owner": "owner|author|lead|responsible|contact person|owned by",
    "status": "status|approved by|approval|status approved by|sign off|signed off|approved",
    "audience": "audience|target audience|audiences",
    "notes": "notes|note|comments|comment|remarks",
}
FIELDS = (*_HEADINGS, "nothing")
"""What a column may be told to be; also `text:PLATFORM`, the words for one platform."""

PLATFORM_NAMES: Mapping[str, str] = {
    **dict.fromkeys(["x", "twitter", "tweet", "x twitter", "twitter x", "x formerly twitter"], "x"),
    **dict.fromkeys(["facebook", "fb", "facebook page", "meta"], "facebook"),
    **dict.fromkeys(["instagram", "insta", "ig"], "instagram"),
    **dict.fromkeys(["linkedin", "linked in"], "linkedin"),
    **dict.fromkeys(["bluesky", "bsky", "blue sky"], "bluesky"),
    **dict.fromkeys(["teams", "microsoft teams", "ms teams"], "teams"),
    **dict.fromkeys(["youtube", "you tube", "yt"], "youtube"),
    **{name: name for name in ("mastodon", "threads", "telegram", "discord", "slack", "nextdoor", "whatsapp")},
    "noticeboard": "noticeboard",
}
"""What people call a platform, in plain small letters → its name here."""

_KNOWN = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split("|")}
_COPY_WORDS = {"copy", "text", "post", "caption", "version", "message", "wording", "suggested"}
_VAGUE = {
    "post",
    "no",
    "number",
    "item",
    "id",
    "day",
    "tag",
    "tags",
    "file",
    "lead",
    "due",
    "when",
    "contact",
    "approved",
}
"""Headings by themselves, which mean nothing among other words."""
_LONG = 40  # characters: words below a heading that is not known are posts if they are longer on average


class Column(NamedTuple):
    """A column by its number from 0: its heading, the field it is (empty: not used), and how sure that is."""

    number: int
    heading: str
    field: str = ""
    sure: str = ""


def simplify(words: str) -> str:
    """Return words in small letters, without signs: `Alt-Text (image)` is `alt text image`."""
    return " ".join(re.sub(r"[^\w#]+", " ", words.lower().replace("(s)", "s")).replace("_", " ").split())


def guess_columns(headings: Sequence[str], samples: Sequence[Sequence[str]], told: Mapping[str, str]) -> list[Column]:
    """Return what each column is. `samples` are rows below the headings; `told` says of a heading what it is.

    A field is taken once, by the column that is surest of it; `nothing` leaves a column out.
    """
    by_heading = {simplify(heading): field for heading, field in told.items()}
    columns = [_guess(index, heading, by_heading) for index, heading in enumerate(headings)]
    columns = _drop_twins(columns)
    if all(column.field != "text" for column in columns):
        columns = _promote_copy(columns, samples)
    if all(column.field != "date" for column in columns):
        columns = _promote_day(columns, samples)
    return columns


def count_known(headings: Sequence[str], told: Mapping[str, str]) -> int:
    """Return how many cells of a row are headings that are known for certain."""
    names = {simplify(heading) for heading in told}
    known = [
        heading
        for heading in headings
        if simplify(heading) in names or (len(heading) < 60 and _guess(0, heading, {}).sure == "sure")
    ]
    return len(known)


def _guess(index: int, heading: str, told: Mapping[str, str]) -> Column:
    name = simplify(heading)
    if name in told:
        field = told[name]
        return Column(index, heading, "" if field == "nothing" else field, "told")
    if name in _KNOWN or name == "#":
        return Column(index, heading, _KNOWN.get(name, "ref"), "sure")
    plain = simplify(re.sub(r"\(.*?\)|\[.*?\]", " ", heading))
    if plain in _KNOWN:
        return Column(index, heading, _KNOWN[plain], "sure")
    if platform := _find_platform(name):
        return Column(index, heading, f"text:{platform}", "likely")
    words = name.split()
    within = [known for known in _KNOWN if known not in _VAGUE and _find(words, known.split()) >= 0]
    best = max(within, key=lambda known: (len(known.split()), -_find(words, known.split())), default="")
    return Column(index, heading, _KNOWN[best], "likely") if best else Column(index, heading)


def _find_platform(name: str) -> str:
    """Return the platform whose words a column holds, `x` for "x copy" and for "suggested tweet"; empty if none."""
    rest = " ".join(word for word in name.split() if word not in _COPY_WORDS)
    return PLATFORM_NAMES.get(rest, "")


def _find(words: list[str], part: list[str]) -> int:
    """Return where some words stand within others, -1 if nowhere."""
    starts = range(len(words) - len(part) + 1)
    return next((start for start in starts if words[start : start + len(part)] == part), -1)


def _drop_twins(columns: list[Column]) -> list[Column]:
    order = ["told", "sure", "likely", ""]
    owners: dict[str, int] = {}
    for column in sorted(columns, key=lambda each: order.index(each.sure)):
        if column.field:
            owners.setdefault(column.field, column.number)
    return [
        column
        if not column.field or owners.get(column.field) == column.number
        else Column(column.number, column.heading)
        for column in columns
    ]


def _promote_copy(columns: list[Column], samples: Sequence[Sequence[str]]) -> list[Column]:
    """Take for the text what there is of it: the words for one platform, the short ones, or the longest column."""
    for start in ("short", "text:"):
        found = next((column for column in columns if column.field.startswith(start)), None)
        if found is not None:
            return _replace(columns, found._replace(field="text"))
    lengths = {
        column.number: _mean_length(column.number, samples)
        for column in columns
        if not column.field and column.sure != "told"
    }
    longest = max(lengths, key=lambda index: lengths[index], default=-1)
    if longest < 0 or lengths[longest] < _LONG:
        return columns
    return _replace(columns, columns[longest]._replace(field="text", sure="by its contents"))


def _promote_day(columns: list[Column], samples: Sequence[Sequence[str]]) -> list[Column]:
    for column in columns:
        cells = [row[column.number] for row in samples if column.number < len(row) and row[column.number].strip()]
        is_free = column.field in {"", "theme"} and column.sure != "told"
        if is_free and cells and 2 * sum(map(reads_as_day, cells)) > len(cells):
            return _replace(columns, column._replace(field="date", sure="by its contents"))
    return columns


def _replace(columns: list[Column], column: Column) -> list[Column]:
    return [column if each.number == column.number else each for each in columns]


def _mean_length(index: int, samples: Sequence[Sequence[str]]) -> float:
    cells = [row[index] for row in samples if index < len(row) and row[index].strip()]
    return sum(map(len, cells)) / len(cells) if cells else 0.0
