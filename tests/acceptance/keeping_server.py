"""A server made of a platform's canned replies that keeps what is posted: looks find it from then on."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tests.conformance.canned_server import CannedServer, Failure
from tests.conformance.harness import KEY, START
from tests.conformance.replies import CannedCall, Replies
from tests.conformance.seen_call import SeenCall

_NUMBER = re.compile(r"(?<!\d)(1805\d{6})(\d{3})?(?!\d)")  # seconds or milliseconds of the days about START
_STAMP = START.strftime("%Y-%m-%dT%H:%M:%S")


class FarSide(Protocol):
    """Where one account's posts end."""

    @property
    def door(self) -> Mapping[str, str]:
        """The account's settings that lead there."""
        ...

    def list_posts(self) -> Sequence[object]:
        """Return what is there for everybody to see, each post once."""
        ...

    def check(self) -> None:
        """Fail if a call came that nobody knows an answer to."""
        ...

    def close(self) -> None:
        """Be gone."""
        ...


class KeptFolder:
    """A folder that takes posts; with `loses_reply` it is told to lose its first answer."""

    def __init__(self, folder: Path, *, loses_reply: bool = False) -> None:
        self.folder = folder
        self._faults = {"faults": "lost-reply@1"} if loses_reply else {}

    @property
    def door(self) -> Mapping[str, str]:
        return {"folder": str(self.folder), **self._faults}

    def list_posts(self) -> Sequence[object]:
        return sorted(self.folder.glob("*.json"))

    def check(self) -> None:
        hidden = list(self.folder.rglob("*.part"))
        assert len(hidden) <= 1, hidden  # one that was killed as it was made

    def close(self) -> None:
        """Nothing is open."""


class KeepingServer(CannedServer):
    """It answers as the file of replies says: `find` once a post was committed, `absent` before.

    `key` is its delivery's. The times and the key in its answers are those of the post. With `loses_reply` the first
    commit gets no answer.
    """

    def __init__(self, replies: Replies, key: str, *, loses_reply: bool = False) -> None:
        self.replies, self.key = replies, key
        self.committed: list[SeenCall] = []
        self._loses_reply = loses_reply
        self._moment = datetime.now(UTC)
        super().__init__(replies.calls, replies.refusal, socket.create_server(("127.0.0.1", 0)))

    @property
    def door(self) -> Mapping[str, str]:
        return {"server": self.base_url}

    def list_posts(self) -> Sequence[object]:
        """Return the posts; where the request names its post by a key, the same key again makes no second one."""
        place = self.replies.key
        keys = [tuple(place.read(call)) if place else number for number, call in enumerate(self.committed)]
        return list(dict.fromkeys(keys))

    def check(self) -> None:
        assert not self.unexpected, f"no reply is canned for {', '.join(dict.fromkeys(self.unexpected))}"

    def _answer(self, connection: socket.socket, seen: SeenCall, failure: Failure | None) -> None:
        call = self.replies.name_call(seen.method, seen.path, seen.query)
        if call is not None and call.commits and len(seen.body) == int(seen.headers.get("content-length", "0")):
            if not self.committed:
                self._moment = datetime.now(UTC)
                failure = Failure.CLOSED if self._loses_reply else failure
            self.committed.append(seen)
        state = self.replies.find if self.committed else self.replies.absent
        every = (*state, *self.replies.calls, *self.replies.refresh, *self.replies.end)
        self.calls = tuple(self._put_post(each) for each in every)
        super()._answer(connection, seen, failure)

    def _put_post(self, call: CannedCall) -> CannedCall:
        return replace(call, reply=self._shift(call.reply), headers=self._shift(call.headers))

    def _shift(self, value: Any) -> Any:
        """Return a reply with the post's own key, and its own time wherever it has that of the canned post."""
        if isinstance(value, dict):
            return {name: self._shift(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._shift(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self._shift(str(value)))
        if not isinstance(value, str):
            return value
        words = value.replace(KEY, self.key).replace(_STAMP, self._moment.strftime("%Y-%m-%dT%H:%M:%S"))
        return _NUMBER.sub(self._move, words)

    def _move(self, found: re.Match[str]) -> str:
        moved = self._moment + timedelta(seconds=int(found[1]) - int(START.timestamp()))
        return f"{int(moved.timestamp())}{found[2] or ''}"
