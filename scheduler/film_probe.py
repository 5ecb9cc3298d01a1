"""The facts of a film, by ffprobe if the machine has it, else by MediaInfo, which comes with this program.

Both tell the same of the same file, in the words of ffprobe: `h264`, `hevc`, `vp9`, `av1`; `aac`, `mp3`, `opus`.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scheduler.errors import UnfitPicture
from scheduler.film_boxes import read_boxes

_PATIENCE = 60.0
_WORDS_OF_PLACES = ("location", "gps", "latitude", "xyz")
# A playlist, or a script that joins films, would have ffprobe open other files: such are no films here.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,flv,ogg,asf"
_CONTAINERS = {
    "avi": "video/x-msvideo",
    "matroska": "video/x-matroska",
    "mpeg-ts": "video/mp2t",
    "mpegts": "video/mp2t",
    "mpeg-ps": "video/mpeg",
    "webm": "video/webm",
}
_CODECS = {
    "avc": "h264",
    "mpeg-4 visual": "mpeg4",
    "mpeg audio": "mp3",
    "mpeg video": "mpeg2video",
    "ac-3": "ac3",
}

log = logging.getLogger(__name__)


class FilmFacts(NamedTuple):
    """Pixels as they are seen: upright, and square. `sound` is empty if there is none."""

    content_type: str
    width: int
    height: int
    seconds: float
    frame_rate: float
    codec: str
    sound: str
    tells_place: bool


def probe_film(path: Path) -> FilmFacts | None:
    """Return the facts of a film; None if it is none that can be read."""
    program = shutil.which("ffprobe")
    if program:
        try:
            return probe_by_ffprobe(path, program)
        except OSError as failure:
            log.warning("program=%s film=%s cannot be used: MediaInfo is (%s)", program, path, failure)
    return probe_by_mediainfo(path)


def probe_by_mediainfo(path: Path) -> FilmFacts | None:
    """Return the facts as MediaInfo finds them."""
    from pymediainfo import MediaInfo

    try:
        tracks = MediaInfo.parse(path).to_data()["tracks"]
    except OSError as failure:
        raise UnfitPicture(f"The film {path} cannot be read ({failure.strerror}).", passing=True) from None
    general = _find(tracks, "track_type", "General")
    film, sound = _find(tracks, "track_type", "Video"), _find(tracks, "track_type", "Audio")
    width, height = _read(film, "width"), _read(film, "height")
    if not width or not height:
        return None
    width *= _read(film, "pixel_aspect_ratio") or 1.0
    return FilmFacts(
        _name_type(str(general.get("format", "")), str(general.get("codec_id", ""))),
        *_turn(round(width), round(height), _read(film, "rotation")),
        _read(general, "duration") / 1000,
        round(_read(film, "frame_rate"), 2),
        _name_codec(str(film.get("format", ""))),
        _name_codec(str(sound.get("format", ""))),
        _tells_place(path, [name for track in tracks for name in track]),
    )


def probe_by_ffprobe(path: Path, program: str) -> FilmFacts | None:
    """Return the facts as ffprobe finds them. Raise OSError if the program does not work."""
    options = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", _FORMATS]
    command = [program, *options, "-of", "json", "-show_format", "-show_streams", f"file:{path.absolute()}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603  # no shell
        told = json.loads(done.stdout)  # {} of what is no film
    except (ValueError, subprocess.TimeoutExpired) as failure:
        raise OSError(f"it gave no answer ({type(failure).__name__})") from None
    streams, form = told.get("streams", []), told.get("format", {})
    films = [each for each in streams if not each.get("disposition", {}).get("attached_pic")]
    film, sound = _find(films, "codec_type", "video"), _find(streams, "codec_type", "audio")
    width, height = _read(film, "width"), _read(film, "height")
    if not width or not height or not film.get("codec_name"):
        return None
    width *= _divide(str(film.get("sample_aspect_ratio", "")).replace(":", "/")) or 1.0
    rotation = sum(_read(side, "rotation") for side in film.get("side_data_list", ()))
    tags = form.get("tags", {})
    return FilmFacts(
        _name_type(str(form.get("format_name", "")), str(tags.get("major_brand", "")), str(film["codec_name"])),
        *_turn(round(width), round(height), rotation),
        _read(form, "duration"),
        round(_divide(str(film.get("avg_frame_rate", ""))), 2),
        _name_codec(str(film["codec_name"])),
        _name_codec(str(sound.get("codec_name", ""))),
        _tells_place(path, [name for each in (form, *streams) for name in each.get("tags", ())]),
    )


def _find(entries: Sequence[Mapping[str, Any]], name: str, value: str) -> Mapping[str, Any]:
    return next((each for each in entries if each.get(name) == value), {})


def _read(entry: Mapping[str, Any], name: str) -> float:
    try:
        return float(entry.get(name) or 0)
    except (TypeError, ValueError):
        return 0.0


def _divide(words: str) -> float:
    over, _, under = words.partition("/")
    try:
        return float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        return 0.0


def _turn(width: int, height: int, rotation: float) -> tuple[int, int]:
    return (height, width) if round(rotation) % 180 == 90 else (width, height)


def _tells_place(path: Path, names: Sequence[str]) -> bool:
    """Return whether a file says where it was filmed: in metadata of these names, or in a box that has no name."""
    return any(word in name.lower() for word in _WORDS_OF_PLACES for name in names) or read_boxes(path).tells_place


def _name_type(form: str, brand: str, codec: str = "") -> str:
    """Return the media type of a container; `brand` is the one that a file of the MP4 family names first."""
    form = form.lower()
    if form.startswith("mov,") or form in {"mpeg-4", "quicktime"}:
        if brand.startswith("3g"):
            return "video/3gpp"
        return "video/quicktime" if brand.startswith("qt") or not brand.strip() else "video/mp4"
    if form == "matroska,webm":  # ffprobe does not tell them apart; WebM holds these codecs alone
        return "video/webm" if codec in {"vp8", "vp9", "av1"} else "video/x-matroska"
    return _CONTAINERS.get(form, f"video/{form.partition(',')[0] or 'unknown'}")


def _name_codec(name: str) -> str:
    name = name.lower()
    return "pcm" if name.startswith("pcm") else _CODECS.get(name, name)
