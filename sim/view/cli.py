"""`badge view`: a run, recordings, events or something alive, in this machine's browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from badge.cli import terminal

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("what", nargs=-1, required=True)
@click.option("--html", type=_FILE, help="Write the page as one file that works offline, and end.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option(
    "--recordings", type=_FOLDER, help="Where a run's recordings are.  [default: beside it]"
)
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
    port: int,
) -> None:
    """Look at WHAT: a run's folder, a recording (two: side by side), events, a report, a store.

    The page is served on loopback, under a port and a token that nobody guesses, until Ctrl-C.
    """
    from sim.view.launch import Still, launch_view
    from sim.view.open import open_picture

    with terminal.err().status("reading"):
        opened = open_picture(what, recordings)
    if html is not None:
        from badge.host.files import whole_file
        from sim.view.page import whole_page

        with whole_file(html) as file:
            file.writelines(whole_page(opened))
        terminal.say(f"{html}: the page, in one file")
        return
    with launch_view(Still(opened), port) as (address, served):
        if at is not None:
            address += f"#t={at}"
        terminal.say(address)
        if not no_browser:
            webbrowser.open(address)
        served.ended.wait()
