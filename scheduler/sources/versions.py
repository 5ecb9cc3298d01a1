"""Calendars, and what stands beside them, as they were at a revision of a git repository."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scheduler.errors import UsageError

_SECONDS = 60
_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n")


class Revision:
    """A revision of the repository that a folder lies in. Nothing is written, and no hook is run."""

    def __init__(self, folder: Path, name: str) -> None:
        """Find a revision, such as HEAD~1, a branch or a tag. Raise UsageError, saying what to do, if there is none."""
        self._digests: dict[Path, str] = {}
        done = _run(folder, ["rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"])
        if done.returncode != 0 or name.startswith("-"):
            _check_repository(folder)
            raise UsageError(
                f"There is neither a file nor a git revision called '{name}'. "
                "`git log --oneline` lists revisions; HEAD is what was committed last."
            )
        self.commit = done.stdout.decode().strip()

    def list_files(self, folder: Path) -> list[Path]:
        """Return the files that were in a folder, not those below it; none if the folder was not there."""
        done = _run(folder, ["ls-tree", "-z", "--full-tree", "--name-only", f"{self.commit}:./"])
        return [folder / os.fsdecode(name) for name in done.stdout.split(b"\0") if name] if done.returncode == 0 else []

    def read(self, path: Path) -> bytes | None:
        """Return a file as it was; None if it was not there. Its folder must be there still."""
        folder, name = path.parent, path.name
        while not folder.is_dir() and folder != folder.parent:
            folder, name = folder.parent, f"{folder.name}/{name}"
        done = _run(folder, ["show", "--no-textconv", f"{self.commit}:./{name}"])
        return done.stdout if done.returncode == 0 else None

    def keeps(self, path: Path) -> bool:
        """Return whether the repository keeps a file today, so that one which was not there did not exist."""
        return path.parent.is_dir() and _run(path.parent, ["ls-files", "--error-unmatch", path.name]).returncode == 0

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file as it was, in hexadecimal; the empty string if it was not there.

        Of what Git LFS keeps elsewhere, that is what it was known by (git-lfs.com, specification, checked in November
        2026).
        """
        if path not in self._digests:
            content = self.read(path)
            kept = _LFS.match(content) if content else None
            found = kept[1].decode() if kept else hashlib.sha256(content).hexdigest() if content is not None else ""
            self._digests[path] = found
        return self._digests[path]


def _check_repository(folder: Path) -> None:
    done = _run(folder, ["rev-parse", "--is-inside-work-tree"])
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said:
        raise UsageError(
            f"git refuses to read the repository of {folder}, since it belongs to another user. "
            f"Run this as that user, or allow it: git config --global --add safe.directory {folder.resolve()}"
        )
    raise UsageError(
        f"The folder {folder} is in no git repository, so there is no revision to compare with. "
        "Name a file after --against, or leave --against out to compare with what the daemon loaded last."
    )


def _run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # no shell, and a revision is never an option
            ["git", *arguments],  # noqa: S607  # the one that the user has
            cwd=folder,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        )
    except FileNotFoundError:
        if not folder.is_dir():
            raise UsageError(f"The folder {folder} is not there.") from None
        message = "git is not installed on this machine. Name a file after --against, or leave it out."
        raise UsageError(message) from None
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise UsageError(f"git could not be asked: {failure}") from None
