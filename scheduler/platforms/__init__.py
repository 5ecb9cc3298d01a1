"""One file a platform. Every module here that holds `PLATFORM` is a channel; nothing else has to be told of it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from scheduler.domain.ports import Platform


@cache
def list_platforms() -> tuple[str, ...]:
    """Return the names of all platforms, in order of the alphabet, without loading them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def load_platform(name: str) -> Platform:
    """Return a platform by its name. Raise KeyError if there is none."""
    if name not in list_platforms():
        raise KeyError(name)
    platform: Platform = importlib.import_module(f"{__name__}.{name}").PLATFORM
    return platform
