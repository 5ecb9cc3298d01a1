"""Films of every kind, made here: good ones, those that tell a place, and files that are none."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

LONDON = "+51.5074-000.1278/"


def encode(
    form: str = "mp4",
    codec: str = "libx264",
    sound: str = "",
    rate: int = 5,
    about: dict[str, str] | None = None,
    **options: str,
) -> bytes:
    """Return a film of one second, 320 by 180; without a `codec` its sound alone."""
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        with av.open(str(path), "w", format=form, options=options) as container:
            container.metadata.update(about or {})
            pictures = _add_pictures(container, codec, rate) if codec else None
            voice: Any = container.add_stream(sound, rate=48000) if sound else None
            if pictures:
                _draw(container, pictures, rate)
            if voice:
                _be_quiet(container, voice)
        return path.read_bytes()


def _add_pictures(container: Any, codec: str, rate: int) -> Any:
    stream = container.add_stream(codec, rate=rate)
    stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
    return stream


def _draw(container: Any, stream: Any, count: int) -> None:
    import av

    for number in range(count):
        frame = av.VideoFrame(320, 180, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([64 + number]) * plane.buffer_size)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _be_quiet(container: Any, stream: Any) -> None:
    import av

    for number in range(48):
        quiet = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        quiet.planes[0].update(bytes(quiet.planes[0].buffer_size))
        quiet.sample_rate, quiet.pts = 48000, number * 1024
        container.mux(stream.encode(quiet))
    container.mux(stream.encode())


def _turn(film: bytes) -> bytes:
    """Return an MP4 that is to be shown turned by a quarter, as phones write them: by the matrix in its `tkhd`."""
    at = film.index(b"tkhd") + 4 + 40
    matrix = [0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000]
    return film[:at] + b"".join(value.to_bytes(4, "big") for value in matrix) + film[at + 36 :]


def _draw_picture(form: str) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (32, 32)).save(out, form)
    return out.getvalue()


_QUICKTIME_KEY = {"com.apple.quicktime.location.ISO6709": LONDON}
GOOD: dict[str, Callable[[], bytes]] = {
    "plain.mp4": encode,
    "sound.mp4": lambda: encode(sound="aac", rate=25),
    "fast start.mp4": lambda: encode(movflags="faststart"),
    "fragments.mp4": lambda: encode(movflags="frag_keyframe+empty_moov+default_base_moof", rate=25),
    "film.mov": lambda: encode("mov"),
    "hevc.mp4": lambda: encode(codec="libx265"),
    "film.webm": lambda: encode("webm", "libvpx-vp9", "libopus"),
    "film.mkv": lambda: encode("matroska"),
    "film.avi": lambda: encode("avi", "mpeg4"),
    "turned.mp4": lambda: _turn(encode()),
    "many frames.mp4": lambda: encode(rate=60),
}
PLACES: dict[str, Callable[[], bytes]] = {
    "place.mp4": lambda: encode(about={"location": LONDON}),
    "place.mov": lambda: encode("mov", about={"location": LONDON}),
    "keys.mov": lambda: encode("mov", about=_QUICKTIME_KEY, movflags="use_metadata_tags"),
    "place.mkv": lambda: encode("matroska", about={"LOCATION": LONDON}),
    "telemetry.mp4": lambda: encode(sound="aac").replace(b"mp4a", b"gpmd"),  # as action cameras write it
}
NO_FILMS: dict[str, Callable[[], bytes]] = {
    "a JPEG": lambda: _draw_picture("JPEG"),
    "a GIF": lambda: _draw_picture("GIF"),
    "a sound": lambda: encode(codec="", sound="aac"),
    "words": lambda: b"Dear Sir,\n" * 100,
    "a playlist": lambda: b"#EXTM3U\n#EXTINF:1\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
    "nothing": bytes,
}


@cache
def make(name: str) -> bytes:
    """Return a file of one of these names."""
    return (GOOD | PLACES | NO_FILMS)[name]()
