"""What is peculiar to Instagram and to Threads: reels, comments, threads, who may answer, and what each refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.account import Account
from scheduler.domain.campaign import Link, Replies
from scheduler.domain.content import Content
from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.ports import Retracts, Verifies
from scheduler.errors import OutcomeUnknown, Rejected, Unauthorised, Unavailable
from scheduler.platforms.instagram import PLATFORM as INSTAGRAM
from tests.accounts import make_part, make_picture
from tests.films import make_film
from tests.meta_desk import TEXT, TWO_STEPS, MetaDesk, open_meta_desk
from tests.servers.meta import LOST, MetaServer, start_meta
from tests.servers.meta_service import refuse


@pytest.fixture
def server() -> Iterator[MetaServer]:
    with start_meta() as server:
        yield server


@pytest.fixture
def instagram(server: MetaServer, tmp_path: Path) -> MetaDesk:
    return open_meta_desk(server, "instagram", tmp_path)


@pytest.fixture
def threads(server: MetaServer, tmp_path: Path) -> MetaDesk:
    return open_meta_desk(server, "threads", tmp_path)


def made(desk: MetaDesk) -> list[dict[str, Any]]:
    """Return what each container was made with."""
    return [dict(container.fields) for container in desk.server.service.containers()]


# --- Instagram -------------------------------------------------------------------------------------------------------


def test_a_picture_is_fetched_as_a_jpeg(instagram: MetaDesk) -> None:
    instagram.publish(instagram.prepare_post())
    (fields,) = made(instagram)
    assert fields == {"image_url": fields["image_url"], "caption": TEXT, "alt_text": "A teal hand."}
    name = fields["image_url"].removeprefix("https://media.example.org/")
    assert (instagram.folder / "public" / name).read_bytes()[:2] == b"\xff\xd8"


def test_a_film_is_a_reel_whose_bytes_are_sent(instagram: MetaDesk) -> None:
    film = make_film(instagram.folder, "", seconds=3)
    instagram.publish(instagram.prepare(make_part(TEXT, film))[0])
    (container,) = instagram.server.service.containers()
    assert container.content == (instagram.folder / "film-3.mp4").read_bytes()
    wanted = {"media_type": "REELS", "upload_type": "resumable", "share_to_feed": "true", "caption": TEXT}
    assert container.fields == wanted
    (sent,) = [call for call in instagram.server.requests if "ig-api-upload" in call.path]
    assert (sent.headers["offset"], sent.headers["file_size"]) == ("0", str(len(container.content)))
    assert sent.headers["authorization"].startswith("OAuth ")


def test_a_film_and_its_token_go_to_no_stranger(instagram: MetaDesk) -> None:
    with start_meta() as stranger:
        reply = {"id": "51", "uri": f"{stranger.base_url}/ig-api-upload/51"}
        instagram.server.fail_next("media", (200, reply))
        film = make_film(instagram.folder, "", seconds=3)
        with pytest.raises(Unavailable, match="not Meta's"):
            instagram.publish(instagram.prepare(make_part(TEXT, film))[0])
        assert stranger.requests == []


def test_more_than_twenty_names_are_refused_beforehand() -> None:
    account = Account("force", "instagram", INSTAGRAM.server, {"user": "1"})
    names = " ".join(f"@force{number}" for number in range(20))
    assert INSTAGRAM.prepare(Content((make_part(names),)), account, {}).parts[0].text == names
    with pytest.raises(Rejected, match="names 21 accounts"):
        INSTAGRAM.prepare(Content((make_part(f"{names} @one.more"),)), account, {})


def test_the_first_comment_is_found_if_its_reply_is_lost(instagram: MetaDesk) -> None:
    receipt = instagram.publish(instagram.prepare_post())
    comment = instagram.prepare_comment()
    instagram.server.fail_next("comments", LOST)
    with pytest.raises(OutcomeUnknown):
        instagram.publish(comment, receipt)
    found = instagram.find(comment, receipt)
    (below,) = instagram.server.posts("comment")
    assert isinstance(found, Receipt)
    assert (found.remote_id, below.parent, below.text) == (below.id, receipt.remote_id, "Call 101.")
    assert instagram.find(instagram.prepare_comment("Other words"), receipt) is Found.UNSURE


# --- Threads ---------------------------------------------------------------------------------------------------------


def test_words_alone_carry_a_card(threads: MetaDesk) -> None:
    part = make_part(f"{TEXT} https://www.example.org")._replace(link=Link("https://www.example.org"))
    threads.publish(threads.prepare(part)[0])
    assert made(threads) == [{"media_type": "TEXT", "text": part.text, "link_attachment": "https://www.example.org"}]


def test_a_thread_answers_part_by_part_and_the_comment_the_first(threads: MetaDesk) -> None:
    comment = make_part("Call 101.")._replace(is_comment=True)
    receipts: tuple[Receipt, ...] = ()
    for part in threads.prepare(make_part("One"), make_part("Two"), make_part("Three"), comment):
        receipts = (*receipts, threads.publish(part, *receipts))
    first, second, third, below = threads.server.posts()
    assert (first.parent, second.parent, third.parent, below.parent) == (None, first.id, second.id, first.id)


def test_a_lost_answer_is_looked_for_among_answers(threads: MetaDesk) -> None:
    one, two = threads.prepare(make_part("One"), make_part("Two"))
    first = threads.publish(one)
    threads.server.fail_next("publish", LOST)
    with pytest.raises(OutcomeUnknown):
        threads.publish(two, first)
    assert isinstance(threads.find(two, first), Receipt)
    assert threads.server.count_calls("GET", "/me/replies") == 1


@pytest.mark.parametrize("replies, control", [(Replies.MENTIONED, "mentioned_only"), (Replies.NOBODY, None)])
def test_who_may_answer_is_said_of_the_first_part(threads: MetaDesk, replies: Replies, control: str | None) -> None:
    one, two = threads.prepare(make_part("Same"), make_part("Same"), replies=replies)
    threads.publish(two, threads.publish(one))
    assert [fields.get("reply_control") for fields in made(threads)] == [control, None]


def test_a_film_is_fetched_and_described(threads: MetaDesk) -> None:
    threads.publish(threads.prepare(make_part(TEXT, make_film(threads.folder, "A teacher asks.")))[0])
    (fields,) = made(threads)
    assert (fields["media_type"], fields["alt_text"]) == ("VIDEO", "A teacher asks.")
    assert fields["video_url"].startswith("https://media.example.org/")


def test_pictures_of_a_thread_stay_what_they_are(threads: MetaDesk) -> None:
    threads.publish(threads.prepare(make_part(TEXT, make_picture(threads.folder, "teal", "A hand.")))[0])
    assert made(threads)[0]["image_url"].endswith(".png")


# --- Afterwards, on both ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TWO_STEPS)
def test_taken_back_twice(name: str, server: MetaServer, tmp_path: Path) -> None:
    desk = open_meta_desk(server, name, tmp_path)
    platform, receipt = desk.channel.platform, desk.publish(desk.prepare_post())
    assert isinstance(platform, Retracts)
    assert isinstance(platform, Verifies)
    for live in (True, False):
        with desk.channel.open(lambda: None) as context:
            assert platform.is_live(receipt, 0, context) is live
            platform.retract(receipt, 0, context)
    assert server.posts() == []


@pytest.mark.parametrize("name", TWO_STEPS)
def test_what_may_not_be_deleted_is_not_called_gone(name: str, server: MetaServer, tmp_path: Path) -> None:
    """Meta says the same of what is not there and of what a token may not touch."""
    desk = open_meta_desk(server, name, tmp_path)
    platform, receipt = desk.channel.platform, desk.publish(desk.prepare_post())
    assert isinstance(platform, Retracts)
    server.fail_next(receipt.remote_id, (400, refuse(100, 33, "Unsupported delete request")), method="DELETE")
    with desk.channel.open(lambda: None) as context, pytest.raises(Unauthorised, match="does not let force delete"):
        platform.retract(receipt, 0, context)
    assert len(server.posts()) == 1
