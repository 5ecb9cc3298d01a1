"""`habits:` in the settings: what it means, and each mistake at its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.domain.habits import Habits
from scheduler.domain.problem import Problem
from scheduler.domain.weekly_hours import parse_hours
from scheduler.sources.settings import Settings, read_settings
from scheduler.sources.settings_models import HabitsFields
from tests.reading import JARGON, spot_of, unmark
from tests.unit.test_settings import BOARD, PLATFORMS, ROOT


def read(text: str) -> tuple[Settings | None, tuple[Problem, ...]]:
    return read_settings(f"{text}{BOARD}".encode(), "config.yaml", PLATFORMS)


def read_habits(text: str) -> Habits:
    settings, problems = read(text)
    assert problems == ()
    assert settings is not None
    return settings.habits


def test_without_a_word_only_the_gap_and_clashes_are_warned_of() -> None:
    assert read_habits("") == Habits(None, None, timedelta(minutes=15), None, True, "england", "config.yaml")
    assert read_habits("habits: {daily_cap: 4}\n") == Habits(daily_cap=4)


def test_every_habit_is_read() -> None:
    lines = [
        "posting_hours: 7am to 9pm",
        "staffed_hours: Monday to Friday 08:00 to 18:00, Saturday 9am to 1pm",
        "gap: 1 hour",
        "daily_cap: 12",
        "clashes: no",
        "nation: Northern Ireland",
    ]
    habits = read_habits("habits:\n" + "".join(f"  {line}\n" for line in lines))
    assert habits == Habits(
        parse_hours("7am to 9pm"),
        parse_hours("Monday to Friday 08:00 to 18:00, Saturday 9am to 1pm"),
        timedelta(hours=1),
        12,
        False,
        "northern-ireland",
    )


@pytest.mark.parametrize("gap", ["off", "no", "0 minutes", "0 hours"])
def test_the_gap_can_be_turned_off(gap: str) -> None:
    assert read_habits(f"habits:\n  gap: {gap}\n").gap == timedelta()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("habits:\n  ‹gapp›: 15 minutes\n", "No field is called 'gapp' here. Did you mean 'gap'?"),
        ("habits:\n  gap: 15 ‹munites›\n", "Did you mean 'minutes'?"),
        ("habits:\n  gap: ‹fifteen›\n", "'1 hour 30 minutes' or '1 day'. Or 'off'."),
        ("habits:\n  gap: 0 ‹minuets›\n", "Did you mean 'minutes'?"),
        ("habits:\n  staffed_hours: ‹Mondey› to Friday 08:00 to 18:00\n", "Did you mean 'Monday'?"),
        ("habits:\n  staffed_hours: Monday to Friday ‹08:00›\n", "neither a day of the week nor hours"),
        ("habits:\n  posting_hours: every day ‹22:00 to 06:00›\n", "ends before it begins"),
        ("habits:\n  posting_hours: Mon to Fri 9am to ‹5›\n", "'5' alone may be morning or evening"),
        ("habits:\n  daily_cap: ‹0›\n", "'0' is not a whole number from 1 to 999."),
        ("habits:\n  daily_cap: ‹many›\n", "is not a whole number from 1 to 999. Write a number such as 20."),
        ("habits:\n  clashes: ‹maybe›\n", "'maybe' is neither yes nor no."),
        (
            "habits:\n  nation: ‹Scotlnd›\n",
            "is no nation whose bank holidays are known. Did you mean 'scotland'?",
        ),
        ("habits:\n  nation: ‹France›\n", "Write one of england, wales, scotland, northern-ireland"),
        ("habits: ‹15 minutes›\n", "This must be made of lines such as `name: value`."),
        ("habits:‹›\n", "'habits' is empty."),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, words: str) -> None:
    written, [spot] = unmark(text)
    settings, [problem] = read(written)
    assert settings is None
    assert words in str(problem)
    assert spot_of(problem) == spot
    assert problem.line_text.removesuffix(" …") in written
    assert not [word for word in JARGON if word in f"{problem.message} {problem.hint}".lower()]


@pytest.mark.parametrize("name", HabitsFields.names)
def test_each_habit_is_in_the_example_with_a_line_that_explains_it(name: str) -> None:
    lines = (ROOT / "config.example.yaml").read_text(encoding="utf-8").splitlines()
    numbers = [number for number, line in enumerate(lines) if line.startswith(f"  {name}: ")]
    assert len(numbers) == 1
    assert lines[numbers[0] - 1].startswith("  # ")


def test_a_mistake_in_habits_hides_no_other() -> None:
    habits = "habits: {gap: ‹a while›, daily_cap: ‹some›, ‹gapp›: 1 hour, nation: ‹Mars›}\n"
    written, spots = unmark(f"{habits}workers: ‹many›\n")
    settings, problems = read(written)
    assert settings is None
    assert [spot_of(problem) for problem in problems] == spots
