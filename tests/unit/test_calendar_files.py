"""Calendars as files in a folder: what cannot be read, pictures that are none, and all files told of together."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from scheduler.bootstrap import App, all_problems, build_app, plan_of
from scheduler.domain.account import Account
from scheduler.domain.problem import Problem
from scheduler.errors import ConfigError
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
        "campaigns/a.yaml:1:1: error: This calendar cannot be read: Is a directory. Check the file."
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
    assert "the campaign 'Hello' of 2027 is already in campaigns/a.yaml" in problem.message


def test_the_same_campaign_in_another_year_is_another_holding(app: App) -> None:
    write("a-2027.yaml", GOOD)
    write("a-2028.yaml", GOOD.replace("2027", "2028"))
    calendars = app.read_calendars()
    assert all_problems(calendars) == []
    assert [delivery.key for delivery in plan_of(calendars)] == ["hello/think/2027/force-x", "hello/think/2028/force-x"]


class _Tripping(dict[str, Account]):
    """Accounts of which one makes the program fail, as a fault of its own would."""

    def __contains__(self, name: object) -> bool:
        if name == "trip":
            raise ZeroDivisionError("a fault")
        return super().__contains__(name)


def test_a_fault_of_the_program_is_a_problem_of_the_one_file_it_was_met_in(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    write("a.yaml", GOOD.replace("hello", "a"))
    write("b.yaml", GOOD.replace("hello", "b").replace("force-x", "trip"))
    write("c.yaml", GOOD.replace("hello", "c"))
    faulty = App(app.settings._replace(accounts=_Tripping(app.settings.accounts)), is_example=False)
    with caplog.at_level(logging.ERROR):
        calendars = faulty.read_calendars()
    assert [calendar.campaign.id for calendar in calendars if calendar.campaign] == ["a", "c"]
    [problem] = all_problems(calendars)
    assert (problem.place.file, problem.message) == (
        "campaigns/b.yaml",
        "This is a fault in the program, met while it read this calendar (ZeroDivisionError).",
    )
    assert calendars[1].content  # the daemon goes on with its last good version
    assert "Traceback" in caplog.text
    assert "calendar=campaigns/b.yaml" in caplog.text


def test_pictures_need_not_be_looked_at(app: App) -> None:
    write("a.yaml", unmark(PICTURE)[0])
    [calendar] = app.read_calendars(pictures=False)
    assert calendar.campaign is not None
    assert app.read_calendars()[0].campaign is None


def find_in(app: App, folder: str) -> str:
    """Return why the calendars of a folder cannot be listed."""
    with pytest.raises(ConfigError) as caught:
        App(app.settings._replace(calendars=Path(folder)), is_example=False).read_calendars()
    return str(caught.value)


def test_a_folder_that_cannot_be_listed_is_said_to_be_so(app: App) -> None:
    assert "The folder of calendars, nowhere, is not there. Make it" in find_in(app, "nowhere")
    assert "config.yaml:1:1: error: The folder of calendars, nnn" in find_in(app, "n" * 300)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_without_permission_is_said_to_be_so(app: App) -> None:
    Path("campaigns").chmod(0)
    try:
        assert "cannot be read: Permission denied. Check that this program's user" in find_in(app, "campaigns")
    finally:
        Path("campaigns").chmod(0o700)
