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
from tests.conformance.harness import Harness
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
ALTS = ("A palm.", "A fist.")
MakeHarness = Callable[[], Harness]

every_failure = pytest.mark.parametrize("failure", Failure)


def count_calls(harness: Harness) -> int:
    """Return how many calls it takes to publish a post with pictures, the committing one included."""
    harness.publish(harness.prepare_with_pictures(*ALTS))
    return len(harness.door.seen())


def publish_badly(harness: Harness, failure: Failure, number: int, *, commits: bool) -> Receipt | PublishError:
    """Return what becomes of a post with pictures when one of its calls fails."""
    part = harness.prepare_with_pictures(*ALTS)
    harness.fail(failure, number, commits=commits)
    try:
        return harness.publish(part)
    except PublishError as error:
        return error


@pytest.mark.point(10)
@every_failure
def test_a_failure_of_the_committing_call_has_its_meaning(make_harness: MakeHarness, failure: Failure) -> None:
    harness, number = make_harness(), count_calls(make_harness())
    outcome = publish_badly(harness, failure, number - 1, commits=True)
    assert type(outcome) in _subclasses(harness.replies.exceptions.get(failure, MEANINGS[failure])), repr(outcome)
    assert isinstance(outcome, Receipt) or len(str(outcome)) > 10
    assert len(harness.looks) == 1


def _subclasses(kind: Meaning) -> set[type]:
    """Return a kind and a platform's own shades of it, but none of the other kinds."""
    return {kind, *kind.__subclasses__()}


@pytest.mark.point(10)
def test_an_account_rests_as_long_as_it_is_told_to(make_harness: MakeHarness) -> None:
    harness, number = make_harness(), count_calls(make_harness())
    outcome = publish_badly(harness, Failure.STATUS_429, number - 1, commits=True)
    assert isinstance(outcome, RateLimited)
    assert outcome.until is not None
    now = datetime.now(UTC) if isinstance(harness.door, ServerDoor) else harness.clock.now()
    assert timedelta(seconds=20) < outcome.until - now <= timedelta(seconds=60)


@pytest.mark.point(10)
@every_failure
def test_a_failure_before_the_commit_leaves_nothing_in_doubt(make_harness: MakeHarness, failure: Failure) -> None:
    for number in range(count_calls(make_harness()) - 1):
        harness = make_harness()
        outcome = publish_badly(harness, failure, number, commits=False)
        assert not isinstance(outcome, OutcomeUnknown), (number, outcome)
        posted = isinstance(outcome, Receipt)  # the platform may do without what that call was for
        assert (len(harness.commits()), len(harness.looks)) == (int(posted), int(posted))


@pytest.mark.point(10)
def test_an_answer_that_is_json_but_says_nothing_leaves_it_in_doubt(
    make_harness: MakeHarness, replies: Replies
) -> None:
    if replies.exceptions.get(Failure.EMPTY) is Receipt:
        return  # it never says anything
    nothing: tuple[Any, ...] = ({}, [], None, 7, "posted", {"data": None}, {"data": []}, [{}])
    for nonsense in nothing:
        harness = make_harness()
        if isinstance(harness.door, ServerDoor):
            commit = replies.commit
            harness.answer_first_with((CannedCall(commit.call, nonsense, commit.status),))
            with pytest.raises(OutcomeUnknown):
                harness.publish(harness.prepare_text())


def test_each_exception_to_the_table_is_one(replies: Replies) -> None:
    for failure, meaning in replies.exceptions.items():
        assert meaning is not MEANINGS[Failure(failure)], f"'{failure}' needs no exception: the table says so too"
