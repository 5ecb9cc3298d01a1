"""Counting in working days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias

FARTHEST_WORKING_DAYS = 260
"""About a year of them."""

IsWorking: TypeAlias = Callable[[date], bool]
"""Whether people are at work on a date: no weekend and no bank holiday."""


def count_working_days(day: date, number: int, is_working: IsWorking) -> date:
    """Return the working day that is `number` of them after a day, or before it if `number` is negative.

    The day itself never counts, whether it is a working day or not; with 0 it is returned if it is one, else the next.
    Raise OverflowError past the years that dates can have.
    """
    step = timedelta(days=-1 if number < 0 else 1)
    if number == 0:
        while not is_working(day):
            day += step
    for _ in range(abs(number)):
        day += step
        while not is_working(day):
            day += step
    return day
