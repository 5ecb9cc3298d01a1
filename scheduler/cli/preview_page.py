"""The preview as a page to print, to sign and to send: it holds its own pictures, and no path of this machine."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scheduler.cli.output import count_of, describe_film, say_embargo, say_hour, say_local, say_price
from scheduler.domain.campaign import Campaign, Post
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
    """What a page tells beside its deliveries, and what it keeps to itself.

    What is under embargo at `now` (aware) stands there without its words, unless the page is `embargoed`; `campaigns`
    are all that such a post may belong to. `unread` are the calendars with errors, each with what of it is shown, in
    words; `files` are the paths, of calendars and settings, that problems may name.
    """

    now: datetime
    embargoed: bool
    campaigns: Sequence[Campaign]
    unread: Sequence[tuple[str, str]]
    files: Sequence[str]

    def is_under_embargo(self, post: Post) -> bool:
        """Return whether a post's words may not leave the team yet."""
        return post.embargo is not None and post.embargo > self.now

    def hides(self, post: Post) -> bool:
        """Return whether nothing of a post is to be on the page but when it goes where."""
        return not self.embargoed and self.is_under_embargo(post)

    def list_names(self) -> dict[str, str]:
        """Return what stands on the page in place of words that problems may hold: for hidden posts, and for paths."""
        names: dict[str, str] = {}
        for campaign in self.campaigns:
            hidden = [post for post in campaign.posts if self.hides(post)]
            for post in hidden:
                spots = (f" ({campaign.file}, line {post.place.line})", f" (line {post.place.line})", "")
                names |= {f"'{post.id}'{spot}": "a post under embargo" for spot in spots}
            if hidden and len(hidden) == len(campaign.posts):
                names[f"the campaign '{campaign.id}' ({campaign.file})"] = "a campaign under embargo"
        return names | {path: Path(path).name for path in self.files}


class Exhibit(NamedTuple):
    """A picture or film as the page shows it: `media` with names for paths, `data` the picture itself, if any."""

    media: Media
    data: str

    @property
    def is_still(self) -> bool:
        """Return whether only the first of several pictures is shown."""
        return self.media.animated and bool(self.data)


class Card(NamedTuple):
    """One delivery as the page shows it. If it `is_hidden` it has no parts, and of its problems only their number."""

    row: Row
    is_hidden: bool
    is_under_embargo: bool
    parts: Sequence[tuple[PartRow, Sequence[Exhibit]]]
    problems: Sequence[Problem]


def write_page(rows: Sequence[Row], sheet: Sheet) -> str:
    """Return the page of these deliveries as HTML, whole in itself."""
    from jinja2 import Environment, PackageLoader

    names = sheet.list_names()
    cards = [_make_card(row, sheet, names) for row in rows]
    embargoes = [row.delivery.post.embargo for row in rows if sheet.is_under_embargo(row.delivery.post)]
    environment = Environment(loader=PackageLoader("scheduler"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("preview.html").render(
        cards=cards,
        hidden=sum(card.is_hidden for card in cards),
        last_embargo=max((each for each in embargoes if each is not None), default=None),
        unread=[(Path(file).name, kept) for file, kept in sheet.unread],
        count_of=count_of,
        say_embargo=say_embargo,
        say_hour=say_hour,
        say_local=say_local,
        say_price=say_price,
        describe_film=describe_film,
    )


def _make_card(row: Row, sheet: Sheet, names: Mapping[str, str]) -> Card:
    is_under_embargo = sheet.is_under_embargo(row.delivery.post)
    if sheet.hides(row.delivery.post):
        return Card(row, True, is_under_embargo, (), row.problems)
    parts = [(part, [_make_exhibit(media) for media in part.media]) for part in row.parts]
    files = [path for part in row.parts for media in part.media for path in (media.path, media.captions) if path]
    names = {**names, **{path: Path(path).name for path in files}}
    return Card(row, False, is_under_embargo, parts, [_rename(problem, names) for problem in row.problems])


def _make_exhibit(media: Media) -> Exhibit:
    named = media._replace(path=Path(media.path).name, captions=Path(media.captions).name)
    return Exhibit(named, "" if media.is_video or not media.digest else embed_picture(media))


def _rename(problem: Problem, names: Mapping[str, str]) -> Problem:
    """Return a problem with some of its words replaced."""
    message, hint = problem.message, problem.hint
    for old, new in names.items():
        message, hint = message.replace(old, new), hint.replace(old, new)
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
