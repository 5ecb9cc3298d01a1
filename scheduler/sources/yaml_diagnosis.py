"""What a parser's complaint means, in plain words: what is wrong, where, and what to type instead."""

from __future__ import annotations

import re
from typing import Any

from scheduler.sources.yaml_advice import (
    QUOTE_FROM_START,
    find_odd_space,
    nameless_line,
    point_at_space,
    refused_beginning,
    shorten,
    suggest_quotes,
)
from scheduler.sources.yaml_nodes import Nodes
from scheduler.sources.yaml_source import ODD_INDENT, Fault, Source

_KEY_LINE = re.compile(r"\s*(?:- +)*[\w-]+\s*:(?:\s|$)")
_CONFLICT = r"(?m)^<{7} .*$"
_REST_UNREAD = " The rest is read once this is mended."


class Diagnosis:
    """What a parser's complaint means to a person, judged by the characters around it.

    `limit` is the position up to which the file was understood.
    """

    def __init__(self, source: Source, nodes: Nodes, wrong: Exception) -> None:
        self.source, self.nodes, self.text = source, nodes, source.text
        self.what = f"{getattr(wrong, 'context', None)}, {getattr(wrong, 'problem', None)}"
        self.at = self._index(getattr(wrong, "problem_mark", None), nodes.starts[-1] if nodes.starts else 0)
        self.since = self._index(getattr(wrong, "context_mark", None), self.at)
        self.limit = self.since if "while scanning" in self.what else self.at
        self.line_start, self.line_stop = source.line_span(self.at)
        self.line = self.text[self.line_start : self.line_stop]

    def _index(self, mark: Any, otherwise: int) -> int:
        return otherwise if mark is None else min(mark.index, len(self.text))

    def fault(self) -> Fault:
        """Return the fault in plain words, from the first reading of it that fits."""
        rules = (
            self._conflict, self._odd_space, self._closed_quote, self._open_quote, self._beginning,
            self._sign_beginning, self._colon, self._open_bracket, self._nameless, self._misplaced_item,
            self._short_block,
        )  # fmt: skip
        for rule in rules:
            if found := rule():
                return found._replace(hint=found.hint + _REST_UNREAD)
        found = self._indentation()
        return found._replace(hint=found.hint + _REST_UNREAD)

    def _conflict(self) -> Fault | None:
        """A program for versions of files left both of two versions in it."""
        found = re.search(_CONFLICT, self.text)
        if found is None or "\n>>>>>>> " not in self.text:
            return None
        message = "From here on two versions of the same lines stand here."
        hint = "Keep the right ones, and delete this line and those of = and > below it."
        return Fault(found.start(), found.end(), message, hint)

    def _odd_space(self) -> Fault | None:
        odd = ODD_INDENT.match(self.line)
        if odd:
            return point_at_space(self.source, self.line_start + odd.end() - 1)
        return point_at_space(self.source, self.at) if self.text[self.at : self.at + 1] == "\t" else None

    def _last_text(self) -> tuple[int, int] | None:
        """Return where the last text that is not empty starts and stops."""
        for node in range(len(self.nodes.starts) - 1, -1, -1):
            start, stop = self.nodes.starts[node], self.nodes.stops[node]
            if stop != start:
                return (start, stop) if stop > start else None
        return None

    def _closed_quote(self) -> Fault | None:
        start, stop = self._last_text() or (0, 0)
        mark = self.text[start : start + 1]
        if (
            mark not in ("'", '"')
            or not stop
            or self.text[stop : self.at].strip(" ")
            or "\n" in self.text[stop : self.at]
        ):
            return None
        if "\n" in self.text[start:stop]:
            number = self.source.line_number(stop - 1)
            message = f"The quote that opens here is closed only on line {number}."
            return Fault(start, start + 1, message, f"Type {mark} at the end of this text.")
        hint = suggest_quotes(self.source, start)
        if mark == "'" and self.text[stop : stop + 1].isalnum():
            return Fault(stop - 1, stop, "The apostrophe ends the quoted text here.", hint)
        return Fault(stop - 1, stop, "The quoted text ends here, but the line goes on.", hint)

    def _open_quote(self) -> Fault | None:
        if "quoted" not in self.what:
            return None
        if "escape" in self.what or "hexa" in self.what:
            hint = "Type it twice, or put the text in single quotes, or type the character that is meant."
            start = self.text.rfind("\\", self.since, self.at + 1)
            return Fault(start, start + 1, "A backslash in double quotes has a meaning of its own.", hint)
        mark = self.text[self.since : self.since + 1]
        hint = f"Type {mark} at the end of the text."
        if mark == "'":
            hint = f"Type ' at its end. Or is it an apostrophe? {suggest_quotes(self.source, self.since)}"
        return Fault(self.since, self.since + 1, "The quote that opens here is never closed.", hint)

    def _beginning(self) -> Fault | None:
        begins_before = re.search(r"scanning an a|tag|block scalar|directive|incompatible|version", self.what)
        start = self.since if begins_before else self.at
        known = begins_before or re.search(r"cannot start|node content|(entries|keys) are not allowed", self.what)
        return refused_beginning(self.source, start) if known and self.text[start : start + 1].strip() else None

    def _sign_beginning(self) -> Fault | None:
        """`text: [PHOTO] Speak out`, `text: *all of you`: something complete is over, and the line goes on."""
        first = self.nodes.holding(self.line_start) + 1
        for node in range(first, len(self.nodes.starts)):
            start = self.nodes.starts[node]
            closed = self.text.startswith(("[", "{"), start) and self.text[start : self.at].rstrip().endswith(
                ("]", "}")
            )
            if closed or (node in self.nodes.targets and not self.text[self.nodes.stops[node] : self.at].strip()):
                return refused_beginning(self.source, start)
        return None

    def _colon(self) -> Fault | None:
        if self.text[self.at : self.at + 1] != ":":
            return None
        start = (self._last_text() or (self.at, 0))[0]
        if start >= self.line_start:
            return self._unquoted_colon(suggest_quotes(self.source, start))
        if "flow" in self.what:
            return None
        line_start, line_stop = self.source.line_span(start)
        if odd := find_odd_space(self.source, start):
            return odd
        if not re.fullmatch(r"(- +)*[\w-]+", self.text[self.line_start : self.at].strip()):
            return self._unquoted_colon(QUOTE_FROM_START)
        unspaced = re.match(r"[ -]*[\w-]+:[^\s/]", self.text[line_start:line_stop])
        return nameless_line(self.source, start) if unspaced else self._indentation()

    def _unquoted_colon(self, hint: str) -> Fault:
        return Fault(self.at, self.at + 1, "A text with a colon and a space in it must be in quotes.", hint)

    def _open_bracket(self) -> Fault | None:
        if "flow" not in self.what:
            return None
        opened = self.since
        for node in range(len(self.nodes.starts) - 1, -1, -1):
            if not self.nodes.stops[node] and self.text.startswith(("[", "{"), self.nodes.starts[node]):
                opened = self.nodes.starts[node]
                break
        closing = {"[": "]", "{": "}"}.get(self.text[opened : opened + 1], "]")
        message = f"What opens here is not closed with {closing}, or a comma is missing in it."
        return Fault(
            opened, opened + 1, message, f"Type {closing} at its end, and a comma and a space between its parts."
        )

    def _nameless(self) -> Fault | None:
        return nameless_line(self.source, self.since) if "expected ':'" in self.what else None

    def _misplaced_item(self) -> Fault | None:
        if not re.match(r" *-( |$)", self.line):
            return None
        dash = self.line_start + self.line.index("-")
        items = re.findall(r"^ *- ", self._lines_above(), re.MULTILINE)
        if not items:
            hint = "Delete the '- ', or put a name such as `accounts:` on a line of its own above it."
            return Fault(dash, dash + 1, "A list cannot begin here.", hint)
        hint = f"Begin it in column {len(items[-1]) - 1}, below the '-' of the item above."
        return Fault(dash, dash + 1, "This item does not stand in line with the items above.", hint)

    def _lines_above(self) -> str:
        return self.text[max(0, self.line_start - 10_000) : self.line_start]

    def _short_block(self) -> Fault | None:
        start, stop = self._last_text() or (0, 0)
        if (
            self.text[start : start + 1] not in ("|", ">")
            or self.text[stop : self.at].strip()
            or _KEY_LINE.match(self.line)
        ):
            return None
        message = "This line stands further left than the first line of the text that it belongs to."
        return Fault(self.at, self.line_stop, message, "Begin it in the same column as that line.")

    def _indentation(self) -> Fault:
        begin = self.line_start + len(self.line) - len(self.line.lstrip())
        message = "This line cannot be understood where it stands."
        named = [line for line in self._lines_above().splitlines() if _KEY_LINE.match(line)]
        hint = "Look at the spaces before it, at quotes and colons, and at the line above."
        if (
            "block collection" in self.what
            and self.source.line_span(self.since)[0] + begin == self.line_start + self.since
        ):
            hint = "Begin it with '- ' to make it an item, or move it left, below the name that the list belongs to."
            if named and not self.line.lstrip().startswith("- "):
                name = named[-1].lstrip(" -")
                column = len(named[-1]) - len(name) + 1
                hint = f"Begin it in column {column}, below `{shorten(name.partition(':')[0])}:`, if it belongs there."
        elif "document start" in self.what:
            hint = "Delete the line of dots above it, which ends the file."
        elif named:
            name = named[-1].lstrip(" -")
            hint = "Lines that belong together begin in the same column;"
            hint += f" `{shorten(name.partition(':')[0])}:` above begins in column {len(named[-1]) - len(name) + 1}."
        return Fault(begin, self.line_stop, message, hint)
