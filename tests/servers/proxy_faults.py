"""An addon of mitmproxy that makes the faults listed in a file happen. It runs in mitmproxy's own Python environment.

FAULT_FILE holds one fault a line: `{"fault": "kill-after", "path": "/xrpc/", "methods": ["POST"], "seconds": 3}`.
A request takes the first line that fits its method and whose `path` is part of its own, and the line is gone.
REQUEST_LOG gets one line for each request: `{"method": …, "path": …, "fault": …}`.
The words and what they do are listed in `tests/servers/__init__.py`.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from pathlib import Path
from typing import Any

from mitmproxy import http  # type: ignore[import-not-found]  # in its own environment

_FAULTS = Path(os.environ["FAULT_FILE"])
_LOG = Path(os.environ["REQUEST_LOG"])
# Longer than any client waits; a proxy that is stopped meanwhile drops the connection.
_HANG_SECONDS = 600


class ProxyFaults:
    """Each flow carries its fault, if any, from the request to the response."""

    async def request(self, flow: http.HTTPFlow) -> None:
        """Take a fault for this request and do those that strike before the server sees it."""
        found = _take_fault(flow.request.method, flow.request.path)
        fault = found.get("fault", "")
        flow.metadata["fault"] = fault
        entry = {"method": flow.request.method, "path": flow.request.path, "fault": fault}
        with _LOG.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        if fault == "503":
            flow.response = http.Response.make(503, b'{"error":"unavailable"}', {"Content-Type": "application/json"})
        elif fault == "kill-before":
            flow.kill()
        elif fault == "hang":
            await asyncio.sleep(_HANG_SECONDS)
            flow.kill()
        elif fault == "slow":
            await asyncio.sleep(found.get("seconds", 3))

    async def response(self, flow: http.HTTPFlow) -> None:
        """Do the faults that strike after the server has answered, and so has done its work."""
        fault = flow.metadata.get("fault", "")
        response = flow.response
        if response is None:
            return
        if fault == "kill-after":
            flow.kill()
        elif fault == "hang-after":
            await asyncio.sleep(_HANG_SECONDS)
            flow.kill()
        elif fault == "html-502":
            page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
            flow.response = http.Response.make(502, page, {"Content-Type": "text/html"})
        elif fault == "truncate":
            response.content = (response.content or b"")[:20]
        elif fault == "empty-200":
            response.status_code = 200
            response.content = b""


def _take_fault(method: str, path: str) -> dict[str, Any]:
    """Remove the first fitting fault from the file and return it, or nothing."""
    with _FAULTS.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        faults = [json.loads(line) for line in file]
        for fault in faults:
            if method in fault["methods"] and fault["path"] in path:
                faults.remove(fault)
                file.seek(0)
                file.truncate()
                file.writelines(json.dumps(left) + "\n" for left in faults)
                return dict(fault)
    return {}


addons = [ProxyFaults()]
