"""The warnings of a team's habits, each at the `when:` or the `date:` that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from scheduler.domain.delivery import Delivery
from scheduler.domain.habits import Habits, HabitWarning, check_habits
from scheduler.sources.bank_holidays import is_bank_holiday
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.yaml_text import Document, Path, read_yaml

LATELY = timedelta(days=1)
"""Of what was due longer ago nothing is said: it is over, and calendars of old years may stay in the folder."""


def find_habit_warnings(
    deliveries: Iterable[Delivery], habits: Habits, files: Iterable[CalendarFile], since: datetime | None = None
) -> list[HabitWarning]:
    """Return the warnings of what is planned, in order of files and lines. `files` are those that it was read from.

    Of what was due before `since` (aware) nothing is said.

    A file with a warning is read once more for its places, which are not kept of all that there are: most files have
    none.
    """
    found = check_habits(deliveries, habits, partial(is_bank_holiday, nation=habits.nation), since)
    contents = {file.file: file.content for file in files} if found else {}
    documents: dict[str, _Places] = {}
    pointed = []
    for warned in found:
        file = warned.problem.place.file
        if file not in documents:
            documents[file] = _Places(read_yaml(contents.get(file, b""), file))
        pointed.append(documents[file].point(warned))
    return sorted(pointed, key=lambda warned: warned.problem.place)


class _Places:
    """Where the posts of one calendar say when they go out, and the calendar its date."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = document.data if isinstance(document.data, dict) else {}
        posts = self.data.get("posts")
        listed = posts if isinstance(posts, list) else []
        self.numbers: Mapping[str, int] = {post["id"]: number for number, post in enumerate(listed)}

    def point(self, warned: HabitWarning) -> HabitWarning:
        """Return a warning with the place that it is about and its line."""
        number = self.numbers.get(warned.deliveries[0].post.id)
        if number is None:
            return warned
        path: Path = ("posts", number, "when")
        if warned.of_campaign:
            path = ("date",) if "date" in self.data else ("day",)
        place = self.document.place(path)
        return warned._replace(problem=warned.problem._replace(place=place, line_text=self.document.line(place.line)))
