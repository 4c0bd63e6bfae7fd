"""`badge view`: a run, recordings, events or something alive, in this machine's browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli import terminal
from badge.cli.options import RenamedOption
from badge.errors import InputError
from badge.words import counted
from sim.view.export.open import FORMATS

_FILE = click.Path(dir_okay=False, path_type=Path)
if TYPE_CHECKING:
    from sim.view.app import Watched
    from sim.view.sources.opened import Opened

EXPLAINED_MAX = 5
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--out",
    "html",
    cls=RenamedOption,
    old_names=("--html",),
    type=_FILE,
    help="Write the page as one file that works offline, and end.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option(
    "--recordings", type=_FOLDER, help="Where a run's recordings are.  [default: beside it]"
)
@click.option("--follow", is_flag=True, help="Go along with a file that somebody writes.")
@click.option("--at", help="The moment to begin at: 10:42, or 2026-03-14T10:42:00Z.")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Port on loopback; 0 takes a free one.",
)
def view(
    what: tuple[str, ...],
    html: Path | None,
    no_browser: bool,
    recordings: Path | None,
    at: str | None,
    follow: bool,
    port: int,
) -> None:
    """Look at WHAT: a run's folder, a recording (two: side by side), events, a report, a store.

    What is alive is followed: a run in progress, the database of badge serve, chaos:N for badge
    chaos --seed N; with --follow a recording or events of badge run.

    The page is served on loopback, under a port and a token that nobody guesses, until Ctrl-C.
    """
    from sim.view.launch import launch_view
    from sim.view.model.moments import refuse_no_moment

    if at is not None:
        refuse_no_moment(at)
    if html is not None:
        from sim.view.keep import keep

        keep(_opened(what, recordings), html)
        terminal.say(f"{html}: the page, in one file")
        return
    with launch_view(_watched(what, recordings, follow=follow), port) as (address, served):
        if at is not None:
            address += f"#t={at}"
        terminal.say(address)
        if not no_browser:
            webbrowser.open(address)
        served.ended.wait()


def _opened(what: Sequence[str], recordings: Path | None) -> Opened:
    from sim.view.open import open_picture

    with terminal.err().status("reading"):
        return open_picture(what, recordings)


def _watched(what: Sequence[str], recordings: Path | None, *, follow: bool) -> Watched:
    """Give what the page looks at: something alive, or a picture that is finished."""
    from sim.view.launch import Still
    from sim.view.live import Growing, source_of
    from sim.view.sources.store import path_of

    if len(what) == 1:
        source = source_of(what[0], path_of(what[0]), recordings, follow=follow)
        if source is not None:
            return Growing(source)
    return Still(_opened(what, recordings))


@click.command()
@click.argument("what", nargs=-1, required=True)
@click.option("--event", "number", type=click.IntRange(1), help="The event of that number.")
@click.option("--at", help="The last event up to a moment: 10:42, 2026-03-14T10:42:05Z, 15000ms.")
@click.option("--device", metavar="BADGE", help="Of this badge: its id, a part of it, its worker.")
@click.option(
    "--recordings", type=_FOLDER, help="Where a run's recordings are.  [default: beside it]"
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(
    what: tuple[str, ...],
    number: int | None,
    at: str | None,
    device: str | None,
    recordings: Path | None,
    as_json: bool,
) -> None:
    """Say why an event of WHAT was logged: input, machine, number, flash, batch and answer.

    WHAT is what badge view shows. With --at, the last event of each badge up to then.
    """
    if (number is None) == (at is None):
        raise InputError("name the event: either --event N or --at 10:42")
    from sim.view.explain import document_of, lines_of
    from sim.view.model.moments import devices_named, moment_of, rows_at, rows_numbered

    opened = _opened(what, recordings)
    picture = opened.picture
    devices = devices_named(device, picture)
    if number is not None:
        rows = rows_numbered(number, devices, picture)
    else:
        assert at is not None
        rows = rows_at(moment_of(at, picture), devices, picture)
    documents = [document_of(opened, row) for row in rows[:EXPLAINED_MAX]]
    if as_json:
        terminal.print_json(documents)
        return
    for place, document in enumerate(documents):
        if place:
            terminal.say("")
        for line in lines_of(document):
            terminal.say(line)
    if len(rows) > EXPLAINED_MAX:
        terminal.say(
            f"\nand {counted(len(rows) - EXPLAINED_MAX, 'more badge')}: --device names one"
        )
    for note in picture.document["notes"]:
        terminal.say(note, err=True)


@click.command()
@click.argument("what", nargs=-1, required=True)
@click.option("--as", "format_name", type=click.Choice(list(FORMATS)), required=True, help="How.")
@click.option("-o", "--out", type=_FILE, help="Where to.  [default: by WHAT's name, here]")
@click.option(
    "--recordings", type=_FOLDER, help="Where a run's recordings are.  [default: beside it]"
)
def export(
    what: tuple[str, ...], format_name: str, out: Path | None, recordings: Path | None
) -> None:
    """Write what badge view shows of WHAT in another program's format.

    gpx: tracks, said and true. geojson: site and events. csv: a row an event. perfetto: machines,
    states and flows, for ui.perfetto.dev. mcap: for Foxglove.
    """
    from badge.host.files import refuse_overwriting, whole_file

    form = FORMATS[format_name]
    path = out or Path(f"{Path(what[0]).resolve().stem}{form.suffix}")
    refuse_overwriting([Path(name) for name in what], [path])
    opened = _opened(what, recordings)
    with whole_file(path) as file:
        form.write(opened, file)
    terminal.say(f"{path}: {counted(opened.picture.rows, 'event')} as {format_name}")
    for note in opened.picture.document["notes"]:
        terminal.say(note, err=True)
