"""One file a platform. Every module here that holds `PLATFORM` is a channel; nothing else has to be told of it."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.domain.ports import Platform


@cache
def list_platforms() -> tuple[str, ...]:
    """Return the names of all platforms, in order of the alphabet, without loading them."""
    import pkgutil

    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def load_platform(name: str) -> Platform:
    """Return a platform by its name. Raise KeyError if there is none."""
    if not name.isidentifier() or name.startswith("_"):
        raise KeyError(name)
    path = f"{__name__}.{name}"
    try:
        platform: Platform = importlib.import_module(path).PLATFORM
    except ModuleNotFoundError as missing:
        if missing.name != path:
            raise
        raise KeyError(name) from None
    return platform
