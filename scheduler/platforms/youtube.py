"""YouTube: a film goes up as a private one, with its captions, and one call makes it public.

So nothing can be seen before the last look, and that call may be repeated: it changes the same film. Google's client
library is done without, though it is a good one: it opens its own connections, and the wire could then neither tell
what was sent from what was not, nor take the last look, nor keep secrets out of what it reports.

Sources, checked on 25 November 2026: developers.google.com/youtube/v3/docs ("Videos", "Captions", "CommentThreads",
"Channels") and its guide to resumable uploads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    Limits,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
    VideoLimits,
)
from scheduler.domain.content import Content, ContentPart, find_title
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit, find_urls
from scheduler.domain.youtube_answers import AlreadyThere, Film, Gone, find_comment, read_film
from scheduler.domain.youtube_calls import SERVER, YouTubeCalls
from scheduler.errors import Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Platform

_CHECKED = date(2026, 11, 25)
_VIDEOS = Source(
    "developers.google.com/youtube/v3/docs/videos: title 100, description 5,000 bytes, no < or >", _CHECKED
)
_FILES = Source("support.google.com/youtube, 'Upload videos': 256 GB or 12 hours, of verified accounts", _CHECKED)
_QUOTA = Source("developers.google.com/youtube/v3/determine_quota_cost", _CHECKED)
_COMMENTS = Source("reports of 10,000 characters; the page on comments names no length", _CHECKED)
_POLLS = (1.0, 1.0, 2.0, 4.0, 8.0, *(15.0,) * 60)
"""Seconds between looks at a film that YouTube is still working on: a quarter of an hour."""
_CAPTIONS_TYPE = "application/octet-stream"


class YouTube:
    """Implements the ports Platform, Finds, WhoAmI, Retracts, Verifies and Refreshes."""

    name = "youtube"
    title = "YouTube"
    server = SERVER
    hosts = ("www.googleapis.com",)  # where some uploads go
    capabilities = Capabilities(
        text=(TextLimit(5000, Unit.BYTES, _VIDEOS),),
        repeat=Repeat(
            Idempotency.LISTING,
            Source("videos.update changes a film that is on record; its status tells all", _CHECKED),
        ),
        source=_VIDEOS,
        videos=VideoLimits(
            256_000_000_000,
            0.0,
            43_200.0,
            ("video/mp4", "video/quicktime", "video/webm"),
            _FILES,
            captions="srt",
            title_length=100,
            doubtful_after=900.0,  # what an account whose telephone number is not verified may upload
        ),
        media_required=True,
        comments=(TextLimit(10_000, Unit.CHARACTERS, _COMMENTS, certain=False),),
        forbidden="<>",
        link_card="none",
        retract="the film with its comments; copies that others made stay",
        rate=Rate(100, timedelta(days=1), _QUOTA, counts_replies=False),  # of uploads alone
    )
    settings = (
        Setting(
            "client_id", "the OAuth client id of a project in Google's console", "123-abc.apps.googleusercontent.com"
        ),
        Setting("client_secret", "its client secret", "env:YOUTUBE_CLIENT_SECRET", secret=True),
        Setting(
            "refresh_token",
            "a refresh token for the channel, with the scope https://www.googleapis.com/auth/youtube.force-ssl",
            "env:YOUTUBE_REFRESH_TOKEN",
            secret=True,
        ),
        Setting(
            "privacy",
            "who can see a film once it is posted: public, or unlisted for whoever has its address",
            "public",
            required=False,
            default="public",
            pattern="public|unlisted",
            shape="public or unlisted",
        ),
        Setting(
            "made_for_kids",
            "whether films are made for children, which law makes the uploader say; without comments then",
            "no",
            required=False,
            default="no",
            pattern="yes|no",
            shape="yes or no",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return what is said of the film, and the comment."""
        return Prepared(tuple([_prepare_part(part, content.language, account.settings) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload the film as a private one, or go on with that, wait until it is ready, and make it public."""
        calls = YouTubeCalls(context)
        if context.earlier:
            return _comment(part, context.earlier[0].remote_id, calls)
        video = context.kept.get("video") or _upload(part, index, calls)
        _wait_until_ready(video, part, calls)
        request = {"id": video, "status": part.body["status"]}
        reply = calls.call("PUT", "/youtube/v3/videos", query={"part": "status"}, json=request, commit=True)
        number, privacy = reply.field("id"), reply.field("status", "privacyStatus")
        if privacy != part.body["status"]["privacyStatus"]:
            message = f"YouTube keeps the film {number} {privacy}: it does so until Google has verified the project."
            raise Unauthorised(f"{message} Apply for that in Google's console.", retry=True)
        return Receipt(number, f"https://www.youtube.com/watch?v={number}")

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Ask who can see the film on record: none was made public without being there first."""
        calls = YouTubeCalls(context)
        if context.earlier:
            query = {"part": "snippet", "videoId": context.earlier[0].remote_id, "order": "time", "maxResults": "100"}
            found = find_comment(calls.call("GET", "/youtube/v3/commentThreads", query=query), part.text, context)
            return _make_comment_receipt(context.earlier[0].remote_id, found) if found else Found.UNSURE
        if not (video := context.kept.get("video", "")):
            return Found.ABSENT
        film = _look(video, calls)
        if film is None or film.privacy not in {"private", part.body["status"]["privacyStatus"]}:
            return Found.UNSURE
        return Found.ABSENT if film.privacy == "private" else Receipt(video, f"https://www.youtube.com/watch?v={video}")

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the film or the comment; one that is gone counts as taken back."""
        kind, number = _locate(receipt)
        with suppress(Gone):
            YouTubeCalls(context).call("DELETE", f"/youtube/v3/{kind}", query={"id": number})

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the film can still be seen by others, or the comment is there."""
        kind, number = _locate(receipt)
        calls = YouTubeCalls(context)
        if kind == "videos":
            film = _look(number, calls)
            return film is not None and film.privacy != "private"
        reply = calls.call("GET", "/youtube/v3/comments", query={"part": "id", "id": number})
        if not isinstance(read_answer(reply).get("items"), list):
            raise reply.problem("answered a question about a comment with something else")
        return bool(read_objects(read_answer(reply), "items"))

    def who_am_i(self, context: Context) -> str:
        """Return the channel's name."""
        reply = YouTubeCalls(context).call("GET", "/youtube/v3/channels", query={"part": "snippet", "mine": "true"})
        channels = read_objects(read_answer(reply), "items")
        name = str(read_object(channels[0], "snippet").get("title") or "") if channels else ""
        if not name:
            message = f"The log-in of {context.account.name} belongs to no channel."
            raise Unauthorised(f"{message} Log in again, and choose the channel and not the person when asked.")
        return name

    def refresh(self, context: Context) -> datetime | None:
        """Get an access token, which shows that the refresh token is still good; when that ends nobody tells."""
        YouTubeCalls(context).renew_token()
        return None


# --- From what is prepared to a film ---------------------------------------------------------------------------------


def _prepare_part(part: ContentPart, language: str, settings: Mapping[str, str]) -> PreparedPart:
    links = tuple([url for _, _, url in find_urls(part.text)])
    if part.is_comment:
        return PreparedPart(part.text, {"text": part.text}, links=links)
    if not part.media:
        raise Rejected("YouTube carries no post without a film.")
    snippet = {
        "title": find_title(part.media[0], part.text),
        "description": part.text,
        "defaultLanguage": language,
        "defaultAudioLanguage": language,
    }
    status = {
        "privacyStatus": settings.get("privacy", "public"),
        "selfDeclaredMadeForKids": settings.get("made_for_kids", "no") == "yes",
        "license": "youtube",  # what an update does not name is set to what it was at first
        "embeddable": True,
        "publicStatsViewable": True,
    }
    return PreparedPart(part.text, {"snippet": snippet, "status": status}, part.media, links)


def _upload(part: PreparedPart, index: int, calls: YouTubeCalls) -> str:
    """Upload the film and its captions, or what is left of that, and put the film's id on record. Return it."""
    context, film = calls.context, part.media[0]
    words = json.dumps([context.key, index, dict(part.body), film.digest, film.captions_digest], sort_keys=True)
    digest = sha256(words.encode()).hexdigest()
    kept = calls.load() if calls.load().get("upload_of") == digest else {}
    video, captioned = kept.get("upload_video", ""), kept.get("upload_captioned", "")
    if not video:
        video = _upload_film(part, kept.get("upload_at", ""), digest, calls)
        calls.keep(upload_video=video, upload_at="", upload_captioned="")
    if film.captions and not captioned:
        _upload_captions(video, part, calls)
        calls.keep(upload_captioned="yes")
    context.keep({"video": video})
    return video


def _upload_film(part: PreparedPart, address: str, digest: str, calls: YouTubeCalls) -> str:
    file = calls.context.open_media(part.media[0])
    reply = calls.go_on(address, file.content, file.content_type) if address else None
    if reply is None:
        about = {"snippet": part.body["snippet"], "status": {**part.body["status"], "privacyStatus": "private"}}
        address = calls.begin_upload("videos", "snippet,status", about, file.content_type, len(file.content))
        calls.keep(upload_of=digest, upload_at=address, upload_video="", upload_captioned="")
        reply = calls.send(address, file.content, file.content_type)
    return reply.field("id")


def _upload_captions(video: str, part: PreparedPart, calls: YouTubeCalls) -> None:
    content = calls.context.open_captions(part.media[0]).encode()
    about = {"snippet": {"videoId": video, "language": part.body["snippet"]["defaultLanguage"], "name": ""}}
    with suppress(AlreadyThere):  # an earlier try brought them, and did not hear so
        address = calls.begin_upload("captions", "snippet", about, _CAPTIONS_TYPE, len(content))
        calls.send(address, content, _CAPTIONS_TYPE).field("id")


def _look(video: str, calls: YouTubeCalls) -> Film | None:
    return read_film(calls.call("GET", "/youtube/v3/videos", query={"part": "status", "id": video}))


def _wait_until_ready(video: str, part: PreparedPart, calls: YouTubeCalls) -> None:
    """Wait until a film can be watched. Raise Rejected if YouTube does not take it, Unavailable if that takes long."""
    path = part.media[0].path
    for seconds in (0.0, *_POLLS):
        calls.context.clock.sleep(seconds)
        film = _look(video, calls)
        if film is None or film.upload in {"deleted", "failed", "rejected"}:
            calls.keep(upload_of="")  # another try begins with the file
            calls.context.keep({})
        if film is None or film.upload == "deleted":
            raise Unavailable(f"The film {video} is not on YouTube any more. The next try uploads {path} anew.")
        if film.upload in {"failed", "rejected"}:
            message = f"YouTube does not take the film {path}: {film.why or film.upload}."
            raise Rejected(f"{message} It is private there, as {video}; delete it, and save the file anew.")
        if film.upload == "processed":
            return
    raise Unavailable(f"YouTube is still working on the film {path}. Nothing can be seen of it yet.")


# --- Comments, and what is out already -------------------------------------------------------------------------------


def _comment(part: PreparedPart, video: str, calls: YouTubeCalls) -> Receipt:
    comment = {"snippet": {"textOriginal": part.body["text"]}}
    request = {"snippet": {"videoId": video, "topLevelComment": comment}}
    reply = calls.call("POST", "/youtube/v3/commentThreads", query={"part": "snippet"}, json=request, commit=True)
    return _make_comment_receipt(video, reply.field("id"))


def _make_comment_receipt(video: str, number: str) -> Receipt:
    return Receipt(number, f"https://www.youtube.com/watch?v={video}&lc={number}", {"video": video})


def _locate(receipt: Receipt) -> tuple[str, str]:
    """Return what kind of thing was posted and its id. Raise Rejected if only an address is known that tells none."""
    if receipt.data.get("video"):
        return "comments", receipt.remote_id
    if receipt.remote_id:
        return "videos", receipt.remote_id
    parts = urlsplit(receipt.url)
    number = parse_qs(parts.query).get("v", [parts.path.rpartition("/")[2]])[0]
    if not number:
        raise Rejected(f"Which film is meant cannot be told from its address ({receipt.url or 'none'}). Look there.")
    return "videos", number


PLATFORM: Platform = YouTube()
