"""The test servers are what they say: real, refusing what the real ones refuse, and counting what is really there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest
import requests
from PIL import Image
from requests_oauthlib import OAuth1

from tests.servers.bluesky import start_bluesky
from tests.servers.cache import ServerMissing, fetch_once
from tests.servers.lossy_proxy import PROXY_FAULTS
from tests.servers.requirement import start_or_skip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import ProxyFor
    from tests.servers.bluesky import BlueskyAccount, BlueskyServer
    from tests.servers.mastodon_account import MastodonAccount
    from tests.servers.mastodon_mock import MastodonMock
    from tests.servers.snac import SnacServer
    from tests.servers.x import XServer

# What the client hears through the proxy, and how many posts there really are.
OUTCOMES: dict[str, tuple[int | type[Exception], int]] = {
    "503": (503, 0),
    "kill-before": (requests.ConnectionError, 0),
    "hang": (requests.ReadTimeout, 0),
    "slow": (200, 1),
    "kill-after": (requests.ConnectionError, 1),
    "html-502": (502, 1),
    "truncate": (requests.JSONDecodeError, 1),
    "empty-200": (requests.JSONDecodeError, 1),
    "hang-after": (requests.ReadTimeout, 1),
}


def post_record(base_url: str, server: BlueskyServer, account: BlueskyAccount, **record: Any) -> requests.Response:
    """Create a post on the data server; `base_url` may be a proxy's."""
    token = server.session(account)["accessJwt"]
    value = {"$type": "app.bsky.feed.post", "createdAt": "2027-03-18T08:00:00Z", **record}
    return requests.post(
        f"{base_url}/xrpc/com.atproto.repo.createRecord",
        headers={"Authorization": f"Bearer {token}"},
        json={"repo": account.did, "collection": "app.bsky.feed.post", "record": value},
        timeout=2,
    )


def post_status(server: MastodonMock | SnacServer, account: MastodonAccount, **fields: Any) -> requests.Response:
    """Create a status, always with the same idempotency key."""
    headers = {"Authorization": f"Bearer {account.access_token}", "Idempotency-Key": "the-same"}
    return requests.post(f"{server.base_url}/api/v1/statuses", headers=headers, data=fields, timeout=30)


def make_png() -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (16, 9), "teal").save(file, "PNG")
    return file.getvalue()


