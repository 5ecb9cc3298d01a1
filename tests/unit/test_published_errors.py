"""Errors that public bodies and organisers did publish, in our own words: each is caught at the very words.

They were found in an afternoon in the lists, news and pages of councils, a police unit, a commissioner, a surgery and
charities (looked at in 2026). A fixture holds the words that are wrong between ‹marks›.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.problem import Problem, Severity
from scheduler.sources.calendar import Defaults, read_calendar
from scheduler.sources.catalogue import Catalogue
from tests.reading import spot_of, unmark

FOLDER = Path(__file__).parents[1] / "calendars/published"
CAUGHT = {
    "01-last-years-date": [
        "Time to Talk Day 2026 is on 5 February 2026, not on 6 February 2026.",
        "Time to Talk Day 2026 is on 5 February 2026, not 'Friday 6 February'.",
    ],
    "02-monday-that-is-a-tuesday": [
        "'Monday, 11 November' cannot be: 11 November 2025 is a Tuesday.",
        "Anti-Bullying Week 2025 is from 10 to 14 November 2025, not '10 to 16 November'.",
    ],
    "03-another-week": [
        "Anti-Bullying Week 2025 is on 10 November 2025, not on 17 November 2025.",
        "Anti-Bullying Week 2025 is from 10 to 14 November 2025, not '17-21 November'.",
    ],
    "04-sunday-that-is-a-monday": ["'Sunday December 2nd' cannot be: 2 December 2024 is a Monday."],
    "05-ends-before-it-begins": [
        "'06th February - 12th January 2017' ends before it begins.",
        "'Friday, February 12th' cannot be: 12 February 2017 is a Sunday.",
    ],
    "06-a-guess": ["Children's Mental Health Week 2026 is on 9 February 2026, not on 2 February 2026."],
    "07-always-the-second-tuesday-days": [
        "This rule does not fit the dates below it: of 2023 it gives 14 November 2023, and it was held on "
        "7 November 2023; 2024 and 2025 do not fit either."
    ],
    "08-told-in-advance": [
        "National Stalking Awareness Week 2025 is on 21 April 2025, not on 7 April 2025.",
        "National Stalking Awareness Week 2025 is from 21 to 25 April 2025, not '7th to 11th April 2025'.",
    ],
    "09-week-of-last-year": ["'12 - 18 June' begins on a Wednesday: in 2023 it was a Monday."],
    "10-every-year-days": [
        "This rule does not fit the dates below it: of 2020 it gives 11 May 2020, and it was held on 18 May 2020; "
        "2023 does not fit either."
    ],
    "11-two-dates-on-one-page": [
        "National Stalking Awareness Week 2023 is from 24 to 28 April 2023, not '18th-24th April'."
    ],
}
NOT_CAUGHT = {
    "03, the theme": "the list said 'The Power of Good' for 'Power for Good': the catalogue keeps no themes of weeks, "
    "since each is announced once and used in one year",
    "11, without a known date": "a page that contradicts itself shows that one date is wrong, not which; it is caught "
    "as above only where the organiser's own date of that year is known",
    "12, 111 for 101": "a news item gave a police force the number of the health service's line; 111 is a good number "
    "in other posts, so it takes a registry of helplines by organisation, which is not built yet",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_published_error_is_caught_at_the_very_words(name: str) -> None:
    text, spots = unmark((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    problems = read(name, text)
    assert [(spot_of(problem), problem.message) for problem in problems] == list(zip(spots, CAUGHT[name], strict=True))
    assert all(problem.hint for problem in problems)


def read(name: str, text: str) -> list[Problem]:
    """Return the problems of a calendar, or of a team's own days, as the program reads it."""
    if name.endswith("-days"):
        return list(Catalogue(file="days.yaml", content=text.encode()).problems)
    defaults = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), ("force-x",), days=Catalogue())
    return list(read_calendar(text.encode(), f"{name}.yaml", defaults).problems)


def test_each_of_the_twelve_is_caught_or_has_its_reason() -> None:
    numbers = {name[:2] for name in (*CAUGHT, *NOT_CAUGHT)}
    assert numbers == {f"{number:02}" for number in range(1, 13)}
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CAUGHT)


@pytest.mark.parametrize("name", [name for name in CAUGHT if not name.endswith("-days")])
def test_the_same_calendar_put_right_has_no_problem(name: str) -> None:
    """What is caught is the error, and not the way it is written."""
    right = RIGHT[name]
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    for words in right:
        before, _, rest = text.partition("‹")
        text = before + words + rest.partition("›")[2]
    assert read(name, text) == []


RIGHT = {
    "01-last-years-date": ("5 February 2026", "Thursday 5 February"),
    "02-monday-that-is-a-tuesday": ("Tuesday, 11 November", "10 to 14 November"),
    "03-another-week": ("10 November 2025", "10-14 November"),
    "04-sunday-that-is-a-monday": ("Monday December 2nd",),
    "05-ends-before-it-begins": ("06th February - 12th February 2017", "Sunday, February 12th"),
    "06-a-guess": ("9 February 2026",),
    "08-told-in-advance": ("21 April 2025", "21st to 25th April 2025"),
    "09-week-of-last-year": ("10 - 16 June",),
    "11-two-dates-on-one-page": ("24th-28th April",),
}


def test_what_stops_a_campaign_and_what_is_doubted() -> None:
    """A campaign on the wrong date is an error; words are only doubted, since a person may know better."""
    text, _ = unmark((FOLDER / "01-last-years-date.yaml").read_text(encoding="utf-8"))
    severities = [problem.severity for problem in read("01-last-years-date", text)]
    assert severities == [Severity.ERROR, Severity.WARNING]
