"""snac2, a real fediverse server in C with the Mastodon client API, unpacked from the distribution and not installed.

It ignores `Idempotency-Key`, and refuses little: just what a client must not count on.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import requests

from tests.servers.cache import ServerMissing, fetch_once, run_step
from tests.servers.mastodon_account import MastodonAccount, call_api, read_statuses
from tests.servers.process import answers, pick_free_port, run_server
from tests.servers.seen import SeenPost, make_name

_REDIRECT = "urn:ietf:wg:oauth:2.0:oob"
_SCOPES = "read write"
# It delivers each public post to its own inbox by HTTP; a few of its few threads waiting for one another would stand
# still until their time-out of six seconds.
_SETTINGS = {"protocol": "http", "disable_inbox_collection": True, "num_threads": 32}


@dataclass(frozen=True)
class SnacServer:
    """A running snac2; `program` and `data` are its executable and its folder."""

    base_url: str
    program: Path
    data: Path

    def new_account(self, name: str = "force") -> MastodonAccount:
        """Create a user, `name` and six digits, with a token got as an app gets it, without a browser."""
        username = make_name(name)
        said = _run_program(self.program, "\n", "adduser", str(self.data), username)
        password = re.search(r"password is (\S+)", said)
        if password is None:
            raise AssertionError(f"snac adduser gave no password: {said}")
        token = _get_token(self.base_url, username, password.group(1))
        who = call_api(self.base_url, "GET", "/api/v1/accounts/verify_credentials", token)
        return MastodonAccount(who["id"], username, token)

    def posts(self, account: MastodonAccount) -> list[SeenPost]:
        """Return the account's statuses, oldest first."""
        return read_statuses(self.base_url, account)

    def count(self, account: MastodonAccount) -> int:
        """Return how many statuses the account has."""
        return len(self.posts(account))


@contextmanager
def start_snac2() -> Iterator[SnacServer]:
    """Start snac2 with an empty folder. Raise ServerMissing off Debian and Ubuntu, or without the package."""
    program = fetch_snac2() / "usr/bin/snac"
    port = pick_free_port()
    with tempfile.TemporaryDirectory(prefix="snac-") as folder:
        data = Path(folder) / "data"
        server = SnacServer(f"http://127.0.0.1:{port}", program, data)
        # Asked for: address to listen on, port, host name, path prefix, administrator's e-mail.
        _run_program(program, f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\n\n", "init", str(data))
        settings = data / "server.json"
        settings.write_text(json.dumps(json.loads(settings.read_text()) | _SETTINGS))
        with run_server([program, "httpd", data], lambda: answers(f"{server.base_url}/api/v1/instance")):
            yield server


def fetch_snac2() -> Path:
    """Unpack the distribution's package into the cache, about 250 kB, and return the folder."""
    return fetch_once("snac2", _unpack)


def _unpack(folder: Path) -> None:
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise ServerMissing(f"snac2 is taken from Debian's or Ubuntu's packages, and there is no '{program}' here")
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    (folder / "sources.list").write_text(_name_sources(folder), encoding="utf-8")
    # Lists and archives of our own: the machine's stay as they are, and no root is needed.
    options = [
        f"-oDir::State::lists={lists}",
        f"-oDir::Cache={folder}",
        "-oDir::Etc::sourceparts=-",
        f"-oDir::Etc::sourcelist={folder / 'sources.list'}",
        "-oAPT::Sandbox::User=",
        "-oDebug::NoLocking=1",
    ]
    run_step(["apt-get", *options, "update", "-qq"], folder)
    run_step(["apt-get", *options, "download", "-qq", "snac2"], folder)
    package = next(folder.glob("snac2_*.deb"))
    run_step(["dpkg-deb", "-x", package, folder], folder)
    shutil.rmtree(lists)
    _check_libraries(folder)


def _name_sources(folder: Path) -> str:
    """Return the apt line for the suite that has snac2, on the mirror this machine already uses."""
    release = platform.freedesktop_os_release()
    system, suite = release.get("ID", ""), release.get("VERSION_CODENAME", "")
    named = {"debian": (f"{suite}-backports", "main"), "ubuntu": (suite, "universe")}
    if system not in named:
        raise ServerMissing(f"snac2 is taken from Debian's or Ubuntu's packages; this machine is '{system}'")
    targets = run_step(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"], folder)
    rows = [line.split() for line in targets.splitlines()]
    mirror = next((row[0] for row in rows if len(row) == 2 and row[1] == suite), None)
    if mirror is None:
        raise ServerMissing(f"apt-get knows no mirror for {suite}: run apt-get update")
    wanted_suite, component = named[system]
    return f"deb [signed-by=/usr/share/keyrings/{system}-archive-keyring.gpg] {mirror} {wanted_suite} {component}\n"


def _check_libraries(folder: Path) -> None:
    found = run_step(["ldd", folder / "usr/bin/snac"], folder)
    missing = re.findall(r"(\S+) => not found", found)
    if missing:
        raise ServerMissing(f"snac2 needs {', '.join(missing)}: apt-get install libcurl4 libssl3")


def _run_program(program: Path, answers_given: str, *words: str) -> str:
    done = subprocess.run(
        [program, *words], input=answers_given, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise AssertionError(
            f"snac {words[0]} failed with {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"
        )
    return done.stdout + done.stderr


class _HiddenFields(HTMLParser):
    """Collects the hidden fields of the page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.found[str(given["name"])] = given.get("value") or ""


def _get_token(base_url: str, username: str, password: str) -> str:
    """Register an app, fill in the log-in form and trade the code for a token."""
    app = {"client_name": "campaign tests", "redirect_uris": _REDIRECT, "scopes": _SCOPES}
    client = call_api(base_url, "POST", "/api/v1/apps", None, data=app)
    asked = {"client_id": client["client_id"], "redirect_uri": _REDIRECT, "response_type": "code", "scope": _SCOPES}
    page = requests.get(f"{base_url}/oauth/authorize?{urlencode(asked)}", timeout=30)
    form = _HiddenFields()
    form.feed(page.text)
    filled = {**form.found, "login": username, "passwd": password}
    login = requests.post(f"{base_url}/oauth/x-snac-login", data=filled, allow_redirects=False, timeout=30)
    if login.status_code != 200:
        raise AssertionError(f"snac2's log-in gave no code: {login.status_code} {login.text[:300]}")
    grant = {
        "grant_type": "authorization_code",
        "code": login.text.strip(),  # shown, not sent anywhere: that is what the "out of band" address asks for
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "redirect_uri": _REDIRECT,
    }
    token: str = call_api(base_url, "POST", "/oauth/token", None, data=grant)["access_token"]
    return token
