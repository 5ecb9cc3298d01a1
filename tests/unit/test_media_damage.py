"""Damaged pictures: whatever is wrong with a file, it is said of that file, and nothing else comes out of it."""

from __future__ import annotations

import io
import logging
import random
import zlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from scheduler.domain import campaign
from scheduler.domain.capabilities import ImageLimits, Source
from scheduler.domain.problem import Place
from scheduler.errors import Rejected, UnfitPicture
from scheduler.media import fit_image, inspect_image

KINDS = ("JPEG", "PNG", "WEBP", "GIF")
SOURCE = Source("a test", date(2026, 11, 24))
WIDE = ImageLimits(4, 1_000_000, tuple(f"image/{kind.lower()}" for kind in KINDS), 1000, SOURCE)
NARROW = ImageLimits(4, 1500, ("image/jpeg",), 24, SOURCE)


def make_file(kind: str, *, frames: int = 1) -> bytes:
    """Return a picture of this kind, with EXIF and GPS data where it can have any."""
    exif = Image.Exif()
    exif[274], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8825)[2] = (53.0, 28.0, 51.0)
    noise = random.Random(kind)
    pictures = [Image.frombytes("RGB", (40, 30), noise.randbytes(3600)) for _ in range(frames)]
    written = io.BytesIO()
    options = {} if kind == "GIF" else {"exif": exif}
    if frames > 1:
        pictures[0].save(written, kind, save_all=True, append_images=pictures[1:], **options)
    else:
        pictures[0].save(written, kind, **options)
    return written.getvalue()


def damage(content: bytes, chance: random.Random) -> bytes:
    """Return a file with some bytes changed, most often near an end, where its head and its EXIF are; or cut short."""
    changed = bytearray(content)
    near = min(len(changed), 400)
    for _ in range(chance.randint(1, 6)):
        at = chance.choice([chance.randrange(near), len(changed) - 1 - chance.randrange(near)])
        changed[at] = chance.randrange(256)
    if chance.random() < 0.2:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def try_file(path: Path) -> str:
    """Use a picture as checking and sending do, and return how that ended."""
    try:
        media = inspect_image(campaign.Image(str(path), "Noise", Place("a.yaml")))
    except UnfitPicture as failure:
        assert str(path) in str(failure)
        return "unfit"
    ended = "fit"
    for limits in (WIDE, NARROW):
        try:
            fit_image(media, limits)
        except Rejected:
            ended = "rejected"
    return ended


@pytest.mark.parametrize(("kind", "frames"), [*((kind, 1) for kind in KINDS), ("PNG", 3), ("WEBP", 3), ("GIF", 3)])
def test_a_damaged_file_is_unfit_or_rejected_and_nothing_else(
    tmp_path: Path, kind: str, frames: int, caplog: pytest.LogCaptureFixture
) -> None:
    content, chance = make_file(kind, frames=frames), random.Random(20270318)
    endings: Counter[str] = Counter()
    with caplog.at_level(logging.ERROR, "scheduler.media"):
        for number in range(150):
            path = tmp_path / f"{number}.img"
            path.write_bytes(damage(content, chance))
            endings[try_file(path)] += 1
    assert endings["unfit"] > 10, endings
    assert not caplog.records  # what is expected of bad data is not taken for a fault of the program


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_exif_that_is_none_is_damage(tmp_path: Path, kind: str) -> None:
    """Pillow raises SyntaxError of it, and only when it is asked for."""
    path = tmp_path / "a.img"
    content = make_file(kind)
    assert content.count(b"MM\x00*") == 1
    changed = content.replace(b"MM\x00*", b"QQ\x00*")
    if kind == "PNG":
        start = changed.index(b"eXIf")
        length = int.from_bytes(changed[start - 4 : start], "big")
        sums = zlib.crc32(changed[start : start + 4 + length]).to_bytes(4, "big")
        changed = changed[: start + 4 + length] + sums + changed[start + 8 + length :]
    path.write_bytes(changed)
    with pytest.raises(UnfitPicture, match="is damaged: only a part of it can be read"):
        inspect_image(campaign.Image(str(path), "Noise", Place("a.yaml")))


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(UnfitPicture, match="is not there"):
        inspect_image(campaign.Image(str(tmp_path / "a\0.jpg"), "Noise", Place("a.yaml")))
