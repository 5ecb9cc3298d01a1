"""The only place that picks concretes: settings → calendars, channels, ledger, publisher."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.calendar_folder import find_lookalikes, find_size, list_calendars, refuse_twins, show_path
from scheduler.domain.account import Account
from scheduler.domain.awareness import DayBook
from scheduler.domain.campaign import Image, Video
from scheduler.domain.capabilities import add_chosen_limits, read_told_limits
from scheduler.domain.content import Media
from scheduler.domain.delivery import Delivery
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.problem import Place, Problem, error, has_errors
from scheduler.errors import ConfigError, NoSettings, Unauthorised
from scheduler.media_checking import check_media
from scheduler.platforms import list_platforms, load_platform
from scheduler.preview import Shown
from scheduler.sources.bank_holidays import choose_working_days
from scheduler.sources.calendar import CalendarFile, Defaults, read_calendar
from scheduler.sources.catalogue import Catalogue
from scheduler.sources.settings import PlatformFacts, Settings, read_settings, salvage_settings

if TYPE_CHECKING:
    from scheduler.channels import AccountChannel
    from scheduler.domain.forecast import Standing
    from scheduler.domain.ports import Clock
    from scheduler.ledger.desk import Desk
    from scheduler.ledger.reading import Reader
    from scheduler.noticeboard_folder import Board
    from scheduler.sessions import FileStore

EXAMPLE = "config.example.yaml"
_FIRST_SETTINGS = """
calendars: campaigns
accounts:
  board: {platform: noticeboard, folder: noticeboard}

Save these three lines as config.yaml, and make a folder `campaigns` for the calendars. What is posted on a noticeboard
stays on this machine. For a platform's account: campaign platforms mastodon --example
"""
MAX_CALENDAR = 16 * 2**20
_LONG = 300_000  # bytes of calendars from which another process is worth its starting
_LEAD = 0.08  # of the calendars, read here while other processes send what they have read


class SystemClock:
    """Implements the port Clock with the machine's own."""

    def now(self) -> datetime:
        """Return the time now, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        time.sleep(seconds)


class _KnownPlatforms(Mapping[str, PlatformFacts]):
    """Facts of every platform by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> PlatformFacts:
        platform = load_platform(name)
        return PlatformFacts(platform.server, platform.settings)

    def __iter__(self):  # type: ignore[no-untyped-def]  # the names' iterator
        return iter(list_platforms())

    def __len__(self) -> int:
        return len(list_platforms())


