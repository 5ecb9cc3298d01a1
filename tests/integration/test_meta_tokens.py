"""Tokens that Meta exchanges for longer ones: when, where they are kept, and what a new secret does."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler.domain.ports import Refreshes, Retracts, TellsEnd
from scheduler.errors import Rejected, Unauthorised
from tests.meta_desk import MetaDesk, open_meta_desk
from tests.servers.meta import MetaServer, start_meta


@pytest.fixture
def server() -> Iterator[MetaServer]:
    with start_meta() as server:
        yield server


@pytest.fixture(params=["instagram", "threads"])
def desk(request: pytest.FixtureRequest, server: MetaServer, tmp_path: Path) -> MetaDesk:
    login = {"login": "instagram"} if request.param == "instagram" else {}
    return open_meta_desk(server, request.param, tmp_path, **login)


def renew(desk: MetaDesk) -> datetime | None:
    platform = desk.channel.platform
    assert isinstance(platform, Refreshes)
    with desk.channel.open(lambda: None) as context:
        return platform.refresh(context)


def count_renewals(desk: MetaDesk) -> int:
    return desk.server.count_calls("GET", "/refresh_access_token")


def about(ends: datetime | None, desk: MetaDesk) -> float:
    """Return in how many days that is."""
    assert ends is not None
    return (ends - desk.clock.now()) / timedelta(days=1)


def test_it_is_renewed_once_a_week_and_used_from_then_on(desk: MetaDesk) -> None:
    assert about(renew(desk), desk) == pytest.approx(60, abs=0.01)
    desk.clock.sleep(6 * 86_400)
    assert about(renew(desk), desk) == pytest.approx(54, abs=0.01)
    assert count_renewals(desk) == 1
    desk.clock.sleep(86_401)
    assert about(renew(desk), desk) == pytest.approx(60, abs=0.01)
    assert count_renewals(desk) == 2
    desk.server.service.tokens = desk.server.service.tokens[-1:]  # none but the last is good
    desk.publish(desk.prepare_post())
    assert len(desk.server.posts()) == 1


def test_it_is_kept_for_its_owner_alone_and_the_configured_one_is_not(desk: MetaDesk) -> None:
    renew(desk)
    path = desk.folder / "sessions" / "force.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    assert kept["token"] == desk.server.service.tokens[1]
    assert desk.server.service.tokens[0] not in [value for name, value in kept.items() if name != "token"]


def test_the_same_token_may_come_back_and_last_longer(desk: MetaDesk) -> None:
    desk.server.service.changing = False
    assert about(renew(desk), desk) == pytest.approx(60, abs=0.01)
    desk.publish(desk.prepare_post())
    assert len(desk.server.posts()) == 1


def test_a_new_secret_begins_anew(desk: MetaDesk) -> None:
    renew(desk)
    desk.server.service.tokens = ["another"]
    with pytest.raises(Unauthorised):
        desk.publish(desk.prepare_post())
    (desk.folder / f"{desk.channel.platform.name}.token").write_text("another\n")
    desk.publish(desk.prepare_post())
    assert len(desk.server.posts()) == 1


def test_one_too_young_to_be_renewed_is_no_trouble_for_a_day(desk: MetaDesk) -> None:
    desk.server.service.young = True
    assert 58 < about(renew(desk), desk) < 60
    desk.publish(desk.prepare_post())
    desk.clock.sleep(26 * 3600)
    with pytest.raises(Rejected, match="too young"):
        renew(desk)
    desk.server.service.young = False
    assert about(renew(desk), desk) == pytest.approx(60, abs=0.01)


def test_one_that_has_ended_needs_a_person(desk: MetaDesk) -> None:
    renew(desk)
    desk.clock.sleep(61 * 86_400)
    with pytest.raises(Unauthorised, match="make a new one"):
        renew(desk)
    assert count_renewals(desk) == 1


def test_with_facebook_login_nothing_is_renewed_and_the_token_does_not_end(server: MetaServer, tmp_path: Path) -> None:
    desk = open_meta_desk(server, "instagram", tmp_path)
    assert renew(desk) is None
    platform = desk.channel.platform
    assert isinstance(platform, TellsEnd)
    with desk.channel.open(lambda: None) as context:
        assert platform.read_end(context) is None
    assert count_renewals(desk) == 0


def test_a_login_with_instagram_deletes_comments_but_no_posts(server: MetaServer, tmp_path: Path) -> None:
    desk = open_meta_desk(server, "instagram", tmp_path, login="instagram")
    platform, receipt = desk.channel.platform, desk.publish(desk.prepare_post())
    comment = desk.publish(desk.prepare_comment(), receipt)
    assert isinstance(platform, Retracts)
    with desk.channel.open(lambda: None) as context:
        platform.retract(comment, 1, context)
        with pytest.raises(Rejected, match="--by-hand"):
            platform.retract(receipt, 0, context)
    assert (len(server.posts()), len(server.posts("comment"))) == (1, 0)


def test_a_login_with_instagram_goes_to_instagrams_own_host(tmp_path: Path) -> None:
    from scheduler.domain.account import Account
    from scheduler.platforms.instagram import PLATFORM, find_host

    def host(login: str, server: str) -> str:
        return find_host(Account("force", "instagram", server, {"login": login}))

    assert host("instagram", PLATFORM.server) == "https://graph.instagram.com"
    assert host("facebook", PLATFORM.server) == ""
    assert host("instagram", "https://graph.example.org") == ""
