"""What a team holds to, and a warning for each post that does not.

Drafts count: they may be sent. A campaign whose date is not settled does not: its days are not to be relied on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from scheduler.domain.campaign import Campaign, Post
from scheduler.domain.dates_and_times import write_date
from scheduler.domain.delivery import Delivery
from scheduler.domain.problem import Problem, warning
from scheduler.domain.weekly_hours import WeeklyHours
from scheduler.domain.when_words import WEEKDAYS

_NAMED = 3  # accounts that a message names


class Habits(NamedTuple):
    """What the settings say under `habits:`. None, or a gap of zero, means that nothing is warned of."""

    posting_hours: WeeklyHours | None = None
    staffed_hours: WeeklyHours | None = None
    gap: timedelta = timedelta(minutes=15)
    daily_cap: int | None = None
    clashes: bool = True
    nation: str = "england"
    settings_file: str = "config.yaml"


class HabitWarning(NamedTuple):
    """One warning. `deliveries` are those that it is said of; of a clash, one of the campaign that begins later.

    The place of `problem` is the post's id. What it is about is the post's `when`, or with `of_campaign` the date of
    its campaign.
    """

    problem: Problem
    deliveries: tuple[Delivery, ...]
    of_campaign: bool = False


# A delivery with its due time in seconds since 1970, which takes long to work out. There are many: a plain pair is made
# in a fifth of the time of a named one.
_Timed: TypeAlias = tuple[float, Delivery]


def check_habits(
    deliveries: Iterable[Delivery],
    habits: Habits,
    is_bank_holiday: Callable[[date], bool],
    since: datetime | None = None,
) -> list[HabitWarning]:
    """Return a warning for each habit that a post or a campaign does not keep, in order of files and lines.

    `deliveries` are in any order, those of one post one after the other; all that share an account have to be there.
    Of what was due before `since` (aware) nothing is said. `is_bank_holiday` is asked of days on which somebody would
    be on duty.
    """
    begin = float("-inf") if since is None else since.timestamp()
    posts: list[list[Delivery]] = []
    lanes: dict[str, list[_Timed]] = defaultdict(list)
    due, latest = 0.0, None
    for delivery in deliveries:
        post = delivery.post
        if post is not latest:
            if delivery.campaign.unsettled:
                continue
            latest, due = post, post.due.timestamp()
            if due >= begin:
                posts.append([])
        if due < begin:
            continue
        posts[-1].append(delivery)
        lanes[delivery.account].append((due, delivery))
    found = [
        *_check_hours(posts, habits, is_bank_holiday),
        *_check_lanes(lanes, habits),
        *(_check_clashes(posts, habits) if habits.clashes else ()),
    ]
    return sorted(found, key=lambda warned: warned.problem.place)


def _warn(deliveries: Sequence[Delivery], message: str, hint: str, *, of_campaign: bool = False) -> HabitWarning:
    return HabitWarning(warning(message, deliveries[0].post.place, hint), tuple(deliveries), of_campaign)


def _check_hours(
    posts: Iterable[Sequence[Delivery]], habits: Habits, is_bank_holiday: Callable[[date], bool]
) -> Iterator[HabitWarning]:
    """Yield a warning for each post outside posting hours, and for each outside staffed hours."""
    posting, staffed = habits.posting_hours, habits.staffed_hours
    if posting is None and staffed is None:
        return
    for deliveries in posts:
        due = deliveries[0].post.due
        if posting is not None and not posting.hold(due, to_the_end=True):
            message = f"{_say_when(deliveries[0].post)} is outside your posting hours, {posting.words}."
            yield _warn(deliveries, message, f"Move it, or mend 'posting_hours' in {habits.settings_file}.")
        if staffed is not None and not staffed.hold(due, to_the_end=False):
            message = f"Nobody is on duty at {_say_when(deliveries[0].post)}: the hours are {staffed.words}."
            yield _warn(deliveries, message, _say_duty(habits))
        elif staffed is not None and is_bank_holiday(due.date()):
            message = f"Nobody is on duty at {_say_when(deliveries[0].post)}: it is a bank holiday."
            yield _warn(deliveries, message, _say_duty(habits))


def _say_when(post: Post) -> str:
    due = post.due
    return f"{due.hour:02}:{due.minute:02} on {WEEKDAYS[due.weekday()]} {write_date(due)}"


def _say_duty(habits: Habits) -> str:
    return f"Move it, have somebody look at the replies, or mend 'staffed_hours' in {habits.settings_file}."


def _check_lanes(lanes: dict[str, list[_Timed]], habits: Habits) -> Iterator[HabitWarning]:
    """Yield a warning for each pair of posts too near each other, and for each day on which an account has too many.

    A pair or a day is named once, with all accounts that it is true of.
    """
    near: dict[tuple[int, int], list[tuple[_Timed, _Timed]]] = defaultdict(list)
    crowded: dict[tuple[date, int, int], list[list[Delivery]]] = defaultdict(list)
    gap, cap = habits.gap.total_seconds(), habits.daily_cap
    for lane in lanes.values():
        lane.sort(key=itemgetter(0))
        for before, timed in pairwise(lane) if gap else ():
            if timed[0] - before[0] < gap:
                near[id(before[1].post), id(timed[1].post)].append((before, timed))
        for day, deliveries in _find_crowded_days(lane, cap) if cap is not None else ():
            crowded[day, id(deliveries[cap or 0].post), len(deliveries)].append(deliveries)
    for pairs in near.values():
        yield _warn_of_gap(pairs, habits)
    for (day, _, number), lists in crowded.items():
        yield _warn_of_cap(day, number, lists, habits)


def _find_crowded_days(lane: Iterable[_Timed], cap: int) -> Iterator[tuple[date, list[Delivery]]]:
    """Yield each calendar day, in the posts' own zones, that has more deliveries than `cap`, with all of them."""
    days: dict[date, list[Delivery]] = defaultdict(list)
    for _, delivery in lane:
        days[delivery.post.due.date()].append(delivery)
    yield from ((day, deliveries) for day, deliveries in days.items() if len(deliveries) > cap)


