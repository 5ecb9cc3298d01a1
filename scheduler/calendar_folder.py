"""The folder of calendars: which files are read, which only look like calendars, and whose a campaign's id is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from scheduler.domain.problem import Place, Problem, error, warning
from scheduler.errors import ConfigError
from scheduler.sources.calendar import CalendarFile

_ENDINGS = frozenset({".yaml", ".yml"})


def show_path(path: Path) -> str:
    """Return a path as people should see it: relative to the current folder."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)


def list_calendars(folder: Path, settings_file: str) -> list[Path]:
    """Return the calendar files of a folder, in order of name.

    Raise ConfigError, at the place of `calendars:` in the settings, if it is not there or cannot be read.
    """
    place = Place(settings_file)
    try:
        if not folder.is_dir():
            message = f"The folder of calendars, {show_path(folder)}, is not there."
            raise ConfigError([error(message, place, "Make it, or mend 'calendars:'.")])
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS and _may_be_file(path))
    except OSError as failure:
        message = f"The folder of calendars, {show_path(folder)}, cannot be read: {failure.strerror}."
        hint = "Check that this program's user may read it."
        raise ConfigError([error(message, place, hint)]) from None


def find_lookalikes(folder: Path, settings_file: str) -> list[Problem]:
    """Return a warning for each file that was surely meant to be a calendar and is not read as one.

    Notepad adds .txt to what it saves. If nothing at all is read, that is a warning too. Raise ConfigError as
    `list_calendars` does.
    """
    problems = []
    if not list_calendars(folder, settings_file):
        message = "There is no calendar in this folder."
        hint = "A calendar is a file whose name ends in .yaml."
        problems.append(warning(message, Place(show_path(folder)), hint))
    for path in sorted(folder.iterdir()):
        if path.name.lower().endswith((".yaml.txt", ".yml.txt")):
            message = "This looks like a calendar but is not read."
            problems.append(warning(message, Place(show_path(path)), f"Rename it to {path.stem}."))
    return problems


def find_size(path: Path, most: int) -> int:
    """Return how many bytes of a file are read; one if that cannot be known: whoever reads it says why."""
    try:
        return max(1, min(path.stat().st_size, most))
    except OSError:
        return 1


def _may_be_file(path: Path) -> bool:
    """Return whether a path is to be read as a file; one that cannot be looked at is, so that somebody hears of it."""
    try:
        return path.is_file()
    except OSError:
        return True


def refuse_twins(files: Sequence[CalendarFile]) -> list[CalendarFile]:
    """Return calendars, of two with one campaign's id and year the second refused: each would send the other's posts.

    Letters in another case make no other id.
    """
    owners: dict[tuple[str, str], str] = {}
    checked = []
    for file in files:
        campaign = file.campaign
        key = (campaign.id.lower(), campaign.occurrence) if campaign is not None else ("", "")
        if campaign is not None and (owner := owners.setdefault(key, file.file)) != file.file:
            message = f"the campaign '{campaign.id}' of {campaign.occurrence} is already in {owner}."
            hint = "Give each calendar a 'campaign:' of its own, or another year."
            problem = error(message, Place(file.file, 1, 1), hint)
            checked.append(file._replace(campaign=None, problems=(*file.problems, problem)))
        else:
            checked.append(file)
    return checked
