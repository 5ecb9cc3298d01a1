"""A film with captions and a first comment, from the calendar to the noticeboard."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.boards import Project, read_board
from tests.odd_films import make

SRT = "1\n00:00:00,000 --> 00:00:00,500\nShe <i>noticed</i>.\n\n2\n00:00:00,500 --> 00:00:01,000\nAnd she asked: £5?\n"
CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [board]
posts:
  - id: film
    when: on the day at 08:00
    text: Two minutes that may help a child.
    content_warning: This post is about child exploitation.
    replies: nobody
    video:
      file: ce/she-noticed.mp4
      alt: A teacher asks a pupil how she is.
      captions: ce/she-noticed.srt
      title: She noticed
    comment: Worried about a child? Call 101.
"""
CAPTIONS = "      captions: ce/she-noticed.srt\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    media = tmp_path / "campaigns/ce"
    media.mkdir()
    (media / "she-noticed.mp4").write_bytes(make("sound.mp4"))
    (media / "she-noticed.srt").write_text(SRT, encoding="utf-8")
    project.write_calendar(CALENDAR, "ce")
    return project


def test_it_is_checked_and_previewed(project: Project) -> None:
    assert project.run("check", code=0).stdout == ""
    shown = project.run("preview", "--strict", code=0).stdout
    assert "“She noticed”, film, 1 s, 320 by 180" in shown
    assert "captions campaigns/ce/she-noticed.srt] A teacher asks a pupil how she is." in shown
    assert "readers see first: This post is about child exploitation." in shown
    assert "who may answer: nobody" in shown
    assert "first comment: 32/5000 graphemes\n    Worried about a child? Call 101." in shown
    (row,) = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert (row["content_warning"], row["replies"]) == ("This post is about child exploitation.", "nobody")
    assert [part["is_comment"] for part in row["parts"]] == [False, True]
    (film,) = row["parts"][0]["media"]
    assert (film["type"], film["width"], film["height"]) == ("video/mp4", 320, 180)
    assert (film["captions"], film["alt"]) == ("campaigns/ce/she-noticed.srt", "A teacher asks a pupil how she is.")
    page = project.run("preview", "--format", "html", code=0).stdout
    assert "<strong>she-noticed.mp4</strong>: “She noticed”, film, 1 s, 320 by 180" in page
    assert "captions she-noticed.srt · what it shows: A teacher asks a pupil how she is." in page
    assert str(project.folder) not in page
    assert "The first comment below it:" in page


def test_a_rehearsal_shows_everything(project: Project) -> None:
    project.run("rehearse", code=0)
    board = project.folder / "rehearsal/noticeboard"
    post, comment = read_board(board)
    assert (post["is_comment"], post["content_warning"], post["replies"], post["reply_to"]) == (
        False,
        "This post is about child exploitation.",
        "nobody",
        None,
    )
    (film,) = post["media"]
    assert (board / film["path"]).read_bytes() == make("sound.mp4")
    captions = (board / film["captions"]).read_text(encoding="utf-8")
    assert captions.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nShe <i>noticed</i>.\n")
    assert (comment["text"], comment["is_comment"]) == ("Worried about a child? Call 101.", True)
    assert comment["reply_to"] == "ce.film.2027.board.0.json"
    page = (board / "index.html").read_text(encoding="utf-8")
    assert page.index("Two minutes that") < page.index("Call 101.")
    (track,) = re.findall(r'<track kind="captions" srclang="en" [^>]*src="data:text/vtt;base64,([^"]+)" default>', page)
    assert base64.b64decode(track).decode() == captions
    assert "She noticed.\nAnd she asked: £5?" in page
    assert "Readers see this first: <strong>This post is about child exploitation.</strong>" in page
    assert "Who may answer: nobody." in page
    assert "1 post, in the order" in page


