"""Work that several processes share gives what one would have given, in order, and fails as one would."""

from __future__ import annotations

import os
from collections.abc import Sequence

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
def test_a_process_that_is_killed_is_no_silence() -> None:
    here = os.getpid()

    def work(items: Sequence[int]) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return len(items)

    with pytest.raises(RuntimeError, match="ended before it was done"):
        list(work_side_by_side(range(100), work, long=10))
