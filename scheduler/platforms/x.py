"""X, through its API v2 as one user (OAuth 1.0a): tweepy makes the post, the media calls that it lacks are made here.

Sources, checked on 25 November 2026: X's developer documents with OpenAPI 2.168, tweepy 4.17.0's source, and the bug
reports that are named where they are used. X knows no idempotency key: a lost reply is resolved by listing own posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer, read_object, read_objects
from scheduler.domain.campaign import Replies
from scheduler.domain.capabilities import (
    Capabilities,
    Count,
    Idempotency,
    ImageLimits,
    Limits,
    Price,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
    VideoLimits,
)
from scheduler.domain.content import Content, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import X_URL_WEIGHT, Unit
from scheduler.domain.receipts import find_post_id
from scheduler.domain.x_matching import is_match
from scheduler.domain.x_words import REPLY_SETTINGS, prepare_part
from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from mmap import mmap

    from scheduler.domain.ports import Context, Platform, Reply

_CHECKED = date(2026, 11, 25)
_DOCUMENTS = Source("X's developer documents and OpenAPI 2.168", _CHECKED)
_TEXT_LENGTH, _PREMIUM_LENGTH = "text_length", 25_000
_TEXT = TextLimit(
    280,
    Unit.X_WEIGHTED,
    Source("twitter-text configuration v3; accounts without Premium", _CHECKED),
    url_weight=X_URL_WEIGHT,
    setting=_TEXT_LENGTH,
)
_CASHTAGS = Count(1, Source("X's developer documents: one cashtag in a post of a self-serve developer", _CHECKED))
_AT_ONCE_BYTES = 1_000_000
_CHUNK_BYTES = 1_000_000  # the documents allow 5 MB, but such segments were answered 413
_MOST_CHUNKS = 1000  # segment_index is 0 to 999
_MOST_LOOKS, _MOST_FILM_LOOKS = 20, 90  # at a picture or film that is being processed
_LONGEST_PAUSE = 10.0  # seconds between two of them
_MOST_PAGES = 10
_LISTED = "created_at,entities,referenced_tweets"
_LISTED_OF_PREMIUM = f"{_LISTED},note_tweet"  # of a long post the text is cut short; this holds all of it
_SKEW = timedelta(minutes=2)  # between X's clock and ours; signatures fail beyond five minutes
_LANGUAGES = {"en": "English", "cy": "Cymraeg", "gd": "Gàidhlig", "ga": "Gaeilge"}  # as people choose captions by
# Refusals of the app or its tokens, though with HTTP 403 (plhery/node-twitter-api-v2 #493, geduldig/TwitterAPI #226).
_ACCESS_PROBLEMS = ("/oauth1-permissions", "/client-forbidden", "/unsupported-authentication")


class _Gone(Rejected):
    """There is no such post, or not any more."""


class X:
    """Implements the ports Platform, Finds, WhoAmI, Retracts and Verifies. OAuth 1.0a tokens last until revoked.

    `find` never says absent, since X's listings lag.
    """

    name = "x"
    title = "X"
    server = "https://api.x.com"
    capabilities = Capabilities(
        text=(_TEXT,),
        repeat=Repeat(
            Idempotency.LISTING, Source("no key in X's documents; GET /2/users/{id}/tweets lists own posts", _CHECKED)
        ),
        source=_DOCUMENTS,
        images=ImageLimits(
            4, 5_000_000, ("image/jpeg", "image/png", "image/gif", "image/webp"), 1000, _DOCUMENTS, Unit.CHARACTERS
        ),
        videos=VideoLimits(
            8_000_000_000,
            0.5,
            1200.0,
            ("video/mp4", "video/quicktime"),
            Source("X's best practices for media: without Premium 20 minutes; until 2026 it was 140 s", _CHECKED),
            captions="srt",
            codecs=("h264",),
            sounds=("aac",),
            max_rate=60.0,
            min_ratio=1 / 3,
            max_ratio=3.0,  # the same page bounds films by 1280 by 1024 and tells who may upload 1080p: not held to
            doubtful_after=120.0,  # "not allowed to post a video longer than 2 minutes", as reported in July 2026
        ),
        threads=True,
        addressed=True,
        comments=(_TEXT,),
        cashtags=_CASHTAGS,
        replies=(Replies.EVERYONE, *REPLY_SETTINGS),
        link_card="server",
        retract="the post, for $0.010; replies to it and quotes of it stay",
        rate=Rate(100, timedelta(minutes=15), Source("X's table of rate limits: for one user", _CHECKED)),
        price=Price(0.015, 0.20, Source("X's pay-per-use prices", _CHECKED), 0.005, 0.010, 0.001),
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
        Setting(
            "premium",
            f"`yes` if the account has X Premium: its posts may be {_PREMIUM_LENGTH:,} characters long",
            "yes",
            required=False,
            default="no",
            pattern="yes|no",
            shape="yes or no",
            limits={"yes": {_TEXT_LENGTH: _PREMIUM_LENGTH}},
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's text and alt texts.

        Raise Rejected for a GIF among other pictures, and where nobody is to answer a post that mentions somebody.
        """
        return Prepared(tuple([prepare_part(part, content) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Upload and describe the media, then post, in answer to the part before.

        Raise OutcomeUnknown also if X calls the post a duplicate: one like it may be the lost one, so it is looked for.
        """
        client = _Client(context)
        language = part.body.get("language", "")
        media = [client.upload(each, alt, language) for each, alt in zip(part.media, part.body["alts"], strict=True)]
        return _make_receipt(client.post(part, media))

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Look for the part among the account's own posts since the delivery's first claim; take the oldest match.

        A match has the same words, answers the part before and is not known to be another delivery's. The time goes
        back to the claim, since the post that makes this one a duplicate may stem from an earlier attempt.
        """
        moments = [moment for moment in (context.sent_after, context.created_at) if moment is not None]
        if not moments:
            raise ValueError("to find a part takes the moment at which it was sent")
        window = (min(moments) - _SKEW, context.clock.now() + _SKEW)
        bound, parent = context.bound(), _find_parent(part, context)
        found: str | None = None
        for post in _Client(context).list_posts(window[0]):
            number = str(post.get("id"))
            if number.isdecimal() and number not in bound and is_match(post, part.text, parent, window):
                found = number  # newest first: the last one is the oldest
        return _make_receipt(found) if found else Found.UNSURE

    def who_am_i(self, context: Context) -> str:
        """Return the account's name with its @."""
        return "@" + _Client(context).call("GET", "/2/users/me").field("data", "username")

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the post, which X charges for; one that is gone is taken back."""
        try:
            reply = _Client(context).ask("DELETE", receipt)
        except _Gone:
            return
        if read_object(read_answer(reply), "data").get("deleted") is not True:
            raise reply.problem("answered without saying that the post is deleted")

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether X still shows the post to its author; X charges for each look."""
        try:
            reply = _Client(context).ask("GET", receipt)
        except _Gone:
            return False
        if reply.field("data", "id") != find_post_id(receipt, "status"):
            raise reply.problem("answered with another post")
        return True


def _find_parent(part: PreparedPart, context: Context) -> str | None:
    """Return the id of the post that a part answers: the first comment the first one, others the one before."""
    if not context.earlier:
        return None
    return context.earlier[0 if part.body.get("is_comment") else -1].remote_id


def _is_gone(answer: Mapping[str, Any]) -> bool:
    """Return whether X says that there is no such post; it may say so with HTTP 200."""
    kinds = [answer.get("type"), *(each.get("type") for each in read_objects(answer, "errors"))]
    return any(str(kind).endswith("/resource-not-found") for kind in kinds)


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

    def ask(self, method: str, receipt: Receipt) -> Reply:
        """Make one call about a post. Raise _Gone if X says that there is none of its id."""
        reply = self.call(method, f"/2/tweets/{find_post_id(receipt, 'status')}")
        if _is_gone(read_answer(reply)):
            raise _Gone("X has no such post.")
        return reply

    def post(self, part: PreparedPart, media: list[str]) -> str:
        """Make the post, in answer to the one that it follows, and return its id."""
        import tweepy  # here, since it takes as long to load as a whole preview

        key, secret, token, token_secret = self._secrets
        client = tweepy.Client(None, key, secret, token, token_secret, return_type=dict, wait_on_rate_limit=False)
        client.session = self._context.wire.session()
        about = {"in_reply_to_tweet_id": _find_parent(part, self._context), "media_ids": media or None}
        with self._context.wire.commit(self._explain_post):
            try:
                answer = client.create_tweet(
                    text=part.body["text"], reply_settings=part.body.get("reply_settings"), **about
                )
            except ValueError:
                raise OutcomeUnknown("X answered something that is not JSON. The post may be out.") from None
        number = str(read_object(answer, "data").get("id"))
        if not number.isdecimal():
            raise OutcomeUnknown("X answered without the new post's id. The post may be out.")
        return number

    def upload(self, media: Media, alt: str, language: str) -> str:
        """Upload a picture with its alt text, or a film with its captions, and return its id once X can use it."""
        file = self._context.open_media(media)
        kind, is_gif = file.content_type, file.content_type == "image/gif"
        if media.is_video or is_gif or len(file.content) > _AT_ONCE_BYTES:
            category = "tweet_video" if media.is_video else "tweet_gif" if is_gif else "tweet_image"
            number, reply = self._upload_in_chunks(file.content, kind, category)
        else:
            number, reply = self._upload_at_once("picture", file.content[:], kind, "tweet_image")
        self._wait_until_processed(number, reply, media)
        if media.captions:
            self._add_captions(number, media, language)
        elif alt and not media.is_video:  # X documents no alt text of films
            self.call("POST", "/2/media/metadata", json={"id": number, "metadata": {"alt_text": {"text": alt}}})
        return number

    def _upload_at_once(self, name: str, content: bytes, kind: str, category: str) -> tuple[str, Reply]:
        form, files = {"media_category": category, "media_type": kind}, {"media": (name, content, kind)}
        reply = self.call("POST", "/2/media/upload", form=form, files=files, upload=True)
        return reply.field("data", "id"), reply

    def _upload_in_chunks(self, content: bytes | mmap, kind: str, category: str) -> tuple[str, Reply]:
        about = {"media_type": kind, "total_bytes": len(content), "media_category": category}
        number = self.call("POST", "/2/media/upload/initialize", json=about).field("data", "id")
        size = max(_CHUNK_BYTES, -(-len(content) // _MOST_CHUNKS))
        for index, start in enumerate(range(0, len(content), size)):
            self.call(
                "POST",
                f"/2/media/upload/{number}/append",
                form={"segment_index": str(index)},
                files={"media": ("chunk", content[start : start + size], "application/octet-stream")},
                upload=True,
            )
        return number, self.call("POST", f"/2/media/upload/{number}/finalize")

    def _add_captions(self, number: str, media: Media, language: str) -> None:
        words, code = self._context.open_captions(media).encode(), language.partition("-")[0]
        captions, _ = self._upload_at_once("captions.srt", words, "text/srt", "subtitles")
        named = {"id": captions, "language_code": code.upper(), "display_name": _LANGUAGES.get(code.lower(), language)}
        about = {"id": number, "media_category": "TweetVideo", "subtitles": named}
        self.call("POST", "/2/media/subtitles", json=about)

    def _wait_until_processed(self, number: str, reply: Reply, media: Media) -> None:
        """Wait as long as X asks for, within bounds. Raise Rejected if X cannot use it, Unavailable if it goes on."""
        what, hint = ("film", "as MP4 (H.264, AAC)") if media.is_video else ("picture", "as a JPEG or PNG")
        for _ in range(_MOST_FILM_LOOKS if media.is_video else _MOST_LOOKS):
            info = read_object(read_object(read_answer(reply), "data"), "processing_info")
            if info.get("state", "succeeded") == "succeeded":  # a picture has nothing to be waited for
                return
            if info["state"] == "failed":
                reason = str(read_object(info, "error").get("message") or "it does not say why")
                raise Rejected(f"X cannot use a {what} of this post: {reason}. Save it anew, {hint}.")
            asked = info.get("check_after_secs")
            seconds = float(asked) if isinstance(asked, int | float) else 1.0
            self._context.clock.sleep(min(max(seconds, 1.0), _LONGEST_PAUSE))
            reply = self.call("GET", "/2/media/upload", query={"command": "STATUS", "media_id": number})
        raise Unavailable(f"X is still processing a {what} of this post. Nothing was sent.")

    def list_posts(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Yield the account's own posts since then, newest first."""
        query = {
            "max_results": "100",
            "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tweet.fields": _LISTED_OF_PREMIUM if self._is_premium() else _LISTED,
        }
        path = f"/2/users/{self._find_user()}/tweets"
        for _ in range(_MOST_PAGES):
            answer = self.call("GET", path, query=query).json()
            yield from read_objects(answer, "data")
            token = read_object(answer, "meta").get("next_token")
            if not token:
                return
            query["pagination_token"] = str(token)

    def _is_premium(self) -> bool:
        return self._context.limits.get(_TEXT_LENGTH, 0) > _TEXT.maximum

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
        if reply.status == 404 and _is_gone(read_answer(reply)):
            return _Gone(f"X has no such post: {words}.")
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
