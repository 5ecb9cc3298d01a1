"""`python -m scheduler` and the `campaign` command."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading


def main() -> None:
    """Run the command line; an error of the product ends with its exit code and its words on standard error."""
    # Looking for cycles again and again while a plan is read takes a tenth of a preview's time, and finds none: it is
    # done less often, and only once a command is known that does more than read and show (see `cli`).
    gc.set_threshold(100_000, 50, 100)
    gc.disable()
    from scheduler.cli import run

    code = run()
    if threading.active_count() == 1:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End the process without taking apart everything in it first, which takes another tenth of a preview's time.

    This is for commands that left nothing running: what asked to be done at the end (a ledger is closed) is done.
    """
    atexit._run_exitfuncs()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # either may be closed from the start
            stream.flush()
    except OSError:
        pass  # whoever read it has seen enough, or was told that it cannot be written
    os._exit(code)


if __name__ == "__main__":
    main()
