"""Hashtags that would become notes and be lost, and lines that begin with a space that only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scheduler.domain.problem import Severity
from scheduler.sources.yaml_advice import QUOTE_FROM_START, point_at_space, quote, shorten, split_line, suggest_quotes
from scheduler.sources.yaml_nodes import Nodes
from scheduler.sources.yaml_source import MAX_PROBLEMS, ODD_INDENT, ODD_SPACE, Fault, Source

_CLOSING = re.compile(r"[\]}]")
_SIGN = re.compile(r"\S")
_POSTED = frozenset({"text", "alt", "title", "description", "content_warning"})


def find_lost_text(source: Source, nodes: Nodes, limit: int) -> Iterator[Fault]:
    """Yield every hashtag before a position that reads as a note: `text: Speak out. #CEADay26`."""
    text = source.text
    position = text.find("#")
    while 0 <= position < limit:
        node = nodes.holding(position)
        start, stop = (nodes.starts[node], nodes.stops[node]) if node >= 0 else (0, 0)
        in_block_header = text.startswith(("|", ">"), start) and text.find("\n", start, position) < 0
        if position < stop and not in_block_header:
            position = text.find("#", stop)
            continue
        # Outside every value, so a note begins here and goes on to the end of the line.
        line_start, line_stop = source.line_span(position)
        if text[position + 1 : position + 2] not in "# \t\n":
            own_line = not text[line_start:position].strip()
            if not own_line or _would_continue(source, nodes, node, position):
                begun_above = start < line_start and stop > line_start
                yield _lost_text(source, position, own_line, begun_above)
        elif node > 0 and _is_posted(source, nodes, node, position):
            yield _doubtful_note(source, position)
        position = text.find("#", line_stop)


def _would_continue(source: Source, nodes: Nodes, node: int, position: int) -> bool:
    """Return whether a `#word` on a line of its own stands where it would go on with the value before it."""
    text = source.text
    if node < 0 or not (text[position + 1].isalnum() or text[position + 1] == "_"):
        return False
    start, stop = nodes.starts[node], nodes.stops[node]
    if stop < 0:
        return text.startswith(("[", "{"), start) and not _CLOSING.search(text, start, position)
    after = _SIGN.search(text, stop, position)
    if after and after[0] in ":]}":  # the value of a name is still to come, or a list in brackets is over
        return False
    if after and after[0] == ",":
        return True
    line_start = source.line_span(start)[0]
    dash = text[line_start:start].rstrip()
    if node and text[nodes.stops[node - 1] : start].strip() == ":" and nodes.stops[node - 1] > 0:
        owner = nodes.starts[node - 1]
        owner -= source.line_span(owner)[0]
    else:
        owner = len(dash) - 1 if dash.endswith("-") else position
    return position - source.line_span(position)[0] > owner


def _is_posted(source: Source, nodes: Nodes, node: int, position: int) -> bool:
    """Return whether a note stands after words that are posted as they are: `text: Meet at gate # 3`."""
    start, stop = nodes.starts[node], nodes.stops[node]
    name = source.text[nodes.starts[node - 1] : max(0, nodes.stops[node - 1])]
    is_plain = stop > start and source.text[start] not in "|>'\"[{"
    return is_plain and name in _POSTED and not source.text[stop:position].strip(" ")


def _doubtful_note(source: Source, position: int) -> Fault:
    line_stop = source.line_span(position)[1]
    note = source.text[position:line_stop].rstrip()
    dash, key, value = split_line(source.line_at(position))
    message = f"'{shorten(note)}' is a note and is not posted."
    hint = f"If it is part of the text, type `{dash}{key}{quote(value)}`. If not, put it on a line of its own."
    return Fault(position, position + len(note), message, hint, Severity.WARNING)


def _lost_text(source: Source, position: int, own_line: bool, begun_above: bool) -> Fault:
    line_start, line_stop = source.line_span(position)
    lost = source.text[position:line_stop].rstrip()
    dash, key, value = split_line(source.text[line_start:line_stop])
    if own_line:
        hint = f"An item of a list: `- {quote(lost.rstrip(','))}`. A text: below `text: |`, further in."
    elif begun_above:
        hint = QUOTE_FROM_START
    elif value.startswith(("|", ">")):
        hint = "Move it to a line of its own below, further in."
    elif key and value == lost:
        words = ", ".join(f'"{word.rstrip(",")}"' for word in lost.split())
        hint = f"A list: `{key}[{words}]`. A text: `{key}{quote(lost)}`."
    elif value.startswith("["):
        hint = "Put each in quotes: `" + key + re.sub(r"""(?<!["'])#[^],\s]+""", r'"\g<0>"', value) + "`."
    elif not key and value == lost:
        hint = f"Type `{dash}{quote(lost)}`."
    else:
        hint = suggest_quotes(source, position).partition(";")[0].rstrip(".") + "."
    message = f"'{shorten(lost)}' would be lost: after a space, # begins a note."
    return Fault(position, position + len(lost), message, f"{hint} A note has a space after its #.")


def find_odd_indents(source: Source, nodes: Nodes, limit: int) -> list[Fault]:
    """Return the lines before a position that begin with a tab or a space of an unusual kind, outside texts."""
    faults: list[Fault] = []
    for match in ODD_INDENT.finditer(source.text, 0, limit):
        position = match.end() - 1
        line = source.line_at(position).strip(ODD_SPACE + " ")
        node = nodes.holding(position)
        within = node >= 0 and nodes.starts[node] < position < nodes.stops[node]
        if line and not line.startswith("#") and not within:
            faults.append(point_at_space(source, position))
        if len(faults) >= MAX_PROBLEMS:
            break
    return faults
