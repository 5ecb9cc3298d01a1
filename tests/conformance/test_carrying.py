"""Points 7 to 9 of what not every platform has: films, media that it fetches, first comments, two steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import PreparedPart, Receipt
from scheduler.domain.fitness import check_content
from scheduler.domain.problem import has_errors
from scheduler.errors import OutcomeUnknown
from tests.accounts import PLACE, make_part
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import TEXT, Harness, rehearse_ways
from tests.conformance.replies import CannedCall, Where
from tests.conformance.test_publishing import check_one_commit
from tests.films import SPOKEN

ALT = "A teacher sees a pupil’s new phone; “Are you all right?” \\ & <b>"
MakeHarness = Callable[[], Harness]


def need(harness: Harness, name: str) -> Where:
    """Return the place of that name in the file of replies."""
    where = getattr(harness.replies, name)
    assert isinstance(where, Where), f"the file of replies must say in `{name}` where it stands"
    return where


# --- Films -----------------------------------------------------------------------------------------------------------


@pytest.mark.point(8)
def test_a_film_comes_before_the_one_call_that_makes_it_public(harness: Harness) -> None:
    if harness.platform.capabilities.videos is not None:
        check_one_commit(harness, harness.prepare_with_film())


@pytest.mark.point(7)
def test_what_a_film_shows_arrives(harness: Harness) -> None:
    videos = harness.platform.capabilities.videos
    if videos is not None and videos.alt_length:
        harness.publish(harness.prepare_with_film(ALT))
        assert harness.read_all(harness.replies.film or need(harness, "alt_text")) == [ALT]


@pytest.mark.point(7)
def test_a_films_captions_arrive(harness: Harness) -> None:
    videos = harness.platform.capabilities.videos
    if videos is not None and videos.captions:
        harness.publish(harness.prepare_with_film(ALT))
        # The same call may have carried the film.
        (captions,) = [found for found in harness.read_all(need(harness, "captions")) if SPOKEN in found]
        assert captions.startswith("WEBVTT") is (videos.captions == "vtt")


@pytest.mark.point(7)
def test_where_no_captions_arrive_a_person_is_told(harness: Harness) -> None:
    videos = harness.platform.capabilities.videos
    if videos is not None and not videos.captions:
        film = harness.draw_film(ALT)
        for captions in ("", "film.srt"):
            content = Content((make_part(TEXT, film._replace(captions=captions, captions_needed=True)),))
            problems = check_content(content, harness.platform.capabilities, {}, "force")
            assert any("captions" in problem.message for problem in problems)
        burnt_in = Content((make_part(TEXT, film),))
        assert not has_errors(check_content(burnt_in, harness.platform.capabilities, {}, "force"))


# --- Bytes, or an address to fetch them from -------------------------------------------------------------------------


def check_media_arrive(harness: Harness, media: tuple[Media, ...], *, fetched: bool) -> None:
    """Publish media and see that each is in a request: by its address if the platform fetches it, else whole."""
    harness.publish(harness.prepare(make_part(TEXT, *media))[0])
    if not isinstance(harness.door, ServerDoor):
        return
    seen = harness.door.seen()
    with harness.open() as context:
        for each in media:
            wanted = context.find_address(each).encode() if fetched else bytes(context.open_media(each).content)
            assert any(call.holds(wanted) for call in seen), each.path


@pytest.mark.point(8)
def test_pictures_arrive(harness: Harness) -> None:
    images = harness.platform.capabilities.images
    if images is not None:
        check_media_arrive(harness, harness.draw_pictures("A palm.", "A fist.", "A flag."), fetched=images.fetched)


@pytest.mark.point(8)
def test_a_film_arrives(harness: Harness) -> None:
    videos = harness.platform.capabilities.videos
    if videos is not None:
        check_media_arrive(harness, (harness.draw_film(ALT),), fetched=videos.fetched)


# --- The first comment -----------------------------------------------------------------------------------------------

COMMENT = "Worried about a child? Call 101. “Any time” & <always>"


def publish_commented(harness: Harness) -> tuple[PreparedPart, Receipt]:
    """Publish a post and return its comment, which is as yet to be published, and the post's receipt."""
    comment = ContentPart(COMMENT, PLACE, is_comment=True)
    first, second = harness.prepare(harness.make_part(TEXT), comment)
    assert (first.text, second.text) == (TEXT, COMMENT)
    return second, harness.publish(first)


@pytest.mark.point(8)
def test_the_first_comment_is_one_call_after_the_post(harness: Harness) -> None:
    if harness.platform.capabilities.comments:
        comment, receipt = publish_commented(harness)
        check_one_commit(harness, comment, receipt)
        assert harness.read_last(harness.replies.comment or harness.replies.text) == COMMENT


@pytest.mark.point(8)
def test_the_first_comment_names_the_post(harness: Harness) -> None:
    if harness.platform.capabilities.comments:
        comment, receipt = publish_commented(harness)
        harness.publish(comment, receipt)
        where = harness.replies.comment_parent or need(harness, "parent")
        assert receipt.remote_id in harness.read_last(where)


# --- Before and around the post --------------------------------------------------------------------------------------


def test_a_content_warning_arrives(harness: Harness) -> None:
    if harness.platform.capabilities.content_warnings:
        harness.publish(harness.prepare_text(content_warning="Talks about abuse"))
        assert harness.read_last(need(harness, "content_warning")) == "Talks about abuse"


def test_who_may_answer_arrives(make_harness: MakeHarness) -> None:
    for setting in make_harness().platform.capabilities.replies:
        harness = make_harness()
        told = harness.replies.replies
        assert {"at", setting} <= set(told), f"the file of replies must say in `replies` what `{setting}` becomes"
        harness.publish(harness.prepare_text(replies=setting))
        says = told[setting] if isinstance(told[setting], list) else [told[setting]]
        found = harness.read_all(Where(told["at"], told.get("call", "")))
        assert found == [str(each) for each in says if each is not None]


# --- Two steps -------------------------------------------------------------------------------------------------------


def count_containers(harness: Harness) -> int:
    """Return how many calls made a container; a service may have two steps for films only."""
    container = CannedCall(harness.replies.container)
    return sum(container.matches(call.method, call.path, call.query) for call in harness.door.seen())


@pytest.mark.point(9)
def test_what_is_made_before_the_commit_is_on_record_by_then(make_harness: MakeHarness) -> None:
    for way, _ in rehearse_ways(make_harness):
        harness = make_harness()
        harness.publish(harness.prepare_way(way))
        if harness.keeps:
            assert harness.replies.container, "the file of replies must say in `container` which call makes one"
            assert harness.looks[0] >= harness.keeps[-1]  # nothing is put on record after the last look
            assert all(harness.kept.values())
        else:
            assert count_containers(harness) == 0, "nothing was put on record of the container"


@pytest.mark.point(9)
def test_a_second_attempt_makes_no_second_container(make_harness: MakeHarness) -> None:
    made = []
    for way, calls in rehearse_ways(make_harness):
        harness = make_harness()
        if not harness.replies.container:
            return
        part = harness.prepare_way(way)
        harness.fail(Failure.CLOSED, len(calls) - 1, commits=True)
        with pytest.raises(OutcomeUnknown):
            harness.publish(part)
        made.append(count_containers(harness))
        harness.publish(part)
        assert count_containers(harness) == made[-1], way
    assert any(made), "no call is the one that `container` names"
