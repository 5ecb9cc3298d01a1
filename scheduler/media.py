"""Pictures: what they are, and made fit for a channel. Nothing is ever cropped, and the original is never touched."""

from __future__ import annotations

import hashlib
import io
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.domain.campaign import Image
from scheduler.domain.capabilities import ImageLimits
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.errors import Rejected, UnfitPicture

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 100_000_000
"""More than any channel takes; a picture that claims more may be made to fill the memory."""

_TURNED = {5, 6, 7, 8}  # EXIF orientations that lay a picture on its side (TIFF 6.0, tag 274)
_ORIENTATION = 274


def inspect_image(image: Image) -> Media:
    """Return the facts of a picture. Raise UnfitPicture if it is missing or no picture."""
    path = Path(image.path)
    try:
        stamp = path.stat()
    except OSError as failure:
        raise UnfitPicture(f"The picture {image.path} is not there ({failure.strerror}). Check its name.") from None
    digest, content_type, width, height, size = _inspect(image.path, stamp.st_mtime_ns, stamp.st_size)
    return Media(image.path, image.alt, digest, content_type, width, height, size)


@lru_cache(maxsize=4096)
def _inspect(path: str, _changed: int, _size: int) -> tuple[str, str, int, int, int]:
    try:
        content = Path(path).read_bytes()
    except OSError as failure:
        raise UnfitPicture(f"The picture {path} cannot be read ({failure.strerror}).") from None
    picture = _open(content, path)
    width, height = picture.size
    if picture.getexif().get(_ORIENTATION) in _TURNED:
        width, height = height, width
    content_type = f"image/{(picture.format or '').lower()}"
    return hashlib.sha256(content).hexdigest(), content_type, width, height, len(content)


def _open(content: bytes, path: str) -> Picture:
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Pillow.open(io.BytesIO(content))
    except (UnidentifiedImageError, OSError, ValueError, Pillow.DecompressionBombError):
        raise UnfitPicture(f"{path} is not a picture that can be read. Save it as a JPEG or PNG.") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise UnfitPicture(f"{path} is {picture.width} by {picture.height} pixels: too large. Save a smaller copy.")
    return picture


def fit_image(media: Media, limits: ImageLimits) -> MediaFile:
    """Return a picture turned upright, without its EXIF and GPS data, within a channel's bytes, pixels and types.

    Raise Rejected if the file is not the one that was prepared, or cannot be made fit.
    """
    try:
        content = Path(media.path).read_bytes()
    except OSError as failure:
        raise Rejected(f"The picture {media.path} cannot be read any more ({failure.strerror}).") from None
    if hashlib.sha256(content).hexdigest() != media.digest:
        raise Rejected(f"The picture {media.path} was changed after this post was made ready to send.")
    try:
        return _fit(_open(content, media.path), content, media, limits)
    except UnfitPicture as failure:
        raise Rejected(str(failure)) from None
    except (OSError, SyntaxError, ValueError):
        raise Rejected(f"The picture {media.path} is damaged: only a part of it can be read.") from None


def _fit(picture: Picture, content: bytes, media: Media, limits: ImageLimits) -> MediaFile:
    from PIL import ImageOps

    too_wide = limits.max_side and max(picture.size) > limits.max_side
    as_it_is = media.content_type in limits.types and len(content) <= limits.max_bytes and not too_wide
    if as_it_is and not _tells_more(picture):
        picture.load()  # a cut file is found here, not by the readers
        return MediaFile(content, media.content_type, picture.width, picture.height)
    upright = ImageOps.exif_transpose(picture)
    if too_wide:
        upright.thumbnail((limits.max_side, limits.max_side))
    lossless = media.content_type == "image/png" and "image/png" in limits.types
    for quality in (None, 92, 85, 75, 65) if lossless else (92, 85, 75, 65):
        encoded, content_type = _encode(upright, quality)
        if len(encoded) <= limits.max_bytes:
            return MediaFile(encoded, content_type, upright.width, upright.height)
    while len(encoded) > limits.max_bytes and upright.width > 320:
        upright = upright.resize((upright.width * 4 // 5, max(upright.height * 4 // 5, 1)))
        encoded, content_type = _encode(upright, 80)
    if len(encoded) > limits.max_bytes:
        raise Rejected(f"The picture {media.path} cannot be made smaller than {limits.max_bytes} bytes.")
    return MediaFile(encoded, content_type, upright.width, upright.height)


def _tells_more(picture: Picture) -> bool:
    """Return whether a picture carries data about where and how it was taken."""
    return bool(picture.getexif()) or any(name in picture.info for name in ("exif", "xmp", "XML:com.adobe.xmp"))


def _encode(picture: Picture, quality: int | None) -> tuple[bytes, str]:
    from PIL import Image as Pillow

    out = io.BytesIO()
    if quality is None:
        clean = Pillow.new(picture.mode, picture.size)
        clean.paste(picture)
        if picture.mode == "P":
            clean = picture.convert("RGBA")
        clean.info = {}
        clean.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    flat = picture
    if picture.mode in {"RGBA", "LA", "P", "PA"}:
        clear = picture.convert("RGBA")
        flat = Pillow.new("RGB", picture.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
    flat.convert("RGB").save(out, "JPEG", quality=quality, optimize=True, progressive=True, exif=b"")
    return out.getvalue(), "image/jpeg"
