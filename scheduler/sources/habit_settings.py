"""`habits:` in the settings → the habits of a team, with every problem found in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from scheduler.domain.habits import Habits
from scheduler.domain.problem import suggest
from scheduler.domain.weekly_hours import parse_hours
from scheduler.domain.when import WhenError, parse_duration
from scheduler.domain.when_words import quote
from scheduler.sources.bank_holidays import NATIONS, find_nation
from scheduler.sources.reporting import Reporter
from scheduler.sources.settings_models import HabitsFields
from scheduler.sources.yaml_text import Document

_NO_GAP = frozenset({"off", "no", "none"})

Read = TypeVar("Read")


def read_habits(fields: HabitsFields | None, document: Document) -> tuple[Habits, Reporter]:
    """Return the habits that the settings write, and what is wrong with them; what is left out has its default."""
    reporter = Reporter(document)
    file = document.place(()).file
    if fields is None:
        return Habits(settings_file=file), reporter

    def read(name: str, parse: Callable[[str], Read]) -> Read | None:
        return reporter.read_words(getattr(fields, name), ("habits", name), parse)

    gap = read("gap", parse_gap)
    return Habits(
        posting_hours=read("posting_hours", parse_hours),
        staffed_hours=read("staffed_hours", parse_hours),
        gap=Habits().gap if gap is None else gap,
        daily_cap=None if fields.daily_cap is None else int(fields.daily_cap),
        clashes=fields.clashes is not False,
        nation=read("nation", parse_nation) or "england",
        settings_file=file,
    ), reporter


def parse_gap(text: str) -> timedelta:
    """Return a length of time, zero if it is `off` or nothing of some unit. Raise WhenError."""
    words = text.split()
    if text.strip().lower() in _NO_GAP or (len(words) == 2 and words[0] == "0" and parse_duration(f"1 {words[1]}")):
        return timedelta()
    try:
        return parse_duration(text)
    except WhenError as failure:
        hint = f"{failure.hint} Or 'off'." if failure.hint.startswith("Type it") else failure.hint
        raise WhenError(failure.message, hint, failure.start, failure.end) from None


def parse_nation(text: str) -> str:
    """Return one of the nations whose bank holidays are known. Raise WhenError."""
    nation = find_nation(text)
    if nation is None:
        message = f"{quote(text)} is no nation whose bank holidays are known."
        known = [*NATIONS, "england-and-wales"]
        raise WhenError(message, suggest(text, known) or f"Write one of {', '.join(known)}.", 0, len(text))
    return nation
