"""Blanks that toolkits leave: found, told from words that only look like them, and kept from being posted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.blanks import carry_fillings, find_blanks
from scheduler.domain.problem import Severity
from tests.reading import CAMPAIGN, POST, read, spot_of, unmark


@pytest.mark.parametrize(
    "blank",
    ["[insert force name]", "[INSERT LINK]", "[insert]", "[your force]", "[force name]", "[Force]", "[local number]",
     "[Local authority phone number]", "<LOCAL NUMBER>", "<insert number here>", "{force}", "{ force name }", "XXXX",
     "XXXXX", "0116 xxx xxxx", "0116 XXX XXXX", "[enter your address]", "[council name]"],
)  # fmt: skip
def test_blanks_are_found(blank: str) -> None:
    assert find_blanks(f"Call us, {blank}, or 101.") == [blank]


@pytest.mark.parametrize(
    "text",
    ["#CEADay{yy} {yyyy}", "She said [they] did not know.", "[Local] people told us", "I <3 you", "5 < 6 > 4",
     "kisses xxx", "XXL", "[Name] speaks", "{}", "[your]", "Venue TBC", "https://example.org/?a=<b>", "4x4xx",
     "[video]", "Level XX"],
)  # fmt: skip
def test_other_words_are_none(text: str) -> None:
    assert find_blanks(text) == []


def test_each_blank_is_named_once_and_in_order() -> None:
    assert find_blanks("<B C> [insert a] {x} <B C>") == ["<B C>", "[insert a]", "{x}"]


@pytest.mark.parametrize("blank", ["[insert force name]", "<LOCAL NUMBER>", "{force}", "XXXX"])
def test_a_blank_keeps_a_calendar_from_being_used(blank: str) -> None:
    text, [spot] = unmark(f"{CAMPAIGN}posts:\n{POST}    text: Call ‹{blank}› or 101\n")
    calendar = read(text)
    assert calendar.campaign is None
    [problem] = calendar.problems
    assert (problem.severity, spot_of(problem)) == (Severity.ERROR, spot)
    assert blank in problem.message


@pytest.mark.parametrize("where", ["post", "campaign"])
def test_in_a_draft_it_is_a_warning_and_the_post_stays_a_draft(where: str) -> None:
    head, own = (CAMPAIGN + "draft: yes\n", "") if where == "campaign" else (CAMPAIGN, "    draft: yes\n")
    calendar = read(f"{head}posts:\n{POST}{own}    text: Ask <LOCAL TEAM>\n")
    assert [problem.severity for problem in calendar.problems] == [Severity.WARNING]
    assert calendar.campaign is not None
    assert calendar.campaign.posts[0].draft


@pytest.mark.parametrize(
    "lines", ["images:\n      - {file: a.png, alt: '[insert alt text]'}\n    text: a",
              "link: https://<YOUR-FORCE>.uk\n    text: a",
              "text: a\n    variants:\n      force-x: {text: '[insert x]'}", "thread:\n      - text: XXXX"],
)  # fmt: skip
def test_blanks_are_found_wherever_words_stand(lines: str) -> None:
    assert any("blank" in problem.message for problem in read(f"{CAMPAIGN}posts:\n{POST}    {lines}\n").problems)


def test_fillings_are_carried_into_new_words() -> None:
    old = "[insert force name] is here. Call <LOCAL NUMBER>. [insert force name]"
    mine = "Kent Police is here. Call 101. Kent Police"
    assert carry_fillings(old, mine, "New: call <LOCAL NUMBER>, ask [insert force name], XXXX") == (
        "New: call 101, ask Kent Police, XXXX"
    )


@pytest.mark.parametrize(
    ("old", "mine"),
    [("[insert a] b", "A c"), ("[insert a] and [insert a]", "one and two"), ("a", "b"), ("[insert a]<B C>", "xy"),
     ("[insert a] b", "before A b c"), ("[insert a] b", " b")],
)  # fmt: skip
def test_what_was_edited_otherwise_is_not_carried(old: str, mine: str) -> None:
    assert carry_fillings(old, mine, "new [insert a]") is None


@given(st.lists(st.text(st.characters(exclude_characters="[]{}<>Xx", categories=["L", "N", "Zs", "Po"]), min_size=1),
                min_size=2, max_size=5), st.text("abc", min_size=1))  # fmt: skip
def test_any_text_with_its_blanks_filled_is_known_again(words: list[str], filling: str) -> None:
    old = "|" + "|[insert it]|".join(words) + "|"
    mine = "|" + f"|{filling}|".join(words) + "|"
    assert carry_fillings(old, mine, "[insert it]!") == f"{filling}!"
