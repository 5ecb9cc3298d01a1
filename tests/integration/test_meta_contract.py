"""Every parameter that is sent to Meta is one that Meta's own package knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduler.domain.content import ContentPart
from scheduler.domain.ports import TellsLimits
from scheduler.errors import OutcomeUnknown
from tests.accounts import PLACE, make_part
from tests.films import make_film
from tests.meta_desk import TEXT, MetaDesk, open_meta_desk
from tests.servers.meta import LOST, MetaServer, start_meta
from tests.servers.meta_tables import MetaTables, load_meta_tables
from tests.servers.requirement import start_or_skip


@contextmanager
def load_tables() -> Iterator[MetaTables]:
    yield load_meta_tables()


@pytest.fixture(scope="module")
def tables() -> Iterator[MetaTables]:
    with start_or_skip(load_tables()) as tables:
        yield tables


@pytest.fixture
def server(tables: MetaTables) -> Iterator[MetaServer]:
    with start_meta(tables) as server:
        yield server


def publish_everything(desk: MetaDesk) -> None:
    """Publish each kind of post that the channel carries, and look for what is lost."""
    receipt = desk.publish(desk.prepare_post())
    desk.publish(desk.prepare_comment(), receipt)
    film = make_film(desk.folder, "", seconds=3, captions="srt" if desk.channel.platform.name == "facebook" else "")
    for part in (desk.prepare_post(pictures=3), desk.prepare(make_part(TEXT, film))[0]):
        desk.kept.clear()
        posted = desk.publish(part)
    comment = desk.prepare(make_part(TEXT, film), ContentPart("Call 101.", PLACE, is_comment=True))[1]
    desk.publish(comment, posted)
    desk.kept.clear()
    desk.server.fail_next("feed" if desk.channel.platform.name == "facebook" else "publish", LOST)
    with pytest.raises(OutcomeUnknown):
        desk.publish(desk.prepare_post("Lost"))
    desk.find(desk.prepare_post("Lost"))
    desk.find(desk.prepare_comment(), receipt)


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_meta_knows_every_parameter(name: str, server: MetaServer, tmp_path: Path, tables: MetaTables) -> None:
    """Threads stands in no table of the package."""
    desk = open_meta_desk(server, name, tmp_path)
    publish_everything(desk)
    platform = desk.channel.platform
    if isinstance(platform, TellsLimits):
        with desk.channel.open(lambda: None) as context:
            assert platform.read_limits(context) == {"posts_a_day": 100}
    assert server.unknown == []
    told = {
        call.path.rpartition("/")[2] for call in server.requests if _stands_in_a_table(call.method, call.path, tables)
    }
    wanted = {
        "facebook": {"feed", "photos", "videos", "captions", "411", "comments", "published_posts"},
        "instagram": {"media", "media_publish", "comments", "content_publishing_limit"},
    }
    assert told == wanted[name]


def _stands_in_a_table(method: str, path: str, tables: MetaTables) -> bool:
    return tables.find_unknown(method, path.removeprefix("/v25.0"), set()) is not None


def test_a_parameter_that_meta_does_not_know_is_noticed(server: MetaServer, tmp_path: Path) -> None:
    desk = open_meta_desk(server, "facebook", tmp_path)
    part = desk.prepare_post(pictures=0)
    desk.publish(part)
    with desk.channel.open(lambda: None) as context:
        headers = {"Authorization": f"Bearer {server.service.tokens[0]}"}
        context.wire.request("POST", "/v25.0/104000000000000/feed", form={"mesage": "x"}, headers=headers)
    assert server.unknown == ["POST /104000000000000/feed mesage"]
