"""campaign diff"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import click

from scheduler.bootstrap import App, all_problems, inspect_media
from scheduler.calendar_folder import show_path
from scheduler.cli.output import (
    choose_paint,
    count_of,
    echo_note,
    echo_problems,
    named_paths,
    open_app,
    say_local,
    warn_of_lost_ledger,
    write_utc,
)
from scheduler.domain.awareness import DayBook
from scheduler.domain.campaign import Campaign, Image, Video
from scheduler.domain.content import Inspect, Media, compose_content
from scheduler.domain.delivery import Delivery
from scheduler.domain.difference import Change, Difference, Kind, Standing, Version, What, compare_plans
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import has_errors
from scheduler.domain.wording import Fate, compare_words
from scheduler.errors import ConfigError, UnfitPicture, UsageError
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.versions import Revision

_LEDGER = "ledger"
_NEAR = 40  # characters shown of what did not change, on either side of what did
_CALENDARS = frozenset({".yaml", ".yml"})


class Before(NamedTuple):
    """What the calendars are compared with: campaigns, how to look up their pictures, and what to call it."""

    campaigns: list[Campaign]
    inspect: Inspect
    said: str


@click.command(name="diff")
@click.argument("calendars", nargs=-1, type=click.Path(path_type=Path))
@click.option("--against", default=_LEDGER, metavar="WHAT", help="ledger (the default), a file, or a git revision.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.pass_context
def command(context: click.Context, calendars: tuple[Path, ...], against: str, form: str) -> int:
    """Show what changed, delivery by delivery, and what that means for what goes out.

    Compares with what the daemon loaded last, with a file (an older copy of one calendar), or with a git revision such
    as HEAD or main. Words are compared as they will be sent. Exit 0 if nothing changed, 1 if something did, 2 if a
    calendar has errors, which is then not compared.
    """
    app = open_app(context)
    files = app.read_calendars(named_paths(app, calendars))
    problems = all_problems(files)
    if has_errors(problems):
        echo_problems(problems, err=True)
        for file in files:
            if file.campaign is None:
                echo_note(f"{file.file} has errors: it is not compared, and its last good version stays in force.")
    before = _choose(app, files, against, is_named=bool(calendars))
    now = datetime.now(UTC)
    differences = compare_plans(
        _make_versions(before.campaigns, before.inspect),
        _make_versions(_campaigns(files), inspect_media),
        _read_standing(app, now),
    )
    if form == "json":
        click.echo(json.dumps([_fields(difference) for difference in differences], ensure_ascii=False, indent=1))
    else:
        _show_text(differences, before.said)
    return 2 if has_errors(problems) else 1 if differences else 0


def _choose(app: App, files: Sequence[CalendarFile], against: str, *, is_named: bool) -> Before:
    """Return what to compare with. Raise UsageError, saying what to do, if there is no such thing."""
    if against == _LEDGER:
        return _read_ledger(app, files, is_named=is_named)
    path = Path(against)
    if path.exists() and not path.is_dir():
        return _read_file(app, files, path)
    if path.suffix.lower() in _CALENDARS:
        raise UsageError(f"There is no file {against}. Name one that is there, or a git revision such as HEAD.")
    try:
        return _read_revision(app, files, against, is_named=is_named)
    except UsageError:
        if path.is_dir():
            raise UsageError(f"{against} is a folder. Name a calendar in it, or a git revision.") from None
        raise


def _campaigns(files: Iterable[CalendarFile]) -> list[Campaign]:
    return [file.campaign for file in files if file.campaign is not None]


def _id_of(campaign: Campaign) -> tuple[str, str]:
    return campaign.id, campaign.occurrence


def _read_ledger(app: App, files: Sequence[CalendarFile], *, is_named: bool) -> Before:
    """Return what the daemon loaded last: of each campaign the newest version, whatever its file was called."""
    if not app.has_ledger():
        warn_of_lost_ledger(app)
        raise UsageError(
            "There is no ledger yet: the daemon has loaded nothing to compare with. "
            "Compare with a file or a git revision, such as: campaign diff --against HEAD"
        )
    names = {app.name_calendar(file.file): file for file in files}
    ids = {_id_of(campaign) for campaign in _campaigns(files)}
    found: dict[tuple[str, str], tuple[str, Campaign]] = {}
    revisions = app.open_desk().revisions()
    days = _find_days(app, dict(revisions).get(app.name_calendar(app.days.file)), app.settings.days.exists())
    for name, content in revisions:
        old = app.read_old_calendar(show_path(app.settings.calendars / name), content, days).campaign
        if old is not None:
            found.pop(_id_of(old), None)
            found[_id_of(old)] = (name, old)
    campaigns = []
    for name, old in found.values():
        if name in names and names[name].campaign is None:
            continue  # it is broken now, and stays in force as it was
        if name in names or _id_of(old) in ids:
            campaigns.append(old)
        elif not is_named:
            campaigns.append(_leave_out_the_past(old))
    return Before(campaigns, inspect_media, "what the daemon loaded last")


def _find_days(app: App, content: bytes | None, are_known: bool) -> DayBook:
    """Return the awareness days with the team's file as it was; those of now if nobody knows how it was."""
    if content is None and not are_known:
        return app.days
    return Catalogue(file=app.days.file, content=content)


