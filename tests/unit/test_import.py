"""campaign import: a toolkit's table becomes a calendar, and what is not clear stays a draft."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.spreadsheets import HEADINGS, Desk, make_excel

GIVEN = ("--date", "18 March 2027", "--accounts", "board")
TOOLKIT_HEADINGS = ("Ref", "Date or T-n", "Day / theme", "Time", "Channel(s)", "Suggested copy (long)",
                    "Short version", "Image file", "Alt text", "Hashtags", "Link", "Helpline", "Language", "Embargo",
                    "Owner", "Mood")  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_a_good_table_becomes_a_calendar_that_a_person_can_read(desk: Desk) -> None:
    done = desk.import_table(
        ["think", "18/03/27", "9am", "X, board", "“Think” – £5.\nSpeak out."], ["2", "T-3", "10:30", "", "Soon."]
    )
    assert (done.code, done.err) == (0, "")
    head, _, body = desk.read().partition("\n\n")
    assert head.startswith("# From the toolkit toolkit.xlsx, sheet Posts, as it was on ")
    assert (
        body
        == """\
campaign: x
date: 18 March 2027
draft: yes # nothing of this campaign is sent; take this line out when all of it is agreed
posts:

  # toolkit.xlsx: Posts, row 2
  - id: think
    when: 18 March 2027 at 09:00
    accounts: [force-x, board]
    text: |
      “Think” – £5.
      Speak out.

  # toolkit.xlsx: Posts, row 3
  - id: post-2
    when: 3 days before at 10:30
    accounts: [board]
    text: Soon.
