"""What will go wrong, or cost money, if nothing is done: secrets and tokens, quotas, prices, ages. Nothing is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import NamedTuple

from scheduler.domain.account import Account
from scheduler.domain.capabilities import Capabilities, Rate, Setting
from scheduler.domain.delivery import Delivery
from scheduler.domain.problem import Problem, error, warning
from scheduler.domain.when import write_date

NOTICE = timedelta(days=14)
"""How long before its end a token that nobody renews is warned of, whether a post needs it or not."""

_STALE_SHARE = 10 / 12  # of its life after which the month in a setting is warned of


class Load(NamedTuple):
    """What one delivery asks of its account: how many posts it makes there, and what they cost in US dollars.

    `due` is its due time in seconds since 1970, if that is known already: it takes long to work out.
    """

    delivery: Delivery
    posts: int = 1
    price: float | None = None
    due: float | None = None

    @property
    def moment(self) -> float:
        """Return when it is due, in seconds since 1970."""
        return self.delivery.post.due.timestamp() if self.due is None else self.due


_DUE = Load._fields.index("due")


class Standing(NamedTuple):
    """What is known of an account without asking anybody.

    `missing` says of each secret that cannot be read why; `ends` is when its credentials end (aware), as last told.
    `limits` is what its platform told of its limits, by name.
    """

    account: Account
    title: str
    capabilities: Capabilities
    settings: Sequence[Setting] = ()
    missing: Sequence[str] = ()
    ends: datetime | None = None
    limits: Mapping[str, int] = {}


def forecast_account(standing: Standing, loads: Sequence[Load], now: datetime) -> list[Problem]:
    """Return what is ahead for one account; `loads` are its deliveries ahead that may be sent, in order of due time."""
    return [
        *_find_missing(standing, loads),
        *_find_end(standing, loads, now),
        *_find_age(standing, now),
        *_find_crowds(standing, loads),
    ]


def count_posts(delivery: Delivery) -> int:
    """Return how many posts a delivery makes on its account: the parts of a thread, and the first comment."""
    post, target = delivery.post, delivery.post.targets.get(delivery.account)
    parts = post.parts if target is None or target.parts is None else target.parts
    return len(parts) + (post.find_comment(delivery.account) is not None)


def collect_loads(deliveries: Iterable[Delivery], now: datetime) -> dict[str, list[Load]]:
    """Return what is due from now on as `group_loads` does, without prices; of one post, one after the other."""
    grouped: dict[str, list[Load]] = defaultdict(list)
    begin, latest, due, posts, counts = now.timestamp(), None, 0.0, 0, False
    for delivery in deliveries:
        post = delivery.post
        if post is not latest:  # what is the same for all of its accounts is worked out once: there may be thousands
            latest, due = post, post.due.timestamp()
            counts = due >= begin and not delivery.withheld
            posts = 0 if post.targets else count_posts(delivery)
        if counts:
            grouped[delivery.account].append(Load(delivery, posts or count_posts(delivery), None, due))
    for lane in grouped.values():
        lane.sort(key=itemgetter(_DUE))
    return grouped


def sum_prices(loads: Iterable[Load]) -> dict[str, dict[str, float]]:
    """Return what the deliveries cost in US dollars, by account and by month (`2027-03`) of their own zone."""
    sums: dict[str, dict[str, float]] = {}
    for load in loads:
        if load.price:
            months = sums.setdefault(load.delivery.account, {})
            month = f"{load.delivery.post.due:%Y-%m}"
            months[month] = round(months.get(month, 0.0) + load.price, 4)
    return sums


def group_loads(loads: Iterable[Load]) -> dict[str, list[Load]]:
    """Return loads by account, each in order of due time; what is withheld counts for nothing."""
    grouped: dict[str, list[Load]] = {}
    for load in loads:
        if not load.delivery.withheld:
            grouped.setdefault(load.delivery.account, []).append(load)
    for lane in grouped.values():
        lane.sort(key=attrgetter("moment"))
    return grouped


def _find_missing(standing: Standing, loads: Sequence[Load]) -> Iterator[Problem]:
    if standing.missing:
        more = f" The same goes for {len(standing.missing) - 1} more." if len(standing.missing) > 1 else ""
        hint = f"{_count(loads)} cannot go out without it, the first {_say_first(loads)}." if loads else ""
        yield error(f"{standing.account.name}: {standing.missing[0]}{more}", standing.account.place, hint)


def _find_end(standing: Standing, loads: Sequence[Load], now: datetime) -> Iterator[Problem]:
    tokens, name, ends = standing.capabilities.tokens, standing.account.name, standing.ends
    is_renewed = tokens is not None and tokens.are_refreshed(
        standing.account.settings.keys() | standing.account.secrets
    )
    if ends is None:
        if tokens is not None and not is_renewed:
            message = f"{name}: its token lasts {tokens.lifetime.days} days, and nobody knows since when."
            yield warning(message, standing.account.place, "`campaign accounts` asks the platform when it ends.")
        return
    if is_renewed and ends > now:
        return  # the daemon gets a new one before
    late = [load for load in loads if load.delivery.due >= ends]
    if ends <= now:
        yield error(f"{name}: its credentials ended on {_say_day(ends)}.", standing.account.place, _RENEW)
    elif late:
        message = f"{name}: its credentials end on {_say_day(ends)}, before {_count(late)}: {_say_first(late)}."
        yield error(message, standing.account.place, _RENEW)
    elif ends - now < NOTICE:
        yield warning(f"{name}: its credentials end on {_say_day(ends)}.", standing.account.place, _RENEW)


_RENEW = "Make new ones (README, 'Connect your accounts') and put them where the settings say."


def _find_age(standing: Standing, now: datetime) -> Iterator[Problem]:
    for setting in standing.settings:
        value = standing.account.settings.get(setting.name, setting.default)
        if setting.lives is None or not (len(value) == 6 and value.isdigit() and 1 <= int(value[4:]) <= 12):
            continue
        begun = datetime(int(value[:4]), int(value[4:]), 1, tzinfo=UTC)
        what, hint = f"{standing.account.name}: '{setting.name}' is of {value[4:]}/{value[:4]}", "Write a newer month."
        if now >= begun + setting.lives:
            yield error(f"{what}, and {standing.title} may refuse it by now.", standing.account.place, hint)
        elif now >= begun + setting.lives * _STALE_SHARE:
            last = _say_day(begun + setting.lives)
            yield warning(f"{what}; {standing.title} knows it until {last}.", standing.account.place, hint)


def _find_crowds(standing: Standing, loads: Sequence[Load]) -> Iterator[Problem]:
    """Find the first time at which more is due than a quota lets through."""
    facts = standing.capabilities
    if facts.rate is not None:
        counts = [load.posts if facts.rate.counts_replies else 1 for load in loads]
        yield from _find_crowd(standing, facts.rate, loads, counts, "posts")
    if facts.reply_rate is not None:
        yield from _find_crowd(standing, facts.reply_rate, loads, [load.posts - 1 for load in loads], _REPLIES)


_REPLIES = "first comments and later parts of threads"


def _find_crowd(
    standing: Standing, rate: Rate, loads: Sequence[Load], counts: Sequence[int], noun: str
) -> Iterator[Problem]:
    told = standing.limits.get(rate.setting) if rate.setting else None
    if told is not None:
        rate = rate._replace(posts=told, certain=True)
    crowd = _find_excess(rate, loads, counts)
    if crowd is None:
        return
    first, count = crowd
    takes = f"takes {rate.posts}" if told is None else f"takes {rate.posts} of this account, as it says itself"
    message = (
        f"{standing.account.name}: {count} {noun} are due within {_say_span(rate.every)} from {_say(first.delivery)}; "
        f"{standing.title} {takes}."
    )
    place = first.delivery.post.place
    if rate.certain:
        yield error(message, place, "Spread them, or leave some out: the rest would be late or missed.")
    else:
        doubt = "The service does not confirm that limit: they are sent at their times, and some may be late or missed."
        yield warning(f"{message} {doubt}", place, "Spread them, or watch how they go.")


def _find_excess(rate: Rate, loads: Sequence[Load], counts: Sequence[int]) -> tuple[Load, int] | None:
    """Return the first load of a span in which more is due than the rate lets through, and how many; None if none."""
    if sum(counts) <= rate.posts:
        return None
    begin, total, every = 0, 0, rate.every.total_seconds()
    times = [load.moment for load in loads]
    for moment, count in zip(times, counts, strict=True):
        total += count
        while times[begin] <= moment - every:
            total -= counts[begin]
            begin += 1
        if total > rate.posts:
            return loads[begin], total
    return None


def _count(loads: Sequence[Load]) -> str:
    return "1 post" if len(loads) == 1 else f"{len(loads)} posts"


def _say_first(loads: Sequence[Load]) -> str:
    return _say(loads[0].delivery)


def _say(delivery: Delivery) -> str:
    return f"{delivery.campaign.id}/{delivery.post.id} on {_say_day(delivery.post.due)}"


def _say_day(moment: datetime) -> str:
    return write_date(moment.date())


def _say_span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:g} hours" if hours >= 1 else f"{hours * 60:g} minutes"
