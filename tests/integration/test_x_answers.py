"""What X answers and its contract does not promise: refusals from bug reports, slow pictures, replies without sense.

A small server gives the answers it is told to; the requests come from the product's own client.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import OutcomeUnknown, PublishError, Rejected, Unauthorised, Unavailable
from scheduler.rehearsal import FastClock
from tests.servers.x_store import XAccount
from tests.x_desk import Desk, draw, prepare_part

START = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
USER = XAccount("4217", "force", "key-c4n4ry-1", "secret-c4n4ry-2", "4217-c4n4ry-3", "secret-c4n4ry-4")
POSTED = {"data": {"id": "99", "text": "Think"}}
_PROBLEMS = "https://api.twitter.com/2/problems"


class Answers:
    """A server that gives each call the answers set for it, in order and the last one again and again."""

    def __init__(self) -> None:
        self.set: dict[str, list[tuple[int, Any]]] = {}
        self.heard: list[str] = []
        self.queries: list[dict[str, str]] = []

    def give(self, call: str, *answers: Any, status: int = 200) -> None:
        """Answer `METHOD /path` with these bodies: text as it is, anything else as JSON."""
        self.set[call] = [(status, answer) for answer in answers]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        call = f"{request.method} {request.path}"
        self.heard.append(call)
        self.queries.append(request.args.to_dict())
        waiting = self.set.get(call, [(404, {"detail": f"no answer is set for {call}"})])
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(text, status, content_type="application/json")(environ, start_response)


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def desk(answers: Answers, tmp_path: Path) -> Iterator[Desk]:
    """The account of USER, on a clock on which waiting takes no time."""
    server = make_server("127.0.0.1", 0, answers, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Desk(f"http://127.0.0.1:{server.port}", USER, tmp_path / "secrets", clock=FastClock(START))
    server.shutdown()
    thread.join()
    server.server_close()


def refuse(detail: str, kind: str = "about:blank") -> dict[str, Any]:
    return {"title": "Forbidden", "detail": detail, "type": kind, "status": 403}


class TestRefusals:
    @pytest.mark.parametrize(
        "body, expected, words",
        [
            (
                refuse("Reply to this conversation is not allowed because you have not been mentioned"),
                Rejected,
                "not been mentioned",
            ),
            (refuse("The app may not do this.", f"{_PROBLEMS}/oauth1-permissions"), Unauthorised, "made anew"),
            (refuse("Use an App in a Project.", f"{_PROBLEMS}/client-forbidden"), Unauthorised, "in a Project"),
            (
                {
                    "errors": [
                        {"code": 385, "message": "You attempted to reply to a Tweet that is deleted or not visible"}
                    ]
                },
                Unavailable,
                "part before",
            ),
            (refuse("You are not allowed to create a Tweet with Duplicate Content."), OutcomeUnknown, "out already"),
            ("<h1>Forbidden</h1>", Rejected, "403"),
            ("[]", Rejected, "403"),
        ],
    )
    def test_403_is_read_by_its_words(
        self, answers: Answers, desk: Desk, body: Any, expected: type[PublishError], words: str
    ) -> None:
        answers.give("POST /2/tweets", body, status=403)
        with pytest.raises(PublishError, match=words) as caught:
            desk.publish(prepare_part("Two"), Receipt("98"))
        assert type(caught.value) is expected

    def test_a_first_part_that_answers_nothing_is_refused_for_good(self, answers: Answers, desk: Desk) -> None:
        answers.give("POST /2/tweets", refuse("That Tweet is deleted or not visible to you."), status=403)
        with pytest.raises(Rejected):
            desk.publish(prepare_part("One"))

    @pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503])
    def test_a_secret_that_x_repeats_is_not_passed_on(self, answers: Answers, desk: Desk, status: int) -> None:
        said = " ".join(desk.values.values())
        for body in (refuse(said), {"errors": [{"message": said}]}, said):
            answers.give("POST /2/tweets", body, status=status)
            with pytest.raises(PublishError) as caught:
                desk.publish(prepare_part("Think"))
            assert not desk.tells(caught.value)
            assert "c4n4ry" not in str(caught.value)


class TestCommitting:
    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            "<p>Well done</p>",
            {},
            {"data": None},
            {"data": {}},
            {"data": {"id": ""}},
            {"data": {"id": True}},
            [],
            "7",
            "null",
        ],
    )
    def test_an_answer_without_the_posts_id_leaves_it_in_doubt(self, answers: Answers, desk: Desk, body: Any) -> None:
        answers.give("POST /2/tweets", body, status=201)
        with pytest.raises(OutcomeUnknown, match="may be out"):
            desk.publish(prepare_part("Think"))
        assert (answers.heard, desk.looks) == (["POST /2/tweets"], 1)

    def test_a_number_is_an_id(self, answers: Answers, desk: Desk) -> None:
        answers.give("POST /2/tweets", {"data": {"id": 99}}, status=201)
        assert desk.publish(prepare_part("Think")).remote_id == "99"


class TestProcessing:
    @pytest.fixture
    def animation(self, answers: Answers, tmp_path: Path) -> Path:
        Pillow.new("RGB", (16, 9)).save(tmp_path / "a.gif")
        answers.give("POST /2/media/upload/initialize", {"data": {"id": "5"}})
        answers.give("POST /2/media/upload/5/append", {"data": {}})
        answers.give("POST /2/media/upload/5/finalize", tell("pending", check_after_secs=4))
        answers.give("POST /2/media/metadata", {"data": {"id": "5"}})
        answers.give("POST /2/tweets", POSTED, status=201)
        return tmp_path / "a.gif"

    def test_it_is_waited_for_as_long_as_x_asks(self, answers: Answers, desk: Desk, animation: Path) -> None:
        answers.give("GET /2/media/upload", tell("in_progress", check_after_secs=3), tell("succeeded"))
        assert desk.publish(prepare_part("Moving", {animation: "A square"})).remote_id == "99"
        assert desk.clock.now() - START == timedelta(seconds=7)
        assert answers.heard[-4:] == [*["GET /2/media/upload"] * 2, "POST /2/media/metadata", "POST /2/tweets"]

    @pytest.mark.parametrize(
        "state, expected, words",
        [
            ({"state": "failed", "error": {"message": "InvalidMedia"}}, Rejected, "InvalidMedia"),
            ({"state": "failed"}, Rejected, "does not say why"),
            ({"state": "in_progress", "check_after_secs": 3600}, Unavailable, "still processing"),
            ({"state": "in_progress"}, Unavailable, "still processing"),
            ({"state": "in_progress", "check_after_secs": "soon"}, Unavailable, "still processing"),
        ],
    )
    def test_what_does_not_succeed_posts_nothing(
        self, answers: Answers, desk: Desk, animation: Path, state: Any, expected: type[PublishError], words: str
    ) -> None:
        answers.give("GET /2/media/upload", {"data": {"processing_info": state}})
        with pytest.raises(expected, match=words):
            desk.publish(prepare_part("Moving", {animation: "A square"}))
        assert (desk.looks, "POST /2/tweets" in answers.heard) == (0, False)
        assert desk.clock.now() - START < timedelta(minutes=5)

    @pytest.mark.parametrize("body", ["", "{}", '{"data": {"media_key": "3_1"}}'])
    def test_an_upload_without_an_id_posts_nothing(
        self, answers: Answers, desk: Desk, tmp_path: Path, body: str
    ) -> None:
        answers.give("POST /2/media/upload", body)
        with pytest.raises(Unavailable):
            desk.publish(prepare_part("Picture", {draw(tmp_path / "a.png"): "Hands"}))
        assert answers.heard == ["POST /2/media/upload"]


class TestListing:
    @pytest.mark.parametrize("body", [{}, [], {"data": 5}, {"data": ["?", None]}, {"data": [{}]}, {"errors": [5]}])
    def test_an_answer_without_sense_proves_nothing(self, answers: Answers, desk: Desk, body: Any) -> None:
        answers.give("GET /2/users/me", {"data": {"id": USER.id}})
        answers.give(f"GET /2/users/{USER.id}/tweets", body)
        assert desk.find(prepare_part("Think")) is Found.UNSURE

    def test_a_lost_long_post_is_found_by_all_its_words(self, answers: Answers, desk: Desk, tmp_path: Path) -> None:
        """X lists a long post cut short, and the whole of it only to those who ask; others need not be asked for."""
        text = f"{'Spot the signs. ' * 30}Speak out."
        listed = {"id": "99", "text": f"{text[:270]}…", "created_at": START.isoformat(), "note_tweet": {"text": text}}
        answers.give("GET /2/users/4217/tweets", {"data": [listed], "meta": {"result_count": 1}})
        answers.give("GET /2/users/me", {"data": {"id": "4217", "username": "force", "name": "Force"}})
        paid = Desk(desk.channel.account.server, USER, tmp_path / "paid", clock=FastClock(START), premium="yes")
        for each, is_asked in ((paid, True), (desk, False)):
            receipt = each.find(prepare_part(text))
            assert isinstance(receipt, Receipt)
            assert receipt.remote_id == "99"
            assert ("note_tweet" in answers.queries[-1]["tweet.fields"]) is is_asked

    @pytest.mark.parametrize("status, body", [(200, "<p>Hello</p>"), (503, "{}"), (500, "")])
    def test_what_cannot_be_looked_at_is_looked_at_later(
        self, answers: Answers, desk: Desk, status: int, body: str
    ) -> None:
        answers.give("GET /2/users/me", {"data": {"id": USER.id}})
        answers.give(f"GET /2/users/{USER.id}/tweets", body, status=status)
        with pytest.raises(Unavailable):
            desk.find(prepare_part("Think"))

    def test_a_listing_without_end_is_given_up(self, answers: Answers, desk: Desk) -> None:
        answers.give("GET /2/users/me", {"data": {"id": USER.id}})
        answers.give(f"GET /2/users/{USER.id}/tweets", {"data": [], "meta": {"next_token": "more"}})
        assert desk.find(prepare_part("Think")) is Found.UNSURE
        assert len(answers.heard) == 11


def tell(state: str, **more: Any) -> dict[str, Any]:
    """Return X's word on an upload."""
    return {"data": {"id": "5", "processing_info": {"state": state, **more}}}
