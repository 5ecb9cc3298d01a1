"""What the team learns or decides goes into its file of days, and nothing else of that file changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scheduler.errors import ConfigError, UsageError
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.day_recording import record_date, record_skip

TODAY = date(2026, 11, 25)
WRITTEN = """\
# Who may change this: the comms desk.
dates:
  # Asked by telephone.
  stalking-awareness-week:
    2027: 19 April 2027   # not sure yet

# Days of our own, agreed in May.
days:
  open-day:
    name: "Open Day"   # a Saturday
    rule: first Saturday of July
# The end.
""".replace("2027: 19 April 2027 ", "2027: {on: 19 April 2027, source: Ann} ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "days.yaml"


def set_date(path: Path, day: str, first: date, last: date | None = None, reason: str = "") -> None:
    record_date(path, "days.yaml", day, (first, last), "https://example.org", reason, TODAY)


def test_a_file_that_is_missing_is_made(path: Path) -> None:
    record_skip(path, "days.yaml", "black-friday", 2026, 'nobody: "free" #really')
    text = path.read_text()
    assert text.startswith("# Your team's awareness days")
    assert text.endswith("dates:\n  black-friday:\n    2026:\n      skip: 'nobody: \"free\" #really'\n")
    assert Catalogue(path).find("black-friday", 2026).declined == 'nobody: "free" #really'


@pytest.mark.parametrize("before", ["", "# Only a note.\n"])
def test_notes_in_a_file_without_days_stay(path: Path, before: str) -> None:
    path.write_text(before)
    record_skip(path, "days.yaml", "black-friday", 2026, "nobody is free")
    assert path.read_text().startswith(before)
    assert Catalogue(path).find("black-friday", 2026).declined == "nobody is free"


def test_a_new_day_goes_below_the_others_and_every_note_stays_where_it_was(path: Path) -> None:
    path.write_text(WRITTEN)
    set_date(path, "asb-awareness-week", date(2027, 7, 5), date(2027, 7, 11))
    added = (
        "  asb-awareness-week:\n    2027:\n      on: 5 July 2027 to 11 July 2027\n      source: https://example.org\n"
        "      verified: 25 November 2026\n"
    )
    assert path.read_text() == WRITTEN.replace("# not sure yet\n", f"# not sure yet\n{added}")


def test_a_new_year_goes_below_the_others(path: Path) -> None:
    path.write_text(WRITTEN)
    record_skip(path, "days.yaml", "stalking-awareness-week", 2028, "no time")
    added = "    2028:\n      skip: no time\n"
    assert path.read_text() == WRITTEN.replace("# not sure yet\n", f"# not sure yet\n{added}")


def test_a_date_in_place_of_another_takes_what_belonged_to_that_with_it(path: Path) -> None:
    path.write_text(
        "dates:\n  999-day:\n    2027:\n      on: 10 September 2027\n      why: a strike\n      skip: no time\n"
    )
    set_date(path, "999-day", date(2027, 9, 9))
    holding = Catalogue(path).find("999-day", 2027)
    assert (holding.first, holding.note, holding.declined) == (date(2027, 9, 9), "", "no time")
    assert (holding.source, holding.verified_on) == ("https://example.org", TODAY)


def test_a_date_in_short_form_stays_when_a_decision_is_added(path: Path) -> None:
    path.write_text("days:\n  open-day: {name: A, rule: usually 1 May}\ndates:\n  open-day:\n    2027: 3 May 2027\n")
    record_skip(path, "days.yaml", "open-day", 2027, "no time")
    holding = Catalogue(path).find("open-day", 2027)
    assert (holding.first, holding.declined) == (date(2027, 5, 3), "no time")


def test_dates_after_a_file_of_own_days(path: Path) -> None:
    before = "days:\n  open-day:\n    name: A\n    rule: 1 May\n# The end.\n"
    path.write_text(before)
    set_date(path, "open-day", date(2027, 5, 2), reason="moved because of the weekend")
    assert path.read_text().startswith(before.removesuffix("# The end.\n"))
    assert "# The end." in path.read_text()
    assert Catalogue(path).find("open-day", 2027).note == "moved because of the weekend"


@pytest.mark.parametrize("before", ["dates: {}\n", "dates:\ndays:\n  a: {name: A, rule: 1 May}\n"])
def test_a_group_that_is_empty_is_filled(path: Path, before: str) -> None:
    path.write_text(before)
    if "days" in before:
        with pytest.raises(ConfigError):  # a name with nothing after it may be a slip
            record_skip(path, "days.yaml", "black-friday", 2027, "b")
    else:
        record_skip(path, "days.yaml", "black-friday", 2027, "b")
        assert Catalogue(path).find("black-friday", 2027).declined == "b"


def test_windows_line_breaks_stay(path: Path) -> None:
    path.write_bytes(b"dates:\r\n  black-friday:\r\n    2026: {skip: a}\r\n")
    record_skip(path, "days.yaml", "black-friday", 2027, "b")
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize("text", ["dates:\n  black-friday:\n    2026: {skp: a}\n", "dates: [\n"])
def test_a_file_with_errors_is_left_as_it_is(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError):
        record_skip(path, "days.yaml", "black-friday", 2027, "b")
    assert path.read_text() == text


def test_what_would_be_an_error_is_not_written(path: Path) -> None:
    with pytest.raises(ConfigError) as failure:
        set_date(path, "ce-awareness-day", date(2027, 3, 19))
    assert "say why after 'why:'" in str(failure.value)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read or written"):
        record_skip(tmp_path / "none" / "days.yaml", "none/days.yaml", "black-friday", 2027, "b")
