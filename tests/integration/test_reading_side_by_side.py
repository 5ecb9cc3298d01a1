"""A folder that several processes read is what one would have read: campaigns, problems, order, who owns an id."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler.bootstrap import App, build_app

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system makes no copies of a process")

POST = "  - id: post-{number}\n    when: {day} days before at 09:00\n    text: 'Think, speak out {number}. {more}'\n"


def write_calendar(name: str, posts: int, more: str = "#CEADay26") -> str:
    head = f"campaign: {name}\ndate: 18 March 2027\naccounts: [board]\ntags: [cse]\nposts:\n"
    return head + "".join(POST.format(number=number, day=number % 300, more=more) for number in range(posts))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.chdir(tmp_path)
    Path("campaigns").mkdir()
    Path("config.yaml").write_text(
        "ledger: sqlite:///ledger.db\naccounts:\n  board: {platform: noticeboard, folder: board}\n", encoding="utf-8"
    )
    for number in range(12):
        words = write_calendar(f"campaign-{number}", 400, "#CEADay27" if number % 2 else "#CEADay26")
        Path(f"campaigns/{number:02}.yaml").write_text(words, encoding="utf-8")
    Path("campaigns/03.yaml").write_text(write_calendar("campaign-9", 400), encoding="utf-8")  # a twin of the tenth
    Path("campaigns/05.yaml").write_text("campaign: broken\nposts: 7\n", encoding="utf-8")
    Path("campaigns/11.yaml").write_text("posts:\n  - text: [\n", encoding="utf-8")
    return build_app(None, allow_example=False)


def test_many_calendars_are_read_as_one_process_reads_them(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    fork = os.fork

    def count() -> int:
        process = fork()
        begun.append(process)
        return process

    monkeypatch.setattr(os, "fork", count)
    alone = app.read_calendars()
    assert not begun
    together = app.read_calendars(side_by_side=True)
    assert bool(begun) == (len(os.sched_getaffinity(0)) > 1)
    assert together == alone
    assert sum(file.campaign is not None for file in together) == 9
    assert any("already in campaigns/03.yaml" in problem.message for problem in together[9].problems)


def test_few_calendars_are_read_here(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", None)  # whoever called it would fail
    few = [Path("campaigns/00.yaml"), Path("campaigns/01.yaml")]
    assert app.read_calendars(few, side_by_side=True) == app.read_calendars(few)
