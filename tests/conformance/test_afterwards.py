"""Beside the points: what a platform may offer once a post is out, and for its tokens.

That is `retract`, `is_live`, `refresh` and `read_end`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from scheduler.domain.delivery import Receipt
from scheduler.domain.ports import Refreshes, Retracts, TellsEnd, Verifies
from scheduler.errors import OutcomeUnknown, PublishError, Unauthorised
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import CANARY, Harness
from tests.conformance.replies import CannedCall
from tests.conformance.test_secrets import find_secrets

MakeHarness = Callable[[], Harness]
TROUBLE = (
    Failure.REFUSED,
    Failure.NO_CONNECTION,
    Failure.STATUS_401,
    Failure.STATUS_429,
    Failure.STATUS_500,
    Failure.STATUS_503,
    Failure.CLOSED,
    Failure.SILENT,
)
"""What proves nothing, whatever was asked."""

every_trouble = pytest.mark.parametrize("trouble", TROUBLE)


def need(harness: Harness, name: str) -> tuple[CannedCall, ...]:
    """Return the calls of that name in the file of replies; a folder answers by itself."""
    calls = getattr(harness.replies, name)
    asked = isinstance(harness.door, ServerDoor)
    assert calls or not asked, f"the file of replies must say in `{name}` what the server answers"
    assert isinstance(calls, tuple)
    return calls


def publish_and_then(harness: Harness, name: str) -> Receipt:
    """Publish a post; from then on the server answers as the file of replies says in `name`."""
    receipt = harness.publish(harness.prepare_text())
    harness.answer_first_with(need(harness, name))
    return receipt


def take_back(harness: Harness, receipt: Receipt) -> None:
    assert isinstance(harness.platform, Retracts)
    with harness.open() as context:
        harness.platform.retract(receipt, 0, context)


def is_live(harness: Harness, receipt: Receipt) -> bool:
    assert isinstance(harness.platform, Verifies)
    with harness.open() as context:
        return harness.platform.is_live(receipt, 0, context)


# --- Taking back -----------------------------------------------------------------------------------------------------


@pytest.fixture
def retracting(make_harness: MakeHarness) -> MakeHarness:
    """A function that returns an account of a platform that can take back; the test is over where none can."""
    if not isinstance(make_harness().platform, Retracts):
        pytest.skip("it cannot take back")
    return make_harness


def test_a_post_is_taken_back(retracting: MakeHarness) -> None:
    harness = retracting()
    receipt = publish_and_then(harness, "retract")
    calls, looks = len(harness.door.seen()), len(harness.looks)
    take_back(harness, receipt)
    if isinstance(harness.door, ServerDoor):
        made = harness.door.seen()[calls:]
        assert made
        assert not any(harness.is_commit(call) for call in made)
    assert len(harness.looks) == looks  # no commit, and so no last look


def test_a_post_that_is_gone_counts_as_taken_back(retracting: MakeHarness) -> None:
    harness = retracting()
    receipt = publish_and_then(harness, "retract")
    take_back(harness, receipt)
    harness.answer_first_with(need(harness, "gone"))
    take_back(harness, receipt)


@every_trouble
def test_trouble_while_taking_back_is_told(retracting: MakeHarness, trouble: Failure) -> None:
    rehearsed = retracting()
    receipt = publish_and_then(rehearsed, "retract")
    before = len(rehearsed.door.seen())
    take_back(rehearsed, receipt)
    if isinstance(rehearsed.door, ServerDoor):
        for number in range(len(rehearsed.door.seen()) - before):
            harness = retracting()
            receipt = publish_and_then(harness, "retract")
            harness.fail(trouble, number)
            with pytest.raises(PublishError) as caught:
                take_back(harness, receipt)
            assert not isinstance(caught.value, OutcomeUnknown)
            assert find_secrets(harness, caught.value) == []


# --- Still there? ----------------------------------------------------------------------------------------------------


@pytest.fixture
def verifying(make_harness: MakeHarness) -> MakeHarness:
    """A function that returns an account of a platform that can verify; the test is over where none can."""
    if not isinstance(make_harness().platform, Verifies):
        pytest.skip("it cannot tell whether a post is still there")
    return make_harness


def test_a_post_is_live_until_it_is_gone(verifying: MakeHarness) -> None:
    harness = verifying()
    receipt = publish_and_then(harness, "live")
    assert is_live(harness, receipt)
    if isinstance(harness.door, ServerDoor):
        harness.answer_first_with(need(harness, "gone"))
    else:
        take_back(harness, receipt)
    assert not is_live(harness, receipt)


@every_trouble
def test_trouble_never_says_that_a_post_is_gone(verifying: MakeHarness, trouble: Failure) -> None:
    rehearsed = verifying()
    receipt = publish_and_then(rehearsed, "live")
    before = len(rehearsed.door.seen())
    assert is_live(rehearsed, receipt)
    if isinstance(rehearsed.door, ServerDoor):
        for number in range(len(rehearsed.door.seen()) - before):
            harness = verifying()
            receipt = publish_and_then(harness, "live")
            harness.fail(trouble, number)
            with pytest.raises(PublishError) as caught:
                is_live(harness, receipt)
            assert not isinstance(caught.value, OutcomeUnknown)


# --- Tokens ----------------------------------------------------------------------------------------------------------


def refresh(harness: Harness) -> datetime | None:
    """Let the token grow old, and get a new one."""
    assert isinstance(harness.platform, Refreshes)
    harness.clock.sleep(harness.replies.refresh_after)
    harness.change_settings("refresh")
    harness.answer_first_with(need(harness, "refresh"))
    with harness.open() as context:
        return harness.platform.refresh(context)


def test_a_new_token_is_got_kept_and_used(harness: Harness) -> None:
    if not isinstance(harness.platform, Refreshes):
        return
    told = harness.replies.refreshed_until
    assert told, "the file of replies must say in `refreshed_until` when the new token ends, or `not told`"
    assert refresh(harness) == (None if told == "not told" else datetime.fromisoformat(told))
    words = json.dumps([call.reply for call in harness.replies.refresh])
    fresh = re.findall(rf'"({CANARY}[^"]+)"', words)
    assert fresh, f"a token in the answers of `refresh` must begin with '{CANARY}'"
    before = len(harness.door.seen())
    harness.publish(harness.prepare_text())
    (commit,) = [call for call in harness.door.seen()[before:] if harness.is_commit(call)]
    sent = json.dumps(dict(commit.headers)).encode()
    assert any(token.encode() in sent or commit.holds(token.encode()) for token in fresh)


@every_trouble
def test_trouble_while_a_token_is_refreshed_is_told(make_harness: MakeHarness, trouble: Failure) -> None:
    if not isinstance(make_harness().platform, Refreshes):
        return
    rehearsed = make_harness()
    refresh(rehearsed)
    for number in range(len(rehearsed.door.seen())):
        harness = make_harness()
        harness.fail(trouble, number)
        with pytest.raises(PublishError) as caught:
            refresh(harness)
        assert not isinstance(caught.value, OutcomeUnknown)
        assert find_secrets(harness, caught.value) == []


def test_it_says_when_the_credentials_end(harness: Harness) -> None:
    if not isinstance(harness.platform, TellsEnd):
        return
    assert harness.replies.ends, "the file of replies must say in `ends` when the credentials end, or `never`"
    harness.answer_first_with(harness.replies.end)
    with harness.open() as context:
        end = harness.platform.read_end(context)
    assert end == (None if harness.replies.ends == "never" else datetime.fromisoformat(harness.replies.ends))
    assert end is None or end.tzinfo is not None
    assert harness.commits() == []


def test_credentials_that_are_refused_have_no_end(harness: Harness) -> None:
    if isinstance(harness.platform, TellsEnd) and harness.replies.end:
        harness.answer_first_with(harness.replies.end)
        harness.fail(Failure.STATUS_401, 0)
        with harness.open() as context, pytest.raises(Unauthorised):
            harness.platform.read_end(context)
