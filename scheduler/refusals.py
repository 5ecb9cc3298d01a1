"""Accounts that may not post: their secret was refused, and nothing is tried until it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from scheduler.domain.ports import Channel, Clock, WhoAmI
from scheduler.errors import PublishError, Unauthorised
from scheduler.ledger.desk import Desk

log = logging.getLogger(__name__)


@dataclass
class Refusals:
    """Keeps which accounts were refused, here and on the ledger, until a secret that works is seen.

    Secrets are known by fingerprints, which mean nothing outside this process: after a restart each is tried anew.
    `on_missing` hears of each account whose secret cannot even be read, and why.
    """

    desk: Desk
    channels: Mapping[str, Channel]
    clock: Clock
    owner: str
    on_missing: Callable[[str, str], None] = lambda _account, _reason: None
    _refused: dict[str, str] = field(default_factory=dict)
    _checked: dict[str, str] = field(default_factory=dict)
    _on_ledger: set[str] | None = None

    def list_accounts(self) -> list[str]:
        """Return the names of the accounts that wait for another secret."""
        return sorted(self._refused)

    def add(self, account: str, reason: str, *, needs_secret: bool) -> None:
        """Take note that an account was refused. Unless it needs another secret, it may be tried again all the same."""
        if needs_secret:
            self._refused[account] = self.channels[account].fingerprint()
        self.desk.pause_account(account, reason, self.owner, self.clock.now())
        self._on_ledger = None

    def is_waiting(self, account: str) -> bool:
        """Return whether an account waits for its secret to change."""
        before = self._refused.get(account)
        if before is None:
            return False
        if before == self.channels[account].fingerprint():
            return True
        self._refused.pop(account, None)
        return False

    def clear(self, account: str) -> None:
        """Take note of a post that went out: the proof that an account's secret works."""
        known = self._on_ledger
        if known is None:
            known = self._on_ledger = set(self.desk.accounts())
        if account in known:
            known.discard(account)
            self.desk.resume_account(account, self.owner, self.clock.now())

    def check(self, in_use: AbstractSet[str]) -> bool:
        """Look at the secrets of the accounts in use long before they are needed, and try those that were refused.

        One that may have been mended is tried once, with a call. Return whether any account may post again: one that
        is no longer in the settings, or whose platform cannot say who it is, is taken to be mended.
        """
        mended = False
        known = self.desk.accounts()
        for account in in_use - known.keys():
            self._find_missing(account)
        for account in known:
            channel = self.channels.get(account)
            if channel is None or self._is_mended(account, channel):
                self._refused.pop(account, None)
                self._on_ledger = None
                self.clear(account)
                mended = True
                log.info("account=%s is tried again", account)
        return mended

    def _find_missing(self, account: str) -> None:
        channel = self.channels.get(account)
        if channel is None or account in self._refused:
            return
        try:
            with channel.open(lambda: None):
                pass  # its secrets were read, and nothing was called
        except Unauthorised as failure:
            log.warning("account=%s cannot post: %s", account, failure)
            self.add(account, str(failure), needs_secret=True)
            self.on_missing(account, str(failure))

    def _is_mended(self, account: str, channel: Channel) -> bool:
        mark = channel.fingerprint()
        if self.is_waiting(account) or self._checked.get(account) == mark:
            return False
        self._checked[account] = mark
        platform = channel.platform
        if not isinstance(platform, WhoAmI):
            return True
        try:
            with channel.open(lambda: None) as context:
                platform.who_am_i(context)
        except PublishError as failure:
            log.warning("account=%s is still refused: %s", account, failure)
            return False
        return True
