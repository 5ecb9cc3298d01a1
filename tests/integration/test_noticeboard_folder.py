"""A noticeboard's folder, used by several at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scheduler.bootstrap import SystemClock
from scheduler.noticeboard_folder import Board


def put_and_write(board: Board, writer: int) -> None:
    for number in range(25):
        post: dict[str, object] = {
            "key": f"ce/p{writer}-{number}/2027/board",
            "part": 0,
            "posted_at": "2027-03-18T08:00:00+00:00",
        }
        more: dict[str, object] = {"text": "Think.", "account": "board", "media": [], "link": None, "reply_to": None}
        board.put(f"{writer}-{number}.json", json.dumps(post | more).encode())
        board.write_page()


def test_two_daemons_write_the_page_at_the_same_time(tmp_path: Path) -> None:
    boards = [Board(tmp_path, SystemClock()) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        for written in [pool.submit(put_and_write, boards[writer % 2], writer) for writer in range(4)]:
            written.result()
    assert len(list(tmp_path.glob("*.json"))) == 100
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".json") == ["index.html"]
    boards[0].put("last.json", (tmp_path / "0-0.json").read_bytes())
    boards[0].write_page()
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("Think.") == 101
    assert page.count("Thu 18 Mar 2027 08:00 UTC") == 101
    assert "T08:00:00" not in page
