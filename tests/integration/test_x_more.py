"""X beyond plain posts, on the server that holds to X's contract: films, first comments, who may answer, afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import EnvironBuilder

from scheduler.domain.account import Account
from scheduler.domain.campaign import Replies, Video
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import PreparedPart, Receipt
from scheduler.domain.ports import Retracts, Verifies
from scheduler.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.rehearsal import FastClock
from scheduler.video import inspect_video
from tests.accounts import PLACE, make_comment, make_part
from tests.films import SPOKEN, draw_film, make_film
from tests.servers.x_contract import load_x_contract
from tests.servers.x_store import XMedia, XPost
from tests.x_desk import PLATFORM, Desk, list_calls, prepare_part

if TYPE_CHECKING:
    from tests.servers.x import XServer

UPLOAD = ["initialize", "*/append", "*/finalize"]


@pytest.fixture
def desk(x_server: XServer, tmp_path: Path) -> Desk:
    """An account, on a clock on which waiting takes no time."""
    clock = FastClock(datetime.now(UTC))
    return Desk(x_server.base_url, x_server.new_account(), tmp_path / "secrets", clock=clock)


def prepare(*parts: ContentPart, **about: Any) -> tuple[PreparedPart, ...]:
    return PLATFORM.prepare(Content(parts, **about), Account("x", "x"), {}).parts


def publish_all(desk: Desk, parts: tuple[PreparedPart, ...]) -> list[Receipt]:
    receipts: list[Receipt] = []
    for part in parts:
        receipts.append(desk.publish(part, *receipts))
    return receipts


def read_post(server: XServer, receipt: Receipt) -> XPost:
    post = server.service.store.find_post(receipt.remote_id)
    assert post is not None
    return post


def make_large_film(folder: Path, size: int) -> Media:
    """Return a film with some room left empty in it, as editors leave it."""
    room = size - len(draw_film(1))
    path = folder / "large.mp4"
    path.write_bytes(draw_film(1) + room.to_bytes(4, "big") + b"free" + bytes(room - 8))
    return inspect_video(Video(str(path), "A teacher asks.", PLACE, captions_needed=False))


class TestFilms:
    def test_it_arrives_with_its_captions_once_x_has_made_it_ready(
        self, x_server: XServer, desk: Desk, tmp_path: Path
    ) -> None:
        film = make_film(tmp_path, "A teacher asks.", captions="vtt")
        (part,) = prepare(make_part("She noticed.", film), language="cy-GB")
        [stored] = read_post(x_server, desk.publish(part)).media
        assert (stored.category, stored.media_type, stored.content) == ("tweet_video", "video/mp4", draw_film(1))
        assert list(stored.captions) == ["CY"]
        assert stored.captions["CY"].startswith(b"1\n00:00:00,000 --> ")
        assert SPOKEN.encode() in stored.captions["CY"]
        assert list_calls(x_server, desk.user) == [
            *[f"POST /2/media/upload/{call}" for call in UPLOAD],
            *["GET /2/media/upload"] * 2,
            "POST /2/media/upload",
            "POST /2/media/subtitles",
            "POST /2/tweets",
        ]
        assert desk.looks == 1

    def test_a_large_one_goes_in_segments_of_a_megabyte(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        film = make_large_film(tmp_path, 2_300_000)
        (part,) = prepare(make_part("She noticed.", film))
        [stored] = read_post(x_server, desk.publish(part)).media
        assert [len(stored.segments[index]) for index in range(3)] == [1_000_000, 1_000_000, 300_000]
        assert stored.content == Path(film.path).read_bytes()
        assert stored.captions == {}

    @pytest.mark.parametrize("call", ["initialize", "*/append", "*/finalize", "", "subtitles"])
    @pytest.mark.parametrize("fault", ["503", "kill-after", "html-502", "429"])
    def test_what_fails_before_the_post_posts_nothing(
        self, x_server: XServer, desk: Desk, tmp_path: Path, call: str, fault: str
    ) -> None:
        (part,) = prepare(make_part("She noticed.", make_film(tmp_path, "A teacher asks.", captions="srt")))
        paths = {"": "/2/media/upload", "subtitles": "/2/media/subtitles"}
        x_server.fail_next(fault, path=paths.get(call, f"/2/media/upload/{call}"))
        with pytest.raises(RateLimited if fault == "429" else Unavailable):
            desk.publish(part)
        assert (x_server.count(desk.user), desk.looks) == (0, 0)
        x_server.clear_faults()
        desk.publish(part)
        assert x_server.count(desk.user) == 1

    def test_a_lost_reply_is_found(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        (part,) = prepare(make_part("She noticed.", make_film(tmp_path, "A teacher asks.")))
        x_server.fail_next("kill-after")
        with pytest.raises(OutcomeUnknown):
            desk.publish(part)
        found = desk.find(part)
        assert isinstance(found, Receipt)
        assert read_post(x_server, found).text == "She noticed."


class TestComments:
    def test_it_answers_the_post_and_not_the_thread_s_end(self, x_server: XServer, desk: Desk) -> None:
        parts = prepare(make_part("One"), make_part("Two"), make_comment("Call 101"))
        first, second, comment = publish_all(desk, parts)
        seen = {post.text: post.parent for post in x_server.posts(desk.user)}
        assert seen == {"One": None, "Two": first.remote_id, "Call 101": first.remote_id}
        assert desk.find(parts[2], first, second) == comment

    def test_one_that_x_does_not_let_through_leaves_the_post_out(self, x_server: XServer, desk: Desk) -> None:
        post, comment = prepare(make_part("One"), make_comment("Call 101"))
        receipt = desk.publish(post)
        x_server.fail_next("403")
        with pytest.raises(Rejected):
            desk.publish(comment, receipt)
        assert [post.text for post in x_server.posts(desk.user)] == ["One"]


class TestWhoMayAnswer:
    @pytest.mark.parametrize(
        ("replies", "setting"),
        [
            (None, "everyone"),
            (Replies.EVERYONE, "everyone"),
            (Replies.MENTIONED, "mentionedUsers"),
            (Replies.NOBODY, "mentionedUsers"),
        ],
    )
    def test_it_is_set_on_the_first_post(
        self, x_server: XServer, desk: Desk, replies: Replies | None, setting: str
    ) -> None:
        receipts = publish_all(desk, prepare(make_part("One"), make_part("Two"), replies=replies))
        assert [read_post(x_server, receipt).reply_settings for receipt in receipts] == [setting, "everyone"]


class TestAfterwards:
    def retract(self, desk: Desk, receipt: Receipt) -> None:
        assert isinstance(PLATFORM, Retracts)
        with desk.channel.open(desk.look) as context:
            PLATFORM.retract(receipt, 0, context)

    def is_live(self, desk: Desk, receipt: Receipt) -> bool:
        assert isinstance(PLATFORM, Verifies)
        with desk.channel.open(desk.look) as context:
            return PLATFORM.is_live(receipt, 0, context)

    def test_what_is_taken_back_is_gone_and_may_be_taken_back_again(self, x_server: XServer, desk: Desk) -> None:
        first, second = publish_all(desk, prepare(make_part("One"), make_part("Two")))
        assert self.is_live(desk, second)
        for _ in range(2):
            self.retract(desk, second)
        assert [post.text for post in x_server.posts(desk.user)] == ["One"]
        assert (self.is_live(desk, first), self.is_live(desk, second)) == (True, False)
        assert desk.looks == 2

    def test_what_a_person_recorded_by_its_address_is_found_too(self, x_server: XServer, desk: Desk) -> None:
        receipt = desk.publish(prepare_part("One"))
        by_hand = Receipt("", f"https://x.com/{desk.user.username}/status/{receipt.remote_id}/photo/1")
        assert self.is_live(desk, by_hand)
        self.retract(desk, by_hand)
        assert x_server.count(desk.user) == 0

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("503", Unavailable),
            ("kill-after", Unavailable),
            ("html-502", Unavailable),
            ("truncate", Unavailable),
            ("empty-200", Unavailable),
            ("401", Unauthorised),
            ("402", Unauthorised),
            ("403", Rejected),
            ("429", RateLimited),
        ],
    )
    def test_trouble_never_counts_as_gone(
        self, x_server: XServer, desk: Desk, fault: str, error: type[Exception]
    ) -> None:
        receipt = desk.publish(prepare_part("One"))
        for method, ask in (("GET", self.is_live), ("DELETE", self.retract)):
            x_server.fail_next(fault, method=method, path=f"/2/tweets/{receipt.remote_id}")
            with pytest.raises(error) as caught:
                ask(desk, receipt)
            assert not desk.tells(caught.value)
        self.retract(desk, receipt)
        assert not self.is_live(desk, receipt)

    def test_another_account_s_post_is_not_taken_back(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        receipt = desk.publish(prepare_part("One"))
        other = Desk(x_server.base_url, x_server.new_account(), tmp_path / "other")
        with pytest.raises(Rejected, match="not permitted"):
            self.retract(other, receipt)
        assert x_server.count(desk.user) == 1

    def test_the_server_s_answers_hold_to_the_contract(self, x_server: XServer, desk: Desk) -> None:
        contract, receipt = load_x_contract(), desk.publish(prepare_part("One"))
        for number in (receipt.remote_id, "1"):
            request = EnvironBuilder(f"/2/tweets/{number}", x_server.base_url).get_request()
            answer = x_server.service.answer(desk.user, request)
            assert contract.find_fault_in_answer(request, answer.status, answer.body) == ""


def test_captions_need_a_film_and_a_language(x_server: XServer, desk: Desk) -> None:
    store = x_server.service.store
    film: XMedia = store.add_media(desk.user.id, "tweet_video", "video/mp4", 9)
    words = store.add_media(desk.user.id, "subtitles", "text/srt", 9)
    named = {"id": words.id, "language_code": "EN", "display_name": "English"}
    good = {"id": film.id, "media_category": "TweetVideo", "subtitles": named}
    bad = [
        {**good, "id": words.id},
        {**good, "media_category": "tweet_video"},
        {**good, "subtitles": {**named, "id": film.id}},
        {**good, "subtitles": {**named, "language_code": "en-GB"}},
        {**good, "subtitles": {**named, "display_name": ""}},
    ]
    statuses = []
    for body in [good, *bad]:
        request = EnvironBuilder("/2/media/subtitles", x_server.base_url, method="POST", json=body).get_request()
        statuses.append(x_server.service.answer(desk.user, request).status)
    assert statuses == [200, 400, 400, 400, 400, 400]
