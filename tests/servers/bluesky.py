"""A real Bluesky personal data server (the reference implementation) with its own PLC directory."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.servers.cache import fetch_once, run_step
from tests.servers.process import answers, pick_free_port, run_server
from tests.servers.seen import SeenPost, make_name

PDS_VERSION = "0.4.217"
PLC_VERSION = "0.0.1"
_LAUNCHER = Path(__file__).with_name("bluesky_servers.cjs")
_PAGE = 100  # listRecords gives no more at once


@dataclass(frozen=True)
class BlueskyAccount:
    """An account of the data server; the password is good for `com.atproto.server.createSession`."""

    handle: str
    did: str
    password: str


@dataclass(frozen=True)
class BlueskyServer:
    """A running data server."""

    base_url: str
    plc_url: str

    def new_account(self, name: str = "force") -> BlueskyAccount:
        """Create an account with a handle of its own, `name` and six digits under `.test`, and no post."""
        handle, password = f"{make_name(name)}.test", secrets.token_urlsafe(12)
        answer = self._call(
            "POST",
            "com.atproto.server.createAccount",
            json={"handle": handle, "email": f"{handle}@example.org", "password": password},
        )
        return BlueskyAccount(handle, answer["did"], password)

    def session(self, account: BlueskyAccount) -> dict[str, Any]:
        """Log in; return createSession's answer with `accessJwt`, `refreshJwt` and `did`."""
        credentials = {"identifier": account.handle, "password": account.password}
        return self._call("POST", "com.atproto.server.createSession", json=credentials)

    def posts(self, account: BlueskyAccount) -> list[SeenPost]:
        """Return the posts in the account's repository, oldest first by record key. Needs no login."""
        found: list[SeenPost] = []
        cursor: str | None = None
        while True:
            query = {"repo": account.did, "collection": "app.bsky.feed.post", "limit": str(_PAGE), "reverse": "true"}
            page = self._call(
                "GET", "com.atproto.repo.listRecords", params=query | ({"cursor": cursor} if cursor else {})
            )
            found += [_read_record(record) for record in page["records"]]
            cursor = page.get("cursor")
            if cursor is None:
                return found

    def count(self, account: BlueskyAccount) -> int:
        """Return how many posts are in the account's repository."""
        return len(self.posts(account))

    def _call(self, method: str, name: str, **arguments: Any) -> dict[str, Any]:
        answer = requests.request(method, f"{self.base_url}/xrpc/{name}", timeout=30, **arguments)
        if not answer.ok:
            raise AssertionError(f"the data server answered {answer.status_code} to {name}: {answer.text[:300]}")
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def start_bluesky(*, rate_limits: bool = False) -> Iterator[BlueskyServer]:
    """Start a data server with an empty folder. With `rate_limits` it enforces its own, such as 30 logins in 300 s.

    Raise ServerMissing if node or npm is not there, or the packages cannot be installed.
    """
    packages = fetch_bluesky()
    port, plc_port = pick_free_port(), pick_free_port()
    server = BlueskyServer(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{plc_port}")
    with tempfile.TemporaryDirectory(prefix="pds-") as folder:
        command: list[str | Path] = [
            "node",
            _LAUNCHER,
            str(port),
            str(plc_port),
            folder,
            "on" if rate_limits else "off",
        ]
        environment = {"NODE_PATH": str(packages / "node_modules"), "LOG_ENABLED": "false"}
        with run_server(
            command,
            lambda: answers(f"{server.base_url}/xrpc/_health"),
            environment=environment,
            ready_within=60,
        ):
            yield server


def fetch_bluesky() -> Path:
    """Install the two packages into the cache, about a minute and 250 MB, and return their folder."""
    return fetch_once(f"bluesky-{PDS_VERSION}-{PLC_VERSION}", _install)


def _install(folder: Path) -> None:
    wanted = {"@atproto/pds": PDS_VERSION, "@did-plc/server": PLC_VERSION}
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}), encoding="utf-8")
    run_step(["node", "--version"], folder)
    install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    run_step(install, folder, _find_headers())
    # The SQLite binding is compiled; a machine without a compiler is found out here and not in a test.
    run_step(["node", "-e", "new (require('better-sqlite3'))(':memory:')"], folder)


def _find_headers() -> dict[str, str]:
    """Return npm's setting that names node's own C++ headers, where they are beside it: they need no download then."""
    node = shutil.which("node")
    prefix = Path(node).resolve().parent.parent if node else Path("/usr")
    return {"npm_config_nodedir": str(prefix)} if (prefix / "include/node/node.h").exists() else {}


def _read_record(record: dict[str, Any]) -> SeenPost:
    value = record["value"]
    embed = value.get("embed") or {}
    images = (embed.get("media") or embed).get("images") or []
    parent = (value.get("reply") or {}).get("parent") or {}
    return SeenPost(
        id=record["uri"],
        text=value["text"],
        alt_texts=tuple(image["alt"] for image in images),
        parent=parent.get("uri"),
        created_at=value["createdAt"],
        raw=record,
    )
