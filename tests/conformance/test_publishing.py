"""Points 7 to 9, 11 and 13: what arrives at the server when a part is published, and what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from scheduler.domain.capabilities import Idempotency
from scheduler.domain.delivery import PreparedPart, Receipt
from scheduler.domain.ports import Finds, TellsLimits, WhoAmI
from scheduler.errors import OutcomeUnknown
from tests.accounts import make_part
from tests.conformance.canned_server import Failure
from tests.conformance.doors import ServerDoor
from tests.conformance.harness import KEY, TEXT, Harness

ALTS = ("A palm; “Speak out.” 👩🏾‍🚒 \\ & <b>", "बोलिए, تكلّم\nand a second line")
MakeHarness = Callable[[], Harness]


# --- 7 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(7)
def test_alt_text_arrives_in_order(harness: Harness) -> None:
    images, where = harness.platform.capabilities.images, harness.replies.alt_text
    if images is None or images.alt_length == 0:
        assert where is None, "the file of replies knows of alt text, the capabilities do not"
        return
    assert where, "the file of replies must say in `alt_text` where alt texts stand"
    pictures = harness.draw_pictures(*ALTS)
    harness.publish(harness.prepare(make_part(TEXT, *pictures))[0])
    assert harness.read_all(where) == list(ALTS[: len(pictures)])


# --- 8 ---------------------------------------------------------------------------------------------------------------


def check_one_commit(harness: Harness, part: PreparedPart, *earlier: Receipt) -> None:
    """Publish a part and see one committing call: the last one, after one last look."""
    before = len(harness.commits())
    harness.looks.clear()
    harness.publish(part, *earlier)
    seen = harness.door.seen()
    assert len(harness.commits()) == before + 1
    assert harness.looks == [len(seen) - 1]
    assert harness.replies.commit.matches(seen[-1].method, seen[-1].path)


@pytest.mark.point(8)
def test_a_post_is_made_public_by_one_call(harness: Harness) -> None:
    check_one_commit(harness, harness.prepare_text())


@pytest.mark.point(8)
def test_pictures_come_before_the_one_call_that_makes_them_public(harness: Harness) -> None:
    check_one_commit(harness, harness.prepare_with_pictures(*ALTS))


@pytest.mark.point(8)
def test_each_part_of_a_thread_is_one_call(harness: Harness) -> None:
    if harness.platform.capabilities.threads:
        first, second = harness.prepare(make_part("One"), make_part("Two"))
        receipt = harness.publish(first)
        check_one_commit(harness, second, receipt)
        assert harness.read_commit(harness.replies.text) == "Two"


def test_a_threads_second_part_names_the_first(harness: Harness) -> None:
    if harness.platform.capabilities.threads:
        assert harness.replies.parent, "the file of replies must say in `parent` where the part before is named"
        first, second = harness.prepare(make_part("One"), make_part("Two"))
        receipt = harness.publish(first)
        assert harness.commits()[-1].read(harness.replies.parent) == []
        harness.publish(second, receipt)
        assert harness.read_commit(harness.replies.parent) == receipt.remote_id


# --- 9 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(9)
def test_the_second_attempt_sends_what_the_first_sent(make_harness: MakeHarness) -> None:
    rehearsed, harness = make_harness(), make_harness()
    rehearsed.publish(rehearsed.prepare_with_pictures(*ALTS))
    part = harness.prepare_with_pictures(*ALTS)
    harness.fail(Failure.CLOSED, len(rehearsed.door.seen()) - 1, commits=True)
    with pytest.raises(OutcomeUnknown):
        harness.publish(part)
    (first,) = harness.commits()
    harness.door.forget()
    harness.clock.sleep(300)
    harness.publish(part)
    (second,) = harness.commits()
    assert second.without(harness.replies.volatile) == first.without(harness.replies.volatile)


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
        keys.append(harness.read_commit(place))
        harness.door.forget()
    if harness.platform.capabilities.threads:
        harness.publish(part, receipt)
        keys.append(harness.read_commit(place))
    assert all(keys)
    assert len(set(keys)) == len(keys)


# --- 11 and 13 -------------------------------------------------------------------------------------------------------


@pytest.mark.point(11)
def test_a_receipt_has_the_posts_id_and_address(harness: Harness) -> None:
    receipt = harness.publish(harness.prepare_text())
    assert receipt.remote_id == harness.replies.receipt["id"] != ""
    assert receipt.url.startswith(harness.replies.receipt["url"])
    assert re.match(r"(https|file)://\S+$", receipt.url)
    stored = json.loads(json.dumps(receipt._asdict()))
    assert Receipt(**stored) == receipt
    assert all(isinstance(value, str) for value in receipt.data.values())


def use_everything(harness: Harness) -> list[object]:
    """Return what the platform makes of each reply there is."""
    platform, replies = harness.platform, harness.replies
    made: list[object] = [
        harness.publish(harness.prepare_with_pictures(*ALTS)),
        harness.commits()[-1].read(replies.text),
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
