"""Runs the command line, and kills its own process with SIGKILL at a given moment, as a power cut would.

    python crashing.py "MODULE:FUNCTION:call:COUNT:free > MODULE:FUNCTION:return:COUNT:bound" run

The moments must come one after the other; at the last the process dies. Nothing of the program is replaced: Python's
profiler tells of each call and return. Only threads begun after the start are watched, where all publishing happens.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class Moment:
    """The nth call of a function, or return from it (by an exception too). `function` is its qualified name.

    A `bound` one counts only in the thread of the moment before it: a daemon's other threads make calls of their own.
    """

    module: str
    function: str
    event: str
    count: int = 1
    bound: bool = False

    def __str__(self) -> str:
        return f"{self.module}:{self.function}:{self.event}:{self.count}:{'bound' if self.bound else 'free'}"


def read_moments(words: str) -> tuple[Moment, ...]:
    """Return the moments written as `str` writes them, joined with ` > `."""
    moments = []
    for word in words.split(" > "):
        module, function, event, count, kind = word.split(":")
        moments.append(Moment(module, function, event, int(count), kind == "bound"))
    return tuple(moments)


class Watch:
    """A profile function that kills the process once it has seen every moment, in their order."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        self._ahead = list(moments)
        self._seen = 0
        self._thread = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        moment = self._ahead[0]
        if event != moment.event or frame.f_code.co_qualname != moment.function:
            return
        name = frame.f_globals.get("__name__", "")
        if name != moment.module and not name.startswith(moment.module + "."):  # pathlib is a package in newer Pythons
            return
        if moment.bound and threading.get_ident() != self._thread:
            return
        self._seen += 1
        if self._seen < moment.count:
            return
        if len(self._ahead) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        self._ahead.pop(0)
        self._seen, self._thread = 0, threading.get_ident()


def main() -> None:
    sys.path.remove(str(Path(__file__).parent))  # the program is to find what it finds without this launcher
    threading.setprofile(Watch(read_moments(sys.argv.pop(1))))
    from scheduler.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
