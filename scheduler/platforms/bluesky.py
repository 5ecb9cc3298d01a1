"""Bluesky, through the AT Protocol: a post is a record whose key is ours, so that the same call again changes nothing.

A post that says who may answer is two records, the post and its gate, made together or not at all: readers' servers
mark a post as gated when its gate reaches them after it (`bluesky-social/atproto`, packages/bsky, thread-gate.ts).

Sources, checked on 25 November 2026: the lexicons of `bluesky-social/atproto`, its data server 0.4.217 run locally, and
docs.bsky.app, "Uploading Video".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

from scheduler.domain.account import Account
from scheduler.domain.answers import read_answer
from scheduler.domain.bluesky_answers import (
    FilmKnown,
    NotFound,
    TokenEnded,
    explain_call,
    explain_film,
    explain_login,
    explain_refreshing,
    need_object,
    read_job,
    read_place,
)
from scheduler.domain.bluesky_record import (
    GATES,
    POSTS,
    list_writes,
    make_record_key,
    name_data_server,
    prepare_part,
)
from scheduler.domain.campaign import Replies
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    ImageLimits,
    Limits,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
    VideoLimits,
)
from scheduler.domain.content import Content, Media
from scheduler.domain.delivery import Found, Prepared, PreparedPart, Receipt
from scheduler.domain.measure import Unit
from scheduler.domain.receipts import find_post_id
from scheduler.errors import PublishError, Rejected, Unavailable

if TYPE_CHECKING:
    from mmap import mmap

    from scheduler.domain.ports import Context, Explain, MediaFile, Platform, Reply

_CHECKED = date(2026, 11, 25)
_POST_LEXICON = Source("lexicon app.bsky.feed.post; enforced by the data server 0.4.217", _CHECKED)
_TEXT = (TextLimit(300, Unit.GRAPHEMES, _POST_LEXICON), TextLimit(3000, Unit.BYTES, _POST_LEXICON))
_SESSION_FIELDS = ("accessJwt", "refreshJwt", "did")
_BLUESKYS_OWN, _ITS_VIDEO_SERVICE = "https://bsky.social", "https://video.bsky.app"
_PASS_LASTS = timedelta(minutes=30)  # for the video service; the server gives none for longer than an hour
_FILM_POLLS = (1.0, 1.0, 2.0, 2.0, 4.0, *(5.0,) * 10, *(15.0,) * 36)  # seconds between looks: ten minutes


class Bluesky:
    """Implements the ports Platform, Finds, WhoAmI, Retracts and Verifies. App passwords last until revoked.

    `find` tells for certain, since a record's key is ours.
    """

    name = "bluesky"
    title = "Bluesky"
    server = _BLUESKYS_OWN
    hosts = ("video.bsky.app",)
    capabilities = Capabilities(
        text=_TEXT,
        repeat=Repeat(
            Idempotency.OWN_KEY, Source("com.atproto.repo.putRecord with swapRecord null, run locally", _CHECKED)
        ),
        source=_POST_LEXICON,
        images=ImageLimits(
            4,
            1_000_000,  # newer servers take 2,000,000; which one an account lives on is not known beforehand
            ("image/jpeg", "image/png", "image/webp"),
            2000,
            Source("lexicon app.bsky.embed.images; for alt text and pixels social-app's constants.ts", _CHECKED),
            Unit.GRAPHEMES,
            max_side=2000,
            uncertain=("max_bytes", "alt_length", "max_side"),
        ),
        videos=VideoLimits(
            300_000_000,  # servers with a lexicon older than August 2026 say 100 MB
            0.0,
            86_400.0,  # no document says how long; three minutes is what the apps take
            ("video/mp4",),
            Source("lexicon app.bsky.embed.video of August 2026", _CHECKED),
            captions="vtt",
            alt_length=1000,
            alt_unit=Unit.GRAPHEMES,
            captions_bytes=20_000,
            doubtful_after=180.0,
            uncertain=("longest", "alt_length"),
        ),
        threads=True,
        addressed=True,
        comments=_TEXT,
        replies=tuple(Replies),
        link_card="client",
        retract="the post, and who might answer it; answers to it and quotes of it stay",
        rate=Rate(1666, timedelta(hours=1), Source("5,000 points an hour, 3 for a new record", _CHECKED)),
    )
    settings = (
        Setting("handle", "the account's handle, without the @", "force.example.org"),
        Setting("app_password", "an app password, never the main one", "env:BLUESKY_APP_PASSWORD", secret=True),
        Setting(
            "video_server",
            "the service that makes films ready; left out, Bluesky's for accounts on bsky.social. With 'none', as for "
            "accounts elsewhere, they go straight to the account's server and show some seconds after the post",
            _ITS_VIDEO_SERVICE,
            required=False,
            pattern=r"none|https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?",
            shape="an address that begins with https://, or none",
        ),
    )

    def prepare(self, content: Content, account: Account, limits: Limits) -> Prepared:
        """Return each part's text, facets, card and alt texts; what only the server knows is added when publishing."""
        return Prepared(tuple([prepare_part(part, content) for part in content.parts]))

    def publish_part(self, part: PreparedPart, index: int, context: Context) -> Receipt:
        """Resolve mentions, upload the media, then make the record under its own key, which no other call can take.

        Raise OutcomeUnknown if something sits under that key already.
        """
        login, rkey = _Login(context), _own_key(index, context)
        record = _make_record(part, index, context)
        if embed := _upload_media(part, login) if part.media else part.body["card"]:
            record["embed"] = embed
        login.prove()  # the committing call has one try, so a token that ended is to be found before it
        if "allow" in part.body:
            return _make_receipt(_commit_with_gate(record, rkey, part, login), rkey, login.handle)
        # "Only if nothing is there": left out, `swapRecord` would let another record be overwritten.
        request = {**login.locate(rkey), "record": record, "swapRecord": None}
        reply = login.call("POST", "com.atproto.repo.putRecord", json=request, commit=True)
        return _make_receipt(reply, rkey, login.handle)

    def find(self, part: PreparedPart, index: int, context: Context) -> Receipt | Found:
        """Read the record of our own key: its absence is proof, other words under it are for a person to look at."""
        login, rkey = _Login(context), _own_key(index, context)
        try:
            reply = login.call("GET", "com.atproto.repo.getRecord", query=login.locate(rkey))
        except NotFound:
            return Found.ABSENT
        if need_object(reply, "value").get("text") != part.text:
            return Found.UNSURE
        return _make_receipt(reply, rkey, login.handle)

    def retract(self, receipt: Receipt, index: int, context: Context) -> None:
        """Delete the record, then its gate; the server says yes also where there is none."""
        login, rkey = _Login(context), find_post_id(receipt, "post")
        for collection in (POSTS, GATES):
            login.call("POST", "com.atproto.repo.deleteRecord", json=login.locate(rkey, collection))

    def is_live(self, receipt: Receipt, index: int, context: Context) -> bool:
        """Return whether the account's own server still has the record."""
        login = _Login(context)
        try:
            reply = login.call("GET", "com.atproto.repo.getRecord", query=login.locate(find_post_id(receipt, "post")))
        except NotFound:
            return False
        need_object(reply, "value")
        return True

    def who_am_i(self, context: Context) -> str:
        """Return the account's handle with its @, as the server knows it."""
        return "@" + _Login(context).prove()


