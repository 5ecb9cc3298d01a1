"""A project folder with noticeboards, for tests that drive the product through its own doors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from scheduler.domain.delivery import Record
from scheduler.errors import LedgerError
from scheduler.ledger.reading import Reader

SETTINGS = """\
calendars: campaigns
ledger: {ledger}
reconcile_after: 1 second
accounts:
{accounts}
"""


class Project:
    """A folder with settings, calendars and noticeboards, and the command line run in it as a process."""

    def __init__(self, folder: Path, ledger: str = "sqlite:///ledger.db") -> None:
        self.folder = folder
        self.ledger = ledger
        (folder / "campaigns").mkdir()
        self.write_settings({"board": "", "second": ""})

    def write_settings(self, accounts: Mapping[str, str]) -> None:
        """Write config.yaml with noticeboard accounts, each with its faults."""
        lines = []
        for name, faults in accounts.items():
            more = f", faults: '{faults}'" if faults else ""
            lines.append(f"  {name}: {{platform: noticeboard, folder: boards/{name}{more}}}")
        self._write_settings(lines)

    def write_accounts(self, accounts: Mapping[str, Mapping[str, str]], **settings: str) -> None:
        """Write config.yaml with accounts of any platform, each with its settings, and further general settings."""
        self._write_settings([f"  {name}: {json.dumps(dict(values))}" for name, values in accounts.items()], settings)

    def _write_settings(self, lines: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
        text = SETTINGS.format(ledger=self.ledger.replace("+psycopg", ""), accounts="\n".join(lines))
        more = "".join(f"{name}: {value}\n" for name, value in (settings or {}).items())
        (self.folder / "config.yaml").write_text(more + text, encoding="utf-8")

    def write_calendar(self, text: str, name: str = "a") -> Path:
        """Write a calendar and return its path."""
        path = self.folder / "campaigns" / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: str, code: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line; check its exit code if one is given."""
        done = subprocess.run(
            [sys.executable, "-m", "scheduler", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def history(self) -> dict[str, dict[str, Any]]:
        """Return the ledger by key."""
        listed = json.loads(self.run("history", "--format", "json", code=0).stdout)
        return {entry["key"]: entry for entry in listed}

    def read_ledger(self) -> dict[str, Record]:
        """Return the ledger's rows by key, read directly: quicker than a process where a test waits for a change."""
        address = self.ledger
        if address.startswith("sqlite:///"):
            path = self.folder / address.removeprefix("sqlite:///")
            if not path.exists():
                return {}
            address = f"sqlite:///{path}"
        engine = create_engine(address)
        try:
            return Reader(engine, address).records()
        except LedgerError:  # its tables are just being made
            return {}
        finally:
            engine.dispose()

    def posts(self, account: str) -> list[dict[str, Any]]:
        """Return what is on an account's noticeboard, in order of the names of the files."""
        return read_board(self.folder / "boards" / account)


def read_board(folder: Path) -> list[dict[str, Any]]:
    """Return what is on the noticeboard of a folder, in order of the names of the files."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def make_calendar(*, campaign: str = "now", **posts: float) -> str:
    """Return a calendar on the account `board` whose posts, by id, are due so many seconds from now.

    That is to the minute below, so 0 is due at once. The post `p0` says "Post p0".
    """
    now = datetime.now(UTC)
    listed = [
        f"  - id: {name}\n    when: {write_utc(now + timedelta(seconds=offset))}\n    text: Post {name}\n"
        for name, offset in posts.items()
    ]
    return f"campaign: {campaign}\ndate: {now.date()}\ntimezone: UTC\naccounts: [board]\nposts:\n" + "".join(listed)


def write_utc(moment: datetime) -> str:
    """Return a moment as a calendar's `when` can hold it, in campaigns whose zone is UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
