"""What is still good in data of which something failed: so that one look shows the problems of all the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pydantic_core import ValidationError

from scheduler.sources.fields import Fields
from scheduler.sources.models import CalendarFields, PostFields
from scheduler.sources.yaml_text import Path

_Model = TypeVar("_Model", bound=Fields)

# Stand in for a field that has to be there, and are taken out again.
_STAND_INS: dict[type[Fields], dict[str, Any]] = {
    CalendarFields: {"campaign": "a", "date": "a", "posts": [{"id": "a", "when": "a"}]},
    PostFields: {"id": "a", "when": "a"},
}


def salvage_calendar(data: Any, failed: Sequence[Path]) -> tuple[CalendarFields, frozenset[int | str]]:
    """Return the fields without those that failed, and the numbers of the posts of which something is left out.

    The number of a post is its place in `posts`; one of which nothing is good is there with no field set.
    """
    if not isinstance(data, dict):
        return CalendarFields.make(posts=[]), frozenset()
    failed_posts: dict[int | str, list[Path]] = defaultdict(list)
    others = []
    for path in failed:
        if len(path) > 1 and path[0] == "posts":
            failed_posts[path[1]].append(path[2:])
        else:
            others.append(path)
    fields = _salvage(CalendarFields, {**data, "posts": None}, [*others, ("posts",)])
    listed = data["posts"] if isinstance(data.get("posts"), list) else []
    posts = [
        _salvage(PostFields, post, failed_posts[number]) if number in failed_posts else PostFields.read(post)
        for number, post in enumerate(listed)
    ]
    kept = {name: getattr(fields, name) for name in fields.given}
    return CalendarFields.make(**kept, posts=posts), frozenset(failed_posts)


def _salvage(model: type[_Model], data: Any, failed: Sequence[Path]) -> _Model:
    if not isinstance(data, dict):
        return model.make()
    good = prune(data, failed)
    missing = {name: value for name, value in _STAND_INS[model].items() if name not in good}
    try:
        whole = model.read({**good, **missing})
    except ValidationError:
        return model.make()
    return model.make(**{name: getattr(whole, name) for name in good})


def prune(data: dict[str, Any], failed: Iterable[Path]) -> dict[str, Any]:
    """Return a group without what failed: a name with all that is below it, but for parts of threads and variants."""
    inside: dict[int | str, list[Path]] = defaultdict(list)
    for path in failed:
        inside[path[0] if path else ""].append(path[1:])
    kept = {}
    for name, value in data.items():
        if name not in inside:
            kept[name] = value
        elif name == "variants" and isinstance(value, dict):
            kept[name] = _prune_each(value, inside[name])
        elif name == "thread" and isinstance(value, list) and all(isinstance(part, dict) for part in value):
            kept[name] = list(_prune_each(dict(enumerate(value)), inside[name]).values())
    return kept


def _prune_each(groups: dict[Any, Any], failed: Iterable[Path]) -> dict[Any, Any]:
    inside: dict[int | str, list[Path]] = defaultdict(list)
    for path in failed:
        inside[path[0] if path else ""].append(path[1:])
    return {
        name: prune(group, inside[name]) if name in inside else group
        for name, group in groups.items()
        if isinstance(group, dict)
    }
