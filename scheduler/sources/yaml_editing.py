"""Editing YAML files that people write: comments, order, quotes and line breaks of what is not changed survive."""

from __future__ import annotations

import io
import secrets
from itertools import pairwise
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from scheduler.domain.problem import Place, error, has_errors
from scheduler.errors import ConfigError
from scheduler.sources.yaml_text import read_yaml

_ANY_WIDTH = 2**31 - 1  # long lines stay one line


class EditableFile:
    """A YAML file of named fields under edit: `fields` are changed in place, `write` gives the new text.

    Every scalar is text, as the readers take it. What is written anew is quoted where YAML would lose it otherwise.
    """

    def __init__(self, content: bytes, file: str) -> None:
        """Read a file. Raise ConfigError with its problems if it is not good YAML: what is broken is not edited."""
        document = read_yaml(content, file)
        if has_errors(document.problems):
            raise ConfigError(document.problems)
        self._bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        self._crlf = b"\r\n" in content
        self._yaml = _make_yaml(content)
        try:
            fields = self._yaml.load(content.decode("utf-8-sig").replace("\r\n", "\n"))
        except (YAMLError, UnicodeDecodeError):
            raise ConfigError([error("This file cannot be edited.", Place(file), "Mend it by hand.")]) from None
        if not isinstance(fields, CommentedMap):
            raise ConfigError([error("There are no named fields in this file.", Place(file), "Is it the right one?")])
        self.fields = fields

    def write(self) -> bytes:
        """Return the file's new text."""
        stream = io.StringIO()
        self._yaml.dump(self.fields, stream)
        text = stream.getvalue()
        return self._bom + (text.replace("\n", "\r\n") if self._crlf else text).encode()


def write_new(fields: CommentedMap) -> bytes:
    """Return the text of a new file with these fields, each scalar a text."""
    yaml = _make_yaml(b"")
    stream = io.StringIO()
    yaml.dump(fields, stream)
    return stream.getvalue().encode()


def replace_file(path: Path, content: bytes) -> None:
    """Put a file's new content in its place in one step: a reader sees the old text or the new. Raise OSError."""
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        hidden.write_bytes(content)
        if path.exists():
            hidden.chmod(path.stat().st_mode & 0o7777)
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def _make_yaml(content: bytes) -> YAML:
    """Return a reader that takes every scalar as text, and a writer that indents as the content does."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _ANY_WIDTH
    yaml.Resolver = _TextResolver
    step, dash = _find_indent(content.decode("utf-8", "replace"))
    yaml.indent(mapping=step, sequence=dash + 2, offset=dash)
    return yaml


def _find_indent(text: str) -> tuple[int, int]:
    """Return by how much groups are indented, and the dashes of lists, as the first of each has it."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    step = dash = 2
    for before, line in pairwise(lines):
        indent = len(before) - len(before.lstrip())
        more = len(line) - len(line.lstrip()) - indent
        if before.rstrip().endswith(":") and line.lstrip().startswith("- ") and more >= 0:
            return step, more
        if before.rstrip().endswith(":") and more > 0 and ":" in line:
            step = more
    return step, dash


class _TextResolver(VersionedResolver):
    """Takes `09:00`, `no` and `01163050005` for the text that they are, when reading and when writing."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node: of a scalar that of text, unless it is empty."""
        if kind is ScalarNode and value:
            return Tag(suffix="tag:yaml.org,2002:str")
        return super().resolve(kind, value, implicit)
