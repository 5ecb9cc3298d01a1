"""Point 10: what each failure means, at the committing call and before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.delivery import Receipt
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import Harness, rehearse_ways
from tests.conformance.replies import CannedCall, Meaning, Replies

MEANINGS: Mapping[Failure, Meaning] = {
    Failure.REFUSED: Unavailable,
    Failure.NO_CONNECTION: Unavailable,
    Failure.STATUS_400: Rejected,
    Failure.STATUS_401: Unauthorised,
    Failure.STATUS_403: Rejected,
    Failure.STATUS_422: Rejected,
    Failure.STATUS_429: RateLimited,
    Failure.STATUS_500: OutcomeUnknown,
    Failure.STATUS_503: OutcomeUnknown,
    Failure.HTML: OutcomeUnknown,
    Failure.CUT_JSON: OutcomeUnknown,
    Failure.CUT_BODY: OutcomeUnknown,
    Failure.EMPTY: OutcomeUnknown,
    Failure.CLOSED: OutcomeUnknown,
    Failure.SILENT: OutcomeUnknown,
}
"""What a failure of the committing call means, unless a file of replies says otherwise and why."""
MakeHarness = Callable[[], Harness]

every_failure = pytest.mark.parametrize("failure", Failure)


def publish_badly(
    harness: Harness, way: str, failure: Failure, number: int, *, commits: bool
) -> Receipt | PublishError:
    """Return what becomes of a post, made of what `way` says, when one of its calls fails."""
    part = harness.prepare_way(way)
    harness.fail(failure, number, commits=commits)
    try:
        return harness.publish(part)
    except PublishError as error:
        return error


@pytest.mark.point(10)
@every_failure
def test_a_failure_of_the_committing_call_has_its_meaning(make_harness: MakeHarness, failure: Failure) -> None:
    for way, calls in rehearse_ways(make_harness):
        harness = make_harness()
        outcome = publish_badly(harness, way, failure, len(calls) - 1, commits=True)
        meant = harness.replies.exceptions.get(failure, MEANINGS[failure])
        assert type(outcome) in _subclasses(meant), (way, repr(outcome))
        assert isinstance(outcome, Receipt) or len(str(outcome)) > 10
        assert len(harness.looks) == 1


def _subclasses(kind: Meaning) -> set[type]:
    """Return a kind and a platform's own shades of it, but none of the other kinds."""
    return {kind, *kind.__subclasses__()}


@pytest.mark.point(10)
def test_an_account_rests_as_long_as_it_is_told_to(make_harness: MakeHarness) -> None:
    for way, calls in rehearse_ways(make_harness):
        harness = make_harness()
        outcome = publish_badly(harness, way, Failure.STATUS_429, len(calls) - 1, commits=True)
        assert isinstance(outcome, RateLimited)
        assert outcome.until is not None
        now = datetime.now(UTC) if isinstance(harness.door, ServerDoor) else harness.clock.now()
        assert timedelta(seconds=20) < outcome.until - now <= timedelta(seconds=60)


@pytest.mark.point(10)
@every_failure
def test_a_failure_before_the_commit_leaves_nothing_in_doubt(make_harness: MakeHarness, failure: Failure) -> None:
    for way, calls in rehearse_ways(make_harness):
        for number in range(len(calls) - 1):
            harness = make_harness()
            outcome = publish_badly(harness, way, failure, number, commits=False)
            assert not isinstance(outcome, OutcomeUnknown), (way, number, outcome)
            posted = isinstance(outcome, Receipt)  # the platform may do without what that call was for
            assert (len(harness.commits()), len(harness.looks)) == (int(posted), int(posted))


@pytest.mark.point(10)
def test_an_answer_that_is_json_but_says_nothing_leaves_it_in_doubt(
    make_harness: MakeHarness, replies: Replies
) -> None:
    if replies.exceptions.get(Failure.EMPTY) is Receipt:
        return  # it never says anything
    nothing: tuple[Any, ...] = ({}, [], None, 7, "posted", {"data": None}, {"data": []}, [{}])
    for way, _ in rehearse_ways(make_harness):
        for nonsense in nothing:
            harness = make_harness()
            if isinstance(harness.door, ServerDoor):
                harness.answer_first_with(
                    tuple(CannedCall(call.call, nonsense, call.status) for call in replies.commits)
                )
                with pytest.raises(OutcomeUnknown):
                    harness.publish(harness.prepare_way(way))


def test_each_exception_to_the_table_is_one(replies: Replies) -> None:
    for failure, meaning in replies.exceptions.items():
        assert meaning is not MEANINGS[Failure(failure)], f"'{failure}' needs no exception: the table says so too"
