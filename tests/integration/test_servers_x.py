"""The server that stands for X holds to X's contract in both directions, verifies signatures and fails when told."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image
from requests_oauthlib import OAuth1
from werkzeug.test import EnvironBuilder

from tests.servers.x import X_FAULTS
from tests.servers.x_contract import load_x_contract

if TYPE_CHECKING:
    from tests.servers.x import XServer
    from tests.servers.x_store import XAccount

# What the client hears: a status, an exception, or a status whose body is no JSON; and how many posts there really are.
OUTCOMES: dict[str, tuple[int | type[Exception], int]] = {
    "401": (401, 0),
    "402": (402, 0),
    "403": (403, 0),
    "429": (429, 0),
    "usage-capped": (429, 0),
    "503": (503, 0),
    "kill-before": (requests.ConnectionError, 0),
    "hang": (requests.ReadTimeout, 0),
    "slow": (201, 1),
    "kill-after": (requests.ConnectionError, 1),
    "html-502": (requests.JSONDecodeError, 1),
    "truncate": (requests.JSONDecodeError, 1),
    "empty-200": (requests.JSONDecodeError, 1),
    "hang-after": (requests.ReadTimeout, 1),
}


class Client:
    """Signs what it sends with the account's keys."""

    def __init__(self, server: XServer, account: XAccount) -> None:
        self.server, self.account = server, account
        self.keys = OAuth1(account.api_key, account.api_secret, account.access_token, account.access_secret)

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        address = self.server.base_url + path
        return requests.request(method, address, auth=self.keys, timeout=1.5, **arguments)

    def post(self, text: str, **fields: Any) -> requests.Response:
        return self.call("POST", "/2/tweets", json={"text": text, **fields})

    def list_posts(self, query: str = "") -> dict[str, Any]:
        listing: dict[str, Any] = self.call("GET", f"/2/users/{self.account.id}/tweets?{query}").json()
        return listing


@pytest.fixture
def client(x_server: XServer) -> Client:
    return Client(x_server, x_server.new_account())


def make_jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 9), "teal").save(file, "JPEG")
    return file.getvalue()


class TestPosting:
    def test_one_post_made_is_one_post_counted(self, x_server: XServer, client: Client) -> None:
        root = client.post("Think, spot, speak out").json()["data"]["id"]
        client.post("And more", reply={"in_reply_to_tweet_id": root})
        seen = [(post.text, post.parent) for post in x_server.posts(client.account)]
        assert seen == [("Think, spot, speak out", None), ("And more", root)]

    def test_a_duplicate_is_refused_in_xs_words(self, x_server: XServer, client: Client) -> None:
        number = client.post("Only once").json()["data"]["id"]
        answer = client.post("Only once")
        assert (answer.status_code, x_server.count(client.account)) == (403, 1)
        assert answer.json()["detail"] == "You are not allowed to create a Tweet with duplicate content."
        assert Client(x_server, x_server.new_account()).post("Only once").status_code == 201
        assert client.call("DELETE", f"/2/tweets/{number}").json() == {"data": {"deleted": True}}
        assert client.post("Only once").status_code == 201

    @pytest.mark.parametrize(
        "body",
        [
            {"text": "x", "status": "a field of the old API"},
            {"text": 5},
            {"text": "x", "media": {"media_ids": []}},
            {"text": "x", "media": {"media_ids": ["12345"]}},
            {"text": "x", "reply": {}},
            {},
        ],
    )
    def test_what_is_against_the_contract_is_refused(
        self, x_server: XServer, client: Client, body: dict[str, Any]
    ) -> None:
        answer = client.call("POST", "/2/tweets", json=body)
        assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")
        assert x_server.count(client.account) == 0

    def test_length_is_weighted(self, x_server: XServer, client: Client) -> None:
        link = "https://example.org/" + "a" * 200
        assert client.post("漢" * 128 + " " + link).status_code == 201
        assert client.post("漢" * 129 + " " + link).status_code == 403
        assert x_server.count(client.account) == 1

    def test_a_reply_to_nothing_is_refused(self, client: Client) -> None:
        assert client.post("Hello?", reply={"in_reply_to_tweet_id": "1"}).status_code == 403