class _AnyName(Collection[str]):
    """Holds every name there may be."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class App:
    """The settings, and what is built from them when it is needed.

    With `problems`, those of the settings file, nothing is known of the settings but the ledger and accounts' names.
    """

    def __init__(self, settings: Settings, is_example: bool, problems: tuple[Problem, ...] = ()) -> None:
        self.settings, self.is_example, self.problems = settings, is_example, problems
        self.days = self._open_days()

    def _open_days(self) -> Catalogue:
        """Return the awareness days; nothing of them is read before a calendar names one."""
        return Catalogue(self.settings.days, show_path(self.settings.days))

    def find_calendars(self) -> list[Path]:
        """Return the calendar files of the settings' folder, in order of name. Raises as `list_calendars` does."""
        return list_calendars(self.settings.calendars, self.settings.file)

    def find_lookalikes(self) -> list[Problem]:
        """Return warnings of files that were meant to be calendars. Raises as `list_calendars` does."""
        return find_lookalikes(self.settings.calendars, self.settings.file)

    def read_calendars(
        self, paths: Iterable[Path] | None = None, *, pictures: bool = True, side_by_side: bool = False
    ) -> list[CalendarFile]:
        """Return every calendar (or those named), each with all its problems; without `pictures`, not those of its own.

        Many are read by several processes, `side_by_side`, where no other thread is at work. Raise ConfigError if the
        folder cannot be read.
        """
        listed = self.find_calendars() if paths is None else list(paths)
        self.days = self._open_days()  # they may have changed since
        if not side_by_side:
            return refuse_twins([self.read_calendar(path, pictures=pictures) for path in listed])
        from scheduler.side_by_side import work_side_by_side

        def read(some: Sequence[Path]) -> list[CalendarFile]:
            return [self.read_calendar(path, pictures=pictures) for path in some]

        weights = [find_size(path, MAX_CALENDAR) for path in listed]
        portions = work_side_by_side(listed, read, long=_LONG, weights=weights, lead=_LEAD)
        return refuse_twins([file for files in portions for file in files])

    def read_calendar(self, path: Path, *, pictures: bool = True) -> CalendarFile:
        """Return one calendar as it stands on disk; without `pictures` these are not looked at, which takes long."""
        shown = show_path(path)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_CALENDAR + 1)
        except OSError as failure:
            problem = error(f"This calendar cannot be read: {failure.strerror}.", Place(shown), "Check the file.")
            return CalendarFile(shown, None, (problem,), b"")
        read = self._read_content(content, shown, self.settings.accounts, self.days)
        return _check_pictures(read) if pictures else read

    def name_calendar(self, file: str) -> str:
        """Return what the ledger calls a calendar: its path from the calendars' folder, wherever this was started."""
        try:
            return os.path.relpath(file, self.settings.calendars)
        except ValueError:  # another drive
            return file

    def read_old_calendar(self, file: str, content: bytes, days: DayBook | None = None) -> CalendarFile:
        """Return a calendar as it was when it was last good, whatever has become of its accounts and pictures since.

        What cannot be sent any more is found when it is due; the rest goes on. Without `days`, those of now count.
        """
        return self._read_content(content, file, _AnyName(), days or self.days)

    def find_days_in_force(self, ledger: Reader) -> DayBook:
        """Return the awareness days; if the team's file has errors, as they were when it was last good."""
        last = ledger.revision(self.name_calendar(self.days.file)) if has_errors(self.days.problems) else None
        return self.days if last is None else Catalogue(file=self.days.file, content=last[1])

    def list_in_force(self, files: Sequence[CalendarFile], ledger: Reader) -> list[CalendarFile]:
        """Return what the daemon works with: the good files, and of each other the version that was last good.

        A campaign that moved to another file is in force there: its old version does not come back beside it.
        """
        good = [file for file in files if file.campaign is not None]
        ids = {(file.campaign.id, file.campaign.occurrence) for file in good if file.campaign is not None}
        for file in files:
            last = ledger.revision(self.name_calendar(file.file)) if file.campaign is None else None
            if last is not None:
                old = self.read_old_calendar(file.file, last[1], self.find_days_in_force(ledger))
                known = old.campaign is None or (old.campaign.id, old.campaign.occurrence) in ids
                good += [] if known else [old]
        return good

    def _read_content(self, content: bytes, shown: str, accounts: Collection[str], days: DayBook) -> CalendarFile:
        try:
            return read_calendar(content, shown, self._defaults(accounts, days))
        except Exception as failure:  # of ours; the other calendars go on
            return _report_fault(CalendarFile(shown, None, (), content), failure)

    def _defaults(self, accounts: Collection[str], days: DayBook) -> Defaults:
        settings = self.settings
        working = choose_working_days(settings.habits.nation)
        file = Path(settings.file)
        return Defaults(settings.zone, settings.not_after, accounts, show_path(file), days, working, file.parent)

    def show_accounts(self, names: Iterable[str]) -> dict[str, Shown]:
        """Return what a preview needs of these accounts; neither a secret nor a server is touched."""
        from scheduler.sessions import FileStore

        kept = FileStore(self.settings.state / "limits")
        shown = {}
        for name in names:
            account = self.settings.accounts[name]
            platform, told = load_platform(account.platform), read_told_limits(kept.load(name), account.server)
            shown[name] = Shown(account, platform, add_chosen_limits(told, platform.settings, account.settings))
        return shown

    def open_ends(self) -> FileStore:
        """Return where it is kept when the accounts' credentials end."""
        from scheduler.sessions import FileStore

        return FileStore(self.settings.state / "ends")

    def list_standings(self, *, read_secrets: bool) -> dict[str, Standing]:
        """Return what is known of each account without asking anybody; whether its secrets are there, if they are read.

        No secret's value is kept.
        """
        from scheduler.credentials import read_end
        from scheduler.domain.forecast import Standing
        from scheduler.sessions import FileStore

        ends, kept, standings = self.open_ends(), FileStore(self.settings.state / "limits"), {}
        for name, account in self.settings.accounts.items():
            platform = load_platform(account.platform)
            missing = _find_missing(account) if read_secrets else ()
            limits, end = read_told_limits(kept.load(name), account.server), read_end(ends, name)
            standings[name] = Standing(
                account, platform.title, platform.capabilities, platform.settings, missing, end, limits
            )
        return standings

    def open_desk(self, *, create: bool = False) -> Desk:
        """Return the ledger's desk. Raise LedgerError if it cannot be used, or is missing and not to be made."""
        from scheduler.ledger.desk import Desk
        from scheduler.ledger.opening import open_engine

        return Desk(open_engine(self.settings.ledger, create=create), self.settings.ledger)

    def has_ledger(self) -> bool:
        """Return whether there is a ledger to look into."""
        if self.settings.ledger.startswith("sqlite:///"):
            return Path(self.settings.ledger.removeprefix("sqlite:///")).exists()
        return True

    def build_channels(self, clock: Clock) -> dict[str, AccountChannel]:
        """Return every account, ready to be used."""
        from scheduler.channels import AccountChannel
        from scheduler.prepared_media import PreparedMedia
        from scheduler.public_media import PublicFolder
        from scheduler.sessions import FileStore

        public = None if self.settings.public_media is None else PublicFolder(*self.settings.public_media)
        prepared = PreparedMedia(self.settings.state / "media")
        boards: dict[str, Board] = {}
        channels = {}
        for name, account in self.settings.accounts.items():
            channels[name] = AccountChannel(
                account,
                load_platform(account.platform),
                clock,
                sessions=FileStore(self.settings.state / "sessions"),
                limits_store=FileStore(self.settings.state / "limits"),
                board=_open_board(boards, account.settings, clock, self.settings.zone),
                prepared=prepared,
                public=public,
            )
        return channels


