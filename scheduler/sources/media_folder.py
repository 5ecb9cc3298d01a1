"""Where the pictures, films and captions of a calendar may lie."""

from __future__ import annotations

import os
from pathlib import Path


class MediaFolder:
    """The folder out of which no file of a calendar is taken: a calendar may be the work of many, or of others.

    It is `root`, that of the settings; for a calendar that stands outside that, the calendar's own `folder`. Where
    `root` is not known (None) it is the one around `folder`. Symbolic links are followed before anything is compared.
    """

    def __init__(self, folder: Path, root: Path | None) -> None:
        self._folder, self._root = folder, root
        self._bound = ""
        self._known: dict[Path, bool] = {}  # folders of media, each followed once, and whether they are within

    def explain_refusal(self, file: str) -> str:
        """Given a path as a calendar names it, return why it is not taken; the empty string if it may be."""
        if file.startswith(("/", "\\")) or file[1:2] == ":":
            return "This path begins at the top of one machine."
        try:
            is_inside = self._is_inside(self._folder / file)
        except ValueError:  # no file can have that name, which is said when it is looked for
            return ""
        return "" if is_inside else f"This file is not in {self._say_bound()}, and nothing is taken from elsewhere."

    def _is_inside(self, path: Path) -> bool:
        if path.name in {"", ".."} or path.is_symlink():
            return _holds(self._find_bound(), os.path.realpath(path))
        if path.parent not in self._known:
            self._known[path.parent] = _holds(self._find_bound(), os.path.realpath(path.parent))
        return self._known[path.parent]

    def _find_bound(self) -> str:
        if not self._bound:
            own = os.path.realpath(self._folder)
            bound = str(Path(own).parent) if self._root is None else os.path.realpath(self._root)
            self._bound = bound if _holds(bound, own) else own
        return self._bound

    def _say_bound(self) -> str:
        bound = self._find_bound()
        return f"the folder {Path(bound).name or bound}"


def _holds(folder: str, path: str) -> bool:
    try:
        return os.path.commonpath((folder, path)) == folder
    except ValueError:  # another drive
        return False
