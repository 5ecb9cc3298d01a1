"""What a person posted where there are no addresses, such as a WhatsApp group, is recorded as they say it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import group
from scheduler.domain.delivery import Status
from scheduler.ledger.verifying import Verifier
from tests.scene import DUE, Scene

KEY = "ce/p0/2027/group"
CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [group]
posts:
  - {id: p0, when: on the day at 08:00, text: Zero}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    account = "  group: {platform: handoff, folder: tasks, place: the volunteers' group}\n"
    made = Scene(tmp_path, calendar=CALENDAR, accounts=account)
    made.run_at(DUE)
    yield made
    made.close()


def run(scene: Scene, *words: str) -> Result:
    return CliRunner().invoke(group, ["--config", str(scene.folder / "config.yaml"), *words], standalone_mode=False)


def test_a_note_takes_the_place_of_an_address(scene: Scene) -> None:
    assert f"then: campaign done {KEY} --url …, or --note … where it has no address" in run(scene, "tasks").output
    done = run(scene, "done", KEY, "--note", "posted in the\ngroup")
    assert (done.return_value, done.output) == (0, f"{KEY} is recorded as posted.\n")
    assert scene.status("p0", "group") is Status.POSTED
    assert run(scene, "tasks").return_value == 0
    assert run(scene, "history").output.rstrip().endswith(f"  posted    {KEY}  posted in the group")
    [entry] = json.loads(run(scene, "history", "--format", "json").output)
    assert (entry["status"], entry["url"], entry["note"], entry["error"]) == ("posted", "", "posted in the group", None)
    assert [event["detail"].get("note") for event in entry["events"]][-1] == "posted in the group"
    desk = scene.rounds.desk
    assert Verifier(desk.engine, desk.address).find_tampering() == []


def test_an_address_and_a_note_are_both_kept(scene: Scene) -> None:
    run(scene, "done", KEY, "--url", "https://example.org/1", "--note", "with another picture")
    assert "https://example.org/1 · with another picture" in run(scene, "history").output


def test_what_was_settled_by_its_address_keeps_the_reason(scene: Scene) -> None:
    run(scene, "resolve", KEY, "--posted", "https://example.org/1", "--reason", "seen there")
    assert "https://example.org/1 · seen there" in run(scene, "history").output


def test_one_of_both_is_needed_and_an_address_must_be_one(scene: Scene) -> None:
    assert '--note "posted in the group"' in str(run(scene, "done", KEY).exception)
    said = str(run(scene, "done", KEY, "--url", "posted in the group").exception)
    assert said.startswith("'posted in the group' is no web address: begin it with https://, or, if it has none")
    assert scene.status("p0", "group") is Status.HANDED


def test_what_has_no_address_is_taken_back_by_hand(scene: Scene) -> None:
    run(scene, "done", KEY, "--note", "posted in the group")
    said = str(run(scene, "retract", KEY, "--yes", "--reason", "wrong").exception)
    assert "Delete it there by hand, then say so" in said
    assert run(scene, "retract", KEY, "--by-hand", "--reason", "wrong").return_value == 0


def test_verify_shows_the_address_and_is_no_failure(scene: Scene) -> None:
    assert run(scene, "verify").return_value == 0  # what nobody has posted yet is not looked for
    run(scene, "done", KEY, "--url", "https://example.org/1")
    seen = run(scene, "verify")
    told = "no program can look at this on Hand-off to a person; look there: https://example.org/1"
    assert f"unsure  {KEY}  {told}\n" in seen.output
    assert "1 delivery looked at: 0 live, 0 gone, 1 unsure (1 for a person to look at)." in seen.output
    assert seen.return_value == 0
    [found] = json.loads(run(scene, "verify", "--format", "json").output)
    assert (found["state"], found["needs_person"], found["urls"]) == ("unsure", True, ["https://example.org/1"])


def test_verify_ends_with_1_if_the_account_is_gone_from_the_settings(scene: Scene) -> None:
    run(scene, "done", KEY, "--url", "https://example.org/1")
    config = scene.folder / "config.yaml"
    config.write_text(config.read_text().replace("  group:", "  other:"))
    seen = run(scene, "verify")
    assert "its account is not in the settings any more; look there: https://example.org/1" in seen.output
    assert seen.return_value == 1


def test_status_shows_what_waits_for_a_person(scene: Scene) -> None:
    assert "to be posted by hand: 1 post (`campaign tasks`)\n" in run(scene, "status").output
    run(scene, "done", KEY, "--note", "posted in the group")
    assert "by hand" not in run(scene, "status").output
