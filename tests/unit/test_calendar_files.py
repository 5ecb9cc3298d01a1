"""Calendars as files in a folder: what cannot be read, pictures that are none, and all files told of together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler.bootstrap import App, all_problems, build_app
from scheduler.domain.problem import Problem
from tests.reading import CAMPAIGN, POST, spot_of, unmark

SETTINGS = "accounts:\n  force-x: {platform: noticeboard, folder: wall}\n"
GOOD = f"{CAMPAIGN}posts:\n{POST}    text: Speak out.\n"
PICTURE = f"{GOOD}    images:\n      - file: ‹hands.png›\n        alt: Six hands.\n"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """The app of a folder of its own, which is the current one; its `campaigns` is empty."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(SETTINGS)
    Path("campaigns").mkdir()
    return build_app(None, allow_example=False)


def write(name: str, content: str | bytes) -> Path:
    path = Path("campaigns", name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def only_problem(app: App) -> Problem:
    (problem,) = all_problems(app.read_calendars())
    return problem


def test_a_calendar_that_cannot_be_opened_is_said_to_be_so(app: App) -> None:
    folder = Path("campaigns", "a.yaml")
    folder.mkdir()
    (calendar,) = app.read_calendars([folder])
    assert calendar.campaign is None
    assert [str(problem) for problem in calendar.problems] == [
        "campaigns/a.yaml:0:0: error: This calendar cannot be read: Is a directory. Check the file."
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_calendar_without_permission_is_said_to_be_so(app: App) -> None:
    write("a.yaml", GOOD).chmod(0)
    assert "cannot be read: Permission denied" in only_problem(app).message


def test_a_calendar_of_50_mb_is_refused_without_reading_it_whole(app: App) -> None:
    with write("a.yaml", GOOD).open("r+b") as file:
        file.truncate(50 * 10**6)
    (calendar,) = app.read_calendars()
    assert len(calendar.content) < 17 * 2**20
    assert "larger than 16 MB" in calendar.problems[0].message


def test_a_missing_picture_is_an_error_at_its_name(app: App) -> None:
    text, (spot,) = unmark(PICTURE)
    write("a.yaml", text)
    problem = only_problem(app)
    assert spot_of(problem) == spot
    assert "campaigns/hands.png is not there" in problem.message
    assert problem.line_text == "      - file: hands.png"


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_a_picture_that_is_none_is_an_error_at_its_name(app: App, content: bytes) -> None:
    text, (spot,) = unmark(PICTURE)
    write("a.yaml", text)
    write("hands.png", content)
    problem = only_problem(app)
    assert spot_of(problem) == spot
    assert "is not a picture that can be read. Save it as a JPEG or PNG." in problem.message


def test_a_picture_beside_the_calendar_is_found(app: App) -> None:
    shipped = Path(__file__).parents[1] / "calendars/good/pictures/hands.png"
    write("a.yaml", unmark(PICTURE)[0])
    write("hands.png", shipped.read_bytes())
    (calendar,) = app.read_calendars()
    assert calendar.problems == ()
    assert calendar.campaign is not None


def test_problems_of_all_files_are_told_together_and_the_good_ones_are_used(app: App) -> None:
    write("a.yaml", GOOD.replace("hello", "a").replace("Speak out.", "Speak out. #CEADay27"))
    write("b.yaml", GOOD.replace("hello", "b"))
    write("c.yaml", b"\0")
    write("d.yml", GOOD.replace("hello", "d").replace("on the day", "one day") + "    txt: y\n")
    write("notes.txt", "no calendar")
    calendars = app.read_calendars()
    assert [calendar.file for calendar in calendars if calendar.campaign] == ["campaigns/b.yaml"]
    assert [(problem.place.file, problem.place.line) for problem in all_problems(calendars)] == [
        ("campaigns/a.yaml", 7),
        ("campaigns/c.yaml", 1),
        ("campaigns/d.yml", 6),
        ("campaigns/d.yml", 8),
    ]


def test_two_files_of_one_campaign_are_refused(app: App) -> None:
    write("a.yaml", GOOD)
    write("b.yaml", GOOD.replace("hello", "Hello"))
    problem = only_problem(app)
    assert problem.place.file == "campaigns/b.yaml"
    assert "the campaign 'Hello' is already in campaigns/a.yaml" in problem.message
