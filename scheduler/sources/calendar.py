"""A campaign's calendar file → a Campaign, with every problem found in it."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path as FilePath
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic_core import ValidationError

from scheduler.domain.awareness import DayBook
from scheduler.domain.campaign import Campaign, Image, Post, Replies, Video
from scheduler.domain.problem import Problem, Severity, error, has_errors, suggest
from scheduler.domain.when import When, WhenError, parse_duration, parse_when, resolve
from scheduler.domain.working_days import IsWorking
from scheduler.sources.bank_holidays import is_working_day
from scheduler.sources.campaign_dates import read_dates
from scheduler.sources.field_problems import (
    MAX_LISTED,
    MAX_WORTH_READING,
    find_name_problem,
    read_problems,
)
from scheduler.sources.message_reader import MessageReader
from scheduler.sources.models import CalendarFields, PostFields
from scheduler.sources.reporting import Reporter
from scheduler.sources.salvage import salvage_calendar
from scheduler.sources.yaml_source import decode_lines
from scheduler.sources.yaml_text import Document, Path, read_yaml

_FIRST_LINES = (
    "Write lines such as these: `campaign: my-campaign`, `date: 18 March 2027`, `accounts: [the name of one]` and "
    "`posts:`; below them `- id: think`, and below `id`, in the same column, `when: on the day at 09:00` and `text: …`."
)


class Defaults(NamedTuple):
    """What a calendar takes from the settings. `accounts` are the names that config.yaml knows.

    `root` is the folder of the settings: no picture, film or captions are taken from outside it.
    """

    zone: ZoneInfo
    not_after: timedelta
    accounts: Collection[str]
    settings_file: str = "config.yaml"
    days: DayBook | None = None
    is_working: IsWorking = is_working_day
    root: FilePath | None = None


class CalendarFile(NamedTuple):
    """One calendar as read: the campaign if it has no error, its problems, the text it was read from, its media."""

    file: str
    campaign: Campaign | None
    problems: tuple[Problem, ...]
    content: bytes
    media: tuple[Image | Video, ...] = ()

    def lines(self) -> list[str]:
        """Return the lines of the file, without their breaks."""
        return decode_lines(self.content)


def read_calendar(content: bytes, file: str, defaults: Defaults) -> CalendarFile:
    """Return what the bytes of a calendar say. `file` is its path as shown to people; media stand beside it.

    Nothing is half-loaded: with any error there is no campaign. Never raises, whatever the bytes are.
    """
    # A large calendar is a great many new values and no garbage: looking for some takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(content, file, defaults)
    finally:
        if collecting:
            gc.enable()


def _read(content: bytes, file: str, defaults: Defaults) -> CalendarFile:
    document = read_yaml(content, file)
    problems = list(document.problems)
    if document.data is None:
        if all(line.lstrip().startswith("#") or not line.strip() for line in decode_lines(content)):
            problems = [problem._replace(hint=_FIRST_LINES) for problem in problems]
        return CalendarFile(file, None, tuple(problems), content)
    failed: frozenset[int | str] = frozenset()
    try:
        fields = CalendarFields.read(document.data)
    except ValidationError as failure:
        if failure.error_count() > MAX_WORTH_READING:
            message = f"Of the values in this file, {failure.error_count()} are not as they must be."
            problems.append(error(message, document.place(()), "Is it a calendar? Look at its first lines."))
            return CalendarFile(file, None, tuple(problems), content)
        found = failure.errors(include_url=False)
        problems += read_problems(found, document, CalendarFields)
        # What did validate is still checked, so that one look shows everything.
        fields, failed = salvage_calendar(document.data, [details["loc"] for details in found])
    reader = _Reader(document, fields, defaults, failed)
    campaign = reader.read()
    problems = _sort(problems + reader.problems)
    usable = None if has_errors(problems) else campaign
    return CalendarFile(file, usable, tuple(problems), content, tuple(dict.fromkeys(reader.messages.media)))


def _sort(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the file, of errors and of warnings each no more than are listed."""
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.place.line, problem.place.column))
    for severity in Severity:
        same = [number for number, problem in enumerate(ordered) if problem.severity is severity]
        if len(same) >= MAX_LISTED:
            message = f"There are {MAX_LISTED} {severity}s or more; the first ones are listed."
            last = Problem(severity, message, ordered[same[MAX_LISTED - 1]].place, "Mend these first.")
            ordered[same[MAX_LISTED - 1]] = last
            surplus = set(same[MAX_LISTED:])
            ordered = [problem for number, problem in enumerate(ordered) if number not in surplus]
    return ordered


