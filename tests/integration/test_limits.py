"""An instance's limits, asked for by a lane before it renders: once, and not again and again where nothing is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.domain.ports import Channel
from scheduler.errors import PublishError, Unavailable
from scheduler.platforms import load_platform
from scheduler.sessions import FileStore
from tests.accounts import Sender, make_sender
from tests.servers.scripted import ScriptedServer, hang_up, start_scripted

ANSWER = json.dumps({"version": "4.3.0", "configuration": {"statuses": {"max_characters": 5000}}}).encode()
LIMITS = {"max_characters": 5000, "honours_key": 1}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as started:
        yield started


@pytest.fixture
def sender(server: ScriptedServer, tmp_path: Path) -> Sender:
    (tmp_path / "token").write_text("canary-token")
    return make_sender(load_platform("mastodon"), server.base_url, {"access_token": tmp_path / "token"})


def refresh(channel: Channel) -> str:
    """Ask, and return why it failed, "" if it did not."""
    try:
        channel.refresh_limits()
    except PublishError as failure:
        return str(failure)
    return ""


def test_they_are_known_at_once_and_asked_for_once_a_day(server: ScriptedServer, sender: Sender) -> None:
    assert sender.channel.limits() == {}
    for _ in range(3):
        server.answer(200, ANSWER)
        assert refresh(sender.channel) == ""
        assert sender.channel.limits() == LIMITS
    assert len(server.requests) == 1
    sender.clock.ahead += timedelta(days=1, seconds=1)
    refresh(sender.channel)
    assert len(server.requests) == 2


def test_a_clock_that_is_put_back_does_not_make_them_last_for_ever(server: ScriptedServer, sender: Sender) -> None:
    sender.clock.ahead = timedelta(days=400)
    server.answer(200, ANSWER)
    refresh(sender.channel)
    sender.clock.ahead = timedelta()
    server.answer(200, ANSWER.replace(b"5000", b"600"))
    refresh(sender.channel)
    assert sender.channel.limits()["max_characters"] == 600


def test_a_failure_is_remembered_for_growing_times(server: ScriptedServer, sender: Sender) -> None:
    first = ""
    for pause in (30, 60, 120, 240, 480, 600, 600):
        server.acts = [hang_up] * 9
        before = len(server.requests)
        first = refresh(sender.channel)
        asked = len(server.requests)
        assert asked > before
        sender.clock.ahead += timedelta(seconds=pause - 5)
        assert refresh(sender.channel) == first
        assert len(server.requests) == asked
        sender.clock.ahead += timedelta(seconds=5)
    assert "did not answer" in first
    server.acts = []
    server.answer(200, ANSWER)
    assert refresh(sender.channel) == ""
    assert sender.channel.limits() == LIMITS


def test_a_store_that_cannot_be_written_costs_no_further_call(
    server: ScriptedServer, sender: Sender, tmp_path: Path
) -> None:
    (tmp_path / "limits").write_text("no folder")
    sender.channel._limits_store = FileStore(tmp_path / "limits")
    server.answer(200, ANSWER)
    with pytest.raises(Unavailable, match="cannot be written"):
        sender.channel.refresh_limits()
    assert sender.channel.limits() == LIMITS
    assert refresh(sender.channel) == ""
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "kept", ['{"server": "SERVER", "read_at": 7}', '{"server": "SERVER", "read_at": "2026-01-01"}']
)
def test_a_store_that_somebody_wrote_into_is_read_anew(
    server: ScriptedServer, sender: Sender, tmp_path: Path, kept: str
) -> None:
    (tmp_path / "limits").mkdir()
    (tmp_path / "limits" / "force.json").write_text(kept.replace("SERVER", server.base_url))
    sender.channel._limits_store = FileStore(tmp_path / "limits")
    server.answer(200, ANSWER)
    assert refresh(sender.channel) == ""
    assert sender.channel.limits() == LIMITS


@pytest.mark.parametrize("name", ["noticeboard", "bluesky", "x"])
def test_a_platform_that_tells_none_is_not_asked(server: ScriptedServer, name: str) -> None:
    sender = make_sender(load_platform(name), server.base_url, {})
    assert refresh(sender.channel) == ""
    assert server.requests == []
