"""The preview as a page to print, to sign and to send: it holds its own pictures, and no path of this machine."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scheduler.cli.output import say_hour, say_local, say_price
from scheduler.cli.preview import describe_film
from scheduler.domain.capabilities import ImageLimits, Source
from scheduler.domain.content import Media
from scheduler.domain.problem import Problem
from scheduler.errors import PublishError
from scheduler.media import fit_picture, read_picture
from scheduler.preview import PartRow, Row

_OURS = Source(
    "our own: sharp at the width that the page shows, on paper too, and small enough to send", date(2026, 11, 25)
)
_LIMITS = ImageLimits(20, 100_000, ("image/jpeg", "image/png"), 5000, _OURS, max_side=640)


class Sheet(NamedTuple):
    """What a page tells beside its deliveries.

    `unread` are the calendars with errors, each with what of it is shown, in words; `files` are the paths, of calendars
    and settings, that problems may name.
    """

    unread: Sequence[tuple[str, str]] = ()
    files: Sequence[str] = ()


class Exhibit(NamedTuple):
    """A picture or film as the page shows it: `media` with names for paths, `data` the picture itself, if any."""

    media: Media
    data: str

    @property
    def is_still(self) -> bool:
        """Return whether only the first of several pictures is shown."""
        return self.media.animated and bool(self.data)


class Card(NamedTuple):
    """One delivery as the page shows it."""

    row: Row
    parts: Sequence[tuple[PartRow, Sequence[Exhibit]]]
    problems: Sequence[Problem]


def write_page(rows: Sequence[Row], sheet: Sheet) -> str:
    """Return the page of these deliveries as HTML, whole in itself."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("scheduler"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("preview.html").render(
        cards=[_make_card(row, sheet) for row in rows],
        unread=[(Path(file).name, kept) for file, kept in sheet.unread],
        say_hour=say_hour,
        say_local=say_local,
        say_price=say_price,
        describe_film=describe_film,
    )


def _make_card(row: Row, sheet: Sheet) -> Card:
    parts = [(part, [_make_exhibit(media) for media in part.media]) for part in row.parts]
    files = [path for part in row.parts for media in part.media for path in (media.path, media.captions) if path]
    names = {path: Path(path).name for path in (*files, *sheet.files)}
    return Card(row, parts, [_name_files(problem, names) for problem in row.problems])


def _make_exhibit(media: Media) -> Exhibit:
    named = media._replace(path=Path(media.path).name, captions=Path(media.captions).name)
    return Exhibit(named, "" if media.is_video or not media.digest else embed_picture(media))


def _name_files(problem: Problem, names: Mapping[str, str]) -> Problem:
    """Return a problem whose words name files without their folders."""
    message, hint = problem.message, problem.hint
    for path, name in names.items():
        message, hint = message.replace(path, name), hint.replace(path, name)
    return problem._replace(message=message, hint=hint)


@lru_cache(512)
def embed_picture(media: Media) -> str:
    """Return a picture as a data: address, upright and scaled to what a page needs; "" if it cannot be read any more.

    Of one that moves it is the first frame.
    """
    try:
        content = read_picture(media)
        fitted = fit_picture(_take_first_frame(content) if media.animated else content, media, _LIMITS)
    except PublishError:  # it was there when it was looked at, and its problem is told if it was not
        return ""
    return f"data:{fitted.content_type};base64,{base64.b64encode(fitted.content).decode()}"


def _take_first_frame(content: bytes) -> bytes:
    from PIL import Image

    first = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.convert("RGBA").save(first, "PNG")
    return first.getvalue()
