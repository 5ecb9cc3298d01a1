"""`campaign diff` against a real ledger that real rounds loaded and posted, real files and a real git repository."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from scheduler.cli import group
from scheduler.errors import ConfigError, UsageError
from tests.scene import CALENDAR, DUE, Scene

Diff = Callable[..., dict[str, dict[str, Any]]]
EDITED = CALENDAR.replace("text: One", "text: One more").replace("08:10, text", "08:20, text")
OF_A_DAY = CALENDAR.replace("date: 18 March 2027", "day: stalking-awareness-week\nyear: 2027")
DAYS = """\
dates:
  stalking-awareness-week:
    2027: {on: 19 April 2027 to 23 April 2027, source: the organiser}
"""
ALL = {f"ce/p{post}/2027/{account}" for post in (0, 1, 2) for account in ("board", "second")}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.chdir(tmp_path)
    made = Scene(tmp_path)
    yield made
    made.close()


def run(*arguments: str) -> Result:
    """Run the command; what it refuses is raised."""
    done = CliRunner().invoke(group, ["diff", *arguments], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done


def diff(*arguments: str, code: int = 1) -> dict[str, dict[str, Any]]:
    """Return the differences by key, of a run that must end with this code."""
    done = run(*arguments, "--format", "json")
    assert done.return_value == code
    return {each["key"]: each for each in json.loads(done.stdout)}


def edit(scene: Scene, text: str, name: str = "a") -> None:
    """Write a calendar that the daemon has not read yet."""
    (scene.folder / f"campaigns/{name}.yaml").write_text(text)


class TestAgainstTheLedger:
    def test_nothing_has_changed_since_it_was_loaded(self, scene: Scene) -> None:
        assert diff(code=0) == {}
        done = run()
        assert (done.return_value, done.stdout) == (0, "")
        assert done.stderr == "No delivery differs, against what the daemon loaded last.\n"

    def test_an_edit_is_shown_until_it_is_loaded(self, scene: Scene) -> None:
        edit(scene, EDITED)
        found = diff()
        assert found.keys() == {key for key in ALL if "p0" not in key}
        assert found["ce/p1/2027/board"]["changes"] == [{"what": "text", "part": 1, "old": "One", "new": "One more"}]
        assert found["ce/p2/2027/board"]["changes"] == [
            {"what": "time", "part": None, "old": "2027-03-18T08:10+00:00", "new": "2027-03-18T08:20+00:00"}
        ]
        scene.rounds.load()
        assert diff(code=0) == {}

    def test_what_is_posted_is_marked_and_an_edit_of_it_is_never_sent(self, scene: Scene) -> None:
        scene.run_at(DUE)
        edit(scene, EDITED)
        found = diff()
        assert found["ce/p1/2027/board"]["status"] == "posted"
        assert found["ce/p1/2027/board"]["outcome"] == "posted already: this edit will not be sent"
        scene.rounds.load()
        scene.run_at(DUE + timedelta(minutes=30))
        assert scene.posted("board") == ["Zero", "One", "Two"]

    def test_what_it_calls_new_words_is_what_is_sent(self, scene: Scene) -> None:
        edit(scene, CALENDAR.replace("text: Zero", "text: 'Zero £5 “now” 🏴‍☠️ ', hashtags: ['#CE']"))
        [change] = diff()["ce/p0/2027/board"]["changes"]
        scene.rounds.load()
        scene.run_at(DUE)
        assert scene.posted("board")[0] == change["new"] == "Zero £5 “now” 🏴‍☠️\n\n#CE"

    def test_a_post_that_is_gone_will_not_be_sent_unless_it_is_out(self, scene: Scene) -> None:
        scene.run_at(DUE)
        edit(scene, "\n".join(CALENDAR.splitlines()[:4]) + "\n  - {id: p3, when: on the day at 23:00, text: Three}\n")
        found = diff()
        assert {found[key]["change"] for key in ALL} == {"removed"}
        assert found["ce/p0/2027/board"]["outcome"] == "posted already: it stays out"
        assert found["ce/p2/2027/board"]["outcome"].startswith("will not be sent")
        assert found["ce/p3/2027/board"]["change"] == "added"

    def test_a_calendar_that_is_gone_or_renamed(self, scene: Scene) -> None:
        (scene.folder / "campaigns/a.yaml").rename(scene.folder / "campaigns/b.yaml")
        assert diff(code=0) == {}
        (scene.folder / "campaigns/b.yaml").unlink()
        found = diff()
        assert found.keys() == ALL
        assert {each["file"] for each in found.values()} == {"campaigns/a.yaml"}

    def test_a_campaign_that_moved_is_compared_with_its_newest_version(self, scene: Scene) -> None:
        (scene.folder / "campaigns/a.yaml").unlink()
        scene.write(EDITED, "b")
        edit(scene, EDITED.replace("Zero", "Nought"), "b")
        assert diff().keys() == {"ce/p0/2027/board", "ce/p0/2027/second"}

    def test_only_the_calendars_that_are_named(self, scene: Scene) -> None:
        scene.write(CALENDAR.replace("campaign: ce", "campaign: other"), "b")
        edit(scene, EDITED)
        edit(scene, EDITED.replace("campaign: ce", "campaign: other"), "b")
        assert {each["campaign"] for each in diff().values()} == {"ce", "other"}
        assert {each["campaign"] for each in diff("campaigns/b.yaml").values()} == {"other"}

    def test_a_broken_calendar_is_not_compared_and_ends_with_2(self, scene: Scene) -> None:
        scene.write(CALENDAR.replace("campaign: ce", "campaign: other"), "b")
        edit(scene, EDITED.replace("when:", "whn:"))
        edit(scene, EDITED.replace("campaign: ce", "campaign: other"), "b")
        assert {each["campaign"] for each in diff(code=2).values()} == {"other"}
        assert "campaigns/a.yaml has errors: it is not compared" in run().stderr

    def test_without_a_ledger_it_says_what_to_do(self, scene: Scene) -> None:
        config = scene.folder / "config.yaml"
        config.write_text(config.read_text().replace("ledger.db", "none.db"))
        with pytest.raises(UsageError, match=r"There is no ledger yet.*--against HEAD"):
            run()

    def test_the_text_fits_on_a_screen_and_names_accounts_together(self, scene: Scene) -> None:
        scene.run_at(DUE)
        edit(scene, EDITED)
        done = run()
        assert done.stdout == (
            "campaigns/a.yaml\n"
            "  ~ changed p1 → board, second · Thu 18 Mar 2027 08:00 GMT\n"
            "      posted already: this edit will not be sent\n"
            "      text:\n"
            "        was: One\n"
            "        now: One «more»\n"
            "  ~ changed p2 → board, second · Thu 18 Mar 2027 08:20 GMT\n"
            "      time: Thu 18 Mar 2027 08:10 GMT → Thu 18 Mar 2027 08:20 GMT\n"
            "\n"
        )
        assert done.stderr == "4 deliveries changed, against what the daemon loaded last.\n"

    def test_what_is_added_and_removed_shows_its_first_words(self, scene: Scene) -> None:
        scene.run_at(DUE)
        long = "Spot the signs. " * 10
        more = f"  - {{id: p3, when: on the day at 23:00, accounts: [board], text: {long}}}\n"
        edit(
            scene, CALENDAR.replace("id: p0", "id: p9").replace("accounts: [board, second]", "accounts: [board]") + more
        )
        assert run().stdout == (
            "campaigns/a.yaml\n"
            "  + added p9 → board · Thu 18 Mar 2027 08:00 GMT\n"
            "      the same words were ce/p0/2027/board (posted already): they will be sent a second time\n"
            "      Zero\n"
            "  + added p3 → board · Thu 18 Mar 2027 23:00 GMT\n"
            "      Spot the signs. Spot the signs. Spot the signs. Spot the signs. Spot the signs. …\n"
            "  - removed p0 → board, second · Thu 18 Mar 2027 08:00 GMT\n"
            "      posted already: it stays out\n"
            "      Zero\n"
            "  - account removed p1 → second · Thu 18 Mar 2027 08:00 GMT\n"
            "      posted already: it stays out\n"
            "  - account removed p2 → second · Thu 18 Mar 2027 08:10 GMT\n"
            "      will not be sent\n"
            "\n"
        )

    def test_a_date_that_the_team_wrote_into_its_days(self, scene: Scene) -> None:
        scene.write(OF_A_DAY)
        (scene.folder / "days.yaml").write_text(DAYS)
        assert len(diff()) == 6
        scene.rounds.load()
        assert diff(code=0) == {}
        (scene.folder / "days.yaml").write_text(DAYS.replace("19 April", "26 April").replace("23 April", "30 April"))
        [change] = diff()["ce/p0/2027/board"]["changes"]
        assert (change["old"], change["new"]) == ("2027-04-19T08:00+01:00", "2027-04-26T08:00+01:00")


class TestAgainstAFile:
    def test_an_older_copy(self, scene: Scene, tmp_path: Path) -> None:
        (tmp_path / "last-week.yaml").write_text(CALENDAR.replace("Zero", "Nothing"))
        scene.write(CALENDAR.replace("campaign: ce", "campaign: other"), "b")
        found = diff("--against", "last-week.yaml")
        assert found.keys() == {"ce/p0/2027/board", "ce/p0/2027/second"}
        assert found["ce/p0/2027/board"]["changes"][0]["old"] == "Nothing"
        assert diff("campaigns/a.yaml", "--against", "last-week.yaml").keys() == found.keys()

    def test_pictures_of_a_copy_are_those_beside_the_calendar(self, scene: Scene, tmp_path: Path) -> None:
        Image.new("RGB", (40, 30), "navy").save(tmp_path / "campaigns/hands.png")
        with_picture = CALENDAR.replace("text: Zero", "text: Zero, images: [{file: hands.png, alt: Hands}]")
        scene.write(with_picture)
        (tmp_path / "copies").mkdir()
        (tmp_path / "copies/a.yaml").write_text(with_picture)
        assert diff("--against", "copies/a.yaml", code=0) == {}

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("none.yaml", None, "There is no file none.yaml."),
            ("old.yaml", CALENDAR.replace("campaign: ce", "campaign: unlike"), ""),
            ("old.yaml", CALENDAR.replace("campaign: ce", "campaign: third"), "Name the calendar to compare"),
        ],
    )
    def test_a_copy_of_what_is_asked_for(self, scene: Scene, name: str, content: str | None, said: str) -> None:
        scene.write(CALENDAR.replace("campaign: ce", "campaign: unlike"), "b")
        if content is not None:
            (scene.folder / name).write_text(content)
        if not said:
            assert diff("--against", name, code=0) == {}
            return
        with pytest.raises(UsageError, match=said):
            run("--against", name)

    def test_a_copy_with_errors_is_named_with_its_place(self, scene: Scene) -> None:
        (scene.folder / "old.yaml").write_text(CALENDAR.replace("when:", "whn:"))
        with pytest.raises(ConfigError, match=r"^old.yaml:5:14: error: "):
            run("--against", "old.yaml")


class TestAgainstGit:
    @pytest.fixture
    def git(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            monkeypatch.delenv(name)

        def run_git(*arguments: str) -> None:
            who = ["-c", "user.name=Officer", "-c", "user.email=officer@example.org", "-c", "commit.gpgsign=false"]
            subprocess.run(["git", *who, *arguments], cwd=scene.folder, check=True, capture_output=True)

        run_git("init", "--quiet", "--initial-branch", "main")
        run_git("add", "campaigns")
        run_git("commit", "--quiet", "-m", "first")
        return run_git

    def test_since_the_last_commit_and_since_an_older_one(self, scene: Scene, git: Callable[..., None]) -> None:
        assert diff("--against", "HEAD", code=0) == {}
        edit(scene, EDITED)
        assert len(diff("--against", "HEAD")) == 4
        git("commit", "--quiet", "-a", "-m", "second")
        assert diff("--against", "HEAD", code=0) == {}
        assert diff("--against", "HEAD~1").keys() == {key for key in ALL if "p0" not in key}
        git("tag", "signed-off", "HEAD~1")
        assert diff("--against", "signed-off")["ce/p1/2027/board"]["changes"][0]["old"] == "One"
        assert "4 deliveries changed, against signed-off." in run("--against", "signed-off").stderr

    def test_a_calendar_that_is_new_or_gone(self, scene: Scene, git: Callable[..., None]) -> None:
        edit(scene, CALENDAR.replace("campaign: ce", "campaign: new"), "new")
        (scene.folder / "campaigns/a.yaml").unlink()
        found = diff("--against", "HEAD")
        assert {key for key, each in found.items() if each["change"] == "removed"} == ALL
        assert {each["campaign"] for each in found.values() if each["change"] == "added"} == {"new"}
        with pytest.raises(UsageError, match=r"campaigns/new\.yaml was not there at HEAD"):
            run("campaigns/new.yaml", "--against", "HEAD")

    def test_a_picture_that_was_swapped_under_its_name(
        self, scene: Scene, git: Callable[..., None], tmp_path: Path
    ) -> None:
        picture = tmp_path / "campaigns/media/hands.png"
        picture.parent.mkdir()
        Image.new("RGB", (40, 30), "navy").save(picture)
        edit(scene, CALENDAR.replace("text: Zero", "text: Zero, images: [{file: media/hands.png, alt: Hands}]"))
        git("add", "campaigns")
        git("commit", "--quiet", "-m", "a picture")
        assert diff("--against", "HEAD", code=0) == {}
        Image.new("RGB", (40, 30), "red").save(picture)
        found = diff("--against", "HEAD")
        assert [change["what"] for each in found.values() for change in each["changes"]] == ["media", "media"]
        git("rm", "--quiet", "--cached", "campaigns/media/hands.png")
        git("commit", "--quiet", "-m", "not kept here any more")
        assert diff("--against", "HEAD", code=0) == {}

    def test_a_folder_called_as_a_branch_is_no_obstacle(self, scene: Scene, git: Callable[..., None]) -> None:
        (scene.folder / "main").mkdir()
        (scene.folder / "drafts").mkdir()
        assert diff("--against", "main", code=0) == {}
        with pytest.raises(UsageError, match="drafts is a folder"):
            run("--against", "drafts")

    def test_a_date_that_the_team_wrote_into_its_days(self, scene: Scene, git: Callable[..., None]) -> None:
        edit(scene, OF_A_DAY)
        git("commit", "--quiet", "-a", "-m", "of a day")
        (scene.folder / "days.yaml").write_text(DAYS)
        assert diff("--against", "HEAD", code=0) == {}  # not kept in the repository: nobody knows how it was
        git("add", "days.yaml")
        assert len(diff("--against", "HEAD")) == 6
        git("commit", "--quiet", "-m", "days")
        (scene.folder / "days.yaml").write_text(DAYS.replace("19 April", "26 April").replace("23 April", "30 April"))
        [change] = diff("--against", "HEAD")["ce/p0/2027/board"]["changes"]
        assert (change["old"], change["new"]) == ("2027-04-19T08:00+01:00", "2027-04-26T08:00+01:00")

    def test_what_git_lfs_keeps_elsewhere_is_known_by_its_digest(
        self, scene: Scene, git: Callable[..., None], tmp_path: Path
    ) -> None:
        picture = tmp_path / "campaigns/hands.png"
        Image.new("RGB", (40, 30), "navy").save(picture)
        content = picture.read_bytes()
        kept = f"oid sha256:{hashlib.sha256(content).hexdigest()}\nsize {len(content)}\n"
        picture.write_text(f"version https://git-lfs.github.com/spec/v1\n{kept}")
        edit(scene, CALENDAR.replace("text: Zero", "text: Zero, images: [{file: hands.png, alt: Hands}]"))
        git("add", "campaigns")
        git("commit", "--quiet", "-m", "as LFS has it")
        picture.write_bytes(content)
        assert diff("--against", "HEAD", code=0) == {}
        Image.new("RGB", (40, 30), "red").save(picture)
        assert len(diff("--against", "HEAD")) == 2

    def test_a_repository_of_somebody_else(
        self, scene: Scene, git: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for tests
        with pytest.raises(UsageError, match="it belongs to another user"):
            run("--against", "HEAD")

    @pytest.mark.parametrize("name", ["v9", "-p", "HEAD~99", "HEAD:campaigns"])
    def test_no_such_revision(self, scene: Scene, git: Callable[..., None], name: str) -> None:
        with pytest.raises(UsageError, match="There is neither a file nor a git revision called"):
            run(f"--against={name}")

    def test_a_version_with_errors_is_named_with_its_place(self, scene: Scene, git: Callable[..., None]) -> None:
        edit(scene, CALENDAR.replace("when:", "whn:"))
        git("commit", "--quiet", "-a", "-m", "broken")
        edit(scene, CALENDAR)
        with pytest.raises(ConfigError, match=r"^HEAD:campaigns/a.yaml:5:14: error: "):
            run("--against", "HEAD")

    def test_no_repository(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(scene.folder.parent))
        with pytest.raises(UsageError, match="The folder campaigns is in no git repository"):
            run("--against", "HEAD")

    def test_no_git(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(scene.folder))
        with pytest.raises(UsageError, match="git is not installed on this machine"):
            run("--against", "HEAD")
