"""A stateful Mastodon 4 API from PyPI (mastodon_mock): it honours Idempotency-Key and has faults at run time."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.cache import ServerMissing
from tests.servers.mastodon_account import MastodonAccount, call_api, read_statuses
from tests.servers.process import answers, pick_free_port, run_server
from tests.servers.seen import SeenPost, make_name

# Without this, any token is taken for the first account's.
_SETTINGS = "[auth]\npermissive = false\nenforce_scopes = true\n[seed]\naccounts = []\n"
_FAULTS = "/api/v1/_mock/faults"


@dataclass(frozen=True)
class MastodonMock:
    """A running mastodon_mock."""

    base_url: str

    def new_account(self, name: str = "force") -> MastodonAccount:
        """Create an account of its own, `name` and six digits, and no status."""
        made = call_api(self.base_url, "POST", "/api/v1/_mock/dev_user", None, json={"username": make_name(name)})
        return MastodonAccount(made["id"], made["username"], made["access_token"])

    def posts(self, account: MastodonAccount) -> list[SeenPost]:
        """Return the account's statuses, oldest first."""
        return read_statuses(self.base_url, account)

    def count(self, account: MastodonAccount) -> int:
        """Return how many statuses the account has."""
        return len(self.posts(account))

    def fail_next(
        self,
        status: int = 503,
        *,
        times: int = 1,
        method: str = "POST",
        path: str = "/api/v1/statuses",
        effect: str = "status",
        delay_ms: int = 0,
    ) -> None:
        """Let the next `times` requests to `path` (a `*` stands for anything) suffer, before anything is stored.

        `effect` is status (answered with `status`), ratelimit (429 with Mastodon's headers), malformed (200 and broken
        JSON), timeout (30 s or `delay_ms`, then carried out) or latency (`delay_ms`, then carried out).
        """
        rule = {
            "match": {"methods": [method], "path": path},
            "effect": {"type": effect, "delay_ms": delay_ms} | ({"status": status} if effect == "status" else {}),
            "count": times,
        }
        call_api(self.base_url, "POST", _FAULTS, None, json=rule)

    def clear_faults(self) -> None:
        """Drop all faults not used up."""
        call_api(self.base_url, "DELETE", _FAULTS, None)


@contextmanager
def start_mastodon_mock() -> Iterator[MastodonMock]:
    """Start an empty server that keeps everything in memory. Raise ServerMissing if the package is not installed."""
    if importlib.util.find_spec("mastodon_mock") is None:
        raise ServerMissing("the package mastodon_mock is not installed: pip install -e '.[test]'")
    port = pick_free_port()
    server = MastodonMock(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory(prefix="mastodon-mock-") as name:
        settings = Path(name) / "settings.toml"
        settings.write_text(_SETTINGS, encoding="utf-8")
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "mastodon_mock",
            "serve",
            "--config",
            settings,
            "--port",
            str(port),
        ]
        options = ["--host", "127.0.0.1", "--in-memory", "--log-level", "warning"]
        with run_server([*command, *options], lambda: answers(f"{server.base_url}/api/v1/instance")):
            yield server
