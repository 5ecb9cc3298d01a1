"""Pictures, films and captions of a calendar are taken from the settings' folder and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.domain.problem import Problem
from scheduler.sources.calendar import read_calendar
from scheduler.sources.media_folder import MediaFolder
from tests.odd_films import make
from tests.reading import CAMPAIGN, DEFAULTS, POST, spot_of, unmark
from tests.spreadsheets import HEADINGS, Desk, Done, make_excel

HANDS = (Path(__file__).parents[1] / "calendars/good/pictures/hands.png").read_bytes()
LINES = {
    "picture": "    text: a\n    images:\n      - file: ‹{}›\n        alt: A hand\n",
    "film": "    text: a\n    video:\n      file: ‹{}›\n      alt: A film\n      captions: no speech\n",
    "captions": "    text: a\n    video:\n      file: film.mp4\n      alt: A film\n      captions: ‹{}›\n",
    "variant": "    text: a\n    variants:\n      force-x:\n        images: [{{file: ‹{}›, alt: A hand}}]\n",
    "draft": "    draft: yes\n    text: a\n    images:\n      - file: ‹{}›\n        alt: A hand\n",
}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "team"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(HANDS)
    (tmp_path / "secret.srt").write_text("root:x:0:0\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return Desk(folder, capsys)


def read(words: str, folder: Path, root: Path | None) -> tuple[list[Problem], int]:
    text = f"{CAMPAIGN}posts:\n{POST}{words}"
    calendar = read_calendar(text.encode(), str(folder / "hello.yaml"), DEFAULTS._replace(root=root))
    return list(calendar.problems), len(calendar.media)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("file", ["../../secret.png", "/etc/passwd", "x/../../../secret.png", "link.png", "away/a.png"])
def test_what_lies_outside_is_refused_at_its_place(desk: Desk, name: str, file: str) -> None:
    folder = desk.folder / "campaigns"
    (folder / "link.png").symlink_to("../../secret.png")
    (folder / "away").symlink_to("../..")
    text, [spot] = unmark(f"{CAMPAIGN}posts:\n{POST}" + LINES[name].format(file))
    words = text.removeprefix(f"{CAMPAIGN}posts:\n{POST}")
    [problem], media = read(words, folder, desk.folder)
    assert (problem.severity, spot_of(problem)) == ("error", spot)
    assert "top of one machine" in problem.message if file[0] == "/" else "not in the folder team" in problem.message
    assert "Copy the file beside the calendar" in problem.hint
    assert media == 0


@pytest.mark.parametrize("file", ["C:\\Users\\a.png", "\\\\server\\share\\a.png", "C:a.png"])
def test_a_path_of_a_windows_machine_is_refused_too(file: str, tmp_path: Path) -> None:
    assert "top of one machine" in MediaFolder(tmp_path, tmp_path).explain_refusal(file)


@pytest.mark.parametrize("file", ["a.png", "ce/a.png", "../hands.png", "../toolkits/a.png", "ce/../a.png", "a\0.png"])
def test_what_lies_within_is_taken_though_it_is_not_there_yet(desk: Desk, file: str) -> None:
    for root in (desk.folder, None):
        assert MediaFolder(desk.folder / "campaigns", root).explain_refusal(file) == ""


def test_a_calendar_outside_the_settings_folder_keeps_to_its_own(tmp_path: Path) -> None:
    bounds = MediaFolder(tmp_path / "shared", tmp_path / "team")
    assert bounds.explain_refusal("a.png") == ""
    assert "not in the folder shared" in bounds.explain_refusal("../team/config.yaml")


def test_a_folder_that_is_a_link_is_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "team").mkdir()
    (tmp_path / "team/campaigns").symlink_to("../elsewhere")
    bounds = MediaFolder(tmp_path / "team/campaigns", tmp_path / "team")
    assert bounds.explain_refusal("ce/a.png") == ""
    assert bounds.explain_refusal("../secret.png")


def test_check_prints_no_line_of_a_file_that_is_not_one_of_captions(desk: Desk) -> None:
    (desk.folder / "campaigns/film.mp4").write_bytes(make("plain.mp4"))
    (desk.folder / "token.txt").write_text("secret-token\n", encoding="utf-8")
    (desk.folder / "token.srt").write_text("spoken-words\n", encoding="utf-8")
    (desk.folder / "campaigns/alias.srt").symlink_to("../token.txt")
    head = "campaign: x\ndate: 18 March 2027\naccounts: [board]\nposts:\n  - id: a\n    when: on the day at 09:00\n"

    def check(captions: str) -> str:
        words = LINES["captions"].format(captions).replace("‹", "").replace("›", "")
        desk.calendar.write_text(head + words, encoding="utf-8")
        done = desk.run("check", "--format", "json", code=2)
        return done.out + done.err + str(desk.run("check", code=2))

    for file in ("../token.txt", "alias.srt"):
        said = check(file)
        assert "no time" in said
        assert "secret-token" not in said
    assert "spoken-words" in check("../token.srt")
    assert "root:x" not in check("../../secret.srt")


OUTSIDE = ("--date", "18 March 2027", "--accounts", "board")


def import_kit(desk: Desk, picture: str, *options: str) -> Done:
    """Import a toolkit that lies outside the settings' folder, with a picture beside it or below."""
    kit = desk.folder.parent / "downloads"
    (kit / picture).parent.mkdir(parents=True, exist_ok=True)
    (kit / picture).write_bytes(HANDS)
    rows = [[*HEADINGS, "Image file", "Alt text"], ["a", "T", "9am", "board", "Think.", "hands.png", "Two hands"]]
    (kit / "kit.xlsx").write_bytes(make_excel(rows))
    return desk.run("import", "../downloads/kit.xlsx", *(options or ("-o", "campaigns/x.yaml", *OUTSIDE)))


@pytest.mark.parametrize("picture", ["hands.png", "pictures/hands.png"])
def test_a_toolkits_picture_that_lies_outside_is_told_by_cell_and_blocks_until_it_is_copied(
    desk: Desk, picture: str
) -> None:
    done = import_kit(desk, picture)
    assert done.code == 1
    assert f"../downloads/kit.xlsx:Posts!F2: warning: ../downloads/{picture} is outside the folder of" in done.out
    assert "Copy it beside the calendar, as x/hands.png" in done.out
    text = desk.read()
    assert "draft: yes # to settle: copy the picture to x/hands.png\n" in text
    assert "- file: x/hands.png\n        alt: Two hands\n" in text
    for line in [line for line in text.splitlines(keepends=True) if "draft: yes" in line]:
        desk.edit(line, "")
    assert "is not there" in desk.run("check", code=2).out, "nothing is sent without it"
    (desk.folder / "campaigns/x").mkdir()
    (desk.folder / "campaigns/x/hands.png").write_bytes(HANDS)
    desk.run("check", "--strict", code=0)
    again = import_kit(desk, picture, "--update", "campaigns/x.yaml")
    assert (again.code, "hands.png is outside" in again.out) == (0, False)


def test_of_two_pictures_of_one_name_that_is_taken_which_may_be(desk: Desk) -> None:
    (desk.folder / "campaigns/hands.png").write_bytes(HANDS)
    assert import_kit(desk, "hands.png").code == 0
    assert "- file: hands.png\n" in desk.read()
