"""From the time that a clock on the wall shows to an instant: refused where clocks leap, asked where they repeat."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from scheduler.domain.dates_and_times import write_date
from scheduler.domain.when_words import ABBREVIATIONS, WhenError


def find_instant(first: datetime, called: str | None) -> datetime:
    """Given a wall time with its zone, return the instant at which the clocks there show it.

    `called` is the abbreviation or offset written after it ("GMT", "+01:00"), if any. Raise WhenError if the clocks do
    not show that time once: never in spring's gap, twice in autumn unless `called` says which.
    """
    second = first.replace(fold=1)
    before, after = _offset(first), _offset(second)
    if before < after:
        raise _gap_error(first, before, after)
    return _pick_called(called, first, second) if called or before > after else first


def name_nearest(wall: datetime, *, second: bool = False) -> tuple[date, str]:
    """Given a wall time with its zone, return the day and the time, as `when:` takes it, that the clocks there show.

    A time that they leap over becomes as much later. One that they show twice has its clock written after it, "01:30
    BST": that of the first, or of the `second`.
    """
    is_twice = _offset(wall.replace(fold=0)) > _offset(wall.replace(fold=1))
    real = wall.replace(fold=int(second and is_twice)).astimezone(UTC).astimezone(wall.tzinfo)
    return real.date(), f"{real:%H:%M}{_name_clock(real) if is_twice else ''}"


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _name_clock(moment: datetime) -> str:
    """Return what says, written after a time, which clock shows it: " BST", or "+10:30" where it has no name."""
    return f" {moment.tzname()}" if moment.tzname() in ABBREVIATIONS else moment.isoformat()[-6:]


def _pick_called(called: str | None, first: datetime, second: datetime) -> datetime:
    """Return the reading of a wall time whose clock bears this abbreviation or offset, or raise WhenError."""
    for moment in (first, second):
        zero = () if _offset(moment) else ("UTC", "GMT")
        if called in (moment.tzname(), moment.isoformat()[-6:], *zero):
            return moment
    clock, one, other = f"{first:%H:%M}", _name_clock(first), _name_clock(second)
    if _offset(first) != _offset(second):
        hint = f"Write '{clock}{one}' for the first or '{clock}{other}' for the second."
        raise WhenError(f"'{clock}' happens twice on {write_date(first)}: the clocks go back.", hint)
    message = f"'{clock} {called}' is not what the clocks show on {write_date(first)}: they show '{clock}{one}'."
    raise WhenError(message, f"Type '{clock}' or '{clock}{one}'.")


def _gap_error(first: datetime, before: timedelta, after: timedelta) -> WhenError:
    """Return the error for a wall time that the clocks leap over, with the time at which they do."""
    wall = first.replace(tzinfo=None)
    low, high = wall - after, wall - before  # in UTC; the leap lies between
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        still = _offset(middle.replace(tzinfo=UTC).astimezone(first.tzinfo)) == before
        low, high = (middle, high) if still else (low, middle)
    later = wall - before + after
    hint = f"{later:%H:%M}" if later.date() == wall.date() else f"{write_date(later)} {later:%H:%M}"
    message = f"'{wall:%H:%M}' does not exist on {write_date(wall)}: the clocks go forward at {high + before:%H:%M}."
    return WhenError(message, f"Type '{hint}'.")
