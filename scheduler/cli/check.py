"""campaign check"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path

import click

from scheduler.bootstrap import App, all_problems, inspect_media
from scheduler.cli.output import count_of, echo_note, echo_problems, exit_code, named_paths, open_app, problem_fields
from scheduler.domain.delivery import Delivery
from scheduler.domain.forecast import collect_loads, forecast_account
from scheduler.domain.plan import list_deliveries
from scheduler.domain.problem import Problem, Severity
from scheduler.domain.rendering import render_delivery
from scheduler.preview import Shown
from scheduler.side_by_side import work_side_by_side
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.doubtful_tags import find_doubtful_tags
from scheduler.sources.habit_warnings import LATELY, find_habit_warnings

_LONG = 6000  # deliveries that are worth another process: a check of one takes half the time of a preview
_MOST_PAST = 5  # calendars that are over and are named


@click.command(name="check")
@click.argument("calendars", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count too: exit 1 if there is one.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show the problems.")
@click.pass_context
def command(context: click.Context, calendars: tuple[Path, ...], strict: bool, form: str) -> int:
    """Name every problem of the calendars and the settings.

    One line each: PATH:LINE:COLUMN: severity: message. What is wrong with a whole file stands at its top, 1:1.
    Texts are measured for each account they go to.
    Quotas that the plan exceeds, credentials that end before it and settings that are too old are errors too.
    Warnings of your team's habits (hours, gap, cap, clashes) compare the calendars that are read: all, or those named.
    Of one calendar named alone it is a warning if all its posts are over, of the folder a note: old years may stay.
    Exit 0 if there is no error, 2 if there is one, 1 for a warning with --strict.
    """
    app = open_app(context)
    files = app.read_calendars(named_paths(app, calendars), side_by_side=True)
    problems = [] if calendars else [*app.days.problems, *app.find_lookalikes()]
    problems += all_problems(files)
    problems += [] if calendars else find_doubtful_tags(files)
    problems += _warn_if_over(files[0]) if len(calendars) == 1 else []
    deliveries = list(list_deliveries([file.campaign for file in files if file.campaign is not None]))
    problems += _check_texts(app, deliveries)
    since = datetime.now(UTC) - LATELY
    problems += [warned.problem for warned in find_habit_warnings(deliveries, app.settings.habits, files, since)]
    problems += [] if calendars else _forecast(app, deliveries)
    problems = _sort(dict.fromkeys(problems), [file.file for file in files])
    if form == "json":
        click.echo(json.dumps([problem_fields(problem) for problem in problems], ensure_ascii=False, indent=1))
    else:
        echo_problems(problems)
        _echo_sum(len(files), problems)
        if not calendars:
            _echo_past(files)
    return exit_code(problems, strict=strict)


def _warn_if_over(file: CalendarFile) -> list[Problem]:
    """Return a warning of a calendar that is past; only of one named alone, for old years may stay in the folder."""
    from scheduler.sources.past_campaigns import find_past

    found = find_past(file, datetime.now(UTC))
    return [] if found is None else [found]


def _sort(problems: Iterable[Problem], files: Sequence[str]) -> list[Problem]:
    """Return problems in the order of each file: first those of the whole folder, then the calendars in their order."""
    listed = list(problems)
    known = set(files)
    before = [problem.place.file for problem in takewhile(lambda each: each.place.file not in known, listed)]
    names = dict.fromkeys([*before, *files, *(problem.place.file for problem in listed)])
    order = {name: number for number, name in enumerate(names)}
    return sorted(listed, key=lambda each: (order[each.place.file], each.place.line, each.place.column))


def _echo_past(files: Sequence[CalendarFile]) -> None:
    """Say which calendars of the folder are over. It is no warning, for old years may stay; a wrong year is seen."""
    from scheduler.sources.past_campaigns import list_past

    if past := list_past(files, datetime.now(UTC)):
        listed = ", ".join(past[:_MOST_PAST]) + (f" and {len(past) - _MOST_PAST} more" if past[_MOST_PAST:] else "")
        echo_note(f"all posts are over of {listed}. Is the year right? `campaign roll` writes next year's calendar.")


def _forecast(app: App, deliveries: Sequence[Delivery]) -> list[Problem]:
    """Return what will surely fail, as far as the calendars and the settings tell: `campaign forecast` has more."""
    now = datetime.now(UTC)
    loads = collect_loads(deliveries, now)
    return [
        problem
        for name, standing in app.list_standings(read_secrets=False).items()
        for problem in forecast_account(standing, loads.get(name, ()), now)
        if problem.severity is Severity.ERROR
    ]


def _echo_sum(files: int, problems: list[Problem]) -> None:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    found = f"{count_of(errors, 'error')}, {count_of(warnings, 'warning')}"
    click.echo(f"{count_of(files, 'calendar')} read: {found}.", err=True)


def _check_texts(app: App, deliveries: list[Delivery]) -> list[Problem]:
    shown = app.show_accounts({delivery.account for delivery in deliveries})
    found = work_side_by_side(deliveries, partial(_check_some, shown), long=_LONG)
    return [problem for problems in found for problem in problems]


def _check_some(shown: Mapping[str, Shown], deliveries: Sequence[Delivery]) -> list[Problem]:
    problems: list[Problem] = []
    for delivery in deliveries:
        account = shown[delivery.account]
        rendered = render_delivery(delivery, account.platform, account.account, account.limits, inspect_media)
        problems += rendered.problems
    return problems
