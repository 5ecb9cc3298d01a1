"""The page of a hand-off's folder: what a person is to post, where, by when, and how to say that it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from scheduler.cli import group
from scheduler.domain.delivery import Status
from tests.films import make_film
from tests.scene import DUE, Scene

KEY = "ce/p0/2027/intranet"
CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [intranet]
posts:
  - id: p0
    when: on the day at 08:00
    text: Zero
    images: [{file: hand.png, alt: An open hand.}]
  - id: p1
    when: on the day at 08:00
    text: One
    video: {file: film-1.mp4, alt: A teacher asks., captions: film-1.srt}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Two posts laid ready, with a picture and a film, and the page of that round."""
    (tmp_path / "campaigns").mkdir()
    Pillow.new("RGB", (320, 200), "teal").save(tmp_path / "campaigns/hand.png")
    make_film(tmp_path / "campaigns", "", captions="srt")
    account = "  intranet: {platform: handoff, folder: tasks, place: our intranet's news page}\n"
    made = Scene(tmp_path, calendar=CALENDAR, accounts=account)
    made.run_at(DUE)
    made.rounds.finish()
    yield made
    made.close()


def run(scene: Scene, *words: str) -> str:
    return CliRunner().invoke(group, ["--config", str(scene.folder / "config.yaml"), *words]).output


def read_page(scene: Scene) -> str:
    return (scene.folder / "tasks/index.html").read_text(encoding="utf-8")


def test_it_says_what_waits_where_and_until_when(scene: Scene) -> None:
    page = read_page(scene)
    assert page.startswith("<!doctype html>")
    assert "<title>To post by hand</title>" in page
    assert "2 posts wait for a person. Nothing here is out before somebody posts it." in page
    assert "Noticeboard" not in page
    assert "went out" not in page
    assert page.count("<strong>our intranet&#39;s news page</strong>") == 2
    assert page.count("Thu 18 Mar 2027 10:00 GMT") == 2  # the not-after time, two hours after it was due
    assert f"campaign done {KEY} --url https://" in page
    assert f"campaign done {KEY} --note " in page


def test_its_pictures_and_films_are_there(scene: Scene) -> None:
    page = read_page(scene)
    assert '<video controls preload="auto" src="media/' in page
    assert '.srt">the file</a>' in page
    for path in re.findall(r'(?:src|href)="(media/[^"]+)"', page):
        assert (scene.folder / "tasks" / path).is_file(), path
    assert "Alt text: An open hand." in page


def test_what_is_done_leaves_it_and_an_empty_one_says_so(scene: Scene) -> None:
    run(scene, "done", KEY, "--note", "it is there")
    assert "1 post waits for a person." in read_page(scene)
    run(scene, "resolve", KEY.replace("p0", "p1"), "--skip", "--reason", "no")
    page = read_page(scene)
    assert "<title>To post by hand</title>" in page
    assert "Nothing waits for a person." in page
    assert "<article" not in page


def test_history_points_to_the_card_on_the_page(scene: Scene) -> None:
    found = re.search(r"It lies ready for a person to post \((file://\S+)\)\.", run(scene, "history", KEY))
    assert found is not None
    address = urlsplit(found[1])
    assert Path(unquote(address.path)) == (scene.folder / "tasks/index.html").resolve()
    assert f'<article id="{address.fragment}">' in read_page(scene)
    told = [step.reason for step in scene.steps if step.key == KEY and step.status is Status.HANDED]
    assert told == [f"It lies ready for a person to post ({found[1]})."]


def test_posts_of_a_noticeboard_in_the_same_folder_stand_below(tmp_path: Path) -> None:
    accounts = "  intranet: {platform: handoff, folder: boards/board, place: our intranet}\n"
    calendar = CALENDAR.partition("  - id: p1")[0].replace("[intranet]", "[intranet, board]")
    (tmp_path / "campaigns").mkdir()
    Pillow.new("RGB", (320, 200), "teal").save(tmp_path / "campaigns/hand.png")
    scene = Scene(tmp_path, calendar=calendar, accounts=accounts)
    scene.run_at(DUE)
    scene.rounds.finish()
    page = (tmp_path / "boards/board/index.html").read_text(encoding="utf-8")
    assert page.index("1 post waits for a person.") < page.index("1 post, in the order in which they went out.")
    scene.close()
