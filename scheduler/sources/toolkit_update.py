"""A toolkit's next version taken over into a calendar that people have edited since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scheduler.domain.blanks import find_blanks
from scheduler.domain.problem import Place, error
from scheduler.domain.toolkit_merge import Conflict, Edit, Known, match_posts, merge_fields, settle
from scheduler.errors import ConfigError
from scheduler.sources.toolkit import FreeNames, Toolkit, ToolkitPost
from scheduler.sources.toolkit_calendar import (
    Origin,
    Record,
    ToolkitRecord,
    make_post,
    write_note,
    write_reasons,
)
from scheduler.sources.toolkit_rows import list_blanks
from scheduler.sources.yaml_editing import EditableFile
from scheduler.sources.yaml_fields import note_field, put_field, remove_field


class Change(NamedTuple):
    """One thing that a merge did or left: `kind` is taken, added, gone, kept (both changed it) or removed (here)."""

    kind: str
    post: str
    field: str = ""
    mine: Any = None
    theirs: Any = None


class Merged(NamedTuple):
    """What a merge made: the changes, what the toolkit says now, and what of it needs nobody.

    `old_rows` are those in which it says nothing new, `filled` the blanks, each with its row, that are filled in here.
    """

    changes: Sequence[Change]
    posts: Mapping[str, ToolkitRecord]
    old_rows: frozenset[int]
    filled: frozenset[tuple[int, str]]

    def leave_new(self, toolkit: Toolkit) -> Toolkit:
        """Return a toolkit with only what is still to be said of it."""
        findings = [
            finding
            for finding in toolkit.findings
            if finding.place.row not in self.old_rows and (finding.place.row, finding.blank) not in self.filled
        ]
        posts = [
            post._replace(to_settle=tuple(why for why in post.to_settle if (post.place.row, why) not in self.filled))
            for post in toolkit.posts
        ]
        return toolkit._replace(findings=findings, posts=posts)


def merge_toolkit(
    file: EditableFile, name: str, record: Record, posts: Sequence[ToolkitPost], origin: Origin
) -> Merged:
    """Change a calendar under edit so that it holds a toolkit's next version, and return what changed.

    Raise ConfigError if it has no list of posts.
    """
    listed = file.fields.get("posts")
    if not isinstance(listed, CommentedSeq) or not all(isinstance(post, CommentedMap) for post in listed):
        raise ConfigError([error("There is no list of posts in this calendar.", Place(name), "Mend it by hand first.")])
    local = {str(post.get("id")): post for post in listed}
    old = {name: _know(post.ref, post.fields) for name, post in record.posts.items()}
    matched = match_posts(old, [_know(post.ref, post.fields) for post in posts])
    changes: list[Change] = []
    known: dict[str, ToolkitRecord] = {}
    old_rows: set[int] = set()
    filled: set[tuple[int, str]] = set()
    names = FreeNames([*local, *record.posts])
    for number, post in enumerate(posts):
        found = matched.get(number)
        if found is None:
            found = names.take(post.id)
            _add(listed, post._replace(id=found), origin)
            changes.append(Change("added", found, theirs=_words(post.fields)))
        elif settle(record.posts[found].fields) == settle(post.fields):
            old_rows.update(post.rows)
        elif found in local:
            changes += _merge_post(local[found], record.posts[found].fields, post._replace(id=found))
            filled |= _find_filled(local[found], post)
        else:
            changes.append(Change("removed", found, theirs=_words(post.fields)))
        known[found] = ToolkitRecord(post.ref, post.fields)
    for gone in [name for name in record.posts if name not in known and name in local]:
        _withdraw(local[gone], origin)
        changes.append(Change("gone", gone))
    return Merged(changes, known, frozenset(old_rows), frozenset(filled))


def _find_filled(mine: CommentedMap, post: ToolkitPost) -> set[tuple[int, str]]:
    """Return the blanks of a post, each with its rows, that do not stand in it here: somebody has filled them in."""
    left = list_blanks(_to_plain(mine))
    return {(row, blank) for blank in list_blanks(post.fields) if blank not in left for row in post.rows}


def _know(ref: str, fields: Mapping[str, Any]) -> Known:
    return Known(ref, _words(fields), str(fields.get("when", "")))


def _words(fields: Mapping[str, Any]) -> str:
    return str(fields.get("text") or "\n".join(part["text"] for part in fields.get("thread", [])))


def _add(listed: CommentedSeq, post: ToolkitPost, origin: Origin) -> None:
    """Add a new post as a draft: what nobody has seen yet is not sent."""
    draft = post._replace(fields={"when": post.fields["when"], "draft": "yes"} | post.fields)
    listed.append(make_post(draft, [f"new in {origin.file}", *post.to_settle]))
    listed.yaml_set_comment_before_after_key(len(listed) - 1, before="\n" + write_note(post, origin), indent=2)


def _merge_post(mine: CommentedMap, old: Mapping[str, Any], post: ToolkitPost) -> list[Change]:
    here = {name: value for name, value in _to_plain(mine).items() if name != "id"}
    edits, conflicts = merge_fields(old, here, post.fields)
    for edit in edits:
        _apply(mine, edit)
    if edits:
        _hold_back(mine, post)
    changes = [Change("taken", post.id, ".".join(edit.keys), edit.before, edit.after) for edit in edits]
    return changes + [_keep(post.id, conflict) for conflict in conflicts]


def _keep(post: str, conflict: Conflict) -> Change:
    return Change("kept", post, ".".join(conflict.keys), conflict.mine, conflict.theirs)


def _apply(fields: CommentedMap, edit: Edit) -> None:
    *groups, name = edit.keys
    for group in groups:
        if group not in fields:
            put_field(fields, group, {})
        fields = fields[group]
    if edit.after is not None:
        put_field(fields, name, edit.after)
    elif name in fields:
        remove_field(fields, name)


def _hold_back(mine: CommentedMap, post: ToolkitPost) -> None:
    """A post in which a blank has come is a draft; and the note after `draft:` says what is left to settle."""
    blanks = list_blanks(_to_plain(mine))
    left = [words for words in post.to_settle if words in blanks or not find_blanks(words)]
    if blanks and "draft" not in mine:
        put_field(mine, "draft", "yes")
        left = [*blanks, *(words for words in left if words not in blanks)]
    if settle(mine.get("draft", "")) == "yes" and left:
        note_field(mine, "draft", write_reasons(left))


def _withdraw(mine: CommentedMap, origin: Origin) -> None:
    put_field(mine, "draft", "yes")
    note_field(mine, "draft", f"gone from {origin.file}: take the post out, or this line if it is to stay")


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _to_plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_to_plain(each) for each in value]
    return None if value is None else str(value)
