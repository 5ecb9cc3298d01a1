"""What commands share: opening the app, showing problems, and times as people read them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from scheduler.bootstrap import App, build_app
from scheduler.calendar_folder import show_path
from scheduler.domain.problem import Problem, Severity
from scheduler.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from scheduler.domain.content import Media
    from scheduler.ledger.reading import Reader

# In English whatever the locale, and a third of the time that strftime takes: a preview says thousands.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# What would turn a shown line round, or move the mark below it, is shown as a sign of its own.
_UNSEEN = dict.fromkeys([0x200B, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")
_EXCERPT = 200  # characters shown of a long line
_NARROWEST = 30
_TYPED = 40  # characters shown of what was typed
_ALWAYS_MARKED = 3
_OTHER_LINES = 3  # of a screen: the sum, the prompt, and a note that goes before
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def open_app(context: click.Context, *, allow_example: bool = True) -> App:
    """Return the app of the settings asked for, saying so on standard error if they are the example's."""
    app = build_app(context.obj, allow_example=allow_example)
    if app.is_example:
        click.echo(f"note: there is no config.yaml; using {app.settings.file}.", err=True)
    return app


def open_ledger_app(context: click.Context) -> App:
    """Return the app for a command that needs the ledger only: errors elsewhere in the settings are shown, no more."""
    app = build_app(context.obj, allow_example=False, ledger_is_enough=True)
    if app.problems:
        from scheduler.ledger.opening import describe

        echo_problems(app.problems, err=True)
        where = describe(app.settings.ledger)
        click.echo(f"note: {app.settings.file} has errors; all that is used of it is the ledger, {where}.", err=True)
    return app


def warn_of_lost_ledger(app: App, ledger: Reader | None = None) -> bool:
    """Say on standard error if a ledger was written from here that is lost, and return whether one is.

    Without `ledger` there is none now; one that is given is lost if it is an older copy.
    """
    if not (app.settings.state / "ledgers").is_dir():  # most have no ledger yet: what reads marks takes long to load
        return False
    from scheduler.high_water_mark import HighWaterMark

    mark = HighWaterMark(app.settings.state, app.settings.ledger)
    is_lost = mark.known is not None if ledger is None else mark.is_missing_in(ledger)
    if is_lost:
        click.echo(f"warning: {mark.explain()}", err=True)
    return is_lost


def join_lines(_context: click.Context, _parameter: click.Parameter, words: str | None) -> str | None:
    """Return what an option was given on one line: reports and the record show a reason in one."""
    return None if words is None else " ".join(words.split())


def echo_note(words: str) -> None:
    """Say on standard error what a command could not do and did not need."""
    click.echo(f"note: {words}", err=True)


def named_paths(app: App, calendars: tuple[Path, ...]) -> list[Path] | None:
    """Return the calendars named on the command line, None if none was. Raise UsageError if one is no file."""
    for path in calendars:
        if path.is_dir():
            raise UsageError(f"{path} is a folder. Name a calendar, or none for all of them.")
        if not os.path.lexists(path):
            raise UsageError(f"There is no file {path}. {_suggest_calendar(app, path)}".strip())
    return list(calendars) or None


def _suggest_calendar(app: App, path: Path) -> str:
    """Return "Did you mean …?" for the calendar whose name, its folder and ending apart, is nearest to a path."""
    from difflib import get_close_matches

    try:
        known = {calendar.stem.lower(): calendar for calendar in app.find_calendars()}
    except ConfigError:  # it is shown when calendars are read
        return ""
    near = get_close_matches(path.stem.lower(), known, n=1)
    return f"Did you mean {show_path(known[near[0]])}?" if near else ""


def read_day(words: str) -> date:
    """Return the date that an option names. Raise UsageError, saying what to type, if it is none."""
    from scheduler.domain.when import MONTHS, WhenError, parse_date

    try:
        return parse_date(words)
    except WhenError as failure:
        if not failure.hint.startswith("Type it like"):  # it knows what was meant
            raise UsageError(str(failure)) from None
        now = datetime.now().astimezone()
        today = f"{now.day} {MONTHS[now.month - 1]} {now.year}"
        message = f"'{words}' is no date. Type the date, like '{today}' or {now:%Y-%m-%d}."
        raise UsageError(message) from None


def take_number(hint: str, most: int = 10**9) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    """Return what makes a number of what is typed for an option or an argument; None stays so.

    It raises UsageError, ending with `hint`, if that is no whole number from 1 to `most`.
    """

    def take(_context: click.Context, parameter: click.Parameter, words: str | None) -> int | None:
        if words is None:
            return None
        where = f"{parameter.opts[0]}: " if isinstance(parameter, click.Option) else ""
        words = words.strip()
        typed = " ".join(words.split())[:_TYPED]
        if not re.fullmatch("[+-]?[0-9]+", words):
            raise UsageError(f"{where}'{typed}' is no whole number. {hint}")
        if words.startswith("-") or not words.strip("+0"):
            raise UsageError(f"{where}{typed} is too small: the least is 1. {hint}")
        if len(words) > _TYPED or int(words) > most:
            raise UsageError(f"{where}{typed} is too large: the most is {most}. {hint}")
        return int(words)

    return take


