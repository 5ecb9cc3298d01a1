"""X, through its API v2 as one user (OAuth 1.0a): tweepy makes the post, the media calls that it lacks are made here.

Sources, checked on 24 November 2026: X's developer documents with OpenAPI 2.167, tweepy 4.17.0's source, and the bug
reports that are named where they are used. X knows no idempotency key: a lost reply is resolved by listing own posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    ImageLimits,
    Limits,
    Price,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
)
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import X_URL_WEIGHT, Unit, find_urls
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.ports import Context, MediaFile, Platform, Reply

_CHECKED = date(2026, 11, 24)
_DOCUMENTS = Source("X's developer documents and OpenAPI 2.167", _CHECKED)
_AT_ONCE_BYTES = 1_000_000
_CHUNK_BYTES = 1_000_000  # the documents allow 5 MB, but such segments were answered 413
_MOST_LOOKS = 20  # at a picture that is being processed
_LONGEST_PAUSE = 10.0  # seconds between two of them
_MOST_PAGES = 10
_SKEW = timedelta(minutes=2)  # between X's clock and ours; signatures fail beyond five minutes
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# Refusals of the app or its tokens, though with HTTP 403 (plhery/node-twitter-api-v2 #493, geduldig/TwitterAPI #226).
_ACCESS_PROBLEMS = ("/oauth1-permissions", "/client-forbidden", "/unsupported-authentication")


class X:
    """Implements the ports Platform, Finds and WhoAmI; `find` never says absent, since X's listings lag."""

    name = "x"
    title = "X"
    server = "https://api.x.com"
    capabilities = Capabilities(
        text=(
            TextLimit(
                280,
                Unit.X_WEIGHTED,
                Source("twitter-text configuration v3; accounts without Premium", _CHECKED),
                url_weight=X_URL_WEIGHT,
            ),
        ),
        repeat=Repeat(
            Idempotency.LISTING, Source("no key in X's documents; GET /2/users/{id}/tweets lists own posts", _CHECKED)
        ),
        source=_DOCUMENTS,
        images=ImageLimits(
            4, 5_000_000, ("image/jpeg", "image/png", "image/gif", "image/webp"), 1000, _DOCUMENTS, Unit.CHARACTERS
        ),
        threads=True,
        link_card="server",
        retract="the post; replies to it and quotes of it stay",
        rate=Rate(100, timedelta(minutes=15), Source("X's table of rate limits: for one user", _CHECKED)),
        price=Price(0.015, 0.20, Source("X's pay-per-use prices", _CHECKED)),
    )
    settings = (
        Setting("api_key", "the app's key, from X's developer portal", "env:X_API_KEY", secret=True),
        Setting("api_secret", "the app's secret, from the same page", "env:X_API_SECRET", secret=True),
        Setting(
            "access_token",
            "the account's token, made after the app was given permission to read and write",
            "env:X_ACCESS_TOKEN",
            secret=True,
        ),
        Setting("access_secret", "the secret that belongs to that token", "env:X_ACCESS_SECRET", secret=True),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's text and alt texts. Raise Rejected for a GIF among other pictures."""
        return Prepared(tuple([_prepare_part(part) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload and describe the pictures, then post, in answer to the part before.

        Raise OutcomeUnknown also if X calls the post a duplicate: one like it may be the lost one, so it is looked for.
        """
        client = _Client(context)
        files = (context.open_media(picture) for picture in part.media)
        media = [client.upload(file, alt) for file, alt in zip(files, part.body["alts"], strict=True)]
        return _make_receipt(client.post(part.body["text"], media))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Look for the part among the account's own posts since the delivery's first claim; take the oldest match.

        A match has the same words, answers the part before and is not known to be another delivery's. The time goes
        back to the claim, since the post that makes this one a duplicate may stem from an earlier attempt.
        """
        moments = [moment for moment in (context.sent_after, context.created_at) if moment is not None]
        if not moments:
            raise ValueError("to find a part takes the moment at which it was sent")
        window = (min(moments) - _SKEW, context.clock.now() + _SKEW)
        bound, parent = context.bound(), _find_parent(context)
        found: str | None = None
        for post in _Client(context).list_posts(window[0]):
            number = str(post.get("id"))
            if number.isdecimal() and number not in bound and is_match(post, part.text, parent, window):
                found = number  # newest first: the last one is the oldest
        return _make_receipt(found) if found else Found.UNSURE

    def who_am_i(self, context: Context) -> str:
        """Return the account's name with its @."""
        return "@" + _Client(context).call("GET", "/2/users/me").field("data", "username")


# --- From a calendar's words to a post, and back ---------------------------------------------------------------------


def _prepare_part(part: ContentPart) -> PreparedPart:
    if len(part.media) > 1 and any(media.content_type == "image/gif" for media in part.media):
        raise Rejected("X shows a GIF only by itself. Take the other pictures out, or save the GIF as a PNG.")
    return PreparedPart(
        text=part.text,
        body={"text": part.text, "alts": [media.alt for media in part.media]},
        media=part.media,
        links=tuple([url for _, _, url in find_urls(part.text, bare_domains=True)]),  # X charges for both
    )


def restore_text(post: Mapping[str, Any]) -> str:
    """Return the text of a listed post as it was written: links in full, without the one that X adds for its media.

    `post` is an item of the listing with its `entities`. The text is in NFC, as X composes it.
    """
    import html

    text = html.unescape(str(post.get("text") or ""))
    for link in read_objects(read_object(post, "entities"), "urls"):
        short, full = str(link.get("url") or ""), str(link.get("expanded_url") or "")
        if "media_key" in link or f"/status/{post.get('id')}/" in full:
            text = text.rstrip().removesuffix(short)
        elif short and full:
            text = text.replace(short, full)
    return normalize("NFC", text.strip())


def is_match(post: Mapping[str, Any], text: str, parent: str | None, window: tuple[datetime, datetime]) -> bool:
    """Return whether a listed post has these words, answers `parent` (None: nobody), and is from the window (aware)."""
    try:
        created = datetime.fromisoformat(str(post.get("created_at"))).astimezone(UTC)
    except ValueError:
        return False
    others = read_objects(post, "referenced_tweets")
    answered = [str(other.get("id")) for other in others if other.get("type") == "replied_to"]
    if answered != ([parent] if parent else []) or not window[0] <= created <= window[1]:
        return False
    return _simplify(restore_text(post)) == _simplify(text)


def _simplify(text: str) -> list[str]:
    """Return the words of a text without what X may change: spaces, and the scheme of a bare domain's full address."""
    return [word.rstrip("/") for word in _SCHEME.sub("", normalize("NFC", text)).split()]


def _find_parent(context: Context) -> str | None:
    return context.earlier[-1].remote_id if context.earlier else None


def _make_receipt(number: str) -> Receipt:
    return Receipt(number, f"https://x.com/i/status/{number}")


# --- The calls -------------------------------------------------------------------------------------------------------


class _Client:
    """One account's calls, each signed with its four secrets."""

    def __init__(self, context: Context) -> None:
        from requests_oauthlib import OAuth1

        self._context = context
        names = ("api_key", "api_secret", "access_token", "access_secret")
        self._secrets = tuple(context.secret(name) for name in names)
        # As tweepy signs: headers stay text.
        key, secret, token, token_secret = self._secrets
        context.wire.session().auth = OAuth1(key, secret, token, token_secret, decoding=None)

    def call(self, method: str, path: str, **request: Any) -> Reply:
        """Make one call that posts nothing; `request` as the wire takes it."""
        return self._context.wire.request(method, path, explain=self._explain, **request)

    def post(self, text: str, media: list[str]) -> str:
        """Make the post, in answer to the part before, and return its id."""
        import tweepy  # here, since it takes as long to load as a whole preview

        key, secret, token, token_secret = self._secrets
        client = tweepy.Client(None, key, secret, token, token_secret, return_type=dict, wait_on_rate_limit=False)
        client.session = self._context.wire.session()
        parent = _find_parent(self._context)
        with self._context.wire.commit(self._explain_post):
            try:
                answer = client.create_tweet(text=text, media_ids=media or None, in_reply_to_tweet_id=parent)
            except ValueError:
                raise OutcomeUnknown("X answered something that is not JSON. The post may be out.") from None
        number = str(read_object(answer, "data").get("id"))
        if not number.isdecimal():
            raise OutcomeUnknown("X answered without the new post's id. The post may be out.")
        return number

    def upload(self, file: MediaFile, alt: str) -> str:
        """Upload a picture with its alt text, wait until X has processed it, and return its id."""
        if file.content_type != "image/gif" and len(file.content) <= _AT_ONCE_BYTES:
            reply = self.call(
                "POST",
                "/2/media/upload",
                form={"media_category": "tweet_image", "media_type": file.content_type},
                files={"media": ("picture", file.content, file.content_type)},
                upload=True,
            )
            number = reply.field("data", "id")
        else:
            number, reply = self._upload_in_chunks(file)
        self._wait_until_processed(number, reply)
        if alt:
            described = {"id": number, "metadata": {"alt_text": {"text": alt}}}
            self.call("POST", "/2/media/metadata", json=described)
        return number

    def _upload_in_chunks(self, file: MediaFile) -> tuple[str, Reply]:
        category = "tweet_gif" if file.content_type == "image/gif" else "tweet_image"
        about = {"media_type": file.content_type, "total_bytes": len(file.content), "media_category": category}
        number = self.call("POST", "/2/media/upload/initialize", json=about).field("data", "id")
        for index, start in enumerate(range(0, len(file.content), _CHUNK_BYTES)):
            chunk = file.content[start : start + _CHUNK_BYTES]
            self.call(
                "POST",
                f"/2/media/upload/{number}/append",
                form={"segment_index": str(index)},
                files={"media": ("chunk", chunk, "application/octet-stream")},
                upload=True,
            )
        return number, self.call("POST", f"/2/media/upload/{number}/finalize")

    def _wait_until_processed(self, number: str, reply: Reply) -> None:
        """Wait as long as X asks for, within bounds. Raise Rejected if X cannot use it, Unavailable if it goes on."""
        for _ in range(_MOST_LOOKS):
            info = read_object(read_object(read_answer(reply), "data"), "processing_info")
            if info.get("state", "succeeded") == "succeeded":  # a picture has nothing to be waited for
                return
            if info["state"] == "failed":
                reason = str(read_object(info, "error").get("message") or "it does not say why")
                raise Rejected(f"X cannot use a picture of this post: {reason}. Save it anew, as a JPEG or PNG.")
            asked = info.get("check_after_secs")
            seconds = float(asked) if isinstance(asked, int | float) else 1.0
            self._context.clock.sleep(min(max(seconds, 1.0), _LONGEST_PAUSE))
            reply = self.call("GET", "/2/media/upload", query={"command": "STATUS", "media_id": number})
        raise Unavailable("X is still processing a picture of this post. Nothing was sent.")

    def list_posts(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Yield the account's own posts since then, newest first."""
        query = {
            "max_results": "100",
            "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tweet.fields": "created_at,entities,referenced_tweets",
        }
        path = f"/2/users/{self._find_user()}/tweets"
        for _ in range(_MOST_PAGES):
            answer = self.call("GET", path, query=query).json()
            yield from read_objects(answer, "data")
            token = read_object(answer, "meta").get("next_token")
            if not token:
                return
            query["pagination_token"] = str(token)

    def _find_user(self) -> str:
        """Return the account's numeric id, kept between runs: asking is limited to 75 times in 15 minutes.

        A token begins with its user's number; what was kept for another user or server is not used.
        """
        account, sessions = self._context.account, self._context.sessions
        prefix, _, rest = self._secrets[2].partition("-")
        about = {"server": account.server, "token_of": prefix if rest and prefix.isdecimal() else ""}
        kept = sessions.load(account.name)
        if about["token_of"] and kept.get("id") and all(kept.get(name) == value for name, value in about.items()):
            return kept["id"]
        number = self.call("GET", "/2/users/me").field("data", "id")
        if about["token_of"]:
            sessions.store(account.name, {**about, "id": number})
        return number

    # --- What X's refusals mean ---

    def _explain(self, reply: Reply) -> PublishError | None:
        kind, words = self._read_refusal(reply)
        name = self._context.account.name
        if reply.status == 401 or (reply.status == 403 and kind.endswith(_ACCESS_PROBLEMS)):
            return Unauthorised(
                f"X refused the keys of {name}: {words}. Check api_key, api_secret, access_token and access_secret, "
                "that the app may read and write (tokens made before that must be made anew), and this machine's clock."
            )
        if reply.status == 402:
            return Unauthorised(
                f"{name} has no credit left at X: {words}. Buy credit in X's developer portal; it is tried again every "
                "ten minutes.",
                retry=True,
            )
        if reply.status == 429 and kind.endswith("/usage-capped"):
            return RateLimited(
                f"{name} has used up what its plan at X allows: {words}. Waiting does not mend this soon: raise the "
                "cap in X's developer portal."
            )
        return Rejected(f"X refused this: {words}.") if words and reply.status in {400, 403, 404} else None

    def _explain_post(self, reply: Reply) -> PublishError | None:
        _, words = self._read_refusal(reply)
        if reply.status == 403 and "duplicate content" in words.lower():  # v2 gives no code (iembot #163)
            return OutcomeUnknown(f"X says that this post is out already: {words}.")
        if reply.status == 403 and self._context.earlier and "deleted or not visible" in words.lower():
            # X's own machines may not know the part before yet (plhery/node-twitter-api-v2 #366).
            return Unavailable(f"X does not show the part before this one yet: {words}. Nothing was sent.")
        return self._explain(reply)

    def _read_refusal(self, reply: Reply) -> tuple[str, str]:
        """Return the address of the problem's kind and X's words; both may be empty."""
        answer = read_answer(reply)
        said = [each.get("message") for each in read_objects(answer, "errors")]
        words = [str(each) for each in (*said, answer.get("detail") or answer.get("title")) if each]
        told = " ".join(" ".join(dict.fromkeys(words)).split())
        return str(answer.get("type") or ""), told[:300].rstrip(".")


PLATFORM: Platform = X()