class TestBluesky:
    def test_one_post_made_is_one_post_counted(self, bluesky: BlueskyServer) -> None:
        account = bluesky.new_account()
        root = post_record(bluesky.base_url, bluesky, account, text="Think, spot, speak out").json()
        link = {"uri": root["uri"], "cid": root["cid"]}
        post_record(bluesky.base_url, bluesky, account, text="And more", reply={"root": link, "parent": link})
        seen = bluesky.posts(account)
        assert [(post.text, post.parent) for post in seen] == [
            ("Think, spot, speak out", None),
            ("And more", root["uri"]),
        ]

    def test_alt_text_is_seen(self, bluesky: BlueskyServer) -> None:
        account = bluesky.new_account()
        blob = requests.post(
            f"{bluesky.base_url}/xrpc/com.atproto.repo.uploadBlob",
            headers={"Authorization": f"Bearer {bluesky.session(account)['accessJwt']}", "Content-Type": "image/png"},
            data=make_png(),
            timeout=30,
        ).json()["blob"]
        embed = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "A teal square"}]}
        assert post_record(bluesky.base_url, bluesky, account, text="Picture", embed=embed).ok
        assert bluesky.posts(account)[0].alt_texts == ("A teal square",)

    def test_301_graphemes_are_refused(self, bluesky: BlueskyServer) -> None:
        account = bluesky.new_account()
        answer = post_record(bluesky.base_url, bluesky, account, text="é" * 301)
        assert answer.status_code == 400
        assert "maximum 300, got 301" in answer.json()["message"]
        assert bluesky.count(account) == 0
        assert post_record(bluesky.base_url, bluesky, account, text="é" * 300).ok

    def test_more_than_a_page_is_counted(self, bluesky: BlueskyServer) -> None:
        account = bluesky.new_account()
        token = bluesky.session(account)["accessJwt"]
        value = {"$type": "app.bsky.feed.post", "createdAt": "2027-03-18T08:00:00Z", "text": "one of many"}
        write = {"$type": "com.atproto.repo.applyWrites#create", "collection": "app.bsky.feed.post", "value": value}
        answer = requests.post(
            f"{bluesky.base_url}/xrpc/com.atproto.repo.applyWrites",
            headers={"Authorization": f"Bearer {token}"},
            json={"repo": account.did, "writes": [write] * 105},
            timeout=30,
        )
        assert answer.ok, answer.text
        assert bluesky.count(account) == 105

    def test_its_rate_limits_can_be_switched_on(self) -> None:
        with start_or_skip(start_bluesky(rate_limits=True)) as server:
            # A failed try takes a third of a second on purpose: all of them at once.
            body = {"identifier": "nobody.test", "password": "wrong"}
            address = f"{server.base_url}/xrpc/com.atproto.server.createSession"
            with ThreadPoolExecutor(31) as pool:
                tries = [pool.submit(requests.post, address, json=body, timeout=30) for _ in range(31)]
            answers = sorted((each.result() for each in tries), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [401] * 30 + [429]
        assert "RateLimit-Reset" in answers[-1].headers
        assert "Retry-After" not in answers[-1].headers


class TestMastodonServers:
    @pytest.fixture(params=["snac2", "mastodon_mock"])
    def server(self, request: pytest.FixtureRequest) -> MastodonMock | SnacServer:
        server: MastodonMock | SnacServer = request.getfixturevalue(request.param)
        return server

    def test_statuses_are_seen_as_they_were_sent(self, server: MastodonMock | SnacServer) -> None:
        account = server.new_account()
        media = requests.post(
            f"{server.base_url}/api/v2/media",
            headers={"Authorization": f"Bearer {account.access_token}"},
            files={"file": ("square.png", make_png(), "image/png")},
            data={"description": "A teal square"},
            timeout=30,
        ).json()
        text = "Think & spot\nhttps://example.org/a?b=1&c=2 #CEADay27\n\nSpeak out"
        assert post_status(server, account, **{"status": text, "media_ids[]": [media["id"]]}).ok
        seen = server.posts(account)
        assert [(post.text, post.alt_texts, post.parent) for post in seen] == [(text, ("A teal square",), None)]

    def test_another_token_is_refused(self, server: MastodonMock | SnacServer) -> None:
        account = server.new_account()
        headers = {"Authorization": "Bearer wrong"}
        answer = requests.post(f"{server.base_url}/api/v1/statuses", headers=headers, data={"status": "x"}, timeout=30)
        assert answer.status_code == 401
        assert server.count(account) == 0

    def test_all_pages_are_counted(self, server: MastodonMock | SnacServer) -> None:
        account = server.new_account()
        headers = {"Authorization": f"Bearer {account.access_token}"}
        for number in range(45):
            body = {"status": f"Number {number}"}
            assert requests.post(f"{server.base_url}/api/v1/statuses", headers=headers, data=body, timeout=30).ok
        assert [post.text for post in server.posts(account)] == [f"Number {number}" for number in range(45)]

    def test_snac2_ignores_the_idempotency_key(self, snac2: SnacServer) -> None:
        account = snac2.new_account()
        assert post_status(snac2, account, status="Once?").ok
        assert post_status(snac2, account, status="Once?").ok
        assert snac2.count(account) == 2

    def test_the_mock_honours_the_idempotency_key(self, mastodon_mock: MastodonMock) -> None:
        account = mastodon_mock.new_account()
        first = post_status(mastodon_mock, account, status="Once").json()
        assert post_status(mastodon_mock, account, status="Once").json()["id"] == first["id"]
        assert [post.id for post in mastodon_mock.posts(account)] == [first["id"]]

    def test_the_mock_refuses_501_characters(self, mastodon_mock: MastodonMock) -> None:
        account = mastodon_mock.new_account()
        assert post_status(mastodon_mock, account, status="x" * 501).status_code == 422
        assert mastodon_mock.count(account) == 0

    def test_the_mock_fails_when_told(self, mastodon_mock: MastodonMock) -> None:
        account = mastodon_mock.new_account()
        mastodon_mock.fail_next(502, times=2)
        answers = [post_status(mastodon_mock, account, status="At last").status_code for _ in range(3)]
        assert answers == [502, 502, 200]
        mastodon_mock.fail_next(effect="ratelimit")
        limited = post_status(mastodon_mock, account, status="More")
        assert (limited.status_code, limited.headers["X-RateLimit-Remaining"]) == (429, "0")
        mastodon_mock.fail_next(503)
        mastodon_mock.clear_faults()
        assert post_status(mastodon_mock, account, status="More").ok


class TestLossyProxy:
    def test_every_fault_is_tried(self) -> None:
        assert set(OUTCOMES) == set(PROXY_FAULTS)

    @pytest.mark.parametrize("fault", PROXY_FAULTS)
    def test_fault(self, bluesky: BlueskyServer, lossy_proxy: ProxyFor, fault: str) -> None:
        account = bluesky.new_account()
        proxy = lossy_proxy(bluesky.base_url)
        proxy.fail_next(fault, path="createRecord", seconds=0.5)
        heard, posts = OUTCOMES[fault]
        if isinstance(heard, int):
            answer = post_record(proxy.base_url, bluesky, account, text="Lost?")
            assert answer.status_code == heard
        else:
            with pytest.raises(heard):
                post_record(proxy.base_url, bluesky, account, text="Lost?").json()
        assert bluesky.count(account) == posts
        assert [(seen.path, seen.fault) for seen in proxy.requests()] == [
            ("/xrpc/com.atproto.repo.createRecord", fault)
        ]
        assert post_record(proxy.base_url, bluesky, account, text="And now without").ok
        assert bluesky.count(account) == posts + 1

    def test_only_fitting_requests_take_a_fault(self, mastodon_mock: MastodonMock, lossy_proxy: ProxyFor) -> None:
        proxy = lossy_proxy(mastodon_mock.base_url)
        proxy.fail_next("503", times=2, path="/api/v1/instance", methods=["GET"])
        addresses = [f"{proxy.base_url}/api/{version}/instance" for version in ("v1", "v2", "v1", "v1")]
        assert [requests.get(address, timeout=10).status_code for address in addresses] == [503, 200, 503, 200]
        proxy.fail_next("503")
        assert proxy.pending() == 1
        proxy.clear()
        assert (proxy.pending(), proxy.requests()) == (0, [])
        with pytest.raises(ValueError, match="kill-after"):
            proxy.fail_next("kil-after")

    def test_a_signed_request_stays_signed(self, x_server: XServer, lossy_proxy: ProxyFor) -> None:
        account = x_server.new_account()
        keys = OAuth1(account.api_key, account.api_secret, account.access_token, account.access_secret)
        proxy = lossy_proxy(x_server.base_url)
        answer = requests.post(f"{proxy.base_url}/2/tweets", json={"text": "Signed"}, auth=keys, timeout=10)
        assert (answer.status_code, x_server.count(account)) == (201, 1)


class TestPostgres:
    def test_it_is_a_real_one(self, postgres_url: str) -> None:
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
            version = connection.execute("SELECT version()").fetchone()
            connection.execute("CREATE TABLE made_by_this_test (id int PRIMARY KEY)")
            assert connection.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (True,)
        assert version is not None
        assert version[0].startswith("PostgreSQL 1")

    @pytest.mark.parametrize("turn", [1, 2])
    def test_each_test_has_an_empty_database(self, postgres_url: str, turn: int) -> None:
        listing = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
            assert connection.execute(listing).fetchone() == (0,)
            connection.execute(f"CREATE TABLE turn_{turn} (id int)")


class TestNothingIsLeft:
    def test_a_server_ends_with_its_block(self) -> None:
        with pytest.raises(RuntimeError, match="a test fails"), start_or_skip(start_bluesky()) as server:
            port = int(server.base_url.rpartition(":")[2])
            raise RuntimeError("a test fails")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)

    @pytest.mark.parametrize("module, name", [("postgres", "start_postgres"), ("mastodon_mock", "start_mastodon_mock")])
    def test_a_server_ends_when_the_tests_are_killed(self, tmp_path: Path, module: str, name: str) -> None:
        program = f"from tests.servers.{module} import {name}\nwith {name}():\n    print('up', flush=True)\n    input()"
        run = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        servers = psutil.Process(run.pid).children(recursive=True)
        run.kill()
        run.communicate()
        assert servers
        assert psutil.wait_procs(servers, timeout=10)[1] == []


