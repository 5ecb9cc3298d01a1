"""Merging a toolkit's next version into a calendar: what it said before, what it says now, and what stands locally."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from scheduler.domain.blanks import carry_fillings

Keys = tuple[str, ...]
_ALIKE = 0.6  # texts of which so much is the same are two versions of one post
_MOST_PAIRS = 1_000_000


class Edit(NamedTuple):
    """A value to be changed: the names that lead to it, and what it becomes, None to take it out."""

    keys: Keys
    before: Any
    after: Any


class Conflict(NamedTuple):
    """A value that both changed: it stays as it is locally, and a person looks at both."""

    keys: Keys
    mine: Any
    theirs: Any


class Known(NamedTuple):
    """What a post is known again by: its reference, its words and its time."""

    ref: str
    text: str
    when: str


def merge_fields(
    old: Mapping[str, Any], mine: Mapping[str, Any], new: Mapping[str, Any], keys: Keys = ()
) -> tuple[list[Edit], list[Conflict]]:
    """Return what of a post is to be changed, given its fields in the toolkit's last version, locally, and in the next.

    What the toolkit did not change stays as it is; what nobody changed locally becomes the toolkit's. A text in which
    only blanks were filled in takes the toolkit's new words with the same filled in.
    """
    edits: list[Edit] = []
    conflicts: list[Conflict] = []
    for name in dict.fromkeys([*old, *mine, *new]):
        before, here, after = (settle(fields.get(name)) for fields in (old, mine, new))
        path = (*keys, name)
        if after in (before, here):
            continue
        if here == before:
            edits.append(Edit(path, here, after))
        elif _are_groups(before, here, after):
            more_edits, more_conflicts = merge_fields(before or {}, here or {}, after or {}, path)
            edits += more_edits
            conflicts += more_conflicts
        elif (filled := _carry(before, here, after)) is not None:
            edits += [Edit(path, here, filled)] if filled != here else []
        else:
            conflicts.append(Conflict(path, here, after))
    return edits, conflicts


def settle(value: Any) -> Any:
    """Return a value in the one form in which it is compared: what is written in two ways is not changed."""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").strip()
        return {"true": "yes", "on": "yes"}.get(text.lower(), text) if len(text) < 5 else text
    if isinstance(value, Mapping):
        settled = {str(name): settle(each) for name, each in value.items()}
        return settled["url"] if list(settled) == ["url"] else settled
    if isinstance(value, Sequence):
        return [settle(each) for each in value]
    return value


def match_posts(old: Mapping[str, Known], new: Sequence[Known]) -> dict[int, str]:
    """Return which of the new posts, by number, is which of the old, by id: by reference, words, time and likeness.

    Two that both have references, which differ, are never one. Likeness is not looked for among so many posts that it
    would take minutes.
    """
    matched: dict[int, str] = {}
    left = dict(old)

    def match_same(numbers: Iterable[int], names: Iterable[str], feature: Callable[[Known], Hashable]) -> None:
        alike: dict[Hashable, deque[str]] = {}
        for name in names:
            alike.setdefault(feature(left[name]), deque()).append(name)
        for number in numbers:
            if number not in matched and (found := alike.get(feature(new[number]))):
                matched[number] = found.popleft()
                del left[matched[number]]

    referred = [number for number, post in enumerate(new) if post.ref]
    others = [number for number, post in enumerate(new) if not post.ref]
    match_same(referred, list(left), lambda post: post.ref.lower())
    for feature in (lambda post: (post.text, post.when), lambda post: post.text):
        match_same(others, list(left), feature)
        match_same(referred, [name for name in left if not left[name].ref], feature)
    rest = {number: post for number, post in enumerate(new) if number not in matched}
    if len(rest) * len(left) > _MOST_PAIRS:
        return matched
    pairs = [(-ratio, number, name) for number, post in rest.items() for name, ratio in _find_alike(post, left)]
    for _, number, name in sorted(pairs):
        if number not in matched and name in left:
            matched[number] = name
            del left[name]
    return matched


def _find_alike(post: Known, candidates: Mapping[str, Known]) -> Iterator[tuple[str, float]]:
    matcher = SequenceMatcher(None, "", post.text, autojunk=False)
    for name, known in candidates.items():
        if post.ref and known.ref:
            continue
        matcher.set_seq1(known.text)
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            ratio = matcher.ratio()
            if ratio >= _ALIKE:
                yield name, ratio


def _are_groups(*values: Any) -> bool:
    return any(isinstance(value, Mapping) for value in values) and all(
        value is None or isinstance(value, Mapping) for value in values
    )


def _carry(before: Any, here: Any, after: Any) -> str | None:
    if not (isinstance(before, str) and isinstance(here, str) and isinstance(after, str)):
        return None
    return carry_fillings(before, here, after)
