"""The connections under the HTTP door: when one is up, when a request leaves on it, and the end of one that lasts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from scheduler.errors import Unavailable


class Deadline:
    """Ends one call that has lasted too long, whatever it is at: a server that drips keeps within every time-out.

    It holds doubles of the call's sockets, so that what it shuts is never another's that got the same number.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._doubles: list[socket.socket] = []
        self.has_passed = False

    def start(self) -> None:
        """Count from now. Raise Unavailable if the machine has no thread to spare."""
        try:
            self._timer.start()
        except RuntimeError as failure:
            raise Unavailable(f"Nothing was sent: this machine has no thread to spare ({failure}).") from None

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection, too, when the time has come."""
        with self._lock:
            self._doubles.append(socket.fromfd(connection.fileno(), connection.family, connection.type))
            if self.has_passed:
                self._shut()

    def end(self) -> None:
        """The call is over."""
        self._timer.cancel()
        with self._lock:
            for double in self._doubles:
                double.close()
            self._doubles.clear()

    def _cut(self) -> None:
        with self._lock:
            self.has_passed = True
            self._shut()

    def _shut(self) -> None:
        for double in self._doubles:
            with suppress(OSError):  # closed by the other side
                double.shutdown(socket.SHUT_RDWR)


class TellingAdapter(HTTPAdapter):
    """Says when a connection is up, and when a request starts to leave on it: TLS and proxy are ready then."""

    def __init__(self, on_connection: Callable[[socket.socket], None], on_leaving: Callable[[], None]) -> None:
        self._on_connection = on_connection
        self._on_leaving = on_leaving
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if "ConnectionCls" not in vars(pool):  # a new pool still has its class's own
            pool.ConnectionCls = self._tell(pool.ConnectionCls)
        return pool  # type: ignore[no-any-return]  # requests' stubs lack urllib3's types

    def _tell(self, connection: type[HTTPConnection]) -> type[HTTPConnection]:
        on_connection, on_leaving = self._on_connection, self._on_leaving

        class Telling(connection):  # type: ignore[valid-type, misc]  # plain or TLS, as the pool has it
            def _new_conn(self) -> socket.socket:  # before TLS and before what is said to a proxy
                made: socket.socket = super()._new_conn()
                on_connection(made)
                return made

            def request(self, *args: Any, **kwargs: Any) -> None:
                if self.sock is None:
                    self.connect()
                on_leaving()
                super().request(*args, **kwargs)

        return Telling
