"""X without a server: what is prepared, how long a text is there, and which listed post is the one that was sent."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.account import Account, SecretRef
from scheduler.domain.campaign import Replies
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.problem import Place
from scheduler.domain.x_matching import is_match, restore_text
from scheduler.errors import Rejected
from scheduler.platforms.x import PLATFORM

NOW = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
WINDOW = (NOW - timedelta(minutes=2), NOW + timedelta(minutes=2))
PLACE = Place("a.yaml", 3, 5)
ACCOUNT = Account("force-x", "x", PLATFORM.server, secrets={"api_key": SecretRef("env", "X_API_KEY")})


def make_media(content_type: str = "image/jpeg", alt: str = "Two hands") -> Media:
    return Media("hands.jpg", alt, "0" * 64, content_type, 16, 9, 100)


def make_content(*texts: str, media: tuple[Media, ...] = ()) -> Content:
    return Content(tuple(ContentPart(text, PLACE, media=media) for text in texts))


class TestPreparing:
    def test_it_is_plain_json_with_the_very_text(self) -> None:
        text = "Think “é” & <spot> 👩‍👩‍👧\n\nhttps://example.org/?a=1&b=2 #CEADay27"
        prepared = PLATFORM.prepare(make_content(text, "Two", media=(make_media(),)), ACCOUNT, {})
        assert [part.text for part in prepared.parts] == [text, "Two"]
        assert json.loads(json.dumps(prepared.parts[0].body)) == {"text": text, "alts": ["Two hands"]}
        assert prepared == PLATFORM.prepare(make_content(text, "Two", media=(make_media(),)), ACCOUNT, {})

    def test_a_bare_domain_is_a_link_too(self) -> None:
        """X shortens it, and charges the price of a post with a link."""
        (part,) = PLATFORM.prepare(make_content("See example.org/signs, or https://example.com."), ACCOUNT, {}).parts
        assert part.links == ("example.org/signs", "https://example.com")

    def test_a_gif_stands_alone(self) -> None:
        gif = make_media("image/gif")
        assert PLATFORM.prepare(make_content("One", media=(gif,)), ACCOUNT, {}).parts[0].media == (gif,)
        with pytest.raises(Rejected, match="GIF only by itself"):
            PLATFORM.prepare(make_content("Two", media=(gif, make_media())), ACCOUNT, {})

    def test_who_may_answer_is_said_once_in_x_s_words(self) -> None:
        content = make_content("One", "Two")._replace(replies=Replies.MENTIONED)
        bodies = [part.body for part in PLATFORM.prepare(content, ACCOUNT, {}).parts]
        assert [body.get("reply_settings") for body in bodies] == ["mentionedUsers", None]
        (everyone,) = PLATFORM.prepare(make_content("One")._replace(replies=Replies.EVERYONE), ACCOUNT, {}).parts
        assert "reply_settings" not in everyone.body

    def test_nobody_is_kept_from_answering_only_where_nobody_is_mentioned(self) -> None:
        alone = make_content("Think. a@example.org")._replace(replies=Replies.NOBODY)
        assert PLATFORM.prepare(alone, ACCOUNT, {}).parts[0].body["reply_settings"] == "mentionedUsers"
        with pytest.raises(Rejected, match="this post mentions @council"):
            PLATFORM.prepare(make_content("With @council")._replace(replies=Replies.NOBODY), ACCOUNT, {})
        mentioned = make_content("With @council")._replace(replies=Replies.MENTIONED)
        assert PLATFORM.prepare(mentioned, ACCOUNT, {}).parts[0].body["reply_settings"] == "mentionedUsers"

    def test_followers_are_none_of_x_s_settings(self) -> None:
        content = make_content("One")._replace(replies=Replies.FOLLOWERS)
        assert "reply_settings" not in PLATFORM.prepare(content, ACCOUNT, {}).parts[0].body
        (problem,) = check_content(content, PLATFORM.capabilities, {}, "force-x")
        assert "it knows: everyone, mentioned, nobody" in problem.message

    def test_the_language_goes_with_captions_only(self) -> None:
        film = make_media("video/mp4")._replace(seconds=5.0)
        plain, captioned = (
            PLATFORM.prepare(make_content("Film", media=(each,)), ACCOUNT, {}).parts[0].body
            for each in (film, film._replace(captions="film.srt"))
        )
        assert (plain.get("language"), captioned.get("language")) == (None, "en")


class TestLimits:
    def test_films_of_every_shape_and_length_that_x_takes(self) -> None:
        film = make_media("video/mp4")._replace(seconds=60.0, width=1920, height=1080, captions_needed=False)

        def check(film: Media) -> list[str]:
            problems = check_content(make_content("Film", media=(film,)), PLATFORM.capabilities, {}, "force-x")
            return [f"{problem.severity}: {problem.message}" for problem in problems]

        assert check(film) == []
        assert check(film._replace(width=1080, height=1920)) == []
        assert check(film._replace(seconds=121.0)) == [
            "warning: hands.jpg runs 121.0 s; force-x may refuse more than 120 s."
        ]
        assert check(film._replace(seconds=1201.0)) == ["error: hands.jpg runs 1201.0 s; force-x takes 0.5 to 1200 s."]
        assert check(film._replace(seconds=0.4)) == ["error: hands.jpg runs 0.4 s; force-x takes 0.5 to 1200 s."]
        assert len(check(film._replace(width=1000, height=300))) == 1
        assert check(film._replace(content_type="video/webm")) == [
            "error: force-x does not take video/webm: hands.jpg."
        ]

    @pytest.mark.parametrize(
        "text, excess",
        [
            ("x" * 280, 0),
            ("x" * 281, 1),
            ("漢" * 140, 0),
            ("漢" * 141, 2),
            ("x" * 256 + " https://example.org/" + "a" * 200, 0),
            ("x" * 257 + " https://example.org/", 1),
            ("👩‍👩‍👧‍👦" * 140, 0),
        ],
    )
    def test_length_is_weighted(self, text: str, excess: int) -> None:
        problems = check_content(make_content(text), PLATFORM.capabilities, {}, "force-x")
        assert [problem.hint.split(",")[0] for problem in problems] == ([f"Take out {excess}"] if excess else [])

    def test_four_pictures_and_a_thousand_characters_of_alt_text(self) -> None:
        fits = make_content("Pictures", media=(make_media(alt="x" * 1000),) * 4)
        assert check_content(fits, PLATFORM.capabilities, {}, "force-x") == []
        too_many = make_content("Pictures", media=(make_media(alt="x" * 1001),) * 5)
        problems = check_content(too_many, PLATFORM.capabilities, {}, "force-x")
        assert "at most 4 pictures" in problems[0].message
        assert all("takes 1000" in problem.message for problem in problems[1:])

    def test_every_figure_has_a_source_and_a_day(self) -> None:
        facts = PLATFORM.capabilities
        assert facts.images and facts.rate and facts.price
        for source in (facts.source, facts.text[0].source, facts.repeat.source, facts.images.source, facts.rate.source):
            assert source.where and source.checked.year >= 2026


def list_post(text: str, urls: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    entities = {"entities": {"urls": urls}} if urls else {}
    return {"id": "77", "text": text, "created_at": "2027-03-18T08:00:01.000Z", **entities, **fields}


class TestRestoring:
    @pytest.mark.parametrize(
        "shown, urls, written",
        [
            ("Spot &amp; speak &lt;out&gt;", [], "Spot & speak <out>"),
            ("As typed: &amp;amp;", [], "As typed: &amp;"),
            ("e\u0301", [], "é"),
            (
                "See https://t.co/aaa, now",
                [{"url": "https://t.co/aaa", "expanded_url": "https://example.org/?a=1&copy=2"}],
                "See https://example.org/?a=1&copy=2, now",
            ),
            (
                "Hands https://t.co/bbb",
                [{"url": "https://t.co/bbb", "expanded_url": "https://x.com/force/status/77/photo/1"}],
                "Hands",
            ),
            (
                "Film https://t.co/bbb",
                [{"url": "https://t.co/bbb", "expanded_url": "https://x.com/i/1", "media_key": "7_1"}],
                "Film",
            ),
            (
                "Read https://t.co/ccc",
                [{"url": "https://t.co/ccc", "expanded_url": "https://x.com/force/status/5"}],
                "Read https://x.com/force/status/5",
            ),
        ],
    )
    def test_it_is_as_written(self, shown: str, urls: list[dict[str, Any]], written: str) -> None:
        assert restore_text(list_post(shown, urls)) == written

    def test_of_a_long_post_the_whole_text_is_read(self) -> None:
        """X cuts `text` short, in the middle of a link if need be."""
        links = [{"url": "https://t.co/aaa", "expanded_url": "https://example.org/signs"}]
        whole = {"text": f"{'Spot &amp; speak. ' * 20}https://t.co/aaa", "entities": {"urls": links}}
        shown = list_post("Spot &amp; speak.… https://t.co/bbb", note_tweet=whole)
        written = f"{'Spot & speak. ' * 20}https://example.org/signs"
        assert restore_text(shown) == written
        assert is_match(shown, written, None, WINDOW)
        assert not is_match(shown, f"{written}!", None, WINDOW)

    def test_what_is_no_post_has_no_text(self) -> None:
        assert restore_text({"text": None, "entities": {"urls": ["?", {}]}}) == ""


class TestMatching:
    def test_the_same_words_in_time(self) -> None:
        assert is_match(list_post("Think"), "Think", None, WINDOW)
        assert not is_match(list_post("Think!"), "Think", None, WINDOW)
        assert not is_match(list_post("think"), "Think", None, WINDOW)

    def test_spaces_and_the_scheme_of_a_bare_domain_do_not_count(self) -> None:
        urls = [{"url": "https://t.co/a", "expanded_url": "http://example.org/"}]
        assert is_match(list_post("See https://t.co/a\n\nnow", urls), " See example.org\nnow ", None, WINDOW)
        assert not is_match(list_post("See https://t.co/a now", urls), "See example.com now", None, WINDOW)

    @pytest.mark.parametrize("created", ["2027-03-18T07:57:59Z", "2027-03-18T08:02:01Z", "yesterday", None])
    def test_another_time_is_another_post(self, created: str | None) -> None:
        assert not is_match(list_post("Think", created_at=created), "Think", None, WINDOW)

    @pytest.mark.parametrize("edge", ["2027-03-18T07:58:00Z", "2027-03-18T08:02:00Z", "2027-03-18T09:02:00+01:00"])
    def test_the_window_is_closed(self, edge: str) -> None:
        assert is_match(list_post("Think", created_at=edge), "Think", None, WINDOW)

    def test_a_part_answers_the_part_before(self) -> None:
        reply = list_post("Two", referenced_tweets=[{"type": "replied_to", "id": "5"}])
        assert is_match(reply, "Two", "5", WINDOW)
        assert not is_match(reply, "Two", "6", WINDOW)
        assert not is_match(reply, "Two", None, WINDOW)
        assert not is_match(list_post("Two"), "Two", "5", WINDOW)
        quote = list_post("Two", referenced_tweets=[{"type": "quoted", "id": "5"}])
        assert is_match(quote, "Two", None, WINDOW)


def test_neither_preview_nor_check_loads_what_posts() -> None:
    """Both load a platform's module for its facts; tweepy and what signs take as long again as the whole preview."""
    code = (
        "import sys, scheduler.platforms.x; print([n for n in ('tweepy', 'requests', 'oauthlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