def _leave_out_the_past(campaign: Campaign) -> Campaign:
    """Return a campaign whose calendar is gone without what is over: when it went, nobody noted."""
    now = datetime.now(UTC)
    return campaign._replace(posts=tuple(post for post in campaign.posts if post.due + post.not_after >= now))


def _read_file(app: App, files: Sequence[CalendarFile], path: Path) -> Before:
    """Return an older copy of a calendar, its pictures looked for beside the one it is a copy of."""
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise UsageError(f"{path} cannot be read: {failure.strerror}.") from None
    old = _read_old(app, str(path), str(path), content)
    same = [file for file in files if file.campaign is not None and file.campaign.id == old.id]
    if len(files) == 1:
        same = list(files)
    if len(same) != 1:
        raise UsageError(f"Name the calendar to compare with {path}: campaign diff CALENDAR --against {path}")
    files_before = [file for file in files if file is not same[0]]
    old = _read_old(app, same[0].file, str(path), content)
    return Before([old, *_campaigns(files_before)], inspect_media, str(path))


def _read_revision(app: App, files: Sequence[CalendarFile], name: str, *, is_named: bool) -> Before:
    """Return the calendars, and the pictures beside them, as they were at a git revision."""
    folder = Path(files[0].file).parent if is_named else app.settings.calendars
    revision = Revision(folder, name)
    paths = {file.file: Path(file.file) for file in files if file.campaign is not None}
    if not is_named:
        known = {Path(file.file).name for file in files}
        gone = [path for path in revision.list_files(folder) if path.suffix.lower() in _CALENDARS]
        paths |= {show_path(path): path for path in gone if path.name not in known}
    days = _find_days(app, revision.read(app.settings.days), revision.keeps(app.settings.days))
    campaigns = []
    for shown, path in paths.items():
        content = revision.read(path)
        if content is not None:
            campaigns.append(_read_old(app, shown, f"{name}:{shown}", content, days))
        elif is_named:
            raise UsageError(f"{shown} was not there at {name}. `git log -- {shown}` lists the revisions that have it.")
    return Before(campaigns, _make_inspect(revision), name)


def _read_old(app: App, file: str, said: str, content: bytes, days: DayBook | None = None) -> Campaign:
    """Return an older version of a calendar. Raise ConfigError with its problems if it has errors."""
    old = app.read_old_calendar(file, content, days)
    if old.campaign is None:
        named = [problem._replace(place=problem.place._replace(file=said)) for problem in old.problems]
        raise ConfigError(named)
    return old.campaign


def _make_inspect(revision: Revision) -> Inspect:
    """Return what looks up pictures as they were: of their facts, all that tells one from another."""

    def inspect(media: Image | Video) -> Media:
        now = inspect_media(media)
        captions = revision.digest(Path(now.captions)) if now.captions else ""
        then = revision.digest(Path(media.path))  # empty if it is not kept in the repository, so that nobody knows
        return now._replace(digest=then or now.digest, captions_digest=captions or now.captions_digest)

    return inspect


def _make_versions(campaigns: Iterable[Campaign], inspect: Inspect) -> Iterator[Version]:
    """Yield every delivery with what it says, composed by the function that preview and daemon call."""

    def look(media: Image | Video) -> Media:
        try:
            return inspect(media)
        except UnfitPicture:  # it may be gone since
            return Media(media.path, media.alt, "", "", 0, 0, 0)

    for delivery in plan_deliveries(campaigns):
        yield Version(delivery, compose_content(delivery.post, delivery.account, look))


def _read_standing(app: App, now: datetime) -> Standing:
    if not app.has_ledger():
        warn_of_lost_ledger(app)
        return Standing({}, (), now)
    desk = app.open_desk()
    return Standing(desk.standings(), desk.holds(), now)


def _fields(difference: Difference) -> dict[str, Any]:
    """Return a difference as JSON output gives it; documented in the README and stable."""
    delivery = difference.delivery
    return {
        **delivery.ids,
        "file": delivery.campaign.file,
        "change": str(difference.kind),
        "due_local": delivery.post.due.isoformat(timespec="seconds"),
        "due_utc": write_utc(delivery.due),
        "status": str(difference.status) if difference.status is not None else None,
        "outcome": difference.outcome,
        "same_words_as": difference.twin or None,
        "changes": [
            {"what": str(change.what), "part": change.part or None, "old": change.old, "new": change.new}
            for change in difference.changes
        ],
    }


def _show_text(differences: Sequence[Difference], said: str) -> None:
    paint = choose_paint()
    ordered = sorted(differences, key=lambda difference: difference.delivery.campaign.file)
    for file, of_file in groupby(ordered, key=lambda difference: difference.delivery.campaign.file):
        click.echo(paint(file, bold=True), color=True)
        for _, alike in groupby(of_file, key=_likeness):
            same = list(alike)
            click.echo(
                "\n".join(f"  {line}" for line in _write(same[0], [each.delivery for each in same], paint)), color=True
            )
        click.echo()
    counts = [(kind, sum(each.kind is kind for each in differences)) for kind in Kind]
    told = ", ".join(f"{count_of(count, 'delivery')} {kind}" for kind, count in counts if count)
    click.echo(f"{told or 'No delivery differs'}, against {said}.", err=True)


