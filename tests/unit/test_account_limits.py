"""Limits that an account's own settings change: in check, in preview and where the post is made ready to go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from scheduler.domain.capabilities import Setting, add_chosen_limits
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.measure import find_cashtags
from scheduler.domain.problem import Place
from scheduler.platforms.discord import PLATFORM as DISCORD
from scheduler.platforms.x import PLATFORM as X

PLACE = Place("a.yaml", 3, 5)
SETTINGS = (
    Setting("plain", "a word", "word"),
    Setting("size", "a size", "small", default="small", limits={"large": {"most": 9}, "small": {"most": 3}}),
)
KEYS = ", ".join(f"{name}: env:NOWHERE" for name in ("api_key", "api_secret", "access_token", "access_secret"))


def test_what_a_setting_says_counts_unless_the_service_says_otherwise() -> None:
    assert add_chosen_limits({}, SETTINGS, {"size": "large"}) == {"most": 9}
    assert add_chosen_limits({"alt_length": 5}, SETTINGS, {}) == {"most": 3, "alt_length": 5}
    assert add_chosen_limits({"most": 4}, SETTINGS, {"size": "large"}) == {"most": 4}
    assert add_chosen_limits({}, SETTINGS[:1], {"plain": "large"}) == {}


def run(folder: Path, *arguments: str) -> str:
    """Return what a command prints of a post of 281 characters on an account with X Premium and one without."""
    (folder / "campaigns").mkdir(exist_ok=True)
    posts = f"posts:\n  - {{id: think, when: on the day at 08:00, text: {'x' * 281}}}\n"
    calendar = f"campaign: ce\ndate: 18 March 2099\naccounts: [plain, paid]\n{posts}"
    (folder / "campaigns/ce.yaml").write_text(calendar)
    accounts = f"  plain: {{platform: x, {KEYS}}}\n  paid: {{platform: x, premium: yes, {KEYS}}}\n"
    (folder / "config.yaml").write_text(f"accounts:\n{accounts}")
    return CliRunner().invoke(group, ["--config", str(folder / "config.yaml"), *arguments]).stdout


def test_an_account_with_premium_takes_long_posts(tmp_path: Path) -> None:
    said = run(tmp_path, "check")
    assert "The text for plain is 281 weighted characters long; the limit is 280." in said
    assert "paid" not in said
    rows = json.loads(run(tmp_path, "preview", "--format", "json"))
    limits = {row["account"]: (row["parts"][0]["length"], row["parts"][0]["limit"]) for row in rows}
    assert limits == {"plain": (281, 280), "paid": (281, 25_000)}


@pytest.mark.parametrize("value", ["no", "yes"])
def test_premium_has_its_own_end(value: str) -> None:
    limits = add_chosen_limits({}, X.settings, {"premium": value})
    longest = 25_000 if value == "yes" else 280
    for length, excess in ((longest, []), (longest + 1, ["Take out 1"])):
        content = Content((ContentPart("x" * length, PLACE), ContentPart("x" * length, PLACE, is_comment=True)))
        problems = check_content(content, X.capabilities, limits, "force-x")
        assert [problem.hint.partition(",")[0] for problem in problems] == excess * 2


@pytest.mark.parametrize(("setting", "megabytes"), [("10", 10), ("50", 50), ("100", 100)])
def test_a_boosted_server_takes_larger_films_and_moving_pictures(setting: str, megabytes: int) -> None:
    limits = add_chosen_limits({}, DISCORD.settings, {"upload_limit": setting})
    film = Media("film.mp4", "A film.", "d" * 64, "video/mp4", 640, 360, 0, seconds=3.0, captions_needed=False)
    moving = Media("hand.gif", "A hand.", "d" * 64, "image/gif", 640, 360, 0, animated=True)
    for media in (film, moving):
        for size, is_wrong in ((megabytes * 2**20, False), (megabytes * 2**20 + 1, True)):
            content = Content((ContentPart("Think.", PLACE, media=(media._replace(size=size),)),))
            assert bool(check_content(content, DISCORD.capabilities, limits, "discord")) is is_wrong


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shares of $BP and $BT.A fell", ["$BP", "$BT.A"]),
        ("$bp, ($BP) $VOD! $A_b", ["$bp", "$VOD", "$A_b"]),
        ("It costs $50 or US$5m; a$b; $TOOLONGNAME; $ $1A", []),
        ("", []),
    ],
)
def test_cashtags_are_found_as_x_finds_them(text: str, found: list[str]) -> None:
    spans = find_cashtags(text)
    assert [tag for _, _, tag in spans] == found
    assert all(text[start:end] == tag for start, end, tag in spans)


def test_x_takes_one_cashtag_in_each_post() -> None:
    def check(*texts: str) -> list[str]:
        content = Content(tuple(ContentPart(text, PLACE) for text in texts))
        return [str(problem.message) for problem in check_content(content, X.capabilities, {}, "force-x")]

    assert check("$BP fell by $50", "$VOD did not") == []
    assert check("Nothing.", "$BP and $VOD fell") == ["force-x takes at most 1 cashtag in a post, and this one has 2."]
