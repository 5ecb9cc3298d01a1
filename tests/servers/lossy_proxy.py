"""mitmproxy in front of any server, losing replies as a network and its proxies lose them."""

from __future__ import annotations

import fcntl
import json
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.cache import fetch_once, run_step
from tests.servers.process import pick_free_port, run_server

PROXY_FAULTS = (
    "503",
    "kill-before",
    "hang",
    "slow",
    "kill-after",
    "html-502",
    "truncate",
    "empty-200",
    "hang-after",
)
# 11 is the last for Python 3.11; 12 needs 3.12 and has the same addon interface.
_WANTED = "mitmproxy>=11,<13"
_ADDON = Path(__file__).with_name("proxy_faults.py")


@dataclass(frozen=True)
class ProxiedRequest:
    """A request that came by, with the fault it met ("" for none)."""

    method: str
    path: str
    fault: str


@dataclass(frozen=True)
class LossyProxy:
    """A running proxy; give a client `base_url` in place of the server's."""

    base_url: str
    upstream: str
    fault_file: Path
    request_log: Path

    def fail_next(
        self,
        fault: str,
        *,
        times: int = 1,
        path: str = "",
        methods: Sequence[str] = ("POST", "PUT"),
        seconds: float = 3.0,
    ) -> None:
        """Let the next `times` requests of these methods whose path holds `path` meet `fault`, one of PROXY_FAULTS.

        Faults set earlier come first. `seconds` is the delay of `slow`. Raise ValueError for another word.
        """
        if fault not in PROXY_FAULTS:
            raise ValueError(f"no fault named '{fault}': there are {', '.join(PROXY_FAULTS)}")
        line = json.dumps({"fault": fault, "path": path, "methods": list(methods), "seconds": seconds})
        self._write_faults("a", [line] * times)

    def clear(self) -> None:
        """Drop all faults not used up, and forget the requests seen."""
        self._write_faults("r+", [])
        self.request_log.write_text("", encoding="utf-8")

    def pending(self) -> int:
        """Return how many faults have not been used up."""
        return len(self.fault_file.read_text(encoding="utf-8").splitlines())

    def requests(self) -> list[ProxiedRequest]:
        """Return the requests seen, in the order they came."""
        lines = self.request_log.read_text(encoding="utf-8").splitlines()
        return [ProxiedRequest(**json.loads(line)) for line in lines]

    def _write_faults(self, mode: str, lines: Sequence[str]) -> None:
        with self.fault_file.open(mode, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if mode == "r+":
                file.truncate(0)
            file.writelines(line + "\n" for line in lines)


@contextmanager
def start_lossy_proxy(upstream: str) -> Iterator[LossyProxy]:
    """Start a proxy in front of the server at `upstream`, such as "http://127.0.0.1:8080".

    The Host header reaches the server as the client wrote it, since OAuth 1.0a signs it.
    Raise ServerMissing if mitmproxy cannot be installed.
    """
    python = fetch_mitmproxy() / "bin" / "python"
    port = pick_free_port()
    with tempfile.TemporaryDirectory(prefix="lossy-proxy-") as name:
        folder = Path(name)
        proxy = LossyProxy(f"http://127.0.0.1:{port}", upstream, folder / "faults", folder / "requests")
        proxy.fault_file.touch()
        proxy.request_log.touch()
        command: list[str | Path] = [python, "-c", "from mitmproxy.tools.main import mitmdump; mitmdump()", "--quiet"]
        listening = ["--mode", f"reverse:{upstream}", "--listen-host", "127.0.0.1", "--listen-port", str(port)]
        settings = ["--set", f"confdir={folder}", "--set", "keep_host_header=true", "--scripts", str(_ADDON)]
        environment = {"FAULT_FILE": str(proxy.fault_file), "REQUEST_LOG": str(proxy.request_log)}
        with run_server([*command, *listening, *settings], lambda: _is_listening(port), environment=environment):
            yield proxy


def fetch_mitmproxy() -> Path:
    """Install mitmproxy into a Python environment of its own in the cache, and return that environment's folder.

    Of its own, because it pins what this project uses in newer versions.
    """
    version = ".".join(map(str, sys.version_info[:2]))
    return fetch_once(f"mitmproxy-python{version}", _install)


def _install(folder: Path) -> None:
    run_step([sys.executable, "-m", "venv", folder], folder)
    run_step([folder / "bin" / "python", "-m", "pip", "install", "--quiet", _WANTED], folder)


def _is_listening(port: int) -> bool:
    # A bare connection, not a request: that would reach the server and take a fault.
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