def test_a_browser_shows_the_captions(project: Project) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium on this machine")
    project.run("rehearse", code=0)
    page = project.folder / "rehearsal/noticeboard/index.html"
    script = (
        "<script>const v = document.querySelector('video'), t = v.textTracks[0]; t.mode = 'showing';"
        "v.muted = true; v.currentTime = 0.7; setInterval(() => { if (t.activeCues && t.activeCues.length)"
        " document.body.dataset.shown = v.videoWidth + ' ' + t.cues.length + ' ' + t.activeCues[0].text }, 50)</script>"
    )
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{script}</body>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={project.folder / 'profile'}"]
    done = subprocess.run(
        [browser, *options, "--virtual-time-budget=8000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert 'data-shown="320 2 And she asked: £5?"' in done.stdout


WRONG = {
    "captions that are not there": ("captions: ce/none.srt", 11, "file of captions campaigns/ce/none.srt is not"),
    "no captions and no word": (None, 7, "campaigns/ce/she-noticed.mp4 has no captions. Name their file under"),
    "a film that is not there": ("file: ce/none.mp4", 11, "The film campaigns/ce/none.mp4 is not there"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_its_line(project: Project, what: str) -> None:
    words, line, message = WRONG[what]
    calendar = CALENDAR.replace(CAPTIONS, "") if words is None else _replace_field(words)
    project.write_calendar(calendar, "ce")
    done = project.run("check", code=2)
    assert re.search(rf"^campaigns/ce\.yaml:{line}:\d+: error: .*{re.escape(message)}", done.stdout, re.MULTILINE)
    assert project.run("preview").returncode == 2


def _replace_field(words: str) -> str:
    name = words.partition(":")[0]
    return re.sub(rf"^      {name}: .*$", f"      {words}", CALENDAR, flags=re.MULTILINE)


def test_broken_captions_are_said_with_the_line_in_their_own_file(project: Project) -> None:
    captions = project.folder / "campaigns/ce/she-noticed.srt"
    captions.write_text(SRT.replace("00:00:00,500 -->", "00:00:00,500 ->"), encoding="utf-8")
    done = project.run("check", code=2)
    (line,) = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert line.startswith("campaigns/ce/she-noticed.srt:6:1: error: These are not the times of a caption.")


def test_captions_of_another_film_are_a_warning(project: Project) -> None:
    captions = project.folder / "campaigns/ce/she-noticed.srt"
    captions.write_text(SRT + "\n3\n00:02:00,000 --> 00:02:01,000\nLater.\n", encoding="utf-8")
    done = project.run("check", code=0)
    assert "campaigns/ce/she-noticed.srt:10:1: warning: This caption begins at 00:02:00.000" in done.stdout


@pytest.mark.parametrize("words", ["burnt in", "Burned  in", "no speech"])
def test_a_film_may_need_none(project: Project, words: str) -> None:
    project.write_calendar(CALENDAR.replace(CAPTIONS, f"      captions: {words}\n"), "ce")
    assert project.run("check", code=0).stdout == ""
    project.run("rehearse", code=0)
    page = (project.folder / "rehearsal/noticeboard/index.html").read_text(encoding="utf-8")
    assert "<track" not in page
    assert "No file of captions: they are burnt in, or nothing is said." in page


FETCHED = """\
campaign: ce
date: 18 March 2027
accounts: [force-threads]
posts:
  - id: hands
    when: on the day at 08:00
    text: Think, spot, speak out.
    images: [{file: ce/hands.png, alt: Six raised hands.}]
"""


def test_an_account_that_fetches_its_media_needs_a_place_to_fetch_them_from(project: Project) -> None:
    from PIL import Image as Pillow

    Pillow.new("RGB", (640, 640), "teal").save(project.folder / "campaigns/ce/hands.png")
    project.write_calendar(FETCHED, "ce")
    account = {"force-threads": {"platform": "threads", "token": "env:NOWHERE"}}
    project.write_accounts(account)
    done = project.run("check", code=2)
    message = "error: force-threads fetches pictures from a public address, and there is none."
    assert f"campaigns/ce.yaml:7:11: {message} Add 'public_media:' to the settings" in done.stdout
    assert message in project.run("preview", code=2).stdout
    project.write_accounts(account, public_media="{folder: public, address: 'https://media.example.org'}")
    assert "error" not in project.run("check", code=0).stdout
    assert not (project.folder / "public").exists()  # looking puts nothing there
