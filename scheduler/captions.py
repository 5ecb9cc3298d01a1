"""Captions of films: SubRip (.srt) and WebVTT (.vtt), read, checked and written as the one or the other.

SubRip has no standard; read is what its players agree on. WebVTT is W3C's (https://www.w3.org/TR/webvtt1/, checked
25 November 2026). Files are taken in UTF-8, UTF-16 or Windows text, with lines ended in any way.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from scheduler.domain.problem import Place, Problem, Severity, error, has_errors, warning

FORMS = ("srt", "vtt")
MAX_BYTES = 5 * 2**20
"""Of a file; the captions of a day-long film have less."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s+(\S.*?))?\s*")
# Meant as times and none: one dash, a long dash, an arrow, a letter for a digit.
_NEARLY_TIMES = re.compile(r"(?=.*[:;])[\s\dOolI:;.,]*(-+\s*>+|[–—]+>?|→|=>)[\s\dOolI:;.,]*")
_STANDARD = {
    "srt": re.compile(r"\d{2,}:\d\d:\d\d,\d{3} --> \d{2,}:\d\d:\d\d,\d{3}( .*)?"),
    "vtt": re.compile(r"[ \t]*(\d{2,}:)?\d\d:\d\d\.\d{3}[ \t]+-->[ \t]+(\d{2,}:)?\d\d:\d\d\.\d{3}([ \t].*)?"),
}
_EXAMPLE = {"srt": "00:00:01,000 --> 00:00:04,000", "vtt": "00:00:01.000 --> 00:00:04.000"}
_NOT_SHOWN = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")
_SPOKEN = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?([a-zA-Z]*)[^<>]*>")
_KEPT_TAG = re.compile(r"(</?[biu]>)")
_BRACES = re.compile(r"\{\\[^}]*\}")
_PLAIN_BRACES = re.compile(r"\{(/?[biu])\}")
_MOST_LISTED = 20
_POSITIONS, _LOOKS = "where it stands on the picture", "colours, fonts and other looks"


class Cue(NamedTuple):
    """One caption: from when to when it shows, in milliseconds, and its words.

    In `text`, & < > are written as in WebVTT (&amp; &lt; &gt;), and there are no tags but <b>, <i> and <u>. `line` is
    that of its times.
    """

    start: int
    end: int
    text: str
    line: int


class Captions(NamedTuple):
    """A file of captions: "srt" or "vtt", its cues in order of time, its problems with their lines.

    `text` is the file as it stands if it can be sent so in its own form, empty if it must be written anew.
    """

    form: str
    cues: tuple[Cue, ...]
    problems: tuple[Problem, ...]
    text: str = ""


def read_captions(content: bytes, file: str) -> Captions:
    """Return what the bytes of a file of captions say. Never raises; with an error among its problems it is no good."""
    try:
        text, doubt = _decode(content)
    except ValueError as failure:
        hint = "Save the captions as .srt or .vtt, in UTF-8."
        return Captions("srt", (), (error(f"This is no file of captions: {failure}.", Place(file, 1, 1), hint),))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(file, text)
    if doubt:
        line = next(number for number, words in enumerate(reader.lines, start=1) if not words.isascii())
        reader.note(line, doubt, "Look at £ and at accents, or save it in UTF-8.")
    cues = reader.read()
    plain = "" if reader.is_irregular else text
    return Captions(reader.form, cues, tuple(reader.list_problems()), plain)


def write_captions(captions: Captions, form: str) -> str:
    """Return captions in a form, "srt" or "vtt": the file itself if it is in that form and regular."""
    if captions.form == form and captions.text:
        return captions.text
    if form == "vtt":
        written = [f"{_say(cue.start, '.')} --> {_say(cue.end, '.')}\n{cue.text}\n" for cue in captions.cues]
        return "\n".join(["WEBVTT\n", *written])
    return "\n".join(
        f"{number}\n{_say(cue.start, ',')} --> {_say(cue.end, ',')}\n{html.unescape(cue.text)}\n"
        for number, cue in enumerate(captions.cues, start=1)
    )


def list_words(captions: Captions) -> list[str]:
    """Return the words of each caption as they read, without tags."""
    return [html.unescape(_KEPT_TAG.sub("", cue.text)) for cue in captions.cues]


