"""The warnings of a team's habits, each at the `when` that it is about: ‹marks› stand around the words pointed at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.domain.habits import Habits, HabitWarning
from scheduler.domain.plan import list_deliveries, plan_deliveries
from scheduler.domain.problem import Severity
from scheduler.domain.weekly_hours import parse_hours
from scheduler.sources.habit_warnings import find_habit_warnings
from tests.reading import Spot, read, spot_of, unmark

SILENT = Habits(gap=timedelta(), clashes=False)
OFFICE = parse_hours("Monday to Friday 08:00 to 18:00")


def write(name: str, *whens: str, head: str = "date: 18 March 2027", accounts: str = "force-x") -> str:
    """Return a calendar whose posts, p0 and so on, go out at these times."""
    posts = "".join(f"  - id: p{n}\n    when: {when}\n    text: Think.\n" for n, when in enumerate(whens))
    return f"campaign: {name}\n{head}\naccounts: [{accounts}]\nposts:\n{posts}"


def find(habits: Habits, *calendars: str) -> list[HabitWarning]:
    """Return the warnings of calendars, which are files a.yaml, b.yaml and so on; with ‹marks›, they are there."""
    files, expected = [], set()
    for name, marked in zip("abcdefgh", calendars, strict=False):
        text, spots = unmark(marked)
        files.append(read(text, f"{name}.yaml"))
        assert files[-1].campaign is not None, files[-1].problems
        expected |= {(f"{name}.yaml", spot) for spot in spots}
    deliveries = plan_deliveries([file.campaign for file in files if file.campaign is not None])
    found = find_habit_warnings(deliveries, habits, files)
    assert all(warned.problem.severity is Severity.WARNING and warned.problem.hint for warned in found)
    assert {(warned.problem.place.file, spot_of(warned.problem)) for warned in found} == expected
    for warned in found:
        line, column, width = spot_of(warned.problem)
        assert (
            warned.problem.line_text
            == unmark(calendars["abcdefgh".index(warned.problem.place.file[0])])[0].split("\n")[line - 1]
        )
        assert column + width <= len(warned.problem.line_text) + 1
    return found


def messages(habits: Habits, *calendars: str) -> list[str]:
    return [warned.problem.message for warned in find(habits, *calendars)]


def test_a_post_outside_posting_hours_is_warned_of_once_however_many_accounts() -> None:
    habits = SILENT._replace(posting_hours=parse_hours("every day 07:00 to 21:00"))
    whens = ("on the day at 07:00", "on the day at 21:00", "‹on the day at 21:01›", "‹the eve at 06:59›")
    late, early = find(habits, write("a", *whens, accounts="force-x, mastodon"))
    assert late.problem.message == (
        "21:01 on Thursday 18 March 2027 is outside your posting hours, every day 07:00 to 21:00."
    )
    assert late.problem.hint == "Move it, or mend 'posting_hours' in config.yaml."
    assert [delivery.account for delivery in late.deliveries] == ["force-x", "mastodon"]
    assert early.problem.message.startswith("06:59 on Wednesday 17 March 2027")


def test_a_post_with_nobody_on_duty_is_warned_of() -> None:
    habits = SILENT._replace(staffed_hours=OFFICE)
    whens = ("on the day at 08:00", "on the day at 17:59", "‹on the day at 18:00›", "‹the Sunday after at 18:00›")
    end, sunday = messages(habits, write("a", *whens))
    assert end.startswith("Nobody is on duty at 18:00 on Thursday 18 March 2027: the hours are Monday to Friday")
    assert sunday.startswith("Nobody is on duty at 18:00 on Sunday 21 March 2027")


@pytest.mark.parametrize(
    ("nation", "when"),
    [
        ("england", "‹29 March 2027 10:00›"),  # Easter Monday, which Scotland does not have
        ("scotland", "29 March 2027 10:00"),
        ("scotland", "‹30 November 2027 10:00›"),
        ("wales", "30 November 2027 10:00"),
        ("northern-ireland", "‹17 March 2027 10:00›"),
    ],
)
def test_nobody_is_on_duty_on_a_bank_holiday(nation: str, when: str) -> None:
    found = messages(SILENT._replace(staffed_hours=OFFICE, nation=nation), write("a", when))
    assert all(message.endswith("it is a bank holiday.") for message in found)


def test_two_posts_on_one_account_ten_minutes_apart_are_warned_of() -> None:
    whens = ("on the day at 08:00", "‹on the day at 08:10›", "on the day at 08:25", "‹on the day at 08:25›")
    first, second = find(Habits(), write("a", *whens))
    assert first.problem.message == "It goes out 10 minutes after 'p0' (line 5) on force-x."
    assert first.problem.hint == "Your gap is 15 minutes: move one of them, or mend 'gap' in config.yaml."
    assert [delivery.post.id for delivery in first.deliveries] == ["p1"]
    assert second.problem.message == "It goes out at the same time as 'p2' (line 11) on force-x."


def test_the_gap_is_kept_across_campaigns_and_told_once_for_all_accounts() -> None:
    habits = Habits(clashes=False)
    both = "force-x, force-bluesky, mastodon"
    one = write("a", "18 March 2027 08:00", "‹18 March 2027 09:05›", accounts=both)
    other = write("b", "‹18 March 2027 08:05›", "18 March 2027 09:00", accounts="mastodon, force-bluesky")
    assert messages(habits, one, other) == [
        "It goes out 5 minutes after 'p1' (b.yaml, line 8) on force-bluesky, mastodon.",
        "It goes out 5 minutes after 'p0' (a.yaml, line 5) on force-bluesky, mastodon.",
    ]


def test_other_accounts_and_the_gap_itself_are_no_matter() -> None:
    one = write("a", "on the day at 08:00", "on the day at 08:15")
    assert messages(Habits(), one, write("b", "18 March 2027 08:05", accounts="mastodon")) == []
    assert messages(SILENT, write("a", "on the day at 08:00", "on the day at 08:00")) == []


def test_the_gap_counts_in_real_time_when_clocks_change() -> None:
    head = "date: 31 October 2027"
    calendar = write("a", "31 October 2027 01:55 BST", "‹31 October 2027 01:05 GMT›", head=head)
    assert messages(Habits(), calendar) == ["It goes out 10 minutes after 'p0' (line 5) on force-x."]
    calendar = write("a", "31 October 2027 01:05 BST", "31 October 2027 01:05 GMT", head=head)
    assert messages(Habits(), calendar) == []


def test_a_day_with_too_many_posts_is_warned_of_at_the_first_over_the_cap() -> None:
    habits = SILENT._replace(daily_cap=2)
    over_midnight = ("on the day at 08:00", "‹on the day at 23:00›", "on the day at 12:00", "the day after at 00:00")
    assert messages(habits, write("a", *over_midnight)) == [
        "With it 18 March 2027 has 3 posts on force-x; your daily cap is 2."
    ]
    whens = ("on the day at 08:00", "on the day at 23:00", "‹on the day at 12:00›", "on the day at 09:00")
    found = find(habits, write("a", *whens, accounts="force-x, mastodon"))
    assert [warned.problem.message for warned in found] == [
        "With it 18 March 2027 has 4 posts on force-x, mastodon; your daily cap is 2."
    ]
    assert sorted((each.post.id, each.account) for each in found[0].deliveries) == [
        ("p1", "force-x"), ("p1", "mastodon"), ("p2", "force-x"), ("p2", "mastodon"),
    ]  # fmt: skip


def test_two_campaigns_on_one_day_and_account_clash_once() -> None:
    week = "date: 16 March 2027\nuntil: 20 March 2027"
    day, spring = "date: ‹18 March 2027›", "date: ‹19 March 2027›\nuntil: 30 March 2027"
    found = find(
        SILENT._replace(clashes=True),
        write("week", "day 1 at 08:00", "day 2 at 09:00", head=week, accounts="force-x, mastodon"),
        write("day", "on the day at 10:00", "on the day at 12:00", head=day, accounts="mastodon, force-x"),
        write("spring", "on the day at 16:00", "day 2 at 09:00", head=spring, accounts="mastodon"),
        write("bluesky", "on the day at 08:00", accounts="force-bluesky"),
        write("easter", "on the day at 08:00", head="date: 31 March 2027"),
    )
    assert [warned.problem.message for warned in found] == [
        "On 18 March 2027 the campaign 'week' (a.yaml) is on, too, and both post on mastodon, force-x.",
        "From 19 March 2027 to 20 March 2027 the campaign 'week' (a.yaml) is on, too, and both post on mastodon.",
    ]
    assert [len(warned.deliveries) for warned in found] == [1, 1]


def test_drafts_count_and_campaigns_whose_date_is_not_settled_do_not() -> None:
    draft = write("a", "on the day at 08:00", "‹on the day at 08:05›").replace("accounts:", "draft: yes\naccounts:", 1)
    assert len(messages(Habits(), draft)) == 1
    file = read(write("a", "on the day at 08:00", "on the day at 08:05"), "a.yaml")
    assert file.campaign is not None
    unsettled = file.campaign._replace(unsettled="its date is an estimate")
    assert find_habit_warnings(list_deliveries([unsettled]), Habits(), [file]) == []


def test_a_place_is_found_in_other_forms_of_a_calendar() -> None:
    lines = "posts: [{id: p0, when: 18 March 2027 08:00, text: a}, {id: p1, text: b, when: '‹18 March 2027 08:01›'}]\n"
    calendar = f"campaign: a\ndate: 18 March 2027\naccounts: [force-x]\n{lines}"
    text, _ = unmark(calendar)
    file = read(text, "a.yaml")
    assert file.campaign is not None
    [warned] = find_habit_warnings(list_deliveries([file.campaign]), Habits(), [file])
    assert spot_of(warned.problem) == Spot(4, lines.index("'") + 1, len("'18 March 2027 08:01'"))


@pytest.mark.parametrize("order", [list, reversed])
def test_the_order_in_which_deliveries_come_is_no_matter(order: Any) -> None:
    files = [read(write(name, "18 March 2027 08:00", "18 March 2027 08:10"), f"{name}.yaml") for name in "abc"]
    deliveries = list(order([*list_deliveries([file.campaign for file in files if file.campaign is not None])]))
    found = find_habit_warnings(deliveries, Habits(), files)
    assert len(found) == 8  # five posts each near the one before, three pairs of campaigns
    assert [warned.problem.place for warned in found] == sorted(warned.problem.place for warned in found)


def test_of_what_is_over_nothing_is_said() -> None:
    """A calendar of last year may stay in the folder, whatever it was like; what is still ahead of it counts."""
    habits = Habits(posting_hours=parse_hours("every day 07:00 to 21:00"), daily_cap=1)
    files = [
        read(write(name, "the eve at 22:00", "the eve at 22:05", "on the day at 22:00"), f"{name}.yaml")
        for name in "ab"
    ]
    deliveries = plan_deliveries([file.campaign for file in files if file.campaign is not None])
    last = max(delivery.due for delivery in deliveries)
    every = find_habit_warnings(deliveries, habits, files)
    some = find_habit_warnings(deliveries, habits, files, last)
    assert find_habit_warnings(deliveries, habits, files, last + timedelta(seconds=1)) == []
    assert {warned.deliveries[0].post.id for warned in every} > {warned.deliveries[0].post.id for warned in some}
    assert {warned.deliveries[0].post.id for warned in some} == {"p2"}
