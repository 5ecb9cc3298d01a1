"""Text lengths by unit, held against independent counters, and the links, tags and handles in a text."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
import regex
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from twitter_text import parse_tweet
from twitter_text.regexp.emoji import emoji_list

from scheduler.domain.emoji import emoji_pattern
from scheduler.domain.measure import Unit, find_hashtags, find_mentions, find_urls, measure, utf8_offset
from scheduler.domain.top_level_domains import TOP_LEVEL_DOMAINS, WIDE_TOP_LEVEL_DOMAINS, find_top_levels

EMOJI_OF_2019 = sorted({entry.emoji for entry in emoji_list})
KNOWN_TO_ORACLE = frozenset(EMOJI_OF_2019)
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def weigh(text: str) -> int:
    return measure(text, Unit.X_WEIGHTED)


def ask_oracle(text: str) -> int:
    return int(parse_tweet(text).weightedLength)


# --- X, against twitter-text-parser 3.0.0 ----------------------------------------------------------------------------

URL_PIECES = [
    *".-_/?&#@$:;,!'`()[]{}*+=%~|^<>ab1",
    *('"', "\\"),
    *("http://", "https://", "HTTPS://", "example", "Example.ORG", ".com", "co.uk", ".org", "gov.uk", "police.uk"),
    *("www.", "..", "()", ":8080", "a=1", "t.co", "https://t.co/abc", "t.co/abc?x=1", "_a", "b_", "a-", "-a"),
    *("xn--p1ai", ".xn--p1ai", "museum", "zz", ".zz"),
    *("é", "ü", "ï", "ι", "日本語", "中国", ".中国", "。", "한국", "рф", ".рф", ".РФ", "Привет", "я", "сайт"),
    *("भारत", ".भारतम्", "vermögensberater", ".嘉里", ".嘉里大酒店", "＃", "＠"),
]
ODD_PIECES = [
    *(" ", "\n", "\r\n", "\r", "\t", "\x1d", "\u3000", "\u00a0", "\u200b", "\u202a", "\u061c", "\ufeff", "\uffff"),
    *("e\u0301", "\u0301", "\u212b", "\u1100\u1161", "\u200d", "\ufe0f", "\u20e3", "🏽", "🇬", "🇧", "\U000e007f"),
    *("t.co/" + "a" * 41, "https://t.co/" + "a" * 41, "a" * 63, "a" * 64, "é" * 60, "x/" * 2040),
    *("’", "“", "…", "—", "‰", "™", "©", "®", "‼", "€", "∑", "𝐀", "ﷺ"),
]
PIECES = st.one_of(
    st.sampled_from(URL_PIECES),
    st.sampled_from(ODD_PIECES),
    st.sampled_from(EMOJI_OF_2019),
    st.sampled_from(["Speak out.", "#CEADay27", "example.org", "https://www.example.org/signs?a=b", "@force"]),
)
MIXTURES = st.lists(PIECES, max_size=14).map("".join)


def assume_comparable(text: str) -> None:
    """Leave out the three things in which the oracle is known to be wrong, each shown in a test of its own."""
    composed = unicodedata.normalize("NFC", text)
    # 1. Its table is Emoji 12 of January 2019; it counts newer sequences piece by piece, that is too high.
    assume(all(match.group() in KNOWN_TO_ORACLE for match in emoji_pattern().finditer(composed)))
    # 2. Python's `re` takes these for i and s when it ignores case; the JavaScript and Java of X do not.
    assume(not re.search("[ſıİ]", composed))
    # 3. It removes what stands before a Latin domain from the rest of the URL as well, where that repeats the domain.
    assume(not re.search(r"([^\0-\x7f][^\s/]*\.[^\s/]+).*\1", composed, re.DOTALL | re.IGNORECASE))


@settings(max_examples=600, deadline=None)
@given(MIXTURES)
@example("Think. Spot. Speak out: https://www.example.org/signs?a=(b). #CEADay27 @force.example.org")
@example("日本語example.com中国語 and example.com.zz, a_b.example.org/x_(y)_z! http://a_b.com")
@example("👩🏾‍🎤éco.uk🤷🏿‍♂️🏄🏻.рф/🟦")
@example("example.com/1️⃣ 1️⃣.example.com #️⃣example.com")
def test_x_agrees_with_the_oracle_on_mixtures(text: str) -> None:
    assume_comparable(text)
    assert weigh(text) == ask_oracle(text)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60))
def test_x_agrees_with_the_oracle_on_any_text(text: str) -> None:
    assume_comparable(text)
    assert weigh(text) == ask_oracle(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.-_/:?&=#()@!, \"'\n", max_size=60).map(lambda text: text.replace("1", "com")))
def test_x_agrees_with_the_oracle_on_dots_and_punctuation(text: str) -> None:
    assert weigh(text) == ask_oracle(text)


@pytest.mark.parametrize(
    "text",
    [
        *("\u10ff\u1100", "\u1fff\u2000\u200d\u200e", "\u200f\u2010\u201f\u2020", "\u2031\u2032\u2037\u2038"),
        *(f"{'a' * 63}.com", f"{'a' * 64}.com", f"b.{'a' * 64}.com/c", f"{'é' * 60}.com", f"http://{'é' * 60}.com"),
        *("https://example.org/" + "a" * extra for extra in (4068, 4069)),
        *("example.org/" + "a" * extra for extra in (4076, 4077)),
        "\ue000example.com",
        "https://example.com/日本example.org",
        "https://example.com/a日https://example.org",
        "-example.com _example.com /example.com .example.com $example.com",
        "日本語.example.com.中国/a",
        "a_b.com a_b.example.com https://a_b.com https://a_b.example.com",
    ],
)
def test_x_agrees_with_the_oracle_at_the_edges(text: str) -> None:
    assert weigh(text) == ask_oracle(text)


def test_every_emoji_of_the_oracle_weighs_two() -> None:
    assert len(EMOJI_OF_2019) > 3500
    assert {emoji: weigh(emoji) for emoji in EMOJI_OF_2019 if weigh(emoji) != 2} == {}


@pytest.mark.parametrize(
    "emoji",
    [
        *("🧑‍⚕️", "🧑🏿‍🚒", "🧑‍🎄", "👩‍🍼", "🤵‍♀️", "👰🏻‍♂️", "🏳️‍⚧️", "🐈‍⬛", "🐻‍❄️", "🤌🏽"),  # 12.1 and 13
        *("😮‍💨", "😶‍🌫️", "❤️‍🔥", "🧔🏽‍♀️", "👩🏻‍❤️‍👨🏿", "👨🏽‍❤️‍💋‍👨🏽", "🧑🏻‍❤️‍🧑🏿"),  # 13.1
        *("🫱🏻‍🫲🏿", "🫶🏾", "🐦‍⬛", "🙂‍↕️", "⛓️‍💥", "🧑‍🧑‍🧒‍🧒", "🏃🏽‍♀️‍➡️", "🧑‍🦽‍➡️", "🇨🇶", "👯🏽‍♀️", "🧑‍🩰"),  # 14 to 17
    ],
)
def test_a_newer_emoji_weighs_two_where_the_oracle_says_more(emoji: str) -> None:
    assert weigh(emoji) == 2
    assert ask_oracle(emoji) > 2


@pytest.mark.parametrize("text", ["😀🏽", "👍‍👍", "🇽🇽", "👩‍👨‍👧", "🧞🏽‍♂️", "a️", "😀️", "👩🏻‍🤝‍👨🏻", "🏴󠁧󠁢󠁮󠁩󠁲󠁿", "1️", "🇬🇧🇬"])
def test_what_only_looks_like_one_emoji_is_counted_piece_by_piece(text: str) -> None:
    assert weigh(text) == ask_oracle(text) > 2


def test_the_oracle_ignores_case_as_python_does() -> None:
    assert (weigh("example.ſk"), ask_oracle("example.ſk")) == (10, 23)


def test_the_oracle_shortens_a_repeated_domain_twice() -> None:
    text = "ябexample.com/бexample.com"
    assert (weigh(text), ask_oracle(text)) == (2 + 23, 2 + 23 + 1)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("£5 – “ŵ” e\u0301\r\n日本", 8 + 3 + 4),
        ("©", 2),
        (f"{ENGLAND}👨‍👩‍👧‍👦👍🏽1️⃣🇬🇧", 10),
        ("https://www.example.org/" + "a" * 200, 23),
        ("See example.org.", 4 + 23 + 1),
        ("See example.zz.", 15),
        ("me@example.org", 14),
        ("http://localhost/a", 18),
        ("(https://example.org/a)", 25),
    ],
)
def test_weights_of_x(text: str, weight: int) -> None:
    assert weigh(text) == weight


def test_the_weight_of_a_url_on_x_can_be_told() -> None:
    assert measure("a https://example.org example.org", Unit.X_WEIGHTED, 30) == 2 + 30 + 1 + 30


@pytest.mark.parametrize(
    "piece", ["a.", "a-", "日", "a_b.com.", "é.", "(", "https://example.org/a ", "#a\u0301", "@a.", ")"]
)
def test_a_very_long_text_is_measured_in_a_moment(piece: str) -> None:
    text = "https://example.org/" + piece * (30_000 // len(piece))
    assert weigh(text) >= 23
    assert measure(text, Unit.GRAPHEMES, 23, short_mentions=True) >= 23
    assert isinstance(find_hashtags(text) + find_mentions(text) + find_urls(text, bare_domains=True), list)


# --- The other units -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "graphemes", "characters", "size", "utf16"),
    [
        ("", 0, 0, 0, 0),
        ("abc", 3, 3, 3, 3),
        ("a\r\nb", 3, 4, 4, 4),
        ("£ŵ’€", 4, 4, 10, 4),
        ("’\r\n", 2, 3, 5, 3),
        ("e\u0301", 1, 2, 3, 2),
        ("👨‍👩‍👧", 1, 5, 18, 8),
        ("👍🏽!", 2, 3, 9, 5),
        ("🇬🇧🇫🇷", 2, 4, 16, 8),
        (ENGLAND, 1, 7, 28, 14),
        ("क्षि", 1, 4, 12, 4),
        ("a\u0600b", 2, 3, 4, 3),
        ("\udc80", 1, 1, 3, 1),
    ],
)
def test_plain_units(text: str, graphemes: int, characters: int, size: int, utf16: int) -> None:
    assert measure(text, Unit.GRAPHEMES) == graphemes
    assert measure(text, Unit.CHARACTERS) == characters
    assert measure(text, Unit.BYTES) == size
    assert measure(text, Unit.UTF16) == utf16


NEIGHBOURS = st.text(
    alphabet="ab \r\n’–€é\u00ad\u0300\u0301\u200d\ufe0f👍🏽🇬🇧👩❤कष्\u0600\u1100\u1161\u200b", max_size=30
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(NEIGHBOURS, st.text(max_size=40), MIXTURES))
def test_graphemes_agree_with_unicode_whole(text: str) -> None:
    assert measure(text, Unit.GRAPHEMES) == len(regex.findall(r"\X", text))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_bytes_and_utf16_agree_with_the_codecs(text: str) -> None:
    assert measure(text, Unit.BYTES) == len(text.encode())
    assert measure(text, Unit.UTF16) == len(text.encode("utf-16-le")) // 2


@settings(max_examples=200, deadline=None)
@given(NEIGHBOURS, st.data())
def test_an_offset_cuts_the_bytes_where_the_index_cuts_the_text(text: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(text)))
    assert text.encode()[utf8_offset(text, index) :].decode() == text[index:]


@pytest.mark.parametrize("index", [-1, 4])
def test_an_offset_outside_the_text_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match=f"index {index} is outside"):
        utf8_offset("a£b", index)


# --- Mastodon --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://www.example.org/" + "a" * 100, 23),
        ("http://a.uk", 23),
        ("See https://example.org/a, then (https://example.org/b).", 4 + 23 + 8 + 23 + 2),
        ("example.org/aaaaaaaaaaaaaaaaaaaaaa", 34),
        ("https://localhost/aaaaaaaaaaaaaaaaaaaa", 38),
        ("https://example.org/" + "a" * 4096, 20 + 4096),
        ("👍🏽 https://example.org/ café", 2 + 23 + 5),
        ("@user@mastodon.example.org hello", 11),
        ("@user.name@example.org, @other!", 10 + 9),
        ("@force.example.org", 18),
        ("me@user@example.org", 19),
        ("https://example.org/@user@example.org", 23),
        ("https://example.org @user@example.org", 23 + 6),
    ],
)
def test_mastodon_counts_links_alike_and_remote_handles_short(text: str, length: int) -> None:
    assert measure(text, Unit.GRAPHEMES, 23, short_mentions=True) == length


def test_nothing_is_shortened_unasked() -> None:
    text = "@user@example.org https://example.org/signs"
    assert measure(text, Unit.GRAPHEMES) == measure(text, Unit.CHARACTERS) == len(text)
    assert measure(text, Unit.CHARACTERS, 5) == 17 + 1 + 5
    assert measure(text, Unit.BYTES, short_mentions=True) == len(text) - len("@example.org")


# --- Links, tags and handles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("no link", []),
        ("See https://example.org.", ["https://example.org"]),
        ("See https://example.org/a?b=c&d=#e!", ["https://example.org/a?b=c&d=#e"]),
        ("(see https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("[https://example.org/a]; {http://example.org}?!", ["https://example.org/a", "http://example.org"]),
        ("“https://example.org/a”’s", ["https://example.org/a"]),
        ("HTTPS://EXAMPLE.ORG/A", ["HTTPS://EXAMPLE.ORG/A"]),
        ("日本https://例え.jp/道。", ["https://例え.jp/道"]),
        ("http://127.0.0.1:8080/x http://localhost/", ["http://127.0.0.1:8080/x", "http://localhost/"]),
        ("xhttps://example.org ftp://example.org https:// http://?", []),
        ("ftp://x/https://example.org", ["https://example.org"]),
        ("example.org", []),
        ("<https://example.org/a>", ["https://example.org/a"]),
        ("https://example.org/a)))", ["https://example.org/a"]),
    ],
)
def test_links_with_a_scheme(text: str, urls: list[str]) -> None:
    found = find_urls(text)
    assert [url for _, _, url in found] == urls
    assert all(text[start:end] == url for start, end, url in found)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See example.org/signs, or www.example.co.uk.", ["example.org/signs", "www.example.co.uk"]),
        ("me@example.org first.last@example.org @force.example.org @user@example.org", []),
        ("Stop.Then and e.g. 12.30 and v1.2", []),
        ("Stop.Now", ["Stop.Now"]),
        ("https://example.zz/a.com and example.org", ["https://example.zz/a.com", "example.org"]),
        ("example.中国 and пример.рф and xn--e1afmkfd.xn--p1ai", ["example.中国", "xn--e1afmkfd.xn--p1ai"]),
        ("日本語example.com中国語", ["example.com"]),
    ],
)
def test_links_without_a_scheme(text: str, urls: list[str]) -> None:
    found = find_urls(text, bare_domains=True)
    assert [url for _, _, url in found] == urls
    assert all(text[start:end] == url for start, end, url in found)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#CEADay27 #HelpingHands.", ["#CEADay27", "#HelpingHands"]),
        ("(#a), “#b” #c’s #d-e #f_g", ["#a", "#b", "#c", "#d", "#f_g"]),
        ("#1 #2027 #_ #", []),
        ("#999Day #_a", ["#999Day", "#_a"]),
        ("word#tag &#39; a/#tag ##tag #tag#tag", ["#tag"]),
        (
            "#Dydd_Gŵyl #cafe\u0301s #हिन्दी #日本・語 #日本・",
            ["#Dydd_Gŵyl", "#cafe\u0301s", "#हिन्दी", "#日本・語", "#日本"],
        ),
        ("e\u0301#tag", []),
        ("＃日本 #️⃣ #1️⃣ #🎉", ["＃日本"]),
        ("https://example.org/a?b#c https://example.org/?x=,#d example.org/,#e", []),
        ("https://example.org #a", ["#a"]),
    ],
)
def test_hashtags(text: str, tags: list[str]) -> None:
    found = find_hashtags(text)
    assert [tag for _, _, tag in found] == tags
    assert all(text[start:end] == tag for start, end, tag in found)


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@force, @other_force. (@third)", ["@force", "@other_force", "@third"]),
        ("Thanks @force.example.org!", ["@force.example.org"]),
        ("@user@example.org. @user-name@münchen.example", ["@user@example.org", "@user-name@münchen.example"]),
        (".@force “@a”", ["@force", "@a"]),
        ("me@example.org a_@b @@c @ @é @a@", []),
        ("https://example.org/@force https://example.org/,@force", []),
        ("@http://example.org", []),
        ("@forcé", []),
    ],
)
def test_mentions(text: str, handles: list[str]) -> None:
    found = find_mentions(text)
    assert [handle for _, _, handle in found] == handles
    assert all(text[start:end] == handle for start, end, handle in found)


@settings(max_examples=300, deadline=None)
@given(MIXTURES)
def test_what_is_found_stands_there_in_order_and_apart(text: str) -> None:
    for found in (find_urls(text), find_urls(text, bare_domains=True), find_hashtags(text), find_mentions(text)):
        assert all(text[start:end] == piece and piece for start, end, piece in found)
        assert all(one[1] <= other[0] for one, other in pairwise(found))


# --- Names and cost --------------------------------------------------------------------------------------------------


def test_the_top_level_domains_are_those_of_the_oracle() -> None:
    from twitter_text.regexp.valid_cctld import valid_cctld
    from twitter_text.regexp.valid_gtld import valid_gtld

    names = set()
    for pattern in (valid_gtld.pattern, valid_cctld.pattern):
        names |= set(pattern[len("(?:(?:") : pattern.index(")")].split("|"))
    assert TOP_LEVEL_DOMAINS | set(WIDE_TOP_LEVEL_DOMAINS) == names
    assert all(name.isascii() and name == name.lower() for name in TOP_LEVEL_DOMAINS)


def test_top_level_domains_are_found_with_their_dots() -> None:
    assert find_top_levels("a.ORG b.zz c.com中 d.com1 e.xn--p1ai f.рф g.org-h") == [
        (1, 5),
        (12, 16),
        (26, 35),
        (37, 40),
    ]


def test_ascii_and_common_typography_need_no_large_import() -> None:
    code = (
        "import sys; from scheduler.domain.measure import *\n"
        "assert 'scheduler.domain.x_weight' not in sys.modules\n"
        "for unit in Unit: measure('Speak out’s – £5 https://example.org/a #b', unit)\n"
        "print('regex' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
