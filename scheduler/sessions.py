"""Log-ins and limits kept between runs, one small file an account, outside the ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scheduler.errors import Unavailable


class FileStore:
    """Keeps plain values by name in a folder that only its owner may read. Writes are atomic."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, account: str) -> Mapping[str, Any]:
        """Return what was stored under a name; an empty mapping if nothing was, or it cannot be read."""
        try:
            values = json.loads((self.folder / f"{account}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}

    def store(self, account: str, values: Mapping[str, Any]) -> None:
        """Keep values under a name. Raise Unavailable if the folder cannot be written."""
        hidden = self.folder / f".{account}.{os.urandom(4).hex()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                self._write(hidden, json.dumps(dict(values)))
                hidden.replace(self.folder / f"{account}.json")
            finally:
                hidden.unlink(missing_ok=True)  # only there still if it could not be written
        except OSError as failure:
            raise Unavailable(f"The folder {self.folder} cannot be written: {failure.strerror}.") from None

    @staticmethod
    def _write(path: Path, words: str) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())  # a token that was exchanged is worth nothing if power fails before it is kept


class MemoryStore:
    """The same for a rehearsal: nothing outlives it."""

    def __init__(self) -> None:
        self._values: dict[str, Mapping[str, Any]] = {}

    def load(self, account: str) -> Mapping[str, Any]:
        """Return what was stored under a name."""
        return self._values.get(account, {})

    def store(self, account: str, values: Mapping[str, Any]) -> None:
        """Keep values under a name."""
        self._values[account] = dict(values)
