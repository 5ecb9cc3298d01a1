"""Problems of a file in which secrets may stand, with nothing in them that might be one."""

from __future__ import annotations

import re
from collections.abc import Collection

from scheduler.domain.problem import Problem
from scheduler.sources.yaml_advice import REFUSED_BEGINNING
from scheduler.sources.yaml_source import MAX_EXCERPT
from scheduler.sources.yaml_text import Document

_WORD = re.compile(r"""[^\\\s"'`,()\[\]{}]{3,}""")
_ELSEWHERE = "If it is a secret, write where it is kept instead, such as env:NAME or file:PATH."
_HINT = "Put it right; a secret does not stand here but elsewhere: write where, such as env:NAME or file:PATH."


def conceal(problem: Problem, document: Document, plain: Collection[str]) -> Problem:
    """Return the problem without what stands after a name on its line, unless the name is one of the plain ones.

    People do paste a password where a reference belongs, and a problem's line ends in terminals, mails and logs.
    """
    line = document.line(problem.place.line)
    head, colon, rest = line.partition(":")
    if not colon:
        head, rest = "", line
    if head.strip(" -") in plain and ":" not in rest and len(line) < MAX_EXCERPT:
        return problem
    # Some of a value is as bad as all of it, and an excerpt of a very long line may not show what is quoted.
    words = {word[:5] for word in _WORD.findall(rest)}
    hidden = hide_value(problem, document)
    if problem.message.startswith(REFUSED_BEGINNING):
        hidden = hidden._replace(hint=_advise_quotes(problem.message))
    told = hidden.message + hidden.hint
    if len(line) >= MAX_EXCERPT or any(word in told for word in words):
        return hidden._replace(message="This line cannot be read as it stands.", hint=_HINT)
    return hidden


def _advise_quotes(message: str) -> str:
    """Return what to do about a sign that a value cannot begin with, without the value."""
    if "'@'" in message:  # a handle, almost always
        return "Leave out the @, or put the whole value in quotes."
    return f"Put the whole value in quotes. {_ELSEWHERE}"


def hide_value(problem: Problem, document: Document) -> Problem:
    """Return the problem with no more of its line than the name at its beginning, if it points there."""
    head, colon, _ = document.line(problem.place.line).partition(":")
    points_at_name = colon and problem.place.column <= len(head) + 1
    return problem._replace(line_text=f"{head}: …" if points_at_name else "")
