"""campaign import --update: a toolkit's next version is taken over, and what people did meanwhile stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.toolkit_merge import Known, match_posts, merge_fields
from tests.spreadsheets import Desk, Done

FIRST: tuple[Sequence[Any], ...] = (
    ["think", "T", "9am", "board", "Think. [insert force name] is here. Call 101."],
    ["spot", "T", "10am", "board", "Spot the signs."],
    ["speak", "T", "morning", "board", "Speak out."],
    ["thanks", "T+1", "9am", "board", "Thank you."],
)
BLANK = "draft: yes # to settle: [insert force name]"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    desk.import_table(*FIRST)
    return desk


def changed(**texts: str) -> list[list[Any]]:
    """Return the table with other words, by reference."""
    return [[*row[:4], texts.get(row[0], row[4])] for row in FIRST]


def update(desk: Desk, *rows: Sequence[Any], code: int | None = None, show: bool = False) -> Done:
    desk.write_table(*rows, name="v2.xlsx")
    options = ["--show"] if show else []
    return desk.run("import", "--update", "campaigns/x.yaml", "v2.xlsx", "--format", "json", *options, code=code)


def changes(done: Done) -> list[tuple[str, str, str]]:
    return [(change["kind"], change["post"], change["field"]) for change in done.data["changes"]]


def test_the_same_version_changes_nothing_but_the_name_of_its_file(desk: Desk) -> None:
    before = desk.read()
    done = update(desk, *FIRST, code=0)
    assert changes(done) == []
    assert desk.read().split("\n")[1:] == before.split("\n")[1:]


def test_the_line_of_where_it_is_from_is_found_below_notes_of_ours(desk: Desk) -> None:
    desk.edit("# From the toolkit toolkit.xlsx", "# Ours.\n\n# Ask Sam.\n# From the toolkit toolkit.xlsx")
    desk.edit("posts:\n", "# From the toolkit of last year\nposts:\n")
    update(desk, *FIRST, code=0)
    assert desk.read().startswith("# Ours.\n\n# Ask Sam.\n# From the toolkit v2.xlsx, sheet Posts, ")
    assert "# From the toolkit of last year\nposts:\n" in desk.read()
    assert "toolkit.xlsx, sheet" not in desk.read()


def test_what_nobody_touched_becomes_the_toolkits(desk: Desk) -> None:
    done = update(desk, *changed(spot="Spot the signs #CEADay27.\nThen tell us."))
    assert changes(done) == [("taken", "spot", "text")]
    assert (
        "text: |\n      Spot the signs #CEADay27.\n      Then tell us.\n\n  # toolkit.xlsx: Posts, row 4\n"
        in desk.read()
    )
    assert desk.read().startswith("# From the toolkit v2.xlsx, sheet Posts, ")
    assert changes(update(desk, *changed(spot="Spot the signs #CEADay27.\nThen tell us."))) == []


def test_local_edits_notes_and_order_stay(desk: Desk) -> None:
    desk.edit("text: Spot the signs.", "# ours\n    text: Spot them.\n    tags: [cse]   # for holds")
    own = "  - id: own\n    when: on the day at 11:00\n    text: Ours\n    accounts: [board]\n"
    last = "  # toolkit.xlsx: Posts, row 5\n"
    desk.edit(last, f"  # a note of ours\n\n{own}\n{last}")
    before = desk.read().split("\n")[1:]
    done = update(desk, *changed(thanks="Thank you all."))
    assert changes(done) == [("taken", "thanks", "text")]
    after = desk.read().split("\n")[1:]
    assert [line for line in after if line not in before] == ["    text: Thank you all."]
    assert [line for line in before if line not in after] == ["    text: Thank you."]


def test_what_both_changed_stays_as_it_is_here_and_both_are_listed(desk: Desk) -> None:
    desk.edit("text: Spot the signs.", "text: Spot them here.")
    done = update(desk, *changed(spot="Spot them there."), code=1)
    assert done.data["changes"] == [
        {"kind": "kept", "post": "spot", "field": "text", "mine": "Spot them here.", "theirs": "Spot them there."}
    ]
    assert "text: Spot them here." in desk.read()


def test_a_filled_blank_is_carried_into_the_new_words(desk: Desk) -> None:
    desk.edit("[insert force name] is here", "Kent Police is here")
    desk.edit(f"    {BLANK}\n", "")
    done = update(desk, *changed(think="Think. [insert force name] is here. Call 101 or 999."))
    assert changes(done) == [("taken", "think", "text")]
    assert "text: Think. Kent Police is here. Call 101 or 999." in desk.read()
    assert "[insert force name]" not in desk.read()
    desk.run("check", code=0)


def test_a_blank_that_is_filled_in_here_is_not_asked_for_again(desk: Desk) -> None:
    desk.edit("[insert force name] is here", "Kent Police is here")
    desk.edit(f"    {BLANK}\n", "")
    again = "Think. [insert force name] is here. Call 101 or 999."
    done = update(desk, *changed(think=again), code=0)
    assert done.data["problems"] == []
    assert done.data["posts"][0]["to_settle"] == []
    more = update(desk, *changed(think=f"{again} <LOCAL NAME>"), code=1).data
    assert [problem["message"] for problem in more["problems"]] == ["<LOCAL NAME> is to be filled in."]
    assert more["posts"][0]["to_settle"] == ["<LOCAL NAME>"]


def test_nothing_new_in_two_rows_of_one_post_is_not_told_again(desk: Desk) -> None:
    rows = [*FIRST, ["two", "T", "9am", "X", "Words"], ["two", "T", "9am", "Mastodon", "Words <LOCAL NAME>"]]
    update(desk, *rows, code=1)
    assert update(desk, *rows, code=0).data["problems"] == []


def test_a_blank_that_comes_with_the_new_version_makes_a_draft(desk: Desk) -> None:
    update(desk, *changed(spot="Spot the signs with <LOCAL NAME>."))
    assert "    draft: yes # to settle: <LOCAL NAME>\n" in desk.read()
    [row] = [row for row in desk.run("preview", "--format", "json").data if row["post"] == "spot"]
    assert row["decision"] == "hold"


def test_a_time_that_the_toolkit_has_settled_ends_the_draft(desk: Desk) -> None:
    rows = [[*row[:2], "2pm", *row[3:]] if row[0] == "speak" else row for row in FIRST]
    assert changes(update(desk, *rows)) == [("taken", "speak", "when"), ("taken", "speak", "draft")]
    assert "when: on the day at 14:00\n    accounts" in desk.read()


def test_a_new_post_is_a_draft_at_the_end(desk: Desk) -> None:
    done = update(desk, *FIRST, ["new", "T", "noon", "board", "A new one."])
    assert changes(done) == [("added", "new", "")]
    assert desk.read().endswith(
        "\n  # v2.xlsx: Posts, row 6\n  - id: new\n    when: on the day at 12:00\n"
        "    draft: yes # to settle: new in v2.xlsx\n    accounts: [board]\n    text: A new one.\n"
    )


def test_a_post_that_is_gone_stays_as_a_draft(desk: Desk) -> None:
    done = update(desk, *[row for row in FIRST if row[0] != "spot"])
    assert changes(done) == [("gone", "spot", "")]
    assert "text: Spot the signs." in desk.read()
    assert "draft: yes # gone from v2.xlsx: take the post out, or this line if it is to stay" in desk.read()
    assert changes(update(desk, *[row for row in FIRST if row[0] != "spot"])) == []


def test_a_post_that_was_taken_out_here_stays_out(desk: Desk) -> None:
    text = desk.read()
    start, stop = text.index("  # toolkit.xlsx: Posts, row 3"), text.index("  # toolkit.xlsx: Posts, row 4")
    desk.edit(text[start:stop], "")
    assert changes(update(desk, *FIRST, code=0)) == []
    assert changes(update(desk, *changed(spot="Spot them."), code=1)) == [("removed", "spot", "")]
    assert "- id: spot" not in desk.read()


def test_show_writes_nothing(desk: Desk) -> None:
    before = {path: path.read_bytes() for path in desk.folder.glob("campaigns/*")}
    done = update(desk, *changed(spot="Spot them."), show=True)
    assert changes(done) == [("taken", "spot", "text")]
    assert {path: path.read_bytes() for path in desk.folder.glob("campaigns/*")} == before


def test_the_list_of_changes_reads_well(desk: Desk) -> None:
    desk.edit("text: Thank you.", "text: Thanks from us.")
    desk.write_table(
        *changed(spot="Spot them.", thanks="Thank you all."), ["new", "T", "noon", "board", "New."], name="v2.xlsx"
    )
    shown = desk.run("import", "--update", "campaigns/x.yaml", "v2.xlsx", code=1).out
    assert shown.partition("spot text")[2] == (
        ": changed\n    was      Spot the signs.\n    is       Spot them.\n"
        "new: new, a draft\n    text     New.\n"
        "thanks text: changed by both, yours stays\n    yours    Thanks from us.\n    toolkit  Thank you all.\n"
        "campaigns/x.yaml: 3 changes since toolkit.xlsx, written.\n"
    )


def test_without_the_record_nothing_is_merged(desk: Desk) -> None:
    record = desk.folder / "campaigns/x.toolkit.json"
    record.write_text("{", encoding="utf-8")
    assert "damaged" in update(desk, *FIRST, code=2).err
    record.unlink()
    assert "x.toolkit.json back beside it" in update(desk, *FIRST, code=2).err


def test_a_broken_calendar_is_not_touched(desk: Desk) -> None:
    desk.edit("posts:", "posts: [")
    before = desk.read()
    assert "campaigns/x.yaml:" in update(desk, *FIRST, code=2).err
    assert desk.read() == before


def test_posts_without_references_are_known_again() -> None:
    old = {"a": Known("", "Think of the signs.", "T at 9"), "b": Known("", "Speak out to us today.", "T at 10"),
           "c": Known("", "Same words.", "T at 11"), "d": Known("", "Same words.", "T at 12")}  # fmt: skip
    new = [Known("", "Same words.", "T at 12"), Known("", "Speak out to us now.", "T at 15"),
           Known("", "Same words.", "T at 11"), Known("", "Another subject entirely", "T at 9")]  # fmt: skip
    assert match_posts(old, new) == {0: "d", 1: "b", 2: "c"}


def test_twenty_thousand_posts_are_known_again_at_once() -> None:
    old = {f"p{n}": Known(f"r{n}" if n % 2 else "", f"Words {n}", "T") for n in range(20_000)}
    new = [known._replace(when="later") for known in reversed(old.values())]
    assert match_posts(old, new) == dict(enumerate(reversed(old)))  # an hour, were each looked for among all


def test_two_references_are_two_posts() -> None:
    assert match_posts({"a": Known("1", "Words", "T")}, [Known("2", "Words", "T"), Known("1", "Other", "T")]) == {
        1: "a"
    }


VALUES = st.sampled_from(["a", "b", "c"]) | st.lists(st.sampled_from("ab"), max_size=2)
FIELDS = st.dictionaries(st.sampled_from(["text", "link", "when"]), VALUES)


@given(FIELDS, FIELDS, FIELDS)
def test_a_merge_loses_no_edit_of_either_side(old: dict[str, Any], mine: dict[str, Any], new: dict[str, Any]) -> None:
    edits, conflicts = merge_fields(old, mine, new)
    for name in {*old, *mine, *new}:
        before, here, after = old.get(name), mine.get(name), new.get(name)
        edited = {edit.keys: edit.after for edit in edits}
        result = edited.get((name,), here)
        if here == before:
            assert result == after
        else:
            assert result == here
        assert ((name,) in {conflict.keys for conflict in conflicts}) == (
            len({repr(before), repr(here), repr(after)}) == 3
        )


def test_times_are_those_of_the_calendars_own_zone(desk: Desk) -> None:
    desk.edit("draft: yes # nothing", "timezone: America/New_York\ndraft: yes # nothing")
    night = [
        *FIRST,
        ["late", "14/03/27", "2.30am", "board", "Late."],
        ["early", "28/03/27", "1.30am", "board", "Early."],
    ]
    problems = update(desk, *night, code=1).data["problems"]
    assert [(problem["cell"], "does not exist on 14 March 2027" in problem["message"]) for problem in problems] == [
        ("v2.xlsx:Posts!C6", True)
    ], "clocks go forward on 14 March in New York, and on 28 March in London"
    assert "when: 28 March 2027 at 01:30\n" in desk.read()
    assert desk.run("check", "campaigns/x.yaml").code == 0


def test_a_zone_that_is_none_is_answered_with_what_to_write(desk: Desk) -> None:
    desk.edit("draft: yes # nothing", "timezone: Europe/Londn\ndraft: yes # nothing")
    before = desk.read()
    done = update(desk, *FIRST, code=2)
    assert "'timezone:' is 'Europe/Londn', and no time zone is called that. Write one such as" in done.err
    assert desk.read() == before
