"""Lanes: order within an account, independence of accounts, rests and retries, on a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.bootstrap import build_app
from scheduler.domain.delivery import Status
from scheduler.domain.hold import Hold
from scheduler.rehearsal import FastClock
from scheduler.rounds import Rounds, open_rounds
from scheduler.sending import Step

DUE = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [board, second]
posts:
  - {id: p0, when: on the day at 08:00, text: Zero}
  - {id: p1, when: on the day at 08:00, text: One}
  - {id: p2, when: on the day at 08:10, text: Two}
"""


class Scene:
    """Rounds of a real project folder, with what they said."""

    def __init__(self, folder: Path, faults: str = "", more: str = "", calendar: str = CALENDAR) -> None:
        self.folder = folder
        (folder / "campaigns").mkdir()
        (folder / "campaigns/a.yaml").write_text(calendar)
        strikes = f", faults: '{faults}'" if faults else ""
        (folder / "config.yaml").write_text(
            f"calendars: campaigns\nledger: sqlite:///ledger.db\n{more}accounts:\n"
            f"  board: {{platform: noticeboard, folder: boards/board{strikes}}}\n"
            "  second: {platform: noticeboard, folder: boards/second}\n"
        )
        self.clock = FastClock(DUE - timedelta(minutes=1))
        app = build_app(folder / "config.yaml", allow_example=False)
        self.steps: list[Step] = []
        channels = app.build_channels(self.clock)
        self.rounds: Rounds = open_rounds(app, self.clock, channels, on_step=self.steps.append)
        self.rounds.load()

    def run_at(self, moment: datetime) -> None:
        """Run a round at a moment, to its end."""
        self.clock.move_to(moment)
        self.rounds.look_again()
        self.rounds.run()
        self.rounds.publisher.join()
        self.rounds.run()  # closes what is settled
        self.rounds.publisher.join()

    def posted(self, account: str) -> list[str]:
        """Return the texts on an account's board in the order in which they were posted."""
        posts = [json.loads(path.read_text()) for path in (self.folder / "boards" / account).glob("*.json")]
        return [post["text"] for post in sorted(posts, key=lambda post: (post["posted_at"], post["key"]))]

    def status(self, post: str, account: str = "board") -> Status:
        """Return where a delivery stands."""
        return self.rounds.desk.records([f"ce/{post}/2027/{account}"])[f"ce/{post}/2027/{account}"].status


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, *getattr(request, "param", ()))
    yield made
    made.rounds.publisher.stop(10)
    made.rounds.close()


@pytest.mark.parametrize("scene", [("unavailable@1",), ("rate-limit@1",)], indirect=True)
def test_what_waits_for_another_try_is_not_overtaken(scene: Scene) -> None:
    scene.run_at(DUE)
    assert scene.posted("board") == []
    assert scene.posted("second") == ["Zero", "One"]
    wake = scene.rounds.next_time()
    assert wake is not None
    assert DUE < wake < DUE + timedelta(minutes=2)
    scene.run_at(DUE + timedelta(seconds=5))
    assert scene.posted("board") == []
    scene.run_at(wake)
    assert scene.posted("board") == ["Zero", "One"]


@pytest.mark.parametrize("scene", [("reject@1",), ("lost-reply@1",)], indirect=True)
def test_what_was_refused_or_lost_holds_nothing_up(scene: Scene) -> None:
    scene.run_at(DUE)
    assert "One" in scene.posted("board")


@pytest.mark.parametrize("scene", [("", "minimum_gap: 2 minutes\n")], indirect=True)
def test_a_minimum_gap_is_kept(scene: Scene) -> None:
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero"]
    assert scene.rounds.next_time() == DUE + timedelta(minutes=2)
    scene.run_at(DUE + timedelta(seconds=119))
    assert scene.posted("board") == ["Zero"]
    scene.run_at(DUE + timedelta(seconds=120))
    assert scene.posted("board") == ["Zero", "One"]


