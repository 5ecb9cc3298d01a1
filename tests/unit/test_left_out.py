"""A variant that says `none` takes the post's comment or content warning out; what only may mean that is asked for."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.domain.campaign import Image, Video
from scheduler.domain.capabilities import Capabilities, Idempotency, Repeat, Source, TextLimit
from scheduler.domain.content import Content, Media, compose_content
from scheduler.domain.delivery import Delivery
from scheduler.domain.fitness import check_content
from scheduler.domain.forecast import count_posts
from scheduler.domain.measure import Unit
from tests.reading import CAMPAIGN, POST, read, read_post, spot_of, unmark

SAID = "    text: Think.\n    comment: Call 101.\n    content_warning: Talks about abuse\n"
VARIANT = "    variants:\n      force-x:\n"
SOURCE = Source("a test", date(2026, 11, 25))
PLAIN = Capabilities((TextLimit(500, Unit.CHARACTERS, SOURCE),), Repeat(Idempotency.NONE, SOURCE), SOURCE)


def look(media: Image | Video) -> Media:
    raise AssertionError(f"nobody asked for {media.path}")


def compose(lines: str) -> Content:
    return compose_content(read_post(lines), "force-x", look)


def list_texts(content: Content) -> list[tuple[str, bool]]:
    return [(part.text, part.is_comment) for part in content.parts]


@pytest.mark.parametrize("word", ["none", "None", '"none"', "{text: none}"])
def test_a_variant_takes_the_comment_out(word: str) -> None:
    content = compose(f"{SAID}{VARIANT}        comment: {word}\n")
    assert list_texts(content) == [("Think.", False)]
    assert content.content_warning == "Talks about abuse"


def test_a_variant_takes_the_content_warning_out_and_writes_its_own_words() -> None:
    content = compose(f"{SAID}{VARIANT}        content_warning: none\n        text: Talks about abuse. Think.\n")
    assert list_texts(content) == [("Talks about abuse. Think.", False), ("Call 101.", True)]
    assert content.content_warning == ""


def test_a_variant_has_a_content_warning_of_its_own() -> None:
    assert compose(f"{SAID}{VARIANT}        content_warning: Abuse of {{yy}}\n").content_warning == "Abuse of 27"
    assert compose(f"    text: Think.\n{VARIANT}        content_warning: Abuse\n").content_warning == "Abuse"


def test_other_accounts_keep_what_a_variant_takes_out() -> None:
    post = read_post(f"{SAID}{VARIANT}        {{comment: none, content_warning: none}}\n")
    content = compose_content(post, "mastodon", look)
    assert list_texts(content) == [("Think.", False), ("Call 101.", True)]
    assert content.content_warning == "Talks about abuse"


def test_a_variant_that_says_nothing_of_them_leaves_them() -> None:
    content = compose(f"{SAID}{VARIANT}        text: Spot.\n")
    assert list_texts(content) == [("Spot.", False), ("Call 101.", True)]
    assert content.content_warning == "Talks about abuse"


def test_a_post_that_says_none_has_none() -> None:
    content = compose("    text: Think.\n    comment: none\n    content_warning: none\n")
    assert (list_texts(content), content.content_warning) == ([("Think.", False)], "")


def test_a_comment_with_a_link_is_a_comment_whatever_its_word() -> None:
    [_, comment] = list_texts(compose("    text: Think.\n    comment: {text: none, link: https://example.org}\n"))
    assert comment == ("none\n\nhttps://example.org", True)


@pytest.mark.parametrize("field", ["comment", "content_warning"])
@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (" ‹no›", "'no' would be posted as the {noun}.", "Type `{field}: none` if there is to be none."),
        (" ‹~›", "'~' would be posted as the {noun}.", "Type `{field}: none` if there is to be none."),
        (" ‹Off›", "'Off' would be posted as the {noun}.", "Type `{field}: none` if there is to be none."),
        ("‹›", "'{field}' is empty.", "Write its words after the colon, or `none` if there is to be none."),
        (" ‹[]›", "'{field}' is empty.", "Write its words after the colon, or `none` if there is to be none."),
    ],
)
def test_what_may_mean_none_is_asked_for(field: str, value: str, message: str, hint: str) -> None:
    text, [spot] = unmark(f"{CAMPAIGN}posts:\n{POST}{SAID}{VARIANT}        {field}:{value}\n")
    [problem] = read(text).problems
    noun = field.replace("_", " ")
    assert (problem.message, problem.hint) == (message.format(field=field, noun=noun), hint.format(field=field))
    assert spot_of(problem)[:2] == spot[:2]


def test_an_account_that_can_carry_neither_is_told_how_to_leave_them_out() -> None:
    problems = check_content(compose(SAID), PLAIN, {}, "force-x")
    assert [problem.hint for problem in problems] == [
        "Put its words into the text, or give this account a variant with `comment: none`.",
        "Give this account a variant whose text begins with it, and with `content_warning: none`.",
    ]
    left_out = compose(f"{SAID}{VARIANT}        {{comment: none, content_warning: none}}\n")
    assert check_content(left_out, PLAIN, {}, "force-x") == []


def test_a_comment_that_is_left_out_is_no_post() -> None:
    calendar = read(f"{CAMPAIGN}posts:\n{POST}{SAID}{VARIANT}        comment: none\n").campaign
    assert calendar is not None
    delivery = Delivery(calendar, calendar.posts[0], "force-x")
    assert count_posts(delivery) == 1
    assert count_posts(delivery._replace(account="mastodon")) == 2
