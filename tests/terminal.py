"""What a program shows to a person at a terminal."""

from __future__ import annotations

import contextlib
import os
import re
import struct
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def show_on_terminal(command: list[str], folder: Path, *, lines: int = 24, columns: int = 100) -> list[str]:
    """Return the lines that a command shows on a terminal of that size, without colours, however it ends."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how the other end's closing is told
            while read_now := os.read(ours, 4096):
                shown += read_now
        running.wait()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n").rstrip("\n").split("\n")
