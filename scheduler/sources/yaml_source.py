"""The text of one file: decoded, cleaned, and what is wrong with some of its characters.

Positions are counted in characters from the start of the file; lines and columns are worked out when somebody asks.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple

from scheduler.domain.problem import Place, Problem, Severity

MAX_VALUES = 2_500_000  # a 16 MB calendar holds about 1,200,000 commas, colons and lines
MAX_PROBLEMS = 100
MAX_EXCERPT = 2_000
_MAX_WORDS = 250  # letters of a message, or of what to do

_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_WIDE_LETTERS = rb"(?:[^\0]\0){4}|(?:\0[^\0]){4}"
_HEADS_OF_OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"%PDF")
ODD_SPACE = "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u3000"
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
ODD_INDENT = re.compile(f"^ *[{ODD_SPACE}]", re.MULTILINE)
_USUAL_BYTES = b"\n" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
# U+0080 to 00A0, 2000 to 200B, 2028 to 202F, FEFF, FFFE and FFFF, 3000: quicker to find in bytes than in text.
_UNUSUAL_SIGNS = tuple(
    map(re.compile, (rb"\xc2[\x80-\xa0]", rb"\xe2\x80[\x80-\x8b\xa8-\xaf]", rb"\xef[\xbb\xbf]", rb"\xe3\x80\x80"))
)


class Fault(NamedTuple):
    """What is wrong with the characters from `start` to `stop`."""

    start: int
    stop: int
    message: str
    hint: str
    severity: Severity = Severity.ERROR


class Undecodable(Exception):
    """The file is not worth reading; `text` is what is known of it, the fault stands after its first part."""

    def __init__(self, head: str, message: str, hint: str, tail: str = "") -> None:
        super().__init__(message)
        head, tail = _plain_breaks(head), _plain_breaks(tail)
        self.text = head + tail
        self.fault = Fault(len(head), len(head) + len(tail[:1]), message, hint)


class Source:
    """The text of one file, its line breaks made plain; `written` is the same for the parser, as bytes where it can be.

    `unusual` says whether there may be tabs, carriage returns, control characters or spaces of an odd kind in it.
    """

    def __init__(self, file: str, text: str, unusual: bool = False, written: str | bytes = "") -> None:
        self.file, self.text, self.unusual, self.written = file, text, unusual, written

    @cached_property
    def line_starts(self) -> array[int]:
        lengths = map(len, self.text.split("\n"))
        return array("I", accumulate(map((1).__add__, lengths), initial=0))  # each with its break

    def line_span(self, position: int) -> tuple[int, int]:
        """Return where the line that holds a position starts and stops, its break left out."""
        start = self.text.rfind("\n", 0, position) + 1
        stop = self.text.find("\n", position)
        return start, len(self.text) if stop < 0 else stop

    def line_at(self, position: int) -> str:
        start, stop = self.line_span(position)
        return self.text[start:stop]

    def line_number(self, position: int) -> int:
        return bisect_right(self.line_starts, position)

    def place(self, start: int, stop: int) -> Place:
        starts = self.line_starts
        number = bisect_right(starts, start)
        end = min(stop, starts[number] - 1)
        return Place(self.file, number, start - starts[number - 1] + 1, max(0, end - start))

    def problem(self, fault: Fault) -> Problem:
        place, line = self.place(fault.start, fault.stop), self.line_at(fault.start)[:MAX_EXCERPT]
        return Problem(fault.severity, cut_words(fault.message), place, cut_words(fault.hint), line)


def cut_words(words: str) -> str:
    """Return what is said of a problem with no more of what it quotes from the file than can be read."""
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 60]} … {words[-50:]}"


def _plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def decode_lines(data: bytes) -> list[str]:
    """Return the lines of a file, as they are counted in places."""
    return _plain_breaks(data.removeprefix(_MARK).decode(errors="replace")).split("\n")


def decode(data: bytes, file: str, limit: int) -> Source:
    """Return a file's text. Raise Undecodable if it is too large or no UTF-8 text."""
    again = 'Save the file again as plain text with the encoding "UTF-8".'
    if len(data) > limit:
        message = f"The file is larger than {limit / 2**20:.3g} MB."
        raise Undecodable("", message, "Split it into several smaller files.")
    if data.startswith(_HEADS_OF_OTHERS):
        hint = "Copy its words into a plain text file; a spreadsheet is read by `campaign import`."
        raise Undecodable("", "This is a document of Word, Excel or the like, not plain text.", hint)
    if data.startswith(_WIDE_MARKS) or (b"\0" in data[:8] and re.match(_WIDE_LETTERS, data)):
        raise Undecodable("", "The file is saved as UTF-16.", again)
    content = data.removeprefix(_MARK)
    binary = content.find(b"\0")
    if binary >= 0:
        raise Undecodable(content[:binary].decode(errors="replace"), "This is not a plain text file.", again)
    try:
        text = content.decode()
    except UnicodeDecodeError as wrong:
        meant = content[wrong.start : wrong.start + 1].decode("cp1252", errors="replace")
        head, tail = content[: wrong.start].decode(), content[wrong.start :].decode(errors="replace")
        message = f"The character here (perhaps {meant}) is not saved as UTF-8."
        raise Undecodable(head, message, again, tail) from None
    unusual = bool(content.translate(None, _USUAL_BYTES)) or any(sign.search(content) for sign in _UNUSUAL_SIGNS)
    return Source(file, text, unusual, content)


def clean(source: Source) -> list[Fault]:
    """Give a text plain line breaks, and spaces for characters that cannot be seen; return a fault for each of those.

    Raise Undecodable if nothing or far too much is left to be read.
    """
    faults: list[Fault] = []
    if source.unusual:
        text = _plain_breaks(source.text)
        hint = "Delete it, and type the space or the line break again."
        for bad in islice(CONTROL.finditer(text), MAX_PROBLEMS):
            message = f"A character that cannot be seen or posted (U+{ord(bad[0]):04X})."
            faults.append(Fault(bad.start(), bad.end(), message, hint))
        source.text = source.written = CONTROL.sub(" ", text)
    if not source.text or source.text.isspace():
        raise Undecodable("", "The file is empty.", "Write at least one line such as `name: value`.")
    # Each value needs one of these before it, so a file that would take minutes is known before it is read.
    if len(source.text) > 6 * 2**20 and sum(map(source.text.count, ("\n", ",", ":", "[", "{", "- "))) > MAX_VALUES:
        raise Undecodable("", "The file holds too many values.", "Split it into several smaller files.")
    return faults
