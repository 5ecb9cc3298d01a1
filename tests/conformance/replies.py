"""Files of canned replies, read. Their format is described in the package's docstring."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from scheduler import errors
from scheduler.domain.delivery import Receipt
from scheduler.errors import PublishError
from tests.conformance.seen_call import SeenCall

FOLDER = Path(__file__).parent / "replies"
Meaning = type[PublishError] | type[Receipt]
"""What becomes of a part when its committing call ends in some way."""

_LISTS = ("calls", "find", "absent", "retract", "live", "gone", "refresh", "end")
"""What holds calls."""
_PLACES = (
    "text",
    "alt_text",
    "parent",
    "key",
    "film",
    "film_text",
    "captions",
    "comment",
    "comment_parent",
    "content_warning",
)
"""What says where something stands."""
_SERVER = "{server}"


class BadReplies(Exception):
    """A file of replies is missing or cannot be used; the message says what to write."""


class _Loader(yaml.SafeLoader):
    """YAML whose times stay text, as they are in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class CannedCall:
    """One call that a platform makes, and its answer."""

    call: str
    reply: Any = field(default_factory=dict)
    status: int = 200
    commits: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None

    def matches(self, method: str, path: str, query: str = "") -> bool:
        """Return whether a request is this call."""
        return fnmatchcase(f"{method} {path}?{query}" if "?" in self.call else f"{method} {path}", self.call)

    def at(self, server: str) -> CannedCall:
        """Return it as a server at this address answers."""
        if _SERVER not in repr(self):
            return self
        return replace(self, reply=_put_server(self.reply, server), headers=_put_server(self.headers, server))


def _put_server(value: Any, server: str) -> Any:
    if isinstance(value, list):
        return [_put_server(item, server) for item in value]
    if isinstance(value, Mapping):
        return {name: _put_server(item, server) for name, item in value.items()}
    return value.replace(_SERVER, server) if isinstance(value, str) else value


@dataclass(frozen=True)
class Where:
    """A place in a request: in a committing one, or in those of another call.

    `escaped` says that & < and > stand there as `&amp;` `&lt;` `&gt;`, which the service turns back; "little" that
    LinkedIn's signs stand behind backslashes.
    """

    at: str
    call: str = ""
    escaped: bool | str = False

    def read(self, call: SeenCall) -> list[str]:
        """Return what stands there in a request, as readers get it."""
        found = call.read(self.at)
        if self.escaped == "little":
            return [_unescape_little(each) for each in found]
        return [_unescape(each) for each in found] if self.escaped else found


def _unescape(text: str) -> str:
    assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", text), f"not escaped: {text}"
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unescape_little(text: str) -> str:
    left = re.sub(r"\\.|#(?=\w)", "", text, flags=re.DOTALL)  # a hashtag's own sign is no text
    assert not re.search(r"[|{}@\[\]()<>#*_~\\]", left), f"it would be cut short: {text}"
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


@dataclass(frozen=True)
class Replies:
    """What one platform's server says, and where things stand in what it is told."""

    calls: tuple[CannedCall, ...]
    text: Where
    receipt: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    settings_for: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    refusal: Any = field(default_factory=dict)
    alt_text: Where | None = None
    parent: Where | None = None
    key: Where | None = None
    film: Where | None = None
    film_text: Where | None = None
    captions: Where | None = None
    comment: Where | None = None
    comment_parent: Where | None = None
    content_warning: Where | None = None
    replies: Mapping[str, Any] = field(default_factory=dict)
    container: str = ""
    volatile: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, Meaning] = field(default_factory=dict)
    find: tuple[CannedCall, ...] = ()
    absent: tuple[CannedCall, ...] = ()
    proof: str = ""
    who_am_i: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    retract: tuple[CannedCall, ...] = ()
    live: tuple[CannedCall, ...] = ()
    gone: tuple[CannedCall, ...] = ()
    refresh: tuple[CannedCall, ...] = ()
    refresh_after: float = 0.0
    refreshed_until: str = ""
    end: tuple[CannedCall, ...] = ()
    ends: str = ""

    def name_call(self, method: str, path: str, query: str) -> CannedCall | None:
        """Return the first call that a request is."""
        return next((call for call in self.calls if call.matches(method, path, query)), None)

    @property
    def commits(self) -> tuple[CannedCall, ...]:
        """Return the calls that make a part public."""
        return tuple(call for call in self.calls if call.commits)


def read_replies(name: str, folder: Path = FOLDER) -> Replies:
    """Return the replies of a platform. Raise BadReplies if there are none or they cannot be used."""
    path = folder / f"{name}.yaml"
    shown = f"tests/conformance/replies/{path.name}"
    if not path.exists():
        raise BadReplies(
            f"The platform {name} has no canned replies. Write {shown}: the calls it makes and what its server "
            "answers; tests/conformance/__init__.py describes the format, discord.yaml is an example."
        )
    try:
        return _build(yaml.load(path.read_text(encoding="utf-8"), _Loader))
    except (yaml.YAMLError, BadReplies) as failure:
        raise BadReplies(f"{shown}: {failure}") from None


def _build(given: Any) -> Replies:
    known = set(Replies.__dataclass_fields__)
    if not isinstance(given, dict):
        raise BadReplies("it must hold names and values.")
    if missing := {"calls", "text", "receipt"} - set(given):
        raise BadReplies(f"{', '.join(sorted(missing))} is missing.")
    if unknown := set(given) - known:
        raise BadReplies(f"{', '.join(sorted(unknown))} is not known. Known: {', '.join(sorted(known))}.")
    if not {"id", "url"} <= set(given["receipt"]):
        raise BadReplies("'receipt' must say an id and how its url begins; `url: ''` if there is none.")
    replies = Replies(
        **{name: value for name, value in given.items() if name not in {*_PLACES, *_LISTS, "exceptions"}}
        | {name: _build_calls(given[name]) for name in _LISTS if name in given}
        | {name: _build_place(given[name]) for name in _PLACES if name in given},
        exceptions=_build_exceptions(given.get("exceptions", [])),
    )
    if not replies.commits:
        raise BadReplies("one of the calls, or several, must say `commits: yes`.")
    return replies


def _build_place(given: Any) -> Where:
    return Where(**given) if isinstance(given, dict) else Where(given)


def _build_calls(given: Sequence[Mapping[str, Any]]) -> tuple[CannedCall, ...]:
    names = set(CannedCall.__dataclass_fields__)
    for each in given:
        if "call" not in each or set(each) - names:
            others = ", ".join(sorted(names - {"call"}))
            raise BadReplies(f"{each} is no call: it needs `call`, and takes {others}.")
    return tuple(CannedCall(**each) for each in given)


def _build_exceptions(given: Sequence[Mapping[str, Any]]) -> dict[str, Meaning]:
    exceptions: dict[str, Meaning] = {}
    for each in given:
        if set(each) != {"at", "is", "because"} or not each["because"]:
            raise BadReplies(f"{each} is no exception: it needs `at`, `is` and `because`.")
        exceptions[str(each["at"])] = Receipt if each["is"] == "posted" else getattr(errors, each["is"])
    return exceptions
