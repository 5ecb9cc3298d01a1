"""The door to a noticeboard's folder. It speaks as a server would, and can be told to fail as one does."""

from __future__ import annotations

import base64
import json as json_module
import os
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import requests

from scheduler.captions import list_words, read_captions
from scheduler.domain.ports import Clock, Explain
from scheduler.domain.problem import suggest
from scheduler.domain.when import MONTHS, WEEKDAYS
from scheduler.errors import (
    ConfigError,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
    Unauthorised,
    Unavailable,
    UsageError,
)

if TYPE_CHECKING:
    from mmap import mmap

FAULTS: Mapping[str, str] = {
    "lost-reply": "it is posted, but the answer is lost",
    "unavailable": "the platform cannot be reached; nothing is posted",
    "rate-limit": "the platform asks to wait a minute",
    "reject": "the platform refuses the post for good",
    "unauthorised": "the account's secret is refused",
    "crash": "the daemon dies just after the post went out",
}
_DONE = "done"  # what a person has dealt with is moved there
_FAULT = re.compile(r"([a-z-]+)@(?:([1-9][0-9]{0,5})|([A-Za-z0-9_-]+)(?:/([1-9][0-9]{0,5}))?)")
_STRIKES = "N, which counts the posts from 1; ACCOUNT, for all posts there; or ACCOUNT/N, for the Nth there"


class Strike(NamedTuple):
    """Where a fault strikes: at which of the calls that post, counted from 1 (0: at each).

    They are counted on one account or, if it is empty, on all together.
    """

    number: int
    account: str = ""

    def __str__(self) -> str:
        if not self.account:
            return str(self.number)
        return f"{self.account}/{self.number}" if self.number else self.account


class RehearsedCrash(BaseException):
    """The daemon is to die here, in a rehearsal. Nothing but the rehearsal catches it."""


def read_faults(words: str, accounts: Collection[str] = ()) -> dict[Strike, str]:
    """Return which fault strikes where, from words such as `lost-reply@2, unavailable@force-x, crash@force-x/3`.

    `accounts` are those that may be named; without any only numbers can be given. Of two faults in the same place the
    last counts. Raise UsageError for anything else.
    """
    faults = {}
    for word in filter(None, re.split(r"[,\s]+", words.strip())):
        found = _FAULT.fullmatch(word)
        if word in FAULTS:
            account = f", or which account: {word}@{next(iter(accounts))}" if accounts else ""
            raise UsageError(f"Say which post, counted from 1: {word}@1{account}.")
        if found is None or found[1] not in FAULTS:
            known = "; ".join(f"{name} ({meaning})" for name, meaning in FAULTS.items())
            where = _STRIKES if accounts else "N, which counts the posts from 1"
            raise UsageError(f"'{word}' is no fault. Write FAULT@WHERE. Faults: {known}. WHERE: {where}.")
        if found[3] is not None and found[3] not in accounts:
            hint = suggest(found[3], accounts) or "Write a name as it stands there, or a number."
            raise UsageError(f"'{word}': the settings have no account named '{found[3]}'. {hint}")
        faults[Strike(int(found[2] or found[4] or 0), found[3] or "")] = found[1]
    return faults


