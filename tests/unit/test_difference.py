"""What changed between two plans: one case for each thing that can change, and what it means for what goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.campaign import Image, Video
from scheduler.domain.content import Media, compose_content
from scheduler.domain.delivery import PartRecord, PartState, Prepared, PreparedPart, Receipt, Record, Status
from scheduler.domain.difference import Difference, Kind, Standing, Version, What, compare_plans
from scheduler.domain.hold import Hold
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import has_errors
from tests.reading import read

NOW = datetime(2027, 3, 18, 6, 0, tzinfo=UTC)
CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [force-x, mastodon]
hashtags: ["#CEADay27"]
posts:
  - id: think
    when: on the day at 09:00
    text: Think of a child.
    link: {url: https://e.org/a, title: Signs}
    images: [{file: hands.png, alt: Two hands}]
    tags: [cse]
  - id: films
    when: on the day at 12:00
    thread: [{text: First}, {text: Second}]
"""
KEY = "ce/think/2027/force-x"


def make_versions(text: str, digests: dict[str, str] | None = None) -> list[Version]:
    """Return the plan of a calendar; a picture has the digest given for its name, or none."""

    def inspect(image: Image | Video) -> Media:
        return Media(image.path, image.alt, (digests or {}).get(image.path, ""), "image/png", 1, 1, 1)

    calendar = read(text)
    assert not has_errors(calendar.problems), calendar.problems
    assert calendar.campaign is not None
    return [
        Version(delivery, compose_content(delivery.post, delivery.account, inspect))
        for delivery in plan_deliveries([calendar.campaign])
    ]


def compare(new: str, *records: Record, old: str = CALENDAR, now: datetime = NOW, hold: Hold | None = None) -> Any:
    """Return the differences of two calendars by key."""
    standing = Standing({record.key: record for record in records}, (hold,) if hold else (), now)
    found = compare_plans(make_versions(old), make_versions(new), standing)
    assert len({each.delivery.key for each in found}) == len(found)
    return {each.delivery.key: each for each in found}


def make_record(status: Status, key: str = KEY, **more: Any) -> Record:
    due = datetime(2027, 3, 18, 9, 0, tzinfo=UTC)
    values = {"due": due, "not_after": due + timedelta(hours=2), "settled_at": NOW - timedelta(hours=1)} | more
    return Record(key, key.rpartition("/")[2], status, **values)


def test_the_same_plan_has_no_differences() -> None:
    assert compare(CALENDAR) == {}
    notes_and_order = CALENDAR.replace("posts:", "# a note\nposts:").replace("force-x, mastodon", "mastodon, force-x")
    assert compare(notes_and_order) == {}


@pytest.mark.parametrize(
    ("before", "after", "what", "old", "new", "part"),
    [
        ("at 09:00", "at 10:30", What.TIME, "2027-03-18T09:00+00:00", "2027-03-18T10:30+00:00", 0),
        ("on the day at 09:00", "1 April 2027 09:00", What.TIME, "2027-03-18T09:00+00:00", "2027-04-01T09:00+01:00", 0),
        ("    tags: [cse]", "    tags: [cse]\n    not_after: 1 hour", What.NOT_AFTER, "2:00:00", "1:00:00", 0),
        ("Think of a child.", "Think.", What.TEXT, "Think of a child.\n\nhttps://e.org/a\n\n#CEADay27",
         "Think.\n\nhttps://e.org/a\n\n#CEADay27", 1),
        ("e.org/a", "e.org/b", What.TEXT, "Think of a child.\n\nhttps://e.org/a\n\n#CEADay27",
         "Think of a child.\n\nhttps://e.org/b\n\n#CEADay27", 1),
        ("title: Signs", "title: The signs", What.CARD, "Signs", "The signs", 1),
        ("hands.png", "palm.png", What.PICTURE, "campaigns/hands.png", "campaigns/palm.png", 1),
        ("alt: Two hands", "alt: Two open hands", What.ALT, "Two hands", "Two open hands", 1),
        ("    tags: [cse]", "    tags: [cse]\n    draft: yes", What.DRAFT, "", "a draft", 0),
        ("    tags: [cse]", "    tags: [cse]\n    embargo: 18 March 2027 08:00", What.EMBARGO, "",
         "2027-03-18T08:00+00:00", 0),
        ("tags: [cse]", "tags: [cse, child]", What.TAGS, "cse", "child, cse", 0),
        ("    tags: [cse]", "    tags: [cse]\n    content_warning: child abuse", What.WARNING, "", "child abuse", 0),
        ("    tags: [cse]", "    tags: [cse]\n    replies: nobody", What.REPLIES, "", "nobody", 0),
        ("    tags: [cse]", "    tags: [cse]\n    language: cy", What.LANGUAGE, "en", "cy", 0),
    ],
)  # fmt: skip
def test_one_thing_that_changes(before: str, after: str, what: What, old: str, new: str, part: int) -> None:
    for plans, values in (((CALENDAR, CALENDAR.replace(before, after, 1)), (old, new)),
                          ((CALENDAR.replace(before, after, 1), CALENDAR), (new, old))):  # fmt: skip
        found = compare(plans[1], old=plans[0])
        assert found.keys() == {KEY, "ce/think/2027/mastodon"}
        for difference in found.values():
            assert difference.kind is Kind.CHANGED
            assert [tuple(change) for change in difference.changes] == [(what, *values, part)]


