"""Files of canned replies, read. Their format is described in the package's docstring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from scheduler import errors
from scheduler.domain.delivery import Receipt
from scheduler.errors import PublishError

FOLDER = Path(__file__).parent / "replies"
Meaning = type[PublishError] | type[Receipt]
"""What becomes of a part when its committing call ends in some way."""

_CALL_NAMES = {"call", "reply", "status", "commits"}


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

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request is this call."""
        return fnmatchcase(f"{method} {path}", self.call)


@dataclass(frozen=True)
class Where:
    """A place in a request: in the committing one, or in those of another call."""

    at: str
    call: str = ""


@dataclass(frozen=True)
class Replies:
    """What one platform's server says, and where things stand in what it is told."""

    calls: tuple[CannedCall, ...]
    text: str
    receipt: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    refusal: Any = field(default_factory=dict)
    alt_text: Where | None = None
    parent: str = ""
    key: str = ""
    volatile: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, Meaning] = field(default_factory=dict)
    find: tuple[CannedCall, ...] = ()
    absent: tuple[CannedCall, ...] = ()
    who_am_i: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def commit(self) -> CannedCall:
        """Return the call that makes a part public."""
        return next(call for call in self.calls if call.commits)


def read_replies(name: str, folder: Path = FOLDER) -> Replies:
    """Return the replies of a platform. Raise BadReplies if there are none or they cannot be used."""
    path = folder / f"{name}.yaml"
    shown = f"tests/conformance/replies/{path.name}"
    if not path.exists():
        raise BadReplies(
            f"The platform {name} has no canned replies. Write {shown}: the calls it makes and what its server "
            "answers; tests/conformance/__init__.py describes the format, bluesky.yaml is an example."
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
    calls = _build_calls(given["calls"])
    if [call.commits for call in calls].count(True) != 1:
        raise BadReplies("exactly one of the calls must say `commits: yes`.")
    if not {"id", "url"} <= set(given["receipt"]):
        raise BadReplies("'receipt' must say an id and how its url begins.")
    alt = given.get("alt_text")
    return Replies(
        **{name: value for name, value in given.items() if name not in {"alt_text", "exceptions"}}
        | {name: _build_calls(given[name]) for name in ("calls", "find", "absent") if name in given},
        alt_text=Where(**alt) if isinstance(alt, dict) else Where(alt) if alt else None,
        exceptions=_build_exceptions(given.get("exceptions", [])),
    )


def _build_calls(given: Sequence[Mapping[str, Any]]) -> tuple[CannedCall, ...]:
    for each in given:
        if "call" not in each or set(each) - _CALL_NAMES:
            raise BadReplies(f"{each} is no call: it needs `call`, and takes reply, status and commits.")
    return tuple(CannedCall(**each) for each in given)


def _build_exceptions(given: Sequence[Mapping[str, Any]]) -> dict[str, Meaning]:
    exceptions: dict[str, Meaning] = {}
    for each in given:
        if set(each) != {"at", "is", "because"} or not each["because"]:
            raise BadReplies(f"{each} is no exception: it needs `at`, `is` and `because`.")
        exceptions[str(each["at"])] = Receipt if each["is"] == "posted" else getattr(errors, each["is"])
    return exceptions
