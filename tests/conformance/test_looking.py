"""Beside the points: what the looks say that a platform may offer: `find`, `who_am_i` and `read_limits`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.ports import Finds, Platform, TellsLimits, WhoAmI
from scheduler.errors import OutcomeUnknown, PublishError, Unauthorised
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import Harness
from tests.conformance.replies import CannedCall, Replies

MakeHarness = Callable[[], Harness]
NONSENSE: tuple[Any, ...] = (
    {},
    [],
    None,
    7,
    "yes",
    {"data": 5},
    {"data": [None, 7, {}]},
    [None, 7, {}, {"id": "7"}],
    {"value": []},
)


@pytest.fixture
def finding(platform: Platform, make_harness: MakeHarness) -> MakeHarness:
    """A function that returns an account of a platform that can look; the test is over where none can."""
    if not isinstance(platform, Finds):
        assert platform.capabilities.repeat.idempotency is Idempotency.NONE
        pytest.skip("it cannot look")

    def make() -> Harness:
        harness = make_harness()
        if isinstance(harness.door, ServerDoor):
            for name in ("find", "absent"):
                assert getattr(harness.replies, name), f"the file of replies must say in `{name}` what a look finds"
            if harness.replies.container:  # a look asks what became of it
                harness.publish(harness.prepare_text())
            harness.answer_first_with(harness.replies.find)
        return harness

    return make


def test_a_post_that_is_there_is_found(make_harness: MakeHarness, finding: MakeHarness) -> None:
    harness = make_harness()
    part = harness.prepare_text()
    published = harness.publish(part)
    harness.answer_first_with(harness.replies.find)
    found = harness.find(part)
    assert isinstance(found, Receipt)
    assert found._replace(url=found.url if published.url else "") == published  # a look may learn the address
    assert len(harness.looks) == len(harness.commits()) == 1


def test_only_what_proves_it_says_that_it_is_not_there(finding: MakeHarness) -> None:
    harness = finding()
    harness.answer_first_with(harness.replies.absent)
    own = harness.platform.capabilities.repeat.idempotency is Idempotency.OWN_KEY
    proven = own or len(harness.replies.proof) > 20
    found = harness.find(harness.prepare_text())
    assert found is (Found.ABSENT if proven else Found.UNSURE), "`proof` must say why ABSENT is proven, in a sentence"


def test_no_look_at_nonsense_proves_anything(finding: MakeHarness, replies: Replies) -> None:
    for nonsense in NONSENSE:
        harness = finding()
        if isinstance(harness.door, ServerDoor):
            harness.answer_first_with(tuple(CannedCall(call.call, nonsense) for call in replies.find))
            try:
                outcome: object = harness.find(harness.prepare_text())
            except PublishError as error:
                outcome = error
            assert outcome is Found.UNSURE or isinstance(outcome, PublishError), (nonsense, outcome)
            assert not isinstance(outcome, OutcomeUnknown)


@pytest.mark.parametrize("failure", Failure)
def test_a_look_that_fails_proves_nothing(finding: MakeHarness, failure: Failure) -> None:
    rehearsed = finding()
    before = len(rehearsed.door.seen())
    rehearsed.find(rehearsed.prepare_text())
    if isinstance(rehearsed.door, ServerDoor):
        for number in range(len(rehearsed.door.seen()) - before):
            harness = finding()
            harness.fail(failure, number)
            try:
                outcome: object = harness.find(harness.prepare_text())
            except PublishError as error:
                outcome = error
            assert outcome is not Found.ABSENT
            assert not isinstance(outcome, OutcomeUnknown), (number, outcome)


def test_it_says_whose_credentials_these_are(harness: Harness) -> None:
    if isinstance(harness.platform, WhoAmI):
        assert harness.replies.who_am_i, "the file of replies must say in `who_am_i` what the answer is"
        with harness.open() as context:
            assert harness.platform.who_am_i(context) == harness.replies.who_am_i
        assert harness.commits() == []


def test_credentials_that_are_refused_are_named_so(harness: Harness) -> None:
    if isinstance(harness.platform, WhoAmI):
        harness.fail(Failure.STATUS_401, 0)
        with harness.open() as context, pytest.raises(Unauthorised):
            harness.platform.who_am_i(context)


def test_what_the_instance_tells_of_its_limits_is_read(harness: Harness) -> None:
    if isinstance(harness.platform, TellsLimits):
        assert harness.replies.limits, "the file of replies must say in `limits` what is read"
        harness.channel.refresh_limits()
        assert harness.channel.limits() == harness.replies.limits
        told = {limit.setting for limit in harness.platform.capabilities.text if limit.setting}
        assert told <= set(harness.replies.limits)


@pytest.mark.parametrize("failure", Failure)
def test_limits_that_cannot_be_had_are_a_publish_error(harness: Harness, failure: Failure) -> None:
    if isinstance(harness.platform, TellsLimits):
        harness.fail(failure, 0)
        with harness.open() as context, pytest.raises(PublishError) as caught:
            harness.platform.read_limits(context)
        assert not isinstance(caught.value, OutcomeUnknown)
