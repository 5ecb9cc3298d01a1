"""The pure parts of the Mastodon client: its versions, limits, keys, and what a post is compared by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Link, Replies
from scheduler.domain.capabilities import measure_content, measure_text
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.instance_limits import find_limits, honours_key
from scheduler.domain.problem import Place
from scheduler.domain.status_text import normalise_text, turn_html_to_text
from scheduler.platforms.mastodon import PLATFORM, make_idempotency_key
from scheduler.sources.settings import PlatformFacts, read_settings

PLACE = Place("campaigns/ce.yaml", 7, 3)
ACCOUNT = Account("force", "mastodon", "https://social.example.org", {}, {"access_token": SecretRef("env", "TOKEN")})
PICTURE = Media("hands.jpg", "An open palm.", "d" * 64, "image/jpeg", 1200, 900, 50_000)
CONTENT = Content(
    (
        ContentPart("Think.\n\nhttps://www.example.org/signs", PLACE, Link("https://www.example.org/signs")),
        ContentPart("Speak out. #CEADay27", PLACE, media=(PICTURE,)),
    ),
    "en-GB",
)


@pytest.mark.parametrize(
    ("version", "honours"),
    [
        ("4.7.2", True),
        ("4.0.0", True),
        ("4.6.0-rc1", True),
        ("4.5.0-alpha.3", True),
        ("4.5.0-beta.1+glitch", True),
        ("4.4.0-nightly.2025-03-01", True),
        ("4.3.9+glitch", True),
        ("4.2.17+hometown-1.1.1", True),
        ("10.0.1", True),
        ("4.0.0 (not true; really snac/2.75)", False),
        ("2.7.2 (compatible; Pleroma 2.6.3)", False),
        ("4.2.1 (compatible; Iceshrimp.NET/2025.1)", False),
        ("0.17.3+git-6acbc5d", False),
        ("3.5.3+0.17.3", False),  # GoToSocial when it is told to pose as Mastodon
        ("4.2.0+gotosocial-0.17", False),
        ("takahe/0.11.0", False),
        ("4.7", False),
        ("", False),
    ],
)
def test_only_mastodon_and_its_forks_are_taken_to_honour_the_key(version: str, honours: bool) -> None:
    assert honours_key(version) is honours


def test_limits_are_read_in_the_shapes_that_servers_have() -> None:
    statuses = {"max_characters": 1000, "max_media_attachments": 8, "characters_reserved_per_url": 23}
    newest = {
        "version": "4.7.0",
        "configuration": {"statuses": statuses, "media_attachments": {"description_limit": 9}},
    }
    assert find_limits(newest) == {"max_characters": 1000, "max_images": 8, "alt_length": 9, "honours_key": 1}
    pleroma = {"version": "2.7.2 (compatible; Pleroma 2.6)", "max_toot_chars": 5000, "description_limit": 5000}
    assert find_limits(pleroma) == {"max_characters": 5000, "alt_length": 5000, "honours_key": 0}


def test_what_films_a_server_does_not_take_is_read_from_those_it_lists() -> None:
    def read(**told: object) -> dict[str, int]:
        found = find_limits({"configuration": {"media_attachments": told}})
        return {name: value for name, value in found.items() if name != "honours_key"}

    assert read(supported_mime_types=["image/png", "video/mp4"]) == {"video/quicktime": 0, "video/webm": 0}
    assert read(supported_mime_types=["video/mp4", "video/webm", "video/quicktime"], video_size_limit=7) == {
        "max_video_bytes": 7
    }
    for nothing in list[object]([[], None, "video/mp4", {}]):
        assert read(supported_mime_types=nothing) == {}


@pytest.mark.parametrize("odd", ["500", None, True, -1, 0, 12.5, [500], {"max": 500}])
def test_what_is_no_whole_number_is_no_limit(odd: object) -> None:
    assert find_limits({"configuration": {"statuses": {"max_characters": odd}}}) == {"honours_key": 0}
    assert find_limits({"configuration": odd, "version": odd}) == {"honours_key": 0}


def test_a_request_is_prepared_alike_each_time_and_holds_everything_but_ids() -> None:
    prepared = PLATFORM.prepare(CONTENT, ACCOUNT, {})
    assert prepared == PLATFORM.prepare(CONTENT, ACCOUNT, {})
    first, second = prepared.parts
    assert first.body == {"status": CONTENT.parts[0].text, "language": "en", "visibility": "public", "alts": []}
    assert first.links == ("https://www.example.org/signs",)
    assert (second.text, second.media, second.body["alts"]) == ("Speak out. #CEADay27", (PICTURE,), ["An open palm."])
    assert json.loads(json.dumps(dict(second.body))) == second.body


def test_a_content_warning_stands_in_every_part_but_the_comment() -> None:
    comment = ContentPart("Call 101", PLACE, is_comment=True)
    content = CONTENT._replace(parts=(*CONTENT.parts, comment), content_warning="Talks about abuse")
    bodies = [part.body for part in PLATFORM.prepare(content, ACCOUNT, {}).parts]
    assert [body.get("spoiler_text") for body in bodies] == ["Talks about abuse", "Talks about abuse", None]
    assert [body.get("sensitive") for body in bodies] == [True, True, None]
    lengths = [length.length for length in measure_content(content, PLATFORM.capabilities, {})]
    alone = [length.length for length in measure_content(CONTENT, PLATFORM.capabilities, {})]
    assert lengths == [*(length + len("Talks about abuse") for length in alone), len("Call 101")]


def test_who_may_answer_cannot_be_told() -> None:
    (problem,) = check_content(CONTENT._replace(replies=Replies.NOBODY), PLATFORM.capabilities, {}, "force")
    assert "cannot be told who may answer" in problem.message


def test_a_film_is_held_to_what_its_server_told() -> None:
    film = Media("film.mov", "A teacher asks.", "d" * 64, "video/quicktime", 320, 180, 1_000, captions_needed=False)

    def check(limits: dict[str, int]) -> list[str]:
        content = Content((ContentPart("Film", PLACE, media=(film,)),))
        return [problem.message for problem in check_content(content, PLATFORM.capabilities, limits, "force")]

    assert check({}) == []
    assert check({"video/webm": 0, "max_video_bytes": 1_000}) == []
    assert check({"video/quicktime": 0}) == ["force does not take video/quicktime: film.mov."]
    assert check({"max_video_bytes": 999}) == ["film.mov has 1,000 bytes; force takes 999."]
    assert check({"alt_length": 4}) == ["The description of film.mov is 15 characters long; force takes 4."]


def test_a_key_stays_with_its_part_and_its_words_and_pictures() -> None:
    part = PLATFORM.prepare(CONTENT, ACCOUNT, {}).parts[1]
    key = make_idempotency_key("ce/films/2027/force", 1, part)
    assert key == make_idempotency_key("ce/films/2027/force", 1, part._replace(body=dict(sorted(part.body.items()))))
    others = {
        make_idempotency_key("ce/films/2028/force", 1, part),
        make_idempotency_key("ce/films/2027/force", 2, part),
        make_idempotency_key("ce/films/2027/force", 1, part._replace(body={**part.body, "status": "Speak up."})),
        make_idempotency_key("ce/films/2027/force", 1, part._replace(media=(PICTURE._replace(digest="e" * 64),))),
    }
    assert len(others | {key}) == 5
    assert len(key) == 64


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "See https://www.example.org/signs/of/exploitation?a=1&b=2 #CEADay27",
            '<p>See <a href="https://www.example.org/signs/of/exploitation?a=1&amp;b=2" rel="nofollow noopener">'
            '<span class="invisible">https://www.</span><span class="ellipsis">example.org/signs/of/exploitat</span>'
            '<span class="invisible">ion?a=1&amp;b=2</span></a> <a href="https://social.example.org/tags/CEADay27" '
            'class="mention hashtag" rel="tag">#<span>CEADay27</span></a></p>',
        ),
        (
            "Thanks @council@example.org!",
            '<p>Thanks <span class="h-card"><a href="https://example.org/@council" class="u-url mention">'
            "@<span>council</span></a></span>!</p>",
        ),
        ("One\ntwo\n\nthree  four", "<p>One<br />two</p><p>three four</p>"),
        ("Tea & <b>biscuits</b>, 3 < 4", "<p>Tea &amp; &lt;b&gt;biscuits&lt;/b&gt;, 3 &lt; 4</p>"),
        ("Tea & 3 < 4", "Tea & 3 < 4<br>"),  # snac2 escapes nothing
        ("Cafe\u0301", "<p>Caf\u00e9</p>"),
    ],
)
def test_a_post_is_known_again_however_servers_show_it(written: str, shown: str) -> None:
    assert normalise_text(turn_html_to_text(shown)) == normalise_text(written)


@pytest.mark.parametrize("other", ["Speak out!", "Speak out", "speak out.", "Speak out. #CEADay27", ""])
def test_other_words_are_another_post(other: str) -> None:
    assert normalise_text(turn_html_to_text(f"<p>{other}</p>")) != normalise_text("Speak out.")


def test_links_and_handles_count_as_mastodon_counts_them() -> None:
    text = "@council@example.org https://www.example.org/" + "x" * 200
    assert measure_text(text, PLATFORM.capabilities, {}).length == len("@council ") + 23
    bare = "www.example.org/" + "x" * 200
    assert measure_text(bare, PLATFORM.capabilities, {}).length == len(bare)
    assert measure_text("👩‍👩‍👧‍👦" * 500, PLATFORM.capabilities, {}).excess == 0
    assert measure_text("x" * 501, PLATFORM.capabilities, {"max_characters": 5000}).limit == 5000


def read_account(line: str) -> tuple[Account | None, list[str]]:
    """Return the account that a line of settings makes, and the problems as people see them."""
    facts = {"mastodon": PlatformFacts(PLATFORM.server, PLATFORM.settings)}
    settings, problems = read_settings(f"accounts:\n  force: {line}\n".encode(), "config.yaml", facts)
    return (settings.accounts["force"] if settings else None), [str(problem) for problem in problems]


def test_an_account_says_which_server_it_lives_on() -> None:
    account, [problem] = read_account("{platform: mastodon, access_token: env:TOKEN}")
    assert account is None
    assert problem.startswith("config.yaml:2:3: error: 'server' is missing")
    account, problems = read_account(
        "{platform: mastodon, server: https://social.example.org/, access_token: env:TOKEN}"
    )
    assert account is not None
    assert (account.server, problems) == ("https://social.example.org", [])


def test_the_example_settings_hold_a_mastodon_account() -> None:
    example = Path(__file__).parents[2] / "config.example.yaml"
    block = example.read_text(encoding="utf-8").partition("  force-mastodon:\n")[2].partition("  # A noticeboard")[0]
    lines = [line.strip() for line in block.splitlines() if line.strip() and "#" not in line]
    account, problems = read_account("{" + ", ".join(lines) + "}")
    assert problems == []
    assert account is not None
    assert account.platform == "mastodon"