def test_a_variant_changes_its_own_account_only() -> None:
    new = CALENDAR.replace("    tags: [cse]", "    variants: {mastodon: {text: Fewer}}\n    tags: [cse]")
    assert compare(new).keys() == {"ce/think/2027/mastodon"}


def test_a_hashtag_of_the_campaign_changes_the_last_part_of_each_post() -> None:
    found = compare(CALENDAR.replace("#CEADay27", "#CEADay2027"))
    assert {key: [change.part for change in each.changes] for key, each in found.items()} == {
        KEY: [1], "ce/think/2027/mastodon": [1], "ce/films/2027/force-x": [2], "ce/films/2027/mastodon": [2]
    }  # fmt: skip


def test_a_part_more_or_less() -> None:
    found = compare(CALENDAR.replace("[{text: First}, {text: Second}]", "[{text: First}, {text: And}, {text: Second}]"))
    changes = found["ce/films/2027/force-x"].changes
    assert [(change.what, change.part, change.old, change.new) for change in changes] == [
        (What.PARTS, 0, "2", "3"),
        (What.TEXT, 2, "Second\n\n#CEADay27", "And"),
        (What.TEXT, 3, "", "Second\n\n#CEADay27"),
    ]


def test_another_picture_under_the_same_name_is_seen() -> None:
    path = "campaigns/hands.png"
    old, new = make_versions(CALENDAR, {path: "aa"}), make_versions(CALENDAR, {path: "bb"})
    found = compare_plans(old, new, Standing({}, (), NOW))
    assert [[change.what for change in each.changes] for each in found] == [[What.PICTURE]] * 2
    assert found[0].changes[0].new == "campaigns/hands.png (another picture under the same name)"


def test_an_account_less_and_an_account_more() -> None:
    found = compare(CALENDAR.replace("[force-x, mastodon]", "[force-x, force-bluesky]"))
    kinds = {key.partition("/")[2]: (each.kind, each.is_account, each.outcome) for key, each in found.items()}
    assert kinds == {
        "think/2027/force-bluesky": (Kind.ADDED, True, ""),
        "films/2027/force-bluesky": (Kind.ADDED, True, ""),
        "think/2027/mastodon": (Kind.REMOVED, True, "will not be sent"),
        "films/2027/mastodon": (Kind.REMOVED, True, "will not be sent"),
    }


WITHOUT = CALENDAR[: CALENDAR.index("  - id: films")]


def test_a_post_less_and_a_post_more() -> None:
    gone, came = compare(WITHOUT), compare(CALENDAR, old=WITHOUT)
    assert gone.keys() == came.keys() == {"ce/films/2027/force-x", "ce/films/2027/mastodon"}
    assert {(each.kind, each.is_account) for each in gone.values()} == {(Kind.REMOVED, False)}
    assert {(each.kind, each.is_account) for each in came.values()} == {(Kind.ADDED, False)}
    words = ["First", "Second\n\n#CEADay27"]
    assert [(change.part, change.old, change.new) for change in came["ce/films/2027/force-x"].changes] == [
        (1, "", words[0]),
        (2, "", words[1]),
    ]
    assert [(change.part, change.old, change.new) for change in gone["ce/films/2027/force-x"].changes] == [
        (1, words[0], ""),
        (2, words[1], ""),
    ]


