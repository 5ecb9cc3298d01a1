"""Words under embargo: loudly marked where the team sees them, and not on the sheet that is made to be sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.spreadsheets import Desk

FALCON = """\
campaign: falcon
date: 18 March 2047
embargo: 18 March 2047 07:30
accounts: [board]
posts:
  - id: seven-charged
    when: on the day at 08:00
    text: Seven people were charged today.
    link: https://www.example.org/seven
    images: [{file: badge.png, alt: The badge of the operation.}]
    content_warning: Violence
    comment: Call 101 with what you know.
  - id: seven-draft
    when: on the day at 08:05
    text: Today [insert number] were charged.
    draft: yes
"""
OPEN = """\
campaign: ce
date: 18 March 2047
accounts: [board, second]
posts:
  - id: think
    when: on the day at 08:10
    text: Think.
  - id: over
    when: on the day at 12:00
    embargo: 18 March 2026 09:00
    text: This may be told.
"""
SAID = "EMBARGO until Mon 18 Mar 2047 07:30 GMT: not to leave the team before"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    accounts = [f"  {name}: {{platform: noticeboard, folder: {name}}}\n" for name in ("board", "second")]
    (tmp_path / "config.yaml").write_text("calendars: campaigns\naccounts:\n" + "".join(accounts))
    made.calendar.write_text(FALCON)
    (tmp_path / "campaigns/y.yaml").write_text(OPEN)
    Image.new("RGB", (60, 40), "navy").save(tmp_path / "campaigns/badge.png")
    return made


def read_page(desk: Desk, *arguments: str) -> str:
    return desk.run("preview", "--format", "html", *arguments, code=0).out


def test_the_text_marks_each_post_until_its_embargo_ends(desk: Desk) -> None:
    shown = desk.run("preview", code=0).out
    assert shown.count("EMBARGO") == 2
    head = "Mon 18 Mar 2047 08:00 GMT (08:00 UTC) → board (noticeboard) · planned"
    assert f"{head}\n  {SAID}\n  falcon/seven-charged/2047/board\n" in shown
    assert f"{SAID}\n  NOT SENT: a draft\n  falcon/seven-draft/2047/board\n" in shown
    assert "Seven people were charged today." in shown


def test_a_program_is_told_until_when(desk: Desk) -> None:
    rows = desk.run("preview", "--format", "json", code=0).data
    assert {row["key"]: row["embargo_utc"] for row in rows} == {
        "falcon/seven-charged/2047/board": "2047-03-18T07:30:00Z",
        "falcon/seven-draft/2047/board": "2047-03-18T07:30:00Z",
        "ce/think/2047/board": None,
        "ce/think/2047/second": None,
        "ce/over/2047/board": "2026-03-18T09:00:00Z",
        "ce/over/2047/second": "2026-03-18T09:00:00Z",
    }


def test_the_sheet_says_only_when_it_goes_where(desk: Desk) -> None:
    """Not its name either, nor that of its campaign: problems of other posts say them."""
    page = read_page(desk)
    for words in ("even", "charged", "falcon", "adge", "iolence", "Call 101", "insert", "data:image"):
        assert words not in page, words
    assert page.count(f'<p class="loud">{SAID}</p>') == 2
    assert "<h2>Mon 18 Mar 2047 08:00 GMT → board (noticeboard) · planned</h2>" in page
    assert "2 deliveries under embargo: only when and where they go out is on this sheet." in page
    assert "It goes out 5 minutes after a post under embargo on board." in page
    assert "a campaign under embargo is on, too" in page
    assert "Neither what it says nor what is wrong with it (1 problem) is on this sheet." in page
    assert re.search(r"Seen and agreed, as far as it is on this sheet\s", page)
    assert page.count("This may be told.") == 2
    assert "Think." in page


def test_the_sheet_is_written_with_a_note(desk: Desk) -> None:
    written = desk.run("preview", "-o", "sheet.html", code=0)
    note = "note: 2 deliveries under embargo: they stand there without words; --embargoed shows them.\n"
    assert note in written.err
    assert "charged" not in (desk.folder / "sheet.html").read_text(encoding="utf-8")


def test_with_its_words_the_sheet_says_in_red_that_it_stays_with_the_team(desk: Desk) -> None:
    page = read_page(desk, "--embargoed")
    head, _, cards = page.partition("<article>")
    red = "This sheet holds words under embargo: it is not to leave the team before Mon 18 Mar 2047 07:30 GMT."
    assert f'<p class="loud">{red}</p>' in head
    assert cards.count(f'<p class="loud">{SAID}</p>') == 2
    assert "Seven people were charged today." in cards
    assert "data:image/png" in cards
    assert "after &#39;seven-draft&#39; (x.yaml, line 13) on board." in cards
    assert "as far as it is on this sheet" not in cards


def test_a_sheet_without_embargoes_says_nothing_of_any(desk: Desk) -> None:
    desk.calendar.unlink()
    page = read_page(desk)
    assert "embargo" not in page.lower()
    assert '<p class="loud">' not in page
    assert "--embargoed" not in desk.run("preview", "-o", "sheet.html", code=0).err
