"""Where a channel's calls end in these tests: a server on loopback, or a folder. Both can be told to fail."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from scheduler.domain.ports import Clock
from scheduler.noticeboard_folder import Board, Strike
from tests.conformance.canned_server import CannedServer, Failure
from tests.conformance.replies import CannedCall
from tests.conformance.seen_call import SeenCall


class Door(Protocol):
    """The far side of one account."""

    @property
    def server(self) -> str:
        """What the account's `server` is."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What the account's settings need beside those of the file of replies."""
        ...

    @property
    def board(self) -> Board | None:
        """The folder, if it is one."""
        ...

    def seen(self) -> list[SeenCall]:
        """Return what arrived, in order."""
        ...

    def forget(self) -> None:
        """Start anew, as if nothing had arrived; nothing fails any more."""
        ...

    def fail(self, failure: Failure, number: int, *, commits: bool) -> None:
        """Let the call with that number fail, counted from now, from 0. `commits`: it is the committing one."""
        ...

    def unexpected(self) -> list[str]:
        """Return the calls for which there was no answer."""
        ...


class ServerDoor:
    """A canned server."""

    settings: Mapping[str, str] = {}
    board: Board | None = None

    def __init__(self, canned: CannedServer) -> None:
        self.canned = canned
        self.server = canned.base_url

    def seen(self) -> list[SeenCall]:
        return list(self.canned.requests)

    def forget(self) -> None:
        self.canned.forget()

    def fail(self, failure: Failure, number: int, *, commits: bool) -> None:
        self.canned.fail(failure, number)

    def unexpected(self) -> list[str]:
        return list(self.canned.unexpected)


_AS_FAULT = {
    Failure.REFUSED: "unavailable",
    Failure.NO_CONNECTION: "unavailable",
    Failure.STATUS_400: "reject",
    Failure.STATUS_401: "unauthorised",
    Failure.STATUS_403: "reject",
    Failure.STATUS_422: "reject",
    Failure.STATUS_429: "rate-limit",
}
"""The noticeboard's own faults that come nearest; of every other failure, that the answer is lost."""


class FolderDoor:
    """A folder that takes posts: each file is a call that arrived, those that commit last."""

    def __init__(self, folder: Path, clock: Clock, commits: Sequence[CannedCall]) -> None:
        self.server = str(folder)
        self.settings: Mapping[str, str] = {"folder": str(folder)}
        self.board = Board(folder, clock)
        self._commits = commits

    def seen(self) -> list[SeenCall]:
        folder = self.board.folder
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        calls = [SeenCall("PUT", f"/{path.relative_to(folder)}", {}, path.read_bytes()) for path in files]
        return sorted(calls, key=lambda call: any(each.matches(call.method, call.path) for each in self._commits))

    def forget(self) -> None:
        shutil.rmtree(self.board.folder)
        self.board = Board(self.board.folder, self.board.clock)

    def fail(self, failure: Failure, number: int, *, commits: bool) -> None:
        folder = self.board.folder
        if commits:
            self.board = Board(folder, self.board.clock, {Strike(1): _AS_FAULT.get(failure, "lost-reply")})
        else:
            folder.write_text("no folder")  # so that nothing can be put in it, whoever asks

    def unexpected(self) -> list[str]:
        return []
