"""Long lists, worked on by several processes at once: a year of campaigns is shown in not much over half the time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LONG = 3000
"""Items from which another process is worth its starting; with fewer everything is done in this one."""


def work_side_by_side(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Result], *, long: int = LONG
) -> Iterator[Result]:
    """Yield what `work` makes of the list's portions, in order; it must depend on nothing but what it is given.

    A long list is parted among as many processes as there are cores. `work` is not sent to them: they begin as copies
    of this one, where the system can make such; what it returns must be picklable. What it raises is raised here.
    """
    count = min(_count_cores(), len(items) * 2 // long) if hasattr(os, "fork") else 1
    if count < 2:
        yield work(items)
        return
    from multiprocessing import get_context

    context = get_context("fork")
    size = -(-len(items) // count)
    portions = [items[start : start + size] for start in range(0, len(items), size)]
    others = []
    for portion in portions[1:]:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(theirs, work, portion), daemon=True)
        process.start()
        theirs.close()
        others.append((process, ours))
    yield work(portions[0])
    for process, ours in others:
        done, result = _receive(ours)
        process.join()
        if not done:
            raise result
        yield result


def _count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _send(pipe: Any, work: Callable[[Any], Any], portion: Any) -> None:
    try:
        pipe.send((True, work(portion)))
    except Exception as failure:
        pipe.send((False, failure))


def _receive(pipe: Any) -> tuple[bool, Any]:
    try:
        done, result = pipe.recv()
        return done, result
    except EOFError:  # it was killed, for want of memory perhaps
        return False, RuntimeError("A process that did a part of the work ended before it was done.")
