"""`python -m scheduler` and the `campaign` command."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; an error of the product ends with its exit code and its words on standard error."""
    # Looking for cycles again and again while a plan is read takes a tenth of a preview's time, and finds none.
    gc.set_threshold(100_000, 50, 100)
    from scheduler.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