class TestSignature:
    def test_it_must_be_right(self, x_server: XServer, client: Client) -> None:
        account = client.account
        address, body = f"{x_server.base_url}/2/tweets", {"text": "Whose?"}
        wrong = OAuth1(account.api_key, account.api_secret, account.access_token, "another secret")
        stranger = OAuth1("unknown", account.api_secret, account.access_token, account.access_secret)
        for keys in (None, wrong, stranger):
            assert requests.post(address, json=body, auth=keys, timeout=5).status_code == 401
        bearer = {"Authorization": "Bearer AAAA"}
        assert requests.post(address, json=body, headers=bearer, timeout=5).status_code == 401
        assert x_server.count(account) == 0

    def test_it_holds_for_the_address_signed_only(self, x_server: XServer, client: Client) -> None:
        signed = client.keys(requests.Request("GET", f"{x_server.base_url}/2/users/me").prepare())
        signed.url = f"{x_server.base_url}/2/users/{client.account.id}/tweets"
        assert requests.Session().send(signed, timeout=5).status_code == 401

    def test_a_request_repeated_with_its_nonce_is_refused(self, x_server: XServer, client: Client) -> None:
        signed = client.keys(
            requests.Request("POST", f"{x_server.base_url}/2/tweets", json={"text": "Again"}).prepare()
        )
        assert [requests.Session().send(signed, timeout=5).status_code for _ in range(2)] == [201, 401]

    def test_query_parameters_are_signed(self, client: Client) -> None:
        assert client.list_posts("start_time=2027-03-18T08:00:00Z&tweet.fields=created_at,entities") == {
            "meta": {"result_count": 0}
        }


class TestListing:
    def test_texts_come_as_x_changes_them(self, client: Client) -> None:
        text = "Spot & speak https://example.org/a?b=1&c=2, now"
        client.post(text)
        (shown,) = client.list_posts("max_results=5&tweet.fields=entities")["data"]
        (link,) = shown["entities"]["urls"]
        assert shown["text"] == f"Spot &amp; speak {link['url']}, now"
        assert link["expanded_url"] == "https://example.org/a?b=1&c=2"
        assert shown["text"][link["start"] : link["end"]] == link["url"]

    def test_pages_since_and_start(self, client: Client) -> None:
        numbers = [client.post(f"Number {number}").json()["data"]["id"] for number in range(7)]
        page = client.list_posts("max_results=5")
        rest = client.list_posts(f"max_results=5&pagination_token={page['meta']['next_token']}")
        assert [post["id"] for post in page["data"] + rest["data"]] == numbers[::-1]
        assert "next_token" not in rest["meta"]
        since = client.list_posts(f"since_id={numbers[4]}")["data"]
        assert [post["id"] for post in since] == [numbers[6], numbers[5]]
        assert client.list_posts("start_time=2100-01-01T00:00:00Z") == {"meta": {"result_count": 0}}
        assert client.call("GET", f"/2/users/{client.account.id}/tweets?max_results=4").status_code == 400

    def test_it_may_lag(self, x_server: XServer, client: Client) -> None:
        client.post("Not yet")
        x_server.service.listing_lag = 60
        try:
            assert client.list_posts() == {"meta": {"result_count": 0}}
        finally:
            x_server.service.listing_lag = 0
        assert client.list_posts()["meta"]["result_count"] == 1

    def test_answers_hold_to_the_contract(self, x_server: XServer, client: Client) -> None:
        contract = load_x_contract()
        number = client.post("Contract https://example.org").json()["data"]["id"]
        fields = "tweet.fields=created_at,author_id,conversation_id,entities,referenced_tweets"
        asked: list[tuple[str, str, Any]] = [
            ("POST", "/2/tweets", {"text": "Reply", "reply": {"in_reply_to_tweet_id": number}}),
            ("GET", "/2/users/me", None),
            ("GET", f"/2/users/{client.account.id}/tweets?{fields}", None),
            ("DELETE", f"/2/tweets/{number}", None),
        ]
        for method, path, body in asked:
            answer = client.call(method, path, json=body)
            assert answer.ok
            address, _, query = path.partition("?")
            request = EnvironBuilder(address, x_server.base_url, query, method=method, json=body).get_request()
            assert contract.find_fault_in_answer(request, answer.status_code, answer.json()) == ""
            assert contract.find_fault_in_answer(request, answer.status_code, {"data": 5}) != ""


