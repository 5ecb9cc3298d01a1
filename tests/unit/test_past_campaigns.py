"""A calendar whose every post is over is told of where it is asked about alone, and left alone in its folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.sources.past_campaigns import find_past
from tests.reading import POST, read, spot_of, unmark
from tests.spreadsheets import Desk

HEAD = "campaign: hello\ndate: ‹18 March 2025›\naccounts: [force-x]\nposts:\n"
OLD = HEAD + POST + "    text: a\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2025, 3, 18, 11, 0, 1, tzinfo=UTC), 2026),
        (datetime(2026, 3, 17, 12, tzinfo=UTC), 2026),
        (datetime(2026, 3, 18, 12, tzinfo=UTC), 2027),
        (datetime(2030, 12, 31, tzinfo=UTC), 2031),
    ],
)
def test_what_is_over_is_told_at_its_date_with_the_year_to_come(now: datetime, year: int) -> None:
    text, [spot] = unmark(OLD)
    problem = find_past(read(text), now)
    assert problem is not None
    assert (problem.severity, spot_of(problem)) == ("warning", spot)
    assert problem.message == "All posts of this campaign are over: the last was due on 18 March 2025."
    assert problem.hint.startswith(f"`campaign roll campaigns/hello.yaml {year}` writes it anew")


def test_while_a_post_may_still_go_out_nothing_is_said() -> None:
    text, _ = unmark(OLD)
    assert find_past(read(text), datetime(2025, 3, 18, 11, tzinfo=UTC)) is None  # two hours late, sharp
    later = text + "  - {id: b, when: 1 day after at 09:00, text: b}\n"
    assert find_past(read(later), datetime(2025, 3, 19, 9, tzinfo=UTC)) is None
    assert find_past(read(text.replace("2025", "soon")), datetime(2030, 1, 1, tzinfo=UTC)) is None


def test_only_one_calendar_that_is_named_is_asked_about(desk: Desk) -> None:
    text, _ = unmark(OLD.replace("force-x", "board"))
    for name, own in (("x", text), ("y", text.replace("2025", "2024"))):
        (desk.folder / f"campaigns/{name}.yaml").write_text(own.replace("hello", name), encoding="utf-8")
    desk.run("check", "--strict", code=0)
    assert "note" not in desk.run("check", "--strict", "campaigns/x.yaml", "campaigns/y.yaml", code=0).err
    done = desk.run("check", "campaigns/x.yaml", code=0)
    assert done.out.startswith("campaigns/x.yaml:2:7: warning: All posts of this campaign are over")
    year = done.out.partition("campaign roll campaigns/x.yaml ")[2][:4]
    desk.run("roll", "campaigns/x.yaml", year)
    assert desk.run("check", f"campaigns/x-{year}.yaml", code=0).out == ""


def test_of_the_folder_it_is_a_note_unless_a_later_year_is_there(desk: Desk) -> None:
    """So a year typed wrong is seen, and old years that stay make no noise."""
    text, _ = unmark(OLD.replace("force-x", "board"))
    years = {"x": "2024", "y": "2025", "z": "2023"}
    for name, year in years.items():
        campaign = "hello" if name == "z" else name
        own = text.replace("2025", year).replace("hello", campaign)
        (desk.folder / f"campaigns/{name}.yaml").write_text(own, encoding="utf-8")
    said = desk.run("check", "--strict", code=0).err
    assert (
        "note: all posts are over of campaigns/x.yaml, campaigns/y.yaml, campaigns/z.yaml. Is the year right?" in said
    )
    later = text.replace("2025", "2099")
    (desk.folder / "campaigns/z-2099.yaml").write_text(later, encoding="utf-8")
    assert "over of campaigns/x.yaml, campaigns/y.yaml. Is" in desk.run("check", "--strict", code=0).err
    assert desk.run("check", "--format", "json", code=0).data == []
    for number in range(5):
        (desk.folder / f"campaigns/a{number}.yaml").write_text(text.replace("hello", f"a{number}"), encoding="utf-8")
    assert "campaigns/a4.yaml and 2 more. Is" in desk.run("check", code=0).err
