"""Long lists, worked on by several processes at once: a year of campaigns is shown in not much over half the time."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from typing import IO, Any, NamedTuple, NoReturn, TypeVar

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
    such. No other thread may be at work meanwhile. A portion that fails elsewhere, or whose result cannot be pickled,
    is worked on here once more: so what `work` raises is raised here.
    """
    total = len(items) if weights is None else sum(weights)
    count = min(_count_cores(), total * 2 // long, len(items)) if hasattr(os, "fork") else 1
    if count < 2:
        yield work(items)
        return
    first, *rest = _part(items, weights, count, lead)
    others: list[_Other | None] = []
    try:
        for portion in rest:
            others.append(_begin(work, portion))
        yield work(first)
        for portion, other in zip(rest, others, strict=True):
            answer = _receive(other)
            yield answer[0] if answer else work(portion)
    finally:
        for other in others:
            _end(other)


def _part(items: Sequence[Item], weights: Sequence[int] | None, count: int, lead: float) -> list[Sequence[Item]]:
    """Return a list in at most so many portions, none of them empty, of about equal weight; the first has the lead."""
    ends = list(accumulate(weights)) if weights is not None else range(1, len(items) + 1)
    shares = (lead + (1 - lead) * number / count if number else 0 for number in range(count))
    starts = sorted({bisect_left(ends, ends[-1] * share) for share in shares})
    return [items[start:stop] for start, stop in pairwise([*starts, len(items)])]


def _count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Other(NamedTuple):
    """Another process at work, and the pipe by which it answers."""

    process: int
    pipe: IO[bytes]


def _begin(work: Callable[[Any], Any], portion: Any) -> _Other | None:
    """Let another process work on a portion; None if the system gives no more processes or files.

    The library that starts processes for others takes as long to be loaded as a hundred posts to be shown.
    """
    import pickle  # noqa: F401  # takes time to load, and is not needed for a short list; before the parting, for both

    ends: tuple[int, ...] = ()
    try:
        ends = ours, theirs = os.pipe()
        process = os.fork()
    except OSError:
        for end in ends:
            os.close(end)
        return None
    if process == 0:
        _answer(ours, theirs, work, portion)
    os.close(theirs)
    return _Other(process, os.fdopen(ours, "rb"))


def _answer(ours: int, theirs: int, work: Callable[[Any], Any], portion: Any) -> NoReturn:
    """Work, answer and end, without what else is to be done at the end of this program. A failure is no answer."""
    import pickle

    try:
        os.close(ours)  # else it would wait for ever, as its own reader, once the first process is gone
        words = pickle.dumps([work(portion)], pickle.HIGHEST_PROTOCOL)
        with os.fdopen(theirs, "wb") as answer:
            answer.write(words)
    finally:
        os._exit(0)


def _receive(other: _Other | None) -> list[Any]:
    """Return the only result in a list; an empty one if there is none, or not all of it: of whom was killed, say."""
    import pickle

    try:
        return list(pickle.loads(other.pipe.read())) if other else []  # noqa: S301  from a copy of this process
    except Exception:
        return []


def _end(other: _Other | None) -> None:
    """Leave nothing behind: the answer was received, or nobody waits for it any more."""
    if other is None:
        return
    import signal

    other.pipe.close()
    with suppress(ProcessLookupError, ChildProcessError):  # where the system forgets at once who has ended
        os.kill(other.process, signal.SIGKILL)
        os.waitpid(other.process, 0)
