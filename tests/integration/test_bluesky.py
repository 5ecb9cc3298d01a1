"""Bluesky against its real data server: what a calendar says is what the server holds, once."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from scheduler.domain.bluesky_record import find_facets, make_record_key
from scheduler.domain.campaign import Image as CampaignImage
from scheduler.domain.campaign import Link
from scheduler.domain.content import ContentPart, Media
from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import OutcomeUnknown, Rejected
from scheduler.media import inspect_image
from tests.accounts import PLACE, make_part, make_picture
from tests.bluesky_desk import Desk, fetch_blob, open_desk
from tests.boards import Project, write_utc

if TYPE_CHECKING:
    from tests.servers.bluesky import BlueskyAccount, BlueskyServer

TEXT = (
    "Think, spot, speak out 🏴󠁧󠁢󠁥󠁮󠁧󠁿 – Ünïcode “quotes” & <b>\n\nmeddwl (https://example.org/a_(b)). نص #عربي\n\n"
    "#CEADay27, #HelpingHands!"
)


@pytest.fixture
def desk(bluesky: BlueskyServer, tmp_path: Path) -> Desk:
    return open_desk(bluesky, tmp_path)


def read_records(desk: Desk) -> list[dict[str, Any]]:
    assert desk.server is not None
    assert desk.account is not None
    return [post.raw["value"] for post in desk.server.posts(desk.account)]


def read_facets(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the bytes of each facet on the server read, and what it points at."""
    content, found = record["text"].encode(), []
    for facet in record["facets"]:
        [feature] = facet["features"]
        read = content[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        found.append((read, feature.get("uri") or feature.get("tag") or feature["did"]))
    return found


class TestText:
    def test_it_arrives_byte_for_byte_with_its_facets(self, desk: Desk) -> None:
        prepared = desk.prepare(make_part(TEXT))
        receipt = desk.publish(prepared)
        [record] = read_records(desk)
        assert record["text"].encode() == TEXT.encode() == prepared.parts[0].text.encode()
        assert read_facets(record) == [
            ("https://example.org/a_(b)", "https://example.org/a_(b)"),
            ("#عربي", "عربي"),
            ("#CEADay27", "CEADay27"),
            ("#HelpingHands", "HelpingHands"),
        ]
        assert record["langs"] == ["en"]
        assert receipt.remote_id.endswith(f"/app.bsky.feed.post/{receipt.data['rkey']}")
        assert (
            receipt.url
            == f"https://bsky.app/profile/{desk.account and desk.account.handle}/post/{receipt.data['rkey']}"
        )
        assert desk.looks == 1

    def test_a_mention_points_at_its_account_and_nobodys_stays_text(self, bluesky: BlueskyServer, desk: Desk) -> None:
        partner = bluesky.new_account("partner")
        desk.publish(desk.prepare(make_part(f"With @{partner.handle.upper()} and @nobody.test.")))
        [record] = read_records(desk)
        assert read_facets(record) == [(f"@{partner.handle.upper()}", partner.did)]

    def test_a_link_has_its_card(self, desk: Desk) -> None:
        link = Link("https://example.org/signs", "The signs – “spot” them", "What to look for")
        desk.publish(desk.prepare(ContentPart("Spot", PLACE, link=link)))
        [record] = read_records(desk)
        card = {"uri": link.url, "title": link.title, "description": link.description}
        assert record["embed"] == {"$type": "app.bsky.embed.external", "external": card}

    def test_a_text_too_long_is_rejected_in_the_server_s_words(self, desk: Desk) -> None:
        with pytest.raises(Rejected, match=r"Bluesky refused this post: .*must not be longer than 300 graphemes|300"):
            desk.publish(desk.prepare(make_part("é" * 301)))
        assert desk.texts() == []
        desk.publish(desk.prepare(make_part("é" * 300)))


class TestRecordKeys:
    def test_the_server_takes_any(self, bluesky: BlueskyServer) -> None:
        """Two hundred keys at once, of deliveries and moments of every kind."""
        account, base = bluesky.new_account(), datetime(2026, 1, 1, tzinfo=UTC)
        keys = [
            make_record_key(f"campaign-{n}/post/20{n % 70 + 26}/force", n % 7, base + timedelta(hours=n * 997.3))
            for n in range(200)
        ]
        write(bluesky, account, [{"text": "one of many", "rkey": key} for key in keys])
        seen = [post.id.rsplit("/", 1)[1] for post in bluesky.posts(account)]
        assert seen == sorted(keys)

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.lists(
                st.sampled_from(
                    ["https://example.org/", "HTTP://e.org/?", "#", "@", "é", "👨‍👩‍👧", " ", "\ufeff", ".", "a", "ü/"]
                )
                | st.characters(exclude_categories=["Cs"]),
                max_size=14,
            ).map("".join),
            min_size=8,
            max_size=8,
        )
    )
    def test_the_server_takes_any_text_with_its_facets(self, bluesky: BlueskyServer, texts: list[str]) -> None:
        """All but mentions, which wait for an account's id."""
        records = []
        for text in texts:
            facets = [facet for facet in find_facets(text) if "handle" not in facet["features"][0]]
            records.append({"text": text, "facets": facets})
        account = share_account(bluesky)
        before = bluesky.count(account)
        write(bluesky, account, records)
        assert bluesky.count(account) == before + len(texts)


