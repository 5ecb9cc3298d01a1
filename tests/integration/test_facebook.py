"""Facebook Pages against a server that keeps posts, photos and films: what arrives, is found, and is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.domain.campaign import Link
from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.ports import Retracts, Verifies, WhoAmI
from scheduler.errors import OutcomeUnknown, Rejected, Unauthorised, Unavailable
from tests.accounts import make_part
from tests.films import SPOKEN, make_film
from tests.meta_desk import TEXT, Killed, MetaDesk, open_meta_desk
from tests.servers.meta import DROPPED, LOST, MetaServer, list_texts, start_meta
from tests.servers.meta_service import PAGE, refuse


@pytest.fixture
def server() -> Iterator[MetaServer]:
    with start_meta() as server:
        yield server


@pytest.fixture
def desk(server: MetaServer, tmp_path: Path) -> MetaDesk:
    return open_meta_desk(server, "facebook", tmp_path)


# --- Words and pictures ----------------------------------------------------------------------------------------------


def test_a_link_makes_a_card(desk: MetaDesk) -> None:
    part = make_part(f"{TEXT}\n\nhttps://www.example.org/signs")._replace(link=Link("https://www.example.org/signs"))
    receipt = desk.publish(desk.prepare(part)[0])
    (post,) = desk.server.posts()
    assert post.raw == {"message": part.text, "link": "https://www.example.org/signs"}
    assert (receipt.remote_id, receipt.url) == (post.id, f"https://www.facebook.com/{post.id}")
    assert post.id.startswith(f"{PAGE}_")


@pytest.mark.parametrize("pictures", [1, 3])
def test_pictures_are_attached_in_order_and_shown_by_the_post_alone(desk: MetaDesk, pictures: int) -> None:
    desk.killed_at = "look"
    with pytest.raises(Killed):
        desk.publish(desk.prepare_post(pictures=pictures))
    assert desk.server.posts("post", "photo") == []
    desk.publish(desk.prepare_post(pictures=pictures))
    (post,) = desk.server.posts("post", "photo")
    assert post.alt_texts == ("A teal hand.", "A plum hand.", "A seagreen hand.")[:pictures]


def test_a_lost_reply_is_found_in_the_listing(desk: MetaDesk) -> None:
    part = desk.prepare_post()
    desk.server.fail_next("feed", LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(part)
    found = desk.find(part)
    assert isinstance(found, Receipt)
    assert found.remote_id == desk.server.posts()[0].id


def test_what_is_not_in_the_listing_may_be_out_all_the_same(desk: MetaDesk) -> None:
    part = desk.prepare_post()
    desk.server.fail_next("feed", DROPPED)
    with pytest.raises(OutcomeUnknown):
        desk.publish(part)
    assert desk.find(part) is Found.UNSURE


@pytest.mark.parametrize("other", ["bound", "older", "other words"])
def test_another_post_is_not_taken_for_this_one(desk: MetaDesk, other: str) -> None:
    """Two entries of a campaign may say the same, and so did last year's."""
    receipt = desk.publish(desk.prepare_post("Call 101." if other == "other words" else TEXT))
    if other == "bound":
        desk.bound = frozenset({receipt.remote_id})
    if other == "older":
        desk.created_at += timedelta(minutes=5)
        desk.clock.ahead = timedelta(minutes=5)
    assert desk.find(desk.prepare_post()) is Found.UNSURE


def test_of_two_alike_the_older_is_ours(desk: MetaDesk) -> None:
    first = desk.publish(desk.prepare_post())
    desk.publish(desk.prepare_post())
    assert desk.find(desk.prepare_post()) == first


@pytest.mark.parametrize("code, subcode", [(506, 0), (368, 0), (1, 0), (2, 0), (100, 1366051), (1, 1363047)])
def test_what_may_be_there_is_looked_for(desk: MetaDesk, code: int, subcode: int) -> None:
    desk.server.fail_next("feed", (400, refuse(code, subcode, "Duplicate status message")), carried_out=True)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    assert isinstance(desk.find(desk.prepare_post()), Receipt)


def test_a_page_that_is_used_up_rests(desk: MetaDesk) -> None:
    usage = '{"1": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 7}]}'
    desk.server.headers["X-Business-Use-Case-Usage"] = usage
    with desk.channel.open(lambda: None, key="k", created_at=desk.created_at) as context:
        desk.channel.platform.publish_part(desk.prepare_post(), 0, context)
        rest = context.wire.resting_until
    assert rest is not None
    assert timedelta(minutes=6) < rest - desk.clock.now() <= timedelta(minutes=7)


# --- Comments, and afterwards ----------------------------------------------------------------------------------------


