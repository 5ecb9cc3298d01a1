"""A toolkit's posts → a calendar, and the record beside it by which the toolkit's next version is merged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scheduler.errors import UsageError
from scheduler.sources.spreadsheet import Sheet
from scheduler.sources.toolkit import Fields, ToolkitPost
from scheduler.sources.yaml_editing import write_new
from scheduler.sources.yaml_fields import make_value, note_field, plain_note

_ABOUT = (
    "What the toolkit said when it was last read. `campaign import --update` needs it: keep it beside the calendar."
)
_VERSION = 1
DRAFT_NOTE = "nothing of this campaign is sent; take this line out when all of it is agreed"


class Origin(NamedTuple):
    """Where a calendar comes from: the toolkit's file, its sheet (empty for a CSV), the SHA-256 of its bytes."""

    file: str
    sheet: str
    digest: str

    def describe(self, day: str) -> str:
        """Return the line that says so at the head of a calendar, without its sign."""
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return plain_note(f"From the toolkit {self.file}{sheet}, as it was on {day} (SHA-256 {self.digest[:12]}).")


class Record(NamedTuple):
    """What the toolkit said last time. `options` are those of the command; `posts` are in order, by their ids."""

    origin: Origin
    options: Mapping[str, Any]
    posts: Mapping[str, ToolkitRecord]


class ToolkitRecord(NamedTuple):
    """One post as the toolkit had it."""

    ref: str
    fields: Fields


def find_origin(sheet: Sheet, content: bytes) -> Origin:
    """Return where the posts of a sheet come from."""
    return Origin(Path(sheet.file).name, sheet.name, hashlib.sha256(content).hexdigest())


def write_calendar(head: Mapping[str, Any], posts: Sequence[ToolkitPost], origin: Origin, day: str, file: str) -> bytes:
    """Return the text of a new calendar: these fields first, then the posts, each below a note of its row."""
    listed = CommentedSeq()
    fields = CommentedMap({name: make_value(value) for name, value in head.items()})
    note_field(fields, "draft", DRAFT_NOTE)
    for number, post in enumerate(posts):
        listed.append(make_post(post, post.to_settle))
        listed.yaml_set_comment_before_after_key(number, before="\n" + write_note(post, origin), indent=2)
    fields["posts"] = listed
    how = f"Its next version: campaign import --update {file} NEW-FILE. What you change here stays."
    fields.yaml_set_start_comment(f"{origin.describe(day)}\n{how}\n\n")
    return write_new(fields)


def make_post(post: ToolkitPost, to_settle: Sequence[str]) -> CommentedMap:
    """Return a post as the calendar's writer takes it, with a note of what is to be settled."""
    fields: CommentedMap = make_value({"id": post.id, **post.fields})
    if to_settle and "draft" in fields:
        note_field(fields, "draft", write_reasons(to_settle))
    return fields


def write_reasons(to_settle: Sequence[str]) -> str:
    """Return the note after `draft: yes` that says what is to be done before it is taken out."""
    return "to settle: " + "; ".join(to_settle)


def write_note(post: ToolkitPost, origin: Origin) -> str:
    """Return what stands above a post: its row in the toolkit, and what of the row is not posted."""
    where = f"{origin.sheet}, row {post.place.row}" if origin.sheet else f"line {post.place.row}"
    return "\n".join([plain_note(note) for note in (f"{origin.file}: {where}", *post.notes)])


def record_path(calendar: Path) -> Path:
    """Return where the record of a calendar is kept: `ce.yaml` has `ce.toolkit.json`."""
    return calendar.with_suffix(".toolkit.json")


def write_record(record: Record) -> bytes:
    """Return the text of a record."""
    data = {
        "about": _ABOUT,
        "version": _VERSION,
        "toolkit": record.origin._asdict(),
        "options": dict(record.options),
        "posts": [{"id": name, "ref": post.ref, "fields": post.fields} for name, post in record.posts.items()],
    }
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def read_record(calendar: Path) -> Record:
    """Return the record beside a calendar. Raise UsageError if it is not there or cannot be used."""
    path = record_path(calendar)
    try:
        data = json.loads(path.read_bytes())
        posts = {post["id"]: ToolkitRecord(post["ref"], post["fields"]) for post in data["posts"]}
        return Record(Origin(**data["toolkit"]), data["options"], posts)
    except FileNotFoundError:
        hint = f"Put {path.name} back beside it, or import the new version into a new calendar with -o."
        raise UsageError(f"What the toolkit said last time is not known: {path} is not there. {hint}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{path} is damaged. Put back an older copy of it, or import into a new calendar.") from None
