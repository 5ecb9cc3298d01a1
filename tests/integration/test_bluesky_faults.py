"""Bluesky when things go wrong: log-ins that ended, servers that are busy, and replies that are lost."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.ports import Context, WhoAmI
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.platforms.bluesky import PLATFORM
from tests.accounts import make_part
from tests.bluesky_desk import Desk, open_desk
from tests.servers.bluesky import BlueskyAccount, start_bluesky
from tests.servers.lossy_proxy import PROXY_FAULTS
from tests.servers.requirement import start_or_skip
from tests.servers.scripted import ScriptedServer, start_scripted

if TYPE_CHECKING:
    from tests.conftest import ProxyFor
    from tests.servers.bluesky import BlueskyServer
    from tests.servers.lossy_proxy import LossyProxy


@pytest.fixture
def proxy(bluesky: BlueskyServer, lossy_proxy: ProxyFor) -> LossyProxy:
    return lossy_proxy(bluesky.base_url)


@pytest.fixture
def desk(bluesky: BlueskyServer, proxy: LossyProxy, tmp_path: Path) -> Desk:
    """An account whose every call comes by the proxy."""
    return open_desk(bluesky, tmp_path, through=proxy.base_url)


def count_calls(proxy: LossyProxy, name: str) -> int:
    return sum(request.path.startswith(f"/xrpc/com.atproto.{name}") for request in proxy.requests())


def send(desk: Desk, key: str, text: str) -> Receipt:
    desk.key = key
    return desk.publish(desk.prepare(make_part(text)))


def who_am_i(context: Context) -> str:
    assert isinstance(PLATFORM, WhoAmI)
    return PLATFORM.who_am_i(context)


class TestSession:
    def test_it_is_kept_where_only_its_owner_reads_it_and_used_again(
        self, desk: Desk, proxy: LossyProxy, bluesky: BlueskyServer, tmp_path: Path
    ) -> None:
        send(desk, "a", "First")
        kept = tmp_path / "sessions" / "force.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        later = open_desk(bluesky, tmp_path, through=proxy.base_url, account=desk.account)  # after a restart
        send(later, "b", "Second")
        assert count_calls(proxy, "server.createSession") == 1
        assert count_calls(proxy, "server.refreshSession") == 0
        assert sorted(desk.texts()) == ["First", "Second"]

    @pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
    def test_a_token_that_is_not_taken_is_renewed_before_anything_is_posted(
        self, desk: Desk, proxy: LossyProxy, token: str
    ) -> None:
        send(desk, "a", "First")
        self.change(desk, accessJwt=token)
        send(desk, "b", "Second")
        assert count_calls(proxy, "server.createSession") == 1
        assert count_calls(proxy, "server.refreshSession") == 1
        assert count_calls(proxy, "repo.putRecord") == 2
        assert sorted(desk.texts()) == ["First", "Second"]

    def test_a_session_that_was_ended_gives_way_to_a_new_log_in(
        self, desk: Desk, proxy: LossyProxy, bluesky: BlueskyServer
    ) -> None:
        send(desk, "a", "First")
        assert desk.store is not None
        refresh = desk.store.load("force")["refreshJwt"]
        ended = requests.post(
            f"{bluesky.base_url}/xrpc/com.atproto.server.deleteSession",
            headers={"Authorization": f"Bearer {refresh}"},
            timeout=30,
        )
        assert ended.ok
        self.change(desk, accessJwt="nonsense")
        send(desk, "b", "Second")
        assert count_calls(proxy, "server.createSession") == 2
        assert sorted(desk.texts()) == ["First", "Second"]

    def test_the_session_of_another_handle_or_server_is_not_used(
        self, desk: Desk, proxy: LossyProxy, bluesky: BlueskyServer, tmp_path: Path
    ) -> None:
        send(desk, "a", "First")
        other = open_desk(bluesky, tmp_path, through=proxy.base_url)  # the account's handle was changed in config.yaml
        send(other, "a", "Of another")
        assert (desk.texts(), other.texts()) == (["First"], ["Of another"])

    def test_who_am_i(self, desk: Desk) -> None:
        assert desk.account is not None
        with desk.channel.open(lambda: None) as context:
            assert who_am_i(context) == f"@{desk.account.handle}"

    def change(self, desk: Desk, **values: str) -> None:
        assert desk.store is not None
        desk.store.store("force", {**desk.store.load("force"), **values})


class TestRefusals:
    def test_a_wrong_password_is_named_without_being_told(self, bluesky: BlueskyServer, tmp_path: Path) -> None:
        desk = open_desk(bluesky, tmp_path, password="a-canary-of-a-password")
        with pytest.raises(
            Unauthorised, match=r"refused the log-in of .*\.test: Invalid identifier or password"
        ) as caught:
            send(desk, "a", "Never")
        assert "canary" not in str(caught.value)
        assert (desk.looks, desk.texts()) == (0, [])
        assert not (tmp_path / "sessions" / "force.json").exists()

    def test_an_unknown_handle(self, bluesky: BlueskyServer, tmp_path: Path) -> None:
        desk = open_desk(bluesky, tmp_path, account=BlueskyAccount("nobody.test", "did:plc:nobody", "password"))
        with pytest.raises(Unauthorised, match=r"refused the log-in of nobody\.test"):
            send(desk, "a", "Never")

    def test_too_many_log_ins_say_until_when(self, tmp_path: Path) -> None:
        with start_or_skip(start_bluesky(rate_limits=True)) as server:
            desk = open_desk(server, tmp_path)
            with ThreadPoolExecutor(10) as pool:  # a refused log-in is answered slowly
                assert any(pool.map(lambda _: self.is_limited(server, desk), range(32)))
            with pytest.raises(RateLimited, match="answered 429") as caught:
                send(desk, "a", "Not yet")
            assert caught.value.until is not None
            wait = (caught.value.until - desk.clock.now()).total_seconds()
            assert 0 < wait <= 300
            assert desk.looks == 0
            with desk.channel.open(lambda: None) as context, pytest.raises(RateLimited):
                who_am_i(context)
            assert context.wire.resting_until == caught.value.until

    def is_limited(self, server: BlueskyServer, desk: Desk) -> bool:
        assert desk.account is not None
        answer = requests.post(
            f"{server.base_url}/xrpc/com.atproto.server.createSession",
            json={"identifier": desk.account.handle, "password": "wrong"},
            timeout=30,
        )
        assert answer.status_code in {401, 429}, answer.text
        return answer.status_code == 429

    @pytest.mark.parametrize(
        ("status", "name", "error"),
        [
            (400, "ExpiredToken", Unavailable),
            (400, "InvalidToken", Unavailable),
            (400, "BlobNotFound", Unavailable),
            (400, "AccountTakedown", Unauthorised),
            (401, "AuthFactorTokenRequired", Unauthorised),
            (403, "Forbidden", Unauthorised),
            (400, "InvalidSwap", OutcomeUnknown),
            (400, "InvalidRequest", Rejected),
            (404, "", Rejected),
            (429, "RateLimitExceeded", RateLimited),
            (500, "InternalServerError", OutcomeUnknown),
        ],
    )
    def test_what_the_committing_call_s_answers_mean(
        self, scripted: ScriptedServer, tmp_path: Path, status: int, name: str, error: type[PublishError]
    ) -> None:
        """Answers that the real server gives to nobody on loopback; their forms are those it gives for others."""
        desk = self.open_scripted(scripted, tmp_path)
        words = {"error": name, "message": "secret of one: one.access.token"} if name else "<html>"
        scripted.answer(status, json.dumps(words).encode())
        with pytest.raises(PublishError) as caught:
            send(desk, "a", "Words")
        assert type(caught.value) is error
        assert "one.access.token" not in str(caught.value)
        assert [request.path.rsplit(".", 1)[1] for request in scripted.requests][-2:] == ["getSession", "putRecord"]

    def test_a_token_that_ended_in_the_last_moment_is_renewed_by_the_next_try(
        self, scripted: ScriptedServer, tmp_path: Path
    ) -> None:
        desk = self.open_scripted(scripted, tmp_path)
        scripted.answer(400, b'{"error": "ExpiredToken"}')
        with pytest.raises(Unavailable, match="The next try logs in again"):
            send(desk, "a", "Words")
        self.answer_session(scripted)
        scripted.answer(200, b'{"uri": "at://did:plc:a/app.bsky.feed.post/b", "cid": "c"}')
        assert send(desk, "a", "Words").data["cid"] == "c"
        assert [request.path.rsplit(".", 1)[1] for request in scripted.requests] == (
            ["createSession", "getSession", "putRecord", "refreshSession", "getSession", "putRecord"]
        )

    @pytest.mark.parametrize("body", [b"{}", b"", b"<html>", b'{"accessJwt": "one.access.token", "did": "d"'])
    def test_a_log_in_answered_with_nonsense_tells_no_token(
        self, scripted: ScriptedServer, tmp_path: Path, body: bytes
    ) -> None:
        scripted.answer(200, body)
        desk = open_desk_at(scripted, tmp_path)
        with pytest.raises(Unavailable, match="answered a log-in without a session") as caught:
            send(desk, "a", "Words")
        assert "token" not in str(caught.value)

    @pytest.fixture
    def scripted(self) -> Iterator[ScriptedServer]:
        with start_scripted() as server:
            yield server

    def open_scripted(self, scripted: ScriptedServer, folder: Path) -> Desk:
        self.answer_session(scripted)
        return open_desk_at(scripted, folder)

    def answer_session(self, scripted: ScriptedServer) -> None:
        session = {"accessJwt": "one.access.token", "refreshJwt": "one.refresh.token", "did": "did:plc:a"}
        scripted.answer(200, json.dumps(session).encode())
        scripted.answer(200, b'{"handle": "force.test", "did": "did:plc:a"}')


def open_desk_at(scripted: ScriptedServer, folder: Path) -> Desk:
    account = BlueskyAccount("force.test", "did:plc:a", "password")
    return open_desk(None, folder, through=scripted.base_url, account=account)


# What the client hears of a fault at the committing call, and how many posts there are then.
OUTCOMES: dict[str, tuple[type[PublishError] | None, int]] = {
    "503": (OutcomeUnknown, 0),
    "kill-before": (OutcomeUnknown, 0),
    "hang": (OutcomeUnknown, 0),
    "slow": (None, 1),
    "kill-after": (OutcomeUnknown, 1),
    "html-502": (OutcomeUnknown, 1),
    "truncate": (OutcomeUnknown, 1),
    "empty-200": (OutcomeUnknown, 1),
    "hang-after": (OutcomeUnknown, 1),
}


class TestLostReplies:
    @pytest.mark.parametrize("fault", PROXY_FAULTS)
    def test_whatever_is_lost_there_is_one_post_in_the_end(self, desk: Desk, proxy: LossyProxy, fault: str) -> None:
        error, count = OUTCOMES[fault]
        prepared = desk.prepare(make_part(f"Lost: {fault} é"))
        publish: Callable[..., Receipt] = desk.publish_impatiently if fault.startswith("hang") else desk.publish
        assert desk.find(prepared) is Found.ABSENT  # logs in, which takes its time
        proxy.fail_next(fault, path="putRecord", seconds=0.5)
        if error is None:
            publish(prepared)
        else:
            with pytest.raises(error):
                publish(prepared)
        assert proxy.pending() == 0
        assert len(desk.texts()) == count
        found = desk.find(prepared)
        assert isinstance(found, Receipt) if count else found is Found.ABSENT
        receipt = desk.publish(prepared)
        assert desk.texts() == [prepared.parts[0].text]
        assert desk.find(prepared) == receipt
        assert found in (receipt, Found.ABSENT)

    @pytest.mark.parametrize("fault", PROXY_FAULTS)
    @pytest.mark.parametrize("call", ["createSession", "getSession"])
    def test_before_the_committing_call_nothing_is_in_doubt(
        self, desk: Desk, proxy: LossyProxy, fault: str, call: str
    ) -> None:
        prepared = desk.prepare(make_part("Words"))
        proxy.fail_next(fault, path=call, methods=("POST", "GET"), seconds=0.1)
        if fault == "slow":
            desk.publish(prepared)
        else:
            with pytest.raises(Unavailable):
                desk.publish_impatiently(prepared)
            assert (desk.looks, desk.texts()) == (0, [])
            desk.publish(prepared)
        assert desk.texts() == ["Words"]

    def test_a_server_that_is_down_was_sent_nothing(self, bluesky: BlueskyServer, tmp_path: Path) -> None:
        desk = open_desk(bluesky, tmp_path, through="http://127.0.0.1:1")
        with pytest.raises(Unavailable, match="Nothing was sent"):
            send(desk, "a", "Words")

    def test_a_look_that_cannot_be_taken_proves_nothing(self, desk: Desk, proxy: LossyProxy) -> None:
        prepared = desk.prepare(make_part("Words"))
        desk.publish(prepared)
        for fault in ("503", "truncate", "kill-after"):
            proxy.fail_next(fault, path="getRecord", methods=("GET",))
            with pytest.raises(Unavailable):
                desk.find(prepared)
