"""Whose request is it? OAuth 1.0a as X verifies it, by oauthlib's server side."""

from __future__ import annotations

import hmac
import string
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from tests.servers.x_store import XAccount, XStore

_CLOCK_SKEW_SECONDS = 300


class SignatureCheck:
    """Verifies signatures against the keys of the store's accounts."""

    def __init__(self, store: XStore) -> None:
        self._keys = _Keys(store)
        self._endpoint = SignatureOnlyEndpoint(self._keys)

    def find_account(self, url: str, method: str, body: bytes, headers: Mapping[str, str]) -> XAccount | None:
        """Return the account whose four keys signed the request, or None: unsigned, wrong, stale or repeated."""
        if not headers.get("Authorization", "").startswith("OAuth "):
            return None
        valid, request = self._endpoint.validate_request(url, method, body.decode("latin-1"), dict(headers))
        return self._keys.find(request.client_key, request.resource_owner_key) if valid else None


class _Keys(RequestValidator):
    """What oauthlib asks for: secrets by key, and whether a nonce has been seen."""

    safe_characters: ClassVar[set[str]] = set(string.ascii_letters + string.digits + "-")
    client_key_length = (1, 100)
    access_token_length = (1, 100)
    nonce_length = (1, 100)
    enforce_ssl = False
    dummy_client = "nobody"
    dummy_access_token = "nobody"

    def __init__(self, store: XStore) -> None:
        super().__init__()
        self._store = store
        self._nonces: set[tuple[str, str]] = set()

    def find(self, client_key: str | None, token: str | None) -> XAccount | None:
        """Return the account with this pair of keys."""
        given = f"{client_key} {token}".encode()
        for account in self._store.accounts():
            if hmac.compare_digest(given, f"{account.api_key} {account.access_token}".encode()):
                return account
        return None

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return self.find(client_key, request.resource_owner_key) is not None

    def get_client_secret(self, client_key: str, request: Any) -> str:
        account = self.find(client_key, request.resource_owner_key)
        return account.api_secret if account else "nobody"

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        account = self.find(client_key, token)
        return account.access_secret if account else "nobody"

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        seen = (timestamp, nonce)
        if abs(time.time() - int(timestamp)) > _CLOCK_SKEW_SECONDS or seen in self._nonces:
            return False
        self._nonces.add(seen)
        return True