# --- From what is prepared to a record -------------------------------------------------------------------------------


def _make_record(part: PreparedPart, index: int, context: Context) -> dict[str, Any]:
    """Return the record but for its media; equal at each attempt, as far as handles point where they did."""
    assert context.created_at is not None, "whoever publishes says when the delivery was claimed"
    created = context.created_at.astimezone(UTC) + timedelta(milliseconds=index)
    record: dict[str, Any] = {
        "$type": POSTS,
        "text": part.body["text"],
        "langs": part.body["langs"],
        "createdAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if facets := [pointed for facet in part.body["facets"] if (pointed := _point_facet(facet, context))]:
        record["facets"] = facets
    if context.earlier:
        parent = context.earlier[0 if part.body.get("is_comment") else -1]
        ends = {"root": context.earlier[0].data, "parent": parent.data}
        record["reply"] = {end: {"uri": data["uri"], "cid": data["cid"]} for end, data in ends.items()}
    return record


def _point_facet(facet: dict[str, Any], context: Context) -> dict[str, Any] | None:
    """Return a facet with its mention pointing to an account; None if the handle is nobody's: it stays plain text."""
    feature = facet["features"][0]
    if "handle" not in feature:
        return facet
    path = "/xrpc/com.atproto.identity.resolveHandle"
    try:
        did = context.wire.request("GET", path, query={"handle": feature["handle"]}).field("did")
    except Rejected:
        return None
    return {**facet, "features": [{"$type": feature["$type"], "did": did}]}


def _commit_with_gate(record: dict[str, Any], rkey: str, part: PreparedPart, login: _Login) -> Reply:
    """Make the post and its gate in one call, which fails as a whole where either is there already."""
    did = login.locate(rkey)["repo"]
    request = {"repo": did, "writes": list_writes(did, rkey, record, part.body["allow"])}
    return login.call("POST", "com.atproto.repo.applyWrites", json=request, commit=True)


def _own_key(index: int, context: Context) -> str:
    assert context.created_at is not None, "whoever publishes or finds says when the delivery was claimed"
    return make_record_key(context.key, index, context.created_at)


def _make_receipt(reply: Reply, rkey: str, handle: str) -> Receipt:
    uri, cid = read_place(reply)
    return Receipt(uri, f"https://bsky.app/profile/{handle}/post/{rkey}", {"uri": uri, "cid": cid, "rkey": rkey})


# --- Pictures and films ----------------------------------------------------------------------------------------------


def _upload_media(part: PreparedPart, login: _Login) -> dict[str, Any]:
    """Return the embed of a part's pictures, or of its film."""
    if part.media[0].is_video:
        return _upload_film(part.media[0], part.body["alts"][0], part.body["langs"][0], login)
    images = []
    for picture, alt in zip(part.media, part.body["alts"], strict=True):
        file = login.context.open_media(picture)
        blob = login.upload(file.content, file.content_type)
        images.append({"image": blob, "alt": alt, "aspectRatio": {"width": file.width, "height": file.height}})
    return {"$type": "app.bsky.embed.images", "images": images}


def _upload_film(film: Media, alt: str, language: str, login: _Login) -> dict[str, Any]:
    file, account = login.context.open_media(film), login.context.account
    usual = _ITS_VIDEO_SERVICE if account.server == _BLUESKYS_OWN else "none"
    service = account.settings.get("video_server", usual).rstrip("/")
    straight = service == "none"
    blob = login.upload(file.content, file.content_type) if straight else _send_to_service(film, file, service, login)
    shape = {"width": file.width, "height": file.height}
    embed: dict[str, Any] = {"$type": "app.bsky.embed.video", "video": blob, "alt": alt, "aspectRatio": shape}
    if film.captions:
        captions = login.upload(login.context.open_captions(film).encode(), "text/vtt")
        embed["captions"] = [{"lang": language, "file": captions}]
    return embed


def _send_to_service(film: Media, file: MediaFile, service: str, login: _Login) -> Mapping[str, Any]:
    """Have a film made ready, which also puts it on the account's server, and return what a post names it by."""
    wire, headers = login.context.wire, {"Authorization": f"Bearer {login.get_pass()}", "Content-Type": "video/mp4"}
    query, path = {"did": login.locate("")["repo"], "name": f"{film.digest[:32]}.mp4"}, f"{service}/xrpc/app.bsky.video"
    request: dict[str, Any] = {"query": query, "body": file.content, "headers": headers, "upload": True}
    try:
        job, blob = read_job(wire.request("POST", f"{path}.uploadVideo", explain=explain_film, **request), film.path)
    except FilmKnown as known:
        job, blob = known.job, {}
    for seconds in _FILM_POLLS:
        if blob:
            break
        login.context.clock.sleep(seconds)
        _, blob = read_job(wire.request("GET", f"{path}.getJobStatus", query={"jobId": job}), film.path)
    if not blob:
        raise Unavailable(f"Bluesky is still working on the film {film.path}. Nothing was sent.")
    return blob


# --- The log-in ------------------------------------------------------------------------------------------------------


class _Login:
    """One account's calls. Its session is kept between runs, since servers allow few log-ins (30 in five minutes).

    A token that ended is renewed, first with the refresh token, then with the app password, each at most once.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.handle = context.account.settings["handle"].strip().removeprefix("@")
        self._about = {"handle": self.handle, "server": context.account.server}
        kept = context.sessions.load(context.account.name)
        ours = all(kept.get(name) == value for name, value in self._about.items())
        self._session = {name: str(kept.get(name) or "") if ours else "" for name in _SESSION_FIELDS}
        self._ways = [self._refresh, self._log_in]

    def locate(self, rkey: str, collection: str = POSTS) -> dict[str, str]:
        """Return where a record of this account is kept."""
        if not self._session["did"]:
            self._renew()
        return {"repo": self._session["did"], "collection": collection, "rkey": rkey}

    def upload(self, content: bytes | mmap, content_type: str) -> Mapping[str, Any]:
        """Put a file on the account's server and return what a record names it by."""
        headers = {"Content-Type": content_type}
        reply = self.call("POST", "com.atproto.repo.uploadBlob", body=content, headers=headers, upload=True)
        return need_object(reply, "blob")

    def get_pass(self) -> str:
        """Return a token with which the video service may put one file on the account's server."""
        session = read_answer(self.call("GET", "com.atproto.server.getSession"))
        query = {
            "aud": name_data_server(session, self.context.account.server),
            "lxm": "com.atproto.repo.uploadBlob",
            "exp": str(int((self.context.clock.now() + _PASS_LASTS).timestamp())),
        }
        answer = read_answer(self.call("GET", "com.atproto.server.getServiceAuth", query=query))
        token = str(answer.get("token") or "")  # not `reply.field`, which quotes what it cannot read
        if not token:
            raise Unavailable(f"{self.context.account.server} gave no token for the video service.")
        return token

    def prove(self) -> str:
        """Return the account's handle as the server knows it, and so make sure that the server takes the token."""
        return self.call("GET", "com.atproto.server.getSession").field("handle")

    def call(
        self, method: str, name: str, *, commit: bool = False, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Reply:
        """Make one call as the account; `request` as the wire takes it.

        Raise what the wire raises; Unavailable if a committing call found its token ended: the next attempt renews it.
        """
        if not self._session["accessJwt"]:
            self._renew()
        while True:
            sent = {**(headers or {}), "Authorization": f"Bearer {self._session['accessJwt']}"}
            try:
                return self.context.wire.request(
                    method, f"/xrpc/{name}", commit=commit, explain=self._explain, headers=sent, **request
                )
            except TokenEnded as ended:
                if commit:
                    self._keep({**self._session, "accessJwt": ""})
                    raise Unavailable(f"{ended} The next try logs in again.") from None
                self._renew()

    def _explain(self, reply: Reply) -> PublishError | None:
        return explain_call(reply, self.handle)

    def _renew(self) -> None:
        while self._ways:
            if self._ways.pop(0)():
                return
        raise Unavailable(f"{self.context.account.server} does not take the log-in that it has just given.")

    def _refresh(self) -> bool:
        """Get a new pair of tokens. Return False if there is no refresh token, or the server refused it."""
        if not self._session["refreshJwt"]:
            return False
        headers = {"Authorization": f"Bearer {self._session['refreshJwt']}"}
        try:
            self._start_session("refreshSession", explain_refreshing, headers=headers)
        except TokenEnded:
            return False
        return True

    def _log_in(self) -> bool:
        credentials = {"identifier": self.handle, "password": self.context.secret("app_password")}
        server = self.context.account.server
        self._start_session("createSession", lambda reply: explain_login(reply, self.handle, server), json=credentials)
        return True

    def _start_session(self, call: str, explain: Explain, **request: Any) -> None:
        path = f"/xrpc/com.atproto.server.{call}"
        reply = self.context.wire.request("POST", path, explain=explain, **request)
        # Not `reply.field`: the wire quotes in its errors what it cannot read, and these are secrets.
        answer = read_answer(reply)
        session = {name: str(answer.get(name) or "") for name in _SESSION_FIELDS}
        if not all(session.values()):
            raise Unavailable(f"{self.context.account.server} answered a log-in without a session.")
        self._keep(session)

    def _keep(self, session: Mapping[str, str]) -> None:
        self._session = dict(session)
        self.context.sessions.store(self.context.account.name, {**self._session, **self._about})


PLATFORM: Platform = Bluesky()
