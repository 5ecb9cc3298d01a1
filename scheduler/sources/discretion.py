"""Problems of a file in which secrets may stand, with nothing in them that might be one."""

from __future__ import annotations

import re
from collections.abc import Collection

from scheduler.domain.problem import Problem, suggest
from scheduler.sources.yaml_advice import REFUSED_BEGINNING
from scheduler.sources.yaml_source import MAX_EXCERPT
from scheduler.sources.yaml_text import Document

_WORD = re.compile(r"""[^\\\s"'`,()\[\]{}#|>@%&*!?:]{3,}""")
_LONG_NAME = 60
_MAX_LINES_ABOVE = 200  # that are looked at for the one that a line belongs to
_ELSEWHERE = "If it is a secret, write where it is kept instead, such as env:NAME or file:PATH."
_HINT = "Put it right; a secret does not stand here but elsewhere: write where, such as env:NAME or file:PATH."


def conceal(problem: Problem, document: Document, plain: Collection[str], names: Collection[str]) -> Problem:
    """Return the problem without what stands after a name on its line, unless the name is one of the plain ones.

    `names` are all that may stand in an account. Where something unlike them stands there before a colon it is hidden
    too: it may be a part of a secret that somebody wrote on the line below its name. People do paste a password where a
    reference belongs, and a problem's line ends in terminals, mails and logs.
    """
    line = document.line(problem.place.line)
    head, colon, rest = line.partition(":")
    if not colon:
        head, rest = "", line
    name = head.strip(" -")
    if name in plain and ":" not in rest and len(line) < MAX_EXCERPT:
        return problem
    # Some of a value is as bad as all of it, and an excerpt of a very long line may not show what is quoted.
    hidden = hide_value(problem, document)
    known = name in names or (len(name) < _LONG_NAME and suggest(name, names))
    if not known and _is_in_account(document, problem.place.line):
        rest, hidden = line, problem._replace(line_text="")
    words = {word.lstrip("-")[:5] for word in _WORD.findall(rest)} - {""}
    if problem.message.startswith(REFUSED_BEGINNING):
        hidden = hidden._replace(hint=_advise_quotes(problem.message))
    told = hidden.message + hidden.hint
    if len(line) >= MAX_EXCERPT or any(word in told for word in words):
        return hidden._replace(message="This line cannot be read as it stands.", hint=_HINT)
    return hidden


def _is_in_account(document: Document, number: int) -> bool:
    """Return whether a line stands further in than the names of accounts, or perhaps does."""
    line = document.line(number)
    indent = len(line) - len(line.lstrip())
    if not indent:
        return False
    for above in range(number - 1, max(0, number - _MAX_LINES_ABOVE), -1):
        line = document.line(above)
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return line.partition(":")[0].strip() != "accounts"
    return True


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