def check_end(captions: Captions, seconds: float, file: str) -> list[Problem]:
    """Return a warning if captions go on when their film is over: they may be another's."""
    late = [cue for cue in captions.cues if cue.start > seconds * 1000 + 1000]
    if not late or not seconds:
        return []
    message = f"This caption begins at {_say(late[0].start, '.')}, and the film is over at {seconds:.1f} s."
    return [warning(message, Place(file, late[0].line, 1), "Are they another film's?")]


def _say(moment: int, point: str) -> str:
    seconds, rest = divmod(moment, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _decode(content: bytes) -> tuple[str, str]:
    """Return bytes as text, and what is doubtful about that. Raise ValueError if they are no text."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text, doubt = content.decode("utf-16"), ""
    elif b"\0" in content[:200]:
        text, doubt = content.decode("utf-16-be" if content.startswith(b"\0") else "utf-16-le"), ""
    else:
        try:
            text, doubt = content.decode("utf-8-sig"), ""
        except UnicodeDecodeError:
            text, doubt = content.decode("cp1252"), "The file is not in UTF-8; it was read as Windows text."
    if "\0" in text:
        raise ValueError("it is not text")
    return text, doubt


class _Reader:
    """Reads one file; `problems` fill while it does. `is_irregular` says that it cannot be sent as it stands."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.form = "vtt" if re.match(r"WEBVTT(\s|$)", text) else "srt"
        self.is_irregular = False
        self.cues: list[Cue] = []
        self._problems: list[Problem] = []
        self._lost: dict[str, int] = {}  # what the other form cannot hold, and on which line it stands first
        self._count = 0

    def note(self, line: int, message: str, hint: str = "") -> None:
        """Note a warning."""
        self._add(warning(message, Place(self.file, line, 1), hint))

    def refuse(self, line: int, message: str, hint: str) -> None:
        """Note an error."""
        self._add(error(message, Place(self.file, line, 1), hint))

    def _add(self, problem: Problem) -> None:
        self._problems.append(problem._replace(line_text=self.lines[problem.place.line - 1]))

    def list_problems(self) -> list[Problem]:
        """Return the problems in order of lines; if there are very many, errors before warnings."""
        other = FORMS[1 - FORMS.index(self.form)]
        for what, line in self._lost.items():
            self.note(line, f"Channels that take .{other} show the words without this: {what}.")
        worst = sorted(self._problems, key=lambda problem: problem.severity is not Severity.ERROR)
        return sorted(worst[:_MOST_LISTED], key=lambda problem: problem.place.line)

    def read(self) -> tuple[Cue, ...]:
        """Return the cues that have words, in order of time."""
        for first, block in self._split():
            self._read_block(first, block)
        for cue in self.cues:
            if not cue.text:
                self.note(cue.line, "This caption has no words and is left out.")
        cues = [cue for cue in self.cues if cue.text]
        if not cues and not has_errors(self._problems):
            hint = f"Captions look like this: {_EXAMPLE[self.form]}, and the words on the line below."
            self.refuse(1, "There are no captions in this file.", hint)
        self._check_order(cues)
        self.is_irregular |= len(cues) < len(self.cues)
        return tuple(sorted(cues, key=lambda cue: cue.start))

    def _split(self) -> Iterator[tuple[int, list[str]]]:
        """Give each run of lines without an empty one, with the number of its first line."""
        block: list[str] = []
        for number, line in enumerate([*self.lines, ""], start=1):
            if line.strip():
                block.append(line)
            elif block:
                yield number - len(block), block
                block = []

    def _read_block(self, first: int, block: list[str]) -> None:
        if self.form == "vtt" and first == 1 and not any("-->" in line for line in block):
            return  # the file's head
        if self.form == "vtt" and _NOT_SHOWN.match(block[0]):
            if not block[0].startswith("NOTE"):
                self._lost.setdefault(_LOOKS, first)
            return
        found = [(number, _TIMES.fullmatch(line)) for number, line in enumerate(block)]
        timed = [number for number, times in found if times]
        for number, line in enumerate(block):
            if number not in timed and _NEARLY_TIMES.fullmatch(line):
                hint = f"Write them so: {_EXAMPLE[self.form]}"
                self.refuse(first + number, "These are not the times of a caption.", hint)
                return
        if not timed:
            self._read_loose(first, block)
            return
        self._read_before(first, block[: timed[0]])
        for number, following in zip(timed, [*timed[1:], len(block)], strict=True):
            end = following - 1 if following < len(block) and block[following - 1].strip().isdigit() else following
            self._read_cue(first + number, block[number], block[number + 1 : end])

    def _read_before(self, first: int, before: list[str]) -> None:
        """Look at what stands above the first times of a block: a number or a name, and nothing else."""
        if self.form == "srt" and before[-1:] != [str(len(self.cues) + 1)]:
            self.is_irregular = True  # it is numbered anew
        if self.form == "vtt" and first == 1:
            before = before[1:]
        loose = before[:-1] if before and (self.form == "vtt" or before[-1].strip().isdigit()) else before
        if loose:
            self._read_loose(first, loose)

    def _read_loose(self, first: int, block: list[str]) -> None:
        """Read lines without times: in SubRip those after an empty line in a caption; in WebVTT nothing shows them."""
        if self.form == "vtt" or not self.cues:
            self.refuse(first, "These words have no time, so that nothing shows them.", "Write their times above them.")
        elif block[0].strip().isdigit():
            hint = f"Write below it {_EXAMPLE['srt']}"
            self.refuse(first, "After this number, the times of its caption are missing.", hint)
        else:
            last = self.cues[-1]
            words = "\n".join(filter(None, [last.text, self._clean(first, block)]))
            self.cues[-1] = last._replace(text=words)
            self.is_irregular = True

    def _read_cue(self, line: int, times: str, words: list[str]) -> None:
        found = _TIMES.fullmatch(times)
        assert found is not None  # the caller has looked
        start, end = _read_time(found.groups()[:4]), _read_time(found.groups()[4:8])
        if start is None or end is None:
            self.refuse(line, "No hour has so many minutes, or no minute so many seconds.", "Mend these times.")
            return
        if end <= start:
            self.refuse(line, "This caption ends before it begins.", "Mend its times.")
            return
        if found[9]:
            self._lost.setdefault(_POSITIONS, line)
        if not _STANDARD[self.form].fullmatch(times):
            self.is_irregular = True
        self.cues.append(Cue(start, end, self._clean(line + 1, words), line))

    def _clean(self, first: int, words: Sequence[str]) -> str:
        """Return words with no tags but <b>, <i> and <u>; what else there was is noted as lost."""
        text = "\n".join(line.strip() for line in words)
        bare = _BRACES.sub("", text)
        if self.form == "srt":
            if bare != text:
                self._lost.setdefault(_POSITIONS, first)
            bare = _PLAIN_BRACES.sub(r"<\1>", bare)
            bare = _TAG.sub(lambda tag: self._keep_tag(tag, first, {"font", "s", "c", "span"}), bare)
            return _escape(bare)
        spoken = _SPOKEN.sub(lambda voice: f"{voice[1].strip()}: ", text)
        bare = _TAG.sub(lambda tag: self._keep_tag(tag, first, None), spoken)
        return _escape(bare, html.unescape)

    def _keep_tag(self, tag: re.Match[str], line: int, looks: set[str] | None) -> str:
        """Return a tag as it stays: bare, gone if it is about looks (any, if None), or as it is if it is none."""
        name = tag[1].lower()
        if name in {"b", "i", "u"}:
            return f"</{name}>" if tag[0].startswith("</") else f"<{name}>"
        if looks is None or name in looks:
            if name != "v":
                self._lost.setdefault(_LOOKS, line)
            return ""
        return tag[0]

    def _check_order(self, cues: Sequence[Cue]) -> None:
        pairs = list(pairwise(cues))
        unordered = [after for before, after in pairs if after.start < before.start]
        if unordered:
            self.is_irregular = True
            self.note(unordered[0].line, "Captions are not in order of time from here; they are put in order.")
        overlapping = [after for before, after in pairs if before.start <= after.start < before.end]
        if overlapping:
            many = f" ({len(overlapping)} times in this file)" if len(overlapping) > 1 else ""
            self.note(overlapping[0].line, f"This caption begins before the one above ends{many}: both show at once.")


def _escape(bare: str, undo: Callable[[str], str] = str) -> str:
    """Return words as they stand in a WebVTT file, their tags untouched; `undo` is applied before to what is no tag."""
    pieces = _KEPT_TAG.split(bare)
    return "".join(
        piece if number % 2 else html.escape(undo(piece), quote=False) for number, piece in enumerate(pieces)
    )


def _read_time(found: Sequence[str | None]) -> int | None:
    """Return a time in milliseconds, None if there is no such."""
    hours, minutes, seconds, rest = found
    if int(minutes or 0) > 59 or int(seconds or 0) > 59:
        return None
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((rest or "").ljust(3, "0"))