@pytest.mark.parametrize("scene", [("unauthorised@1",)], indirect=True)
def test_an_account_whose_secret_is_refused_waits_and_is_tried_no_more(scene: Scene) -> None:
    for minute in range(5):
        scene.run_at(DUE + timedelta(minutes=minute))
    assert scene.posted("board") == []
    assert scene.posted("second") == ["Zero", "One"]
    assert [step.kind for step in scene.steps if step.account == "board"] == ["unauthorised"]
    assert set(scene.rounds.desk.accounts()) == {"board"}
    assert scene.rounds.desk.records(["ce/p0/2027/board"])["ce/p0/2027/board"].attempt == 1


def test_a_secret_that_works_again_clears_the_account(scene: Scene) -> None:
    scene.rounds.desk.pause_account("board", "an earlier daemon was refused", "earlier", DUE)
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero", "One"]
    assert scene.rounds.desk.accounts() == {}


@pytest.mark.parametrize("scene", [("unavailable@1,unavailable@2,unavailable@3,unavailable@4",)], indirect=True)
def test_retries_end_with_the_not_after_time(scene: Scene) -> None:
    moment = DUE
    while moment < DUE + timedelta(hours=3):
        scene.run_at(moment)
        wake = scene.rounds.next_time()
        moment = max(wake or moment, moment + timedelta(minutes=45))
    assert {scene.status("p0"), scene.status("p1")} == {Status.MISSED}
    assert scene.posted("board") == []


@pytest.mark.parametrize("scene", [("unavailable@1",)], indirect=True)
def test_a_retry_moved_to_next_week_holds_up_nothing_after_its_pause(scene: Scene) -> None:
    scene.run_at(DUE)
    calendar = scene.folder / "campaigns/a.yaml"
    calendar.write_text(CALENDAR.replace("p0, when: on the day at", "p0, when: 7 days after at"))
    scene.rounds.load()
    scene.run_at(DUE + timedelta(minutes=2))
    assert scene.posted("board") == ["One"]
    scene.run_at(DUE + timedelta(minutes=15))
    assert scene.posted("board") == ["One", "Two"]
    scene.run_at(DUE + timedelta(days=7))
    assert scene.posted("board") == ["One", "Two", "Zero"]


def test_a_hold_that_fell_between_is_seen_though_it_is_over(scene: Scene) -> None:
    desk = scene.rounds.desk
    hold = desk.place_hold(Hold(0, DUE - timedelta(seconds=30), "duty officer", "silence", account="board"))
    desk.release_holds([hold.id], "over", "duty officer", DUE + timedelta(minutes=5))
    scene.run_at(DUE + timedelta(minutes=6))
    assert scene.posted("board") == []
    assert scene.status("p0") is Status.HELD
    scene.run_at(DUE + timedelta(minutes=10))
    assert scene.posted("board") == ["Two"]


def test_a_deleted_post_is_not_sent_and_a_posted_one_never_again(scene: Scene) -> None:
    scene.run_at(DUE)
    calendar = scene.folder / "campaigns/a.yaml"
    calendar.write_text(CALENDAR.replace("text: Zero", "text: Zero again").replace("08:00", "08:05"))
    scene.rounds.load()
    scene.run_at(DUE + timedelta(minutes=6))
    assert scene.posted("board") == ["Zero", "One"]
    calendar.write_text("\n".join(CALENDAR.splitlines()[:-1]) + "\n")
    scene.rounds.load()
    scene.run_at(DUE + timedelta(minutes=11))
    assert scene.posted("board") == ["Zero", "One"]


def test_an_account_that_is_taken_out_of_the_settings_is_left_alone(scene: Scene) -> None:
    config = scene.folder / "config.yaml"
    config.write_text("".join(line for line in config.open() if "second" not in line))
    app = build_app(config, allow_example=False)
    scene.rounds.take_settings(app)
    scene.rounds.load()  # the calendar names an account that is gone: its last good version stays
    scene.run_at(DUE)
    assert scene.posted("board") == ["Zero", "One"]
    assert scene.rounds.broken
