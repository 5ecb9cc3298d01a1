"""A wire in front of a scripted server, for tests of what the wire makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from scheduler.errors import PublishError
from scheduler.wire import HttpWire, Patience
from tests.servers.scripted import ScriptedServer, start_scripted

SECRET = 'top/secret+"ü" &<word>'
QUICK = Patience(connect=5.0, read=1.0, upload=1.0)
PATIENT = Patience(connect=5.0, read=20.0, upload=20.0)


class Looks:
    """The last look, counted; it raises what it is told to."""

    def __init__(self) -> None:
        self.taken = 0
        self.refusal: Exception | None = None

    def __call__(self) -> None:
        self.taken += 1
        if self.refusal is not None:
            raise self.refusal


@dataclass
class Door:
    """A scripted server, and wires that lead to it."""

    server: ScriptedServer
    looks: Looks = field(default_factory=Looks)
    closing: ExitStack = field(default_factory=ExitStack)

    def wire(self, address: str = "", patience: Patience = PATIENT) -> HttpWire:
        """Return a wire to the server, or to another address, that knows SECRET."""
        address = address or self.server.base_url
        wire = HttpWire(address, last_look=self.looks, secrets=[SECRET, ""], patience=patience)
        self.closing.callback(wire.close)
        return wire


@contextmanager
def open_door() -> Iterator[Door]:
    """Start a scripted server and give its door."""
    with start_scripted() as server:
        door = Door(server)
        with door.closing:
            yield door


def fail(wire: HttpWire, method: str = "POST", *, commit: bool) -> PublishError:
    """Make a call that fails and return its error."""
    with pytest.raises(PublishError) as caught:
        wire.request(method, "/post", json={"a": 1} if method == "POST" else None, commit=commit).field("id")
    return caught.value
