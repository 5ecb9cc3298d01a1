"""What the tests of reading share: calendars written as text, with ‹marks› around what a problem has to point at."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.campaign import Post
from scheduler.domain.problem import Problem
from scheduler.sources.calendar import CalendarFile, Defaults, read_calendar

DEFAULTS = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), ("force-x", "force-bluesky", "mastodon"))
CAMPAIGN = "campaign: hello\ndate: 18 March 2027\naccounts: [force-x]\n"
POST = "  - id: think\n    when: on the day at 09:00\n"
# Words of the trade that a comms officer does not know.
JARGON = ("yaml", "pydantic", "mapping", "sequence", "scalar", "token", "node", "dict", "parse", "input", "valid",
          "none", "null", "string", "boolean", "integer", "anchor", "alias", "flow", "<", "utf-16 codec")  # fmt: skip


class Spot(NamedTuple):
    """Where something stands: line and column from 1, width in characters."""

    line: int
    column: int
    width: int


def unmark(text: str) -> tuple[str, list[Spot]]:
    """Return a text without its ‹marks›, and where what stood between each pair of them stands now."""
    spots = []
    while "‹" in text:
        before, _, rest = text.partition("‹")
        inside, _, after = rest.partition("›")
        line_start = before.rfind("\n") + 1
        spots.append(Spot(before.count("\n") + 1, len(before) - line_start + 1, len(inside)))
        text = before + inside + after
    return text, spots


def spot_of(problem: Problem) -> Spot:
    """Return where a problem points."""
    return Spot(*problem.place[1:])


def read(text: str | bytes, file: str = "campaigns/hello.yaml") -> CalendarFile:
    """Return a calendar as the program reads it."""
    return read_calendar(text if isinstance(text, bytes) else text.encode(), file, DEFAULTS)


def read_post(lines: str) -> Post:
    """Return the one post of a campaign, given its lines after `when`; there must be no problem."""
    calendar = read(f"{CAMPAIGN}posts:\n{POST}{lines}")
    assert not calendar.problems
    assert calendar.campaign is not None
    return calendar.campaign.posts[0]
