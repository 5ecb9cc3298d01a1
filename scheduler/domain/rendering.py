"""The one renderer: preview and daemon call the same function, so that what is shown is what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scheduler.domain.account import Account
from scheduler.domain.campaign import Image, Video
from scheduler.domain.capabilities import Length, Limits, measure_content
from scheduler.domain.content import Content, Inspect, Media, compose_content
from scheduler.domain.delivery import Delivery, Prepared
from scheduler.domain.fitness import check_content, check_fetching
from scheduler.domain.problem import Problem, error, has_errors, warning
from scheduler.errors import Rejected, UnfitPicture

if TYPE_CHECKING:
    from scheduler.domain.ports import Platform


class Rendering(NamedTuple):
    """A delivery as it would go out: `lengths` are those of its parts; `prepared` is None if an error stops it."""

    content: Content
    lengths: tuple[Length, ...]
    prepared: Prepared | None
    problems: tuple[Problem, ...]


def render_delivery(
    delivery: Delivery, platform: Platform, account: Account, limits: Limits, inspect: Inspect
) -> Rendering:
    """Return what a delivery says on its account, with every problem. `inspect` may raise UnfitPicture.

    A draft may wait for its picture: that it is missing or unfit is a warning, and nothing is made ready to send.
    """
    problems: list[Problem] = []
    unfit = []

    def look(image: Image | Video) -> Media:
        try:
            return inspect(image)
        except UnfitPicture as failure:
            unfit.append(image)
            judge = warning if delivery.post.draft else error
            problems.append(judge(str(failure), image.place))
            kind = "image/png" if isinstance(image, Image) else "video/mp4"
            return Media(image.path, image.alt, "", kind, 0, 0, 0)

    content = compose_content(delivery.post, delivery.account, look)
    capabilities = platform.capabilities
    lengths = measure_content(content, capabilities, limits)
    problems += check_content(content, capabilities, limits, account.name, lengths)
    if not account.has_public_media and _may_have_media(content):
        problems += check_fetching(content, capabilities, account.name)
    prepared = None
    if not problems or not (unfit or has_errors(problems)):
        try:
            prepared = platform.prepare(content, account, limits)
        except Rejected as failure:
            problems.append(error(str(failure), delivery.post.place))
    return Rendering(content, lengths, prepared, tuple(problems))


def _may_have_media(content: Content) -> bool:
    return len(content.parts) != 1 or bool(content.parts[0].media)  # one is asked for quickly, and there are thousands
