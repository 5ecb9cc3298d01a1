"""A text below a picture or a film may have another limit: check, preview and what is under way go by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from scheduler.cli import group
from scheduler.domain.account import Account
from scheduler.domain.campaign import Image, Video
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Delivery, Prepared, PreparedPart, Record, Status
from scheduler.domain.fitness import check_content
from scheduler.domain.problem import Place
from scheduler.platforms.telegram import PLATFORM as TELEGRAM
from scheduler.preview import Shown, build_rows
from tests.reading import CAMPAIGN, POST, read

PLACE = Place("a.yaml", 3, 5)
HAND = Media("hand.jpg", "A hand.", "d" * 64, "image/jpeg", 640, 360, 100)
FILM = Media("film.mp4", "A film.", "d" * 64, "video/mp4", 640, 360, 100, seconds=3.0, captions_needed=False)


def check(length: int, *media: Media) -> list[str]:
    content = Content((ContentPart("x" * length, PLACE, media=media),))
    return [
        each.message for each in check_content(content, TELEGRAM.capabilities, {}, "tg") if "alt" not in each.message
    ]


@pytest.mark.parametrize("media", [HAND, FILM], ids=["picture", "film"])
def test_telegram_takes_less_below_a_picture(media: Media) -> None:
    assert check(1024, media) == []
    assert check(1025, media) == [
        "The text for tg is 1025 characters long; with a picture or a film the limit is 1024."
    ]
    assert check(4096) == []
    assert check(4097) == ["The text for tg is 4097 characters long; the limit is 4096."]


def test_preview_shows_the_limit_that_holds_and_check_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    Pillow.new("RGB", (16, 9), "teal").save(tmp_path / "campaigns/hand.png")
    calendar = f"""\
campaign: ce
date: 18 March 2099
accounts: [tg]
posts:
  - id: shown
    when: on the day at 08:00
    text: {"x" * 1025}
    images: [{{file: hand.png, alt: An open hand.}}]
  - {{id: told, when: on the day at 09:00, text: {"x" * 1025}}}
"""
    (tmp_path / "campaigns/ce.yaml").write_text(calendar)
    account = '  tg: {platform: telegram, token: env:NOWHERE, chat: "@example_force"}\n'
    (tmp_path / "config.yaml").write_text(f"accounts:\n{account}")

    def run(*words: str) -> str:
        return CliRunner().invoke(group, ["--config", str(tmp_path / "config.yaml"), *words]).stdout

    rows = json.loads(run("preview", "--format", "json"))
    assert [(row["parts"][0]["length"], row["parts"][0]["limit"]) for row in rows] == [(1025, 1024), (1025, 4096)]
    assert "ce.yaml:7:11: error: The text for tg is 1025 characters long; with a picture" in run("check")


def test_what_is_under_way_is_shown_with_the_limit_that_holds() -> None:
    campaign = read(f"{CAMPAIGN}posts:\n{POST}    text: Think.\n").campaign
    assert campaign is not None
    delivery = Delivery(campaign, campaign.posts[0], "force-x")
    now = datetime(2027, 3, 18, 9, 0, tzinfo=UTC)
    prepared = Prepared((PreparedPart("Think.", {}, (HAND,)), PreparedPart("Spot.", {})))
    record = Record(
        delivery.key, "force-x", Status.CLAIMED, delivery.due, delivery.due + timedelta(hours=2), now, prepared=prepared
    )
    shown = {"force-x": Shown(Account("force-x", "telegram"), TELEGRAM, {})}

    def look(media: Image | Video) -> Media:
        raise AssertionError(f"nobody asked for {media.path}")

    [row] = build_rows([delivery], shown, look, records={delivery.key: record}, holds=[], seen=lambda _: True, now=now)
    assert [part.length.limit for part in row.parts] == [1024, 4096]