class _Reader(Reporter):
    """Reads one calendar; `problems` fill while it does."""

    def __init__(
        self, document: Document, fields: CalendarFields, defaults: Defaults, failed: frozenset[int | str]
    ) -> None:
        super().__init__(document)
        self.failed = failed  # the numbers of posts of which something is left out
        self.fields = fields
        self.defaults = defaults
        folder = FilePath(document.place(()).file).parent
        self.messages = MessageReader(self, fields, folder, failed, defaults.root)
        self.zone = self._read_zone()
        self.accounts = tuple(dict.fromkeys(fields.accounts or ()))
        self.tags = frozenset(fields.tags or ())
        self.day: date | None = None
        self.until: date | None = None
        self.hashtags: tuple[str, ...] = ()
        self.embargo: datetime | None = None
        self.posted: dict[int | str, date] = {}  # the day on which each post goes out, by its number

    def read(self) -> Campaign | None:
        fields = self.fields
        self.day, self.until, unsettled = read_dates(self, fields, self.defaults.days)
        self.embargo = self._read_embargo(fields.embargo, ("embargo",))
        not_after = self.read_words(fields.not_after, ("not_after",), parse_duration) or self.defaults.not_after
        self.messages.year = self.day.year if self.day else 2000
        self.hashtags = self.messages.read_hashtags(fields.hashtags or (), ("hashtags",))
        posts = [self._read_post(number, post, not_after) for number, post in enumerate(fields.posts)]
        self._check_accounts(fields.accounts, ("accounts",))
        self._check_ids()
        if self.day is None:
            return None
        name = self.messages.expand(fields.name, ("name",)) if fields.name else ""
        if self.messages.dated:
            self._warn_of_stale_words(self.day)
        return Campaign(
            id=getattr(fields, "campaign", ""),
            name=name or getattr(fields, "campaign", ""),
            file=self.document.place(()).file,
            date=self.day,
            until=self.until,
            posts=tuple(post for post in posts if post is not None),
            day=fields.day or "",
            unsettled=unsettled,
        )

    def _warn_of_stale_words(self, day: date) -> None:
        from scheduler.domain.date_doubts import Occasion  # most of its patterns are seldom needed
        from scheduler.sources.stale_words import warn_of_stale_words

        occasion = Occasion(day, self.until or day)
        warn_of_stale_words(self, self.messages.dated, occasion, self.defaults.days, self.posted)

    def _read_zone(self) -> ZoneInfo:
        name = self.fields.timezone
        if name is None:
            return self.defaults.zone
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.report(("timezone",), f"No time zone is called '{name}'.", "Write one such as Europe/London.")
            return self.defaults.zone

    def _read_embargo(self, text: str | None, path: Path) -> datetime | None:
        """Return the moment before which a post's words may not leave the team."""
        when = self.read_words(text, path, parse_when)
        return self._resolve(when, path)

    def _resolve(self, when: When | None, path: Path) -> datetime | None:
        try:
            if when and (self.day or when.date):
                return resolve(when, self.day, self.until, self.zone, self.defaults.is_working)
        except WhenError as failure:
            self.report_words(path, failure)
        return None

    def _read_post(self, number: int, post: PostFields, not_after: timedelta) -> Post | None:
        path: Path = ("posts", number)
        fields = self.fields
        when: When | None = self.read_words(getattr(post, "when", None), (*path, "when"), parse_when)
        accounts = self._read_accounts(number, post, path)
        parts = self.messages.read_parts(post, path)
        if parts is None and number not in self.failed:
            self.report((*path, "id"), "This post says nothing.", "Add 'text: …' or 'thread:' to it.")
        targets = {
            name: self.messages.read_target(target, (*path, "variants", name), post, path)
            for name, target in (post.variants or {}).items()
        }
        if targets:
            self._check_variants(post, accounts, path)
        hashtags = self.hashtags
        if post.hashtags is not None:
            hashtags = self.messages.read_hashtags(post.hashtags, (*path, "hashtags"))
        if post.not_after is not None:
            not_after = self.read_words(post.not_after, (*path, "not_after"), parse_duration) or not_after
        due, embargo = self._read_due(number, post, when, path)
        if due is None or parts is None or number in self.failed:
            return None
        return Post(
            id=post.id,
            due=due,
            not_after=not_after,
            parts=parts,
            accounts=accounts,
            place=self.document.place((*path, "id")),
            hashtags=hashtags,
            tags=self.tags.union(post.tags) if post.tags else self.tags,
            targets=targets,
            draft=bool(fields.draft or post.draft),
            language=post.language or fields.language or "en",
            embargo=embargo,
            comment=None if post.comment is None else self.messages.read_comment(post, path),
            content_warning=(self.messages.read_content_warning(post, path) or "") if post.content_warning else "",
            replies=None if post.replies is None else Replies(post.replies),
        )

    def _read_accounts(self, number: int, post: PostFields, path: Path) -> tuple[str, ...]:
        """Return the accounts that a post goes to, its own or the campaign's, and note what is wrong with them."""
        accounts = self.accounts
        if post.accounts is not None:
            accounts = tuple(dict.fromkeys(post.accounts))
            self._check_accounts(post.accounts, (*path, "accounts"))
        accounts_failed = self.fields.accounts is None and "accounts" in self.document.data
        if not accounts and not accounts_failed and number not in self.failed:
            hint = "Add 'accounts: [name]' to it or to the campaign."
            self.report((*path, "id"), "This post goes to no account.", hint)
        return accounts

    def _read_due(
        self, number: int, post: PostFields, when: When | None, path: Path
    ) -> tuple[datetime | None, datetime | None]:
        """Return when a post is due, and until when its words may not leave the team."""
        due, embargo = self._resolve(when, (*path, "when")), self.embargo
        if post.embargo is not None:
            embargo = self._read_embargo(post.embargo, (*path, "embargo")) or embargo
        if due is None:
            return None, embargo
        self.posted[number] = due.date()
        if embargo is not None and due < embargo:
            report = self.warn if self.fields.draft or post.draft else self.report
            report((*path, "when"), "It would go out before its embargo ends.", "Move it, or put 'embargo' right.")
        return due, embargo

    def _check_accounts(self, accounts: Iterable[str] | None, path: Path) -> None:
        for number, name in enumerate(accounts or ()):
            if name not in self.defaults.accounts and not self.is_full:
                hint = suggest(name, self.defaults.accounts) or _list_names(self.defaults.accounts)
                self.report((*path, number), f"no account named '{name}' in {self.defaults.settings_file}.", hint)

    def _check_variants(self, post: PostFields, accounts: Collection[str], path: Path) -> None:
        for name in post.variants or ():
            if accounts and name not in accounts and not self.is_full:
                if name in self.defaults.accounts:
                    hint = f"Add '{name}' to its 'accounts:', or take this variant out."
                else:
                    hint = suggest(name, accounts) or _list_names(accounts)
                message = f"'{name}' is not one of this post's accounts."
                self.note(find_name_problem(self.document, (*path, "variants", name), message, hint))

    def _check_ids(self) -> None:
        """Ids name deliveries for ever; two that differ only in the case of letters would share a file."""
        seen: dict[str, int] = {}
        for number, post in enumerate(self.fields.posts):
            name = getattr(post, "id", "").lower()
            first = seen.setdefault(name, number) if name else number
            if first != number:
                line = self.document.place(("posts", first, "id")).line
                message = f"the id '{post.id}' is that of the post on line {line} already."
                self.report(("posts", number, "id"), message, "Give each post an id of its own.")


def _list_names(names: Collection[str]) -> str:
    listed = ", ".join(islice(names, 12)) + (", …" if len(names) > 12 else "")
    return f"Known: {listed}." if listed else "There is none yet: add it under 'accounts:'."
