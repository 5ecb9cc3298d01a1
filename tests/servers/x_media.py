"""X's media calls: upload in one go or in segments, their state, and alt text. The contract has none of these."""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import Image
from werkzeug.wrappers import Request

from tests.servers.x_answers import NOT_FOUND, Answer, refuse, refuse_request
from tests.servers.x_store import XAccount, XMedia, XStore

_LARGEST_IMAGE = 5_000_000
# Larger segments were answered 413 although the documentation allows 5 MB.
_LARGEST_SEGMENT = 4_000_000
_LONGEST_ALT_TEXT = 1_000
_IMAGES = {"tweet_image", "tweet_gif"}
_CATEGORIES = _IMAGES | {"tweet_video", "subtitles"}


def upload_at_once(store: XStore, account: XAccount, request: Request) -> Answer:
    """POST /2/media/upload, multipart: `media` and `media_category`."""
    category = request.form.get("media_category", "")
    if category not in _IMAGES | {"subtitles"}:
        return refuse_request(
            "media_category: one of tweet_image, tweet_gif, subtitles", {"media_category": [category]}
        )
    if "media" not in request.files:
        return refuse_request("media: required as a file of the form")
    content = request.files["media"].read()
    media = store.add_media(account.id, category, request.files["media"].mimetype, len(content))
    media.segments[0] = content
    return _complete(media)


def begin(store: XStore, account: XAccount, request: Request) -> Answer:
    """POST /2/media/upload/initialize, JSON: `media_type`, `total_bytes`, `media_category`."""
    body = request.get_json(silent=True) or {}
    if body.get("media_category") not in _CATEGORIES or not isinstance(body.get("total_bytes"), int):
        return refuse_request("media_category and total_bytes are required")
    media = store.add_media(account.id, body["media_category"], str(body.get("media_type")), body["total_bytes"])
    return _show(media)


def append(store: XStore, account: XAccount, request: Request, number: str) -> Answer:
    """POST /2/media/upload/{id}/append, multipart: `media` and `segment_index`."""
    media = store.find_media(number, account.id)
    if media is None or media.ready:
        return NOT_FOUND
    index = request.form.get("segment_index", "")
    if not index.isdigit() or int(index) > 999 or "media" not in request.files:
        return refuse_request("segment_index, 0 to 999, and media are required", {"segment_index": [index]})
    content = request.files["media"].read()
    if len(content) > _LARGEST_SEGMENT:
        return refuse(413, "Payload Too Large", "Payload Too Large")
    media.segments[int(index)] = content
    return Answer(200, {"data": {"expires_at": 86_400}})


def finish(store: XStore, account: XAccount, number: str) -> Answer:
    """POST /2/media/upload/{id}/finalize: a film is processed for two looks, a picture is ready at once."""
    media = store.find_media(number, account.id)
    if media is None:
        return NOT_FOUND
    if len(media.content) != media.total_bytes or sorted(media.segments) != list(range(len(media.segments))):
        return refuse_request("the segments do not add up to total_bytes")
    return _complete(media)


def look(store: XStore, account: XAccount, request: Request) -> Answer:
    """GET /2/media/upload?command=STATUS&media_id=…"""
    media = store.find_media(request.args.get("media_id", ""), account.id)
    if request.args.get("command") != "STATUS" or media is None:
        return NOT_FOUND
    if media.looks_until_ready:
        media.looks_until_ready -= 1
        media.ready = media.looks_until_ready == 0
    return _show(media, "succeeded" if media.ready else "in_progress")


def describe(store: XStore, account: XAccount, request: Request) -> Answer:
    """POST /2/media/metadata, JSON: `{"id", "metadata": {"alt_text": {"text"}}}`."""
    body = request.get_json(silent=True) or {}
    media = store.find_media(str(body.get("id")), account.id)
    alt_text = (body.get("metadata") or {}).get("alt_text") or {}
    if media is None or not isinstance(alt_text.get("text"), str):
        return refuse_request("id of an upload and metadata.alt_text.text are required")
    if len(alt_text["text"]) > _LONGEST_ALT_TEXT:
        return refuse_request(f"alt_text.text: more than {_LONGEST_ALT_TEXT} characters")
    media.alt_text = alt_text["text"]
    return Answer(200, {"data": {"id": media.id, "associated_metadata": {"alt_text": alt_text}}})


def add_captions(store: XStore, account: XAccount, request: Request) -> Answer:
    """POST /2/media/subtitles, JSON: `id`, `media_category`, `subtitles` (`id`, `language_code`, `display_name`)."""
    body = request.get_json(silent=True) or {}
    named = body.get("subtitles") or {}
    film, words = (store.find_media(str(each.get("id")), account.id) for each in (body, named))
    if film is None or film.category != "tweet_video" or body.get("media_category") != "TweetVideo":
        return refuse_request("id and media_category of an uploaded video are required")
    if words is None or words.category != "subtitles" or words.media_type not in {"text/srt", "text/vtt"}:
        return refuse_request("subtitles.id of an uploaded file of subtitles is required")
    if not re.fullmatch("[A-Z]{2}", str(named.get("language_code"))) or not named.get("display_name"):
        return refuse_request("subtitles.language_code, such as EN, and display_name are required")
    film.captions[named["language_code"]] = words.content
    return Answer(200, {"data": {"id": film.id, "media_category": "TweetVideo", "associated_subtitles": [named]}})


def _complete(media: XMedia) -> Answer:
    if media.category == "tweet_video":
        media.looks_until_ready = 2
        return _show(media, "pending")
    if media.category in _IMAGES and not _is_image(media.content):
        return refuse_request("media type unrecognized.")
    if media.category == "tweet_image" and len(media.content) > _LARGEST_IMAGE:
        return refuse_request("File size exceeds 5242880 bytes.")
    media.ready = True
    return _show(media)


def _is_image(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.format in {"JPEG", "PNG", "GIF", "WEBP"}
    except OSError:
        return False


def _show(media: XMedia, state: str = "") -> Answer:
    data: dict[str, Any] = {"id": media.id, "media_key": f"3_{media.id}", "expires_after_secs": 86_400}
    if media.segments:
        data["size"] = len(media.content)
    if state and media.category == "tweet_video":
        data["processing_info"] = {"state": state} | ({} if state == "succeeded" else {"check_after_secs": 1})
    return Answer(200, {"data": data})
