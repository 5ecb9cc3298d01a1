"""X against a server that holds to X's contract and verifies signatures: what goes out, what fails, what is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image as Pillow

from scheduler.domain.delivery import Found, Receipt, Status
from scheduler.domain.ports import Withdrawn
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from tests.servers.x import X_FAULTS
from tests.x_desk import SECRETS, Desk, draw, list_calls, prepare, prepare_part

if TYPE_CHECKING:
    from tests.servers.x import XServer

TEXT = "Think & <spot> “é” 👩‍👩‍👧\n\nhttps://example.org/signs?a=1&copy=2 #CEADay27"

# What the one committing call ends with, and how many posts there really are.
OUTCOMES: dict[str, tuple[type[PublishError] | None, int]] = {
    "401": (Unauthorised, 0),
    "402": (Unauthorised, 0),
    "403": (Rejected, 0),
    "429": (RateLimited, 0),
    "usage-capped": (RateLimited, 0),
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


@pytest.fixture
def desk(x_server: XServer, tmp_path: Path) -> Desk:
    return Desk(x_server.base_url, x_server.new_account(), tmp_path / "secrets")


class TestPosting:
    def test_the_text_arrives_as_it_was_previewed(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part(TEXT)
        receipt = desk.publish(part)
        (post,) = x_server.posts(desk.user)
        assert (post.text, post.id, desk.looks) == (part.text, receipt.remote_id, 1)
        assert receipt.url == f"https://x.com/i/status/{post.id}"
        assert list_calls(x_server, desk.user) == ["POST /2/tweets"]

    def test_two_pictures_with_alt_text_then_the_post(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        images = {draw(tmp_path / "a.png"): "Two “hands” & a pledge", draw(tmp_path / "b.jpg"): "A pen"}
        desk.publish(prepare_part("Pictures", images))
        (post,) = x_server.posts(desk.user)
        assert post.alt_texts == ("Two “hands” & a pledge", "A pen")
        assert list_calls(x_server, desk.user) == ["POST /2/media/upload", "POST /2/media/metadata"] * 2 + [
            "POST /2/tweets"
        ]

    def test_a_large_picture_goes_in_chunks(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        large = draw(tmp_path / "large.png", (900, 900), noise=True)
        assert 2_000_000 < large.stat().st_size < 3_000_000
        desk.publish(prepare_part("Large", {large: "Noise"}))
        (post,) = x_server.posts(desk.user)
        upload = x_server.service.store.find_post(post.id)
        assert upload is not None
        assert [media.content for media in upload.media] == [large.read_bytes()]
        assert list_calls(x_server, desk.user) == [
            "POST /2/media/upload/initialize",
            *["POST /2/media/upload/*/append"] * 3,
            "POST /2/media/upload/*/finalize",
            "POST /2/media/metadata",
            "POST /2/tweets",
        ]

    def test_an_animation_is_sent_as_one(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        frames = [Pillow.new("RGB", (16, 9), colour) for colour in ("teal", "white")]
        frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
        desk.publish(prepare_part("Moving", {tmp_path / "a.gif": "Two colours in turn"}))
        (post,) = x_server.posts(desk.user)
        stored = x_server.service.store.find_post(post.id)
        assert stored is not None
        assert [(media.category, media.alt_text) for media in stored.media] == [("tweet_gif", "Two colours in turn")]

    def test_a_thread_answers_part_by_part(self, x_server: XServer, desk: Desk) -> None:
        receipts: list[Receipt] = []
        for part in prepare("One", "Two", "Three"):
            receipts.append(desk.publish(part, *receipts))
        ids = [receipt.remote_id for receipt in receipts]
        seen = [(post.text, post.parent) for post in x_server.posts(desk.user)]
        assert seen == [("One", None), ("Two", ids[0]), ("Three", ids[1])]

    def test_a_part_whose_parent_is_not_there_yet_is_tried_again(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part("Two")
        with pytest.raises(Unavailable, match="part before"):
            desk.publish(part, Receipt("1"))
        assert x_server.count(desk.user) == 0

    def test_the_last_look_keeps_it_from_going_out(self, x_server: XServer, desk: Desk, tmp_path: Path) -> None:
        def withdraw() -> None:
            raise Withdrawn(Status.HELD, "national mourning")

        with pytest.raises(Withdrawn):
            desk.publish(prepare_part("Not now", {draw(tmp_path / "a.png"): "Hands"}), look=withdraw)
        assert list_calls(x_server, desk.user) == ["POST /2/media/upload", "POST /2/media/metadata"]

    def test_who_am_i(self, desk: Desk) -> None:
        assert desk.who_am_i() == f"@{desk.user.username}"


class TestFailures:
    def test_every_fault_is_tried(self) -> None:
        assert set(OUTCOMES) == set(X_FAULTS)

    @pytest.mark.parametrize("fault", X_FAULTS)
    def test_a_fault_means_what_it_means_and_what_is_out_is_found(
        self, x_server: XServer, desk: Desk, fault: str
    ) -> None:
        part = prepare_part(TEXT)
        expected, posts = OUTCOMES[fault]
        x_server.fail_next(fault, seconds=0.3)
        if expected is None:
            assert desk.publish(part).remote_id == x_server.posts(desk.user)[0].id
        else:
            with pytest.raises(PublishError) as caught:
                desk.publish(part, patience=3.0 if fault.startswith("hang") else 30.0)
            assert type(caught.value) is expected
            assert not desk.tells(caught.value)
        assert (x_server.count(desk.user), desk.looks) == (posts, 1)
        found = desk.find(part)
        ids = [post.id for post in x_server.posts(desk.user)]
        assert ([found.remote_id] if isinstance(found, Receipt) else []) == ids

    def test_a_thread_part_is_found_by_what_it_answers(self, x_server: XServer, desk: Desk) -> None:
        first, second = prepare("The same words", "The same words, twice")
        root = desk.publish(first)
        x_server.fail_next("kill-after")
        with pytest.raises(OutcomeUnknown):
            desk.publish(second, root)
        found = desk.find(second, root)
        assert isinstance(found, Receipt)
        assert [post.id for post in x_server.posts(desk.user)] == [root.remote_id, found.remote_id]
        assert desk.find(second) is Found.UNSURE
        assert desk.find(first, root) is Found.UNSURE

    def test_a_duplicate_is_evidence_not_a_refusal(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part(TEXT)
        first = desk.publish(part)
        with pytest.raises(OutcomeUnknown, match="out already: You are not allowed to create a Tweet with duplicate"):
            desk.publish(part)
        later = datetime.now(UTC) + timedelta(minutes=5)
        assert desk.find(part, sent=later) == first  # of an attempt before the one that was called a duplicate
        assert x_server.count(desk.user) == 1

    def test_a_rate_limit_says_until_when(self, x_server: XServer, desk: Desk) -> None:
        x_server.set_limit(desk.user, 0, reset_in=300)
        with pytest.raises(RateLimited) as caught:
            desk.publish(prepare_part("Wait"))
        assert caught.value.until is not None
        assert abs(caught.value.until - datetime.now(UTC) - timedelta(seconds=300)) < timedelta(seconds=20)

    def test_a_used_up_plan_names_no_reset(self, x_server: XServer, desk: Desk) -> None:
        x_server.fail_next("usage-capped")
        with pytest.raises(RateLimited, match="raise the cap") as caught:
            desk.publish(prepare_part("Capped"))
        assert caught.value.until is None

    def test_no_credit_says_what_to_do(self, x_server: XServer, desk: Desk) -> None:
        x_server.fail_next("402")
        with pytest.raises(Unauthorised, match="Buy credit"):
            desk.publish(prepare_part("Spent"))

    @pytest.mark.parametrize("name", SECRETS)
    def test_a_wrong_secret_is_the_accounts_trouble(
        self, x_server: XServer, desk: Desk, tmp_path: Path, name: str
    ) -> None:
        wrong = Desk(x_server.base_url, desk.user, tmp_path / "wrong", wrong={name: "c4n4ry" * 6})
        for use in (
            lambda: wrong.publish(prepare_part("Whose?")),
            wrong.who_am_i,
            lambda: wrong.find(prepare_part("Whose?")),
        ):
            with pytest.raises(Unauthorised, match="Check api_key") as caught:
                use()
            assert not wrong.tells(caught.value)
        assert x_server.count(desk.user) == 0

    @pytest.mark.parametrize("path", ["/2/media/upload", "/2/media/metadata"])
    @pytest.mark.parametrize("fault", ["503", "kill-after", "html-502", "truncate", "empty-200", "403", "429"])
    def test_what_fails_before_the_post_posts_nothing(
        self, x_server: XServer, desk: Desk, tmp_path: Path, path: str, fault: str
    ) -> None:
        part = prepare_part("Pictures", {draw(tmp_path / "a.png"): "Hands"})
        x_server.fail_next(fault, path=path)
        expected = {"403": Rejected, "429": RateLimited}.get(fault, Unavailable)
        described = path == "/2/media/metadata" and fault in {"truncate", "empty-200"}  # its answer is not needed
        if not described:
            with pytest.raises(expected):
                desk.publish(part)
            assert (x_server.count(desk.user), desk.looks) == (0, 0)
        x_server.clear_faults()
        desk.publish(part)
        assert [post.alt_texts for post in x_server.posts(desk.user)] == [("Hands",)]


class TestFinding:
    def test_a_listing_that_lags_proves_nothing(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part(TEXT)
        receipt = desk.publish(part)
        x_server.service.listing_lag = 60
        try:
            assert desk.find(part) is Found.UNSURE
        finally:
            x_server.service.listing_lag = 0
        assert desk.find(part) == receipt

    def test_with_pictures(self, desk: Desk, tmp_path: Path) -> None:
        part = prepare_part(TEXT, {draw(tmp_path / "a.png"): "Hands"})
        assert desk.publish(part) == desk.find(part)

    def test_neither_anothers_nor_an_older_post_is_taken(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part("Think")
        receipt = desk.publish(part)
        assert desk.find(part, bound=frozenset({receipt.remote_id})) is Found.UNSURE
        assert desk.find(part, claimed=datetime.now(UTC) + timedelta(minutes=5)) is Found.UNSURE
        assert desk.find(prepare_part("Think.")) is Found.UNSURE

    def test_it_is_found_on_a_later_page(self, x_server: XServer, desk: Desk) -> None:
        part = prepare_part("The first of many")
        receipt = desk.publish(part)
        for number in range(120):
            x_server.service.store.add_post(desk.user.id, f"Number {number}", [], None)
        assert desk.find(part) == receipt
        assert list_calls(x_server, desk.user)[-2:] == ["GET /2/users/*/tweets"] * 2

    def test_the_users_id_is_asked_for_once_and_kept_for_its_token_only(
        self, x_server: XServer, desk: Desk, tmp_path: Path
    ) -> None:
        part = prepare_part("Who?")
        desk.find(part)
        desk.find(part)
        assert list_calls(x_server, desk.user) == ["GET /2/users/me", *["GET /2/users/*/tweets"] * 2]
        other = Desk(x_server.base_url, x_server.new_account(), tmp_path / "other")
        other.sessions.store(other.user.username, desk.sessions.load(desk.user.username))
        receipt = other.publish(part)
        assert other.find(part) == receipt
        assert not other.tells([receipt, part, other.sessions.load(other.user.username)])
