"""Pictures: what they are, and made fit for a channel. Nothing is ever cropped, and the original is never touched.

A picture that fits a channel and tells nothing but what it shows goes out byte for byte. Any other is made anew: turned
upright, its colours as sRGB, without EXIF, GPS, XMP, comments or anything else beside the picture. An animated one goes
out as it is or not at all, since a first frame is not the picture that somebody approved.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.domain.campaign import Image
from scheduler.domain.capabilities import ImageLimits
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.domain.problem import suggest
from scheduler.errors import Rejected, SchedulerError, Unavailable, UnfitPicture

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 100_000_000
"""More than any channel takes; a picture that claims more may be made to fill the memory."""
MAX_BYTES = 100 * 2**20
"""Of the file; a photograph of that many pixels has less."""

# Named, because Pillow reads others by starting programs (EPS) or from the network's rarest corners.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")
_TURNED = {5, 6, 7, 8}  # EXIF orientations that lay a picture on its side (TIFF 6.0, tag 274)
_ORIENTATION = 274
_QUALITIES = (92, 85, 75, 65)
_SMALLEST_SIDE = 320
_MOST_NAMES = 2000  # of a folder that are looked through for one like a name that is not there
# What Pillow tells of a picture that is about its pixels, not about who took it, where, and with what.
_HARMLESS = frozenset(
    {"adobe", "adobe_transform", "jfif", "jfif_density", "jfif_unit", "jfif_version", "progression", "progressive"}
    | {"aspect", "blend", "chromaticity", "default_image", "dpi", "gamma", "icc_profile", "interlace", "srgb"}
    | {"background", "bbox", "disposal", "duration", "extension", "loop", "timestamp", "transparency", "version"}
)
# What Pillow raises of data that are not as they should be; measured with Pillow 13 on files with bytes flipped.
_DAMAGE = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_LAST_BYTES = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}  # what follows them is no part of the picture

log = logging.getLogger(__name__)


def inspect_image(image: Image) -> Media:
    """Return the facts of a picture. Raise UnfitPicture if it is missing, damaged, no picture or too large."""
    try:
        stamp = Path(image.path).stat()
    except ValueError:  # a name that no file can have
        raise UnfitPicture(f"The picture {image.path!r} is not there. Check its name.") from None
    except OSError as failure:
        hint = _suggest_beside(Path(image.path)) or "Check its name."
        raise UnfitPicture(
            f"The picture {image.path} is not there ({failure.strerror}). {hint}", passing=True
        ) from None
    return Media(image.path, image.alt, *_inspect(image.path, stamp.st_mtime_ns, stamp.st_size))


def _suggest_beside(path: Path) -> str:
    """Return "Did you mean 'Hands.JPG'?" for the nearest name in the folder of a file that is not there, or nothing."""
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _MOST_NAMES) if entry.is_file()]
    except OSError:
        return ""
    return suggest(path.name, names)


def fit_image(media: Media, limits: ImageLimits) -> MediaFile:
    """Return a picture turned upright, without its EXIF and GPS data, within a channel's bytes, pixels and types.

    Raise Rejected if the file is not the one that was prepared, or cannot be made fit; Unavailable if it is out of
    reach at this moment.
    """
    return fit_picture(read_picture(media), media, limits)


def read_picture(media: Media) -> bytes:
    """Return the bytes of a picture's file. Raise as `fit_image` does."""
    with _expect_unfit():
        content = _read(media.path)
    if hashlib.sha256(content).hexdigest() != media.digest:
        raise Rejected(f"The picture {media.path} was changed after this post was made ready to send.")
    return content


def fit_picture(content: bytes, media: Media, limits: ImageLimits) -> MediaFile:
    """Return a picture of which these are the bytes, made fit. Raise as `fit_image` does."""
    with _expect_unfit():
        picture = _open(content, media.path)
        with _expect_damage(media.path):
            return _fit(picture, content, media, limits)


@contextmanager
def _expect_unfit() -> Iterator[None]:
    """Turn UnfitPicture into what it means to a post."""
    try:
        yield
    except UnfitPicture as failure:
        raise (Unavailable if failure.passing else Rejected)(str(failure)) from None


@lru_cache(maxsize=4096)
def _inspect(path: str, _changed: int, _size: int) -> tuple[str, str, int, int, int, bool]:
    """Return what Media holds from `digest` on."""
    content = _read(path)
    picture = _open(content, path)
    width, height = picture.size
    with _expect_damage(path):
        content_type, animated = _name_type(picture), _is_animated(picture)
        _read_to_the_end(picture)
        if picture.getexif().get(_ORIENTATION) in _TURNED:
            width, height = height, width
    return hashlib.sha256(content).hexdigest(), content_type, width, height, len(content), animated


def _read(path: str) -> bytes:
    try:
        about = Path(path).stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnfitPicture(f"{path} is not a file. Name a picture.")
        if about.st_size > MAX_BYTES:
            raise UnfitPicture(f"{path} has {about.st_size // 2**20} MB: too large. Save a smaller copy.")
        return Path(path).read_bytes()
    except OSError as failure:
        raise UnfitPicture(f"The picture {path} cannot be read ({failure.strerror}).", passing=True) from None


