"""What to type instead: the words and quotes that mend a line of a file."""

from __future__ import annotations

import re

from scheduler.domain.curly_quotes import find_inside
from scheduler.sources.yaml_source import ODD_SPACE, Fault, Source

_LINE_PARTS = re.compile(r"\s*((?:- +)*)((?:[\w-]+:(?: +|$))?)(.*)")
_ODD_SPACE = re.compile(rf"(?:- +)*(?:[\w-]+:|-) *([{ODD_SPACE}])")
# Not compiled before one is needed, which is when something is wrong.
_NEIGHBOURS = r"""("[^"]*"|'[^']*') +("[^"]*"|'[^']*')"""
_SEVERAL_QUOTED = r"""("[^"]*"|'[^']*')(?:, *("[^"]*"|'[^']*'))+,?"""
_MARKED_ADDRESS = r"\[[^]]*\]\((https?://[^\s)]+)\)"
_SECOND_NAME = r"\s(text|link|when|images|accounts|hashtags|tags|thread|variants|draft): "
_OTHER_COLON = r"((?:- +)*)([a-z_]+) *[;=：；](?:\s+|$)(.*)"
_WHOLE_LINE_QUOTED = r"""((?:- +)*)(["'])([a-z_]+:) +(.*)\2"""
REFUSED_BEGINNING = "A value cannot begin with"
QUOTE_FROM_START = "Put the whole text, from the line where it begins, in quotes."


def suggest_quotes(source: Source, position: int) -> str:
    """Return what to type so that the value at a position is taken as text."""
    line = source.line_at(position)
    dash, key, value = split_line(line)
    column = position - source.line_span(position)[0]
    if special := _advise_otherwise(dash, key, value):
        return special
    if value[:1] in ("[", "{") and line.find(value) < column:
        head, tail = re.split(r"[\[{,] *|: +", line[:column])[-1], re.split(r"[],}]", line[column:])[0]
        return f"Put it in quotes: `{quote(head + tail)}`."
    block = f"; or write it below `{key.strip()} |`, further in" if key else ""
    return f"Type `{dash}{key}{quote(value)}`{block}."


def _advise_otherwise(dash: str, key: str, value: str) -> str:
    """Return what to type in place of a line whose quotes would not help, empty if they would."""
    if "," not in value and (pairs := re.search(_NEIGHBOURS, value)):
        return f"Put a comma and a space between {shorten(pairs[0])}."
    if re.fullmatch(_SEVERAL_QUOTED, value):
        return f"For several, type `{dash}{key}[{shorten(value)}]`."
    if address := re.fullmatch(_MARKED_ADDRESS, value):
        return f"Type the address alone: `{dash}{key}{shorten(address[1])}`."
    if not key and re.match(r"[*•–—] ", value):
        return f"For an item of a list, type `- {shorten(value[2:])}`."
    if value[:1] not in ("[", "{") and (second := re.search(_SECOND_NAME, value)):
        return f"Put `{second[1]}: …` on a line of its own, or, if it belongs to the text, the whole text in quotes."
    return ""


def split_line(line: str) -> tuple[str, str, str]:
    """Return the dashes, the name with its colon, and the value of a line; each may be empty."""
    parts = _LINE_PARTS.match(line)
    dash, key, value = parts.groups() if parts else ("", "", line)
    return dash, key, value.strip()


def quote(value: str) -> str:
    """Return a value between quotes that suit it, cut if it is long; quotes around it already are left out.

    So are curly ones: they would be part of it.
    """
    value = value.strip()
    value = find_inside(value) or value
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        value = value[1:-1]
    value = shorten(value)
    return "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'


def shorten(text: str) -> str:
    return text if len(text) <= 44 else text[:43] + "…"


def refused_beginning(source: Source, start: int) -> Fault:
    sign = source.text[start]
    message = f"{REFUSED_BEGINNING} '{sign}' unless it is in quotes."
    dash, key, value = split_line(source.line_at(start))
    if sign in "|>" and value.startswith(sign):
        hint = f"Type `{dash}{key}{sign}` alone; the text begins on the next line, further in."
        return Fault(start, start + 1, message, hint)
    return Fault(start, start + 1, message, suggest_quotes(source, start))


def describe_space(space: str) -> tuple[str, str]:
    """Return what to say of a tab or of a space that only looks like one, and what to do about it."""
    kind = "A tab" if space == "\t" else "An unusual space (often copied from a web page)"
    return f"{kind} stands here.", "Delete it and type ordinary spaces instead."


def point_at_space(source: Source, position: int) -> Fault:
    return Fault(position, position + 1, *describe_space(source.text[position]))


def find_odd_space(source: Source, start: int) -> Fault | None:
    """Return the fault of a space that only looks like one, where `name:` or a dash has it after it."""
    odd = _ODD_SPACE.match(source.text, start, source.line_span(start)[1])
    return point_at_space(source, odd.start(1)) if odd else None


def nameless_line(source: Source, start: int) -> Fault:
    """Return what is wrong with a line that should be `name: value` and is not."""
    line_start, line_stop = source.line_span(start)
    line = source.text[start:line_stop].rstrip()
    stop = start + len(line)
    if odd := find_odd_space(source, start):
        return odd
    if other := re.match(_OTHER_COLON, line):
        return Fault(
            start, stop, f"A colon is missing after '{other[2]}'.", f"Type `{other[1]}{other[2]}: {shorten(other[3])}`."
        )
    if quoted := re.match(_WHOLE_LINE_QUOTED, line):
        hint = f"Type `{quoted[1]}{quoted[3]} {quoted[2]}{shorten(quoted[4])}{quoted[2]}`."
        return Fault(start, stop, "The quotes must stand around the value only.", hint)
    above = source.text[max(0, line_start - 200) : line_start].rstrip()
    if close := re.match(r"((?:- +)*[\w-]+:)([^\s/].*)", line):
        hint = f"Type `{shorten(close[1])} {shorten(close[2])}`."
        return Fault(start, stop, "A space is missing after the colon.", hint)
    if re.search(r"[:-] +[|>][-+\d]*$", above):
        return Fault(start, stop, "The lines of a text below | begin further in.", "Put two more spaces before it.")
    if re.match(r"-\S", line):
        return Fault(start, stop, "A space is missing after the '-'.", f"Type `- {shorten(line[1:])}`.")
    hint = "Type `name: value`; if it goes on with the text above, put that text below `text: |`, further in."
    if not line_start and line.count(",") > 1:
        hint = "Is it a table saved as CSV? `campaign import` makes a calendar of it."
    return Fault(start, stop, "This line has no name followed by a colon.", hint)
