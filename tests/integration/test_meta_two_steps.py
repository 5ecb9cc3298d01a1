"""Instagram and Threads against a server that publishes each container once: killed, lost, expired, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import OutcomeUnknown, Rejected, Unavailable
from tests.meta_desk import TEXT, TWO_STEPS, Killed, MetaDesk, open_meta_desk
from tests.servers.meta import DROPPED, LOST, MetaServer, list_texts, start_meta
from tests.servers.meta_service import refuse

PUBLISH = "publish"  # in the path of the call that publishes


@pytest.fixture
def server() -> Iterator[MetaServer]:
    with start_meta() as server:
        yield server


@pytest.fixture(params=TWO_STEPS)
def desk(request: pytest.FixtureRequest, server: MetaServer, tmp_path: Path) -> MetaDesk:
    return open_meta_desk(server, request.param, tmp_path)


def finish(desk: MetaDesk) -> Receipt:
    """Look, as after a crash, and publish again if that is safe."""
    part = desk.prepare_post()
    found = desk.find(part)
    if isinstance(found, Receipt):
        return found
    assert found is Found.ABSENT
    return desk.publish(part)


def check_once(desk: MetaDesk, *, containers: int = 1) -> None:
    """Fail unless there is one post, published from as few containers as may be."""
    assert list_texts(desk.server.posts()) == [TEXT]
    assert len(desk.server.service.containers()) == containers


def test_published_when_it_is_ready_and_not_before(desk: MetaDesk) -> None:
    desk.server.service.working = 4
    receipt = desk.publish(desk.prepare_post())
    (post,) = desk.server.posts()
    assert (receipt.remote_id, post.text, post.alt_texts) == (post.id, TEXT, ("A teal hand.",))
    assert 0 < sum(desk.clock.slept) < 30


def test_killed_after_the_container_was_kept(desk: MetaDesk) -> None:
    desk.killed_at = "kept"
    with pytest.raises(Killed):
        desk.publish(desk.prepare_post())
    assert desk.server.posts() == []
    finish(desk)
    check_once(desk)


def test_killed_before_the_container_was_kept(desk: MetaDesk) -> None:
    desk.server.fail_next("media" if desk.channel.platform.name == "instagram" else "threads", LOST)
    with pytest.raises(Unavailable):
        desk.publish(desk.prepare_post())
    finish(desk)
    check_once(desk, containers=2)  # nobody sees the first


def test_killed_just_before_publishing(desk: MetaDesk) -> None:
    desk.killed_at = "look"
    with pytest.raises(Killed):
        desk.publish(desk.prepare_post())
    finish(desk)
    check_once(desk)


def test_published_and_the_reply_lost(desk: MetaDesk) -> None:
    part = desk.prepare_post()
    desk.server.fail_next(PUBLISH, LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(part)
    check_once(desk)
    found = desk.find(part)
    (post,) = desk.server.posts()
    assert isinstance(found, Receipt)
    assert (found.remote_id, found.url) == (post.id, f"https://social.example.org/p/{post.id}")
    check_once(desk)


def test_not_published_and_the_reply_lost(desk: MetaDesk) -> None:
    desk.server.fail_next(PUBLISH, DROPPED)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    assert desk.server.posts() == []
    finish(desk)
    check_once(desk)


def test_said_to_be_blocked_although_it_is_out(desk: MetaDesk) -> None:
    desk.server.fail_next(PUBLISH, (400, refuse(4, 2207051, "Action is blocked")), carried_out=True)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    assert finish(desk).remote_id == desk.server.posts()[0].id
    check_once(desk)


def test_an_attempt_that_finds_it_published_publishes_nothing(desk: MetaDesk) -> None:
    """The lost call came through after the look."""
    desk.server.fail_next(PUBLISH, LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    assert desk.publish(desk.prepare_post()).remote_id == desk.server.posts()[0].id
    check_once(desk)
    assert desk.server.count_calls("POST", "publish") == 1


def test_published_for_certain_but_listed_nowhere(desk: MetaDesk) -> None:
    desk.server.fail_next(PUBLISH, LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    (post,) = desk.server.posts()
    desk.bound = frozenset({post.id})  # as if the listing held nothing of ours
    assert desk.find(desk.prepare_post()) is Found.UNSURE
    receipt = desk.publish(desk.prepare_post())
    check_once(desk)
    with desk.channel.open(lambda: None) as context, pytest.raises(Rejected, match="did not tell under which id"):
        desk.channel.platform.retract(receipt, 0, context)  # type: ignore[attr-defined]


def test_an_expired_container_is_made_anew(desk: MetaDesk) -> None:
    desk.killed_at = "look"
    with pytest.raises(Killed):
        desk.publish(desk.prepare_post())
    desk.server.service.containers()[0].state = "EXPIRED"
    finish(desk)
    check_once(desk, containers=2)


def test_a_container_that_fails_is_made_anew_by_the_next_try(desk: MetaDesk) -> None:
    desk.killed_at = "kept"
    with pytest.raises(Killed):
        desk.publish(desk.prepare_post())
    desk.server.service.containers()[0].state = "ERROR"
    finish(desk)
    check_once(desk, containers=2)


def test_publishing_that_comes_too_early_goes_on_with_the_same(desk: MetaDesk) -> None:
    desk.server.fail_next(PUBLISH, (400, refuse(9007, 2207027, "Media ID is not available")))
    with pytest.raises(Unavailable, match="still working"):
        desk.publish(desk.prepare_post())
    finish(desk)
    check_once(desk)


def test_a_container_that_is_called_lost_twice_is_made_anew(desk: MetaDesk) -> None:
    """Once may be a server that does not see it yet; it is said to be finished, and was not published."""
    for _ in range(2):
        desk.server.fail_next(PUBLISH, (400, refuse(24, 4279009, "Media Not Found")))
        with pytest.raises(OutcomeUnknown):
            desk.publish(desk.prepare_post())
        assert len(desk.server.service.containers()) == 1
        assert desk.find(desk.prepare_post()) is Found.ABSENT
    desk.publish(desk.prepare_post())
    check_once(desk, containers=2)


def test_a_container_that_is_called_lost_may_have_been_published(desk: MetaDesk) -> None:
    """An earlier call whose reply was lost comes through just before."""
    desk.server.fail_next(PUBLISH, (400, refuse(24, 4279009, "Media Not Found")), carried_out=True)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post())
    assert isinstance(finish(desk), Receipt)
    check_once(desk)


def test_media_that_take_too_long_are_no_second_ones_as_long_as_they_are_on_record(desk: MetaDesk) -> None:
    desk.server.service.working = 20
    with pytest.raises(Unavailable, match="still working"):
        desk.publish(desk.prepare_post())
    assert sum(desk.clock.slept) == pytest.approx(300)
    finish(desk)
    check_once(desk)


def test_pictures_are_children_of_one_container(desk: MetaDesk) -> None:
    desk.publish(desk.prepare_post(pictures=3))
    (post,) = desk.server.posts()
    assert post.alt_texts == ("A teal hand.", "A plum hand.", "A seagreen hand.")
    assert len(desk.server.service.containers()) == 4
    assert all(
        each.fields.get("caption", each.fields.get("text")) is None for each in desk.server.service.containers()[:3]
    )
