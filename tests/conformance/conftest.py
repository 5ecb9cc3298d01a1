"""Every platform that is found, with its canned replies; and the count of points at the end of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.ports import Platform
from scheduler.platforms import list_platforms, load_platform
from tests.conformance.harness import Harness
from tests.conformance.replies import BadReplies, Replies, read_replies


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "point(number): the point of conformance that a test is about")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "platform_name" in metafunc.fixturenames:
        metafunc.parametrize("platform_name", list_platforms())


@pytest.fixture
def platform(platform_name: str) -> Platform:
    return load_platform(platform_name)


@pytest.fixture
def replies(platform_name: str) -> Replies:
    """The platform's canned replies; without them no point can be shown to be kept."""
    try:
        return read_replies(platform_name)
    except BadReplies as failure:
        pytest.fail(str(failure), pytrace=False)


@pytest.fixture
def make_harness(platform: Platform, replies: Replies, tmp_path: Path) -> Iterator[Callable[[], Harness]]:
    """A function that returns an account which has never been used, before a server of its own."""
    with ExitStack() as cleanup:
        made: list[Harness] = []

        def make() -> Harness:
            folder = tmp_path / f"account-{len(made)}"
            folder.mkdir()
            made.append(Harness(platform, replies, folder, cleanup))
            return made[-1]

        yield make


@pytest.fixture
def harness(make_harness: Callable[[], Harness]) -> Harness:
    return make_harness()


# --- The count -------------------------------------------------------------------------------------------------------

_MEASURED = "point of conformance"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        point = item.get_closest_marker("point")
        if point is not None and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            item.user_properties.append((_MEASURED, (item.callspec.params["platform_name"], point.args[0])))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    seen = {kind: _count(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error")}
    broken: dict[str, set[int]] = defaultdict(set)
    for kind in ("failed", "error"):
        for name, points in seen[kind].items():
            broken[name] |= points
    platforms = sorted({*seen["passed"], *broken})
    if not platforms:
        return
    kept = {name: seen["passed"].get(name, set()) - broken[name] for name in platforms}
    tried = {point for name in platforms for point in kept[name] | broken[name]}
    missing = [f"{name} {point}" for name in platforms for point in sorted(tried - kept[name])]
    words = f"{len(platforms)} platforms x {len(tried)} points"
    terminalreporter.write_line(f"{words}, but for {', '.join(missing)}" if missing else words)


def _count(reports: list[Any]) -> dict[str, set[int]]:
    points: dict[str, set[int]] = defaultdict(set)
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == _MEASURED:
                points[value[0]].add(value[1])
    return points
