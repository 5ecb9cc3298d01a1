"""What a person posts: laid ready once, and recorded as posted only when they say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from scheduler.cli import group
from scheduler.domain.delivery import Status
from scheduler.health import read_health
from scheduler.ledger.verifying import Verifier
from scheduler.platforms.handoff import PLATFORM
from tests.scene import DUE, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, platform=PLATFORM)
    made.run_at(DUE)
    yield made
    made.close()


def _run(scene: Scene, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, ["--config", str(scene.folder / "config.yaml"), *words], standalone_mode=False)
    return int(result.return_value or 0) if result.exception is None else 2, result.output + str(result.exception or "")


def test_a_card_is_laid_ready_once_and_the_next_post_does_not_wait_for_it(scene: Scene) -> None:
    assert [scene.status(post) for post in ("p0", "p1")] == [Status.HANDED, Status.HANDED]
    scene.run_at(DUE + timedelta(minutes=20))
    cards = sorted(path.name for path in (scene.folder / "boards/board").glob("*.json"))
    assert cards == ["ce.p0.2027.board.json", "ce.p1.2027.board.json", "ce.p2.2027.board.json"]
    assert scene.posted("second") == ["Zero", "One", "Two"]


def test_it_is_posted_when_a_person_says_where(scene: Scene) -> None:
    exit_code, output = _run(scene, "tasks", "--format", "json")
    told = json.loads(output)
    assert (exit_code, [each["text"] for each in told]) == (1, ["Zero", "One"])
    exit_code, output = _run(scene, "done", told[0]["key"], "--url", "https://intranet.example.org/1")
    assert (exit_code, output) == (0, f"{told[0]['key']} is recorded as posted.\n")
    assert (scene.status("p0"), scene.record("p0").receipts[0].url) == (Status.POSTED, "https://intranet.example.org/1")
    assert _run(scene, "done", told[0]["key"], "--url", "https://intranet.example.org/1")[0] == 2
    assert _run(scene, "done", told[1]["key"], "--url", "intranet")[0] == 2
    desk = scene.rounds.desk
    assert Verifier(desk.engine, desk.address).find_tampering() == []


def test_a_task_that_nobody_did_is_red_when_its_time_is_over(scene: Scene) -> None:
    desk = scene.rounds.desk
    early = read_health(desk, scene.rounds.agenda.all, [], DUE + timedelta(minutes=30))
    late = read_health(desk, scene.rounds.agenda.all, [], DUE + timedelta(hours=3))
    keys = [scene.record(post).key for post in ("p0", "p1")]
    assert (early.tasks, early.late_tasks) == (keys, [])
    assert f"to be posted by hand, and its time is over: {keys[0]}" in late.red


def test_a_person_may_refuse_a_task(scene: Scene) -> None:
    key = scene.record("p0").key
    scene.rounds.desk.resolve_skip(key, "not for the intranet", "jo", scene.clock.now())
    assert scene.status("p0") is Status.SKIPPED


# --- What becomes of the card ----------------------------------------------------------------------------------------

CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [intranet]
posts:
  - {id: p0, when: on the day at 08:00, text: Zero}
  - id: p1
    when: on the day at 08:00
    text: One
    images: [{file: hand.png, alt: An open hand.}]
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[Scene]:
    """Two posts laid ready, one with a picture, as a person finds them."""
    (tmp_path / "campaigns").mkdir()
    Pillow.new("RGB", (16, 9), "teal").save(tmp_path / "campaigns/hand.png")
    account = "  intranet: {platform: handoff, folder: tasks, place: our intranet}\n"
    made = Scene(tmp_path, calendar=CALENDAR, accounts=account)
    made.run_at(DUE)
    yield made
    made.close()


def list_cards(scene: Scene, folder: str = "") -> list[str]:
    return sorted(path.name for path in (scene.folder / "tasks" / folder).glob("*.json"))


CARDS = ["ce.p0.2027.intranet.json", "ce.p1.2027.intranet.json"]


@pytest.mark.parametrize(
    "words",
    [
        ("done", "KEY", "--url", "https://intranet.example.org/1"),
        ("resolve", "KEY", "--posted", "https://intranet.example.org/1"),
        ("resolve", "KEY", "--skip", "--reason", "not for the intranet"),
    ],
    ids=["done", "posted", "skipped"],
)
def test_the_card_leaves_the_folder_when_a_person_has_dealt_with_it(tasks: Scene, words: tuple[str, ...]) -> None:
    assert list_cards(tasks) == CARDS
    card = (tasks.folder / "tasks" / CARDS[1]).read_bytes()
    exit_code, output = _run(tasks, *[tasks.record("p1", "intranet").key if word == "KEY" else word for word in words])
    assert exit_code == 0, output
    assert (list_cards(tasks), list_cards(tasks, "done")) == (CARDS[:1], CARDS[1:])
    assert (tasks.folder / "tasks/done" / CARDS[1]).read_bytes() == card
    picture = json.loads(card)["media"][0]["path"]
    assert (tasks.folder / "tasks" / picture).is_file()  # another card may show it too
    page = (tasks.folder / "tasks/index.html").read_text(encoding="utf-8")
    assert ("Zero" in page, "One" in page) == (True, False)
    tasks.run_at(DUE + timedelta(minutes=20))
    assert list_cards(tasks) == CARDS[:1]


def test_a_card_that_is_to_be_done_anew_says_what_the_calendar_says_by_then(tasks: Scene) -> None:
    key = tasks.record("p0", "intranet").key
    tasks.write(CALENDAR.replace("text: Zero", "text: Nought"))
    tasks.run_at(DUE + timedelta(minutes=10))
    assert read_card(tasks)["text"] == "Zero", "it is what a person may be posting at this moment"
    assert _run(tasks, "resolve", key, "--retry", "--even-late")[0] == 0
    assert (list_cards(tasks), list_cards(tasks, "done")) == (CARDS[1:], CARDS[:1])
    tasks.run_at(DUE + timedelta(minutes=20))
    assert list_cards(tasks) == CARDS
    assert read_card(tasks)["text"] == "Nought"


def read_card(scene: Scene) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((scene.folder / "tasks" / CARDS[0]).read_text(encoding="utf-8"))
    return card


def test_a_hold_that_stops_what_is_to_be_tried_again_is_named(tasks: Scene) -> None:
    key = tasks.record("p0", "intranet").key
    assert _run(tasks, "hold", "--account", "intranet", "--reason", "silence")[0] == 0
    exit_code, output = _run(tasks, "resolve", key, "--retry", "--even-late")
    assert exit_code == 2
    assert f"{key} is stopped by hold 1 (account intranet): silence. Release it first (`campaign release 1`)" in output
    assert (tasks.status("p0", "intranet"), list_cards(tasks)) == (Status.HANDED, CARDS)
    _run(tasks, "release", "1", "--reason", "over")
    assert "within half a minute" in _run(tasks, "resolve", key, "--retry", "--even-late")[1]


def test_a_card_that_a_person_took_out_is_no_matter(tasks: Scene) -> None:
    (tasks.folder / "tasks" / CARDS[0]).unlink()
    key = tasks.record("p0", "intranet").key
    assert _run(tasks, "done", key, "--url", "https://intranet.example.org/1") == (0, f"{key} is recorded as posted.\n")
    assert list_cards(tasks, "done") == []


def test_what_was_put_away_under_that_name_stays(tasks: Scene) -> None:
    done = tasks.folder / "tasks/done"
    done.mkdir()
    (done / CARDS[0]).write_text("an older one")
    _run(tasks, "done", tasks.record("p0", "intranet").key, "--url", "https://intranet.example.org/1")
    assert list_cards(tasks, "done") == ["ce.p0.2027.intranet.2.json", CARDS[0]]
    assert (done / CARDS[0]).read_text() == "an older one"


def test_a_card_that_cannot_be_moved_is_told_of_and_the_post_is_recorded(tasks: Scene) -> None:
    (tasks.folder / "tasks/done").write_text("a file where the folder should be")
    exit_code, output = _run(tasks, "done", tasks.record("p0", "intranet").key, "--url", "https://example.org/1")
    assert (exit_code, tasks.status("p0", "intranet")) == (1, Status.POSTED)
    assert "could not be moved away" in output
    assert list_cards(tasks) == CARDS
