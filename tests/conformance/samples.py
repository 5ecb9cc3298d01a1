"""Content that shows what a platform does with it, built anew at each call."""

from __future__ import annotations

from hashlib import sha256

from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Link
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.ports import Platform
from scheduler.domain.problem import Place

_PLACE = Place("campaigns/ce.yaml", 7, 3)
_TEXTS = (
    "Think, spot, speak out. https://www.example.org/signs?a=b&c=d #CEADay27 #HelpingHands",
    "“Hands” & <palms>: 👨‍👩‍👧‍👦 🇬🇧 @partner.example.org and @partner@example.org, example.org/b.\n\nशुक्रिया شكرا",
)


def build_account(platform: Platform) -> Account:
    """Return an account whose secrets can be read nowhere."""
    secrets = {setting.name: SecretRef("env", "NOWHERE") for setting in platform.settings if setting.secret}
    plain = {setting.name: setting.example for setting in platform.settings if not setting.secret}
    return Account("force", platform.name, platform.server or "https://social.example.org", plain, secrets)


def build_content(platform: Platform) -> Content:
    """Return a post with all that the platform carries: pictures, a link, and a second part if it has threads."""
    images = platform.capabilities.images
    number = min(2, images.maximum) if images is not None else 0
    media = tuple(_describe_picture(index) for index in range(number))
    parts = (
        ContentPart(_TEXTS[0], _PLACE, Link("https://www.example.org/signs?a=b&c=d", "Signs"), media),
        ContentPart(_TEXTS[1], _PLACE),
    )
    return Content(parts if platform.capabilities.threads else parts[:1], "en-GB")


def _describe_picture(index: int) -> Media:
    digest = sha256(str(index).encode()).hexdigest()
    return Media(f"campaigns/ce/{index}.png", f"An open hand, number {index}.", digest, "image/png", 16, 9, 99)
