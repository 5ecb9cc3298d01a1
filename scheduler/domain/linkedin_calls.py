"""The calls of one account of LinkedIn's, with its token, on behalf of its page: uploads, looks, and what is listed.

Sources, checked on 25 November 2026: learn.microsoft.com, LinkedIn: "Posts API", "Images API", "Videos API" and
"Comments API". The multipart form of captions is as clients in public use send it, since the page on films shows it
only in part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.linkedin_answers import (
    Gone,
    Listed,
    explain_refusal,
    read_beginning,
    read_comment,
    read_post,
    read_twin,
)
from scheduler.domain.linkedin_log_in import find_token
from scheduler.errors import PublishError, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, Reply

VERSION = "202610"
"""The month of LinkedIn's interface that this was written for, unless an account says otherwise."""
_PAGE, _PAGES = 50, 5  # what is listed at once, and how far back a look goes


class LinkedInCalls:
    """The calls of one account, with its token, on behalf of its page."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.organization = context.account.settings["organization"]
        self.author = f"urn:li:organization:{self.organization}"
        self._headers = {
            "Authorization": f"Bearer {find_token(context)}",
            "LinkedIn-Version": context.account.settings.get("version", VERSION),
            "X-Restli-Protocol-Version": "2.0.0",
        }

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Reply:
        """Make one call as the account; `request` as the wire takes it. Raise what the wire raises."""
        sent = {**self._headers, **(headers or {})}
        return self.context.wire.request(method, path, explain=self._explain, headers=sent, **request)

    def begin_upload(self, kind: str, about: Mapping[str, Any]) -> Mapping[str, Any]:
        """Announce a picture or film, and return where it is to go."""
        request = {"initializeUploadRequest": {"owner": self.author, **about}}
        return read_object(
            read_answer(self.call("POST", f"/rest/{kind}", query={"action": "initializeUpload"}, json=request)), "value"
        )

    def put(self, address: str, content: bytes, content_type: str) -> Reply:
        """Send bytes to an address that LinkedIn gave; the wire keeps the token from any that is not LinkedIn's."""
        return self.call("PUT", address, body=content, headers={"Content-Type": content_type}, upload=True)

    def send_captions(self, address: str, captions: str, language: str) -> None:
        """Send a film's subtitles, in the post's language; a country is asked for, and most readers are here."""
        spoken, _, region = language.partition("-")
        locale = {"language": spoken.upper(), "country": region.upper() if len(region) == 2 else "GB"}
        about = {"format": "SRT", "source": "USER_PROVIDED", "transcriptType": "CLOSED_CAPTION", "locale": locale}
        files = {"file": ("captions.srt", captions.encode(), "application/x-subrip")}
        self.call("POST", address, form={"metadata": json.dumps(about)}, files=files, upload=True)

    def wait_until_shown(self, kind: str, urn: str, path: str, polls: tuple[float, ...]) -> None:
        """Wait until a picture or film can be shown. Raise Unavailable if that takes too long, or comes to nothing."""
        for seconds in (0.0, *polls):
            self.context.clock.sleep(seconds)
            state = self.call("GET", f"/rest/{kind}/{quote(urn, safe='')}").field("status")
            if state == "AVAILABLE":
                return
            if state == "PROCESSING_FAILED":
                message = f"LinkedIn could not make {path} ready to be shown. Nothing was sent."
                raise Unavailable(f"{message} The next try uploads it anew; if it fails again, save the file anew.")
        raise Unavailable(f"LinkedIn is still working on {path}. Nothing was sent.")

    def read_twin(self, urn: str) -> Listed | None:
        """Return the post that LinkedIn named, None if there is none, or not any more."""
        if not urn.startswith("urn:li:"):
            return None
        try:
            return read_post(read_answer(self.call("GET", f"/rest/posts/{quote(urn, safe='')}")))
        except Gone:
            return None

    def list_posts(self) -> Iterator[Listed | None]:
        """Go through the page's posts, newest first, until they are older than ours can be."""
        began, query = read_beginning(self.context), {"q": "author", "author": self.author, "sortBy": "CREATED"}
        for start in range(0, _PAGE * _PAGES, _PAGE):
            asked = {**query, "count": str(_PAGE), "start": str(start)}
            reply = self.call("GET", "/rest/posts", query=asked, headers={"X-RestLi-Method": "FINDER"})
            listed = [read_post(each) for each in self._read_elements(reply)]
            yield from listed
            if len(listed) < _PAGE or any(each is not None and each.created_at < began for each in listed):
                return

    def list_comments(self, post: str) -> list[Listed | None]:
        """Return the first comments below a post."""
        path, query = f"/rest/socialActions/{quote(post, safe='')}/comments", {"count": "100", "start": "0"}
        return [read_comment(each, post) for each in self._read_elements(self.call("GET", path, query=query))]

    @staticmethod
    def _read_elements(reply: Reply) -> list[Mapping[str, Any]]:
        answer = read_answer(reply)
        if not isinstance(answer.get("elements"), list):
            raise reply.problem("answered a question about what was posted with something else")
        return read_objects(answer, "elements")

    def _explain(self, reply: Reply) -> PublishError | None:
        error = explain_refusal(reply, self.context.account.name, self.context.clock.now())
        if twin := read_twin(reply):
            self.context.keep({"twin": twin})  # to be looked at by `find`
        return error
