"""Alerts to a service that is down, refuses, or hangs: none is lost, none holds anything up, and each is said once."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.alerts import MOST_TITLES, MOST_WAITING, Alerts, Pauses
from scheduler.domain.account import SecretRef
from tests.inbox import Inbox, start_inbox
from tests.servers.process import pick_free_port

QUICK = Pauses(first=0.05, longest=0.2)
LONG = Pauses(first=3600, longest=3600)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with start_inbox() as made:
        yield made


class Addresses:
    """References to addresses, each in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, address: str) -> SecretRef:
        (self.folder / name).write_text(address)
        return SecretRef("file", str(self.folder / name))


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    return Addresses(tmp_path)


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_each_is_said_once_until_it_is_over(inbox: Inbox, addresses: Addresses) -> None:
    alerts = Alerts([addresses.add("a", inbox.address)])
    for body in ("one", "one", "two", "two"):
        alerts.say("broken", body)
    alerts.forget("broken")
    alerts.say("broken", "two")
    alerts.close(60)
    assert [message["message"] for message in inbox.messages] == ["one", "two", "two"]


def test_what_a_service_refuses_at_first_comes_later_in_order_and_once(inbox: Inbox, addresses: Addresses) -> None:
    inbox.refuses = lambda _: len(inbox.refused) < 2
    alerts = Alerts([addresses.add("a", inbox.address)], QUICK)
    for _ in range(2):  # what is waiting is not said twice
        for title in ("first", "second", "third"):
            alerts.say(title, "words")
    wait_until(lambda: len(inbox.messages) == 3)
    alerts.say("first", "words")
    alerts.say("fourth", "words")
    wait_until(lambda: len(inbox.messages) == 4)
    alerts.close(60)
    assert inbox.titles() == ["first", "second", "third", "fourth"]
    assert inbox.refused == ["first", "first"]


def test_a_service_that_cannot_be_reached_gets_it_when_it_is_back(addresses: Addresses) -> None:
    port = pick_free_port()
    alerts = Alerts([addresses.add("a", f"json://127.0.0.1:{port}")], QUICK)
    began = time.monotonic()
    alerts.say("missed", "words")
    assert time.monotonic() - began < 5  # nobody waits for it
    time.sleep(0.3)
    with start_inbox(port) as inbox:
        wait_until(lambda: inbox.titles() == ["missed"])
    alerts.close(60)


def test_an_address_that_is_down_does_not_keep_another_waiting(inbox: Inbox, addresses: Addresses) -> None:
    down = addresses.add("down", f"json://127.0.0.1:{pick_free_port()}")
    alerts = Alerts([down, SecretRef("file", "/nowhere"), addresses.add("up", inbox.address)], QUICK)
    for number in range(5):
        alerts.say(str(number), "words")
    wait_until(lambda: len(inbox.messages) == 5)
    alerts.close(60)
    assert inbox.titles() == ["0", "1", "2", "3", "4"]


def test_one_that_is_never_taken_is_given_up_and_holds_up_no_other(
    inbox: Inbox, addresses: Addresses, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.refuses = lambda title: title == "too long"
    alerts = Alerts([addresses.add("a", inbox.address)], QUICK)
    alerts.say("too long", "words")
    alerts.say("next", "words")
    wait_until(lambda: inbox.titles() == ["next"])
    assert len(inbox.refused) >= 3
    wait_until(lambda: "does not take it, and takes others: too long" in caplog.text)
    inbox.refuses = lambda _: False
    alerts.say("too long", "words")  # nobody was told, so it is not held back
    wait_until(lambda: inbox.titles() == ["next", "too long"])
    alerts.close(60)


def test_other_addresses_get_what_is_waiting_at_once(inbox: Inbox, addresses: Addresses) -> None:
    alerts = Alerts([SecretRef("file", "/nowhere")], LONG)
    alerts.say("missed", "words")
    time.sleep(0.2)
    alerts.addresses = (addresses.add("a", inbox.address),)
    wait_until(lambda: inbox.titles() == ["missed"])
    alerts.close(60)


def test_the_end_tries_once_more(inbox: Inbox, addresses: Addresses) -> None:
    inbox.refuses = lambda _: not inbox.refused
    alerts = Alerts([addresses.add("a", inbox.address)], LONG)
    alerts.say("missed", "words")
    wait_until(lambda: inbox.refused)
    alerts.close(60)
    assert inbox.titles() == ["missed"]


def test_the_end_waits_no_longer_than_it_may_and_names_what_is_lost(
    addresses: Addresses, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        alerts = Alerts([addresses.add("a", f"json://127.0.0.1:{silent.getsockname()[1]}?rto=30")], LONG)
        alerts.say("missed", "words")
        time.sleep(0.3)
        began = time.monotonic()
        alerts.close(0.5)
        assert time.monotonic() - began < 10
    assert "alert given up: the program ends: missed" in caplog.text


def test_what_is_too_old_is_given_up_and_may_be_said_again(
    addresses: Addresses, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.refuses = lambda _: True
    alerts = Alerts([addresses.add("a", inbox.address)], Pauses(first=0.05, longest=0.1, lifetime=0.5))
    alerts.say("missed", "words")
    wait_until(lambda: "alert given up: it was tried for too long: missed" in caplog.text)
    inbox.refuses = lambda _: False
    alerts.say("missed", "words")
    wait_until(lambda: inbox.titles() == ["missed"])
    alerts.close(60)


def test_what_is_kept_is_bounded(addresses: Addresses, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), socket.create_server(("127.0.0.1", 0)) as silent:
        alerts = Alerts([addresses.add("a", f"json://127.0.0.1:{silent.getsockname()[1]}?rto=30")], LONG)
        for number in range(MOST_TITLES + 10):
            alerts.say(str(number), "words")
        assert f"alert given up: more than {MOST_WAITING} are waiting: 0" in caplog.messages
        assert f"alert given up: more than {MOST_WAITING} are waiting: {MOST_TITLES}" not in caplog.messages
        caplog.clear()
        alerts.close(0)
    given_up = [message for message in caplog.messages if message.startswith("alert given up: the program ends")]
    assert len(given_up) == MOST_WAITING
    assert len(alerts._said) <= MOST_TITLES
