"""The sheet to sign: one file that can be sent, with its pictures in it and nothing of the machine it was made on."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.spreadsheets import Desk

CALENDAR = """\
campaign: ce
date: 18 March 2027
accounts: [board]
posts:
  - id: think
    when: on the day at 08:00
    text: Think.
    images: [{file: hands.jpg, alt: "Six <raised> hands"}]
"""
OTHER = CALENDAR.replace("campaign: ce", "campaign: other")
GPS = 0x8825


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    accounts = "accounts:\n  board: {platform: noticeboard, folder: noticeboard}\n"
    (tmp_path / "config.yaml").write_text(f"calendars: campaigns\nhabits: {{gap: 30 minutes}}\n{accounts}")
    made.calendar.write_text(CALENDAR)
    photo = Image.effect_noise((3000, 2000), 80).convert("RGB")
    about = Image.Exif()
    about[271] = "A phone"
    about.get_ifd(GPS)[1] = "N"
    photo.save(tmp_path / "campaigns/hands.jpg", exif=about)
    return made


def read_page(desk: Desk, *arguments: str, code: int = 0) -> str:
    return desk.run("preview", "--format", "html", *arguments, code=code).out


def read_pictures(page: str) -> list[Image.Image]:
    """Return the pictures that stand in a page, and fail if it fetches any from elsewhere."""
    sources = re.findall(r'\bsrc="([^"]+)"', page)
    assert all(source.startswith("data:image/") for source in sources)
    return [Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) for source in sources]


def test_a_photo_stands_in_the_page_scaled_and_without_what_its_file_tells(desk: Desk) -> None:
    page = read_page(desk)
    [picture] = read_pictures(page)
    assert (picture.width, picture.height) == (640, 427)
    assert not picture.getexif()
    assert len(page) < 200_000
    assert '<img src="data:image/jpeg;base64,' in page
    assert 'alt="Six &lt;raised&gt; hands">' in page
    assert "<figcaption>hands.jpg · alt text: Six &lt;raised&gt; hands</figcaption>" in page


def test_a_picture_that_moves_is_shown_by_its_first_frame(desk: Desk) -> None:
    frames = [Image.new("RGB", (900, 600), colour) for colour in ("red", "blue")]
    frames[0].save(desk.folder / "campaigns/hands.gif", save_all=True, append_images=frames[1:])
    desk.edit("hands.jpg", "hands.gif")
    page = read_page(desk)
    [picture] = read_pictures(page)
    red, _, blue = picture.convert("RGB").resize((1, 1)).tobytes()
    assert (red > 200, blue < 60) == (True, True)
    assert "hands.gif, which moves: its first picture · alt text:" in page


def test_a_page_made_elsewhere_names_no_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Problems name pictures, calendars and the settings by their paths from the current folder."""
    (desk.folder / "campaigns/other.yaml").write_text(OTHER.replace("08:00", "08:10"))
    (desk.folder / "campaigns/sketch.yaml").write_text(
        CALENDAR.replace("campaign: ce", "campaign: sketch\ndraft: yes").replace("hands.jpg", "gone.jpg")
    )
    (desk.folder / "elsewhere").mkdir()
    monkeypatch.chdir(desk.folder / "elsewhere")
    page = desk.run("--config", str(tmp_path / "config.yaml"), "preview", "--format", "html", code=0).out
    assert "../" not in re.sub(r'src="[^"]+"', "", page)
    assert str(tmp_path) not in page
    assert "&#39;gap&#39; in config.yaml." in page
    assert "The picture gone.jpg is not there" in page
    assert "gone.jpg, which cannot be shown · alt text:" in page


def test_the_page_says_which_calendars_are_left_out(desk: Desk) -> None:
    assert "has errors" not in read_page(desk)
    desk.run("run", "--once", code=0)
    (desk.folder / "campaigns/new.yaml").write_text("campaign: [")
    desk.edit("text: Think.", "text: Think: spot")
    page = read_page(desk, code=2)
    assert '<p class="loud">new.yaml has errors: nothing of it is shown.</p>' in page
    assert '<p class="loud">x.yaml has errors: its last good version is shown, which stays in force.</p>' in page
    assert '<div class="text">Think.</div>' in page


# --- Its file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"), [("sheet.html", "html"), ("SHEET.HTM", "html"), ("a.json", "json"), ("a.txt", "text")]
)
def test_a_file_holds_what_would_be_shown_in_the_form_that_it_ends_in(desk: Desk, name: str, form: str) -> None:
    shown = desk.run("preview", "--format", form, code=0)
    written = desk.run("preview", "-o", name, code=0)
    assert written.out == ""
    assert written.err == f"{name}: 1 delivery: 0 errors, 0 warnings.\n"
    assert (desk.folder / name).read_text(encoding="utf-8") == shown.out


def test_the_form_that_is_asked_for_counts(desk: Desk) -> None:
    desk.run("preview", "-o", "rows.data", "--format", "json", code=0)
    [row] = json.loads((desk.folder / "rows.data").read_text(encoding="utf-8"))
    assert row["key"] == "ce/think/2027/board"


def test_a_file_whose_form_nobody_knows_is_refused(desk: Desk) -> None:
    shown = desk.run("preview", "-o", "sheet.pdf", code=2)
    assert "sheet.pdf does not say how to show it. Let its name end in .html, .json or .txt" in shown.err
    assert not (desk.folder / "sheet.pdf").exists()


def test_a_file_that_is_there_is_left_as_it_is(desk: Desk) -> None:
    sheet = desk.folder / "sheet.html"
    sheet.write_text("signed")
    shown = desk.run("preview", "-o", "sheet.html", code=2)
    assert "sheet.html is there already, and is left as it is. Name another, or add --force." in shown.err
    assert sheet.read_text() == "signed"
    desk.run("preview", "-o", "sheet.html", "--force", code=0)
    assert "Think." in sheet.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_says_so(desk: Desk) -> None:
    shown = desk.run("preview", "-o", "nowhere/sheet.html", code=2)
    assert "nowhere/sheet.html cannot be written: No such file or directory. Name another with -o." in shown.err


def test_a_page_too_large_to_be_sent_says_so(desk: Desk) -> None:
    post = "  - {{id: d{0}, when: {0} days after at 08:00, text: A, images: [{{file: hands.jpg, alt: B}}]}}\n"
    days = "".join(post.format(day) for day in range(1, 200))
    desk.calendar.write_text(CALENDAR + days)
    shown = desk.run("preview", "-o", "sheet.html", code=0)
    found = re.search(r"note: sheet.html has (\d+) MB, more than most mail takes: narrow it with --day", shown.err)
    assert found
    assert int(found[1]) == (desk.folder / "sheet.html").stat().st_size // 1_000_000
