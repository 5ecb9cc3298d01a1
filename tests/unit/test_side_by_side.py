"""Work that several processes share gives what one would have given, in order, and fails as one would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import pytest

from scheduler.side_by_side import LONG, work_side_by_side

SEVERAL = hasattr(os, "fork") and hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1
only_with_cores = pytest.mark.skipif(not SEVERAL, reason="this machine has one core for it")


def _double(items: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), [item * 2 for item in items]


def test_a_short_list_stays_in_this_process() -> None:
    assert list(work_side_by_side(range(LONG - 1), _double)) == [(os.getpid(), [2 * n for n in range(LONG - 1)])]


@only_with_cores
@pytest.mark.parametrize("count", [10, 11, 101])
def test_a_long_list_is_parted_and_comes_back_in_order(count: int) -> None:
    found = list(work_side_by_side(range(count), _double, long=10))
    assert len({process for process, _ in found}) == len(found) > 1
    assert [item for _, items in found for item in items] == [2 * n for n in range(count)]


@only_with_cores
def test_portions_have_about_the_same_weight_and_this_process_the_lead() -> None:
    weights = [1] * 90 + [30] * 3
    even = [items for _, items in work_side_by_side(range(93), _double, long=10, weights=weights)]
    ahead = [items for _, items in work_side_by_side(range(93), _double, long=10, weights=weights, lead=0.3)]
    for portions in (even, ahead):
        assert [item for items in portions for item in items] == [2 * n for n in range(93)]
    count = len(even)
    heaviest = max(sum(weights[item // 2] for item in items) for items in even)
    assert heaviest <= sum(weights) / count + max(weights)
    assert len(ahead[0]) > len(even[0])


@only_with_cores
def test_what_weighs_most_may_be_all_there_is() -> None:
    found = list(work_side_by_side(range(3), _double, long=10, weights=[1, 1, 1000]))
    assert [item for _, items in found for item in items] == [0, 2, 4]
    assert all(items for _, items in found)


@only_with_cores
def test_what_fails_elsewhere_fails_here() -> None:
    def work(items: Sequence[int]) -> int:
        if 99 in items:
            raise ValueError("99 is too much")
        return len(items)

    with pytest.raises(ValueError, match="99 is too much"):
        list(work_side_by_side(range(100), work, long=10))


@only_with_cores
def test_what_fails_in_words_that_cannot_be_sent_fails_here() -> None:
    class Own(Exception):
        def __init__(self, *, number: int) -> None:
            super().__init__()
            self.number = number

    def work(items: Sequence[int]) -> int:
        if 99 in items:
            raise Own(number=99)
        return len(items)

    with pytest.raises(Own) as raised:
        list(work_side_by_side(range(100), work, long=10))
    assert raised.value.number == 99


@only_with_cores
def test_the_work_of_a_process_that_is_killed_is_done_here() -> None:
    here = os.getpid()

    def work(items: Sequence[int]) -> list[int]:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return list(items)

    assert [item for items in work_side_by_side(range(100), work, long=10) for item in items] == list(range(100))


@only_with_cores
def test_what_cannot_be_sent_is_made_here() -> None:
    def work(items: Sequence[int]) -> Callable[[], int]:
        return lambda: len(items)

    made = list(work_side_by_side(range(100), work, long=10))
    assert len(made) > 1
    assert sum(count() for count in made) == 100


WITHOUT_FILES = """\
import os, pickle, resource, sys
from scheduler.side_by_side import work_side_by_side
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # those that are open already
print(sum(process == os.getpid() for process in work_side_by_side(range(100), lambda _: os.getpid(), long=10)))
"""


@only_with_cores
def test_where_no_more_files_may_be_opened_all_is_done_here() -> None:
    """In a process of its own: threads of this one may need files."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_FILES], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 1


@only_with_cores
def test_whoever_has_seen_enough_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    fork = os.fork

    def note() -> int:
        begun.append(fork())
        return begun[-1]

    monkeypatch.setattr(os, "fork", note)
    here = os.getpid()
    results = work_side_by_side(range(100), lambda _: time.sleep(0 if os.getpid() == here else 60), long=10)
    next(results)
    results.close()  # type: ignore[attr-defined]  # a generator's
    assert begun
    for process in begun:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


PROGRAM = """
import os, signal
from scheduler.side_by_side import work_side_by_side

{before}
for words in work_side_by_side(range(100), lambda items: "x" * 1_000_000, long=10):
    print(len(words), flush=True)
    {after}
"""


@only_with_cores
@pytest.mark.parametrize(
    ("before", "after"),
    [("", "os._exit(0)"), ("", "os.kill(os.getpid(), 9)"), ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "")],
    ids=["it ends", "it is killed", "the system forgets at once who has ended"],
)
def test_no_process_outlives_the_first(before: str, after: str) -> None:
    """Each of them holds its output open: it is read to its end only when all have ended."""
    words = PROGRAM.format(before=before, after=after)
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    assert set(done.stdout.split()) == {"1000000"}
    assert (done.stdout.count("\n") > 1) == (not after)
