"""The Mastodon client against real servers: one that honours Idempotency-Key, and one that ignores it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
import requests

from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.ports import WhoAmI
from scheduler.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorised, Unavailable
from scheduler.platforms.mastodon import PLATFORM
from tests.accounts import Sender, make_part, make_picture, make_sender
from tests.boards import SETTINGS, Project, write_utc

if TYPE_CHECKING:
    from tests.conftest import ProxyFor
    from tests.servers.mastodon_account import MastodonAccount
    from tests.servers.mastodon_mock import MastodonMock
    from tests.servers.snac import SnacServer

    Server: TypeAlias = MastodonMock | SnacServer
    SenderFor: TypeAlias = Callable[..., Sender]

STATUSES = "/api/v1/statuses"
# snac2 takes the stars for bold type, the smiley for a picture, and escapes nothing.
TEXT = "*Think* & spot <b> “signs” :-) 3 < 4\n\nhttps://www.example.org/signs?a=1&b=2\n\n#CEADay27 #HelpingHands"


@pytest.fixture(params=["snac2", "mastodon_mock"])
def server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def account(server: Server) -> MastodonAccount:
    return server.new_account()


@pytest.fixture
def sender_for(tmp_path: Path) -> SenderFor:
    """Make senders: given an address and a token."""

    def make(address: str, token: str) -> Sender:
        secret = tmp_path / "token"
        secret.write_text(token + "\n", encoding="utf-8")
        sender = make_sender(PLATFORM, address, {"access_token": secret})
        sender.channel.refresh_limits()
        return sender

    return make


@pytest.fixture
def sender(server: Server, account: MastodonAccount, sender_for: SenderFor) -> Sender:
    return sender_for(server.base_url, account.access_token)


def test_what_is_prepared_is_what_the_server_gets(server: Server, account: MastodonAccount, sender: Sender) -> None:
    prepared = sender.prepare(make_part(TEXT))
    receipt = sender.publish(prepared)
    assert prepared.parts[0].text == TEXT
    source = requests.get(
        f"{server.base_url}{STATUSES}/{receipt.remote_id}/source",
        headers={"Authorization": f"Bearer {account.access_token}"},
        timeout=30,
    ).json()
    assert source["text"] == TEXT
    [post] = server.posts(account)
    assert (post.id, post.raw["url"], post.raw["visibility"]) == (receipt.remote_id, receipt.url, "public")
    assert sender.looks == 1


def test_pictures_arrive_in_order_with_their_alt_texts(
    server: Server, account: MastodonAccount, sender: Sender, tmp_path: Path
) -> None:
    pictures = [make_picture(tmp_path, "teal", "An open palm."), make_picture(tmp_path, "navy", "A pledge, “signed”.")]
    sender.publish(sender.prepare(make_part("Helping Hands", *pictures)))
    [post] = server.posts(account)
    assert post.alt_texts == ("An open palm.", "A pledge, “signed”.")
    assert len({media["url"] for media in post.raw["media_attachments"]}) == 2


def test_a_thread_hangs_together(server: Server, account: MastodonAccount, sender: Sender) -> None:
    prepared = sender.prepare(*[make_part(f"Part {number}") for number in range(3)])
    receipts: list[Receipt] = []
    for _ in prepared.parts:
        receipts.append(sender.publish(prepared, receipts))
    posts = {post.id: (post.text, post.parent) for post in server.posts(account)}
    first, second, third = (receipt.remote_id for receipt in receipts)
    assert posts == {first: ("Part 0", None), second: ("Part 1", first), third: ("Part 2", second)}


def test_limits_are_read_and_kept(
    server: Server, account: MastodonAccount, sender_for: SenderFor, lossy_proxy: ProxyFor
) -> None:
    proxy = lossy_proxy(server.base_url)
    channel = sender_for(proxy.base_url, account.access_token).channel
    is_snac2 = hasattr(server, "program")
    assert channel.limits() == {
        "max_characters": 100000 if is_snac2 else 500,
        "max_images": 4,
        "max_video_bytes": 103_809_024 if is_snac2 else 41_943_040,
        "honours_key": 0 if is_snac2 else 1,
    } | ({} if is_snac2 else {"video/quicktime": 0, "video/webm": 0})
    asked = len(proxy.requests())
    assert asked >= 1
    channel.refresh_limits()
    assert len(proxy.requests()) == asked


def test_who_am_i(account: MastodonAccount, sender: Sender) -> None:
    assert isinstance(PLATFORM, WhoAmI)
    with sender.channel.open(lambda: None) as context:
        assert PLATFORM.who_am_i(context) == f"@{account.username}"


def test_a_wrong_token_is_the_accounts_trouble_and_is_not_repeated(
    server: Server, sender_for: SenderFor, tmp_path: Path
) -> None:
    canary = "canary-3f1e9b"
    sender = sender_for(server.base_url, canary)
    plain = sender.prepare(make_part("x"))
    pictured = sender.prepare(make_part("x", make_picture(tmp_path, "teal", "A palm.")))
    assert isinstance(PLATFORM, WhoAmI)
    with sender.channel.open(lambda: None) as context:
        calls: list[Callable[[], object]] = [
            lambda: sender.publish(plain),
            lambda: sender.publish(pictured),
            lambda: sender.find(plain),
            lambda: PLATFORM.who_am_i(context),
        ]
        for call in calls:
            with pytest.raises(Unauthorised, match="access_token") as refused:
                call()
            assert canary not in f"{refused.value}{refused.value!r}{refused.value.__dict__}"
    assert canary not in repr(plain)


def test_what_is_too_long_is_refused_in_the_servers_words(mastodon_mock: MastodonMock, sender_for: SenderFor) -> None:
    account = mastodon_mock.new_account()
    sender = sender_for(mastodon_mock.base_url, account.access_token)
    with pytest.raises(Rejected, match="Text is too long"):
        sender.publish(sender.prepare(make_part("x" * 501)))
    assert mastodon_mock.count(account) == 0


def test_a_rate_limit_says_until_when(mastodon_mock: MastodonMock, sender_for: SenderFor) -> None:
    account = mastodon_mock.new_account()
    sender = sender_for(mastodon_mock.base_url, account.access_token)
    mastodon_mock.fail_next(effect="ratelimit")
    with pytest.raises(RateLimited) as limited:
        sender.publish(sender.prepare(make_part("x")))
    until = limited.value.until
    assert until is not None
    assert until > datetime.now(UTC)


@pytest.mark.parametrize("fault", ["kill-after", "html-502", "truncate", "empty-200"])
def test_a_lost_reply_is_found_again(
    fault: str, server: Server, account: MastodonAccount, sender_for: SenderFor, lossy_proxy: ProxyFor
) -> None:
    proxy = lossy_proxy(server.base_url)
    sender = sender_for(proxy.base_url, account.access_token)
    prepared = sender.prepare(make_part(TEXT), make_part("Part two"))
    for already_out in range(2):
        receipts = [Receipt(post.id) for post in server.posts(account)]
        proxy.fail_next(fault, path=STATUSES)
        with pytest.raises(OutcomeUnknown):
            sender.publish(prepared, receipts)
        found = sender.find(prepared, receipts)
        assert isinstance(found, Receipt)
        posts = {post.id: post for post in server.posts(account)}
        assert len(posts) == already_out + 1
        assert posts[found.remote_id].parent == (receipts[-1].remote_id if receipts else None)
        assert found.url == posts[found.remote_id].raw["url"]


@pytest.mark.parametrize("fault", ["503", "kill-before"])
def test_what_never_arrived_is_absent_only_where_the_key_is_honoured(
    fault: str, server: Server, account: MastodonAccount, sender_for: SenderFor, lossy_proxy: ProxyFor
) -> None:
    proxy = lossy_proxy(server.base_url)
    sender = sender_for(proxy.base_url, account.access_token)
    prepared = sender.prepare(make_part(TEXT))
    proxy.fail_next(fault, path=STATUSES)
    with pytest.raises(OutcomeUnknown):
        sender.publish(prepared)
    honours = sender.channel.limits()["honours_key"]
    assert sender.find(prepared) is (Found.ABSENT if honours else Found.UNSURE)
    sender.clock.ahead = timedelta(minutes=51)
    assert sender.find(prepared) is Found.UNSURE
    assert server.count(account) == 0


@pytest.mark.parametrize("fault", ["503", "kill-before", "truncate", "html-502"])
def test_before_the_post_itself_every_failure_sends_nothing(
    fault: str,
    server: Server,
    account: MastodonAccount,
    sender_for: SenderFor,
    lossy_proxy: ProxyFor,
    tmp_path: Path,
) -> None:
    proxy = lossy_proxy(server.base_url)
    sender = sender_for(proxy.base_url, account.access_token)
    prepared = sender.prepare(make_part("x", make_picture(tmp_path, "teal", "A palm.")))
    proxy.fail_next(fault, path="/api/v2/media")
    with pytest.raises(Unavailable):
        sender.publish(prepared)
    assert (server.count(account), sender.looks) == (0, 0)
    sender.publish(prepared)
    assert [post.alt_texts for post in server.posts(account)] == [("A palm.",)]


def test_what_an_earlier_attempt_posted_is_found_and_its_key_ages_from_then(
    mastodon_mock: MastodonMock, sender_for: SenderFor
) -> None:
    account = mastodon_mock.new_account()
    sender = sender_for(mastodon_mock.base_url, account.access_token)
    prepared = sender.prepare(make_part(TEXT))
    receipt = sender.publish(prepared)
    sender.clock.ahead = timedelta(minutes=40)
    sender.sent_after = sender.clock.now()  # of an attempt that came after it
    assert sender.find(prepared) == receipt
    sender.bound = frozenset({receipt.remote_id})
    assert sender.find(prepared) is Found.ABSENT
    sender.clock.ahead = timedelta(minutes=51)
    assert sender.find(prepared) is Found.UNSURE


def test_the_same_again_makes_no_second_post(mastodon_mock: MastodonMock, sender_for: SenderFor) -> None:
    account = mastodon_mock.new_account()
    sender = sender_for(mastodon_mock.base_url, account.access_token)
    prepared = sender.prepare(make_part(TEXT))
    first = sender.publish(prepared)
    sender.clock.ahead = timedelta(minutes=3)
    assert sender.publish(prepared) == first
    assert mastodon_mock.count(account) == 1
    assert sender.publish(sender.prepare(make_part("Other words"))) != first


def test_a_post_that_another_entry_claims_is_not_taken(
    server: Server, account: MastodonAccount, sender: Sender
) -> None:
    prepared = sender.prepare(make_part("The same words"))
    first = sender.publish(prepared)
    sender.key = "ce/again/2027/force"
    sender.bound = frozenset({first.remote_id})
    assert isinstance(sender.find(prepared), Found)
    second = sender.publish(prepared)
    assert second.remote_id != first.remote_id
    assert sender.find(prepared) == second


def test_neither_an_old_post_nor_an_answer_is_taken(server: Server, account: MastodonAccount, sender: Sender) -> None:
    prepared = sender.prepare(make_part("Root"), make_part("The same words"))
    alone = sender.prepare(make_part("The same words"))
    root = sender.publish(prepared)
    sender.publish(prepared, [root])
    assert isinstance(sender.find(alone), Found)
    sender.created_at += timedelta(minutes=5)
    sender.clock.ahead = timedelta(minutes=5)
    assert isinstance(sender.find(prepared, [root]), Found)


def test_a_post_is_found_below_many_others(server: Server, account: MastodonAccount, sender: Sender) -> None:
    prepared = sender.prepare(make_part("The one"))
    receipt = sender.publish(prepared)
    headers = {"Authorization": f"Bearer {account.access_token}"}
    for number in range(42):
        body = {"status": f"Number {number}"}
        assert requests.post(server.base_url + STATUSES, headers=headers, json=body, timeout=30).ok
    sender.bound = frozenset(post.id for post in server.posts(account)) - {receipt.remote_id}
    assert sender.find(prepared) == receipt


CALENDAR = """\
campaign: ce
date: {today}
timezone: UTC
accounts: [force]
hashtags: ["#CEADay{{yy}}"]
posts:
  - id: films
    when: {now}
    thread:
      - text: Think & spot
        link: https://www.example.org/signs
        images:
          - file: teal.png
            alt: An open palm.
      - text: Speak out
