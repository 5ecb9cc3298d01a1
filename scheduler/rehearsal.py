"""A dress rehearsal: the daemon's own rounds on a fast clock, to a noticeboard, through whole days in seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.bootstrap import App
from scheduler.channels import AccountChannel
from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.ports import Event
from scheduler.errors import SchedulerError
from scheduler.noticeboard_folder import Board, RehearsedCrash, Strike
from scheduler.platforms import load_platform
from scheduler.rounds import Rounds, open_rounds
from scheduler.sending import Step
from scheduler.sessions import MemoryStore

_SHORTEST_STEP = timedelta(seconds=1)
_LONGEST_STEP = timedelta(minutes=10)
_MOST_ROUNDS = 200_000


class FastClock:
    """Implements the port Clock: waiting takes no time, and moves it on."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time of the rehearsal."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by that many seconds."""
        with self._lock:
            self._now += timedelta(seconds=max(seconds, 0.0))

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment; never back."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Line:
    """How one delivery of the rehearsal ended. `late` is how long after its time it left, if it left.

    `mended` says in words what went wrong before it was sent well, each thing once.
    """

    delivery: Delivery
    status: Status
    late: timedelta
    reason: str
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The end of a rehearsal: one line a delivery, and the page to look at; `idle` says which faults never struck.

    Of each of these it is told how many calls that would post there were where it might have.
    """

    lines: tuple[Line, ...]
    page: Path
    crashes: int
    idle: Mapping[Strike, int]


@dataclass
class Rehearsal:
    """Plays the deliveries of some calendars from before the first to after the last not-after time."""

    app: App
    deliveries: list[Delivery]
    paths: list[Path]
    folder: Path
    faults: Mapping[Strike, str]

    def play(self, on_step: Callable[[Step], None]) -> Rehearsed:
        """Run it, and return how each delivery ended. Raise SchedulerError if the product itself failed."""
        clock = FastClock(min(delivery.due for delivery in self.deliveries) - timedelta(minutes=1))
        end = max(delivery.not_after for delivery in self.deliveries) + timedelta(minutes=1)
        zones = {delivery.key: delivery.post.due.tzinfo for delivery in self.deliveries}
        board = Board(self.folder / "noticeboard", clock, self.faults, self.app.settings.zone, zones)
        channels = self._build_channels(clock, board)
        ledger = f"sqlite:///{self.folder / 'ledger.db'}"
        app = App(self.app.settings._replace(ledger=ledger, alerts=(), workers=1), self.app.is_example)
        crashes = 0
        while True:
            rounds = open_rounds(app, clock, channels, on_step=on_step, passing=True)
            try:
                self._run_rounds(rounds, clock, end)
                records, events = rounds.desk.records(), rounds.desk.events()
                break
            except RehearsedCrash:
                crashes += 1
                clock.sleep(5)  # what starting again takes
            finally:
                rounds.publisher.stop(30)
                rounds.finish()
                rounds.close()
        mended = tell_mended(events)
        lines = tuple(_read_line(each, records.get(each.key), mended.get(each.key, ())) for each in self.deliveries)
        idle = {each: board.count_calls(each.account) for each in self.faults if each not in board.struck}
        return Rehearsed(lines, self.folder / "noticeboard" / "index.html", crashes, idle)

    def _build_channels(self, clock: FastClock, board: Board) -> dict[str, AccountChannel]:
        """Every account keeps its name and posts to the board; no secret is read."""
        noticeboard, store = load_platform("noticeboard"), MemoryStore()
        return {
            name: AccountChannel(
                account._replace(secrets={}), noticeboard, clock, sessions=store, limits_store=store, board=board
            )
            for name, account in self.app.settings.accounts.items()
        }

    def _run_rounds(self, rounds: Rounds, clock: FastClock, end: datetime) -> None:
        rounds.load(self.paths)
        wanted = {delivery.key for delivery in self.deliveries}
        rounds.restrict(wanted)
        step = _SHORTEST_STEP
        for _ in range(_MOST_ROUNDS):
            rounds.look_again()
            rounds.restrict(wanted)
            rounds.run()
            rounds.publisher.join()
            if clock.now() > end:
                return
            step = self._move_on(rounds, clock, end, step)
        raise SchedulerError("The rehearsal did not come to its end: this is a fault in the program.")

    @staticmethod
    def _move_on(rounds: Rounds, clock: FastClock, end: datetime, step: timedelta) -> timedelta:
        """Move the clock to the next thing to do; where that is due already, by steps that grow. Return the next."""
        now, following, due = clock.now(), rounds.next_time(), rounds.agenda.next_due
        if following is not None and following > now:
            clock.move_to(min(following, end + _SHORTEST_STEP))
            return _SHORTEST_STEP
        pending = following is not None or rounds.agenda.open
        target = now + step if pending else end + _SHORTEST_STEP
        clock.move_to(min(target, due) if due is not None else target)
        return min(step * 2, _LONGEST_STEP)


_MENDED = {
    "unavailable": "it was out of reach at first",
    "rate-limited": "it was told to wait at first",
    "unauthorised": "its secret was refused at first",
    "unknown": "its answer was lost, then found",
}


def tell_mended(events: Iterable[Event]) -> dict[str, tuple[str, ...]]:
    """Return what went wrong with each delivery on its way, in words, in order."""
    told: dict[str, dict[str, None]] = {}
    for event in events:
        kind = str(event.detail.get("error_kind", ""))
        if event.kind == "taken-over":
            is_doubt = event.detail.get("status") == Status.UNKNOWN
            words = "the daemon died while it was being sent" if is_doubt else "the daemon died before it was sent"
        elif event.kind == "absent":
            told.get(event.key or "", {}).pop(_MENDED["unknown"], None)
            words = "its answer was lost, it was not out, and it was sent again"
        else:
            words = _MENDED.get(kind, "")
        if event.key and words:
            told.setdefault(event.key, {})[words] = None
    return {key: tuple(words) for key, words in told.items()}


def _read_line(delivery: Delivery, record: Record | None, mended: tuple[str, ...]) -> Line:
    if record is None:
        status = Status.HELD if delivery.withheld else Status.PLANNED
        return Line(delivery, status, timedelta(), delivery.withheld)
    sent = [part.sent_at for part in record.parts if part.sent_at is not None]
    late = min(sent) - delivery.due if sent else timedelta()
    return Line(delivery, record.status, late, record.error, mended if record.status is Status.POSTED else ())
