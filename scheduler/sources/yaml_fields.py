"""Changing single fields of a YAML file under edit, so that the notes around them stay where they are.

ruamel keeps a note with the value before it: whoever takes a value out has to hand its notes on.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import FoldedScalarString, LiteralScalarString
from ruamel.yaml.tokens import CommentToken

from scheduler.sources.yaml_source import CONTROL

_SHORT = 70  # characters: a text up to this stands on the line of its name
_BLOCKS = (LiteralScalarString, FoldedScalarString)


def make_value(value: Any, *, block: bool = False) -> Any:
    """Return plain data as the writer takes it: texts of several lines as blocks, lists of words on one line."""
    if isinstance(value, dict):
        return CommentedMap({name: make_value(each, block=name in {"text", "alt"}) for name, each in value.items()})
    if isinstance(value, list):
        listed = CommentedSeq([make_value(each) for each in value])
        if all(isinstance(each, str) for each in value):
            listed.fa.set_flow_style()
        return listed
    return _make_text(str(value), block)


def _make_text(text: str, block: bool) -> Any:
    is_plain = text.strip() == text and all(character.isprintable() or character == "\n" for character in text)
    if is_plain and ("\n" in text or (block and (len(text) > _SHORT or "#" in text))):
        return LiteralScalarString(text + "\n")
    return text


def put_field(fields: CommentedMap, name: str, value: Any) -> None:
    """Give a field a new value; a new one stands before the last of the fields, so that notes below stay below."""
    made = make_value(value, block=name in {"text", "alt"})
    if name not in fields:
        fields.insert(max(len(fields) - 1, 1), name, made)
        return
    tail = _take_tail(fields, name)
    fields[name] = made
    _give_tail(fields, name, tail)


def append_field(fields: CommentedMap, name: str, value: Any) -> None:
    """Add a field, a new one, after the last; notes below that one stay below all of them."""
    last = next(reversed(fields), None)
    tail = _take_tail(fields, last) if last is not None else ""
    fields[name] = make_value(value)
    _give_tail(fields, name, tail)


def remove_field(fields: CommentedMap, name: str) -> None:
    """Take a field out. The note on its own line goes with it, those above and below stay."""
    tail = _take_tail(fields, name)
    names = list(fields)
    before = names.index(name) - 1
    above = (fields.ca.items.pop(name, None) or [None, None])[1] or []
    tail = "".join(" " * token.column + token.value for token in above) + tail
    del fields[name]
    if before >= 0:
        _give_tail(fields, names[before], tail)


def note_field(fields: CommentedMap, name: str, note: str) -> None:
    """Write a note at the end of a field's line, in place of one that stands there."""
    tail = _take_tail(fields, name)
    tokens = fields.ca.items.setdefault(name, [None, None, None, None])
    tokens[2] = CommentToken(f"# {plain_note(note)}\n", CommentMark(0), None)
    _give_tail(fields, name, tail)


def plain_note(words: str) -> str:
    """Return words as a note can hold them: on one line, without what cannot be seen."""
    return " ".join(CONTROL.sub(" ", words).split())


def _take_tail(holder: Any, key: Any) -> str:
    """Take the notes on the lines below a value away from it, and return them; its own line's stays."""
    value = holder[key]
    if isinstance(value, (CommentedMap, CommentedSeq)) and len(value) and not value.fa.flow_style():
        return _take_tail(value, list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1)
    slot = _slot(holder)
    tokens = holder.ca.items.get(key)
    token = tokens[slot] if tokens else None
    if token is None:
        return ""
    own, tail = ("", token.value) if isinstance(value, _BLOCKS) else _split(token.value)
    if own.strip():
        token.value = own
    else:
        tokens[slot] = None
    return tail


def _give_tail(holder: Any, key: Any, tail: str) -> None:
    value = holder[key]
    if not tail:
        return
    if isinstance(value, (CommentedMap, CommentedSeq)) and len(value) and not value.fa.flow_style():
        _give_tail(value, list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1, tail)
        return
    slot = _slot(holder)
    tokens = holder.ca.items.setdefault(key, [None, None, None, None])
    is_block = isinstance(value, _BLOCKS)
    if tokens[slot] is not None:
        if not tokens[slot].value.endswith("\n"):
            tokens[slot].value += "\n"
        tokens[slot].value += tail
    else:
        tokens[slot] = CommentToken(tail if is_block else "\n" + tail, CommentMark(0), None)


def _split(note: str) -> tuple[str, str]:
    own, _, tail = note.partition("\n")
    return own + "\n", tail


def _slot(holder: Any) -> int:
    return 2 if isinstance(holder, CommentedMap) else 0
