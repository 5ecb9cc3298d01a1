"""The parameters that Meta's calls take, from Meta's own package: read there, never imported and never committed."""

from __future__ import annotations

import ast
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from tests.servers.cache import ServerMissing, fetch_once, run_step

_PACKAGE = "facebook_business==26.0.3"
_ID = r"/[0-9_]+"
# Which function of the package stands for a call: its module, its class and its name.
_CALLS = (
    ("POST", rf"{_ID}/feed", "page.Page.create_feed"),
    ("POST", rf"{_ID}/photos", "page.Page.create_photo"),
    ("POST", rf"{_ID}/videos", "page.Page.create_video"),
    ("GET", rf"{_ID}/published_posts", "page.Page.get_published_posts"),
    ("POST", rf"{_ID}/captions", "advideo.AdVideo.create_cap_t_i_on"),
    ("POST", "/41[0-9]*", "advideo.AdVideo.api_update"),
    ("POST", "/[0-9]+_[0-9]+/comments", "pagepost.PagePost.create_comment"),
    ("GET", "/[0-9]+_[0-9]+/comments", "pagepost.PagePost.get_comments"),
    ("POST", "/41[0-9]*/comments", "advideo.AdVideo.create_comment"),
    ("POST", "/7[0-9]*/comments", "igmedia.IGMedia.create_comment"),
    ("POST", rf"{_ID}/media", "iguser.IGUser.create_media"),
    ("GET", rf"{_ID}/media", "iguser.IGUser.get_media"),
    ("POST", rf"{_ID}/media_publish", "iguser.IGUser.create_media_publish"),
    ("GET", rf"{_ID}/content_publishing_limit", "iguser.IGUser.get_content_publishing_limit"),
)
# What every call may have, and files, which the package sends beside its tables.
_COMMON = frozenset({"fields", "limit", "after", "since", "source"})


class MetaTables:
    """The names of the parameters of each call that the package knows."""

    def __init__(self, tables: Mapping[str, frozenset[str]]) -> None:
        self._calls = [(method, re.compile(path), tables[name] | _COMMON) for method, path, name in _CALLS]

    def find_unknown(self, method: str, path: str, names: set[str]) -> set[str] | None:
        """Return which of these parameters a call does not take; None for a call that the package does not have.

        `path` is without the version.
        """
        for each, pattern, known in self._calls:
            if each == method and pattern.fullmatch(path):
                return names - known
        return None


@lru_cache(maxsize=1)
def load_meta_tables() -> MetaTables:
    """Return the tables. Raise ServerMissing if they cannot be fetched."""
    (wheel,) = fetch_meta_tables().glob("*.whl")
    tables = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in {name for _, _, name in _CALLS}:
            module, owner, function = name.split(".")
            source = archive.read(f"facebook_business/adobjects/{module}.py").decode()
            tables[name] = frozenset(_list_names(source, owner, function))
    if empty := sorted(name for name, names in tables.items() if not names and "get_" not in name):
        raise ServerMissing(f"the package {_PACKAGE} tells no parameters of {', '.join(empty)}")
    return MetaTables(tables)


def fetch_meta_tables() -> Path:
    """Fetch the package into the cache, 2 MB, and return its folder."""
    return fetch_once(f"meta-tables-{_PACKAGE.rpartition('=')[2]}", _fetch)


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", _PACKAGE]
    run_step(command, folder)


def _list_names(source: str, owner: str, function: str) -> Iterator[str]:
    """Give the keys of `param_types` in a function of a class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name == function:
                    yield from _list_keys(each)


def _list_keys(function: ast.FunctionDef) -> Iterator[str]:
    for node in function.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            (target,) = node.targets
            if isinstance(target, ast.Name) and target.id == "param_types":
                names = [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
                yield from (name for name in names if isinstance(name, str))
