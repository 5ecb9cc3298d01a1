"""Points 7 to 9, 11 and 13: what arrives at the server when a part is published, and what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.content import Content
from scheduler.domain.delivery import PreparedPart, Receipt
from scheduler.domain.fitness import check_content
from scheduler.domain.ports import Finds, TellsLimits, WhoAmI
from scheduler.errors import OutcomeUnknown
from tests.accounts import make_part
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import KEY, TEXT, Harness, rehearse_ways
from tests.conformance.samples import is_about_alt_text

ALTS = ("A palm; “Speak out.” 👩🏾‍🚒 \\ & <b>", "बोलिए, تكلّم\nand a second line")
MakeHarness = Callable[[], Harness]


# --- 7 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(7)
def test_alt_text_arrives_in_order(harness: Harness) -> None:
    images, where = harness.platform.capabilities.images, harness.replies.alt_text
    if images is None or images.alt_length == 0:
        videos = harness.platform.capabilities.videos
        silent = videos is None or videos.alt_length == 0
        assert where is None or not silent, "the file of replies knows of alt text, the capabilities do not"
        return
    assert where, "the file of replies must say in `alt_text` where alt texts stand"
    pictures = harness.draw_pictures(*ALTS)
    harness.publish(harness.prepare(make_part(TEXT, *pictures))[0])
    assert harness.read_all(where) == list(ALTS[: len(pictures)])


@pytest.mark.point(7)
def test_where_no_alt_text_arrives_a_person_is_told(harness: Harness) -> None:
    capabilities = harness.platform.capabilities
    content = Content((make_part(TEXT, *harness.draw_pictures(*ALTS)),))
    warnings = [each for each in check_content(content, capabilities, {}, "force") if is_about_alt_text(each)]
    silent = capabilities.images is not None and capabilities.images.alt_length == 0
    assert len(warnings) == (len(content.parts[0].media) if silent else 0)


# --- 8 ---------------------------------------------------------------------------------------------------------------


def check_one_commit(harness: Harness, part: PreparedPart, *earlier: Receipt) -> None:
    """Publish a part and see one committing call: the last one, after one last look."""
    before = len(harness.commits())
    harness.looks.clear()
    harness.publish(part, *earlier)
    seen = harness.door.seen()
    assert len(harness.commits()) == before + 1
    assert harness.looks == [len(seen) - 1]
    assert harness.is_commit(seen[-1])


@pytest.mark.point(8)
def test_a_post_is_made_public_by_one_call(harness: Harness) -> None:
    check_one_commit(harness, harness.prepare_text())


@pytest.mark.point(8)
def test_pictures_come_before_the_one_call_that_makes_them_public(harness: Harness) -> None:
    check_one_commit(harness, harness.prepare_with_pictures(*ALTS))


@pytest.mark.point(8)
def test_each_part_of_a_thread_is_one_call(harness: Harness) -> None:
    if harness.platform.capabilities.threads:
        first, second = harness.prepare(harness.make_part("One"), harness.make_part("Two"))
        receipt = harness.publish(first)
        check_one_commit(harness, second, receipt)
        assert harness.read_last(harness.replies.text) == "Two"


def test_a_threads_second_part_names_the_first(harness: Harness) -> None:
    if harness.platform.capabilities.threads:
        assert harness.replies.parent, "the file of replies must say in `parent` where the part before is named"
        first, second = harness.prepare(harness.make_part("One"), harness.make_part("Two"))
        receipt = harness.publish(first)
        assert harness.read_all(harness.replies.parent) == []
        harness.publish(second, receipt)
        assert harness.read_last(harness.replies.parent) == receipt.remote_id


# --- 9 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(9)
def test_the_second_attempt_sends_what_the_first_sent(make_harness: MakeHarness) -> None:
    for way, calls in rehearse_ways(make_harness):
        harness = make_harness()
        part = harness.prepare_way(way)
        harness.fail(Failure.CLOSED, len(calls) - 1, commits=True)
        with pytest.raises(OutcomeUnknown):
            harness.publish(part)
        (first,) = harness.commits()
        harness.door.forget()
        harness.clock.sleep(300)
        harness.publish(part)
        (second,) = harness.commits()
        assert second.without(harness.replies.volatile) == first.without(harness.replies.volatile), way


@pytest.mark.point(9)
def test_its_key_belongs_to_one_part_of_one_delivery(harness: Harness) -> None:
    if harness.platform.capabilities.repeat.idempotency not in {Idempotency.OWN_KEY, Idempotency.KEY_HEADER}:
        assert not harness.replies.key, "a key is declared that the capabilities know nothing of"
        return
    place, part = harness.replies.key, harness.prepare_text()
    assert place, "the file of replies must say in `key` where the key stands"
    keys = []
    for key in (KEY, "ce/spot/2027/force", "ce/think/2028/force", "ce/think/2027/other"):
        receipt = harness.publish(part, key=key)
        keys.append(harness.read_last(place))
        harness.door.forget()
    if harness.platform.capabilities.threads:
        harness.publish(part, receipt)
        keys.append(harness.read_last(place))
    assert all(keys)
    assert len(set(keys)) == len(keys)


# --- 11 and 13 -------------------------------------------------------------------------------------------------------


@pytest.mark.point(11)
def test_a_receipt_has_the_posts_id_and_address(harness: Harness) -> None:
    receipt = harness.publish(harness.prepare_text())
    assert receipt.remote_id == harness.replies.receipt["id"] != ""
    begins = harness.replies.receipt["url"]
    assert receipt.url.startswith(begins)
    assert re.match(r"(https|file)://\S+$", receipt.url) if begins else receipt.url == ""
    stored = json.loads(json.dumps(receipt._asdict()))
    assert Receipt(**stored) == receipt
    assert all(isinstance(value, str) for value in receipt.data.values())


def use_everything(harness: Harness) -> list[object]:
    """Return what the platform makes of each reply there is."""
    platform, replies = harness.platform, harness.replies
    made: list[object] = [
        harness.publish(harness.prepare_with_pictures(*ALTS)),
        harness.read_calls(replies.text)[-1],
    ]
    if isinstance(platform, Finds):
        for calls in (replies.find, replies.absent):
            harness.answer_first_with(calls)
            made.append(harness.find(harness.prepare_text()))
    with harness.open() as context:
        if isinstance(platform, WhoAmI):
            made.append(platform.who_am_i(context))
        if isinstance(platform, TellsLimits):
            made.append(platform.read_limits(context))
    return made


@pytest.mark.point(13)
def test_fields_that_a_service_adds_change_nothing(make_harness: MakeHarness) -> None:
    plain, enriched = make_harness(), make_harness()
    if isinstance(enriched.door, ServerDoor):
        enriched.door.canned.enriched = True
    without_fields, with_fields = use_everything(plain), use_everything(enriched)
    if isinstance(plain.door, ServerDoor):  # a folder's answers are our own: they name the folder, and have no more
        assert with_fields == without_fields
    assert len(with_fields) == len(without_fields) >= 2
