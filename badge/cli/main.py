"""The ``badge`` command: a table of commands, each loaded from its room when it is called."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from importlib import import_module

import click

from badge.errors import BadgeError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
EXIT_OK, EXIT_DIFFERS, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130

# What the base install leaves out, and the extra that brings it.
EXTRAS = {
    "notecard": "hil",
    "periphery": "hil",
    "serial": "hil",
    "bleak": "hil",
    "dbus_fast": "hil",
    "h3": "platforms",
    "numpy": "simulate",
    "shapely": "simulate",
    "yaml": "simulate",
    "aiohttp": "simulate",
    "httptools": "simulate",
    "jsonata": "notehub",
    "fastapi": "notehub",
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


_RUN, _DRIVE, _WIRES = "See it run", "Drive a badge", "Play the hardware"
_FLEET, _CHECK, _RECEIVE, _BENCH = "Simulate", "Check data", "Receive", "Judge and prove"
COMMANDS = (
    Entry(_RUN, "demo", "sim.demo.cli:demo", "a crew of five for a day, and the check"),
    Entry(_DRIVE, "record", "sim.record.cli:record", "a badge through a real walk"),
    Entry(_DRIVE, "replay", "badge.cli.replay:replay", "feed a recording again and compare"),
    Entry(_DRIVE, "run", "hil.app.cli:run", "this computer is the badge: card and radio"),
    Entry(_DRIVE, "assign", "hil.assign_command:assign", "hand a running badge to a worker"),
    Entry(_DRIVE, "unassign", "hil.assign_command:unassign", "end the shift of a running badge"),
    Entry(_DRIVE, "probe", "hil.probe.cli:probe", "what is attached, changing nothing"),
    Entry(_FLEET, "simulate", "sim.fleet.cli:simulate", "a crew on a site, alive, with the truth"),
    Entry(_FLEET, "scenario", "sim.scenario.cli:scenario", "make, check and list scenarios"),
    Entry(_FLEET, "power", "sim.scenario.power:power", "a scenario's power budget and days"),
    Entry(_CHECK, "validate", "badge.cli.validate:validate", "events against the contract"),
    Entry(_CHECK, "schema", "badge.cli.schema:schema", "the contract in JSON Schema or AsyncAPI"),
    Entry(_CHECK, "reconcile", "sim.reconcile.cli:reconcile", "a backend's store and the truth"),
    Entry(_RECEIVE, "serve", "sim.ingest.cli:serve", "the reference ingest API, here"),
    Entry(_RECEIVE, "listen", "sim.platforms.cli:listen", "other platforms' webhooks"),
    Entry(_RECEIVE, "send", "sim.platforms.cli:send", "one such webhook, right or wrong"),
    Entry(_WIRES, "notecard", "sim.notecard.cli:notecard", "a virtual Notecard on a wire"),
    Entry(_WIRES, "air", "sim.air.cli:air", "virtual Bluetooth for any program here"),
    Entry(_BENCH, "judge", "hil.dut.cli:judge", "a device's events against the reference"),
    Entry(_BENCH, "gate", "hil.gates.cli:gate", "the exit gates: here, real, a device"),
    Entry(_BENCH, "provision", "hil.provision_command:provision", "write a device's configuration"),
    Entry(_BENCH, "powercut", "sim.powercut.cli:powercut", "cuts at every byte of flash"),
    Entry(_BENCH, "sweep", "sim.chaos.cli:sweep", "fleets under fire, one seed each"),
    Entry(_BENCH, "shrink", "sim.chaos.cli:shrink", "a smaller plan that still fails"),
    Entry(_BENCH, "fire", "sim.crashtest.cli:fire", "the ingest killed under load"),
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
