"""The daemon as a process of its own, which tests start, signal and kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.crashing import Moment
from tests.boards import Project

_LAUNCHER = Path(__file__).parent / "acceptance" / "crashing.py"
BUG = "within the program"
"""What the daemon prints beside the traceback of a failure of its own."""

QUOTED = 3000
"""Characters of its output that a failure quotes."""

LONG_ENOUGH = 60.0
"""Seconds after which something that should happen at once is taken not to happen, on a busy machine."""


class DaemonProcess:
    """`campaign run` in a project's folder. What it prints goes to a file."""

    def __init__(
        self, project: Project, *, crash: Sequence[Moment] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self.project = project
        self._output = project.folder / f"daemon-{time.monotonic_ns()}.log"
        command = ["-m", "scheduler", "run"]
        if crash:
            command = [str(_LAUNCHER), " > ".join(map(str, crash)), "run"]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=project.folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """Return what it has printed so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def has_ended(self) -> bool:
        """Return whether the process is gone."""
        return self._process.poll() is not None

    def wait_until_started(self) -> None:
        """Wait until it says that it is at work: before that, SIGTERM ends it as it ends any program."""
        self.wait_until(lambda: " started " in self.output)

    def wait_until(self, condition: Callable[[], object], seconds: float = LONG_ENOUGH) -> None:
        """Wait until a condition holds. Fail, quoting the daemon, if it does not in time or the daemon ends first."""
        end = time.monotonic() + seconds
        while not condition():
            if self.has_ended and not condition():
                raise AssertionError(f"the daemon ended with {self._process.returncode}:\n{self.output[-QUOTED:]}")
            if BUG in self.output:
                raise AssertionError(f"the daemon failed within itself:\n{self.output[-QUOTED:]}")
            if time.monotonic() > end:
                raise AssertionError(f"it did not happen within {seconds:.0f} s:\n{self.output[-QUOTED:]}")
            time.sleep(0.05)

    def wait_for_crash(self, seconds: float = LONG_ENOUGH) -> None:
        """Wait until it has died by SIGKILL. Fail, quoting it, if it lives on or ends otherwise."""
        self.wait_until(lambda: self.has_ended, seconds)
        code = self._process.returncode
        assert code == -signal.SIGKILL, f"it ended with {code} and was not killed:\n{self.output[-QUOTED:]}"

    def wait_for_end(self, seconds: float = LONG_ENOUGH) -> int:
        """Wait until it ends by itself, and return its exit code."""
        return self._process.wait(seconds)

    def stop(self, seconds: float = 10.0) -> None:
        """Send SIGTERM. Fail, quoting it, unless it ends with 0 within that many seconds."""
        self.send(signal.SIGTERM)
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"SIGTERM did not end it within {seconds:.0f} s:\n{self.output[-QUOTED:]}") from None
        assert code == 0, f"SIGTERM ended it with {code}:\n{self.output[-QUOTED:]}"
        assert BUG not in self.output, self.output[-QUOTED:]

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Send SIGKILL, if it is still there, and wait for its end."""
        self._process.kill()
        self._process.wait()


@contextmanager
def run_daemon(
    project: Project, *, crash: Sequence[Moment] = (), environment: Mapping[str, str] | None = None
) -> Iterator[DaemonProcess]:
    """Run a daemon in this block; it is killed at the end, if it is still there."""
    daemon = DaemonProcess(project, crash=crash, environment=environment)
    try:
        yield daemon
    finally:
        daemon.kill()
