"""A request as a server, or a folder, received it, and the places in it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

_BOUNDARY = re.compile(r"boundary=([^;\s]+)")
_NAME = re.compile(r'"([^"]+)"|([^".]+)')
_OF_THE_CONNECTION = {"host", "connection"}


@dataclass(frozen=True)
class SeenCall:
    """One request: `path` is without its `query`, `headers` are by lower-case name."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""

    def read(self, place: str) -> list[str]:
        """Return what stands at a place (see the package's docstring), in order; nothing if it is not there."""
        for either in place.split(" or "):
            if found := self._read_one(either):
                return found
        return []

    def _read_one(self, place: str) -> list[str]:
        if place == "path":
            return [unquote(self.path)]
        if place == "body":
            return [self.body.decode("utf-8", "replace")]
        if place.startswith("query "):
            name = place.removeprefix("query ")
            return [value for each, value in parse_qsl(self.query, keep_blank_values=True) if each == name]
        if place.startswith("header "):
            value = self.headers.get(place.removeprefix("header ").lower())
            return [] if value is None else [value]
        return [str(value) for value in _follow(self.fields(), _split(place))]

    def fields(self) -> Any:
        """Return the body as JSON or as a form's fields; nothing if it is neither."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return _read_multipart(kind, self.body)
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return _read_json(self.body)

    def holds(self, content: bytes) -> bool:
        """Return whether something stands in it, in its body or its address, as it is or encoded for a form."""
        whole = b"\n".join([self.body, self.query.encode(), self.path.encode()])
        return content in whole or content in unquote_to_bytes(whole)

    def without(self, volatile: Collection[str]) -> tuple[str, str, str, Mapping[str, str], bytes]:
        """Return all of the request but these places, and but what is the connection's own or drawn by lot."""
        left_out = _OF_THE_CONNECTION | {place.removeprefix("header ").lower() for place in volatile}
        headers = {name: value for name, value in self.headers.items() if name not in left_out}
        body = self.body
        if found := _BOUNDARY.search(headers.get("content-type", "")):
            body = body.replace(found[1].encode(), b"BOUNDARY")
            headers["content-type"] = "multipart/form-data"
        query = [(name, value) for name, value in parse_qsl(self.query) if f"query {name}" not in volatile]
        fields = [place for place in volatile if not place.startswith(("header ", "query "))]
        if fields:
            whole = self.fields()
            for place in fields:
                _remove(whole, _split(place))
            body = json.dumps(whole, ensure_ascii=False).encode()
            headers.pop("content-length", None)
        return self.method, self.path, repr(query), headers, body


def _split(place: str) -> list[str]:
    """Return the names in a path, of which those in quotes may hold dots."""
    return [quoted or plain for quoted, plain in _NAME.findall(place)]


def _follow(value: Any, names: list[str]) -> Iterator[Any]:
    if names and isinstance(value, str):
        value = _read_json(value)  # JSON in a form's field
    if not names:
        if value is not None:
            yield value
    elif names[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _follow(item, names[1:])
    elif isinstance(value, dict) and names[0] in value:
        yield from _follow(value[names[0]], names[1:])


def _read_json(words: str | bytes) -> Any:
    try:
        return json.loads(words)
    except ValueError:
        return {}


def _remove(value: Any, names: list[str]) -> None:
    for name in names[:-1]:
        value = value[name]
    value.pop(names[-1])


def _read_multipart(kind: str, body: bytes) -> dict[str, str]:
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields = {}
    for part in message.get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[str(name)] = content.decode("utf-8", "replace")
    return fields
