"""What a toolkit is read for: the accounts of the settings, the campaign's date, the pictures that are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

_MAX_FOLDERS = 50


class KnownSurroundings:
    """Implements Surroundings. `fits_account` says whether a text is short enough for an account.

    Pictures are looked for in the calendar's own folder, beside it, beside the toolkit and in the folders there. A
    toolkit is written by others: of a path that leads out of these folders only the file's name is looked for.
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
    ) -> None:
        self.accounts, self.platforms, self.day, self.zone = accounts, platforms, day, zone
        self._fits, self._calendar, self._toolkit = fits_account, calendar, toolkit

    def fits(self, account: str, text: str) -> bool:
        """Return whether a text is short enough for an account."""
        return self._fits(account, text)

    def find_picture(self, name: str) -> tuple[str, bool]:
        """Return the path of a picture as the calendar is to name it, and whether it is there."""
        home = self._calendar.parent
        own = home / self._calendar.stem
        whole = name.replace("\\", "/")
        plain = whole.rpartition("/")[2]
        beside = self._toolkit.parent
        is_apart = beside.resolve() != home.resolve()  # else the folders in it are those of other campaigns
        given = plain if _leads_out(whole) else whole
        paths = [own / plain, home / given, beside / given, home / plain, beside / plain]
        paths += [folder / plain for folder in (_list_folders(beside) if is_apart else ())]
        for path in paths:
            if path.is_file():
                return Path(os.path.relpath(path, home)).as_posix(), True
        return f"{self._calendar.stem}/{plain}", False


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ":" in path or ".." in path.split("/")


def _list_folders(parent: Path) -> list[Path]:
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir() and path.name[:1] != ".")[:_MAX_FOLDERS]
    except OSError:
        return []
