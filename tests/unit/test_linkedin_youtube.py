"""What LinkedIn and YouTube declare and prepare: an age that the forecast warns of, and what each post says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.account import Account, SecretRef
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.forecast import Standing, forecast_account
from scheduler.domain.problem import Place, Severity
from scheduler.errors import Rejected
from scheduler.platforms.linkedin import PLATFORM as LINKEDIN
from scheduler.platforms.youtube import PLATFORM as YOUTUBE

PLACE = Place("campaigns/ce.yaml", 7, 3)
PAGE = Account("page", "linkedin", LINKEDIN.server, {"organization": "2414183"})
CHANNEL = Account("channel", "youtube", YOUTUBE.server, {"client_id": "1-a"})
FILM = Media("film.mp4", "A teacher asks.", "d" * 64, "video/mp4", 1280, 720, 900_000, seconds=60.0)
FILM = FILM._replace(captions="film.srt", captions_digest="c" * 64)


@pytest.mark.parametrize(
    ("version", "now", "severity", "words"),
    [
        ("202611", datetime(2027, 8, 1, tzinfo=UTC), None, ""),
        ("202611", datetime(2027, 9, 15, tzinfo=UTC), Severity.WARNING, "LinkedIn knows it until"),
        ("202611", datetime(2027, 11, 2, tzinfo=UTC), Severity.ERROR, "may refuse it by now"),
        ("", datetime(2028, 1, 1, tzinfo=UTC), Severity.ERROR, "'version' is of 10/2026"),  # the program's own
    ],
)
def test_an_old_version_of_linkedins_interface_is_forecast(
    version: str, now: datetime, severity: Severity | None, words: str
) -> None:
    account = PAGE._replace(settings={**PAGE.settings, **({"version": version} if version else {})})
    standing = Standing(account, LINKEDIN.title, LINKEDIN.capabilities, LINKEDIN.settings)
    found = [each for each in forecast_account(standing, [], now) if "version" in each.message]
    assert [each.severity for each in found] == ([severity] if severity else [])
    assert all(words in each.message for each in found)


REFRESHING = {name: SecretRef("env", "NOWHERE") for name in ("access_token", "client_secret", "refresh_token")}


@pytest.mark.parametrize(
    ("settings", "secrets", "ends", "found"),
    [
        (("client_id",), REFRESHING, None, []),
        (("client_id",), REFRESHING, 5, []),
        (("client_id",), REFRESHING, -1, ["page: its credentials ended on 28 February 2027."]),
        (("client_id",), ("access_token", "client_secret"), 5, ["page: its credentials end on 6 March 2027."]),
        ((), ("access_token",), None, ["page: its token lasts 60 days, and nobody knows since when."]),
        ((), REFRESHING, None, ["page: its token lasts 60 days, and nobody knows since when."]),  # no client_id
    ],
)
def test_linkedins_token_is_renewed_with_a_refresh_token_only(
    settings: tuple[str, ...], secrets: tuple[str, ...], ends: int | None, found: list[str]
) -> None:
    now = datetime(2027, 3, 1, tzinfo=UTC)
    account = PAGE._replace(
        settings={"organization": "2414183", "version": "202702"} | dict.fromkeys(settings, "78abc"),
        secrets={name: REFRESHING[name] for name in secrets},
    )
    until = None if ends is None else now + timedelta(days=ends)
    standing = Standing(account, LINKEDIN.title, LINKEDIN.capabilities, LINKEDIN.settings, (), until)
    assert [problem.message for problem in forecast_account(standing, [], now)] == found


def prepare_film(text: str, title: str = "", **settings: str) -> dict[str, dict[str, object]]:
    """Return what YouTube is told of a film."""
    account = CHANNEL._replace(settings={**CHANNEL.settings, **settings})
    part = ContentPart(text, PLACE, media=(FILM._replace(title=title),))
    return dict(YOUTUBE.prepare(Content((part,), "cy"), account, {}).parts[0].body)


def test_a_film_is_named_by_its_title_or_by_the_first_line() -> None:
    text = "Helping Hands\n\nThink, spot, speak out. #CEADay27"
    assert prepare_film(text, "She noticed")["snippet"]["title"] == "She noticed"
    snippet = prepare_film(text)["snippet"]
    assert (snippet["title"], snippet["description"]) == ("Helping Hands", text)
    assert snippet["defaultLanguage"] == snippet["defaultAudioLanguage"] == "cy"


def test_who_sees_a_film_and_for_whom_it_is_made_are_settings() -> None:
    usual, other = prepare_film("Think"), prepare_film("Think", privacy="unlisted", made_for_kids="yes")
    assert (usual["status"]["privacyStatus"], usual["status"]["selfDeclaredMadeForKids"]) == ("public", False)
    assert (other["status"]["privacyStatus"], other["status"]["selfDeclaredMadeForKids"]) == ("unlisted", True)


def test_youtube_takes_no_post_without_a_film_and_no_pointed_brackets() -> None:
    words = Content((ContentPart("Think", PLACE),))
    with pytest.raises(Rejected, match="without a film"):
        YOUTUBE.prepare(words, CHANNEL, {})
    assert "without a film" in check_content(words, YOUTUBE.capabilities, {}, "channel")[0].message
    for text, title in (("a < b", "She noticed"), ("a", "a > b"), ("a", "a" * 101), ("a" * 101, "")):
        content = Content((ContentPart(text, PLACE, media=(FILM._replace(title=title),)),))
        (problem,) = check_content(content, YOUTUBE.capabilities, {}, "channel")
        assert problem.severity is Severity.ERROR


def test_linkedin_counts_what_readers_see() -> None:
    text = "(" * 3000
    assert check_content(Content((ContentPart(text, PLACE),)), LINKEDIN.capabilities, {}, "page") == []
    request = LINKEDIN.prepare(Content((ContentPart(text, PLACE),)), PAGE, {}).parts[0].body["request"]
    assert request["commentary"] == "\\(" * 3000
