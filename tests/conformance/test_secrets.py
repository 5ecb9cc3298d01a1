"""Point 12: no secret turns up anywhere, not even one that a server repeats."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from scheduler.domain.delivery import Receipt
from scheduler.domain.ports import Finds, WhoAmI
from scheduler.errors import OutcomeUnknown, PublishError
from scheduler.ledger.prepared import write_prepared
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import CANARY, Harness, rehearse_ways
from tests.conformance.replies import Replies
from tests.conformance.samples import build_account, build_contents

MakeHarness = Callable[[], Harness]
NOISY = ("urllib3", "tweepy", "oauthlib", "requests_oauthlib")  # as in scheduler/cli/run.py
ALTS = ("A palm.",)
REPEATED = (Failure.STATUS_400, Failure.STATUS_401, Failure.STATUS_403, Failure.STATUS_422, Failure.STATUS_429)
EVERYTHING_SAID = (*REPEATED, Failure.STATUS_500, Failure.HTML, Failure.CUT_JSON, Failure.CLOSED, Failure.REFUSED)


def list_forms(secret: str) -> Iterable[str]:
    """Return a secret as it is, and as it stands in an address and in base 64."""
    return (secret, quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("="))


def list_secrets(harness: Harness) -> set[str]:
    """Return the account's secrets and, where one is an address, the word in it that makes it one."""
    return {*harness.secrets.values(), *harness.words.values()}


def find_secrets(harness: Harness, *words: object) -> list[str]:
    """Return which secrets stand in the words of some things."""
    said = "\n".join(f"{each}\n{each!r}" for each in words)
    known = [form for secret in list_secrets(harness) for form in list_forms(secret)]
    return [form for form in (CANARY, *known) if form in said]


@pytest.fixture(autouse=True)
def _log_as_the_daemon_does(caplog: pytest.LogCaptureFixture) -> None:
    """And more of our own. Libraries may log addresses and headers, but nothing below a warning gets out of them."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="scheduler")
    for noisy in NOISY:
        caplog.set_level(logging.WARNING, logger=noisy)


@pytest.mark.point(12)
def test_no_secret_in_what_is_kept_or_shown(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    platform = harness.platform
    part = harness.prepare_with_pictures(*ALTS)
    receipt = harness.publish(part)
    with harness.open() as context:
        shown = [context, context.account, context.wire, context.sessions, harness.channel, harness.account]
        who = platform.who_am_i(context) if isinstance(platform, WhoAmI) else ""
    found = None
    if isinstance(platform, Finds):
        harness.answer_first_with(harness.replies.find)
        found = harness.find(harness.prepare_text())
    shown += [receipt, part, who, found, harness.channel.limits(), harness.channel.fingerprint(), caplog.text]
    assert find_secrets(harness, *shown) == []


@pytest.mark.point(12)
def test_no_secret_in_what_is_prepared_from_its_reference(harness: Harness) -> None:
    platform = harness.platform
    for content in build_contents(platform):
        prepared = platform.prepare(content, harness.account, {})
        assert find_secrets(harness, write_prepared(prepared)) == []
        elsewhere = harness.account._replace(secrets=build_account(platform).secrets)
        assert prepared == platform.prepare(content, elsewhere, {})


@pytest.mark.point(12)
@pytest.mark.parametrize("failure", EVERYTHING_SAID)
def test_no_secret_in_any_failure_even_if_the_server_repeats_it(
    make_harness: MakeHarness, replies: Replies, failure: Failure, caplog: pytest.LogCaptureFixture
) -> None:
    failures = []
    for way, calls in rehearse_ways(make_harness):
        for number in range(len(calls)):
            harness = make_harness()
            if isinstance(harness.door, ServerDoor):
                forms = [form for secret in list_secrets(harness) for form in list_forms(secret)]
                harness.door.canned.echo = " ".join([*forms, calls[number].headers.get("authorization", "")])
            part = harness.prepare_way(way)
            harness.fail(failure, number, commits=number == len(calls) - 1)
            try:
                harness.publish(part)
            except PublishError as error:
                failures.append(error)
    assert failures or replies.exceptions.get(failure) is Receipt
    harness = make_harness()
    for each in failures:
        whole = "".join(traceback.format_exception(each))
        assert find_secrets(harness, each, each.args, vars(each), whole, caplog.text) == [], str(each)


def list_lacking(reply: Any) -> Iterator[Any]:
    """Give a reply without one of its fields, for each field at any depth."""
    if isinstance(reply, dict):
        for name, value in reply.items():
            others = {each: reply[each] for each in reply if each != name}
            yield others
            for lacking in list_lacking(value):
                yield {**others, name: lacking}


@pytest.mark.point(12)
def test_no_secret_in_a_complaint_about_half_an_answer(make_harness: MakeHarness, replies: Replies) -> None:
    """A log-in may answer with a token and without the rest."""
    for call in replies.calls:
        for lacking in list_lacking(call.reply):
            harness = make_harness()
            harness.answer_first_with((replace(call, reply=lacking),))
            try:
                harness.publish(harness.prepare_with_pictures(*ALTS))
            except PublishError as error:
                whole = "".join(traceback.format_exception(error))
                assert find_secrets(harness, error, error.args, whole) == [], str(error)
                assert isinstance(error, OutcomeUnknown) is call.commits
