"""What is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error keeps a calendar from being used or a post from being sent; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """A spot in a text file. `line` and `column` count from 1, in characters; 0 means the whole file.

    `width` is how many characters of the line the value takes up (0 if unknown).
    """

    file: str
    line: int = 0
    column: int = 0
    width: int = 0


class Problem(NamedTuple):
    """One thing a person must know. `message` says what happened, `hint` what to do; `line_text` is the line itself."""

    severity: Severity
    message: str
    place: Place
    hint: str = ""
    line_text: str = ""

    def __str__(self) -> str:
        """Return `PATH:LINE:COLUMN: severity: message hint`, always on one line; a whole file's stands at its top."""
        where = f"{self.place.file}:{self.place.line or 1}:{self.place.column or 1}"
        words = f"{self.message} {self.hint}".strip()
        return f"{where}: {self.severity}: {' '.join(words.split())}"


def error(message: str, place: Place, hint: str = "") -> Problem:
    """Return an error at a place."""
    return Problem(Severity.ERROR, message, place, hint)


def warning(message: str, place: Place, hint: str = "") -> Problem:
    """Return a warning at a place."""
    return Problem(Severity.WARNING, message, place, hint)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" for the known word nearest to a misspelt one, or the empty string."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"Did you mean '{by_lower[near[0]]}'?" if near else ""


def has_errors(problems: Iterable[Problem]) -> bool:
    """Return whether any problem is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)