@cache
def share_account(server: BlueskyServer) -> BlueskyAccount:
    """Return one account for all the examples of a property; each has its own log-in else, and those are slow."""
    return server.new_account()


def write(server: BlueskyServer, account: BlueskyAccount, records: list[dict[str, Any]]) -> None:
    """Put records on the server in one call, which holds them to the lexicon."""
    writes = []
    for record in records:
        value = {"$type": "app.bsky.feed.post", "createdAt": "2027-03-18T08:00:00Z", **record}
        place = {"rkey": value.pop("rkey")} if "rkey" in value else {}
        kind = "com.atproto.repo.applyWrites#create"
        writes.append({"$type": kind, "collection": "app.bsky.feed.post", "value": value, **place})
    answer = requests.post(
        f"{server.base_url}/xrpc/com.atproto.repo.applyWrites",
        headers={"Authorization": f"Bearer {open_session(server, account)['accessJwt']}"},
        json={"repo": account.did, "validate": True, "writes": writes},
        timeout=30,
    )
    assert answer.ok, answer.text


@cache
def open_session(server: BlueskyServer, account: BlueskyAccount) -> dict[str, Any]:
    return server.session(account)


class TestPictures:
    def test_four_with_alt_texts_and_shapes(self, desk: Desk, tmp_path: Path) -> None:
        media = [make_picture(tmp_path, colour, f"A {colour} square – é") for colour in ("red", "teal", "navy", "gold")]
        desk.publish(desk.prepare(make_part("Four", *media)))
        [record] = read_records(desk)
        assert record["embed"]["$type"] == "app.bsky.embed.images"
        assert [image["alt"] for image in record["embed"]["images"]] == [each.alt for each in media]
        assert {tuple(image["aspectRatio"].values()) for image in record["embed"]["images"]} == {(16, 9)}

    def test_a_photograph_arrives_upright_and_says_nothing_of_its_place(self, desk: Desk, tmp_path: Path) -> None:
        assert desk.server is not None
        assert desk.account is not None
        desk.publish(desk.prepare(make_part("Hands", take_photograph(tmp_path))))
        [record] = read_records(desk)
        [image] = record["embed"]["images"]
        content = fetch_blob(desk.server, desk.account, image["image"]["ref"]["$link"])
        sent = Image.open(io.BytesIO(content))
        assert sent.size == (80, 120) == (image["aspectRatio"]["width"], image["aspectRatio"]["height"])
        colour = sent.getpixel((40, 5))
        assert isinstance(colour, tuple)
        assert colour[0] > 200
        assert not sent.getexif()
        assert b"CAMERA" not in content
        assert image["image"]["mimeType"] == "image/jpeg"

    def test_one_that_changed_after_it_was_made_ready_is_not_sent(self, desk: Desk, tmp_path: Path) -> None:
        prepared = desk.prepare(make_part("Hands", make_picture(tmp_path, "red", "Hands")))
        Image.new("RGB", (16, 9), "black").save(tmp_path / "red.png")
        with pytest.raises(Rejected, match="was changed after this post was made ready"):
            desk.publish(prepared)
        assert (desk.looks, desk.texts()) == (0, [])


