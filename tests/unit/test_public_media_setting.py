"""The setting `public_media`: what it means, and what is wrong with it, at its place and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.domain.capabilities import Setting
from scheduler.domain.problem import Problem
from scheduler.sources.settings import PlatformFacts, Settings, read_settings

FACTS = {"noticeboard": PlatformFacts("", (Setting("folder", "the folder of posts", "noticeboard"),))}
BOARD = "accounts:\n  board: {platform: noticeboard, folder: wall}\n"
CANARY = "hunter2-Canary"


def read(text: str) -> tuple[Settings | None, tuple[Problem, ...]]:
    return read_settings((text + BOARD).encode(), "here/config.yaml", FACTS)


@pytest.mark.parametrize(
    ("folder", "found"), [("/var/www/media", Path("/var/www/media")), ("public", Path("here/public"))]
)
def test_it_is_a_folder_and_its_address(folder: str, found: Path) -> None:
    settings, problems = read(f"public_media:\n  folder: {folder}\n  address: https://media.example.org/ce/\n")
    assert problems == ()
    assert settings is not None
    assert settings.public_media == (found, "https://media.example.org/ce")
    assert settings.accounts["board"].has_public_media


def test_without_it_accounts_know_that_nothing_can_be_fetched() -> None:
    settings, problems = read("")
    assert problems == ()
    assert settings is not None
    assert settings.public_media is None
    assert not settings.accounts["board"].has_public_media


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://media.example.org", "is no safe address"),
        ("media.example.org", "is no safe address"),
        (f"https://ann:{CANARY}@media.example.org", "is no safe address"),
        (f"https://media.example.org/?key={CANARY}", "is no safe address"),
        (f"https://media.example.org/#{CANARY}", "is no safe address"),
    ],
)
def test_an_address_that_is_none_or_tells_a_secret_is_refused(address: str, message: str) -> None:
    settings, (problem,) = read(f"public_media: {{folder: public, address: '{address}'}}\n")
    assert settings is None
    assert message in problem.message
    assert (problem.place.line, "https://media.example.org" in problem.hint) == (1, True)
    assert CANARY not in str(problem) + problem.line_text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("{folder: public}", "address"),
        ("{address: https://media.example.org}", "folder"),
        ("{folder: public, adress: https://media.example.org}", "'address' is missing"),
        ("public", "`name: value`"),
    ],
)
def test_both_are_needed_and_nothing_else_is_known(words: str, message: str) -> None:
    settings, problems = read(f"public_media: {words}\n")
    assert settings is None
    assert all(problem.place.line == 1 for problem in problems)
    assert message in " ".join(f"{problem.message} {problem.hint}" for problem in problems)
