"""X's API v2 as far as publishing needs it: each call from a request to an answer, without the network."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime

from twitter_text import parse_tweet
from werkzeug.wrappers import Request

from tests.servers import x_media
from tests.servers.x_answers import (
    DUPLICATE,
    FORBIDDEN,
    NOT_FOUND,
    PARENT_GONE,
    TOO_MANY,
    UNAUTHORISED,
    Answer,
    refuse_request,
    say_gone,
)
from tests.servers.x_contract import XContract
from tests.servers.x_limits import XLimits
from tests.servers.x_signature import SignatureCheck
from tests.servers.x_store import XAccount, XMedia, XPost, XStore

_LONGEST_PAGE = 100
_PAGE = 10
_MOST_IMAGES = 4

Call = Callable[[XAccount, Request, str], Answer]


class XService:
    """The calls over one store. `listing_lag` is how many seconds a fresh post is missing from its author's listing."""

    def __init__(self, contract: XContract) -> None:
        self.contract = contract
        self.store = XStore()
        self.limits = XLimits()
        self.listing_lag = 0.0
        self._signatures = SignatureCheck(self.store)
        self._calls: list[tuple[str, re.Pattern[str], str, Call]] = [
            (method, re.compile(template.replace("{id}", "([0-9]+)")), f"{method} {template}", call)
            for method, template, call in (
                ("POST", "/2/tweets", self._create),
                ("GET", "/2/tweets/{id}", self._show),
                ("DELETE", "/2/tweets/{id}", self._delete),
                ("GET", "/2/users/me", self._show_me),
                ("GET", "/2/users/{id}/tweets", self._list),
                ("POST", "/2/media/upload", lambda who, asked, _: x_media.upload_at_once(self.store, who, asked)),
                ("GET", "/2/media/upload", lambda who, asked, _: x_media.look(self.store, who, asked)),
                ("POST", "/2/media/upload/initialize", lambda who, asked, _: x_media.begin(self.store, who, asked)),
                (
                    "POST",
                    "/2/media/upload/{id}/append",
                    lambda who, asked, of: x_media.append(self.store, who, asked, of),
                ),
                ("POST", "/2/media/upload/{id}/finalize", lambda who, _, of: x_media.finish(self.store, who, of)),
                ("POST", "/2/media/metadata", lambda who, asked, _: x_media.describe(self.store, who, asked)),
                ("POST", "/2/media/subtitles", lambda who, asked, _: x_media.add_captions(self.store, who, asked)),
            )
        ]

    def find_account(self, request: Request) -> XAccount | None:
        """Return the account that signed the request, or None if no known keys did."""
        return self._signatures.find_account(request.url, request.method, request.get_data(), dict(request.headers))

    def answer(self, account: XAccount | None, request: Request) -> Answer:
        """Carry the request out for the account that signed it: rate limit, contract, then the call."""
        if account is None:
            return UNAUTHORISED
        for method, pattern, endpoint, call in self._calls:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                within, headers = self.limits.use(account.id, endpoint, time.time())
                answer = self._carry_out(call, account, request, *match.groups()) if within else TOO_MANY
                return Answer(answer.status, answer.body, headers | answer.headers)
        return NOT_FOUND

    def _carry_out(self, call: Call, account: XAccount, request: Request, number: str = "") -> Answer:
        if self.contract.knows(request.method, request.path):
            fault = self.contract.find_fault(request)
            if fault:
                return refuse_request(fault)
        return call(account, request, number)

    def _create(self, account: XAccount, request: Request, _: str) -> Answer:
        body = request.get_json()
        text, parent = body.get("text", ""), body.get("reply", {}).get("in_reply_to_tweet_id")
        numbers = body.get("media", {}).get("media_ids", [])
        found = [self.store.find_media(number, account.id) for number in numbers]
        media = [upload for upload in found if upload and upload.ready]
        if len(media) != len(numbers) or not _fit_together(media):
            return refuse_request("Your media IDs are invalid.", {"media.media_ids": [str(numbers)]})
        if not text and not media:
            return refuse_request("One of text or media is required.")
        if parent and self.store.find_post(parent) is None:
            return PARENT_GONE
        if text and not parse_tweet(text).valid:
            return FORBIDDEN
        post = self.store.add_post(account.id, text, media, parent, body.get("reply_settings", "everyone"))
        if post is None:
            return DUPLICATE
        return Answer(201, {"data": post.show(())})

    def _show(self, account: XAccount, request: Request, number: str) -> Answer:
        post = self.store.find_post(number)
        if post is None:
            return say_gone(number)
        return Answer(200, {"data": post.show(request.args.get("tweet.fields", "").split(","))})

    def _delete(self, account: XAccount, request: Request, number: str) -> Answer:
        post = self.store.find_post(number)
        if post and post.author != account.id:
            return FORBIDDEN
        self.store.delete_post(number)
        return Answer(200, {"data": {"deleted": True}})

    def _show_me(self, account: XAccount, request: Request, _: str) -> Answer:
        return Answer(200, {"data": {"id": account.id, "name": account.username, "username": account.username}})

    def _list(self, account: XAccount, request: Request, number: str) -> Answer:
        """Answer with a page of the user's posts, newest first."""
        wanted = [post for post in reversed(self.store.posts_of(number)) if self._is_listed(post, request)]
        start = int(request.args.get("pagination_token", "0"))
        page = wanted[start : start + int(request.args.get("max_results", _PAGE))]
        if not page:
            return Answer(200, {"meta": {"result_count": 0}})
        meta = {"result_count": len(page), "newest_id": page[0].id, "oldest_id": page[-1].id}
        rest = start + len(page)
        more = {"next_token": f"{rest:016d}"} if rest < len(wanted) else {}
        fields = request.args.get("tweet.fields", "").split(",")
        return Answer(200, {"data": [post.show(fields) for post in page], "meta": meta | more})

    def _is_listed(self, post: XPost, request: Request) -> bool:
        asked = request.args
        if "since_id" in asked and int(post.id) <= int(asked["since_id"]):
            return False
        if "until_id" in asked and int(post.id) >= int(asked["until_id"]):
            return False
        if "since_id" not in asked and "start_time" in asked and post.created < _read_time(asked["start_time"]):
            return False
        if "until_id" not in asked and "end_time" in asked and post.created >= _read_time(asked["end_time"]):
            return False
        if post.parent and "replies" in asked.get("exclude", ""):
            return False
        return post.created <= time.time() - self.listing_lag


def _fit_together(media: list[XMedia]) -> bool:
    """Return whether a post may hold these: up to four pictures, or one film, or one animation."""
    if any(upload.category == "subtitles" for upload in media):
        return False
    return len(media) <= 1 or (len(media) <= _MOST_IMAGES and all(each.category == "tweet_image" for each in media))


def _read_time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
