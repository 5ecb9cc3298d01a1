"""A daemon whose lock on PostgreSQL was cut ends by itself: another may have taken over what it was sending."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text

from tests.boards import Project, make_calendar
from tests.daemons import run_daemon


def test_a_daemon_whose_lock_is_gone_ends_with_3_and_is_started_again(tmp_path: Path, postgres_url: str) -> None:
    project = Project(tmp_path, postgres_url)
    project.write_calendar(make_calendar(p0=0))
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        daemon.wait_until(lambda: len(project.posts("board")) == 1)
        with engine.connect() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            assert connection.execute(text(cut)).scalars().all() == [True]
        engine.dispose()
        assert daemon.wait_for_end() == 3
        assert "has lost its lock" in daemon.output
    with run_daemon(project) as daemon:
        daemon.wait_until_started()
        daemon.stop()
    assert len(project.posts("board")) == 1