def _open(content: bytes, path: str) -> Picture:
    """Return a picture of which only the head was read."""
    from PIL import Image as Pillow

    with _expect_damage(path, "is not a picture that can be read. Save it as a JPEG or PNG."):
        picture = Pillow.open(io.BytesIO(content), formats=_FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise UnfitPicture(f"{path} is {picture.width} by {picture.height} pixels: too large. Save a smaller copy.")
    return picture


@contextmanager
def _expect_damage(
    path: str, words: str = "is damaged: only a part of it can be read. Save it anew."
) -> Iterator[None]:
    """Turn whatever Pillow raises in this block into UnfitPicture: bad data may make it stumble anywhere."""
    from PIL import Image as Pillow

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its size, which is looked at here, and of EXIF that is not well made
            yield
    except Pillow.DecompressionBombError:
        raise UnfitPicture(f"{path} claims more than {MAX_PIXELS:,} pixels: too large. Save a smaller copy.") from None
    except MemoryError:
        raise UnfitPicture(f"There is not memory enough to read {path}. Save a smaller copy.", passing=True) from None
    except SchedulerError:
        raise
    except Exception as failure:
        if not isinstance(failure, _DAMAGE):  # may be a fault of ours, which must not be lost
            log.exception("picture=%s could not be read", path)
        raise UnfitPicture(f"The picture {path} {words}") from None


def _name_type(picture: Picture) -> str:
    """Return the media type. An MPO, as some phones and cameras make, is a JPEG with a second picture behind it."""
    return "image/jpeg" if picture.format == "MPO" else f"image/{(picture.format or '').lower()}"


def _read_to_the_end(picture: Picture) -> None:
    """Meet what is cut short or damaged: whoever checks a calendar wants to know it then."""
    picture.draft("RGB", (64, 64))  # an eighth of the work for a JPEG; nothing for the others
    picture.load()


def _fit(picture: Picture, content: bytes, media: Media, limits: ImageLimits) -> MediaFile:
    beyond = limits.list_excesses(media.content_type, len(content), max(picture.size))
    animated = _is_animated(picture)
    may_pass = limits.doubts(beyond) if animated else not beyond  # one that moves cannot be made fit
    if may_pass or animated:
        picture.load()  # some of what a file tells stands behind its pixels
        if may_pass and not _tells_more(picture, content):
            return MediaFile(content, media.content_type, picture.width, picture.height)
    if animated:
        raise Rejected(
            f"The picture {media.path} is animated and cannot go to this channel as it is (it takes "
            f"{', '.join(limits.types)}, at most {limits.max_bytes:,} bytes, and no word on its making). "
            "Give this account a still one."
        )
    clean = _make_clean(picture, limits.max_side if "max_side" in beyond else 0)
    lossless = media.content_type == "image/png" and "image/png" in limits.types
    for encoded, content_type, size in _list_encodings(clean, lossless=lossless):
        if len(encoded) <= limits.max_bytes:
            return MediaFile(encoded, content_type, *size)
    if limits.doubts(["max_bytes"]):
        return MediaFile(encoded, content_type, *size)  # the smallest of them
    raise Rejected(f"The picture {media.path} cannot be made smaller than {limits.max_bytes:,} bytes.")


def _is_animated(picture: Picture) -> bool:
    return picture.format != "MPO" and bool(getattr(picture, "is_animated", False))


def _tells_more(picture: Picture, content: bytes) -> bool:
    """Return whether a file holds anything beside its picture: EXIF, GPS, XMP, comments, a cut-off part, a film."""
    end = _LAST_BYTES.get(picture.format or "", b"")
    segments = {name for name, _ in getattr(picture, "applist", ())} - {"APP0", "APP2", "APP14"}  # JFIF, ICC, Adobe
    return bool(segments or picture.getexif()) or not set(picture.info) <= _HARMLESS or not content.endswith(end)


def _make_clean(picture: Picture, side: int) -> Picture:
    """Return nothing but the pixels: upright, in sRGB with 8 bits a colour, no side longer than `side` unless 0."""
    from PIL import ImageOps

    if side:
        picture.draft("RGB", (side, side))  # a large JPEG is then read at a half or less, and so in less memory
    picture.load()
    upright = _to_srgb(_to_colours(ImageOps.exif_transpose(picture)))
    if side:
        upright.thumbnail((side, side))
    upright.info = {}
    return upright


def _to_colours(picture: Picture) -> Picture:
    """Return a picture of any mode in 8 bits of grey, RGB or CMYK, with its transparency if it has any."""
    if picture.mode.startswith("I"):  # 16 bits, as in scans; Pillow would cut them off at 255
        return picture.convert("I").point(lambda level: level / 257).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in {"L", "RGB", "CMYK"} else picture.convert("RGB")


def _to_srgb(picture: Picture) -> Picture:
    """Return a picture in the colours that browsers take for granted; without its profile others would show."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "RGBA", "CMYK"}:
        from PIL import ImageCms

        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is damaged, or of another kind of colours
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _list_encodings(picture: Picture, *, lossless: bool) -> Iterator[tuple[bytes, str, tuple[int, int]]]:
    """Give a picture as files, each smaller than the one before: bytes, type, and width and height."""
    from PIL import Image as Pillow

    if lossless:
        yield _save(picture, "PNG", optimize=True), "image/png", picture.size
    flat = picture
    if picture.mode == "RGBA":  # a JPEG has no transparency
        flat = Pillow.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A"))
    for quality in _QUALITIES:
        yield _save(flat, "JPEG", quality=quality, optimize=True, progressive=True), "image/jpeg", flat.size
    smaller = flat
    while max(smaller.size) > _SMALLEST_SIDE:
        scale = max(smaller.size) * 4 // 5 / max(flat.size)
        smaller = flat.resize((max(round(flat.width * scale), 1), max(round(flat.height * scale), 1)))
        yield _save(smaller, "JPEG", quality=80, optimize=True, progressive=True), "image/jpeg", smaller.size


def _save(picture: Picture, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
