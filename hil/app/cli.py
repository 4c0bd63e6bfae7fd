"""`badge run`: this computer is the badge; `badge assign` and `unassign`: its buttons."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from badge.cli.options import Finite, telemetry_option
from badge.host.config_file import read_config_file, read_settings
from hil.app.buttons import press_button, socket_path
from hil.app.options import RunOptions, uplink_option

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_FLASH = click.option(
    "--flash",
    type=_FILE,
    default="badge.flash",
    show_default=True,
    help="The flash file of the badge that runs.",
)


@click.command()
@click.option("--notecard", required=True, help="serial:/dev/ttyACM0 or i2c:/dev/i2c-1:0x17")
@click.option("--scanner", default="none", show_default=True, help="bleak, bleak:hci0 or none")
@click.option("--config", "config_file", type=_INPUT, help="A device_config.json.")
@click.option("--flash", type=_FILE, default="badge.flash", show_default=True, help="Its memory.")
@uplink_option
@click.option("--route", default="ingest", show_default=True, help="web: Notehub's proxy route.")
@click.option("--name", default="", help="web: a path to append to the route's URL.")
@click.option("--product", help="Notehub's ProductUID; without it the card's own stays.")
@click.option(
    "--record",
    type=_FILE,
    help="Record everything (.cbor: compact form); beside what is there, as NAME-2 and so on.",
)
@click.option("--worker", default="W-007", show_default=True, help="Whom the key a assigns.")
@click.option("--assign-now", is_flag=True, help="Begin the shift at once.")
@click.option("--firmware", default="0.1.0", show_default=True, help="major.minor.patch")
@click.option(
    "--duration",
    type=Finite(min=0),
    metavar="S",
    help="End by itself after so many seconds.",
)
@telemetry_option
def run(
    notecard: str,
    scanner: str,
    config_file: Path | None,
    flash: Path,
    uplink: str,
    route: str,
    name: str,
    product: str | None,
    record: Path | None,
    worker: str,
    assign_now: bool,
    firmware: str,
    duration: float | None,
) -> None:
    """Be a badge: sense through a Notecard and a radio, upload through the Notecard.

    Keys: a assigns, u ends the shift, q quits; or badge assign W-007 from another terminal.
    Ctrl-C is a loss of power: everything logged waits in the flash file for the next start.
    """
    from hil.app.run import drive

    config = read_settings() if config_file is None else read_config_file(config_file)
    if config.worker_ids and worker not in config.worker_ids:
        worker = config.worker_ids[0]
    asyncio.run(
        drive(
            RunOptions(
                notecard,
                scanner,
                config,
                flash,
                uplink,
                route,
                name,
                product,
                record,
                worker,
                assign_now,
                firmware,
                duration,
            )
        )
    )


@click.command()
@click.argument("worker")
@click.option("--by", "assigned_by", help="Who assigns, if a foreman does.")
@_FLASH
def assign(worker: str, assigned_by: str | None, flash: Path) -> None:
    """Begin the shift of WORKER on a badge that runs here (badge run)."""
    request = {"do": "assign", "worker_id": worker}
    if assigned_by:
        request["assigned_by"] = assigned_by
    click.echo(press_button(socket_path(flash), request))


@click.command()
@_FLASH
def unassign(flash: Path) -> None:
    """End the shift on a badge that runs here (badge run)."""
    click.echo(press_button(socket_path(flash), {"do": "unassign"}))
