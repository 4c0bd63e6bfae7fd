"""`badge assign` and `badge unassign`: the buttons of a badge that runs in another terminal."""

from __future__ import annotations

from pathlib import Path

import click

from hil.app.buttons import press_button, socket_path

_FLASH = click.option(
    "--flash",
    type=click.Path(dir_okay=False, path_type=Path),
    default="badge.flash",
    show_default=True,
    help="The flash file of the badge that runs.",
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
