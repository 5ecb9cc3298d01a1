"""Starting a server as a process of our own, waiting until it answers, and leaving nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.servers.cache import ServerMissing

_POLITE_STOP_SECONDS = 8.0


@contextmanager
def run_server(
    command: Sequence[str | Path],
    is_ready: Callable[[], bool],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
    ready_within: float = 30.0,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends: `stop_signal` to its process id, SIGKILL if it is there eight seconds later.

    The block starts when `is_ready()` is true; what the server prints goes to a file and is quoted if it does not get
    that far (ServerMissing). Should this process itself be killed, the kernel ends the server (setpriv's death signal).
    """
    words = _die_with_parent(stop_signal) + [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            words,
            cwd=folder,
            user=user,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _wait_until_ready(process, is_ready, ready_within):
                output.seek(0)
                said = output.read().decode(errors="replace").strip()[-800:]
                raise ServerMissing(f"'{Path(str(command[0])).name}' did not start within {ready_within:.0f} s: {said}")
            yield process
        finally:
            _stop(process, stop_signal)


def pick_free_port() -> int:
    """Return a TCP port of the loopback interface that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Return whether an HTTP server gives any answer below 500 at `url`."""
    try:
        return requests.get(url, timeout=5).status_code < 500
    except requests.RequestException:
        return False


def _die_with_parent(stop_signal: signal.Signals) -> list[str]:
    death_signal = stop_signal.name.removeprefix("SIG")
    return ["setpriv", "--pdeathsig", death_signal, "--"] if shutil.which("setpriv") else []


def _wait_until_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            # Another server may have taken the port meanwhile; then ours has just ended.
            return process.poll() is None
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(_POLITE_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
