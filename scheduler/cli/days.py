"""campaign days"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scheduler.bootstrap import App
from scheduler.calendar_folder import show_path
from scheduler.cli.output import choose_paint, count_of, is_terminal, join_lines, open_app, read_day
from scheduler.domain.awareness import DateStatus, Holding, say_source
from scheduler.domain.holding import list_doubtful
from scheduler.domain.problem import suggest
from scheduler.domain.when import MONTHS, WEEKDAYS, YEARS, write_date
from scheduler.errors import UsageError

if TYPE_CHECKING:
    from scheduler.sources.catalogue import Catalogue

LOOK_AHEAD = 180
"""So many days before a day its date should be certain: by then toolkits come out, and people ask for posts."""

_COLOURS = {DateStatus.ESTIMATED: "yellow", DateStatus.UNKNOWN: "red", DateStatus.NOT_HELD: "bright_black"}
_ABOUT = frozenset({DateStatus.ESTIMATED, DateStatus.UNKNOWN})


class _Told(NamedTuple):
    """What the options say of one day."""

    day: str
    year: int | None
    first: str | None
    last: str | None
    source: str | None
    reason: str | None


@click.command(name="days")
@click.option(
    "--year",
    "written_year",
    metavar="Y",
    help="The year to list, or to decide about. Default: what is left of this year, and the next.",
)
@click.option("--topic", metavar="T", help="Only days about this topic.")
@click.option("--ics", "is_ics", is_flag=True, help="As a calendar file for Outlook, Google or Thunderbird.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="With --ics: the file to write, or to bring up to date."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show them.")
@click.option("--strict", is_flag=True, help="Exit 1 if a day of the next 180 has no certain date.")
@click.option(
    "--skip", "skipped", metavar="ID", help="Record that the team lets this day pass in --year, for a --reason."
)
@click.option("--set", "settled", metavar="ID", help="Record the --date of this day, and the --source that says so.")
@click.option("--date", "first", metavar="D", help="With --set: its date, or its first day.")
@click.option("--until", "last", metavar="D", help="With --set: its last day.")
@click.option("--source", callback=join_lines, metavar="S", help="With --set: the page, or the person, that says so.")
@click.option(
    "--reason", callback=join_lines, metavar="R", help="With --skip: why. With --set: why it was moved, if it was."
)
@click.pass_context
def command(
    context: click.Context,
    written_year: str | None,
    topic: str | None,
    is_ics: bool,
    output: Path | None,
    form: str,
    strict: bool,
    skipped: str | None,
    settled: str | None,
    first: str | None,
    last: str | None,
    source: str | None,
    reason: str | None,
) -> int:
    """List the awareness days that are ahead, or of a year, and record what you learn or decide.

    Each with its date and how sure that is, its id and name, what the team decided, and whose page says so. Days of
    the next 180 without a certain date are named at the end. What is recorded goes into the file that the settings
    call `days`.
    """
    year = None if written_year is None else _read_year(written_year)
    if is_ics and form == "json":
        raise UsageError("--ics and --format json ask for two forms. Leave one of them out.")
    if output is not None and not is_ics:
        raise UsageError("-o names the file for --ics. Add --ics, or leave -o out.")
    app = open_app(context)
    if skipped is not None:
        return _skip(app, _Told(skipped, year, first, last, source, reason), settled)
    if settled is not None:
        return _settle(app, _Told(settled, year, first, last, source, reason))
    if any(words is not None for words in (first, last, source, reason)):
        raise UsageError("--date, --until, --source and --reason need --set ID or --skip ID, to say of which day.")
    today = date.today()
    holdings = _list_holdings(app.days, _list_ids(app.days, topic), year, today)
    if is_ics:
        _write_feed(holdings, "Awareness days" if year is None else f"Awareness days {year}", output)
    else:
        _show(app.days, holdings, form)
    doubtful = _find_doubtful(app.days, topic, today)
    _warn(app.days, doubtful, today)
    return 1 if strict and doubtful else 0


def _read_year(words: str) -> int:
    example = f"Write one in four figures: campaign days --year {date.today().year + 1}"
    if not (words.isascii() and words.isdigit()):
        raise UsageError(f"'{words}' is no year. {example}")
    if len(words) > 4 or int(words) not in YEARS:
        raise UsageError(f"{words} is not a year that can be reckoned. {example}")
    return int(words)


def _list_ids(days: Catalogue, topic: str | None) -> list[str]:
    """Return the ids of the days about a topic, or of all. Raise UsageError if no day is about it."""
    if topic is None:
        return days.names()
    topics = {name: [each.lower() for each in days.describe(name).topics] for name in days.names()}
    known = sorted({each for listed in topics.values() for each in listed})
    if topic.lower() not in known:
        near = suggest(topic, known) or f"Known: {', '.join(known)}."
        raise UsageError(f"No day is about '{topic}'. {near}")
    return [name for name, listed in topics.items() if topic.lower() in listed]


def _find_doubtful(days: Catalogue, topic: str | None, today: date) -> list[Holding]:
    ids = _list_ids(days, topic)
    near = [days.find(name, year) for name in ids for year in (today.year, today.year + 1)]
    return list_doubtful(near, today, LOOK_AHEAD)


def _list_holdings(days: Catalogue, ids: Sequence[str], year: int | None, today: date) -> list[Holding]:
    """Return the holdings of a year in order of date; without one what is left of this year's, and the next year's."""
    if year is not None:
        holdings = [days.find(name, year) for name in ids]
    else:
        this_year = [days.find(name, today.year) for name in ids]
        holdings = [each for each in this_year if each.first and (each.last or each.first) >= today]
        holdings += [days.find(name, today.year + 1) for name in ids if today.year + 1 in YEARS]
    return sorted(holdings, key=lambda holding: (holding.first or date.max, holding.day))


def _write_feed(holdings: Sequence[Holding], name: str, output: Path | None) -> None:
    """Write the days with a date as a feed, to a file if one is named."""
    from scheduler.sources.ics import day_events, export_events, write_events

    events = day_events([holding for holding in holdings if holding.status is not DateStatus.UNKNOWN])
    if output is None:
        click.echo(write_events(events, name, datetime.now(UTC)), nl=False)
        return
    if output.suffix.lower() != ".ics":
        raise UsageError(f"{output} would not be read as a calendar. Let its name end in .ics.")
    export_events(output, events, name, datetime.now(UTC))
    click.echo(f"{show_path(output)}: {count_of(len(events), 'day')} written.", err=True)


def _show(days: Catalogue, holdings: Sequence[Holding], form: str) -> None:
    if form == "json":
        click.echo(json.dumps([_fields(days, holding) for holding in holdings], ensure_ascii=False, indent=1))
    else:
        _echo_lines(holdings)


def _fields(days: Catalogue, holding: Holding) -> dict[str, Any]:
    """Return a holding as JSON output gives it; documented in the README and stable."""
    day = days.describe(holding.day)
    return {
        "id": holding.day,
        "year": holding.year,
        "name": holding.name,
        "first": _write(holding.first),
        "last": _write(holding.last),
        "status": str(holding.status),
        "declined": holding.declined,
        "note": holding.note,
        "source": holding.source,
        "verified_on": _write(holding.verified_on),
        "hashtags": list(holding.hashtags),
        "themes": list(holding.themes),
        "topics": list(day.topics),
        "organiser": day.organiser,
    }


def _write(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _echo_lines(holdings: Sequence[Holding]) -> None:
    paint = choose_paint()
    spans = [_say_span(holding) for holding in holdings]
    widths = [max(map(len, column), default=0) for column in (spans, [holding.day for holding in holdings])]
    columns = shutil.get_terminal_size().columns
    for holding, span in zip(holdings, spans, strict=True):
        status = paint(f"{holding.status:<9}", fg=_COLOURS.get(holding.status))
        decided = f"not this year: {holding.declined}" if holding.declined else ""
        more = " · ".join(words for words in (holding.name, decided, holding.note, say_source(holding)) if words)
        room = max(len(holding.name) + 1, columns - sum(widths) - 15)  # the name is shown whole
        if is_terminal() and len(more) > room:
            more = f"{more[: room - 1]}…"
        click.echo(f"{span:<{widths[0]}}  {holding.day:<{widths[1]}}  {status}  {more}".rstrip(), color=True)


def _say_span(holding: Holding) -> str:
    """Return the days of a holding as people read them: "about Mon 19 to Fri 23 Apr 2027"."""
    first, last = holding.first, holding.last
    if first is None:
        return "-"
    about = "about " if holding.status in _ABOUT else ""
    if last is None or last == first:
        return f"{about}{_say_day(first)} {first.year}"
    begins = _say_day(first) if first.month != last.month else f"{WEEKDAYS[first.weekday()][:3]} {first.day}"
    return f"{about}{begins} to {_say_day(last)} {last.year}"


def _say_day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"


def _warn(days: Catalogue, doubtful: Sequence[Holding], today: date) -> None:
    """Say on standard error which days are near and have no certain date, and what to do."""
    if not doubtful:
        return
    number = "One day" if len(doubtful) == 1 else f"{len(doubtful)} days"
    click.echo(f"warning: {number} of the next {LOOK_AHEAD} without a certain date:", err=True)
    for holding in doubtful:
        away = (holding.first - today).days if holding.first else 0
        who = days.describe(holding.day).organiser
        ask = " · ".join(words for words in (f"ask {who}" if who else "", holding.source) if words)
        soon = {0: "today", 1: "tomorrow"}.get(away, f"in {away} days")
        click.echo(f"  {soon}, {_say_span(holding)}: {holding.day} ({holding.status}) · {ask}", err=True)
    click.echo("When you know: campaign days --set ID --date D --source S. Not for you this year: ", err=True, nl=False)
    click.echo("campaign days --skip ID --year Y --reason R.", err=True)


def _skip(app: App, told: _Told, settled: str | None) -> int:
    from scheduler.sources.day_recording import record_skip

    if settled is not None or any(words is not None for words in (told.first, told.last, told.source)):
        raise UsageError("--skip goes with --year and --reason only.")
    if told.year is None or not (told.reason or "").strip():
        raise UsageError(f'Say which year, and why: campaign days --skip {told.day} --year 2027 --reason "…"')
    _check_known(app.days, told.day)
    record_skip(app.settings.days, app.days.file, told.day, told.year, (told.reason or "").strip())
    click.echo(f"Recorded in {app.days.file}: {told.day} {told.year}, not this year: {(told.reason or '').strip()}")
    return 0


def _settle(app: App, told: _Told) -> int:
    from scheduler.sources.catalogue import Catalogue
    from scheduler.sources.day_recording import record_date

    if told.first is None or not (told.source or "").strip():
        raise UsageError(
            f"Say when, and who says so: campaign days --set {told.day} --date 2027-04-19 --source https://…"
        )
    first, last = read_day(told.first), None if told.last is None else read_day(told.last)
    _check_dates(told, first, last)
    _check_known(app.days, told.day)
    reason = (told.reason or "").strip()
    known = app.days.find(told.day, first.year)
    if known.status is DateStatus.COMPUTED and known.first not in {None, first} and not reason:
        where = write_date(known.first) if known.first else ""
        raise UsageError(
            f"By its rule, {known.name} {first.year} is on {where}. If it was moved, say why with --reason."
        )
    record_date(
        app.settings.days, app.days.file, told.day, (first, last), (told.source or "").strip(), reason, date.today()
    )
    recorded = Catalogue(app.settings.days, app.days.file).find(told.day, first.year)
    click.echo(f"Recorded in {app.days.file}: {told.day} is on {_say_span(recorded)}.")
    if known.status is DateStatus.CONFIRMED and known.first not in {None, first}:
        click.echo(f"Before, it was {_say_span(known)} ({known.source}).")
    if known.declined:
        again = f"take the line 'skip:' out of {app.days.file} if that has changed."
        click.echo(f"It stays as decided, not this year ({known.declined}): {again}")
    return 0


def _check_dates(told: _Told, first: date, last: date | None) -> None:
    if told.year is not None and told.year != first.year:
        raise UsageError(f"{write_date(first)} is not in {told.year}. Put --date right, or leave --year out.")
    if last is not None and last < first:
        raise UsageError(f"--until {told.last} is before --date {told.first}. Swap them.")


def _check_known(days: Catalogue, day: str) -> None:
    """Raise UsageError if no day has this id, ConfigError if the team's file has errors."""
    try:
        days.describe(day)
    except KeyError:
        near = suggest(day, days.names()) or "`campaign days` lists those that are known."
        raise UsageError(f"No awareness day is called '{day}'. {near}") from None
