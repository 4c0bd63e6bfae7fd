"""The ``badge`` command: a table of commands, each loaded from its room when it is called."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module

import click

from badge.errors import BadgeError

EXIT_OK, EXIT_DIFFERS, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130

# What the base install leaves out, and the extra that brings it.
EXTRAS = {
    "notecard": "hil",
    "periphery": "hil",
    "serial": "hil",
    "bleak": "hil",
    "dbus_fast": "hil",
    "h3": "platforms",
    "numpy": "world",
    "shapely": "world",
    "jsonata": "notehub",
    "scipy": "plots",
    "matplotlib": "plots",
    "pyarrow": "parquet",
    "psycopg": "postgres",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: the job that it belongs to, where it lives, and its line in the help."""

    job: str
    name: str
    target: str  # "module:attribute", imported only when the command is called
    line: str


COMMANDS = (
    Entry("See it run", "demo", "sim.fleet.demo:demo", "a whole shift, uploaded to an ingest here"),
    Entry(
        "Drive a badge",
        "record",
        "sim.fleet.record:record",
        "real tracks and adverts through a badge",
    ),
    Entry(
        "Drive a badge", "replay", "badge.host.replay:replay", "feed a recording again and compare"
    ),
    Entry(
        "Check data",
        "validate",
        "badge.host.validate:validate",
        "events and batches against the contract",
    ),
    Entry(
        "Check data",
        "schema",
        "badge.host.schema:schema",
        "the contract as JSON Schema or AsyncAPI",
    ),
    Entry("Receive", "serve", "sim.ingest.serve:serve", "the reference ingest API on this machine"),
    Entry(
        "Receive",
        "listen",
        "sim.platforms.command:listen",
        "a receiver of other platforms' webhooks",
    ),
    Entry("Receive", "send", "sim.platforms.command:send", "one webhook of theirs, right or wrong"),
)


class Door(click.Group):
    """A group whose commands are named in `COMMANDS` and imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands in the order of the table."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of that name."""
        for entry in COMMANDS:
            if entry.name == cmd_name:
                module, _, attribute = entry.target.partition(":")
                command: click.Command = getattr(import_module(module), attribute)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands grouped by the user's job, without importing any of them."""
        jobs = dict.fromkeys(entry.job for entry in COMMANDS)
        for job in jobs:
            with formatter.section(job):
                formatter.write_dl([(e.name, e.line) for e in COMMANDS if e.job == job])


@click.group(
    cls=Door,
    epilog="Exit codes: 0 done; 1 the check found differences or faults; 2 wrong usage or bad "
    "input; 130 interrupted.",
)
@click.version_option(package_name="badge-simulator")
def badge() -> None:
    """Simulate, drive, record and check a field worker's badge."""


def main() -> None:
    """Run the command line; every user's mistake ends as one sentence on stderr."""
    try:
        code = badge.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else EXIT_OK)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        click.echo("badge: interrupted", err=True)
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
        click.echo(f"badge: {place}{error.strerror or error}", err=True)
        sys.exit(EXIT_BAD_INPUT)


if __name__ == "__main__":
    main()