"""
    )
    assert desk.run("check", "--strict", code=0)


def test_the_guesses_are_shown(desk: Desk) -> None:
    row = ["1", "18/03/27", "Think", "9am", "board", "Words", "", "", "", "", "", "", "", "", "", "cheerful"]
    shown = desk.import_table(row, headings=TOOLKIT_HEADINGS).out
    lines = {" ".join(line.split()) for line in shown.splitlines()}
    assert "F Suggested copy (long) → text sure" in lines
    assert "B Date or T-n → date likely" in lines
    assert "C Day / theme → theme sure, kept as a note" in lines
    assert "P Mood not used" in lines


def test_columns_can_be_told(desk: Desk) -> None:
    headings = ("Launch", "Our words, long", "Text", "Date")
    options = (*GIVEN, "--map", "Our words, long=text,Launch=date", "--map", "Text=notes,Date=nothing")
    done = desk.import_table(["T-1", "The words", "a remark", "19/03/27"], headings=headings, options=options)
    assert "text: The words" in desk.read()
    assert "when: 1 day before" in desk.read()
    assert "# Text: a remark" in desk.read()
    assert "told" in done.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--map", "Suggested cpy=text"), "Did you mean 'Suggested copy'?"),
        (("--map", "Suggested copy=txt"), "Did you mean 'text'?"),
        (("--map", "Suggested copy"), "does not say what the column is"),
        (("--accounts", "bord"), "Did you mean 'board'?"),
        (("--accounts", "board", "--day", "ce-awareness-day"), "--year 2027"),
        (("--accounts", "board", "--day", "ce-awarness-day", "--year", "2027"), "Did you mean 'ce-awareness-day'?"),
        (("--accounts", "board", "--sheet", "Post"), "Did you mean 'Posts'?"),
        ((), "names no channel"),
        (("--accounts", "board"), "does not say"),
    ],
)
def test_what_was_asked_wrongly_is_answered_and_nothing_is_written(
    desk: Desk, options: tuple[str, ...], said: str
) -> None:
    done = desk.import_table(["1", "T-1", "9am", "", "Words"], options=options or ("--date", "18 March 2027"))
    assert done.code == 2
    assert said in done.err
    assert not list(desk.folder.glob("campaigns/*"))


def test_an_awareness_day_gives_the_date(desk: Desk) -> None:
    desk.import_table(["1", "T-1", "9am", "board", "Words"], options=("--day", "ce-awareness-day", "--year", "2027"))
    assert "day: ce-awareness-day\nyear: 2027\n" in desk.read()
    [row] = desk.run("preview", "--format", "json", code=0).data
    assert row["due_local"].startswith("2027-03-17T09:00")


def test_without_a_date_most_posts_say_it(desk: Desk) -> None:
    done = desk.import_table(["1", "19/03/27", "9am", "board", "a"], ["2", "18/03/27", "9am", "board", "b"],
                             ["3", "18/03/27", "9am", "board", "c"], options=("--accounts", "board"))  # fmt: skip
    assert "date: 18 March 2027" in desk.read()
    assert "taken to be 18 March 2027" in done.err


def test_each_blank_keeps_its_post_a_draft_and_check_names_it(desk: Desk) -> None:
    text = "[insert force name] {force} <LOCAL NUMBER> XXXX"
    done = desk.import_table(["1", "18/03/27", "9am", "board", text], ["2", "18/03/27", "noon", "board", "No blank"])
    assert done.code == 1
    for blank in ("[insert force name]", "{force}", "<LOCAL NUMBER>", "XXXX"):
        assert f"toolkit.xlsx:Posts!E2: warning: {blank} is to be filled in." in done.out
    assert "draft: yes # to settle: [insert force name]; {force}; <LOCAL NUMBER>; XXXX" in desk.read()
    assert desk.read().count("draft: yes") == 2
    assert len(desk.run("check", "--format", "json", code=0).data) == 4
    desk.edit("draft: yes # nothing of this campaign is sent; take this line out when all of it is agreed\n", "")
    assert [row["decision"] for row in desk.run("preview", "--format", "json").data] == ["hold", "wait"]
    desk.edit("    draft: yes # to settle: [insert force name]; {force}; <LOCAL NUMBER>; XXXX\n", "")
    problems = desk.run("check", "--format", "json", code=2).data
    assert [problem["severity"] for problem in problems] == ["error"] * 4


@pytest.mark.parametrize(
    ("day", "clock", "cell", "when"),
    [
        ("18/03/27", "morning", "C2", "18 March 2027 at 09:00"),
        ("18/03/27", None, "C2", "18 March 2027 at 09:00"),
        ("TBC", "9am", "B2", "on the day at 09:00"),
        ("Friday 18 March 2027", "9am", "B2", "18 March 2027 at 09:00"),
    ],
)
def test_a_time_that_is_not_settled_is_a_draft(desk: Desk, day: str, clock: str | None, cell: str, when: str) -> None:
    done = desk.import_table(["1", day, clock, "board", "Words"])
    assert done.code == 1
    assert f"toolkit.xlsx:Posts!{cell}: warning: " in done.out
    assert f"when: {when}\n    draft: yes # to settle: " in desk.read()


def test_a_time_that_the_clocks_leap_over_or_show_twice_is_a_draft_that_can_be_checked(desk: Desk) -> None:
    done = desk.import_table(["1", "28/03/2027 01:30", "", "board", "a"], ["2", "31/10/2027", "01:30", "board", "b"])
    assert "C2: warning: '01:30' does not exist on 28 March 2027" in done.out
    assert "C3: warning: '01:30' happens twice on 31 October 2027" in done.out
    assert "when: 28 March 2027 at 02:30\n    draft: yes # to settle: '01:30' does not exist" in desk.read()
    assert "when: 31 October 2027 at 01:30 BST\n    draft: yes # to settle: '01:30' happens twice" in desk.read()
    desk.run("check", code=0)


def test_what_is_to_be_settled_quotes_the_cell_as_it_is(desk: Desk) -> None:
    desk.import_table(["1", "Tuesday 18 March 2027", "Morning", "board", "a"], ["2", "T", "", "board", "b"])
    text = desk.read()
    assert "# to settle: 'Tuesday 18 March 2027' is no certain day; taken for 18 March 2027;" in text
    assert "; the time is 'Morning'\n" in text
    assert "# to settle: no time\n" in text


def test_dates_and_times_as_excel_keeps_them(desk: Desk) -> None:
    desk.import_table(["1", datetime(2027, 4, 1), datetime(2027, 4, 1, 9, 30).time(), "board", "a"],
                      ["2", datetime(2027, 4, 2, 8, 15), None, "board", "b"],
                      ["3", date(2027, 4, 3), 0.5, "board", "c"])  # fmt: skip
    for when in ("1 April 2027 at 09:30", "2 April 2027 at 08:15", "3 April 2027 at 12:00"):
        assert f"when: {when}\n" in desk.read()
    assert "to settle" not in desk.read()


def test_channels_become_accounts_and_unknown_ones_are_listed(desk: Desk) -> None:
    done = desk.import_table(["1", "T", "9am", "Twitter / Mastodon & LinkedIn", "a"],
                             ["2", "T", "9am", "Facebook", "b"], ["3", "T", "9am", "all", "c"])  # fmt: skip
    text = desk.read()
    assert "accounts: [force-x, force-mastodon]" in text
    assert "# not posted to: LinkedIn (no such account)" in text
    assert "to settle: no account for Facebook\n    accounts: [board]" in text
    assert "D2: warning: there is no account for LinkedIn. Known: force-x, force-mastodon, board." in done.out


def test_a_misspelt_channel_is_answered_with_the_nearest_account(desk: Desk) -> None:
    row = ["1", "T", "9am", "bord / Mastadon", "a"]
    done = desk.import_table(row, options=("--date", "18 March 2027"))
    assert done.code == 2
    assert "toolkit.xlsx:Posts!D2: this post names no channel that is known: bord, Mastadon. " in done.err
    assert "Did you mean 'board'? Did you mean 'mastodon'? Put it right, or say where" in done.err
    assert (
        "there is no account for bord, Mastadon. Did you mean 'board'? Did you mean 'mastodon'?"
        in desk.import_table(row).out
    )


def test_long_and_short_copy_and_that_for_one_platform(desk: Desk) -> None:
    headings = ("Ref", "Date", "Time", "Channels", "Long copy", "Short copy", "Mastodon post")
    desk.import_table(["1", "T", "9am", "X, Mastodon, board", "long " * 60, "Short.", "For Mastodon."],
                      ["2", "T", "9am", "X", "Fits.", "Shorter.", ""], headings=headings)  # fmt: skip
    text = desk.read()
    assert "force-x:\n        text: Short.\n      force-mastodon:\n        text: For Mastodon.\n" in text
    assert "  # Short copy: Shorter.\n  - id: post-2\n" in text, "it is not lost, and not posted"
    assert text.count("Short copy:") == text.count("Shorter.") == 1
    shown = desk.run("import", "toolkit.xlsx", *GIVEN, "--show").out
    assert "note: the short words of row 3 are kept as a note: the long ones fit each account" in shown
    rows = desk.run("preview", "--format", "json", code=0).data
    assert [row["parts"][0]["text"] for row in rows[:2]] == ["Short.", "For Mastodon."]


def test_pictures_hashtags_links_languages_embargoes_and_the_rest(desk: Desk) -> None:
    (desk.folder / "hands.png").write_bytes(
        (Path(__file__).parents[1] / "calendars/good/pictures/hands.png").read_bytes()
    )
    done = desk.import_table(
        ["1", "T", "Think", "9am", "board", "Meddwl.", "", "hands.png", "A hand", "#CEADay27, HelpingHands",
         "www.example.org/a", 1163050005, "Welsh", "17/03/27 00:01", "Sam", ""],
        ["2", "T", "Think", "9am", "board", "b", "", "other.png", "", "", "", "0116 305 0005", "", "", "", ""],
        headings=TOOLKIT_HEADINGS,
    )  # fmt: skip
    first, _, second = desk.read().partition("# toolkit.xlsx: Posts, row 3")
    assert (
        "    link: https://www.example.org/a\n    images:\n      - file: ../hands.png\n        alt: A hand\n" in first
    )
    assert "hashtags: ['#CEADay27', '#HelpingHands']\n    language: cy\n    embargo: 17 March 2027 at 00:01\n" in first
    assert "# Day / theme: Think\n  # Helpline: 1163050005\n  # Owner: Sam\n" in first
    assert "L2: warning: 1163050005 is kept as a number, and may have lost a zero." in done.out
    assert "to settle: the picture x/other.png is not there; the alt text" in second
    assert "The picture campaigns/x/other.png is not there" in desk.run("check", code=0).out
    assert len(desk.run("preview", "--format", "json").data) == 2, "a draft that waits for its picture is shown"


def test_titles_merged_cells_empty_and_hidden_rows_and_formulas(desk: Desk) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("B4:B5")
        sheet.row_dimensions[7].hidden = True
        sheet["E8"] = "=A1&B1"

    rows = [["Our toolkit"], [], HEADINGS, ["1", "18/03/27", "9am", "board", "a"], ["2", "", "10am", "board", "b"],
            [], ["3", "18/03/27", "11am", "board", "c"], ["4", "18/03/27", "noon", "board", ""],
            ["5", "", "1pm", "board", "e"], HEADINGS, ["", "19 March 2027"],
            ["6", "", "2pm", "board", "f"]]  # fmt: skip
    (desk.folder / "t.xlsx").write_bytes(make_excel(rows, change))
    done = desk.run("import", "t.xlsx", "-o", "campaigns/x.yaml", *GIVEN, code=1)
    assert "headings in row 3, 5 posts" in done.out
    assert "campaign: x\nname: Our toolkit\ndate: " in desk.read()
    posts = desk.read().split("  - id: ")[1:]
    assert [post.split("\n", 1)[0] for post in posts] == ["post-1", "post-2", "post-3", "post-5", "post-6"]
    assert "draft" not in posts[0] + posts[1], "a merged cell counts for each of its rows"
    assert "the row is hidden" in posts[2]
    assert "when: 18 March 2027 at 13:00\n    draft: yes # to settle: the day is left out; taken from above" in posts[3]
    assert "when: 19 March 2027 at 14:00" in posts[4]
    assert "t.xlsx:Posts!E8: warning: here is a formula whose result is not saved" in done.out


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ([["", "CE Awareness Day 2027 – toolkit"]], "CE Awareness Day 2027 – toolkit"),
        ([["Please fill in each row."], [], ["CE  Awareness\nDay"]], "CE Awareness Day"),
        ([["Toolkit", "Version 2"]], None),
        ([["Toolkit of [insert force name]"]], None),
        ([["https://example.org/toolkit"]], None),
        ([["x" * 121]], None),
    ],
)
def test_what_stands_alone_above_the_headings_is_the_campaigns_name(
    desk: Desk, above: list[list[str]], name: str | None
) -> None:
    rows = [*above, HEADINGS, ["1", "T", "9am", "board", "a"]]
    (desk.folder / "t.xlsx").write_bytes(make_excel(rows))
    data = desk.run("import", "t.xlsx", "-o", "campaigns/x.yaml", *GIVEN, "--format", "json", code=0).data
    assert (data["title"], data["notes"]) == (name or "", [])
    assert ("\nname: " in desk.read()) == (name is not None)
    assert name is None or f"\nname: {name}\n" in desk.read()
    desk.run("check", "--strict", code=0)


def test_a_csv_of_windows_names_line_and_column(desk: Desk) -> None:
    text = 'Date;Time;Channels;Text\r\n18/03/27;9am;board;"“£5” – é\r\nnext"\r\n18/03/27;soon;board;b\r\n'
    (desk.folder / "t.csv").write_bytes(text.encode("cp1252"))
    done = desk.run("import", "t.csv", "-o", "campaigns/x.yaml", *GIVEN, code=1)
    assert "text: |\n      “£5” – é\n      next\n" in desk.read()
    assert "t.csv:4 (Time): warning: The time is 'soon'." in done.out
    assert "1252" in done.out


def test_rows_of_one_reference_are_one_post(desk: Desk) -> None:
    desk.import_table(
        ["a", "T", "9am", "X", "Short."], ["a", "T", "9am", "board", "Longer."], ["a", "T", "9am", "Mastodon", "Short."]
    )
    assert desk.read().count("- id:") == 1
    assert "accounts: [force-x, board, force-mastodon]\n    text: Short.\n" in desk.read()
    assert "    variants:\n      board:\n        text: Longer." in desk.read()


@pytest.mark.parametrize("word", ["All", "all channels", "All social media", "everywhere", "X, all"])
def test_all_is_every_account_or_those_that_were_given(desk: Desk, word: str) -> None:
    rows = (["1", "T", "9am", word, "Words"],)
    desk.import_table(*rows, options=("--date", "18 March 2027"))
    assert "accounts: [force-x, force-mastodon, board]\n" in desk.read()
    desk.write_table(*rows)
    given = ("--date", "18 March 2027", "--accounts", "force-x,board", "--show")
    assert "accounts: [force-x, board]\n" in desk.run("import", "toolkit.xlsx", *given).out


def test_a_row_without_a_channel_is_pointed_at_where_its_channel_is_missing(desk: Desk) -> None:
    said = desk.import_table(["1", "T", "9am", "", "Words"], options=("--date", "18 March 2027")).err
    assert "toolkit.xlsx:Posts!D2: this post names no channel that is known. Say where such posts go: " in said


def test_nothing_is_overwritten(desk: Desk) -> None:
    desk.import_table(["1", "T", "9am", "board", "a"])
    before = desk.read()
    done = desk.run("import", "toolkit.xlsx", "-o", "campaigns/x.yaml", *GIVEN, code=2)
    assert "--update campaigns/x.yaml" in done.err
    assert desk.read() == before
    assert desk.run("import", "toolkit.xlsx", "-o", "campaigns/x.txt", *GIVEN, code=2)


def test_show_writes_nothing_and_json_says_all(desk: Desk) -> None:
    desk.write_table(["1", "T", "soon", "board", "a"])
    shown = desk.run("import", "toolkit.xlsx", *GIVEN, "--show", code=1).out
    assert "- id: post-1" in shown
    data = desk.run("import", "toolkit.xlsx", *GIVEN, "--show", "--format", "json", code=1).data
    assert data["problems"][0]["cell"] == "toolkit.xlsx:Posts!C2"
    assert data["posts"] == [{"id": "post-1", "row": 2, "to_settle": ["the time is 'soon'"]}]
    assert not list(desk.folder.glob("campaigns/*"))
    desk.run("import", "toolkit.xlsx", *GIVEN, code=2)


def test_the_record_says_what_the_toolkit_said(desk: Desk) -> None:
    desk.import_table(["1", "T", "9am", "board", "a"])
    record = json.loads((desk.folder / "campaigns/x.toolkit.json").read_bytes())
    assert record["posts"] == [
        {"id": "post-1", "ref": "1", "fields": {"when": "on the day at 09:00", "accounts": ["board"], "text": "a"}}
    ]
    assert len(record["toolkit"]["digest"]) == 64


@pytest.mark.parametrize("name", ["../private.png", "{folder}/private.png", "..\\private.png", "x/../../private.png"])
def test_a_toolkit_reaches_no_picture_outside_the_folders_it_is_read_in(desk: Desk, name: str) -> None:
    picture = (Path(__file__).parents[1] / "calendars/good/pictures/hands.png").read_bytes()
    apart = desk.folder / "private.png"
    apart.write_bytes(picture)
    (desk.folder / "toolkits").mkdir()
    row = ["1", "18/03/27", "", "9am", "board", "Words", "", name.format(folder=desk.folder), "A hand"]
    (desk.folder / "toolkits/kit.xlsx").write_bytes(make_excel([TOOLKIT_HEADINGS, row]))
    done = desk.run("import", "toolkits/kit.xlsx", "-o", "campaigns/x.yaml", *GIVEN, code=1)
    assert "Save it as x/private.png." in done.out
    (desk.folder / "toolkits/private.png").write_bytes(picture)
    desk.calendar.unlink()
    desk.calendar.with_suffix(".toolkit.json").unlink()
    desk.run("import", "toolkits/kit.xlsx", "-o", "campaigns/x.yaml", *GIVEN)
    assert "- file: ../toolkits/private.png" in desk.read(), "of its own folder, the one of that name is taken"
