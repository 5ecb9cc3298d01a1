"""One profile on one platform, and references to its secrets (never the secrets themselves)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scheduler.domain.problem import Place

SECRET_SCHEMES = ("env", "file", "keyring")


class SecretRef(NamedTuple):
    """Where a secret is kept: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`. It holds no secret itself."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


class Account(NamedTuple):
    """An account of config.yaml.

    `server` is the address its client talks to: the platform's own unless a setting says otherwise; for a local
    folder its path. `settings` are the plain ones, `secrets` the references, both by the platform's setting names.
    `has_public_media` says that there is an address from which its platform can fetch pictures and films.
    """

    name: str
    platform: str
    server: str = ""
    settings: Mapping[str, str] = {}
    secrets: Mapping[str, SecretRef] = {}
    place: Place = Place("config.yaml")
    has_public_media: bool = True
