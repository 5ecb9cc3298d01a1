"""Preview, check and help as people run them: whole processes, against others on the same material."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.material import THREE_ACCOUNTS, write_calendar, write_posts, write_project
from tests.benchmarks.mdsend import VERSION, prepare_mdsend
from tests.benchmarks.processes import CAMPAIGN, ROOT, Command, Comparison, compare, read_output

ACCOUNTS = ("force-x", "force-bluesky", "force-mastodon")
_READ_EVENTS = """\
import sys, yaml
loader = yaml.CLoader(open(sys.argv[1], encoding="utf-8").read())
while loader.check_event():
    loader.get_event()
"""


def measure_preview(folder: Path, *, posts: int = 1000, pairs: int = 9) -> list[Figure]:
    """Preview on x, bluesky and mastodon, without a ledger and with one that has a row for every delivery."""
    written = write_posts(posts)
    project = write_project(folder / "project", THREE_ACCOUNTS, write_calendar(written, ACCOUNTS))
    ours, theirs = Command((*CAMPAIGN, "preview"), project), prepare_mdsend(folder / "mdsend", written)
    expect(ours, f"{posts * 3} deliveries: 0 errors")
    expect(theirs, f"Found {posts} post(s)")
    without = compare(ours, theirs, pairs)
    # The rows are written by a process of its own: this one stays small, see `processes.run`.
    read_output(Command((sys.executable, "-m", "tests.benchmarks.rows", str(project)), ROOT))
    expect(ours, "· posted")
    with_rows = compare(ours, theirs, pairs)
    mdsend = f"the time of mdsend {VERSION} on the same posts"
    far = f"{without.ratio - 1:+.2f} from 1.0 ×"
    rows = f"the same with {posts * 3} rows posted"
    return [
        Figure(
            "preview",
            without.ratio,
            1.5,
            "×",
            f"{mdsend}; {far}; {say(without)}",
        ),
        Figure("preview-ledger", with_rows.ratio, 3.0, "×", f"{rows}; {say(with_rows)}"),
        Figure("preview-memory", without.memory_ratio, 2.5, "×", "its greatest memory, no ledger"),
        Figure("preview-ledger-memory", with_rows.memory_ratio, 2.5, "×", "its greatest memory, with the ledger"),
    ]


def measure_check(folder: Path, *, posts: int = 10_000, pairs: int = 5) -> list[Figure]:
    """Check of a large calendar, for one account and for three, against a process that only reads libyaml's events."""
    return [
        _measure_check(folder / "one", "check", ACCOUNTS[1:2], posts, pairs),
        _measure_check(folder / "three", "check-three", ACCOUNTS, posts, pairs),
    ]


def _measure_check(folder: Path, name: str, accounts: Sequence[str], posts: int, pairs: int) -> Figure:
    calendar = write_calendar(write_posts(posts), accounts, details=True)
    project = write_project(folder, THREE_ACCOUNTS, calendar)
    ours = Command((*CAMPAIGN, "check"), project)
    events = Command((sys.executable, "-c", _READ_EVENTS, "campaigns/benchmark.yaml"), project)
    expect(ours, "1 calendar read: 0 errors, 0 warnings.")
    found = compare(ours, events, pairs)
    whom = f"{posts} posts × {len(accounts)}, {len(calendar) / 1e6:.1f} MB"
    return Figure(name, found.ratio, 6.0, "×", f"{whom}: a process that reads only libyaml's events; {say(found)}")


def measure_help(folder: Path, *, pairs: int = 15) -> list[Figure]:
    """`campaign --help` against the import of click alone."""
    ours, theirs = Command((*CAMPAIGN, "--help"), folder), Command((sys.executable, "-c", "import click"), folder)
    expect(ours, "preview")
    found = compare(ours, theirs, pairs)
    return [Figure("help", found.ratio, 2.0, "×", f"the time of python -c 'import click'; {say(found)}")]


def say(found: Comparison) -> str:
    """Return both times, in words."""
    return f"{found.seconds * 1000:.0f} ms against {found.other_seconds * 1000:.0f} ms"


def expect(command: Command, words: str) -> None:
    """Raise RuntimeError if a command does not do what is to be measured."""
    output = read_output(command)
    if words not in output:
        raise RuntimeError(f"'{' '.join(command.words)}' did not say '{words}': {output[-500:]}")
