"""A toolkit's table of posts → posts as a calendar writes them, with all that a person has still to settle."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from scheduler.domain.blanks import find_blanks
from scheduler.domain.columns import Column, count_known, guess_columns
from scheduler.domain.problem import suggest
from scheduler.domain.toolkit_when import CellValue, find_length
from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import CellPlace, Sheet, SheetRow

Fields = dict[str, Any]
_TITLE_ROWS = 30  # above the headings there may be titles and advice
_WORDS_IN_ID = 5
_MAX_TITLE = 120  # characters; longer ones are advice
_MOST_ROWS = 8  # that are named in a note


class Finding(NamedTuple):
    """What somebody must know of a cell; `blank` is the blank that is to be filled in, if it is one."""

    place: CellPlace
    message: str
    hint: str = ""
    blank: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message} {self.hint}".rstrip()


class FoundPicture(NamedTuple):
    """A picture: `path` as the calendar is to name it, and whether it is there.

    If not, `elsewhere` is where there is one of its name that cannot be taken, as people see that path, or empty.
    """

    path: str
    is_there: bool
    elsewhere: str = ""


class Surroundings(Protocol):
    """What a toolkit is read for: the accounts there are, the campaign's date and zone, the pictures that are there."""

    accounts: Sequence[str]  # those of a post that names no channel
    platforms: Mapping[str, str]  # of each account
    day: date | None
    length: int | None  # in days, None if nobody has said it
    is_new: bool  # whether the calendar is to be written, and can say how long the campaign is
    zone: ZoneInfo

    def fits(self, account: str, text: str) -> bool:
        """Return whether a text is short enough for an account."""
        ...

    def find_picture(self, name: str) -> FoundPicture:
        """Return what is known of a picture that a toolkit names."""
        ...


class ToolkitPost(NamedTuple):
    """One post: `fields` as a calendar has them, but for the id. `to_settle` is why it is a draft, if it is one.

    `joined` are the numbers of further rows that it is made of, `homeless` the channels that are no account. With
    `has_spare` there are short words too, which no account needs: they are among its notes.
    """

    id: str
    ref: str
    place: CellPlace
    fields: Fields
    notes: tuple[str, ...] = ()
    to_settle: tuple[str, ...] = ()
    needs_day: bool = False
    day: date | None = None
    campaign: str = ""
    is_example: bool = False
    joined: tuple[int, ...] = ()
    homeless: tuple[str, ...] = ()
    has_spare: bool = False

    @property
    def rows(self) -> tuple[int, ...]:
        """Return the numbers of the rows that it is made of."""
        return (self.place.row, *self.joined)


class Toolkit(NamedTuple):
    """What a table of posts holds. `heading_row` is the number of the row with its headings.

    `length` is how many days the campaign has: as it was told, else as the rows of a new one say; None if they do not.
    `title` is what stands alone above the headings, empty if nothing does; `notes` say what was not taken over.
    """

    sheet: Sheet
    columns: Sequence[Column]
    heading_row: int
    posts: Sequence[ToolkitPost]
    findings: Sequence[Finding]
    length: int | None = None
    title: str = ""
    notes: Sequence[str] = ()


def read_toolkit(sheet: Sheet, told: Mapping[str, str], surroundings: Surroundings) -> Toolkit:
    """Return the posts of a sheet. Raise UsageError, with what to do, if there is no table of posts in it."""
    from scheduler.sources.toolkit_rows import read_rows

    at = _find_headings(sheet, told)
    headings = [" ".join(cell.text.split()) for cell in sheet.rows[at].cells]
    _refuse_unknown(told, headings, sheet)
    below = sheet.rows[at + 1 :]
    columns = guess_columns(headings, [[cell.text for cell in row.cells] for row in below[:200]], told)
    if all(column.field != "text" and not column.field.startswith("text:") for column in columns):
        raise UsageError(_ask_for_text(sheet, columns))
    findings: list[Finding] = []
    length = surroundings.length
    if length is None and surroundings.is_new and surroundings.day is not None:
        length = find_length(_list_days(columns, below))
    posts = read_rows(sheet, columns, below, surroundings, findings, length)
    kept = _drop_example(posts, findings)
    if not kept:
        raise UsageError(f"There is no post below the headings in {sheet.file}.")
    named, notes = _name_posts(_join_rows(kept, findings)), _note_left_out(posts, kept)
    title = _find_title(sheet.rows[:at])
    return Toolkit(sheet, columns, sheet.rows[at].number, named, findings, length, title, notes)


def _find_title(rows: Iterable[SheetRow]) -> str:
    """Return the first words that stand alone in a row above the headings, if they can be a campaign's name."""
    for row in rows:
        words = {" ".join(cell.text.split()) for cell in row.cells} - {""}
        title = words.pop() if len(words) == 1 else ""
        if title and len(title) <= _MAX_TITLE and title[-1] not in ".:!?" and "://" not in title:
            return "" if find_blanks(title) else title
    return ""


def _note_left_out(posts: Sequence[ToolkitPost], kept: Sequence[ToolkitPost]) -> list[str]:
    """Return what is to be said of rows and cells that were not taken over, and need nobody's look."""
    examples = [str(post.place.row) for post in posts if post.is_example and post not in kept]
    spare = [str(post.place.row) for post in kept if post.has_spare]
    notes = [f"row {' and '.join(examples)} is the template's example, and is left out"] if examples else []
    if spare:
        rows = f"{', '.join(spare[:_MOST_ROWS])}{', …' if spare[_MOST_ROWS:] else ''}"
        which = "row" if len(spare) == 1 else "rows"
        notes.append(f"the short words of {which} {rows} are kept as a note: the long ones fit each account")
    return notes


