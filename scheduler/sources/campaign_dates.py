"""The dates of a campaign: those that its calendar writes, or those of the awareness day that it names."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from scheduler.domain.awareness import SURE, DateStatus, DayBook, Holding, say_doubt
from scheduler.domain.problem import suggest
from scheduler.domain.when import YEARS, parse_date, write_date
from scheduler.errors import ConfigError
from scheduler.sources.models import CalendarFields
from scheduler.sources.reporting import Reporter

_UNSURE = frozenset({DateStatus.ESTIMATED, DateStatus.UNKNOWN})
_NO_DATE = "Type a line such as `date: 18 March 2027`, or `day: ce-awareness-day` and below it `year: 2027`."


class CampaignDates(NamedTuple):
    """When a campaign is: `day` is None if that could not be read. `unsettled` says why nothing of it may be sent."""

    day: date | None = None
    until: date | None = None
    unsettled: str = ""


def read_dates(reporter: Reporter, fields: CalendarFields, days: DayBook | None) -> CampaignDates:
    """Return the dates of a campaign. What is wrong with them is noted in `reporter`; `days` are those known."""
    written = reporter.read_words(fields.date, ("date",), parse_date)
    until = reporter.read_words(fields.until, ("until",), parse_date)
    if fields.day is None:
        if fields.date is None and "date" not in reporter.document.data:
            reporter.report(("campaign",), "'date' is missing.", _NO_DATE)
        if fields.year is not None:
            reporter.report(("year",), "'year' belongs to a campaign with 'day:'.", "Take it out.")
        return _check_order(reporter, fields, CampaignDates(written, until))
    holding = _find_holding(reporter, fields, written, days)
    if holding is None:
        return CampaignDates(written, until)
    if written is not None:
        _compare(reporter, holding, written)
        if holding.status in _UNSURE:  # somebody asked the organiser, and wrote down what they said
            holding = holding._replace(first=written, last=_move_end(holding, written), status=DateStatus.CONFIRMED)
    doubt = say_doubt(holding)
    if doubt:
        reporter.warn(("day",), f"Nothing of this campaign will be sent: {doubt}.", _hint(holding))
    first = written or holding.first or date(holding.year, 12, 31)
    last = holding.last if holding.last and holding.last > first else None
    return _check_order(reporter, fields, CampaignDates(first, until or last, doubt))


def _find_holding(
    reporter: Reporter, fields: CalendarFields, written: date | None, days: DayBook | None
) -> Holding | None:
    """Return the holding that a calendar names; None, with a problem noted, if it cannot be found."""
    name = str(fields.day)
    if fields.year is None and written is None:
        if fields.date is None:
            reporter.report(("day",), "'day' does not say of which year.", "Add 'year: 2027' below it.")
        return None
    year = int(fields.year) if fields.year is not None else written.year if written else 0
    if year not in YEARS or (written is not None and written.year != year):
        hint = f"Write 'year: {written.year}', or put 'date' right." if written else "Write one such as 2027."
        reporter.report(("year",), f"{year} is not the year of this campaign.", hint)
        return None
    try:
        return (days or _NoDays()).find(name, year)
    except KeyError:
        known = days.names() if days is not None else ()
        hint = suggest(name, known) or "`campaign days` lists those that are known; or write 'date:' instead."
        reporter.report(("day",), f"no awareness day is called '{name}'.", hint)
    except ConfigError as failure:
        first = failure.problems[0]
        where = f"{first.place.file} has errors, the first on line {first.place.line}"
        message = f"It is not known when '{name}' is: {where}."
        reporter.report(("day",), message, "Mend that file: `campaign check` names everything that is wrong in it.")
    return None


def _compare(reporter: Reporter, holding: Holding, written: date) -> None:
    """Note that a date disagrees with what is known of its day: sector calendars are often a year old."""
    if holding.first is None or holding.first == written or holding.status not in SURE:
        return
    message = f"{holding.name} {holding.year} is on {write_date(holding.first)}, not on {write_date(written)}."
    record = f"`campaign days --set {holding.day} --date D --source S --reason R`"
    hint = f"Take 'date:' out; if it was moved, record who says so, and why: {record}."
    reporter.report(("date",), message, hint)


def _move_end(holding: Holding, first: date) -> date | None:
    return first + (holding.last - holding.first) if holding.last and holding.first else None


def _hint(holding: Holding) -> str:
    if holding.declined or holding.first is None:
        return "Write 'draft: yes' on it, or take the file out."
    record = f"`campaign days --set {holding.day} --date D --source S`"
    return f"Ask the organiser. When it is certain, type {record}, or write 'date:' below 'day:'."


def _check_order(reporter: Reporter, fields: CalendarFields, dates: CampaignDates) -> CampaignDates:
    if dates.day and dates.until and dates.until < dates.day:
        begins = fields.date or write_date(dates.day)
        reporter.report(("until",), "It ends before it begins.", f"'until' must be {begins} or later.")
        return dates._replace(until=None)
    return dates


class _NoDays:
    def find(self, day: str, year: int) -> Holding:
        raise KeyError(day)
