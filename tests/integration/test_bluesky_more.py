"""Bluesky beyond plain posts, against its real data server: first comments, who may answer, and what is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from scheduler.domain.campaign import Replies
from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import OutcomeUnknown, Unavailable
from tests.accounts import make_comment, make_part
from tests.bluesky_desk import Desk, open_desk

if TYPE_CHECKING:
    from tests.conftest import ProxyFor
    from tests.servers.bluesky import BlueskyServer
    from tests.servers.lossy_proxy import LossyProxy

GATE = "app.bsky.feed.threadgate"


@pytest.fixture
def proxy(bluesky: BlueskyServer, lossy_proxy: ProxyFor) -> LossyProxy:
    return lossy_proxy(bluesky.base_url)


@pytest.fixture
def desk(bluesky: BlueskyServer, proxy: LossyProxy, tmp_path: Path) -> Desk:
    return open_desk(bluesky, tmp_path, through=proxy.base_url)


def list_gates(desk: Desk) -> list[dict[str, Any]]:
    """Return the gates on the server."""
    assert desk.server is not None
    assert desk.account is not None
    path, query = "/xrpc/com.atproto.repo.listRecords", {"repo": desk.account.did, "collection": GATE}
    answer = requests.get(desk.server.base_url + path, params=query, timeout=30)
    answer.raise_for_status()
    return [{"uri": each["uri"], **each["value"]} for each in answer.json()["records"]]


class TestComments:
    def test_it_answers_the_post_and_not_the_thread_s_end(self, desk: Desk) -> None:
        prepared = desk.prepare(make_part("One"), make_part("Two"), make_comment("Call 101"))
        first, second, comment = desk.publish_all(prepared)
        assert desk.server is not None
        assert desk.account is not None
        posts = {post.text: post for post in desk.server.posts(desk.account)}
        assert [posts[text].parent for text in ("One", "Two", "Call 101")] == [None, first.remote_id, first.remote_id]
        reply = posts["Call 101"].raw["value"]["reply"]
        assert reply["root"] == reply["parent"] == {name: first.data[name] for name in ("uri", "cid")}
        assert desk.find(prepared, [first, second]) == comment
        assert desk.looks == 3


class TestWhoMayAnswer:
    @pytest.mark.parametrize(
        ("replies", "rules"),
        [(Replies.FOLLOWERS, ["followerRule"]), (Replies.MENTIONED, ["mentionRule"]), (Replies.NOBODY, [])],
    )
    def test_the_thread_has_one_gate_of_its_first_post(self, desk: Desk, replies: Replies, rules: list[str]) -> None:
        parts = make_part("One"), make_part("Two"), make_comment("Call 101")
        prepared = desk.prepare(*parts, replies=replies)
        first, *_ = desk.publish_all(prepared)
        [gate] = list_gates(desk)
        assert gate["post"] == first.remote_id
        assert gate["uri"] == first.remote_id.replace("app.bsky.feed.post", GATE)
        assert [rule["$type"] for rule in gate["allow"]] == [f"{GATE}#{rule}" for rule in rules]
        assert desk.texts() == ["One", "Two", "Call 101"]
        assert desk.looks == 3

    @pytest.mark.parametrize("replies", [None, Replies.EVERYONE])
    def test_everyone_may_where_there_is_no_gate(self, desk: Desk, replies: Replies | None) -> None:
        desk.publish(desk.prepare(make_part("One"), replies=replies))
        assert list_gates(desk) == []

    @pytest.mark.parametrize(
        ("fault", "count"), [("503", 0), ("kill-before", 0), ("kill-after", 1), ("html-502", 1), ("truncate", 1)]
    )
    def test_whatever_is_lost_there_is_one_post_with_its_gate_in_the_end(
        self, desk: Desk, proxy: LossyProxy, fault: str, count: int
    ) -> None:
        prepared = desk.prepare(make_part("One"), replies=Replies.NOBODY)
        proxy.fail_next(fault, path="applyWrites")
        with pytest.raises(OutcomeUnknown):
            desk.publish(prepared)
        assert (len(desk.texts()), len(list_gates(desk))) == (count, count)
        found = desk.find(prepared)
        if found is Found.ABSENT:
            assert count == 0
            found = desk.publish(prepared)
        assert desk.find(prepared) == found
        assert (len(desk.texts()), len(list_gates(desk))) == (1, 1)

    def test_the_same_again_makes_no_second_one_and_is_found(self, desk: Desk) -> None:
        prepared = desk.prepare(make_part("One"), replies=Replies.FOLLOWERS)
        receipt = desk.publish(prepared)
        with pytest.raises(OutcomeUnknown):  # the server says no to all of it
            desk.publish(prepared)
        assert desk.find(prepared) == receipt
        assert (len(desk.texts()), len(list_gates(desk))) == (1, 1)

    def test_a_token_that_ended_is_renewed_before_the_one_call(self, desk: Desk) -> None:
        desk.publish(desk.prepare(make_part("One")))
        assert desk.store is not None
        desk.store.store("force", {**desk.store.load("force"), "accessJwt": "nonsense"})
        desk.key = "ce/spot/2027/force"
        desk.publish(desk.prepare(make_part("Two"), replies=Replies.NOBODY))
        assert sorted(desk.texts()) == ["One", "Two"]


class TestAfterwards:
    def test_what_is_taken_back_is_gone_with_its_gate_and_may_be_taken_back_again(self, desk: Desk) -> None:
        prepared = desk.prepare(make_part("One"), make_part("Two"), replies=Replies.NOBODY)
        first, second = desk.publish_all(prepared)
        assert (desk.is_live(first), desk.is_live(second, 1)) == (True, True)
        for _ in range(2):
            desk.retract(second, 1)
        assert (desk.texts(), len(list_gates(desk))) == (["One"], 1)
        assert (desk.is_live(first), desk.is_live(second, 1)) == (True, False)
        desk.retract(first)
        assert (desk.texts(), list_gates(desk)) == ([], [])
        assert desk.looks == 2

    def test_what_a_person_recorded_by_its_address_is_found_too(self, desk: Desk) -> None:
        receipt = desk.publish(desk.prepare(make_part("One")))
        by_hand = Receipt("", receipt.url)
        assert desk.is_live(by_hand)
        desk.retract(by_hand)
        assert desk.texts() == []

    @pytest.mark.parametrize("fault", ["503", "kill-before", "html-502", "truncate"])
    def test_trouble_is_never_taken_for_a_post_that_is_gone(self, desk: Desk, proxy: LossyProxy, fault: str) -> None:
        receipt = desk.publish(desk.prepare(make_part("One")))
        proxy.fail_next(fault, path="getRecord", methods=("GET",))
        with pytest.raises(Unavailable):
            desk.is_live(receipt)
        assert proxy.pending() == 0
        assert desk.is_live(receipt)

    @pytest.mark.parametrize("fault", ["503", "kill-before", "kill-after", "html-502"])
    @pytest.mark.parametrize("passing", [0, 1])
    def test_what_was_taken_back_in_half_is_taken_back_again(
        self, desk: Desk, proxy: LossyProxy, fault: str, passing: int
    ) -> None:
        receipt = desk.publish(desk.prepare(make_part("One"), replies=Replies.NOBODY))
        for _ in range(passing):
            proxy.fail_next("slow", path="deleteRecord", seconds=0)
        proxy.fail_next(fault, path="deleteRecord")
        with pytest.raises(Unavailable):
            desk.retract(receipt)
        assert proxy.pending() == 0
        desk.retract(receipt)
        assert not desk.is_live(receipt)
        assert list_gates(desk) == []
