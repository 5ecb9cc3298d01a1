"""Films for tests: short ones that are made here, with their captions."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from scheduler.domain.campaign import Video
from scheduler.domain.content import Media
from scheduler.video import inspect_video
from tests.accounts import PLACE

SPOKEN = "She noticed, and she asked."
"""What is said in the film, as its captions have it."""
_FRAMES = 25  # in a second
_CAPTIONS = {
    "srt": f"1\n00:00:00,000 --> 00:00:01,000\n{SPOKEN}\n",
    "vtt": f"WEBVTT\n\n00:00.000 --> 00:01.000\n{SPOKEN}\n",
}


@lru_cache
def draw_film(seconds: int, width: int = 320, height: int = 180) -> bytes:
    """Return an MP4 (H.264) of grey that becomes lighter."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_FRAMES, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(seconds * _FRAMES):
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([64 + number % 128]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def make_film(
    folder: Path,
    alt: str,
    *,
    seconds: int = 1,
    size: tuple[int, int] = (320, 180),
    captions: str = "",
    title: str = "",
) -> Media:
    """Return a film of that length, with a file of captions ("srt", "vtt") or, if that is empty, none needed."""
    path = folder / f"film-{seconds}.mp4"
    path.write_bytes(draw_film(seconds, *size))
    words = folder / f"film-{seconds}.{captions}"
    if captions:
        words.write_text(_CAPTIONS[captions], encoding="utf-8")
    file = str(words) if captions else ""
    return inspect_video(Video(str(path), alt, PLACE, captions=file, title=title, captions_needed=bool(captions)))
