"""The command line. Each command is a module of its own, loaded only when it is called."""

from __future__ import annotations

import errno
import gc
import importlib
import os
from collections.abc import Sequence
from pathlib import Path

import click

COMMANDS = {
    "check": "Name every problem of the calendars and the settings.",
    "preview": "Show what will go out, exactly as it will be sent.",
    "diff": "Show what changed, delivery by delivery, and what that means for what goes out.",
    "roll": "Write a campaign's calendar for another year.",
    "rehearse": "Play a campaign through on a fast clock, to a local noticeboard.",
    "run": "Publish: as a daemon, or one round with --once.",
    "status": "Say whether all is well: next due, overdue, unknown, held.",
    "history": "Show the ledger: what was sent, missed, held, and why.",
    "ledger": "Prove that the record is whole, or take one that is not for the true one.",
    "resolve": "Settle a delivery by hand: posted, retry or skip.",
    "tasks": "Show what people are to post by hand.",
    "done": "Say that you posted what was handed to you, and where.",
    "retract": "Take a post back, as far as its platform can.",
    "verify": "Look whether what was posted is still there.",
    "hold": "Stop sending at once: everything, a campaign, an account or a tag.",
    "release": "End a hold; nothing that fell due meanwhile is sent.",
    "schema": "Print the JSON Schema by which an editor completes and checks a calendar.",
    "accounts": "Ask each platform whose the credentials are, and when they end.",
    "forecast": "Say what will go wrong, or cost money, if nothing is done.",
    "import": "Make a calendar of a spreadsheet, or take over a toolkit's next version.",
    "export": "Write the plan as a spreadsheet or as a feed, or an empty spreadsheet to fill in.",
    "days": "List the awareness days that are ahead, or of a year, and record what you learn or decide.",
    "platforms": "Show what each platform can carry, and its settings.",
}
"""Every command with its first line of help, so that `--help` need not load them; a test holds them together."""

_MODULES = {"import": "import_"}
"""Commands whose names no module can have."""

_READING = frozenset({"check", "preview", "diff"})
"""These read, show and end: the process is over before the memory that cycles would hold is worth looking for."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class LazyGroup(click.Group):
    """A group that loads a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"scheduler.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from scheduler.domain.problem import suggest

            raise click.UsageError(f"No such command '{args[0]}'. {suggest(args[0], COMMANDS)}".strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings file. Default: config.yaml, else (to look and rehearse only) config.example.yaml.",
)
@click.version_option(package_name="campaign-scheduler")
@click.pass_context
def group(context: click.Context, config: Path | None) -> None:
    """Plan, preview, rehearse and publish the social media campaigns of public bodies.

    Calendars are YAML files in the folder campaigns/. Exit codes: 0 well, 1 something needs attention,
    2 a file or a command is wrong, 3 the ledger cannot be used, 4 another process publishes already.
    """
    context.obj = config
    if context.invoked_subcommand not in _READING:
        gc.enable()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        result = group.main(arguments, prog_name="campaign", standalone_mode=False, color=colour)
    except click.ClickException as failure:
        failure.show()
        return 2
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as failure:
        return _explain(failure)
    return result if isinstance(result, int) else 0


def _explain(failure: Exception) -> int:
    from scheduler.cli.output import echo_problems
    from scheduler.errors import ConfigError, NoSettings, SchedulerError

    if isinstance(failure, ConfigError):
        echo_problems(failure.problems, err=True)
        if isinstance(failure, NoSettings) and failure.advice:
            click.echo(failure.advice, err=True, nl=False)
        return failure.exit_code
    if isinstance(failure, SchedulerError):
        click.echo(f"error: {failure}", err=True)
        return failure.exit_code
    # Files have names, and what the ledger and servers refuse is one of our errors: this leaves standard output.
    if isinstance(failure, OSError) and failure.filename is None and failure.errno in _NO_ROOM:
        click.echo(f"error: The output cannot be written: {failure.strerror}.", err=True)
        return 1
    raise failure