class TestCache:
    def test_what_is_there_is_not_fetched_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CAMPAIGN_TEST_CACHE", str(tmp_path))
        fetched: list[Path] = []
        folders = [fetch_once("thing-1", fetched.append), fetch_once("thing-1", fetched.append)]
        assert folders == [tmp_path / "thing-1"] * 2
        assert fetched == [tmp_path / "thing-1"]

    def test_processes_at_once_fetch_once(self, tmp_path: Path) -> None:
        program = (
            "import time\nfrom tests.servers.cache import fetch_once\n"
            "def fetch(folder):\n    open(folder.parent / 'log', 'a').write('fetched ')\n    time.sleep(0.5)\n"
            "fetch_once('thing', fetch)"
        )
        environment = {**os.environ, "CAMPAIGN_TEST_CACHE": str(tmp_path)}
        runs = [subprocess.Popen([sys.executable, "-c", program], env=environment) for _ in range(3)]
        assert [run.wait(30) for run in runs] == [0, 0, 0]
        assert (tmp_path / "log").read_text() == "fetched "

    def test_a_failure_is_remembered_but_not_where_servers_are_required(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CAMPAIGN_TEST_CACHE", str(tmp_path))
        monkeypatch.delenv("REQUIRE_SERVERS", raising=False)
        tried = []

        def fail(folder: Path) -> None:
            tried.append(time.monotonic())
            raise ServerMissing("the program 'npm' is not installed")

        for _ in range(2):
            with pytest.raises(ServerMissing, match="npm"):
                fetch_once("thing", fail)
        assert len(tried) == 1
        monkeypatch.setenv("REQUIRE_SERVERS", "1")
        with pytest.raises(ServerMissing, match="npm"):
            fetch_once("thing", fail)
        assert len(tried) == 2

    @pytest.mark.parametrize("required, outcome", [("", "skipped"), ("1", "failed")])
    def test_a_missing_program_skips_or_fails(self, tmp_path: Path, required: str, outcome: str) -> None:
        (tmp_path / "empty").mkdir()
        environment = {**os.environ, "CAMPAIGN_TEST_CACHE": str(tmp_path), "REQUIRE_SERVERS": required}
        environment["PATH"] = str(tmp_path / "empty")
        this_test = f"{__file__}::TestBluesky::test_301_graphemes_are_refused"
        command = [sys.executable, "-m", "pytest", "-rsf", "-p", "no:cacheprovider", this_test]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert f"1 {outcome}" in run.stdout.replace("1 error", "1 failed")
        assert "'node' is not installed" in run.stdout
