"""What is ahead for an account, told from what is known without asking anybody."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import group
from scheduler.domain.account import Account
from scheduler.domain.campaign import Campaign, Part, Post, Target
from scheduler.domain.capabilities import (
    Capabilities,
    Idempotency,
    Limits,
    Rate,
    Repeat,
    Setting,
    Source,
    TextLimit,
    Tokens,
)
from scheduler.domain.delivery import Delivery
from scheduler.domain.forecast import (
    Load,
    Standing,
    collect_loads,
    count_posts,
    forecast_account,
    group_loads,
    sum_prices,
)
from scheduler.domain.measure import Unit
from scheduler.domain.problem import Place
from scheduler.sessions import FileStore

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SOURCE = Source("a test", date(2026, 11, 25))
PLACE = Place("config.yaml", 4, 3)
VERSION = Setting("version", "the month", "202611", lives=timedelta(days=365))


def make_load(hours: float, price: float | None = None, *, draft: bool = False, posts: int = 1) -> Load:
    due = NOW + timedelta(hours=hours)
    post = Post(f"p{hours:g}", due, timedelta(hours=2), (Part("Think.", PLACE),), ("page",), PLACE, draft=draft)
    return Load(Delivery(Campaign("ce", "CE", "a.yaml", date(2027, 3, 18), (post,)), post, "page"), posts, price)


def make_standing(
    *,
    rate: Rate | None = None,
    reply_rate: Rate | None = None,
    limits: Limits | None = None,
    tokens: Tokens | None = None,
    ends: datetime | None = None,
    missing: tuple[str, ...] = (),
    version: str = "202701",
) -> Standing:
    text = (TextLimit(500, Unit.CHARACTERS, SOURCE),)
    repeat = Repeat(Idempotency.NONE, SOURCE)
    capabilities = Capabilities(text, repeat, SOURCE, rate=rate, reply_rate=reply_rate, tokens=tokens)
    account = Account("page", "somewhere", "https://example.org", {"version": version}, {}, PLACE)
    return Standing(account, "Somewhere", capabilities, (VERSION,), missing, ends, limits or {})


def tell(standing: Standing, *loads: Load) -> list[str]:
    return [f"{problem.severity}: {problem.message}" for problem in forecast_account(standing, loads, NOW)]


def test_nothing_ahead_is_nothing_to_say() -> None:
    assert tell(make_standing(), make_load(24)) == []


def test_a_secret_that_is_missing_names_the_first_post_that_needs_it() -> None:
    missing = ("No TOKEN.", "No KEY.")
    [problem] = forecast_account(make_standing(missing=missing), [make_load(24), make_load(48)], NOW)
    assert (problem.message, problem.place) == ("page: No TOKEN. The same goes for 1 more.", PLACE)
    assert problem.hint == "2 posts cannot go out without it, the first ce/p24 on 2 March 2027."


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "error: page: its credentials ended on 28 February 2027."),
        (1, "error: page: its credentials end on 2 March 2027, before 1 post: ce/p48 on 3 March 2027."),
        (10, "warning: page: its credentials end on 11 March 2027."),
        (40, None),
    ],
)
def test_credentials_that_end(days: int, said: str | None) -> None:
    standing = make_standing(ends=NOW + timedelta(days=days))
    assert tell(standing, make_load(1), make_load(48)) == ([said] if said else [])


def test_credentials_that_the_program_renews_are_no_worry_until_they_have_ended() -> None:
    renewed = Tokens(timedelta(days=60), True, SOURCE)
    assert tell(make_standing(tokens=renewed, ends=NOW + timedelta(days=1)), make_load(48)) == []
    assert "ended on" in tell(make_standing(tokens=renewed, ends=NOW - timedelta(days=1)), make_load(48))[0]


def test_a_token_of_unknown_age_is_doubted() -> None:
    told = tell(make_standing(tokens=Tokens(timedelta(days=60), False, SOURCE)))
    assert told == ["warning: page: its token lasts 60 days, and nobody knows since when."]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("202603", "error: page: 'version' is of 03/2026, and Somewhere may refuse it by now."),
        ("202604", "warning: page: 'version' is of 04/2026; Somewhere knows it until 1 April 2027."),
        ("202607", None),
        ("latest", None),
    ],
)
def test_a_month_in_the_settings_grows_old(version: str, said: str | None) -> None:
    assert tell(make_standing(version=version)) == ([said] if said else [])


def test_more_than_a_quota_lets_through() -> None:
    rate = Rate(3, timedelta(hours=24), SOURCE)
    spread = [make_load(hours) for hours in (0, 1, 2, 24, 25)]
    assert tell(make_standing(rate=rate), *spread) == []
    said = "error: page: 4 posts are due within 24 hours from ce/p1 on 1 March 2027; Somewhere takes 3."
    assert tell(make_standing(rate=rate), *spread, make_load(26), make_load(24.5))[0] != said  # they come in order
    assert tell(make_standing(rate=rate), make_load(0), make_load(1), make_load(2), make_load(24, posts=2)) == [said]


def test_a_quota_that_the_platform_told_of_the_account_counts_and_is_certain() -> None:
    rate = Rate(3, timedelta(hours=24), SOURCE, certain=False, setting="posts_a_day")
    loads = [make_load(hours) for hours in (0, 1, 2, 3)]
    assert "warning: page: 4 posts are due" in tell(make_standing(rate=rate), *loads)[0]
    assert tell(make_standing(rate=rate, limits={"posts_a_day": 4}), *loads) == []
    assert tell(make_standing(rate=rate, limits={"posts_a_day": 2}), *loads) == [
        "error: page: 3 posts are due within 24 hours from ce/p0 on 1 March 2027; "
        "Somewhere takes 2 of this account, as it says itself."
    ]


def test_replies_that_are_counted_by_themselves_are_no_posts() -> None:
    posts = Rate(3, timedelta(hours=24), SOURCE, counts_replies=False)
    loads = [make_load(hours, posts=3) for hours in (0, 1, 2)]
    assert "6 posts are due" in tell(make_standing(rate=posts._replace(counts_replies=True)), *loads)[0]
    assert tell(make_standing(rate=posts), *loads) == []
    replies = Rate(5, timedelta(hours=24), SOURCE, setting="replies_a_day")
    said = "6 first comments and later parts of threads are due within 24 hours from ce/p0 on 1 March 2027"
    assert tell(make_standing(rate=posts, reply_rate=replies), *loads) == [f"error: page: {said}; Somewhere takes 5."]
    told = {"replies_a_day": 6}
    assert tell(make_standing(rate=posts, reply_rate=replies, limits=told), *loads) == []
    assert "error: page: 4 posts are due" in tell(make_standing(rate=posts), *loads, make_load(3))[0]


def test_prices_by_month_and_drafts_left_out() -> None:
    loads = [
        make_load(1, 0.2),
        make_load(2, 0.015),
        make_load(24 * 31, 0.2),
        make_load(3, 0.2, draft=True),
        make_load(4),
    ]
    grouped = group_loads(loads)
    assert [load.delivery.post.id for load in grouped["page"]] == ["p1", "p2", "p4", "p744"]
    assert sum_prices(load for each in grouped.values() for load in each) == {
        "page": {"2027-03": 0.215, "2027-04": 0.2}
    }


def test_a_thread_and_its_first_comment_count_as_many_posts() -> None:
    load = make_load(1)
    part = load.delivery.post.parts[0]
    thread = load.delivery.post._replace(parts=(part, part), comment=part)
    assert count_posts(load.delivery) == 1
    assert count_posts(load.delivery._replace(post=thread)) == 3
    variant = thread._replace(targets={"page": Target((part,))})
    assert count_posts(load.delivery._replace(post=variant)) == 2


def test_check_shows_what_will_surely_fail(tmp_path: Path) -> None:
    year = datetime.now(UTC).year + 1
    posts = "".join(
        f"  - {{id: p{number}, when: on the day at {8 + number // 60:02}:{number % 60:02}, text: Number {number}.}}\n"
        for number in range(301)
    )
    (tmp_path / "campaigns").mkdir()
    calendar = f"campaign: ce\ndate: 18 March {year}\naccounts: [toot]\nposts:\n{posts}"
    (tmp_path / "campaigns/ce.yaml").write_text(calendar)
    account = "toot: {platform: mastodon, server: https://example.org, access_token: env:NOWHERE}"
    (tmp_path / "config.yaml").write_text(f"habits: {{gap: off}}\naccounts:\n  {account}\n")
    result = CliRunner().invoke(group, ["--config", str(tmp_path / "config.yaml"), "check"], standalone_mode=False)
    assert "posts are due within" not in result.output  # 301 in five hours are no 300 in five minutes
    crowded = re.sub(r"at \d\d:\d\d", "at 08:00", calendar)
    (tmp_path / "campaigns/ce.yaml").write_text(crowded)
    result = CliRunner().invoke(group, ["--config", str(tmp_path / "config.yaml"), "check"], standalone_mode=False)
    assert "toot: 301 posts are due within 5 minutes" in result.output
    assert result.return_value == 2


def test_check_goes_by_the_quota_that_instagram_told(tmp_path: Path) -> None:
    """The account's own quota, which the daemon was told and keeps, overrules the figure of the documents."""
    year = datetime.now(UTC).year + 1
    posts = "".join(
        f"  - {{id: p{hour}, when: on the day at {hour:02}:00, text: Number {hour}.}}\n" for hour in range(6)
    )
    (tmp_path / "campaigns").mkdir()
    calendar = f"campaign: ce\ndate: 18 March {year}\naccounts: [insta]\nposts:\n{posts}"
    (tmp_path / "campaigns/ce.yaml").write_text(calendar)
    account = 'insta: {platform: instagram, user: "17841400000000000", token: env:NOWHERE}'
    (tmp_path / "config.yaml").write_text(f"accounts:\n  {account}\n")
    store = FileStore(tmp_path / "state/limits")
    crowded = "insta: 6 posts are due within 24 hours"
    for kept, expected in (
        ({}, False),
        ({"server": "https://graph.facebook.com", "limits": {"posts_a_day": 5}}, True),
        ({"server": "https://other.example.org", "limits": {"posts_a_day": 5}}, False),
    ):
        store.store("insta", kept)
        result = CliRunner().invoke(group, ["--config", str(tmp_path / "config.yaml"), "check"], standalone_mode=False)
        assert (crowded in result.output) is expected, result.output


def test_what_is_ahead_is_collected_as_it_would_be_grouped() -> None:
    """Several accounts of one post share what is worked out, but a variant has parts of its own."""
    loads = [make_load(hours, draft=hours == 3) for hours in (5, -1, 2, 3, 2)]
    parts = (Part("One", PLACE), Part("Two", PLACE))
    deliveries = []
    for load in loads:
        post = load.delivery.post._replace(targets={"other": Target(parts)})
        deliveries += [load.delivery._replace(post=post, account=account) for account in ("page", "other")]
        deliveries.append(load.delivery._replace(account="third"))
    ahead = [each for each in deliveries if each.post.due >= NOW]
    expected = group_loads([Load(each, count_posts(each)) for each in ahead])
    collected = collect_loads(deliveries, NOW)
    assert {name: [load[:2] for load in lane] for name, lane in collected.items()} == {
        name: [load[:2] for load in lane] for name, lane in expected.items()
    }
    assert [load.posts for load in collected["other"]] == [2, 2, 2]
    assert [load.moment for load in collected["page"]] == [load.moment for load in expected["page"]]
