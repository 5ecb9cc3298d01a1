"""An account of a real Bluesky data server behind its channel, with its session in a folder, for the tests of both."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from scheduler.channels import AccountChannel
from scheduler.domain.account import Account, SecretRef
from scheduler.domain.delivery import Prepared, Receipt
from scheduler.platforms.bluesky import PLATFORM
from scheduler.sessions import FileStore, MemoryStore
from scheduler.wire import HttpWire, Patience
from tests.accounts import Sender, ShiftedClock
from tests.servers.bluesky import BlueskyAccount, BlueskyServer


@dataclass
class Desk(Sender):
    """A sender with the server it sends to; `store` is where its session is kept."""

    server: BlueskyServer | None = None
    account: BlueskyAccount | None = None
    store: FileStore | None = None

    def texts(self) -> list[str]:
        """Return the texts of what is on the server, oldest first."""
        assert self.server is not None
        assert self.account is not None
        return [post.text for post in self.server.posts(self.account)]

    def publish_impatiently(self, prepared: Prepared, earlier: Sequence[Receipt] = ()) -> Receipt:
        """Send as `publish` does, but wait for an answer for two seconds only."""
        with self.channel.open(self._look, key=self.key, created_at=self.created_at, earlier=tuple(earlier)) as context:
            address, secret = context.account.server, context.secret("app_password")
            wire = HttpWire(address, last_look=self._look, secrets=[secret], patience=Patience(read=2.0))
            with closing(wire):
                index = len(earlier)
                return PLATFORM.publish_part(prepared.parts[index], index, replace(context, wire=wire))


def open_desk(
    server: BlueskyServer | None,
    folder: Path,
    *,
    through: str = "",
    account: BlueskyAccount | None = None,
    password: str = "",
) -> Desk:
    """Return a desk for an account, a fresh one of the server unless it is given.

    `through` is the address to talk to in place of the server's; without a server, account and address are needed.
    """
    if server is not None:
        account, through = account or server.new_account(), through or server.base_url
    assert account is not None
    secret, store = folder / "password", FileStore(folder / "sessions")
    secret.write_text(password or account.password)
    settings, secrets = {"handle": account.handle}, {"app_password": SecretRef("file", str(secret))}
    profile = Account("force", "bluesky", through, settings, secrets)
    clock = ShiftedClock()
    channel = AccountChannel(profile, PLATFORM, clock, sessions=store, limits_store=MemoryStore())
    return Desk(channel, clock, server=server, account=account, store=store)


def fetch_blob(server: BlueskyServer, account: BlueskyAccount, cid: str) -> bytes:
    """Return a picture's bytes as the server keeps them."""
    path, query = "/xrpc/com.atproto.sync.getBlob", {"did": account.did, "cid": cid}
    answer = requests.get(server.base_url + path, params=query, timeout=30)
    answer.raise_for_status()
    return answer.content
