"""Lanes: order within an account, independence of accounts, rests and retries, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.bootstrap import build_app
from scheduler.domain.delivery import Status
from scheduler.domain.hold import Hold
from scheduler.sending import Step
from tests.scene import CALENDAR, DUE, Scene


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path, *getattr(request, "param", ()))
    yield made
    made.close()


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
    scene.write(CALENDAR.replace("p0, when: on the day at", "p0, when: 7 days after at"))
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
    scene.write(CALENDAR.replace("text: Zero", "text: Zero again").replace("08:00", "08:05"))
    scene.run_at(DUE + timedelta(minutes=6))
    assert scene.posted("board") == ["Zero", "One"]
    scene.write("\n".join(CALENDAR.splitlines()[:-1]) + "\n")
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


def test_a_hold_stamped_by_a_clock_that_is_ahead_holds_all_the_same(scene: Scene) -> None:
    scene.rounds.desk.place_hold(Hold(0, DUE + timedelta(seconds=50), "another machine", "mourning"))
    scene.run_at(DUE)
    assert scene.posted("board") == scene.posted("second") == []


def test_what_a_lane_has_not_begun_follows_the_calendar_that_is_read_meanwhile(scene: Scene) -> None:
    def edit(step: Step) -> None:
        if step.account == "board" and step.key.startswith("ce/p0/"):
            scene.write(CALENDAR.replace("text: One", "text: One more").replace("text: Two", "draft: yes, text: Two"))

    scene.rounds.publisher.on_step = edit
    scene.run_at(DUE + timedelta(minutes=10))
    assert scene.posted("board") == ["Zero", "One more"]


def test_a_campaign_that_moved_to_another_file_does_not_come_back(scene: Scene) -> None:
    scene.write(CALENDAR.replace("posts:", "draft: yes\nposts:"), name="0-first")
    assert list(scene.rounds.broken) == [file for file in scene.rounds.broken if file.endswith("campaigns/a.yaml")]
    scene.run_at(DUE)
    assert scene.posted("board") == []


@pytest.mark.parametrize("scene", [("unavailable@1",)], indirect=True)
def test_even_late_counts_for_the_time_it_was_given_for(scene: Scene) -> None:
    late = DUE + timedelta(hours=4)
    scene.run_at(late)
    assert scene.status("p0") is Status.MISSED
    scene.rounds.desk.resolve_retry("ce/p0/2027/board", "", "me", late, even_late=True)
    scene.run_at(late)
    assert scene.status("p0") is Status.PLANNED  # out of reach
    scene.write(CALENDAR.replace("p0, when: on the day at", "p0, when: 7 days after at"))
    scene.run_at(late + timedelta(minutes=5))
    assert scene.posted("board") == []
    scene.run_at(DUE + timedelta(days=7))
    assert scene.posted("board") == ["Zero"]


def test_a_picture_out_of_reach_puts_a_post_off(scene: Scene, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (16, 9), "teal").save(tmp_path / "campaigns/hand.png")
    scene.write(CALENDAR.replace("text: Zero", "text: Zero, images: [{file: hand.png, alt: An open hand.}]"))
    (tmp_path / "campaigns/hand.png").rename(tmp_path / "away.png")
    scene.run_at(DUE)
    assert scene.status("p0") is Status.PLANNED
    assert scene.posted("board") == []
    (tmp_path / "away.png").rename(tmp_path / "campaigns/hand.png")
    scene.run_at(DUE + timedelta(minutes=1))
    assert scene.posted("board") == ["Zero", "One"]


@pytest.mark.parametrize("scene", [("unavailable@1", "minimum_gap: 5 minutes\n")], indirect=True)
def test_no_bell_is_set_for_what_is_over(scene: Scene) -> None:
    for minute in range(0, 40, 2):
        scene.run_at(DUE + timedelta(minutes=minute))
    assert scene.posted("board") == ["Zero", "One", "Two"]
    assert scene.rounds.next_time() is None
