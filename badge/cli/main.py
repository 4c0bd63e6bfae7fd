"""The ``badge`` command: a table of commands, each loaded from its room when it is called."""

from __future__ import annotations

import errno
import os
import sys

import click

from badge.cli.commands import COMMANDS, EXTRAS, load
from badge.cli.exits import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_OK
from badge.errors import BadgeError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Commands(click.Group):
    """A group whose commands are named in `COMMANDS` and imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table, but for old names."""
        return [command.name for command in COMMANDS if not command.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of that name."""
        for command in COMMANDS:
            if command.name == cmd_name:
                found: click.Command = load(command.target)
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands grouped by the user's job, without importing any of them."""
        shown = [command for command in COMMANDS if not command.hidden]
        for job in dict.fromkeys(command.job for command in shown):
            with formatter.section(job):
                formatter.write_dl([(c.name, c.line) for c in shown if c.job == job])


@click.group(
    cls=Commands,
    epilog="Exit codes: 0 done; 1 the check found differences or faults; 2 wrong usage or bad "
    "input; 130 interrupted.",
)
@click.version_option(package_name="badge-simulator")
def badge() -> None:
    """Simulate, drive, record and check a field worker's badge."""


def main() -> None:
    """Run the command line; every user's mistake ends as one sentence on stderr."""
    try:
        code = badge.main(prog_name="badge", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else EXIT_OK)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_BAD_INPUT)
    except (click.Abort, KeyboardInterrupt) as error:
        why = error if isinstance(error, KeyboardInterrupt) else error.__cause__
        click.echo(f"badge: {str(why or '') or 'interrupted'}", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BadgeError as error:
        click.echo(f"badge: {error}", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_OK)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        click.echo(
            f"badge: this command needs {error.name}: pip install 'badge-simulator[{extra}]'",
            err=True,
        )
        sys.exit(EXIT_BAD_INPUT)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        remedy = "; make room and run it again" if error.errno in _NO_ROOM else ""
        click.echo(f"badge: {place}{error.strerror or error}{remedy}", err=True)
        sys.exit(EXIT_BAD_INPUT)


if __name__ == "__main__":
    main()
