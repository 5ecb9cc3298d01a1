"""What `campaign accounts` says of tokens: until when they last, and whether the program gets new ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from tests.servers.scripted import ScriptedServer, start_scripted

_LATER = 4_102_444_800  # the end of the year 2099
_ROLES = {"elements": [{"role": "ADMINISTRATOR", "organization": "urn:li:organization:2414183"}]}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as scripted:
        yield scripted


def ask(server: ScriptedServer, folder: Path, *answers: Any, secrets: tuple[str, ...]) -> tuple[Any, str]:
    """Return what the command says of a LinkedIn page that has these secrets, as data and in words."""
    lines = [f"    {name}: file:{name}.secret" for name in secrets]
    for name in secrets:
        (folder / f"{name}.secret").write_text(f"canary-{name}")
    page = [
        "    platform: linkedin",
        f"    server: {server.base_url}",
        '    organization: "2414183"',
        "    client_id: 78abc",
    ]
    (folder / "config.yaml").write_text("\n".join(["accounts:", "  page:", *page, *lines, ""]))
    told = []
    for form in ("json", "text"):
        for answer in answers:
            server.answer(200, json.dumps(answer).encode())
        done = CliRunner().invoke(group, ["--config", str(folder / "config.yaml"), "accounts", "--format", form])
        told.append(done.stdout)
        answers = answers[1:] if "refresh_token" in secrets else answers  # a new token is kept
    return json.loads(told[0]), told[1]


def test_a_token_that_is_renewed_is_said_to_be(server: ScriptedServer, tmp_path: Path) -> None:
    token = {"access_token": "canary-new", "expires_in": 5_184_000, "refresh_token": "canary-refresh-2"}
    secrets = ("access_token", "client_secret", "refresh_token")
    [told], words = ask(server, tmp_path, token, _ROLES, {"localizedName": "The Force"}, secrets=secrets)
    assert (told["who"], told["renewed"], told["problem"]) == ("The Force", True, None)
    assert told["ends_utc"]
    assert ", renewed before by the daemon" in words


def test_a_token_that_somebody_must_renew_is_not(server: ScriptedServer, tmp_path: Path) -> None:
    end = {"active": True, "expires_at": _LATER}
    secrets = ("access_token", "client_secret")
    [told], words = ask(server, tmp_path, _ROLES, {"localizedName": "The Force"}, end, secrets=secrets)
    assert (told["who"], told["renewed"], told["ends_utc"]) == ("The Force", False, "2100-01-01T00:00:00Z")
    assert "until Fri 1 Jan 2100" in words
    assert "renewed" not in words
