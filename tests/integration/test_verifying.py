"""`campaign ledger verify` names what was changed behind the program's back, and nothing else."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, write_utc

TAMPERINGS = {
    "an event's words": ("UPDATE event SET who = 'nobody' WHERE kind = 'posted'", "('posted' of"),
    "an event taken out": ("DELETE FROM event WHERE kind = 'claimed'", "it is missing"),
    "the last events taken out": ("DELETE FROM event WHERE key IS NOT NULL", "no event says why"),
    "a status": ("UPDATE delivery SET status = 'skipped'", "it is skipped, but the last event"),
    "what was sent": ("UPDATE delivery SET prepared = replace(prepared, 'Think', 'Drink')", "not what was claimed"),
    "an address": ("UPDATE part SET url = 'https://example.org/other'", "no event says that it is at"),
    "an id": ("UPDATE part SET remote_id = '1'", "no event says that it is at"),
    "a plan": ("UPDATE revision SET content = plan", "not what was loaded"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    now = datetime.now(UTC)
    made.write_calendar(
        f"campaign: a\ndate: {now.date()}\ntimezone: UTC\naccounts: [board, second]\nposts:\n"
        f"  - {{id: think, when: {write_utc(now)}, text: Think.}}\n"
    )
    made.run("run", "--once", code=0)
    return made


def test_a_ledger_that_nobody_touched_is_whole(project: Project) -> None:
    done = project.run("ledger", "verify", code=0)
    assert done.stdout == ""
    assert "0 rows tampered with" in done.stderr


@pytest.mark.parametrize(("statement", "named"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_named(project: Project, statement: str, named: str) -> None:
    with sqlite3.connect(project.folder / "ledger.db") as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    connection.close()
    done = project.run("ledger", "verify", code=1)
    assert named in done.stdout
