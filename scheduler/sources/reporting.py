"""What the readers of a calendar share: the document they read, and the problems that they find in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scheduler.domain.problem import Place, Problem, Severity
from scheduler.domain.when import WhenError
from scheduler.sources.field_problems import MAX_LISTED, find_problem, make_problem
from scheduler.sources.yaml_text import Document, Path

Read = TypeVar("Read")


class Reporter:
    """Collects the problems of one document: of errors and of warnings each up to the number that is listed.

    They are counted apart: however many warnings there are, none keeps an error from being seen.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._counts = dict.fromkeys(Severity, 0)

    @property
    def is_full(self) -> bool:
        """Return whether there are as many errors as are listed, so that looking for more is of no use."""
        return self._counts[Severity.ERROR] >= MAX_LISTED

    @property
    def is_full_of_warnings(self) -> bool:
        """Return whether there are as many warnings as are listed."""
        return self._counts[Severity.WARNING] >= MAX_LISTED

    def note(self, problem: Problem) -> None:
        """Add a problem to those that are listed."""
        self.problems.append(problem)
        self._counts[problem.severity] += 1

    def report(self, path: Path, message: str, hint: str) -> None:
        """Note an error of the value at a path."""
        if not self.is_full:
            self.note(find_problem(self.document, path, message, hint))

    def warn(self, path: Path, message: str, hint: str) -> None:
        """Note a warning of the value at a path."""
        if not self.is_full_of_warnings:
            self.note(find_problem(self.document, path, message, hint)._replace(severity=Severity.WARNING))

    def report_at(self, place: Place, message: str, hint: str) -> None:
        """Note an error at a place."""
        if not self.is_full:
            self.note(make_problem(self.document, place, message, hint))

    def warn_at(self, place: Place, message: str, hint: str) -> None:
        """Note a warning at a place."""
        if not self.is_full_of_warnings:
            self.note(Problem(Severity.WARNING, message, place, hint, self.document.line(place.line)))

    def report_words(self, path: Path, failure: WhenError) -> None:
        """Note what is wrong with the day, the time or the duration at a path, at the very words."""
        place = self.document.place_within(path, failure.start, failure.end)
        self.report_at(place, failure.message, failure.hint)

    def read_words(self, text: str | None, path: Path, parse: Callable[[str], Read]) -> Read | None:
        """Return what `parse` makes of a text; None if there is none, or if it raises WhenError, which is noted."""
        if text is None or self.is_full:
            return None
        try:
            return parse(text)
        except WhenError as failure:
            self.report_words(path, failure)
            return None
