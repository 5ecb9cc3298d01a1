"""Free text as both databases take it: a server's reply, a file's name or a command line may hold what they refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

# SQLite's driver cannot encode half a surrogate pair, and PostgreSQL stores no NUL (its manual, "Character Types",
# checked 2026-11-25).
_REFUSED = re.compile("[\x00\ud800-\udfff]")


def clean_words(words: str) -> str:
    """Return a text with U+FFFD in place of each NUL and each half of a surrogate pair."""
    return words if words.isascii() and "\x00" not in words else _REFUSED.sub("\ufffd", words)


def clean_values(value: Any) -> Any:
    """Return a value made of what JSON knows with every text in it, names too, cleaned as `clean_words` does."""
    if isinstance(value, str):
        return clean_words(value)
    if isinstance(value, Mapping):
        return {clean_words(str(name)): clean_values(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_values(each) for each in value]
    return value


class Words(TypeDecorator[str]):
    """A column of text. What is written to it, and what it is compared with, is cleaned on the way."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what the database is given."""
        return clean_words(value) if isinstance(value, str) else value
