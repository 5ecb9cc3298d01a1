"""`python -m scheduler` and the `campaign` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an error of the product ends with its exit code and its words on standard error."""
    from scheduler.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
