"""Bluesky's pure half: record keys that never change, and facets that point at exactly what they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.domain.account import Account
from scheduler.domain.bluesky_record import find_facets, make_record_key
from scheduler.domain.campaign import Link
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.problem import Place
from scheduler.platforms.bluesky import PLATFORM

DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_/ABC", min_size=1, max_size=60)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))

LINKS = [
    "https://www.example.org/signs",
    "http://example.org",
    "https://example.org/a_(b)",
    "https://example.org/?q=a&b=%20#part",
    "https://пример.рф/путь",
    "https://example.org/👨‍👩‍👧",
    "HTTPS://EXAMPLE.ORG/A",
]
TAGS = ["#CEADay27", "#HelpingHands", "#Ymwybyddiaeth_2027", "#日本語", "#عربي", "#हिन्दी", "#é", "#1a", "＃Breit"]
MENTIONS = ["@force.example.org", "@a-b.c-d.test", "@council.gov.uk"]
WORDS = [
    "Think",
    "Spot",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "👨‍👩‍👧‍👦",
    "é",
    "مرحبا",
    "שלום",
    "\u202bright\u202c",
    "नमस्ते",
    "ｆｕｌｌ",
    "…",
    "–",
    "Ünïcode",
]
NOTHING = [
    "#1",
    "#2027",
    "#",
    "@",
    "@nobody",
    "@user@example.org",
    "a@example.org",
    "example.org",
    "http://",
    "a#b",
    "##",
]


def read_facets(text: str) -> list[tuple[str, str]]:
    """Return what each facet names and what its bytes read, after checking that they are in order and apart."""
    content, position, found = text.encode(), 0, []
    for facet in find_facets(text):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert position <= start < end <= len(content)
        position = end
        [feature] = facet["features"]
        named = feature.get("uri") or feature.get("tag") or feature["handle"]
        found.append((named, content[start:end].decode()))  # a range that cuts a character cannot be decoded
    return found


class TestRecordKeys:
    @settings(deadline=None)
    @given(KEYS, st.integers(0, 20), MOMENTS)
    def test_they_are_what_the_protocol_asks_for(self, key: str, index: int, created: datetime) -> None:
        tid = make_record_key(key, index, created)
        assert len(tid) == 13
        assert set(tid) <= set(DIGITS)
        assert tid[0] <= "j"

    @settings(deadline=None)
    @given(KEYS, st.integers(0, 20), MOMENTS, st.integers(-12, 12))
    def test_equal_input_gives_the_same(self, key: str, index: int, created: datetime, hours: int) -> None:
        elsewhere = created.astimezone(timezone(timedelta(hours=hours)))
        assert make_record_key(key, index, created) == make_record_key(key, index, elsewhere)

    @settings(deadline=None)
    @given(KEYS, MOMENTS, st.integers(2, 30))
    def test_they_sort_by_part(self, key: str, created: datetime, parts: int) -> None:
        tids = [make_record_key(key, index, created) for index in range(parts)]
        assert tids == sorted(set(tids))

    @settings(deadline=None)
    @given(KEYS, KEYS, MOMENTS)
    def test_another_delivery_has_another(self, key: str, other: str, created: datetime) -> None:
        assert (make_record_key(key, 0, created) == make_record_key(other, 0, created)) is (key == other)

    def test_thousands_in_one_second_differ(self) -> None:
        created = datetime(2027, 3, 18, 8, tzinfo=UTC)
        tids = {make_record_key(f"ce/think/2027/force-{number}", 0, created) for number in range(5000)}
        assert len(tids) == 5000

    def test_they_stay_as_they_were_when_something_was_first_posted(self) -> None:
        """A change of the recipe would post every claim under way a second time."""
        created = datetime(2027, 3, 18, 8, tzinfo=UTC)
        assert make_record_key("ce/think/2027/force", 0, created) == "3ndytlglvhkcp"
        assert make_record_key("ce/think/2027/force", 2, created) == "3ndytliebwckl"

    def test_they_carry_the_moment(self) -> None:
        created = datetime(2027, 3, 18, 8, tzinfo=UTC)
        number = 0
        for digit in make_record_key("ce/think/2027/force", 0, created):
            number = number << 5 | DIGITS.index(digit)
        assert (number >> 10) // 1_000_000 == created.timestamp()


class TestFacets:
    @settings(deadline=None)
    @given(st.lists(st.sampled_from(LINKS + TAGS + MENTIONS + WORDS + NOTHING), max_size=12))
    def test_each_reads_exactly_as_what_it_names(self, pieces: list[str]) -> None:
        wanted = [piece for piece in pieces if piece in LINKS + TAGS + MENTIONS]
        found = read_facets(" ".join(pieces))
        assert [read for _, read in found] == wanted
        assert [named for named, _ in found] == [
            piece if piece in LINKS else piece[1:].lower() if piece in MENTIONS else piece[1:] for piece in wanted
        ]

    @settings(deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [*LINKS, *TAGS, *MENTIONS, *WORDS, *NOTHING, *" .,;:!?()[]{}'\"\n\t", "\u200d", "\ufe0f", "\u0301"]
            )
            | st.text(max_size=3),
            max_size=14,
        ).map("".join)
    )
    @example("https://example.org/\u0301#tag@force.example.org")
    @example("#日本語https://example.org/a")
    @example("#é\u0301👨‍👩‍👧#a #b")
    def test_any_text_gives_ranges_that_name_what_they_hold(self, text: str) -> None:
        for named, read in read_facets(text):
            assert named in {read, read[1:], read[1:].lower()}
            assert read == named or read[0] in "#＃@"

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Read https://example.org/a.", ["https://example.org/a"]),
            ("Read https://example.org/a...", ["https://example.org/a"]),
            ("(https://example.org/a)", ["https://example.org/a"]),
            ("[https://example.org/a_(b)]", ["https://example.org/a_(b)"]),
            ("“https://example.org/a”, he said", ["https://example.org/a"]),
            ("https://example.org/a?b=c!", ["https://example.org/a?b=c"]),
            ("#CEADay27! #HelpingHands, #Think.", ["#CEADay27", "#HelpingHands", "#Think"]),
            ("(#CEADay27)#Speak", ["#CEADay27", "#Speak"]),
            ("#2027 #1 #18March", ["#18March"]),
            ("https://example.org/#part #tag", ["https://example.org/#part", "#tag"]),
            ("https://example.org/@force.example.org", ["https://example.org/@force.example.org"]),
            ("Ask @force.example.org.", ["@force.example.org"]),
            ("@force @user@example.org a@example.org", []),
            ("👨‍👩‍👧#family @force.example.org", ["#family", "@force.example.org"]),
            ("نص #عربي https://example.org/أ", ["#عربي", "https://example.org/أ"]),
            ("https://example.org/a\ufeff #tag", ["https://example.org/a", "#tag"]),
            ("", []),
        ],
    )
    def test_what_is_found(self, text: str, found: list[str]) -> None:
        assert [read for _, read in read_facets(text)] == found

    def test_a_tag_longer_than_the_protocol_takes_stays_plain_text(self) -> None:
        assert read_facets("#" + "a" * 64) == [("a" * 64, "#" + "a" * 64)]
        assert read_facets("#" + "a" * 65) == []
        assert read_facets("#" + "a\u0301" * 64) != []
        assert read_facets("#" + ("a" + "\u0301" * 9) * 64) == []  # 64 graphemes of 19 bytes

    def test_a_mention_is_as_a_handle_can_be(self) -> None:
        assert read_facets("@FORCE.example.org") == [("force.example.org", "@FORCE.example.org")]
        for handle in ("@a_b.example.org", "@a.1", "@-a.org", "@" + "a" * 64 + ".org", "@" + "a." * 130 + "org"):
            assert read_facets(handle) == [], handle


class TestPrepare:
    def prepare(self, *parts: ContentPart) -> list[dict[str, Any]]:
        account = Account("force", "bluesky", PLATFORM.server, {"handle": "force.test"}, {})
        prepared = PLATFORM.prepare(Content(parts, "cy"), account, {})
        assert prepared == PLATFORM.prepare(Content(parts, "cy"), account, {})
        return [dict(part.body) for part in prepared.parts]

    def part(self, text: str, **more: Any) -> ContentPart:
        return ContentPart(text, Place("a.yaml"), **more)

    def test_a_card_has_the_title_of_the_calendar_or_the_address(self) -> None:
        told = Link("https://example.org/a/", "The signs", "How to spot them")
        bare = Link("https://example.org/a/")
        bodies = self.prepare(self.part("one", link=told), self.part("two", link=bare), self.part("three"))
        cards = [body["card"] and body["card"]["external"] for body in bodies]
        assert cards == [
            {"uri": told.url, "title": "The signs", "description": "How to spot them"},
            {"uri": bare.url, "title": "example.org/a", "description": ""},
            None,
        ]

    def test_pictures_leave_no_room_for_a_card(self) -> None:
        media = Media("a.jpg", "Hands", "0" * 64, "image/jpeg", 10, 10, 100)
        [body] = self.prepare(self.part("one", link=Link("https://example.org"), media=(media,)))
        assert body["card"] is None
        assert (body["alts"], body["langs"]) == (["Hands"], ["cy"])