EDITED = CALENDAR.replace("Think of a child.", "Think.")
OUT = Prepared((PreparedPart("Think of a child.", {}), PreparedPart("More", {})))
ONE_OUT = (PartRecord(0, PartState.POSTED, Receipt("1")), PartRecord(1, PartState.WAITING))


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (make_record(Status.POSTED), "posted already: this edit will not be sent"),
        (make_record(Status.CLAIMED), "it is being sent at this moment: it goes on as it was before this edit"),
        (make_record(Status.UNKNOWN), "it may be posted already: it goes on as it was before this edit"),
        (make_record(Status.PARTIAL, prepared=OUT, parts=ONE_OUT),
         "some of its parts are posted already: it goes on as it was before this edit"),
        (make_record(Status.PLANNED, prepared=OUT), ""),  # nothing of it is out: the edit counts
        (make_record(Status.SKIPPED, error="not wanted"), "will not be sent: not wanted"),
        (make_record(Status.REJECTED, error="too long", settled_at=NOW + timedelta(hours=4)),
         "will not be sent: too long"),
    ],
)  # fmt: skip
def test_what_an_edit_means_for_what_is_out(record: Record, outcome: str) -> None:
    difference: Difference = compare(EDITED, record)[KEY]
    assert (difference.kind, difference.status, difference.outcome) == (Kind.CHANGED, record.status, outcome)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (None, "will not be sent"),
        (Status.PLANNED, "will not be sent"),
        (Status.HELD, "will not be sent"),
        (Status.POSTED, "posted already: it stays out"),
        (Status.PARTIAL, "some of its parts are posted already: what is out stays out"),
        (Status.UNKNOWN, "it may be posted already: what is out stays out"),
        (Status.MISSED, "will not be sent (it was missed)"),
    ],
)
def test_what_a_removal_means(status: Status | None, outcome: str) -> None:
    records = [] if status is None else [make_record(status, "ce/films/2027/force-x")]
    assert compare(WITHOUT, *records)["ce/films/2027/force-x"].outcome == outcome


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        (NOW, ""),
        (datetime(2027, 3, 18, 9, 30, tzinfo=UTC), "due already: it will be sent at once"),
        (datetime(2027, 3, 18, 11, 30, tzinfo=UTC), "will not be sent: its time is over"),
    ],
)
def test_what_an_addition_means(now: datetime, outcome: str) -> None:
    old = CALENDAR.replace("accounts: [force-x, mastodon]", "accounts: [mastodon]")
    assert compare(CALENDAR, old=old, now=now)[KEY].outcome == outcome


def test_what_is_missed_and_moved_ahead_is_sent_after_all() -> None:
    missed = make_record(Status.MISSED, error="its not-after time passed", settled_at=NOW + timedelta(hours=6))
    now = NOW + timedelta(hours=7)
    assert compare(CALENDAR.replace("at 09:00", "at 17:00"), missed, now=now)[KEY].outcome == ""
    assert compare(EDITED, missed, now=now)[KEY].outcome == "will not be sent: its time is over"


def test_a_draft_and_a_hold_keep_it_from_being_sent() -> None:
    hold = Hold(1, NOW, "duty officer", "national mourning")
    assert compare(EDITED, hold=hold)[KEY].outcome == "will not be sent: hold 1 (everything): national mourning"
    drafted = EDITED.replace("    tags: [cse]", "    draft: yes")
    assert compare(drafted)[KEY].outcome == "will not be sent: a draft"


def test_a_post_whose_id_changed_would_be_sent_twice_and_that_is_said() -> None:
    renamed = CALENDAR.replace("id: think", "id: reflect")
    new, old = "ce/reflect/2027/force-x", compare(renamed, make_record(Status.POSTED))
    assert old[new].twin == KEY
    assert old[new].outcome == f"the same words were {KEY} (posted already): they will be sent a second time"
    assert compare(renamed)[new].outcome == ""  # it was not out: it is sent under its new id
    drafted = renamed.replace("    tags: [cse]", "    draft: yes")
    assert compare(drafted, make_record(Status.POSTED))[new].outcome == "will not be sent: a draft"


def test_a_post_that_comes_back_after_it_was_posted_is_not_sent_again() -> None:
    old = CALENDAR.replace("accounts: [force-x, mastodon]", "accounts: [mastodon]")
    assert compare(CALENDAR, make_record(Status.POSTED), old=old)[KEY].outcome == "posted already: it is not sent again"
