"""The commands as people run them: a process in a folder, its output, its exit code and what it leaves on disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boards import Project, make_calendar

CALENDAR = """\
campaign: ce
name: CE Awareness Day
date: 18 March 2027
accounts: [board, second]
hashtags: ["#CEADay{yy}"]
posts:
  - id: think
    when: on the day at 08:00
    text: Think.
    link: https://www.example.org/signs
    tags: [cse]
    variants:
      second: {text: Fewer words.}
  - id: films
    when: 1 day after at 09:00
    accounts: [board]
    thread:
      - text: First part
      - text: Second part
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_check_names_each_problem_at_its_place(project: Project) -> None:
    project.write_calendar(CALENDAR.replace("accounts: [board, second]", "accounts: [bord, second]"))
    done = project.run("check", code=2)
    first = done.stdout.splitlines()[0]
    assert first == ("campaigns/a.yaml:4:12: error: no account named 'bord' in config.yaml. Did you mean 'board'?"), (
        done.stdout
    )
    assert "^^^^" in done.stdout
    listed = json.loads(project.run("check", "--format", "json", code=2).stdout)
    assert {"severity", "message", "hint", "file", "line", "column"} == set(listed[0])


def test_check_is_silent_about_a_good_calendar(project: Project) -> None:
    project.write_calendar(CALENDAR)
    assert project.run("check", code=0).stdout == ""


def test_preview_is_what_a_round_sends(project: Project) -> None:
    project.write_calendar(
        make_calendar(p0=0).replace(
            "text: Post p0", "text: 'Ünïcode “quotes” 🏴‍☠️ & <b>'\n    link: https://e.org/?a=1&b=2"
        )
    )
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    project.run("run", "--once", code=0)
    [post] = project.posts("board")
    assert post["text"] == row["parts"][0]["text"]
    assert project.history()[row["key"]]["status"] == "posted"


def test_preview_json_has_what_is_promised(project: Project) -> None:
    project.write_calendar(CALENDAR)
    rows = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert [row["key"] for row in rows] == ["ce/think/2027/board", "ce/think/2027/second", "ce/films/2027/board"]
    promised = (
        "key campaign post occurrence account platform due_local due_utc not_after_utc parts problems decision status"
    )
    assert set(promised.split()) <= set(rows[0])
    assert rows[0]["parts"][0]["text"] == "Think.\n\nhttps://www.example.org/signs\n\n#CEADay27"
    assert rows[1]["parts"][0]["text"].startswith("Fewer words.")
    assert [part["text"] for part in rows[2]["parts"]] == ["First part", "Second part\n\n#CEADay27"]
    assert (rows[0]["decision"], rows[0]["status"], rows[0]["due_utc"]) == ("wait", "planned", "2027-03-18T08:00:00Z")


def test_a_text_too_long_keeps_its_row_and_ends_with_2(project: Project) -> None:
    project.write_calendar(CALENDAR.replace("text: Think.", "text: " + "x" * 5001))
    rows = json.loads(project.run("preview", "--format", "json", code=2).stdout)
    assert len(rows) == 3
    assert rows[0]["problems"][0]["severity"] == "error"


def test_a_broken_calendar_leaves_standard_output_json(project: Project) -> None:
    project.write_calendar(CALENDAR)
    project.write_calendar("campaign: [", name="b")
    done = project.run("preview", "--format", "json", code=2)
    assert len(json.loads(done.stdout)) == 3
    assert "campaigns/b.yaml:" in done.stderr


def test_rehearse_with_every_fault_doubles_nothing(project: Project) -> None:
    project.write_calendar(CALENDAR)
    faults = "lost-reply@1,crash@2,unavailable@4,rate-limit@6"
    done = project.run("rehearse", "--faults", faults, code=0)
    assert "3 deliveries: sent once" in done.stdout, done.stdout
    posted = sorted(path.name for path in (project.folder / "rehearsal/noticeboard").glob("*.json"))
    assert posted == [
        "ce.films.2027.board.0.json",
        "ce.films.2027.board.1.json",
        "ce.think.2027.board.0.json",
        "ce.think.2027.second.0.json",
    ]
    assert (project.folder / "rehearsal/noticeboard/index.html").exists()