def echo_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Show problems: on a terminal so that ten fit on a screen, else each on one line with its place marked below."""
    stream = sys.stderr if err else sys.stdout
    paint = _leave_plain if is_colourless() else click.style
    if stream is not None and stream.isatty():
        width, height = _measure_screen(stream)
        for line in lay_out_problems(list(problems), width, height - _OTHER_LINES, paint):
            click.echo(line, err=err)
        return
    for problem in problems:
        head, _, words = str(problem).partition(f" {problem.severity}: ")
        click.echo(f"{head} {paint(problem.severity + ':', fg=_COLOURS[problem.severity])} {words}", err=err)
        for line in mark_place(problem):
            click.echo(f"        {line}", err=err)


def _measure_screen(stream: TextIO) -> tuple[int, int]:
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns = lines = 0
    return columns or 80, lines or 24


def lay_out_problems(
    problems: Sequence[Problem], width: int, height: int, paint: Callable[..., str] | None = None
) -> list[str]:
    """Return problems as the lines of a screen of a width and height, in characters.

    The name of a file stands above its problems. The first ones are followed by their lines, with the place marked,
    as far as there is room for it; of more problems than a screen holds only the first three are.
    """
    told = [_lay_out(problem, width, paint or _leave_plain) for problem in problems]
    marked = [_mark_in_width(problem, width) for problem in problems]
    files = [problem.place.file for problem in problems]
    is_first = [number == 0 or files[number - 1] != file for number, file in enumerate(files)]
    room = height - sum(map(len, told)) - sum(is_first)
    lines: list[str] = []
    for number, words in enumerate(told):
        lines += [files[number]] if is_first[number] else []
        lines += words
        if len(marked[number]) <= room or (room < 0 and number < _ALWAYS_MARKED):
            lines += marked[number]
            room -= len(marked[number]) if room > 0 else 0
        else:
            room = min(room, 0)
    return lines


def _lay_out(problem: Problem, width: int, paint: Callable[..., str]) -> list[str]:
    """Return the lines that tell of a problem, but for its file."""
    from textwrap import wrap
    from unicodedata import east_asian_width

    place = f"{problem.place.line}:{problem.place.column}" if problem.place.line else ""
    words = " ".join(f"{place:>7} {problem.severity}: {problem.message} {problem.hint}".split())
    wide = max(width - sum(east_asian_width(sign) in "WF" for sign in words), _NARROWEST)
    indent = " " * (max(2, 8 - len(place)) if place else 9)
    first, *rest = wrap(words, wide, initial_indent=indent, subsequent_indent=" " * 9, break_on_hyphens=False)
    label = f"{problem.severity}:"
    return [first.replace(label, paint(label, fg=_COLOURS[problem.severity]), 1), *rest]


def _mark_in_width(problem: Problem, width: int) -> list[str]:
    """Return the line of the file and the mark below it, neither longer than a screen is wide."""
    marked = mark_place(problem, max(width - 13, _NARROWEST))
    return [f"            {line}" for line in marked]


def mark_place(problem: Problem, longest: int = _EXCERPT) -> list[str]:
    """Return the line of the file, or what stands around the place of a long one, and below it a mark at the place."""
    line, column = problem.line_text.rstrip(), problem.place.column - 1
    if not line.strip() or not 0 <= column <= len(line):
        return []
    start = len(line) - len(line.lstrip())
    if column > start + longest - 20:
        start = column - longest // 3
    shown = line[start : start + longest].translate(_UNSEEN)
    width = max(1, min(problem.place.width, len(shown) - (column - start)))
    return [shown, " " * (column - start) + "^" * width]


def problem_fields(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON output gives it."""
    return {
        "severity": str(problem.severity),
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
    }


def exit_code(problems: list[Problem], *, strict: bool) -> int:
    """Return 2 if there is an error, 1 if a warning counts, else 0."""
    severities = {problem.severity for problem in problems}
    if Severity.ERROR in severities:
        return 2
    return 1 if strict and severities else 0


def write_utc(moment: datetime | None) -> str | None:
    """Return a moment as JSON output gives it: ISO 8601, seconds, Z."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def say_local(moment: datetime) -> str:
    """Return a moment as people read it, with its zone."""
    day = f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return f"{day} {say_hour(moment)} {moment.tzname()}"


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, a regular one: "1 error", "2 errors", "2 deliveries"."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeou" else f"{number} {noun}s"


def say_hour(moment: datetime) -> str:
    """Return the hour and minute of a moment."""
    return f"{moment.hour:02}:{moment.minute:02}"


def say_price(dollars: float) -> str:
    """Return a price with its cents, and with parts of a cent where there are any."""
    return f"${dollars:.2f}" if round(dollars, 2) == dollars else f"${dollars:.3f}"


def say_embargo(until: datetime) -> str:
    """Return what stands at a post whose embargo, until that moment, has not ended."""
    return f"EMBARGO until {say_local(until)}: not to leave the team before"


def describe_film(media: Media) -> str:
    """Return the facts of a film in words."""
    size = f"{media.size / 1e6:.1f} MB" if media.size >= 100_000 else f"{media.size / 1e3:.0f} kB"
    facts = ["film", f"{media.seconds:.0f} s", f"{media.width} by {media.height}", size]
    if media.captions:
        facts.append(f"captions {media.captions}")
    elif not media.captions_needed:
        facts.append("captions burnt in, or nothing said")
    else:
        facts.append("NO CAPTIONS")
    return ", ".join([*([f"“{media.title}”"] if media.title else []), *facts])


def who_am_i() -> str:
    """Return the name that the record keeps for the person at the command line."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"


def is_terminal() -> bool:
    """Return whether a person is looking at standard output."""
    return sys.stdout is not None and sys.stdout.isatty()  # it is None if it was closed from the start


def is_colourless() -> bool:
    """Return whether NO_COLOR is set, to anything: nothing is to be coloured then (no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


@contextmanager
def make_progress(words: str, count: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal's standard error how far a long work has come; what is yielded is called after each step."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=count)
        yield lambda: progress.advance(task)


def choose_paint() -> Callable[..., str]:
    """Return `click.style` if a person is looking at standard output, else what takes the same and changes nothing."""
    return click.style if is_terminal() and not is_colourless() else _leave_plain


def _leave_plain(words: str, **_: Any) -> str:
    return words
