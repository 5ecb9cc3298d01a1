"""Content that shows what a platform does with it, built anew at each call."""

from __future__ import annotations

from hashlib import sha256

from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Link
from scheduler.domain.capabilities import VideoLimits
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.ports import Platform
from scheduler.domain.problem import Place, Problem, Severity

_PLACE = Place("campaigns/ce.yaml", 7, 3)
_TEXTS = (
    "Think, spot, speak out. https://www.example.org/signs?a=b&c=d #CEADay27 #HelpingHands",
    "“Hands” & <palms>: 👨‍👩‍👧‍👦 🇬🇧 @partner.example.org and @partner@example.org, example.org/b.\n\nशुक्रिया شكرا",
)
_SIZES = ((320, 180), (180, 320), (240, 240), (240, 300))


def build_account(platform: Platform) -> Account:
    """Return an account whose secrets can be read nowhere."""
    secrets = {setting.name: SecretRef("env", "NOWHERE") for setting in platform.settings if setting.secret}
    plain = {setting.name: setting.example for setting in platform.settings if not setting.secret}
    return Account("force", platform.name, platform.server or "https://social.example.org", plain, secrets)


def build_content(platform: Platform) -> Content:
    """Return a post with all that the platform carries: pictures, a link, a second part, a comment and the like."""
    images = platform.capabilities.images
    media = tuple(_describe_picture(index) for index in range(min(2, images.maximum) if images else 0))
    return _build(platform, media or _list_films(platform))


def build_contents(platform: Platform) -> list[Content]:
    """Return that post, and the same with a film if the platform takes any."""
    films = _list_films(platform)
    return [build_content(platform), *([_build(platform, films)] if films else [])]


def describe_required(platform: Platform) -> tuple[Media, ...]:
    """Return what no post of a platform can do without."""
    if not platform.capabilities.media_required:
        return ()
    return (_describe_picture(0),) if platform.capabilities.images else _list_films(platform)


def _build(platform: Platform, media: tuple[Media, ...]) -> Content:
    facts = platform.capabilities
    parts = [ContentPart(_TEXTS[0], _PLACE, Link("https://www.example.org/signs?a=b&c=d", "Signs"), media)]
    if facts.threads:
        parts.append(ContentPart(_TEXTS[1], _PLACE, media=describe_required(platform)))
    if facts.comments:
        parts.append(ContentPart("Worried? Call 101. https://example.org/help", _PLACE, is_comment=True))
    warning = "Talks about abuse" if facts.content_warnings else ""
    return Content(tuple(parts), "en-GB", warning, facts.replies[0] if facts.replies else None)


def _describe_picture(index: int) -> Media:
    digest = sha256(str(index).encode()).hexdigest()
    return Media(f"campaigns/ce/{index}.jpg", f"An open hand, number {index}.", digest, "image/jpeg", 16, 9, 99)


def describe_film(platform: Platform) -> Media:
    """Return a film that the platform takes, if it takes any."""
    videos = platform.capabilities.videos
    digest, captions = (sha256(word.encode()).hexdigest() for word in ("film", "captions"))
    film = Media("campaigns/ce/film.mp4", "A teacher asks.", digest, "video/mp4", 320, 180, 99_999, title="She noticed")
    film = film._replace(frame_rate=25.0, codec="h264", sound="aac", captions_needed=False)  # they are burnt in
    if videos is None:
        return film
    if videos.captions:
        film = film._replace(captions=f"campaigns/ce/film.{videos.captions}", captions_digest=captions)
    width, height = choose_size(videos)
    return film._replace(seconds=max(videos.shortest, 1.0), width=width, height=height)


def choose_size(videos: VideoLimits) -> tuple[int, int]:
    """Return a width and height that a platform takes of films."""
    for width, height in _SIZES:
        if (videos.min_ratio or 0.0) <= width / height <= (videos.max_ratio or 100.0):
            return width, height
    raise AssertionError("no film of these sizes fits: add one")


def _list_films(platform: Platform) -> tuple[Media, ...]:
    return () if platform.capabilities.videos is None else (describe_film(platform),)


def is_about_alt_text(problem: Problem) -> bool:
    """Return whether a problem is the warning that a platform shows nobody the alt text."""
    return problem.severity is Severity.WARNING and "alt text" in problem.message


def is_about_pictures(problem: Problem) -> bool:
    """Return whether a problem is the warning that nobody gets the alt text, or that a picture is made a JPEG."""
    return is_about_alt_text(problem) or (problem.severity is Severity.WARNING and "as a JPEG" in problem.message)