def test_once_sends_once_and_misses_what_is_too_late(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    project.run("run", "--once", code=0)
    assert len(project.posts("board")) == 1
    assert project.history()[f"now/p0/{datetime.now(UTC).year}/board"]["attempts"] == 1


def test_what_was_over_before_the_ledger_saw_it_is_past_and_what_it_saw_is_missed(project: Project) -> None:
    project.write_calendar(make_calendar(p0=-4 * 3600))
    project.run("run", "--once", code=0)
    [only] = project.history().values()
    assert only["status"] == "past"
    project.write_calendar(make_calendar(campaign="later", p0=3600), name="b")
    project.run("run", "--once", code=0)
    project.write_calendar(make_calendar(campaign="later", p0=-4 * 3600), name="b")
    project.run("run", "--once", code=1)
    assert {entry["status"] for entry in project.history().values()} == {"past", "missed"}
    assert project.posts("board") == []


def test_a_hold_stops_everything_and_its_release_sends_nothing(project: Project) -> None:
    project.write_calendar(make_calendar(p0=0))
    project.run("hold", "--reason", "national mourning", code=0)
    project.run("run", "--once", code=0)
    released = project.run("release", "--all", "--reason", "it is over", code=0)
    assert f"now/p0/{datetime.now(UTC).year}/board" in released.stdout
    project.run("run", "--once", code=0)
    assert project.posts("board") == []
    [only] = project.history().values()
    assert only["status"] == "held"


def test_resolve_settles_by_hand(project: Project) -> None:
    project.write_settings({"board": "reject@1"})
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=1)
    [(key, entry)] = project.history().items()
    assert entry["status"] == "rejected"
    project.run("resolve", key, "--skip", code=2)
    project.write_settings({"board": ""})
    project.run("resolve", key, "--retry", code=0)
    project.run("run", "--once", code=0)
    assert project.history()[key]["status"] == "posted"
    project.run("resolve", key, "--skip", "--reason", "no", code=2)


def test_the_example_settings_are_never_published_from(project: Project) -> None:
    project.write_calendar(CALENDAR)
    (project.folder / "config.yaml").rename(project.folder / "config.example.yaml")
    assert "note: there is no config.yaml" in project.run("preview", code=0).stderr
    assert "config.yaml" in project.run("run", "--once", code=2).stderr


def test_killed_after_it_posted_it_finds_its_post(project: Project) -> None:
    """`crash` ends the process as SIGKILL would, just after the post is out."""
    project.write_settings({"board": "crash@1"})
    project.write_calendar(make_calendar(p0=0))
    assert project.run("run", "--once").returncode != 0
    assert len(project.posts("board")) == 1
    assert [entry["status"] for entry in project.history().values()] == ["claimed"]
    project.write_settings({"board": ""})
    project.run("run", "--once", code=0)
    assert len(project.posts("board")) == 1
    assert [entry["status"] for entry in project.history().values()] == ["posted"]


def test_what_is_under_way_is_shown_as_it_will_go_out(project: Project) -> None:
    """Of a thread one part is out: the other follows as it was approved, whatever the calendar says by now."""
    project.write_settings({"board": "unavailable@2"})
    text = make_calendar(p0=0).replace("text: Post p0", "thread: [{text: Part one}, {text: Part two}]")
    path = project.write_calendar(text)
    project.run("run", "--once", code=1)
    path.write_text(text.replace("Part two", "Part too"))
    [row] = json.loads(project.run("preview", "--format", "json", "--strict", code=1).stdout)
    assert ([part["text"] for part in row["parts"]], row["status"]) == (["Part one", "Part two"], "partial")
    assert "under way already" in row["problems"][0]["message"]
    project.run("resolve", row["key"], "--skip", "--reason", "the text was wrong", code=0)
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert ([part["text"] for part in row["parts"]], row["status"]) == (["Part one", "Part too"], "skipped")


def test_an_edit_counts_for_the_next_try_of_what_was_not_sent(project: Project) -> None:
    project.write_settings({"board": "unavailable@1"})
    path = project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=1)
    path.write_text(path.read_text().replace("Post p0", "Post nought"))
    [row] = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert row["parts"][0]["text"] == "Post nought"
    project.write_settings({"board": ""})
    [entry] = project.history().values()
    assert entry["status"] == "planned"
    project.run("resolve", row["key"], "--retry", code=2)


def test_what_costs_money_says_how_much(project: Project) -> None:
    names = ("api_key", "api_secret", "access_token", "access_secret")
    project.write_accounts({"force": {"platform": "x", **{name: f"env:{name.upper()}" for name in names}}})
    text = CALENDAR.replace("[board, second]", "[force]").replace("[board]", "[force]").replace("second:", "force:")
    project.write_calendar(text)
    rows = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    assert [row["price_usd"] for row in rows] == [0.2, 0.03]
    assert "(x) · planned · $0.20" in project.run("preview", code=0).stdout


def test_every_field_of_what_other_programs_read_is_documented(project: Project) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    words = set(readme[readme.index("## For other programs") :].replace("`", " ").replace(",", " ").split())
    project.write_calendar(make_calendar(p0=0))
    project.run("run", "--once", code=0)
    project.write_calendar(make_calendar(campaign="next", p0=3600).replace("text: Post", "text: '{wrong}' # Post"), "b")
    preview = json.loads(project.run("preview", "--format", "json").stdout)[0]
    history = json.loads(project.run("history", "--format", "json", code=0).stdout)[0]
    problem = json.loads(project.run("check", "--format", "json", code=2).stdout)[0]
    status = json.loads(project.run("status", "--format", "json").stdout)
    fields = {*preview, *preview["parts"][0], *history, *history["parts"][0], *history["events"][0], *problem, *status}
    assert fields <= words, fields - words
