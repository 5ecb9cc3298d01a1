"""Points 1 to 3: what a platform says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from scheduler.cli.platforms import command
from scheduler.domain.capabilities import Idempotency, Setting, Source
from scheduler.domain.ports import Finds, Platform, Refreshes, TellsLimits
from scheduler.domain.problem import Problem
from scheduler.sources.settings import PlatformFacts, Settings, read_settings
from tests.conformance.replies import FOLDER, BadReplies, read_replies

PICTURE_TYPES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
NO_SECRET = "hunter2-written-in-the-open"


@pytest.mark.point(1)
def test_its_name_is_its_modules_and_it_has_a_title(platform: Platform, platform_name: str) -> None:
    assert platform.name == platform_name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", platform.name)
    assert platform.title.strip() == platform.title != ""
    assert platform.server == "" or re.fullmatch(r"https://[a-z0-9.-]+(/\S*[^/])?", platform.server)


# --- 2 ---------------------------------------------------------------------------------------------------------------


def list_sources(value: Any) -> Iterator[Source]:
    """Give every source in the blocks of the capabilities."""
    if isinstance(value, Source):
        yield value
    elif isinstance(value, tuple):  # the capabilities and their blocks are named tuples
        for item in value:
            yield from list_sources(item)


@pytest.mark.point(2)
def test_each_figure_has_its_source_and_date(platform: Platform) -> None:
    sources = list(list_sources(platform.capabilities))
    assert len(sources) >= 3  # of the whole, the text and the repetition
    for source in sources:
        assert len(source.where) > 10
        assert date(2026, 1, 1) <= source.checked <= date.today() + timedelta(days=1)


@pytest.mark.point(2)
def test_limits_of_text_make_sense(platform: Platform) -> None:
    chosen = {name for setting in platform.settings for limits in setting.limits.values() for name in limits}
    assert platform.capabilities.text
    for limit in (*platform.capabilities.text, *platform.capabilities.text_with_media):
        assert 1 < limit.maximum <= 100_000
        assert limit.url_weight is None or 0 < limit.url_weight < limit.maximum
        assert not limit.setting or limit.setting in chosen or isinstance(platform, TellsLimits)


@pytest.mark.point(2)
def test_limits_of_pictures_make_sense(platform: Platform) -> None:
    images = platform.capabilities.images
    if images is not None:
        assert 0 < images.maximum <= 100
        assert 50_000 <= images.max_bytes <= 10**9
        assert "image/jpeg" in images.types  # what any other is turned into
        assert set(images.types) <= PICTURE_TYPES
        assert images.alt_length >= 0  # 0: the service has no alt text
        assert images.max_side == 0 or images.max_side >= 320


@pytest.mark.point(2)
def test_what_is_not_certain_is_named_as_the_figures_are(platform: Platform) -> None:
    """Most figures are whole numbers; a tuple is a list of types or codecs. None that is left out is doubted."""
    facts = platform.capabilities
    for limits in (facts.images, facts.videos):
        if limits is not None:
            assert len(set(limits.uncertain)) == len(limits.uncertain)
            assert all(getattr(limits, name) for name in limits.uncertain)
            assert "uncertain" not in limits.uncertain
    for bounds in (facts.text, facts.comments):
        assert len({limit.certain for limit in bounds}) <= 1


@pytest.mark.point(2)
def test_what_happens_after_a_lost_reply_can_be_done(platform: Platform) -> None:
    repeat = platform.capabilities.repeat
    alone = repeat.idempotency is Idempotency.NONE
    assert isinstance(platform, Finds) or alone, "it needs `find`, or must say that only a person can: Idempotency.NONE"
    assert repeat.window is None or (repeat.idempotency is Idempotency.KEY_HEADER and repeat.window > timedelta())


@pytest.mark.point(2)
def test_the_rest_makes_sense(platform: Platform) -> None:
    facts = platform.capabilities
    assert facts.link_card in {"server", "client", "none"}
    assert facts.retract
    assert facts.rate is None or (facts.rate.posts > 0 and facts.rate.every > timedelta())
    assert facts.tokens is None or {setting.name for setting in platform.settings} >= set(facts.tokens.needs)
    assert facts.tokens is None or facts.tokens.refreshed is isinstance(platform, Refreshes)
    assert facts.price is None or 0 <= facts.price.post <= facts.price.post_with_link


# --- 3 ---------------------------------------------------------------------------------------------------------------


def read_account(platform: Platform, block: str) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return what a block under `accounts:` says."""
    indented = "".join(f"  {line}\n" for line in block.splitlines())
    facts = {platform.name: PlatformFacts(platform.server, platform.settings)}
    return read_settings(f"accounts:\n{indented}".encode(), "config.yaml", facts)


