"""What a toolkit is read for: the accounts of the settings, the campaign's date, the pictures that are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.sources.media_folder import MediaFolder
from scheduler.sources.toolkit import FoundPicture

_MAX_FOLDERS = 50


class KnownSurroundings:
    """Implements Surroundings. `fits_account` says whether a text is short enough for an account.

    Pictures are looked for in the calendar's own folder, beside it, beside the toolkit and in the folders there. A
    toolkit is written by others: of a path that leads out of these folders only the file's name is looked for. `root`
    is the folder of the settings, out of which a calendar takes no file. `length` is how many days the campaign has,
    None if nobody has said it; a calendar that `is_new` can still say it.
    """

    def __init__(
        self,
        accounts: Sequence[str],
        platforms: Mapping[str, str],
        day: date | None,
        zone: ZoneInfo,
        fits_account: Callable[[str, str], bool],
        calendar: Path,
        toolkit: Path,
        root: Path | None = None,
        length: int | None = None,
        is_new: bool = False,
    ) -> None:
        self.accounts, self.platforms, self.day, self.zone = accounts, platforms, day, zone
        self.length, self.is_new = length, is_new
        self._fits, self._calendar, self._toolkit = fits_account, calendar, toolkit
        self._bounds = MediaFolder(calendar.parent, root)

    def fits(self, account: str, text: str) -> bool:
        """Return whether a text is short enough for an account."""
        return self._fits(account, text)

    def find_picture(self, name: str) -> FoundPicture:
        """Return what is known of a picture: one that a calendar may name goes before one that it may not."""
        home, whole = self._calendar.parent, name.replace("\\", "/")
        elsewhere = ""
        for path in self._list_places(whole):
            if path.is_file():
                file = _write_path(path, home)
                if not self._bounds.explain_refusal(file):
                    return FoundPicture(file, True)
                elsewhere = elsewhere or str(path)
        return FoundPicture(f"{self._calendar.stem}/{whole.rpartition('/')[2]}", False, elsewhere)

    def _list_places(self, name: str) -> list[Path]:
        """Return where a picture is looked for, in this order."""
        home = self._calendar.parent
        own = home / self._calendar.stem
        plain = name.rpartition("/")[2]
        beside = self._toolkit.parent
        is_apart = beside.resolve() != home.resolve()  # else the folders in it are those of other campaigns
        given = plain if _leads_out(name) else name
        paths = [own / plain, home / given, beside / given, home / plain, beside / plain]
        return paths + [folder / plain for folder in (_list_folders(beside) if is_apart else ())]


def _write_path(path: Path, home: Path) -> str:
    """Return a path as it is written from a folder; from the top where there is no way from there, on another drive."""
    try:
        return Path(os.path.relpath(path, home)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ":" in path or ".." in path.split("/")


def _list_folders(parent: Path) -> list[Path]:
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir() and path.name[:1] != ".")[:_MAX_FOLDERS]
    except OSError:
        return []
