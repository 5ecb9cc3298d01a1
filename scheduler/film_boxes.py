"""What an MP4 or QuickTime file tells beside its film: where it was filmed. And whether all of it is there.

Such files are boxes in boxes (ISO/IEC 14496-12, https://developer.apple.com/documentation/quicktime-file-format, both
checked 25 November 2026). Neither ffprobe nor MediaInfo names every place that a phone or a camera writes down.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"ilst", b"moof", b"traf"}
_PLACES = {b"\xa9xyz", b"loci"}  # Apple's and Google's phones; 3GPP TS 26.244 8.8
# Boxes that may hold a place in words of their own, and the words: keys of metadata, timed metadata, XMP.
_TELLING = {
    b"keys": (b"location",),
    b"stsd": (b"gpmd", b"camm", b"location"),
    b"XMP_": (b"GPS",),
    b"uuid": (b"GPS",),
}
_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_MOST_READ = 8 * 2**20
_DEEPEST = 8


class Boxes(NamedTuple):
    """`is_whole` says that the file does not end before its last box does."""

    tells_place: bool
    is_whole: bool


class _Box(NamedTuple):
    kind: bytes
    start: int  # of what is in it
    end: int


def read_boxes(path: Path) -> Boxes:
    """Return what the boxes of a file tell; of one without any, that it is whole. Raise OSError as reading does."""
    size = path.stat().st_size
    with path.open("rb") as file:
        top = list(_list_boxes(file, 0, size))
        if not top or top[0].kind not in _FIRST:
            return Boxes(tells_place=False, is_whole=True)
        whole = all(box.end <= size for box in top)
        return Boxes(any(_tells_place(file, box, size, 0) for box in top), whole)


def _list_boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """Give the boxes between two positions; what is no box ends them."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        length, kind, inner = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # a length of eight bytes follows
            length, inner = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:  # up to the end
            length = end - start
        if length < inner:
            return
        yield _Box(kind, start + inner, start + length)
        start += length


def _tells_place(file: BinaryIO, box: _Box, size: int, depth: int) -> bool:
    if box.kind in _PLACES:
        return True
    end = min(box.end, size)
    if words := _TELLING.get(box.kind):
        file.seek(box.start)
        content = file.read(min(max(end - box.start, 0), _MOST_READ))
        return any(word in content for word in words)
    if depth >= _DEEPEST or (box.kind not in _CONTAINERS and box.kind != b"meta"):
        return False
    start = box.start + (_skip_version(file, box.start) if box.kind == b"meta" else 0)
    return any(_tells_place(file, inner, size, depth + 1) for inner in _list_boxes(file, start, end))


def _skip_version(file: BinaryIO, start: int) -> int:
    """Return how far into a box of metadata its boxes begin: MP4's begins with a version, QuickTime's does not."""
    file.seek(start)
    return 0 if file.read(8)[4:] == b"hdlr" else 4
