"""What must hold of every file that is read, however damaged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scheduler.domain.campaign import Campaign, Part
from scheduler.domain.problem import Problem, has_errors
from scheduler.sources.calendar import read_calendar
from scheduler.sources.catalogue import shipped
from scheduler.sources.settings import read_settings, salvage_settings
from scheduler.sources.team_days import read_team_days
from scheduler.sources.yaml_source import decode_lines
from scheduler.sources.yaml_text import read_yaml
from tests.reading import DEFAULTS
from tests.unit.test_settings import PLATFORMS

_TEXT = re.compile(r"^( *)((?:- +)*)text: *(.*)$")
_NOTE = re.compile(r"(?:^|\s)#.*$")
_BLOCK = re.compile(r"^[|>][-+0-9]*\s*(#.*)?$")


class Broken(AssertionError):
    """A promise that did not hold."""


def try_calendar(content: bytes) -> None:
    """Read a calendar. Raise Broken, or whatever the program raises, if a promise does not hold."""
    read = read_calendar(content, "campaigns/a.yaml", DEFAULTS)
    check_problems(read.problems, content)
    if read.campaign is None:
        if not has_errors(read.problems):
            raise Broken("a calendar that is not used, and no error")
        return
    check_nothing_lost(content, read.campaign, read.problems)


def try_settings(content: bytes) -> None:
    """Read settings. Raise as `try_calendar` does."""
    settings, problems = read_settings(content, "config.yaml", PLATFORMS)
    check_problems(problems, content)
    if (settings is None) is not has_errors(problems):
        raise Broken("settings that are not used, and no error; or the other way round")
    salvage_settings(content, "config.yaml")


def try_days(content: bytes) -> None:
    """Read a team's file of days. Raise as `try_calendar` does."""
    check_problems(read_team_days(content, "days.yaml", shipped()).problems, content)


def check_problems(problems: Iterable[Problem], content: bytes) -> None:
    """Every problem points into the file and says what it is, on one line."""
    lines = decode_lines(content)
    for problem in problems:
        line, column = problem.place.line, problem.place.column
        if not problem.message or "\n" in str(problem):
            raise Broken(f"an unclear problem: {problem!r}")
        if len(problem.message) + len(problem.hint) > 600:
            raise Broken(f"a message of {len(problem.message) + len(problem.hint)} characters: {problem!r}")
        encoded_wide = "UTF-16" in problem.message or "plain text" in problem.message
        if encoded_wide or line == column == 0:
            continue
        if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1):
            raise Broken(f"a place outside the file: {problem!r}")


def check_nothing_lost(content: bytes, campaign: Campaign, problems: tuple[Problem, ...]) -> None:
    """Every word of every text is in the campaign, or a problem speaks of its line."""
    held = set(list_words(campaign))
    data = read_yaml(content, "a.yaml").data
    for text in list_texts(data.get("posts")):
        for word in expand(text, campaign).split():
            if word not in held:
                raise Broken(f"the word {word!r} is in the data and in no message")
    told = {problem.place.line for problem in problems}
    everything = set(expand(" ".join(list_strings(data)), campaign).split())
    for number, word in list_typed(decode_lines(content)):
        if word not in everything and expand(word, campaign) not in everything and number not in told:
            raise Broken(f"the word {word!r} of line {number} is nowhere, and nothing is said of it")


def expand(text: str, campaign: Campaign) -> str:
    """Return a text with the year in it."""
    year = campaign.date.year
    return text.replace("{yyyy}", f"{year:04}").replace("{yy}", f"{year % 100:02}")


def list_words(campaign: Campaign) -> Iterator[str]:
    """Yield every word of every message of a campaign."""
    for post in campaign.posts:
        parts: list[Part] = list(post.parts)
        for target in post.targets.values():
            parts += target.parts or ()
            parts += [target.comment] if target.comment is not None else []
        parts += [post.comment] if post.comment is not None else []
        for part in parts:
            yield from part.text.split()


def list_texts(data: Any) -> Iterator[str]:
    """Yield every value named `text`."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from list_texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from list_texts(value)


def list_strings(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from list_strings(value)
    elif isinstance(data, str):
        yield data


def list_typed(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the words that a person sees in the texts of a file, each with its line, by the look of the lines alone.

    Words with signs that quotes give a meaning of their own are left out.
    """
    number = 0
    while number < len(lines):
        found = _TEXT.match(lines[number])
        number += 1
        if found is None:
            continue
        if not _BLOCK.match(found[3]):
            plain = found[3][0:1] not in ("'", '"', "[", "{", "*", "&", "!", "|", ">")
            words = _NOTE.sub("", found[3]).split() if plain else []
            yield from ((number, word) for word in words)
            continue
        inside = len(found[1]) + len(found[2])
        while number < len(lines) and (
            not lines[number].strip() or len(lines[number]) - len(lines[number].lstrip(" ")) > inside
        ):
            yield from (
                (number + 1, word)
                for word in re.split(r"[ \t]+", lines[number].strip(" \t"))
                if word.isprintable() and word
            )
            number += 1
