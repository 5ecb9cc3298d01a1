"""Points 4 to 6: what is prepared, and how long it may be."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest

from scheduler.domain.capabilities import TextLimit, measure_text
from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.fitness import check_content
from scheduler.domain.measure import Unit, measure
from scheduler.domain.ports import Platform
from scheduler.domain.problem import Place, Problem, Severity, has_errors
from scheduler.ledger.prepared import read_prepared, write_prepared
from tests.conformance.oracle import SCRIPTS, count
from tests.conformance.samples import (
    build_account,
    build_contents,
    describe_film,
    describe_required,
    is_about_alt_text,
)

ROOT = Path(__file__).parents[2]
PLACE = Place("campaigns/ce.yaml", 7, 3)
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}
BY_LOT = {"random", "secrets", "time", "uuid"}
FAMILY = "👨‍👩‍👧‍👦"  # one grapheme, seven code points, eleven of UTF-16, 25 bytes


# --- 4 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(4)
def test_equal_input_gives_equal_output(platform: Platform) -> None:
    for content, again in zip(build_contents(platform), build_contents(platform), strict=True):
        first, second = (platform.prepare(each, build_account(platform), {}) for each in (content, again))
        assert first == second
        assert write_prepared(first) == write_prepared(second)
        assert [part.text for part in first.parts] == [part.text for part in content.parts]


@pytest.mark.point(4)
def test_what_is_prepared_goes_through_the_ledger_unchanged(platform: Platform) -> None:
    for content in build_contents(platform):
        prepared = platform.prepare(content, build_account(platform), {})
        assert read_prepared(write_prepared(prepared)) == prepared
        for part in prepared.parts:
            assert json.loads(json.dumps(dict(part.body), allow_nan=False)) == part.body


@pytest.mark.point(4)
def test_another_process_that_reaches_nothing_prepares_the_same(platform: Platform) -> None:
    account = build_account(platform)
    here = "".join(write_prepared(platform.prepare(each, account, {})) for each in build_contents(platform))
    elsewhere = {"PYTHONHASHSEED": "4217", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance.prepare_alone", platform.name],
        cwd=ROOT,
        env={**os.environ, **elsewhere},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == here


@pytest.mark.point(4)
def test_no_clock_but_the_one_it_is_handed_and_nothing_by_lot(platform: Platform) -> None:
    tree = ast.parse(inspect.getsource(import_module(f"scheduler.platforms.{platform.name}")))
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in CLOCKS]
    assert [ast.unparse(node) for node in read if not ast.unparse(node.value).endswith("clock")] == []
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names & BY_LOT == set()


# --- 5 ---------------------------------------------------------------------------------------------------------------


def fill(limit: TextLimit, others: tuple[TextLimit, ...], maximum: int) -> str:
    """Return a text that is exactly `maximum` long in the unit of a limit, and within all others."""
    for filler, padding in product(("a", "é", "語", FAMILY), ("a", "é")):
        number, rest = divmod(maximum, count(filler, limit.unit))
        text = filler * number + padding * (rest // count(padding, limit.unit))
        within = all(count(text, other.unit) <= other.maximum for other in others if other is not limit)
        if within and count(text, limit.unit) == maximum:
            return text
    raise AssertionError(f"no text fills {maximum} {limit.unit} and keeps within the other limits")


def make_part(platform: Platform, text: str, *media: Media) -> ContentPart:
    """Return a message with these media or, with none of them, with what the platform requires."""
    return ContentPart(text, PLACE, media=media or describe_required(platform))


def check(platform: Platform, part: ContentPart, limits: dict[str, int] | None = None) -> list[Problem]:
    """Return the problems of a post, but for the warning that nobody gets the alt text (see point 7)."""
    problems = check_content(Content((part,)), platform.capabilities, limits or {}, "force")
    images = platform.capabilities.images
    silent = images is not None and images.alt_length == 0
    return [problem for problem in problems if not (silent and is_about_alt_text(problem))]


def expect_beyond(platform: Platform, content: Content, problem: Problem, *, certain: bool) -> None:
    """Let what is beyond a limit be an error, but only a warning if the service itself does not state that limit.

    A post that is only warned of goes out, whole and as it is.
    """
    assert problem.severity is (Severity.ERROR if certain else Severity.WARNING)
    assert ("The service does not confirm that limit" in problem.message) is not certain
    if not certain:
        sent = platform.prepare(content, build_account(platform), {})
        assert [(part.text, part.media) for part in sent.parts] == [(part.text, part.media) for part in content.parts]


@pytest.mark.point(5)
def test_text_at_each_limit_passes_and_one_unit_over_does_not(platform: Platform) -> None:
    limits = platform.capabilities.text
    for limit in limits:
        part = make_part(platform, fill(limit, limits, limit.maximum))
        assert check(platform, part) == []
        platform.prepare(Content((part,)), build_account(platform), {})
        longer = part._replace(text=part.text + "a")
        (problem,) = check(platform, longer)
        assert f"{limit.maximum + 1} {limit.unit} long; the limit is {limit.maximum}" in problem.message
        assert problem.place == PLACE
        expect_beyond(platform, Content((longer,)), problem, certain=limit.certain)


@pytest.mark.point(5)
def test_a_first_comment_at_its_limit_passes_and_one_unit_over_does_not(platform: Platform) -> None:
    limits = platform.capabilities.comments
    for limit in limits:
        comment = ContentPart(fill(limit, limits, limit.maximum), PLACE, is_comment=True)
        post = make_part(platform, "Think")
        content = Content((post, comment))
        assert not has_errors(check_content(content, platform.capabilities, {}, "force"))
        platform.prepare(content, build_account(platform), {})
        longer = Content((post, comment._replace(text=comment.text + "a")))
        problems = check_content(longer, platform.capabilities, {}, "force")
        (problem,) = [each for each in problems if f"{limit.maximum + 1} {limit.unit} long" in each.message]
        expect_beyond(platform, longer, problem, certain=limit.certain)


@pytest.mark.point(5)
def test_what_an_instance_tells_of_its_limits_counts(platform: Platform) -> None:
    limits = platform.capabilities.text
    for limit in limits:
        if limit.setting:
            told, part = {limit.setting: 77}, make_part(platform, fill(limit, limits, 77))
            assert check(platform, part, told) == []
            assert has_errors(check(platform, part._replace(text=part.text + "a"), told))


def describe_picture(alt: str) -> Media:
    return Media("campaigns/ce/hand.jpg", alt, "0" * 64, "image/jpeg", 16, 9, 99)


@pytest.mark.point(5)
def test_as_many_pictures_as_it_takes_pass_and_one_more_does_not(platform: Platform) -> None:
    images = platform.capabilities.images
    most = images.maximum if images else 0
    pictures = tuple(describe_picture("A hand.") for _ in range(most + 1))
    assert check(platform, make_part(platform, "Think", *pictures[:most])) == []
    part = make_part(platform, "Think", *pictures)
    (problem,) = check(platform, part)
    expect_beyond(platform, Content((part,)), problem, certain=images is None or "maximum" not in images.uncertain)


@pytest.mark.point(5)
def test_a_film_passes_where_films_are_carried_and_not_if_it_is_too_long(platform: Platform) -> None:
    videos = platform.capabilities.videos
    film = describe_film(platform)
    assert has_errors(check(platform, make_part(platform, "Think", film))) is (videos is None)
    if videos is not None:
        too_long, too_large = film._replace(seconds=videos.longest + 1), film._replace(size=videos.max_bytes + 1)
        for name, unfit in (("longest", too_long), ("max_bytes", too_large)):
            part = make_part(platform, "Think", unfit)
            (problem,) = check(platform, part)
            expect_beyond(platform, Content((part,)), problem, certain=name not in videos.uncertain)
        assert has_errors(check(platform, make_part(platform, "Think", film, film)))


@pytest.mark.point(5)
def test_words_alone_pass_only_where_no_picture_is_required(platform: Platform) -> None:
    alone = check(platform, ContentPart("Think", PLACE))
    assert has_errors(alone) is platform.capabilities.media_required


@pytest.mark.point(5)
def test_alt_text_at_its_limit_passes_and_one_unit_over_does_not(platform: Platform) -> None:
    images = platform.capabilities.images
    if images is None or images.alt_length == 0:
        return
    alt = fill(TextLimit(images.alt_length, images.alt_unit, images.source), (), images.alt_length)
    assert check(platform, make_part(platform, "Think", describe_picture(alt))) == []
    longer = make_part(platform, "Think", describe_picture(alt + "a"))
    (problem,) = check(platform, longer)
    assert f"{images.alt_length + 1} {images.alt_unit}" in problem.message
    expect_beyond(platform, Content((longer,)), problem, certain="alt_length" not in images.uncertain)
    (told,) = check(platform, longer, {"alt_length": images.alt_length})
    assert has_errors([told])  # what a service tells of itself is certain


@pytest.mark.point(5)
def test_an_empty_text_is_a_problem(platform: Platform) -> None:
    assert has_errors(check(platform, ContentPart("", PLACE)))


@pytest.mark.point(5)
def test_a_thread_passes_only_where_there_are_threads(platform: Platform) -> None:
    content = Content((make_part(platform, "One"), make_part(platform, "Two")))
    problems = check_content(content, platform.capabilities, {}, "force")
    assert has_errors(problems) is not platform.capabilities.threads


# --- 6 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.point(6)
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_measured_in_the_declared_units(platform: Platform, script: str) -> None:
    text = SCRIPTS[script]
    for limit in platform.capabilities.text:
        alone = platform.capabilities._replace(text=(limit,))
        length = measure_text(text, alone, {})
        assert (length.length, length.limit, length.unit) == (count(text, limit.unit), limit.maximum, limit.unit)


@pytest.mark.point(6)
@pytest.mark.parametrize("script", SCRIPTS)
def test_alt_text_is_measured_in_the_declared_unit(platform: Platform, script: str) -> None:
    if platform.capabilities.images is not None and platform.capabilities.images.alt_length > 0:
        part = make_part(platform, "Think", describe_picture(SCRIPTS[script]))
        (problem,) = check(platform, part, {"alt_length": 1})
        unit = platform.capabilities.images.alt_unit
        assert re.findall(rf"is (\d+) {unit} long", problem.message) == [str(count(SCRIPTS[script], unit))]


@pytest.mark.point(6)
def test_a_link_counts_what_the_platform_says(platform: Platform) -> None:
    link = "https://www.example.org/signs/of/exploitation/and/what/to/do?a=b"
    for limit in platform.capabilities.text:
        length = measure(f"{link} 🇬🇧", limit.unit, limit.url_weight, short_mentions=limit.short_mentions)
        rest = 3 if limit.unit is Unit.X_WEIGHTED else 1 + count("🇬🇧", limit.unit)
        assert length == rest + (count(link, limit.unit) if limit.url_weight is None else limit.url_weight)
