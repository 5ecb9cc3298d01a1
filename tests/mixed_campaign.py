"""A campaign of twelve posts with all that posts may have, for accounts of any platform.

What a platform cannot carry it gets a variant of, made from its capabilities: fewer pictures, a picture in place of a
film, one text in place of a thread, fewer words. So each account gets twelve posts that it can carry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from scheduler.domain.capabilities import Capabilities, measure_text
from scheduler.domain.content import compose_text
from scheduler.domain.ports import Platform
from tests.films import SPOKEN, draw_film

POSTS = 12
"""How many each account gets."""
_FOLDER = "mixed"
_SECONDS = 4  # of the film: no platform asks for more
_FILM_BYTES = 100_000  # no platform asks for more either
_HASHTAGS = ["#CEADay{yy}", "#HelpingHands"]
_SIGNS = "https://www.example.org/signs?from=social&for=parents#top"
_COLOURS = ("teal", "seagreen", "plum", "navy")
_HANDS = [
    {"file": f"{_FOLDER}/{colour}.jpg", "alt": f"An open hand on {colour}; “Speak out” is written on it & more."}
    for colour in _COLOURS
]
_FILM = {
    "file": f"{_FOLDER}/film.mp4",
    "alt": "A teacher sees a pupil's new phone and asks how she is.",
    "captions": f"{_FOLDER}/film.srt",
    "title": "She noticed",
}
_HELP = "Worried about a child? Call 101, any time."
_LONG = " ".join(
    f"Sign {number}: a child has new things, comes home late, or will not say where it was, and with whom."
    for number in range(1, 9)
)

_WRITTEN: tuple[dict[str, Any], ...] = (
    {"id": "think", "text": "Think, spot, speak out.\n\nOne day for every child.", "link": _SIGNS},
    {"id": "hands", "text": "Make the pledge: hold up a hand.", "images": _HANDS[:2]},
    {"id": "film", "text": "She noticed, and she asked. Would you?", "video": _FILM},
    {
        "id": "thread",
        "thread": [
            {"text": "What is it? A child is used, and thinks it is a friend. 1/3", "images": _HANDS[2:3]},
            {"text": "What to look for:\n– new things\n– new “friends”\n– a child who is silent. 2/3"},
            {"text": "And whom to tell. 3/3", "link": {"url": "https://www.example.org/tell", "title": "Whom to tell"}},
        ],
    },
    {"id": "help", "text": "You are not alone.", "comment": {"text": _HELP, "link": "https://www.example.org/help"}},
    {"id": "links", "text": "See https://example.org/a_(b), www.example.org/c?d=e&f=%20g and example.org/h. #CEADay27"},
    {"id": "long", "text": _LONG},
    {"id": "cymraeg", "language": "cy", "text": "Meddyliwch ŵ. सोचिए। فَكِّرْ. 👨‍👩‍👧‍👦 👩🏾‍🚒 🇬🇧 ½ …"},
    {"id": "quotes", "text": "“It's not your fault,” she said \\ \"none of it\" & not 'yours' %s [0] *now*"},
    {"id": "warned", "text": "What happened to Sam.", "content_warning": "Talks about abuse", "replies": "nobody"},
    {"id": "four-hands", "text": "Hands of the day! #Ünïcödé_1", "images": _HANDS, "hashtags": ["#HelpingHands"]},
    {"id": "thanks", "text": "Thanks, @partner, @partner.example.org and help@example.org!\n\n\nGood  night."},
)


def draw_media(folder: Path) -> None:
    """Put the campaign's pictures, film and captions beside a calendar in this folder."""
    media = folder / _FOLDER
    media.mkdir()
    for colour in _COLOURS:
        Image.new("RGB", (640, 480), colour).save(media / f"{colour}.jpg")
    film = draw_film(_SECONDS)
    padding = max(_FILM_BYTES - len(film), 8)
    (media / "film.mp4").write_bytes(film + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    captions = f"1\n00:00:00,000 --> 00:00:02,000\n{SPOKEN}\n"
    (media / "film.srt").write_text(captions, encoding="utf-8")


def write_mixed_calendar(accounts: Mapping[str, Platform]) -> str:
    """Return the calendar for these accounts, by name; JSON is YAML too."""
    head = {
        "campaign": "ce",
        "name": "National Child Exploitation Awareness Day",
        "date": "18 March 2027",
        "hashtags": _HASHTAGS,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    posts = [post for number, written in enumerate(_WRITTEN) for post in _write_posts(written, number, accounts)]
    return "\n".join([*lines, "posts:", *(f"  - {json.dumps(post, ensure_ascii=False)}" for post in posts), ""])


def _write_posts(written: Mapping[str, Any], number: int, accounts: Mapping[str, Platform]) -> list[dict[str, Any]]:
    """Return a post for all accounts or, if it has a comment, a second one for those that have no such thing."""
    post = {**written, "when": f"on the day at {8 + number // 2:02}:{number % 2 * 30:02}"}
    if "comment" not in post:
        return [_add_variants(post, accounts)]
    silent = {name: platform for name, platform in accounts.items() if not platform.capabilities.comments}
    speaking = {name: platform for name, platform in accounts.items() if name not in silent}
    comment = post["comment"]
    plain = {name: value for name, value in post.items() if name != "comment"}
    plain |= {"id": f"{post['id']}-in-one", "text": f"{post['text']} {comment['text']}", "link": comment["link"]}
    return [_add_variants(each, among) for each, among in ((post, speaking), (plain, silent)) if among]


def _add_variants(post: dict[str, Any], accounts: Mapping[str, Platform]) -> dict[str, Any]:
    variants = {}
    hashtags = post.get("hashtags", _HASHTAGS)
    for name, platform in accounts.items():
        parts = post.get("thread") or [
            {field: post[field] for field in ("text", "link", "images", "video") if field in post}
        ]
        fitted = _fit_parts(parts, hashtags, platform.capabilities)
        if fitted != parts:
            variants[name] = {"thread": fitted} if len(fitted) > 1 else fitted[0]
    return {**post, "accounts": list(accounts), **({"variants": variants} if variants else {})}


def _fit_parts(parts: list[dict[str, Any]], hashtags: list[str], facts: Capabilities) -> list[dict[str, Any]]:
    if len(parts) > 1 and not facts.threads:
        whole = {"text": "\n\n".join(part["text"] for part in parts)}
        parts = [{name: value for part in parts for name, value in part.items()} | whole]
    last = len(parts) - 1
    return [_fit_part(part, hashtags if number == last else [], facts) for number, part in enumerate(parts)]


def _fit_part(part: Mapping[str, Any], hashtags: list[str], facts: Capabilities) -> dict[str, Any]:
    fitted = {name: value for name, value in part.items() if name not in {"images", "video"}}
    link = part.get("link")
    address = link["url"] if isinstance(link, dict) else link or ""
    text = "".join(character for character in part["text"] if character not in facts.forbidden)
    ending = compose_text(address, None, tuple(hashtags))  # a little more than what will follow the text
    while measure_text(f"{text}\n\n{ending}", facts, {}).excess > 0:
        text = text.rpartition(" ")[0]
    return {**fitted, "text": text, **_fit_media(part, facts)}


def _fit_media(part: Mapping[str, Any], facts: Capabilities) -> dict[str, Any]:
    """Return the pictures or the film that stand in a variant; no pictures, where there can be none."""
    images, film = part.get("images", []), part.get("video")
    wants = bool(images or film or facts.media_required)
    if facts.videos is not None and (film or (wants and facts.images is None)):
        captions = _FILM["captions"] if facts.videos.captions else "burnt in"
        return {"video": {**_FILM, "captions": captions}}
    if facts.images is not None and wants:
        return {"images": (images or _HANDS[:1])[: facts.images.maximum]}
    return {"images": []} if images or film else {}