class Board:
    """A folder that takes posts: exactly one file a part, each made in one step. Safe for several threads.

    Faults strike by the number of the calls that would post, all of them or an account's own; `struck` are those that
    did. Its page tells times in `zone`, those of deliveries that are in `zones`, by their keys, in theirs.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        faults: Mapping[Strike, str] | None = None,
        zone: tzinfo = UTC,
        zones: Mapping[str, tzinfo | None] | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.zone = zone
        self.zones = zones or {}
        self.struck: set[Strike] = set()
        self._faults = dict(faults or {})
        self._calls: Counter[str] = Counter()
        self._changed = False
        self._lock = threading.Lock()

    def count_calls(self, account: str = "") -> int:
        """Return how many calls would have posted, on one account or, if it is empty, on all."""
        return self._calls[account]

    def next_fault(self, account: str) -> str:
        """Return the fault that strikes this committing call of an account, or the empty string."""
        with self._lock:
            self._calls.update(["", account])
            for strike in (Strike(self._calls[""]), Strike(self._calls[account], account), Strike(0, account)):
                if strike in self._faults:
                    self.struck.add(strike)
                    return self._faults[strike]
            return ""

    def put(self, name: str, content: bytes | mmap) -> Path:
        """Put a file in the folder, in one step; one that is there already stays as it is. Return its path."""
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
            hidden.write_bytes(content)
            try:
                os.link(hidden, path)
            except FileExistsError:
                pass
            finally:
                hidden.unlink()
        except OSError as failure:
            raise Unavailable(f"The folder {self.folder} cannot be written: {failure.strerror}.") from None
        self._changed = True
        return path

    def remove(self, name: str) -> None:
        """Take a file out of the folder, if it is there."""
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as failure:
            raise Unavailable(f"The folder {self.folder} cannot be written: {failure.strerror}.") from None
        self._changed = True

    def put_away(self, name: str) -> None:
        """Move a file into the folder `done` below, if it is there; what lies there under its name stays as it is."""
        source = self.folder / name
        target, number = self.folder / _DONE / name, 1
        try:
            target.parent.mkdir(exist_ok=True)
            while target.exists():
                number += 1
                target = target.with_name(f"{source.stem}.{number}{source.suffix}")
            source.rename(target)
        except FileNotFoundError:
            return  # a person took it out
        except OSError as failure:
            raise Unavailable(f"The folder {self.folder} cannot be written: {failure.strerror}.") from None
        self._changed = True

    def write_page(self) -> None:
        """Write the page of everything posted, if anything was since it was last written."""
        if not self._changed:
            return
        from jinja2 import Environment, PackageLoader

        self._changed = False  # before it looks: what is put meanwhile is for the next page
        posts = self._read_posts()
        tasks = [post for post in posts if "place" in post]  # cards of what a person is to post
        by_hand = bool(tasks) or (self.folder / _DONE).is_dir()
        told = {"tasks": tasks, "by_hand": by_hand, "posts": [post for post in posts if "place" not in post]}
        template = Environment(loader=PackageLoader("scheduler"), autoescape=True).get_template("noticeboard.html")
        # A name of its own: the round that ends and a daemon that stops, or two daemons, may write at the same time.
        page = self.folder / f".index.html.{secrets.token_hex(4)}.part"
        page.write_text(template.render(told), encoding="utf-8")
        page.replace(self.folder / "index.html")

    def _read_posts(self) -> list[dict[str, Any]]:
        """Return every part in order of time, those of one post together, with what only the page needs."""
        paths = self.folder.glob("*.json")
        posts = [{**json_module.loads(path.read_text(encoding="utf-8")), "file": path.name} for path in paths]
        first: dict[str, str] = {}
        for post in posts:
            zone = self.zones.get(post["key"]) or self.zone
            post["at"] = _say_time(post["posted_at"], zone)
            post["until"] = _say_time(post["not_after"], zone) if post.get("not_after") else ""
            post["anchor"] = _name_anchor(post["file"])
            first[post["key"]] = min(post["posted_at"], first.get(post["key"], post["posted_at"]))
            for media in post["media"]:
                if media.get("captions"):
                    self._embed_captions(media)
        return sorted(posts, key=lambda post: (first[post["key"]], post["key"], post["part"]))

    def _embed_captions(self, media: dict[str, Any]) -> None:
        """Put captions into the page itself: a browser loads none from a file beside a page that is a file."""
        content = (self.folder / media["captions"]).read_bytes()
        if media["captions"].endswith(".vtt"):  # a browser plays no other
            media["track"] = f"data:text/vtt;base64,{base64.b64encode(content).decode()}"
        media["spoken"] = list_words(read_captions(content, media["captions"]))


def _name_anchor(file: str) -> str:
    """Return what a part is called on the page: the name of its file without its ending."""
    return file.removesuffix(".json")


def _say_time(stamp: str, zone: tzinfo) -> str:
    """Return a moment in ISO 8601 as people read it, such as `Sat 9 Oct 2027 09:00 BST (08:00 UTC)`."""
    moment = datetime.fromisoformat(stamp).astimezone(zone)
    day = f"{WEEKDAYS[moment.weekday()][:3]} {moment.day} {MONTHS[moment.month - 1][:3]} {moment.year}"
    beside = "" if moment.tzname() == "UTC" else f" ({moment.astimezone(UTC):%H:%M} UTC)"
    return f"{day} {moment:%H:%M} {moment.tzname()}{beside}"


class _Answer:
    """A reply of the folder."""

    def __init__(self, status: int, values: Mapping[str, str]) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {}
        self._values = values

    @property
    def text(self) -> str:
        return json_module.dumps(dict(self._values))

    def json(self) -> Any:
        return dict(self._values)

    def field(self, *path: str) -> str:
        return self._values[path[0]]

    def problem(self, message: str) -> PublishError:
        return Rejected(message)


class FolderWire:
    """Implements the port Wire on a Board: PUT makes a file once, DELETE takes it out, GET tells (204: not there)."""

    def __init__(self, board: Board, *, last_look: Callable[[], None], account: str = "board") -> None:
        self.board = board
        self.last_look = last_look
        self.account = account

    @property
    def resting_until(self) -> None:
        """A folder never asks for a rest."""

    def session(self) -> requests.Session:
        """Raise ConfigError: no library talks to a folder."""
        raise ConfigError([])

    @contextmanager
    def commit(self, explain: Explain | None = None) -> Iterator[None]:
        """Mark nothing: only `request` posts."""
        yield

    def close(self) -> None:
        """Nothing is open."""

    def request(
        self,
        method: str,
        path: str,
        *,
        commit: bool = False,
        explain: Explain | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        json: Any = None,
        form: Sequence[tuple[str, str]] | Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        body: bytes | mmap | None = None,
        headers: Mapping[str, str] | None = None,
        upload: bool = False,
    ) -> _Answer:
        """Make or look up one file; see the port."""
        name = path.lstrip("/")
        if method == "GET":
            found = (self.board.folder / name).is_file()
            return _Answer(200 if found else 204, self._describe(self.board.folder / name, name))
        if method == "DELETE":
            self.board.remove(name)
            return _Answer(204, {})
        content = body if body is not None else json_module.dumps(json, ensure_ascii=False, indent=1).encode()
        fault = ""
        if commit:
            self.last_look()
            fault = self.board.next_fault(self.account)
            self._fail_before(fault)
        stored = self.board.put(name, content)
        if fault:
            _fail_after(fault)
        return _Answer(201, self._describe(stored, name))

    def _describe(self, path: Path, name: str) -> dict[str, str]:
        page = path.with_name("index.html").resolve().as_uri()
        is_shown = path == self.board.folder / name  # what was put away is on the page no more
        url = path.resolve().as_uri()
        return {"path": name, "url": url, "page": f"{page}#{_name_anchor(name)}" if is_shown else url}

    def _fail_before(self, fault: str) -> None:
        if fault == "unavailable":
            raise Unavailable("the noticeboard was told to be out of reach")
        if fault == "rate-limit":
            raise RateLimited(
                "the noticeboard was told to ask for a minute", self.board.clock.now() + timedelta(minutes=1)
            )
        if fault == "reject":
            raise Rejected("the noticeboard was told to refuse this post")
        if fault == "unauthorised":
            raise Unauthorised("the noticeboard was told to refuse the account's secret")


def _fail_after(fault: str) -> NoReturn:
    if fault == "crash":
        raise RehearsedCrash
    raise OutcomeUnknown("the noticeboard was told to lose its answer")
