"""What Meta's services keep: a page's posts and films, containers of Instagram and Threads, and what was published.

Each call goes from a request to an answer, without the network. Numbers tell what they are: films begin with 41,
containers with 5, posts of Instagram and Threads with 7, those of a page hold an underscore.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

PAGE, USER = "104000000000000", "17841400000000000"
Answer = tuple[int, Any]
Fields = Mapping[str, str]


@dataclass
class Thing:
    """A post, comment, film or container; `shown` says whether readers see it, `fields` what it was made with."""

    id: str
    kind: str
    fields: Fields
    made_at: datetime
    shown: bool = True
    state: str = "FINISHED"
    parent: str = ""
    looks: int = 0
    content: bytes = b""
    captions: bytes = b""
    published: str = ""

    @property
    def text(self) -> str:
        """What its readers read."""
        names = ("message", "caption", "text", "description")
        return next((self.fields[name] for name in names if name in self.fields), "")


def refuse(code: int, subcode: int = 0, words: str = "It cannot be done") -> Any:
    """Return an error as Meta words it."""
    error = {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGh"}
    return {"error": {**error, **({"error_subcode": subcode} if subcode else {})}}


_QUOTA = {"data": [{"quota_usage": 1, "config": {"quota_total": 100, "quota_duration": 86_400}}]}
GONE: Answer = (400, refuse(100, 33, "Unsupported get request. Object does not exist"))


@dataclass
class MetaService:
    """The calls over one store. `working` is how often a container or film is looked at before it is ready.

    `tokens` are those that are good; one that is `young` cannot be exchanged yet, and one that is not `changing` only
    lasts longer by it.
    """

    tokens: list[str]
    young: bool = False
    changing: bool = True
    working: int = 1
    things: dict[str, Thing] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._calls: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            (method, re.compile(path), call)
            for method, path, call in (
                ("GET", "/refresh_access_token", self._renew),
                ("GET", "/debug_token", self._debug),
                ("GET", f"/{USER}/content_publishing_limit", lambda _: (200, _QUOTA)),
                ("GET", "/me", lambda _: (200, {"id": PAGE, "name": "The Force", "username": "force"})),
                ("POST", f"/{PAGE}/photos", self._upload_photo),
                ("POST", f"/{PAGE}/feed", self._post),
                ("POST", f"/{PAGE}/videos", self._upload_film),
                ("GET", f"/{PAGE}/published_posts", self._list_page),
                ("POST", "/([0-9_]+)/captions", self._caption),
                ("POST", "/([0-9_]+)/comments", self._comment),
                ("GET", "/([0-9_]+)/comments", self._list_comments),
                ("POST", f"/{USER}/media|/me/threads", self._make_container),
                ("POST", "/ig-api-upload/([0-9]+)", self._take_reel),
                ("POST", f"/{USER}/media_publish|/me/threads_publish", self._publish),
                ("GET", f"/{USER}/media|/me/threads|/me/replies", self._list_published),
                ("POST", "/(41[0-9]+)", self._show_film),
                ("GET", "/([0-9_]+)", self._read),
                ("DELETE", "/([0-9_]+)", self._delete),
            )
        ]

    def answer(self, method: str, path: str, fields: Fields) -> Answer:
        """Carry out a call; `path` is without the version, `fields` are those of query and body."""
        for each, pattern, call in self._calls:
            match = pattern.fullmatch(path)
            if match and each == method:
                return call(fields, *[group for group in match.groups() if group is not None])
        return 404, refuse(2500, words=f"Unknown path {method} {path}")

    def shown(self, *kinds: str) -> list[Thing]:
        """Return what readers see, oldest first."""
        return [thing for thing in self.things.values() if thing.shown and thing.kind in kinds]

    def containers(self) -> list[Thing]:
        """Return every container that was made."""
        return [thing for thing in self.things.values() if thing.kind == "container"]

    def _add(self, prefix: str, kind: str, fields: Fields, **about: Any) -> Thing:
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        thing = Thing(f"{prefix}{self._numbers[prefix]}", kind, dict(fields), datetime.now(UTC), **about)
        self.things[thing.id] = thing
        return thing

    # --- Tokens ---

    def _renew(self, fields: Fields) -> Answer:
        if self.young:
            return 400, refuse(100, words="The token is too young")
        if self.changing:
            self.tokens.append(f"renewed-{len(self.tokens)}-{self.tokens[0]}")
        return 200, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 5_184_000}

    def _debug(self, fields: Fields) -> Answer:
        return 200, {"data": {"is_valid": fields["input_token"] in self.tokens, "expires_at": 0}}

    # --- Pages ---

    def _upload_photo(self, fields: Fields) -> Answer:
        if fields.get("published") != "false" or not fields.get("source"):
            return 400, refuse(100, words="only unpublished photos with bytes are expected here")
        return 200, {"id": self._add("31", "photo", fields, shown=False).id}

    def _post(self, fields: Fields) -> Answer:
        attached = [each["media_fbid"] for each in json.loads(fields.get("attached_media", "[]"))]
        if any(number not in self.things for number in attached):
            return 400, refuse(100, words="no such photo")
        return 200, {"id": self._add(f"{PAGE}_", "post", fields).id}

    def _upload_film(self, fields: Fields) -> Answer:
        phase = fields["upload_phase"]
        if phase == "start":
            film = self._add("41", "film", fields, shown=False, state="processing")
            return 200, {"video_id": film.id, "upload_session_id": f"9{film.id}", **self._tell_rest(film)}
        film = self.things[fields["upload_session_id"][1:]]
        if phase == "transfer":
            film.content += fields["video_file_chunk"].encode("latin-1")
            return 200, self._tell_rest(film)
        if len(film.content) != int(film.fields["file_size"]):
            return 400, refuse(100, words="the film is not whole")
        film.fields = dict(fields)
        return 200, {"success": True}

    def _tell_rest(self, film: Thing) -> dict[str, str]:
        """Return which bytes come next: 4,096 at once."""
        start, size = len(film.content), int(film.fields["file_size"])
        return {"start_offset": str(start), "end_offset": str(min(start + 4096, size))}

    def _caption(self, fields: Fields, number: str) -> Answer:
        self.things[number].captions = fields["captions_file"].encode("latin-1")
        return 200, {"success": True}

    def _show_film(self, fields: Fields, number: str) -> Answer:
        film = self.things[number]
        if film.state != "ready":
            return 400, refuse(100, words="the film is not ready")
        film.shown = fields["published"] == "true"
        return 200, {"success": True}

    def _list_page(self, fields: Fields) -> Answer:
        posts = reversed(self.shown("post"))
        return 200, {"data": [{"id": each.id, "message": each.text, "created_time": _write(each)} for each in posts]}

    def _comment(self, fields: Fields, number: str) -> Answer:
        if number not in self.things:
            return GONE
        return 200, {"id": self._add("88_", "comment", fields, parent=number).id}

    def _list_comments(self, fields: Fields, number: str) -> Answer:
        below = [each for each in self.shown("comment") if each.parent == number]
        times = ("created_time", "timestamp")
        texts = ("message", "text")
        return 200, {
            "data": [
                {"id": each.id, **dict.fromkeys(times, _write(each)), **dict.fromkeys(texts, each.text)}
                for each in below
            ]
        }

    # --- Two steps ---

    def _make_container(self, fields: Fields) -> Answer:
        children = [each for each in fields.get("children", "").split(",") if each]
        if any(self.things[each].fields.get("is_carousel_item") != "true" for each in children):
            return 400, refuse(100, 2207028, "not a carousel item")
        resumable = fields.get("upload_type") == "resumable"
        container = self._add("5", "container", fields, shown=False, state="IN_PROGRESS")
        container.looks = -1 if resumable else self.working
        return 200, {"id": container.id, **({"uri": f"{{server}}/ig-api-upload/{container.id}"} if resumable else {})}

    def _take_reel(self, fields: Fields, number: str) -> Answer:
        container = self.things[number]
        container.content, container.looks = fields["body"].encode("latin-1"), self.working
        return 200, {"success": True}

    def _publish(self, fields: Fields) -> Answer:
        container = self.things.get(fields["creation_id"])
        if container is None:
            return 400, refuse(24, 4279009, "Media Not Found")
        if container.state == "IN_PROGRESS":
            return 400, refuse(9007, 2207027, "Media ID is not available")
        if container.state != "FINISHED":
            return 400, refuse(-1, 2207020 if container.state == "EXPIRED" else 2207032, "create media fail")
        post = self._add("7", "media", container.fields, parent=container.fields.get("reply_to_id", ""))
        container.state, container.published = "PUBLISHED", post.id
        return 200, {"id": post.id}

    def _list_published(self, fields: Fields) -> Answer:
        listed = []
        for each in reversed(self.shown("media")):
            about = {"caption": each.text, "text": each.text, "timestamp": _write(each)}
            listed.append({"id": each.id, **about, "permalink": f"https://social.example.org/p/{each.id}"})
        return 200, {"data": listed}

    # --- Anything by its number ---

    def _read(self, fields: Fields, number: str) -> Answer:
        thing = self.things.get(number)
        if thing is None:
            return GONE
        if thing.kind == "film":
            thing.looks += 1
            thing.state = "ready" if thing.looks > self.working else "processing"
            return 200, {"id": number, "published": thing.shown, "status": {"video_status": thing.state}}
        if thing.kind != "container":
            return 200, {"id": number}
        if thing.state == "IN_PROGRESS" and thing.looks >= 0:
            thing.looks -= 1
            thing.state = "FINISHED" if thing.looks < 0 else "IN_PROGRESS"
        return 200, {"id": number, "status_code": thing.state, "status": thing.state}

    def _delete(self, fields: Fields, number: str) -> Answer:
        return GONE if self.things.pop(number, None) is None else (200, {"success": True})


def _write(thing: Thing) -> str:
    return thing.made_at.strftime("%Y-%m-%dT%H:%M:%S+0000")