class TestMedia:
    def test_a_picture_at_once_with_alt_text(self, x_server: XServer, client: Client) -> None:
        files = {"media": ("hands.jpg", make_jpeg(), "image/jpeg")}
        uploaded = client.call("POST", "/2/media/upload", files=files, data={"media_category": "tweet_image"})
        number = uploaded.json()["data"]["id"]
        described = {"id": number, "metadata": {"alt_text": {"text": "Helping hands"}}}
        assert client.call("POST", "/2/media/metadata", json=described).ok
        assert client.post("Picture", media={"media_ids": [number]}).status_code == 201
        (post,) = x_server.posts(client.account)
        assert (post.text, post.alt_texts) == ("Picture", ("Helping hands",))
        assert post.raw["text"].startswith("Picture https://t.co/")

    @pytest.mark.parametrize("category, states", [("tweet_image", []), ("tweet_video", ["in_progress", "succeeded"])])
    def test_segments_and_state(self, client: Client, category: str, states: list[str]) -> None:
        content = make_jpeg()
        begun = {"media_type": "image/jpeg", "total_bytes": len(content), "media_category": category}
        number = client.call("POST", "/2/media/upload/initialize", json=begun).json()["data"]["id"]
        for index, part in enumerate((content[:100], content[100:])):
            files = {"media": ("blob", part, "application/octet-stream")}
            segment = {"segment_index": str(index)}
            assert client.call("POST", f"/2/media/upload/{number}/append", files=files, data=segment).ok
        finished = client.call("POST", f"/2/media/upload/{number}/finalize").json()["data"]
        assert finished.get("processing_info", {}).get("state") == ("pending" if states else None)
        address = f"/2/media/upload?command=STATUS&media_id={number}"
        seen = [client.call("GET", address).json()["data"]["processing_info"]["state"] for _ in states]
        assert seen == states
        assert client.post("Film", media={"media_ids": [number]}).status_code == 201

    def test_bad_uploads_are_refused(self, x_server: XServer, client: Client) -> None:
        files = {"media": ("hands.jpg", b"not a picture", "image/jpeg")}
        upload = client.call("POST", "/2/media/upload", files=files, data={"media_category": "tweet_image"})
        assert upload.status_code == 400
        begun = {"media_type": "image/jpeg", "total_bytes": 10, "media_category": "tweet_image"}
        number = client.call("POST", "/2/media/upload/initialize", json=begun).json()["data"]["id"]
        assert client.call("POST", f"/2/media/upload/{number}/finalize").status_code == 400
        assert client.post("Too early", media={"media_ids": [number]}).status_code == 400
        assert x_server.count(client.account) == 0


class TestFaultsAndLimits:
    def test_every_fault_is_tried(self) -> None:
        assert set(OUTCOMES) == set(X_FAULTS)

    @pytest.mark.parametrize("fault", X_FAULTS)
    def test_fault(self, x_server: XServer, client: Client, fault: str) -> None:
        x_server.fail_next(fault, seconds=0.5)
        heard, posts = OUTCOMES[fault]
        if isinstance(heard, int):
            assert client.post("Lost?").status_code == heard
        else:
            with pytest.raises(heard):
                client.post("Lost?").json()
        assert x_server.count(client.account) == posts
        assert client.post("And now without").status_code == 201
        assert [seen.account for seen in x_server.requests[-2:]] == [client.account.username] * 2

    def test_429_names_its_reset(self, x_server: XServer, client: Client) -> None:
        x_server.fail_next("429", seconds=60)
        answer = client.post("Wait")
        assert answer.headers["x-rate-limit-remaining"] == "0"
        assert int(answer.headers["x-rate-limit-reset"]) == pytest.approx(time.time() + 60, abs=3)

    def test_limits_count_down_and_end(self, x_server: XServer, client: Client) -> None:
        assert client.post("First").headers["x-rate-limit-remaining"] == "99"
        x_server.set_limit(client.account, 1, reset_in=1)
        assert [client.post(f"Number {number}").status_code for number in range(2)] == [201, 429]
        time.sleep(1.1)
        assert client.post("Again").status_code == 201

    def test_a_word_that_is_no_fault(self, x_server: XServer) -> None:
        with pytest.raises(ValueError, match="kill-after"):
            x_server.fail_next("kil-after")

    def test_secrets_are_in_no_answer(self, x_server: XServer, client: Client) -> None:
        said = json.dumps([client.post("Said").json(), client.call("GET", "/2/users/me").json()])
        assert client.account.api_secret not in said
        assert client.account.access_secret not in said
