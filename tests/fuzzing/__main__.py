"""`python -m tests.fuzzing [--minutes 5] [--seed N]`: read damaged files; end with 1 if a promise did not hold."""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.fuzzing.mutation import damage
from tests.fuzzing.promises import Broken, try_calendar, try_days, try_settings
from tests.unit import test_settings, test_trap_table, test_yaml_traps

ROOT = Path(__file__).parents[2]
LONGEST = 2.0
"""Seconds of work that a file of at most 64 KB may take; what else the machine does meanwhile is not counted."""

DAYS = """\
days:
  open-day:
    name: Open Day of Exampleshire Police
    rule: second Saturday of June
    hashtags: ["#OpenDay{yy}"]
dates:
  ce-awareness-day:
    2028: {on: 20 March 2028, why: moved by the organiser, source: https://www.example.org}
  anti-bullying-week:
    2027: {skip: nobody is free that week}
"""


class Finding(NamedTuple):
    """A promise that did not hold: what happened, and the file."""

    kind: str
    what: str
    content: bytes


class Reader(NamedTuple):
    """Something that reads files, and files to damage for it."""

    name: str
    read: Callable[[bytes], None]
    seeds: list[str]
    share: int


def list_readers() -> list[Reader]:
    calendars = sorted([*ROOT.glob("campaigns/*.yaml"), *ROOT.glob("tests/calendars/*/*.yaml")])
    texts = [path.read_text(encoding="utf-8") for path in calendars]
    traps = [row.lines for row in test_trap_table.TABLE.values()] + [row[0] for row in test_yaml_traps.REFUSED.values()]
    texts += [re.sub("[‹›]", "", test_trap_table.whole(lines)) for lines in traps]
    settings = [(ROOT / "config.example.yaml").read_text(encoding="utf-8"), *test_settings.OPEN_SECRETS.values()]
    settings += [re.sub("[‹›]", "", text) for text, *_ in test_settings.MISTAKES.values()]
    return [
        Reader("calendars", try_calendar, texts, 8),
        Reader("settings", try_settings, settings, 1),
        Reader("days", try_days, [DAYS], 1),
    ]


def try_one(reader: Reader, content: bytes) -> tuple[float, Finding | None]:
    """Return how many seconds of work a file takes to read, and what is wrong."""
    begun = time.process_time()
    try:
        reader.read(content)
    except Broken as failure:
        return time.process_time() - begun, Finding("a broken promise", str(failure), content)
    except Exception as failure:
        trace = failure.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
        return time.process_time() - begun, Finding("a failure", f"{type(failure).__name__} at {where}", content)
    spent = time.process_time() - begun
    return spent, Finding("too slow", f"{spent:.1f} s", content) if spent > LONGEST else None


def main() -> int:
    """Run for as long as asked for. Return 1 if a promise did not hold, and keep the files with which it did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long")
    parser.add_argument("--seed", type=int, default=None, help="the same number damages in the same ways")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    dice, readers = random.Random(seed), list_readers()
    counts, slowest, largest = Counter[str](), Counter[str](), 0
    findings: dict[str, Finding] = {}
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        [reader] = dice.choices(readers, [each.share for each in readers])
        content = damage(reader.seeds, dice)
        spent, finding = try_one(reader, content)
        counts[reader.name] += 1
        slowest[reader.name] = max(slowest[reader.name], round(1000 * spent))
        largest = max(largest, len(content))
        if finding is not None:
            kind = re.sub(r"'[^']*'|\d+|Problem\(.*", "…", f"{reader.name}: {finding.kind}: {finding.what}")
            findings.setdefault(kind, finding)
    for name, count in counts.items():
        print(f"{name}: {count} files read, the slowest in {slowest[name]} ms")
    print(f"seed {seed}; the largest file had {largest} bytes; {len(findings)} kinds of findings")
    keep(findings)
    return 1 if findings else 0


def keep(findings: dict[str, Finding]) -> None:
    """Say what was found, and keep the files."""
    if not findings:
        return
    folder = Path(tempfile.mkdtemp(prefix="fuzzing-"))
    for number, (kind, finding) in enumerate(findings.items(), 1):
        path = folder / f"{number}.yaml"
        path.write_bytes(finding.content)
        print(f"{path}: {kind}\n    {finding.what}")


if __name__ == "__main__":
    sys.exit(main())
