"""A settings file with errors, of which a hold needs the ledger: told for certain, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.sources.settings import read_settings, salvage_settings

ACCOUNTS = "accounts:\n  board: {platform: noticeboard, folder: wall}\n"
LEDGER = "ledger: sqlite:///kept.db\n"
KEPT, DEFAULT = "sqlite:///here/kept.db", "sqlite:///here/ledger.db"

TOLD = {
    "an unknown name": (f"{LEDGER}colour: blue\n{ACCOUNTS}", KEPT),
    "a wrong value": (f"workers: many\n{LEDGER}{ACCOUNTS}", KEPT),
    "an account without its platform": (f"{LEDGER}accounts: {{board: {{}}}}\n", KEPT),
    "accounts that are none": (f"{LEDGER}accounts: 7\n", KEPT),
    "a bracket left open": (f"alerts: [env:A\n{LEDGER}{ACCOUNTS}", KEPT),
    "a quote left open": (f'calendars: "a\n{LEDGER}{ACCOUNTS}', KEPT),
    "a tab": (f"{LEDGER}accounts:\n\tboard: {{}}\n", KEPT),
    "not written": (f"colour: blue\n{ACCOUNTS}", DEFAULT),
    "not written, and a bracket left open": (f"alerts: [env:A\n{ACCOUNTS}", DEFAULT),
    "in braces": ("{ledger: sqlite:///kept.db, colour: blue}", KEPT),
    "its name in quotes": (f"'ledger': sqlite:///kept.db\ncolour: blue\n{ACCOUNTS}", KEPT),
    "a server's": ("ledger: postgresql://db/campaigns\ncolour: blue\n", "postgresql+psycopg://db/campaigns"),
    "no UTF-8 elsewhere": (f"{LEDGER}timezone: Z\udce9rich\n{ACCOUNTS}", KEPT),
}
NOT_TOLD = {
    "empty": "",
    "nothing that belongs to settings": "campaign: hello\nposts: [\n",
    "written twice": f"{LEDGER}ledger: sqlite:///other.db\n{ACCOUNTS}",
    "written twice, and a bracket left open": f"{LEDGER}ledger: sqlite:///other.db\nalerts: [\n",
    "misspelt": f"legder: sqlite:///kept.db\n{ACCOUNTS}",
    "misspelt, and a bracket left open": f"ledgers: sqlite:///kept.db\n{ACCOUNTS}alerts: [\n",
    "no address": f"ledger: kept.db\n{ACCOUNTS}",
    "no text": f"ledger: [sqlite:///kept.db]\n{ACCOUNTS}",
    "nothing": f"ledger:\n{ACCOUNTS}",
    "broken itself": f"ledger: [sqlite:///kept.db\n{ACCOUNTS}",
    "half of it a comment": f"ledger: sqlite:///kept #1.db\n{ACCOUNTS}",
    "with a password": f"ledger: postgresql://me:canary@db/campaigns\ncolour: blue\n{ACCOUNTS}",
}


@pytest.mark.parametrize("how", TOLD)
def test_which_ledger_is_told_however_broken_the_rest_is(how: str) -> None:
    text, ledger = TOLD[how]
    content = text.encode("utf-8", "surrogateescape")
    assert read_settings(content, "here/config.yaml", {})[0] is None
    settings = salvage_settings(content, "here/config.yaml")
    assert settings is not None
    assert settings.ledger == ledger


@pytest.mark.parametrize("how", NOT_TOLD)
def test_where_it_is_not_certain_none_is_told(how: str) -> None:
    assert salvage_settings(NOT_TOLD[how].encode(), "here/config.yaml") is None


def test_names_of_accounts_are_told_where_they_can_be_read() -> None:
    settings = salvage_settings(f"colour: blue\n{ACCOUNTS}  other: 7\n".encode(), "config.yaml")
    assert settings is not None
    assert list(settings.accounts) == ["board", "other"]


@given(st.binary(max_size=200), st.integers(0, 200))
def test_nothing_makes_it_fail(noise: bytes, at: int) -> None:
    content = f"{LEDGER}{ACCOUNTS}".encode()
    salvage_settings(noise, "config.yaml")
    salvage_settings(content[:at] + noise + content[at:], "config.yaml")
