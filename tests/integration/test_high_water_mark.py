"""A ledger that was lost, restored or cut short is noticed before anything is sent from it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.bootstrap import SystemClock, build_app
from scheduler.domain.delivery import Status
from scheduler.errors import LedgerError
from scheduler.high_water_mark import HighWaterMark
from scheduler.rounds import open_rounds
from tests.boards import Project, make_calendar
from tests.books import NOW, Books, make_delivery


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write_settings({"board": ""})
    return made


def copy_ledger(project: Project, name: str) -> None:
    """Keep a backup of the ledger, as an administrator would."""
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        connection.execute("VACUUM INTO ?", (str(project.folder / name),))
    connection.close()


def restore_ledger(project: Project, name: str) -> None:
    remove_ledger(project)
    shutil.copy(project.folder / name, project.folder / "ledger.db")


def remove_ledger(project: Project) -> None:
    for path in project.folder.glob("ledger.db*"):
        path.unlink()


def test_a_ledger_restored_from_a_backup_sends_nothing_twice(project: Project) -> None:
    project.write_calendar(make_calendar(p0=3600))
    project.run("run", "--once", code=0)
    copy_ledger(project, "backup")
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    copy_ledger(project, "newer")
    assert len(project.posts("board")) == 1

    restore_ledger(project, "backup")
    refused = project.run("run", "--once", code=3)
    assert "campaign ledger accept" in refused.stderr
    assert "Nothing was sent" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "not the one that was last written" in project.run("run", code=3).stderr
    assert "not the one that was last written" in project.run("ledger", "verify", code=3).stderr
    assert len(project.posts("board")) == 1
    assert [record.status for record in project.read_ledger().values()] == []

    restore_ledger(project, "newer")
    project.run("run", "--once", code=0)
    project.run("ledger", "verify", code=0)
    assert len(project.posts("board")) == 1


def test_a_ledger_that_was_lost_is_accepted_behind_a_hold(project: Project) -> None:
    assert "nothing to accept" in project.run("ledger", "accept", "--reason", "R", code=2).stderr
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    assert "nothing to accept" in project.run("ledger", "accept", "--reason", "R", code=2).stderr
    remove_ledger(project)
    assert "was lost" in project.run("ledger", "verify", code=3).stderr
    project.run("run", "--once", code=3)
    project.run("hold", "--reason", "the ledger is lost", code=0)
    project.run("run", "--once", code=3)
    project.run("ledger", "accept", "--reason", "the disk broke", code=0)
    project.run("run", "--once")
    project.run("ledger", "verify", code=0)
    assert [record.status for record in project.read_ledger().values()] == [Status.HELD]
    assert len(project.posts("board")) == 1


def test_the_end_of_the_record_cannot_be_cut_off(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM event WHERE key IS NOT NULL")
        connection.execute("DELETE FROM part")
        connection.execute("DELETE FROM delivery")
    connection.close()
    project.run("ledger", "verify", code=3)
    project.run("run", "--once", code=3)
    assert len(project.posts("board")) == 1


def test_a_rehearsal_neither_needs_nor_leaves_a_mark(project: Project) -> None:
    project.write_calendar(make_calendar(p0=3600))
    for _ in range(2):
        project.run("rehearse", code=0)
    assert list(project.folder.glob("**/ledgers/*.json")) == []


def test_a_daemon_started_elsewhere_finds_its_mark_and_its_last_good_calendars(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_calendar(make_calendar(p0=3600, p1=7200))
    project.run("run", "--once", code=0)
    project.write_calendar("campaign: [")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    app = build_app(Path("..") / "config.yaml", allow_example=False)
    rounds = open_rounds(app, SystemClock(), app.build_channels(SystemClock()))
    rounds.load()
    assert len(rounds.agenda) == 2
    rounds.finish()
    rounds.close()
    assert len(list((project.folder / "state" / "ledgers").glob("*.json"))) == 1


def test_what_others_wrote_later_does_not_matter(books: Books, tmp_path: Path) -> None:
    mark = HighWaterMark(tmp_path / "here", books.address)
    assert mark.known is None
    mark.check(books.desk)
    mark.keep(books.desk)
    assert mark.known is None  # there is nothing to remember of an empty ledger
    books.claim(make_delivery())
    mark.keep(books.desk)
    assert mark.known == books.desk.last_event()
    books.desk.pause_account("second", "by another machine", "other", NOW)
    mark.check(books.desk)
    elsewhere = HighWaterMark(tmp_path / "elsewhere", books.address)
    elsewhere.check(books.desk)
    HighWaterMark(tmp_path / "here", books.address).check(books.desk)


def test_an_event_of_that_number_that_is_another_is_noticed(address: str, tmp_path: Path) -> None:
    books = Books(address)
    mark = HighWaterMark(tmp_path / "here", address)
    books.claim(make_delivery())
    mark.keep(books.desk)
    with books.owner.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER event_is_never_changed"))
        else:
            connection.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE event SET hash = 'another'"))
    with pytest.raises(LedgerError, match="its event 1 is missing or another"):
        mark.check(books.desk)
    books.close()


def test_a_folder_that_cannot_be_written_stops_nothing(
    books: Books, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file")
    mark = HighWaterMark(tmp_path / "state", books.address)
    books.claim(make_delivery())
    mark.keep(books.desk)
    assert "would not be noticed" in caplog.text
    assert mark.known is None
