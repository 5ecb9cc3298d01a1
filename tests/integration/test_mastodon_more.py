"""Mastodon beyond plain posts, on real servers: films, content warnings, first comments, and what is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
import requests

from scheduler.domain.content import Content
from scheduler.domain.delivery import Receipt
from scheduler.domain.fitness import check_content
from scheduler.errors import Rejected, Unauthorised, Unavailable
from scheduler.platforms.mastodon import PLATFORM
from tests.accounts import Sender, make_comment, make_part, make_sender
from tests.films import draw_film, make_film

if TYPE_CHECKING:
    from tests.conftest import ProxyFor
    from tests.servers.mastodon_account import MastodonAccount
    from tests.servers.mastodon_mock import MastodonMock
    from tests.servers.snac import SnacServer

    Server: TypeAlias = MastodonMock | SnacServer

WARNING = "Talks about the abuse of children"


@pytest.fixture(params=["snac2", "mastodon_mock"])
def server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def account(server: Server) -> MastodonAccount:
    return server.new_account()


def open_sender(address: str, account: MastodonAccount, folder: Path) -> Sender:
    (folder / "token").write_text(account.access_token)
    sender = make_sender(PLATFORM, address, {"access_token": folder / "token"})
    sender.channel.refresh_limits()
    return sender


@pytest.fixture
def sender(server: Server, account: MastodonAccount, tmp_path: Path) -> Sender:
    return open_sender(server.base_url, account, tmp_path)


def test_a_film_arrives_whole_with_its_description(
    server: Server, account: MastodonAccount, sender: Sender, tmp_path: Path
) -> None:
    film = make_film(tmp_path, "A teacher sees a pupil’s new phone.")
    sender.publish(sender.prepare(make_part("She noticed.", film)))
    [post] = server.posts(account)
    [attached] = post.raw["media_attachments"]
    assert (attached["type"], attached["description"]) == ("video", film.alt)
    assert requests.get(attached["url"], timeout=30).content == draw_film(1)
    assert sender.looks == 1


def test_the_server_s_own_bounds_for_films_are_kept(server: Server, sender: Sender, tmp_path: Path) -> None:
    limits = sender.channel.limits()
    film = make_film(tmp_path, "A teacher asks.")
    most = limits["max_video_bytes"]
    assert most == (41_943_040 if hasattr(server, "fail_next") else 103_809_024)
    found = {
        size: check_content(
            Content((make_part("Film", film._replace(size=size)),)), PLATFORM.capabilities, limits, "force"
        )
        for size in (most, most + 1)
    }
    assert found[most] == []
    assert f"takes {most:,}" in found[most + 1][0].message


def test_a_content_warning_comes_before_the_words(server: Server, account: MastodonAccount, sender: Sender) -> None:
    prepared = sender.prepare(make_part("One"), make_part("Two"), make_comment("Call 101"), content_warning=WARNING)
    sender.publish_all(prepared)
    seen = {post.text: (post.raw["spoiler_text"], post.raw["sensitive"]) for post in server.posts(account)}
    assert seen == {"One": (WARNING, True), "Two": (WARNING, True), "Call 101": ("", False)}
    assert [part.text for part in prepared.parts] == ["One", "Two", "Call 101"]


def test_a_lost_reply_is_found_behind_a_content_warning(
    server: Server, account: MastodonAccount, tmp_path: Path, lossy_proxy: ProxyFor
) -> None:
    sender = open_sender(lossy_proxy(server.base_url).base_url, account, tmp_path)
    prepared = sender.prepare(make_part("One"), content_warning=WARNING)
    receipt = sender.publish(prepared)
    assert sender.find(prepared) == receipt


def test_the_first_comment_answers_the_post_and_not_the_thread_s_end(
    server: Server, account: MastodonAccount, sender: Sender
) -> None:
    prepared = sender.prepare(make_part("One"), make_part("Two"), make_comment("Call 101"))
    first, second, comment = sender.publish_all(prepared)
    parents = {post.id: post.parent for post in server.posts(account)}
    assert parents == {first.remote_id: None, second.remote_id: first.remote_id, comment.remote_id: first.remote_id}
    assert sender.find(prepared, [first, second]) == comment


def test_what_is_taken_back_is_gone_and_may_be_taken_back_again(mastodon_mock: MastodonMock, tmp_path: Path) -> None:
    account = mastodon_mock.new_account()
    sender = open_sender(mastodon_mock.base_url, account, tmp_path)
    first, second = sender.publish_all(sender.prepare(make_part("One"), make_part("Two")))
    assert (sender.is_live(first), sender.is_live(second)) == (True, True)
    sender.retract(second, 1)
    sender.retract(second, 1)
    assert [post.text for post in mastodon_mock.posts(account)] == ["One"]
    assert (sender.is_live(first), sender.is_live(second)) == (True, False)
    assert sender.looks == 2  # of the two posts, none of what came after


def test_a_server_that_cannot_delete_says_so_and_nothing_is_taken_for_gone(snac2: SnacServer, tmp_path: Path) -> None:
    account = snac2.new_account()
    sender = open_sender(snac2.base_url, account, tmp_path)
    receipt = sender.publish(sender.prepare(make_part("One")))
    with pytest.raises(Rejected, match="has no such call"):
        sender.retract(receipt)
    assert sender.is_live(receipt)
    assert snac2.count(account) == 1
    with pytest.raises(Rejected, match="has no such call"):  # its 404 has no words of its own: it proves nothing
        sender.is_live(Receipt("1"))


@pytest.mark.parametrize("fault", ["503", "kill-before", "html-502", "truncate"])
def test_trouble_is_never_taken_for_a_post_that_is_gone(
    fault: str, server: Server, account: MastodonAccount, tmp_path: Path, lossy_proxy: ProxyFor
) -> None:
    proxy = lossy_proxy(server.base_url)
    sender = open_sender(proxy.base_url, account, tmp_path)
    receipt = sender.publish(sender.prepare(make_part("One")))
    proxy.fail_next(fault, methods=["GET"], path=f"/api/v1/statuses/{receipt.remote_id}")
    with pytest.raises(Unavailable):
        sender.is_live(receipt)
    assert proxy.pending() == 0
    assert sender.is_live(receipt)


def test_a_wrong_token_takes_nothing_back(mastodon_mock: MastodonMock, tmp_path: Path) -> None:
    account = mastodon_mock.new_account()
    sender = open_sender(mastodon_mock.base_url, account, tmp_path)
    receipt = sender.publish(sender.prepare(make_part("One")))
    (tmp_path / "token").write_text("canary-3f1e9b")
    with pytest.raises(Unauthorised) as refused:
        sender.retract(receipt)
    assert "canary" not in str(refused.value)
    assert mastodon_mock.count(account) == 1
