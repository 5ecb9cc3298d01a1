"""The file that a preview is written to, if it is not shown at once."""

from __future__ import annotations

from pathlib import Path

from scheduler.cli.output import echo_note
from scheduler.errors import UsageError

_FORMS = {".html": "html", ".htm": "html", ".json": "json", ".txt": "text"}
_MAILED = 15_000_000  # bytes; what most mail takes is 20 to 25 MB, and a file grows by a third on its way


def read_form(path: Path) -> str:
    """Return the form that a file's name ends in. Raise UsageError if it says none."""
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"{path} does not say how to show it. Let its name end in .html, .json or .txt, or add --format."
        )
    return form


def refuse_existing(path: Path) -> None:
    """Raise UsageError if there is such a file already."""
    if path.exists():
        raise UsageError(f"{path} is there already, and is left as it is. Name another, or add --force.")


def write_file(path: Path, text: str) -> None:
    """Write a text to a file, in one step, and say if it is too large to be sent. Raise UsageError if it cannot be."""
    from scheduler.sources.yaml_editing import replace_file

    content = text.encode()
    try:
        replace_file(path, content)
    except OSError as failure:
        raise UsageError(f"{path} cannot be written: {failure.strerror}. Name another with -o.") from None
    if len(content) > _MAILED:
        size = f"{len(content) // 1_000_000} MB"
        echo_note(f"{path} has {size}, more than most mail takes: narrow it with --day or --account.")