def _list_days(columns: Iterable[Column], rows: Iterable[SheetRow]) -> Iterator[CellValue]:
    """Yield what says the days of rows: the cells for it, and what stands alone as a heading of some rows."""
    numbers = [column.number for column in columns if column.field == "date"]
    for row in rows:
        filled = [cell.value for cell in row.cells if cell.text.strip()]
        yield from filled if len(filled) == 1 else [row.cell(number).value for number in numbers]


def make_id(words: str, otherwise: str) -> str:
    """Return an id made of the first of some words: small letters without accents, digits and '-'."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    listed = re.findall(r"[a-z0-9]+", re.sub(r"['’]|https?://\S+", "", plain))[:_WORDS_IN_ID]
    return "-".join(listed)[:60].strip("-") or otherwise


def _find_headings(sheet: Sheet, told: Mapping[str, str]) -> int:
    """Return which row holds the headings: of the first ones that with most headings that are known."""
    rows: Sequence[SheetRow] = sheet.rows[:_TITLE_ROWS]
    known = [count_known([cell.text for cell in row.cells], told) for row in rows]
    most = max(known, default=0)
    needed = 1 if told else 2
    if most < needed:
        where = f"the sheet {sheet.name} of {sheet.file}" if sheet.name else sheet.file
        hint = "Above the posts there must be a row such as: Date, Time, Channels, Text. Name yours with --map"
        raise UsageError(f'No row of headings is found in {where}. {hint} "Your heading=text,Another=date".')
    return known.index(most)


def _refuse_unknown(told: Mapping[str, str], headings: Sequence[str], sheet: Sheet) -> None:
    from scheduler.domain.columns import simplify

    known = {simplify(heading) for heading in headings}
    for heading in told:
        if simplify(heading) not in known:
            hint = suggest(heading, headings) or f"It has: {', '.join(filter(None, headings))}."
            raise UsageError(f"{sheet.file} has no column '{heading}'. {hint}")


def _ask_for_text(sheet: Sheet, columns: Iterable[Column]) -> str:
    listed = ", ".join(column.heading for column in columns if column.heading)
    return f'Which column of {sheet.file} holds the words of the posts? Say so with --map "HEADING=text": {listed}.'


def _drop_example(posts: list[ToolkitPost], findings: list[Finding]) -> list[ToolkitPost]:
    """Leave out the template's own example, unless there is nothing else."""
    others = [post for post in posts if not post.is_example]
    if not others or len(others) == len(posts):
        return posts
    places = {post.place.row for post in posts if post.is_example}
    findings[:] = [finding for finding in findings if finding.place.row not in places]
    return others


def _join_rows(posts: Sequence[ToolkitPost], findings: list[Finding]) -> list[ToolkitPost]:
    """Make one post of the rows that have one reference and one time: they differ in where they go, and in words."""
    joined: dict[tuple[str, str, str], ToolkitPost] = {}
    seen: set[tuple[str, str]] = set()
    for number, post in enumerate(posts):
        ref = post.ref.lower()
        key = (post.campaign, ref or f"\0{number}", str(post.fields["when"]))
        first = joined.get(key)
        if first is not None and not set(first.fields["accounts"]) & set(post.fields["accounts"]):
            joined[key] = _join(first, post)
            continue
        if ref and (post.campaign, ref) in seen:
            findings.append(Finding(post.place, f"the reference '{post.ref}' is used twice.", "Both posts are kept."))
        seen.add((post.campaign, ref))
        joined[key if first is None else (*key[:2], f"{key[2]}\0{number}")] = post
    return list(joined.values())


def _join(first: ToolkitPost, other: ToolkitPost) -> ToolkitPost:
    fields = dict(first.fields)
    fields["accounts"] = [*fields["accounts"], *other.fields["accounts"]]
    differs = {
        name: other.fields[name]
        for name in ("text", "thread", "link", "images", "hashtags")
        if name in other.fields and other.fields[name] != first.fields.get(name)
    }
    own = other.fields.get("variants", {})
    variants = {name: differs | own.get(name, {}) for name in other.fields["accounts"] if differs or name in own}
    if variants:
        fields["variants"] = {**fields.get("variants", {}), **variants}
    to_settle = tuple(dict.fromkeys([*first.to_settle, *other.to_settle]))
    if to_settle:
        fields["draft"] = "yes"
    notes = tuple(dict.fromkeys([*first.notes, *other.notes]))
    return first._replace(fields=fields, notes=notes, to_settle=to_settle, joined=(*first.joined, *other.rows))


def _name_posts(posts: Sequence[ToolkitPost]) -> list[ToolkitPost]:
    """Give each post an id: its reference, or the first words of its text."""
    several = len({post.campaign for post in posts}) > 1
    names = FreeNames()
    named = []
    for post in posts:
        text = post.fields.get("text") or post.fields["thread"][0]["text"]
        wanted = _id_of_ref(post.ref) if post.ref else make_id(text, "post")
        if several and post.campaign:
            wanted = f"{make_id(post.campaign, 'campaign')}-{wanted}"
        named.append(post._replace(id=names.take(wanted)))
    return named


def _id_of_ref(ref: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,99}", ref):
        return ref
    return make_id(ref, "post") if re.match(r"\W*[^\W\d]", ref) else f"post-{make_id(ref, 'x')}"


class FreeNames:
    """Hands out ids that are not taken, whatever the case of letters: `think`, else `think-2`, and so on."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        self._last: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """Return the id wanted, or the first numbered one that is free; from now on it is taken."""
        name, number = wanted, self._last.get(wanted.lower(), 1)
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._last[wanted.lower()] = number
        self._taken.add(name.lower())
        return name
