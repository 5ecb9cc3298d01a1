"""A campaign of twelve posts goes to an account of every platform at once, in a rehearsal, and three of them fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from scheduler.domain.ports import Platform
from scheduler.platforms import list_platforms, load_platform
from tests.boards import Project, read_board
from tests.mixed_campaign import POSTS, draw_media, write_mixed_calendar

ACCOUNTS = {f"{name}-press": load_platform(name) for name in list_platforms()}
DOWN, LIMITED, REFUSED, *WELL = ACCOUNTS
_LINE = re.compile(r"\S.* GMT  ce/(?P<post>\S+)/2027/(?P<account>\S+) +(?P<how>\w[\w ]*?)(?: · (?P<why>.*))?")
_MISSED = "its not-after time passed; "


def describe(platform: Platform) -> Iterator[tuple[str, str]]:
    """Yield the settings of an account as its own examples have them; its secrets are nowhere."""
    yield "platform", platform.name
    if not platform.server and all(setting.name != "folder" for setting in platform.settings):
        yield "server", "https://social.example.org"
    for setting in platform.settings:
        if setting.required:
            yield setting.name, "env:NOWHERE" if setting.secret else setting.example.strip('"')


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Every platform's account, and the calendar for all of them."""
    project = Project(tmp_path)
    accounts = {name: dict(describe(platform)) for name, platform in ACCOUNTS.items()}
    public = '{folder: public, address: "https://media.example.org"}'
    project.write_accounts(accounts, public_media=public)
    draw_media(tmp_path / "campaigns")
    project.write_calendar(write_mixed_calendar(ACCOUNTS))
    return project


def read_table(printed: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return by account what a rehearsal's table says of each post, in order: its id, how it ended, and why."""
    table: dict[str, list[tuple[str, str, str]]] = {name: [] for name in ACCOUNTS}
    for line in printed.partition("\n\n")[0].splitlines():
        found = _LINE.fullmatch(line)
        assert found, line
        table[found["account"]].append((found["post"], found["how"], found["why"] or ""))
    return table


def test_the_campaign_can_be_sent_everywhere(project: Project) -> None:
    assert "1 calendar read: 0 errors" in project.run("check", code=0).stderr


def test_three_accounts_fail_and_the_others_are_on_time(project: Project) -> None:
    faults = f"unavailable@{DOWN},rate-limit@{LIMITED}/3,unauthorised@{REFUSED}"
    done = project.run("rehearse", "--faults", faults, code=0)
    assert done.stderr == ""
    table = read_table(done.stdout)
    assert {name: len(lines) for name, lines in table.items()} == dict.fromkeys(ACCOUNTS, POSTS)
    for name in WELL:
        assert {(how, why) for _, how, why in table[name]} == {("sent once", "")}, name
    away = f"{_MISSED}before that: the noticeboard was told to be out of reach"
    assert {(how, why) for _, how, why in table[DOWN]} == {("missed", away)}
    limited = [(how, why) for _, how, why in table[LIMITED]]
    assert limited.pop(2) == ("sent once", "it was told to wait at first")
    assert set(limited) == {("sent once", "")}
    first, *others = [(how, why) for _, how, why in table[REFUSED]]
    assert first == ("missed", f"{_MISSED}before that: the noticeboard was told to refuse the account's secret")
    assert set(others) == {("missed", f"{_MISSED}the account waited for its secret")}
    check_board(project.folder / "rehearsal" / "noticeboard", table)
    sent, missed = POSTS * (len(ACCOUNTS) - 2), POSTS * 2
    assert f"\n{sent + missed} deliveries: sent once {sent} · late 0 · missed {missed} · " in done.stdout


def check_board(folder: Path, table: Mapping[str, Sequence[tuple[str, str, str]]]) -> None:
    """Fail unless each post that was sent is on the noticeboard once, whole, and no other is."""
    parts = Counter(post["key"] for post in read_board(folder))
    sent = {f"ce/{post}/2027/{name}" for name, lines in table.items() for post, how, _ in lines if how == "sent once"}
    assert set(parts) == sent
    for name in {key.rpartition("/")[2] for key in sent}:
        facts = ACCOUNTS[name].capabilities
        assert parts[f"ce/thread/2027/{name}"] == (3 if facts.threads else 1)
        assert parts[f"ce/help/2027/{name}"] == (2 if facts.comments else 0)
        assert parts[f"ce/think/2027/{name}"] == 1
