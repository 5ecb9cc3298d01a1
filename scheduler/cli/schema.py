"""campaign schema"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from scheduler.errors import UsageError
from scheduler.platforms import list_platforms, load_platform
from scheduler.sources.json_schema import make_calendar_schema, make_days_schema, make_settings_schema
from scheduler.sources.settings import PlatformFacts
from scheduler.sources.yaml_editing import replace_file


@click.command(name="schema")
@click.option("--settings", is_flag=True, help="That of config.yaml, in place of that of a calendar.")
@click.option("--days", is_flag=True, help="That of your own file of days, days.yaml.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write it to.")
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
def command(settings: bool, days: bool, output: Path | None, force: bool) -> int:
    """Print the JSON Schema by which an editor completes and checks a calendar.

    VS Code, with the extension YAML, uses it in a calendar whose first line is
    `# yaml-language-server: $schema=` and the path of the file, from the calendar.
    """
    if settings and days:
        raise UsageError("--settings and --days are two files. Ask for them one after the other.")
    text = write_schema(settings=settings, days=days)
    if output is None:
        click.echo(text, nl=False)
        return 0
    if output.exists() and not force and output.read_bytes() != text.encode():
        raise UsageError(f"{output} is there already. Name another file, or write over it with --force.")
    try:
        replace_file(output, text.encode())
    except OSError as failure:
        raise UsageError(f"{output} cannot be written: {failure.strerror}.") from None
    click.echo(f"{output} written. The first line of a file that is to use it:", err=True)
    click.echo(f"# yaml-language-server: $schema={output.name}", err=True)
    return 0


def write_schema(*, settings: bool = False, days: bool = False) -> str:
    """Return the text of the JSON Schema of a calendar, or of the settings or a team's days."""
    if days:
        return _write(make_days_schema())
    return _write(make_settings_schema(_list_facts()) if settings else make_calendar_schema())


def _write(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _list_facts() -> dict[str, PlatformFacts]:
    platforms = [load_platform(name) for name in list_platforms()]
    return {platform.name: PlatformFacts(platform.server, platform.settings) for platform in platforms}