def _warn_of_gap(pairs: Sequence[tuple[_Timed, _Timed]], habits: Habits) -> HabitWarning:
    """Return the warning of two posts that are too near each other on some accounts."""
    (earlier_due, other), (later_due, delivery) = pairs[0]
    minutes = round((later_due - earlier_due) / 60)
    apart = "at the same time as" if not minutes else f"{_say_minutes(minutes)} after"
    where = f"{other.campaign.file}, " if other.campaign is not delivery.campaign else ""
    accounts = _list_accounts([later.account for _, (_, later) in pairs])
    message = f"It goes out {apart} '{other.post.id}' ({where}line {other.post.place.line}) on {accounts}."
    least = _say_minutes(round(habits.gap.total_seconds() / 60))
    hint = f"Your gap is {least}: move one of them, or mend 'gap' in {habits.settings_file}."
    return _warn([later for _, (_, later) in pairs], message, hint)


def _say_minutes(minutes: int) -> str:
    if minutes >= 120 and minutes % 60 == 0:
        return f"{minutes // 60} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _warn_of_cap(day: date, number: int, lists: Sequence[Sequence[Delivery]], habits: Habits) -> HabitWarning:
    """Return the warning of a day with too many posts on some accounts, at the first post over the cap."""
    cap = habits.daily_cap or 0
    accounts = _list_accounts([deliveries[0].account for deliveries in lists])
    message = f"With it {write_date(day)} has {number} posts on {accounts}; your daily cap is {cap}."
    hint = f"Move some to another day, or mend 'daily_cap' in {habits.settings_file}."
    return _warn([each for deliveries in lists for each in deliveries[cap:]], message, hint)


def _list_accounts(names: Sequence[str]) -> str:
    named = ", ".join(names[:_NAMED])
    return named if len(names) <= _NAMED else f"{named} and {len(names) - _NAMED} more"


def _check_clashes(posts: Iterable[Sequence[Delivery]], habits: Habits) -> Iterator[HabitWarning]:
    """Yield a warning for each two campaigns that have a day and an account in common, said of the later one.

    The campaigns are gone through in order of their days, beside those that are not over by then.
    """
    campaigns: dict[int, _Running] = {}
    for deliveries in posts:
        campaign = deliveries[0].campaign
        running = campaigns.setdefault(id(campaign), _Running(campaign, {}))
        for delivery in deliveries:
            running.firsts.setdefault(delivery.account, delivery)
    under_way: list[_Running] = []
    for later in sorted(campaigns.values(), key=lambda running: (running.campaign.date, running.campaign.file)):
        under_way = [earlier for earlier in under_way if earlier.end >= later.campaign.date]
        for earlier in under_way:
            shared = [account for account in later.firsts if account in earlier.firsts]
            if shared:
                yield _warn_of_clash(earlier, later, shared, habits)
        under_way.append(later)


class _Running(NamedTuple):
    """A campaign with the first delivery, as its calendar stands, to each of its accounts."""

    campaign: Campaign
    firsts: dict[str, Delivery]

    @property
    def end(self) -> date:
        return max(self.campaign.until or self.campaign.date, self.campaign.date)


def _warn_of_clash(earlier: _Running, later: _Running, shared: Sequence[str], habits: Habits) -> HabitWarning:
    """Return the warning of two campaigns with a day in common."""
    first, last = later.campaign.date, min(earlier.end, later.end)
    days = f"On {write_date(first)}" if first == last else f"From {write_date(first)} to {write_date(last)}"
    message = (
        f"{days} the campaign '{earlier.campaign.id}' ({earlier.campaign.file}) is on, too, "
        f"and both post on {_list_accounts(shared)}."
    )
    hint = f"See that they fit together; 'clashes: no' in {habits.settings_file} turns these warnings off."
    return _warn([later.firsts[shared[0]]], message, hint, of_campaign=True)