def write_example(platform: Platform) -> str:
    """Return the block that the command line gives to be pasted."""
    done = CliRunner().invoke(command, [platform.name, "--example"])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.point(3)
def test_each_setting_has_help_and_an_example(platform: Platform) -> None:
    names = [setting.name for setting in platform.settings]
    assert len(set(names)) == len(names)
    assert not set(names) & {"platform", "server"}
    for setting in platform.settings:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", setting.name)
        assert len(setting.help) > 5
        assert setting.example
        assert bool(setting.shape) == bool(setting.pattern), "who typed it otherwise is told in words what it must be"
        example = setting.example.strip('"')
        assert not setting.pattern or re.fullmatch(setting.pattern, example)


@pytest.mark.point(3)
def test_limits_that_a_setting_changes_are_limits(platform: Platform) -> None:
    facts = platform.capabilities
    known = {"max_images", "alt_length", "max_image_bytes", "max_video_bytes"}
    known |= {limit.setting for limit in (*facts.text, *facts.comments) if limit.setting}
    for setting in platform.settings:
        for value, limits in setting.limits.items():
            assert re.fullmatch(setting.pattern, value)
            assert known >= set(limits)
        unasked = "a delivery asks an instance only while nothing is known of its limits"
        assert not (setting.limits and isinstance(platform, TellsLimits)), unasked


@pytest.mark.point(3)
@pytest.mark.parametrize("whole", [False, True], ids=["as it is", "with what may be left out"])
def test_the_example_can_be_pasted(platform: Platform, whole: bool) -> None:
    example = write_example(platform)
    block = re.sub(r"^(\s*)# ", r"\1", example, flags=re.MULTILINE) if whole else example
    settings, problems = read_account(platform, block)
    assert settings is not None, problems
    assert problems == ()
    (account,) = settings.accounts.values()
    assert account.platform == platform.name
    wanted = {setting.name for setting in platform.settings if setting.required or whole}
    assert {*account.settings, *account.secrets} >= wanted
    assert {setting.name for setting in platform.settings if setting.secret} >= set(account.secrets)


def change_example(platform: Platform, setting: Setting, line: str) -> str:
    """Return the example with another line for one setting."""
    return re.sub(rf"^  (# )?{setting.name}: .*\n?", line, write_example(platform), flags=re.MULTILINE)


@pytest.mark.point(3)
def test_a_setting_that_is_missing_is_asked_for(platform: Platform) -> None:
    for setting in platform.settings:
        if setting.required:
            settings, problems = read_account(platform, change_example(platform, setting, ""))
            assert settings is None
            assert any(setting.name in problem.message and setting.example in problem.hint for problem in problems)


@pytest.mark.point(3)
def test_a_secret_in_the_open_is_refused_and_not_repeated(platform: Platform) -> None:
    for setting in platform.settings:
        if setting.secret:
            block = change_example(platform, setting, f"  {setting.name}: {NO_SECRET}\n")
            settings, problems = read_account(platform, block)
            assert settings is None
            assert any(setting.name in problem.message for problem in problems)
            assert NO_SECRET not in repr(problems)


# --- The files of replies --------------------------------------------------------------------------------------------


def test_a_missing_file_of_replies_says_what_to_write() -> None:
    with pytest.raises(BadReplies, match=r"Write tests/conformance/replies/pigeon\.yaml"):
        read_replies("pigeon")


def test_no_file_of_replies_is_left_over() -> None:
    from scheduler.platforms import list_platforms

    assert {path.stem for path in FOLDER.iterdir()} == set(list_platforms())