def _open_board(boards: dict[str, Board], settings: Mapping[str, str], clock: Clock, zone: tzinfo) -> Board | None:
    folder = settings.get("folder")
    if not folder:
        return None
    if folder not in boards:
        from scheduler.noticeboard_folder import Board, read_faults

        boards[folder] = Board(Path(folder), clock, read_faults(settings.get("faults", "")), zone)
    return boards[folder]


def _find_missing(account: Account) -> tuple[str, ...]:
    from scheduler.sources.secrets import read_secret

    missing = []
    for reference in account.secrets.values():
        try:
            read_secret(reference)
        except Unauthorised as failure:
            missing.append(str(failure))
    return tuple(missing)


def build_app(config: Path | None, *, allow_example: bool, ledger_is_enough: bool = False) -> App:
    """Return the app of a settings file: the one named, `config.yaml`, or (if allowed) the example.

    Raise NoSettings if there is none of them, ConfigError with every problem found in it, unless the ledger is enough
    and can be read for certain.
    """
    path = config or Path("config.yaml")
    is_example = False
    if config is None and not path.exists():
        path, is_example = Path(EXAMPLE), True
        if not allow_example or not path.exists():
            raise _miss_settings(has_example=path.exists())
    try:
        content = path.read_bytes()
    except OSError as failure:
        hint = "Name another with --config."
        raise ConfigError([error(f"It cannot be read: {failure.strerror}.", Place(str(path)), hint)]) from None
    settings, problems = read_settings(content, show_path(path), _KnownPlatforms())
    if settings is not None:
        return App(settings, is_example)
    salvaged = salvage_settings(content, show_path(path)) if ledger_is_enough else None
    if salvaged is None:
        raise ConfigError(problems)
    return App(salvaged, is_example, problems)


def _miss_settings(*, has_example: bool) -> NoSettings:
    hint = "Go to the folder that has one, name it with --config, or begin with the lines below."
    if has_example:
        hint = f"Copy {EXAMPLE} to config.yaml and fill in your accounts, or name a file with --config."
    message = "There is no config.yaml in this folder."
    return NoSettings(error(message, Place("config.yaml"), hint), "" if has_example else _FIRST_SETTINGS)


def inspect_media(media: Image | Video) -> Media:
    """Return the facts of a picture or a film. Raise UnfitPicture."""
    if isinstance(media, Image):
        from scheduler.media import inspect_image

        return inspect_image(media)
    from scheduler.video import inspect_video

    return inspect_video(media)


def _report_fault(file: CalendarFile, failure: Exception) -> CalendarFile:
    """Return a calendar that a fault of the program keeps from being used; the log says where it is."""
    import logging  # takes time to load, and is not needed where all is well

    logging.getLogger(__name__).error("calendar=%s a fault in the program", file.file, exc_info=failure)
    message = f"This is a fault in the program, met while it read this calendar ({type(failure).__name__})."
    hint = "Nothing of the file is used. Report it with the file; taking back what was changed in it last may help."
    return file._replace(campaign=None, problems=(*file.problems, error(message, Place(file.file), hint)))


def _check_pictures(file: CalendarFile) -> CalendarFile:
    """Add an error for each picture that is missing or none; then nothing of the calendar is used."""
    try:
        return check_media(file, inspect_media)
    except Exception as failure:  # of ours; the other calendars go on
        return _report_fault(file, failure)


def plan_of(files: Iterable[CalendarFile]) -> list[Delivery]:
    """Return every delivery of the calendars that can be used."""
    return plan_deliveries([file.campaign for file in files if file.campaign is not None])


def all_problems(files: Iterable[CalendarFile]) -> list[Problem]:
    """Return the problems of several calendars, in order."""
    return [problem for file in files for problem in file.problems]
