"""What Meta's errors mean to a post, how its headers of usage are read, and the languages of its captions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.measure import Unit
from scheduler.domain.meta_container import read_fault
from scheduler.domain.meta_graph import ContainerDoubted, ContainerLost, NothingThere, explain_refusal, read_time
from scheduler.domain.rate_headers import LONGEST_REST, read_rest
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.platforms import load_platform
from scheduler.platforms.facebook import find_locale

NOW = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)


class Refusal:
    """A failed reply, of a committing call or of one before it."""

    def __init__(self, status: int, error: Any, *, commits: bool, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.text = json.dumps({"error": error})
        self.headers = headers or {}
        self.commits = commits

    def json(self) -> Any:
        return json.loads(self.text)

    def field(self, *path: str) -> str:
        raise NotImplementedError

    def problem(self, message: str) -> PublishError:
        return (OutcomeUnknown if self.commits else Unavailable)(message)


def explain(
    code: int, subcode: int = 0, *, status: int = 400, commits: bool = True, **more: Any
) -> PublishError | None:
    error = {"message": "No.", "code": code, "error_subcode": subcode, "fbtrace_id": "AbC", **more}
    return explain_refusal(Refusal(status, error, commits=commits), "Facebook", "force", NOW)


# Code, subcode, what it means of the call that posts, and of one before it.
TABLE: list[tuple[int, int, type[PublishError], type[PublishError]]] = [
    (1, 0, OutcomeUnknown, Unavailable),
    (2, 0, OutcomeUnknown, Unavailable),
    (1, 1363047, OutcomeUnknown, Unavailable),
    (1609010, 0, OutcomeUnknown, Unavailable),
    *((code, 0, RateLimited, RateLimited) for code in (4, 17, 32, 341, 613, 80001, 80002)),
    (9, 2207042, RateLimited, RateLimited),
    (100, 1390008, RateLimited, RateLimited),
    (4, 2207051, OutcomeUnknown, RateLimited),
    *((190, subcode, Unauthorised, Unauthorised) for subcode in (0, 458, 460, 463, 467)),
    (102, 0, Unauthorised, Unauthorised),
    *((code, 0, Unauthorised, Unauthorised) for code in (10, 200, 220, 299)),
    (100, 1404078, Unauthorised, Unauthorised),
    (25, 2207050, Unauthorised, Unauthorised),
    *((code, 0, OutcomeUnknown, Rejected) for code in (368, 506)),
    (100, 1366051, OutcomeUnknown, Rejected),
    (9007, 2207027, Unavailable, Unavailable),
    *((-2, code, ContainerDoubted, ContainerLost) for code in (2207001, 2207003, 2207005, 2207020, 2207032, 2207053)),
    (24, 4279009, ContainerDoubted, ContainerLost),
    (100, 33, NothingThere, NothingThere),
    *((36000, code, Rejected, Rejected) for code in (2207004, 2207009, 2207010)),
    *((352, code, Rejected, Rejected) for code in (2207026, 2207028, 1366046)),
    (100, 0, Rejected, Rejected),
    (100, 1609008, Rejected, Rejected),
    (100, 1404102, Rejected, Rejected),
    (36003, 0, Rejected, Rejected),
    (31, 33, Rejected, Rejected),
]


@pytest.mark.parametrize("code, subcode, posting, before", TABLE)
def test_each_code_has_its_meaning(
    code: int, subcode: int, posting: type[PublishError], before: type[PublishError]
) -> None:
    assert type(explain(code, subcode)) is posting
    assert type(explain(code, subcode, commits=False)) is before


def test_what_support_asks_for_is_told() -> None:
    assert "No (code 100/1404102, fbtrace_id AbC)" in str(explain(100, 1404102))
    assert "Write less" in str(explain(100, error_user_msg="Write less."))


def test_a_permission_may_be_given_without_a_new_token_and_an_ended_token_not() -> None:
    denied, ended = explain(10), explain(190, 463)
    assert isinstance(denied, Unauthorised)
    assert isinstance(ended, Unauthorised)
    assert (denied.retry, ended.retry) == (True, False)


def test_what_meta_calls_passing_is_not_final() -> None:
    assert type(explain(3000, is_transient=True)) is OutcomeUnknown
    assert type(explain(3000, is_transient=True, commits=False)) is Unavailable


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_where_only_the_status_tells_the_wire_decides(status: int) -> None:
    assert explain(100, status=status) is None
    assert explain_refusal(Refusal(status, "a page", commits=True), "Facebook", "force", NOW) is None


# --- Usage -----------------------------------------------------------------------------------------------------------


def rest(name: str, usage: Any) -> timedelta | None:
    """Return how long to rest by one header; zero if calls remain."""
    told = read_rest({name: usage if isinstance(usage, str) else json.dumps(usage)}, NOW)
    return None if told is None else (told.until or NOW) - NOW


@pytest.mark.parametrize(
    "name, usage, minutes",
    [
        ("X-App-Usage", {"call_count": 28, "total_time": 25, "total_cputime": 25}, 0),
        ("X-App-Usage", {"call_count": 100, "total_time": 25, "total_cputime": 25}, 10),
        ("X-App-Usage", {"call_count": 3, "total_time": 104.5}, 10),
        ("X-Page-Usage", {"call_count": 99}, 0),
        ("X-Business-Use-Case-Usage", {"1": [{"type": "pages", "call_count": 100}]}, 10),
        ("X-Business-Use-Case-Usage", {"1": [{"call_count": 100, "estimated_time_to_regain_access": 19}]}, 19),
        ("X-Business-Use-Case-Usage", {"1": [{"call_count": 5}, {"estimated_time_to_regain_access": 3}], "2": [{}]}, 3),
        ("X-Business-Use-Case-Usage", {"1": [{"call_count": 5, "estimated_time_to_regain_access": 0}]}, 0),
        ("X-Business-Use-Case-Usage", {"1": [{"estimated_time_to_regain_access": 99_999}]}, 24 * 60),
        ("X-App-Usage", "nonsense", 0),
        ("X-App-Usage", "[1]", 0),
        ("X-App-Usage", {"call_count": "100", "1": [None]}, 0),
    ],
)
def test_a_rest_is_as_long_as_meta_says(name: str, usage: Any, minutes: int) -> None:
    assert rest(name, usage) == timedelta(minutes=minutes)
    assert timedelta(minutes=minutes) <= LONGEST_REST


def test_a_refusal_says_until_when() -> None:
    usage = {"X-Business-Use-Case-Usage": json.dumps({"1": [{"estimated_time_to_regain_access": 42}]})}
    refusal = Refusal(400, {"message": "Too many calls", "code": 80001}, commits=True, headers=usage)
    limited = explain_refusal(refusal, "Facebook", "force", NOW)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + timedelta(minutes=42)


# --- The rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault, kind",
    [
        ("Error: Media upload has failed with error code 2207026", Rejected),
        ("Error: 36003 aspect ratio", Rejected),
        ("INVALID_DURATION", Rejected),
        ("Error: Media upload has failed with error code 2207003", ContainerLost),
        ("FAILED_DOWNLOADING_VIDEO", ContainerLost),
        ("EXPIRED", ContainerLost),
        ("", ContainerLost),
    ],
)
def test_a_fault_of_the_media_is_final_only_where_meta_says_so(fault: str, kind: type[PublishError]) -> None:
    assert type(read_fault("Instagram", fault)) is kind


@pytest.mark.parametrize(
    "language, locale",
    [
        ("en", "en_GB"),
        ("en-GB", "en_GB"),
        ("en-US", "en_US"),
        ("cy", "cy_GB"),
        ("pl", "pl_PL"),
        ("ur", "ur_PK"),
        ("zh-Hant-HK", "zh_HK"),
    ],
)
def test_captions_name_their_language_as_facebook_does(language: str, locale: str) -> None:
    assert find_locale(language) == locale


def test_times_are_as_the_graph_api_writes_them() -> None:
    assert read_time("2027-03-18T08:00:00+0000") == NOW
    assert read_time("2027-03-18T09:00:00+0100") == NOW
    for nonsense in (None, "", "2027-03-18T08:00:00", 7, "yesterday"):
        assert read_time(nonsense) is None


def test_threads_counts_the_bytes_of_emoji_and_five_different_links() -> None:
    facts = load_platform("threads").capabilities
    assert [(limit.maximum, limit.unit) for limit in facts.text] == [(500, Unit.EMOJI_BYTES)]
    assert facts.links is not None
    assert (facts.links.maximum, facts.links.certain) == (5, True)