def test_the_first_comment_stands_below_the_post(desk: MetaDesk) -> None:
    receipt = desk.publish(desk.prepare_post())
    desk.publish(desk.prepare_comment(), receipt)
    (comment,) = desk.server.posts("comment")
    assert (comment.text, comment.parent) == ("Call 101.", receipt.remote_id)


def test_a_lost_comment_is_found_below_the_post(desk: MetaDesk) -> None:
    receipt = desk.publish(desk.prepare_post())
    desk.server.fail_next("comments", LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_comment(), receipt)
    found = desk.find(desk.prepare_comment(), receipt)
    assert isinstance(found, Receipt)
    assert found.remote_id == desk.server.posts("comment")[0].id
    assert desk.find(desk.prepare_comment("Other words"), receipt) is Found.UNSURE


def test_taken_back_twice(desk: MetaDesk) -> None:
    platform, receipt = desk.channel.platform, desk.publish(desk.prepare_post())
    assert isinstance(platform, Retracts)
    assert isinstance(platform, Verifies)
    for live in (True, False):
        with desk.channel.open(lambda: None) as context:
            assert platform.is_live(receipt, 0, context) is live
            platform.retract(receipt, 0, context)
    assert desk.server.posts() == []


def test_the_token_of_another_page_is_no_good(desk: MetaDesk) -> None:
    platform = desk.channel.platform
    assert isinstance(platform, WhoAmI)
    other = open_meta_desk(desk.server, "facebook", desk.folder, page="99999999")
    with other.channel.open(lambda: None) as context, pytest.raises(Unauthorised, match="not of page 99999999"):
        platform.who_am_i(context)


# --- Films -----------------------------------------------------------------------------------------------------------


def publish_film(desk: MetaDesk) -> Receipt:
    film = make_film(desk.folder, "", captions="srt", title="She noticed")
    return desk.publish(desk.prepare(make_part(TEXT, film), language="en-GB")[0])


def find_film(desk: MetaDesk) -> Receipt | Found:
    film = make_film(desk.folder, "", captions="srt", title="She noticed")
    return desk.find(desk.prepare(make_part(TEXT, film), language="en-GB")[0])


def test_a_film_is_uploaded_in_pieces_with_its_words_and_captions(desk: MetaDesk) -> None:
    receipt = publish_film(desk)
    film = desk.server.service.things[receipt.remote_id]
    assert film.content == (desk.folder / "film-1.mp4").read_bytes()
    assert (film.text, film.fields["title"], film.shown) == (TEXT, "She noticed", True)
    assert SPOKEN.encode() in film.captions
    (captions,) = [call for call in desk.server.requests if call.path.endswith("captions")]
    assert b"captions.en_GB.srt" in captions.body
    assert captions.read("default_locale") == ["en_GB"]


def test_nobody_sees_a_film_before_its_last_call(desk: MetaDesk) -> None:
    desk.killed_at = "look"
    with pytest.raises(Killed):
        publish_film(desk)
    assert desk.server.posts() == []
    assert find_film(desk) is Found.ABSENT
    publish_film(desk)
    assert list_texts(desk.server.posts()) == [TEXT]
    assert desk.server.count_calls("POST", "captions") == 1  # the one that was there was gone on with


def test_a_film_whose_reply_was_lost_is_told_by_its_number(desk: MetaDesk) -> None:
    desk.server.fail_next("/41", (200, {"success": True}))  # the captions, which are lost
    desk.server.fail_next("/411", LOST)
    with pytest.raises(OutcomeUnknown):
        publish_film(desk)
    found = find_film(desk)
    assert isinstance(found, Receipt)
    assert found == publish_film(desk)  # and an attempt that finds it public publishes nothing
    assert list_texts(desk.server.posts()) == [TEXT]
    assert desk.server.count_calls("POST", "/411") == 1


def test_a_film_that_is_gone_is_uploaded_anew(desk: MetaDesk) -> None:
    desk.killed_at = "kept"
    with pytest.raises(Killed):
        publish_film(desk)
    desk.server.service.things.clear()
    assert find_film(desk) is Found.UNSURE
    assert publish_film(desk).remote_id == "412"


def test_a_film_that_takes_too_long_is_no_second_one_as_long_as_it_is_on_record(desk: MetaDesk) -> None:
    desk.server.service.working = 20
    with pytest.raises(Unavailable, match="still working"):
        publish_film(desk)
    publish_film(desk)
    assert len([thing for thing in desk.server.service.things.values() if thing.kind == "film"]) == 1


def test_a_film_that_cannot_be_used_is_refused(desk: MetaDesk) -> None:
    desk.server.fail_next("videos", (400, refuse(352, 1363024, "Unsupported video format")))
    with pytest.raises(Rejected, match="Unsupported video format"):
        publish_film(desk)
