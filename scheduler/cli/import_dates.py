"""What `campaign import` is told of a campaign: its options, and the days that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.bootstrap import App
from scheduler.cli.output import echo_note, read_day
from scheduler.domain.problem import suggest
from scheduler.domain.when import write_date
from scheduler.errors import UsageError

if TYPE_CHECKING:
    from scheduler.sources.toolkit import Toolkit

_DATES = ("date", "day", "year", "until")


class Options(NamedTuple):
    """What the command line says of how to read a toolkit; what it leaves out, an update takes from last time."""

    maps: tuple[str, ...]
    sheet: str | None
    date: str | None
    day: str | None
    year: str | None
    accounts: str | None
    until: str | None = None

    def filled_from(self, old: Mapping[str, Any]) -> Options:
        """Return these options, and where nothing is said those of last time."""
        now = {name: value for name, value in self._asdict().items() if value}
        kept = {name: old.get(name) for name in self._fields}
        if self.date or self.day:
            kept |= dict.fromkeys(_DATES)
        return Options(**{**kept, **now, "maps": tuple(self.maps or old.get("maps", ()))})

    def following(self, fields: Mapping[str, Any], *, is_dated: bool) -> Options:
        """Return these options with the dates of a calendar, which somebody may have put right since.

        With `is_dated` the first day is that of the command line; the last one is always the calendar's.
        """
        date, day, year, until = (str(fields[name]) if fields.get(name) else None for name in _DATES)
        if is_dated or not (date or day):
            return self._replace(until=until)
        return self._replace(date=date, day=day, year=year, until=until)


def find_days(app: App, options: Options) -> tuple[date | None, date | None]:
    """Return the campaign's first and last day, each None if it is not known."""
    written = read_day(options.date) if options.date else None
    first, last = written, None
    if options.day:
        year = options.year or (str(written.year) if written else None)
        first, last = _find_awareness_day(app, options.day, year)
        if written and first and last:  # a date that goes before that of the day moves all of it
            last += written - first
        first = written or first
    if options.until:
        last = read_day(options.until)
    _refuse_backwards(first, last)
    return first, last


def _refuse_backwards(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        hint = "Put its first or its last day right."
        raise UsageError(f"The campaign would end on {write_date(last)}, before it begins. {hint}")


def _find_awareness_day(app: App, day: str, year: str | None) -> tuple[date | None, date | None]:
    if not year or not year.isdigit():
        raise UsageError("--day needs a year: --year 2027.")
    try:
        holding = app.days.find(day, int(year))
        return holding.first, holding.last
    except KeyError:
        hint = suggest(day, app.days.names()) or "`campaign days` lists those that are known."
        raise UsageError(f"No awareness day is called '{day}'. {hint}") from None


def find_zone(name: object) -> ZoneInfo | None:
    """Return the time zone that a calendar names, None if it names none. Raise UsageError if there is none such."""
    if not name:
        return None
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        message = f"The calendar's 'timezone:' is '{name}', and no time zone is called that."
        raise UsageError(f"{message} Write one such as Europe/London.") from None


def make_head(toolkit: Toolkit, options: Options) -> dict[str, Any]:
    """Return the first fields of the calendar: its date, and that nothing of it is sent yet."""
    until = {"until": write_date(read_day(options.until))} if options.until else {}
    if options.day:
        return {"day": options.day, "year": str(options.year), **until, "draft": "yes"}
    if options.date:
        day = read_day(options.date)
        return {"date": write_date(day), **(until or _derive_until(toolkit, day)), "draft": "yes"}
    needy = next((post for post in toolkit.posts if post.needs_day), None)
    days = Counter(post.day for post in toolkit.posts if post.day is not None)
    if needy is not None or not days:
        where = (needy or toolkit.posts[0]).place
        hint = "Add --date '18 March 2027', or --day ce-awareness-day --year 2027."
        raise UsageError(f"{where}: this post counts from the campaign's date, which the toolkit does not say. {hint}")
    most = max(days.values())
    day = min(each for each, number in days.items() if number == most)
    _refuse_backwards(day, read_day(options.until) if options.until else None)
    echo_note(f"the campaign's date is taken to be {write_date(day)}, on which most posts are; --date says otherwise.")
    return {"date": write_date(day), **until, "draft": "yes"}


def _derive_until(toolkit: Toolkit, day: date) -> dict[str, str]:
    """Return the last day of a campaign by what its rows say of its length, saying so; nothing if they do not."""
    if toolkit.length is None:
        return {}
    last = write_date(day + timedelta(days=toolkit.length - 1))
    echo_note(
        f"the campaign's days are taken to end on {last}, as its rows count {toolkit.length}; --until says otherwise."
    )
    return {"until": last}