def _likeness(difference: Difference) -> tuple[Any, ...]:
    """Return what is the same for accounts to which the same happened: they are shown together."""
    post = difference.delivery.post
    essence = tuple(_find_essence(change) for change in difference.changes)
    return difference.kind, difference.is_account, post.id, post.due, difference.outcome, bool(difference.twin), essence


def _find_essence(change: Change) -> tuple[Any, ...]:
    """Return what a change comes to: of a text that has variants, the words that were taken out and put in."""
    if change.what is not What.TEXT:
        return tuple(change)
    pieces = compare_words(change.old, change.new)
    return change.what, change.part, tuple(piece for piece in pieces if piece.fate is not Fate.KEPT)


_SIGNS = {Kind.ADDED: ("+", "green"), Kind.REMOVED: ("-", "red"), Kind.CHANGED: ("~", "yellow")}


def _write(difference: Difference, alike: Sequence[Delivery], paint: Callable[..., str]) -> Iterator[str]:
    delivery = difference.delivery
    sign, colour = _SIGNS[difference.kind]
    is_whole = difference.kind is not Kind.CHANGED
    what = f"account {difference.kind}" if difference.is_account and is_whole else difference.kind
    names = ", ".join(each.account for each in alike)
    yield paint(f"{sign} {what}", fg=colour) + f" {delivery.post.id} → {names} · {say_local(delivery.post.due)}"
    if difference.outcome:
        yield "    " + paint(difference.outcome, bold=True)
    if difference.twin and difference.twin not in difference.outcome:
        yield f"    the same words as {difference.twin}, which is removed"
    if difference.is_account and is_whole:
        return
    for change in difference.changes:
        lines = [_begin(change.old or change.new)] if is_whole else _write_change(change, difference, paint)
        yield from (f"    {line}" for line in lines)


def _begin(text: str) -> str:
    """Return the beginning of a text, on one line."""
    words = " ".join(text.split())
    return words if len(words) <= 2 * _NEAR else f"{words[: 2 * _NEAR].rpartition(' ')[0]} …"


def _write_change(change: Change, difference: Difference, paint: Callable[..., str]) -> Iterator[str]:
    part = f" of part {change.part}" if change.part and max(each.part for each in difference.changes) > 1 else ""
    name = f"{_NAMES[change.what]}{part}"
    before = difference.before
    if change.what is What.TIME and before is not None:
        yield f"{name}: {say_local(before.post.due)} → {say_local(difference.delivery.post.due)}"
    elif change.what in {What.TEXT, What.ALT, What.CARD, What.WARNING} and change.old and change.new:
        yield f"{name}:"
        yield from (f"  {line}" for line in _write_words(change, paint))
    elif change.what is What.DRAFT:
        yield f"{name}: {change.old or 'free to be sent'} → {change.new or 'free to be sent'}"
    else:
        yield f"{name}: {_show(change.old)} → {_show(change.new)}"


_NAMES = {
    What.TIME: "time",
    What.NOT_AFTER: "latest after its time",
    What.TEXT: "text",
    What.PARTS: "messages in the thread",
    What.PICTURE: "pictures",
    What.ALT: "alt text",
    What.CARD: "card of the link",
    What.WARNING: "content warning",
    What.REPLIES: "who may answer",
    What.LANGUAGE: "language",
    What.DRAFT: "held back",
    What.EMBARGO: "embargo",
    What.TAGS: "tags",
}


def _show(words: str) -> str:
    return " ".join(words.split()) or "none"


def _write_words(change: Change, paint: Callable[..., str]) -> Iterator[str]:
    """Yield the old and the new words, each with what is not in the other marked."""
    pieces = compare_words(change.old, change.new)
    if change.old.split() == change.new.split():
        yield "only spaces or line breaks"
        return
    for head, fate, colour in (("was: ", Fate.TAKEN_OUT, "red"), ("now: ", Fate.PUT_IN, "green")):
        words = ""
        for number, (which, text) in enumerate(pieces):
            if which is fate:
                words += _mark(text, partial(paint, fg=colour))
            elif which is Fate.KEPT:
                words += _shorten(text, is_first=number == 0, is_last=number == len(pieces) - 1)
        yield head + " ".join(words.split())


def _mark(text: str, paint: Callable[[str], str]) -> str:
    """Return a text with marks around its words, and not around the space beside them."""
    words = text.strip()
    return text.replace(words, paint(f"«{words}»")) if words else text


def _shorten(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return what stands near a change of a text that did not change, with `…` for the rest."""
    if len(text) <= 2 * _NEAR:
        return text
    head = "" if is_first else text[:_NEAR].rpartition(" ")[0] + " "
    tail = "" if is_last else " " + text[-_NEAR:].partition(" ")[2]
    return f"{head}…{tail}"
