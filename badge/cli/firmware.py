"""`badge firmware`: the badge in C for firmware, and the vectors that firmware is tested with."""

from __future__ import annotations

from pathlib import Path

import click

from badge.cli.options import destination
from badge.words import counted

_FOLDER = click.Path(file_okay=False, path_type=Path)
_OUT = click.option("--out", type=_FOLDER, help="Where to, instead of FOLDER.")


@click.group()
def firmware() -> None:
    """Take the badge in C: its sources and header, and test vectors for any firmware."""


@firmware.command()
@click.argument("folder", type=_FOLDER, required=False)
@_OUT
def export(folder: Path | None, out: Path | None) -> None:
    """Write core, header, HAL template, test vectors and build files into a new FOLDER.

    A Makefile, CMake, a Zephyr module, an ESP-IDF component and a PlatformIO library; the README
    says which of them were built here. Exit code 2: the folder has something in it.
    """
    from badge.host.firmware.export import export as write

    place = destination(folder, out, "FOLDER")
    click.echo(f"{place}: {counted(write(place), 'file')}; next: make -C {place} test")


@firmware.command()
@click.argument("folder", type=_FOLDER, required=False)
@_OUT
def vectors(folder: Path | None, out: Path | None) -> None:
    """Write the test vectors alone: vectors.json, vectors.h, and recordings as stimuli.

    CRCs, flash records, the JSON of every event, backoff pauses, and days that use every row of
    every table of the badge's law, with what they log.
    """
    from badge.host.firmware.export import write_vectors

    place = destination(folder, out, "FOLDER")
    covered, reachable = write_vectors(place)
    click.echo(f"{place}: the stimuli use {covered} of {counted(reachable, 'row')} of the law")