"""


@pytest.fixture
def project(
    server: Server, account: MastodonAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Project, str]:
    """A project whose account is on the server, with a thread due now, and the delivery's key."""
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN", account.access_token)
    project = Project(tmp_path)
    connect(project, server.base_url)
    make_picture(tmp_path / "campaigns", "teal", "")
    now = datetime.now(UTC)
    project.write_calendar(CALENDAR.format(today=now.date().isoformat(), now=write_utc(now)))
    return project, f"ce/films/{now.year}/force"


def connect(project: Project, address: str) -> None:
    """Put the account on the server at an address."""
    account = f"  force: {{platform: mastodon, server: '{address}', access_token: env:MASTODON_ACCESS_TOKEN}}"
    settings = SETTINGS.format(ledger=project.ledger, accounts=account)
    (project.folder / "config.yaml").write_text(settings, encoding="utf-8")


def test_the_command_line_posts_a_thread_as_previewed(
    project: tuple[Project, str], server: Server, account: MastodonAccount
) -> None:
    folder, key = project
    [row] = json.loads(folder.run("preview", "--format", "json", code=0).stdout)
    outputs = [folder.run("run", "--once", code=0), folder.run("run", "--once", code=0)]
    posts = {post.id: post for post in server.posts(account)}
    entry = folder.history()[key]
    assert entry["status"] == "posted"
    first, second = (posts.pop(part["remote_id"]) for part in entry["parts"])
    assert posts == {}
    assert [part["text"] for part in row["parts"]] == [first.text, second.text]
    assert (first.alt_texts, second.parent) == (("An open palm.",), first.id)
    assert [part["url"] for part in entry["parts"]] == [first.raw["url"], second.raw["url"]]
    written = "".join(output.stdout + output.stderr for output in outputs) + json.dumps(entry)
    kept = [path.read_bytes() for path in folder.folder.rglob("*") if path.is_file()]
    assert account.access_token not in written
    assert not [content for content in kept if account.access_token.encode() in content]


def test_the_command_line_finds_a_lost_reply(
    project: tuple[Project, str], server: Server, account: MastodonAccount, lossy_proxy: ProxyFor
) -> None:
    folder, key = project
    proxy = lossy_proxy(server.base_url)
    connect(folder, proxy.base_url)
    proxy.fail_next("kill-after", path=STATUSES)
    folder.run("run", "--once", code=1)
    assert folder.history()[key]["status"] == "unknown"
    for _ in range(10):  # it is looked for a second after it was sent
        if folder.run("run", "--once").returncode == 0:
            break
    assert folder.history()[key]["status"] == "posted"
    assert sorted(post.text.split()[0] for post in server.posts(account)) == ["Speak", "Think"]
