"""Long lists, worked on by several processes at once: a year of campaigns is shown in not much over half the time."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NoReturn, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LONG = 3000
"""Items from which another process is worth its starting; with fewer everything is done in this one."""


def work_side_by_side(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Result],
    *,
    long: int = LONG,
    weights: Sequence[int] | None = None,
    lead: float = 0.0,
) -> Iterator[Result]:
    """Yield what `work` makes of the list's portions, in order; it must depend on nothing but what it is given.

    A long list is parted among as many processes as there are cores, in portions of about the same weight: items weigh
    `weights`, or one each. Where results take long to be sent, this process, which sends none, takes the share `lead`
    beforehand. `work` is not sent to them: they begin as copies of this one, where the system can make
    such; what it returns must be picklable. What it raises is raised here. No other thread may be at work meanwhile.
    """
    total = len(items) if weights is None else sum(weights)
    count = min(_count_cores(), total * 2 // long, len(items)) if hasattr(os, "fork") else 1
    if count < 2:
        yield work(items)
        return
    portions = _part(items, weights, count, lead)
    others = [_begin(work, portion) for portion in portions[1:]]
    yield work(portions[0])
    for process, pipe in others:
        done, result = _receive(process, pipe)
        if not done:
            raise result
        yield result


def _part(items: Sequence[Item], weights: Sequence[int] | None, count: int, lead: float) -> list[Sequence[Item]]:
    """Return a list in at most so many portions, none of them empty, of about equal weight; the first has the lead."""
    ends = list(accumulate(weights)) if weights is not None else range(1, len(items) + 1)
    shares = (lead + (1 - lead) * number / count if number else 0 for number in range(count))
    starts = sorted({bisect_left(ends, ends[-1] * share) for share in shares})
    return [items[start:stop] for start, stop in pairwise([*starts, len(items)])]


def _count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(work: Callable[[Any], Any], portion: Any) -> tuple[int, int]:
    """Return the id of a process that works on a portion, and the pipe by which it answers.

    The library that starts processes for others takes as long to be loaded as a hundred posts to be shown.
    """
    import pickle  # noqa: F401  # takes time to load, and is not needed for a short list; before the parting, for both

    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        _answer(theirs, work, portion)
    os.close(theirs)
    return process, ours


def _answer(pipe: int, work: Callable[[Any], Any], portion: Any) -> NoReturn:
    """Work, answer and end, without what else is to be done at the end of this program."""
    import pickle

    try:
        try:
            words = pickle.dumps((True, work(portion)), pickle.HIGHEST_PROTOCOL)
        except Exception as failure:
            words = pickle.dumps((False, failure), pickle.HIGHEST_PROTOCOL)
        with open(pipe, "wb") as answer:
            answer.write(words)
    finally:
        os._exit(0)


def _receive(process: int, pipe: int) -> tuple[bool, Any]:
    import pickle

    with open(pipe, "rb") as answer:
        words = answer.read()
    os.waitpid(process, 0)
    try:
        done, result = pickle.loads(words)  # noqa: S301  from a copy of this process
        return done, result
    except (EOFError, pickle.UnpicklingError):  # it was killed, for want of memory perhaps
        return False, RuntimeError("A process that did a part of the work ended before it was done.")
