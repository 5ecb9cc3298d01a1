"""Hours of the week, as people write them: `Monday to Friday 08:00 to 18:00, Saturday 9am to 1pm`.

A day or days, then one or more pairs of times; the next days begin the next part. Hours without a day are those of
every day. Days: `Monday`, `Mon to Fri`, `Monday, Wednesday and Friday`, `weekdays`, `weekends`, `every day`. Times are
written as those of `when`; `24:00` or `midnight` may end a day. `to` may be written as a dash, parts may be set apart
by a comma, a semicolon, `and` or nothing.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from scheduler.domain.dates_and_times import parse_time
from scheduler.domain.problem import suggest
from scheduler.domain.when_words import (
    FLAGS,
    WEEKDAY_FORM,
    WEEKDAY_NUMBERS,
    WEEKDAYS,
    WhenError,
    make_plain,
    quote,
    refuse,
)

HOURS_EXAMPLES = "Type it like 'Monday to Friday 08:00 to 18:00, Saturday 09:00 to 13:00' or 'every day 7am to 9pm'."
_DAY_END = 24 * 60
_GROUPS = {"weekday": range(5), "weekend": range(5, 7)}
_TO = r"\s*(?:to|until|till|-)\s*"
_CLOCK = r"(?:\d{1,2}(?:[:.]?\d\d)?(?:\s*[ap]\.?m\b\.?)?|(?:12\s*)?(?:noon|midday|midnight))"
# Compiled when first used: few settings have hours, and it takes longer than all else that is loaded here.
_PIECE = (
    rf"(?:(?P<first>{WEEKDAY_FORM})s?\b\.?(?:{_TO}(?P<last>{WEEKDAY_FORM})s?\b)?"
    r"|(?P<group>weekday|weekend)s?\b|(?P<all>every\s+day|each\s+day|daily|all\s+week|7\s+days\s+a\s+week)\b"
    rf"|(?:(?:from|between)\s+)?(?P<start>{_CLOCK})(?:{_TO}|\s+and\s+)(?P<end>{_CLOCK})(?![\w:]))"
)
_JOINER = r"(?:[\s,;:]|\band\b|\bon\b|\bfrom\b(?!\s+\d))*"
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


class WeeklyHours(NamedTuple):
    """Hours of the week. `days` holds, from Monday, the spans of each day: pairs of minutes since midnight.

    `words` is what was written.
    """

    words: str
    days: tuple[tuple[tuple[int, int], ...], ...]

    def hold(self, moment: datetime, *, to_the_end: bool) -> bool:
        """Return whether a wall time lies in these hours. With `to_the_end` 18:00 is still in `08:00 to 18:00`."""
        minute = moment.hour * 60 + moment.minute
        return any(
            start <= minute < end or (to_the_end and minute == end) for start, end in self.days[moment.weekday()]
        )


def parse_hours(text: str) -> WeeklyHours:
    """Given hours of the week as people write them, return them. Raise WhenError if they are none."""
    plain = make_plain(text.translate(_DASHES), HOURS_EXAMPLES)
    days: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    chosen: set[int] = set()
    open_days, is_open = 0, False  # whether days stand there that have no hours yet, and where they begin
    dayless: re.Match[str] | None = None
    piece, joiner = re.compile(_PIECE, FLAGS), re.compile(_JOINER, FLAGS)
    position = _skip(joiner, plain, 0)
    while position < len(plain):
        found = piece.match(plain, position)
        if found is None:
            raise _explain(plain, position)
        if found["start"]:
            span = _read_span(found)
            dayless = dayless or (None if chosen else found)
            for day in chosen or range(7):
                days[day].append(span)
            is_open = False
        else:
            chosen = _read_days(found) | (chosen if is_open else set())
            open_days, is_open = (open_days if is_open else position), True
        position = _skip(joiner, plain, found.end())
    if dayless and chosen:
        message = f"{quote(dayless[0])} has no day before it, and other hours have."
        raise WhenError(message, HOURS_EXAMPLES, *dayless.span())
    if is_open:
        words = plain[open_days:].strip()
        raise WhenError(f"{quote(words)} has no hours.", HOURS_EXAMPLES, open_days, open_days + len(words))
    if not any(days):
        raise refuse(plain, "{} has neither days nor hours.", HOURS_EXAMPLES)
    return WeeklyHours(" ".join(text.split()), tuple(tuple(sorted(spans)) for spans in days))


def _skip(joiner: re.Pattern[str], text: str, position: int) -> int:
    found = joiner.match(text, position)
    return found.end() if found else position


def _read_days(found: re.Match[str]) -> set[int]:
    if found["all"]:
        return set(range(7))
    if found["group"]:
        return set(_GROUPS[found["group"].lower()])
    first = WEEKDAY_NUMBERS[found["first"].lower()]
    last = WEEKDAY_NUMBERS[found["last"].lower()] if found["last"] else first
    return {(first + n) % 7 for n in range((last - first) % 7 + 1)}


def _read_span(found: re.Match[str]) -> tuple[int, int]:
    start, end = _read_minute(found, "start"), _read_minute(found, "end")
    if start >= end:
        message = f"{quote(found[0])} ends before it begins."
        hint = "Hours past midnight are written in two parts: 'every day 22:00 to 24:00, 00:00 to 06:00'."
        raise WhenError(message, hint, *found.span())
    return start, end


def _read_minute(found: re.Match[str], group: str) -> int:
    """Return a time of day as minutes since midnight; as an end, midnight is that of the day's end."""
    words = found[group]
    if group == "end" and words.lower() in ("24:00", "24.00", "2400", "midnight", "12 midnight"):
        return _DAY_END
    try:
        clock, _ = parse_time(words)
    except WhenError as problem:
        raise problem.moved(found.start(group)) from None
    return clock.hour * 60 + clock.minute


def _explain(text: str, position: int) -> WhenError:
    """Return the error for what stands at a position and is neither days nor hours."""
    word = re.match(r"[^\s,;]+", text[position:])
    words = word[0] if word else text[position:]
    meant = suggest(words, WEEKDAYS) if re.fullmatch(r"[A-Za-z]{3,20}", words) else ""
    message = f"{quote(words)} is neither a day of the week nor hours such as '08:00 to 18:00'."
    return WhenError(message, meant or HOURS_EXAMPLES, position, position + len(words))
