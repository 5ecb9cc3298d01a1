"""Tags that are probably mistyped: a hold on the right one would not stop their posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from scheduler.domain.near_words import is_one_slip
from scheduler.domain.problem import Problem, Severity
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.field_problems import find_problem
from scheduler.sources.yaml_text import Path, read_yaml


def find_doubtful_tags(files: Sequence[CalendarFile]) -> list[Problem]:
    """Return a warning for each tag that is written once in all calendars, one slip from one used more often."""
    used: Counter[str] = Counter()
    holders: dict[str, set[int]] = {}
    for number, file in enumerate(files):
        for post in file.campaign.posts if file.campaign is not None else ():
            used.update(post.tags)
            for tag in post.tags:
                holders.setdefault(tag, set()).add(number)
    problems: list[Problem] = []
    for tag, numbers in holders.items():
        near = [other for other, count in used.items() if count > used[tag] and is_one_slip(tag, other)]
        if not near or len(numbers) > 1:
            continue
        meant = max(near, key=lambda other: used[other])
        # Only now, and only this file, is read for where the tag stands.
        problems += _warn_if_alone(files[min(numbers)], tag, meant)
    return sorted(problems, key=lambda problem: problem.place)


def _warn_if_alone(file: CalendarFile, tag: str, meant: str) -> Iterator[Problem]:
    document = read_yaml(file.content, file.file)
    places = [path for path, name in _list_written(document.data) if name == tag]
    if len(places) == 1:
        message, hint = f"The tag '{tag}' is used only here.", f"Did you mean '{meant}', as elsewhere?"
        yield find_problem(document, places[0], message, hint, Severity.WARNING)


def _list_written(data: dict[str, object]) -> Iterator[tuple[Path, str]]:
    """Yield every tag of a good calendar, with its path."""
    groups: list[tuple[Path, object]] = [((), data)]
    posts = data["posts"]
    groups += [(("posts", number), post) for number, post in enumerate(posts if isinstance(posts, list) else ())]
    for path, group in groups:
        tags = group.get("tags") if isinstance(group, dict) else None
        if isinstance(tags, str):
            yield (*path, "tags"), tags
        for number, tag in enumerate(tags if isinstance(tags, list) else ()):
            yield (*path, "tags", number), tag
