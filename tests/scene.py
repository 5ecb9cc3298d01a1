"""Rounds of a real project folder with two noticeboards, on a clock that the test moves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.bootstrap import build_app
from scheduler.domain.delivery import Record, Status
from scheduler.domain.ports import Platform
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

    def __init__(
        self,
        folder: Path,
        faults: str = "",
        more: str = "",
        calendar: str = CALENDAR,
        platform: Platform | None = None,
        accounts: str = "",
    ) -> None:
        self.folder = folder
        (folder / "campaigns").mkdir(exist_ok=True)
        (folder / "campaigns/a.yaml").write_text(calendar)
        strikes = f", faults: '{faults}'" if faults else ""
        (folder / "config.yaml").write_text(
            f"calendars: campaigns\nledger: sqlite:///ledger.db\n{more}accounts:\n"
            f"  board: {{platform: noticeboard, folder: boards/board{strikes}}}\n"
            f"  second: {{platform: noticeboard, folder: boards/second}}\n{accounts}"
        )
        self.clock = FastClock(DUE - timedelta(minutes=1))
        app = build_app(folder / "config.yaml", allow_example=False)
        self.steps: list[Step] = []
        channels = app.build_channels(self.clock)
        if platform is not None:
            channels["board"].platform = platform
        self.rounds: Rounds = open_rounds(app, self.clock, channels, on_step=self.steps.append)
        self.rounds.load()

    def write(self, calendar: str, name: str = "a") -> None:
        """Write a calendar, and read everything again."""
        (self.folder / f"campaigns/{name}.yaml").write_text(calendar)
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

    def record(self, post: str, account: str = "board") -> Record:
        """Return the ledger's row of a delivery."""
        return self.rounds.desk.records([f"ce/{post}/2027/{account}"])[f"ce/{post}/2027/{account}"]

    def status(self, post: str, account: str = "board") -> Status:
        """Return where a delivery stands."""
        return self.record(post, account).status

    def close(self) -> None:
        """End the rounds."""
        self.rounds.publisher.stop(10)
        self.rounds.close()