def take_photograph(folder: Path) -> Media:
    """Return a photograph lying on its side, its top red, with a camera's data and a place in it."""
    picture = Image.new("RGB", (120, 80), "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, 60, 80), fill="red")
    exif = Image.Exif()
    exif[274], exif[0x010F] = 6, "CAMERA"
    exif.get_ifd(0x8825)[2] = (53.0, 28.0, 51.0)
    picture.save(folder / "photo.jpg", quality=95, exif=exif)
    assert b"CAMERA" in (folder / "photo.jpg").read_bytes()
    return inspect_image(CampaignImage(str(folder / "photo.jpg"), "Hands", PLACE))


class TestOnce:
    def test_the_same_again_is_the_same_record(self, desk: Desk, tmp_path: Path) -> None:
        media = make_picture(tmp_path, "red", "A red square")
        prepared = desk.prepare(make_part(TEXT, media))
        receipts = {(receipt.remote_id, receipt.data["cid"]) for receipt in (desk.publish(prepared) for _ in range(3))}
        assert len(receipts) == 1
        assert desk.texts() == [TEXT]
        found = desk.find(prepared)
        assert not isinstance(found, Found)
        assert {(found.remote_id, found.data["cid"])} == receipts

    def test_what_was_never_sent_is_absent(self, desk: Desk) -> None:
        assert desk.find(desk.prepare(make_part("Never sent"))) is Found.ABSENT

    def test_something_else_in_its_place_is_left_alone_and_shown_to_a_person(self, desk: Desk) -> None:
        desk.publish(desk.prepare(make_part("Other words")))
        prepared = desk.prepare(make_part("Our words"))
        with pytest.raises(OutcomeUnknown, match="Something else is already at this post's place"):
            desk.publish(prepared)
        assert desk.find(prepared) is Found.UNSURE
        assert desk.texts() == ["Other words"]

    def test_another_delivery_with_equal_words_is_another_post(self, desk: Desk) -> None:
        prepared = desk.prepare(make_part("Equal words"))
        desk.publish(prepared)
        desk.key = "ce/spot/2027/force"
        desk.publish(prepared)
        assert desk.texts() == ["Equal words"] * 2


class TestThreads:
    PARTS = ("First", "Second", "Third #CEADay27")

    def test_three_parts_hang_together(self, desk: Desk) -> None:
        assert desk.server is not None
        assert desk.account is not None
        prepared = desk.prepare(*map(make_part, self.PARTS))
        receipts: list[Receipt] = []
        for _ in self.PARTS:
            receipts.append(desk.publish(prepared, receipts))
        seen = desk.server.posts(desk.account)
        assert [(post.text, post.parent) for post in seen] == [
            ("First", None),
            ("Second", receipts[0].remote_id),
            ("Third #CEADay27", receipts[1].remote_id),
        ]
        reply = seen[2].raw["value"]["reply"]
        assert reply["root"] == {name: receipts[0].data[name] for name in ("uri", "cid")}
        assert reply["parent"] == {name: receipts[1].data[name] for name in ("uri", "cid")}
        assert [post.created_at for post in seen] == sorted({post.created_at for post in seen})

    def test_one_sent_in_half_goes_on_where_it_stopped(
        self, desk: Desk, bluesky: BlueskyServer, tmp_path: Path
    ) -> None:
        prepared = desk.prepare(*map(make_part, self.PARTS))
        first = desk.publish(prepared)
        later = open_desk(bluesky, tmp_path, account=desk.account)  # after a restart
        later.created_at = desk.created_at
        assert later.find(prepared, [first]) is Found.ABSENT
        second = later.publish(prepared, [first])
        assert later.find(prepared, [first]) == second
        later.publish(prepared, [first, second])
        assert later.texts() == list(self.PARTS)


CALENDAR = """\
campaign: ce
date: {date}
timezone: UTC
accounts: [force]
hashtags: ["#CEADay{{yy}}"]
posts:
  - id: think
    when: {when}
    text: 'Think – Ünïcode “quotes” 🏴󠁧󠁢󠁥󠁮󠁧󠁿 & <b> @nobody.test'
    link: {{url: "https://example.org/?a=1&b=2", title: The signs}}
  - id: films
    when: {when}
    thread:
      - text: First part
        images: [{{file: hand.png, alt: An open hand.}}]
      - text: Second part
"""


def test_a_calendar_becomes_posts_exactly_as_previewed(
    bluesky: BlueskyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, account, now = Project(tmp_path), bluesky.new_account(), datetime.now(UTC)
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", account.password)
    settings = {"server": bluesky.base_url, "handle": account.handle, "app_password": "env:BLUESKY_APP_PASSWORD"}
    project.write_accounts({"force": {"platform": "bluesky", **settings}})
    Image.new("RGB", (320, 200), "seagreen").save(tmp_path / "campaigns" / "hand.png")
    project.write_calendar(CALENDAR.format(date=now.date().isoformat(), when=write_utc(now)))
    rows = json.loads(project.run("preview", "--format", "json", code=0).stdout)
    for _ in range(2):
        done = project.run("run", "--once", code=0)
        assert account.password not in done.stdout + done.stderr
    previewed = [part for row in rows for part in row["parts"]]
    seen = {post.text: post for post in bluesky.posts(account)}
    assert bluesky.count(account) == len(previewed) == 3
    assert set(seen) == {part["text"] for part in previewed}
    assert seen["First part"].alt_texts == ("An open hand.",)
    assert {entry["status"] for entry in project.history().values()} == {"posted"}
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and account.password.encode() in path.read_bytes()]
    assert kept == []
