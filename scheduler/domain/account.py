"""One profile on one platform, and references to its secrets (never the secrets themselves)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.domain.problem import Place

SECRET_SCHEMES = ("env", "file", "keyring")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`. It holds no secret itself."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of config.yaml.

    `server` is the address its client talks to: the platform's own unless a setting says otherwise; for a local
    folder its path. `settings` are the plain ones, `secrets` the references, both by the platform's setting names.
    """

    name: str
    platform: str
    server: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = field(default_factory=dict)
    place: Place = field(default_factory=lambda: Place("config.yaml"))
