"""`badge version`: what runs, and with `--verbose` what is installed of each extra."""

from __future__ import annotations

import platform

import click

from badge.extras import (
    PACKAGE,
    PURPOSES,
    installed,
    line_of,
    requirements,
)


@click.command()
@click.option("--verbose", is_flag=True, help="Each extra: installed, or the line that brings it.")
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
def version(verbose: bool, as_json: bool) -> None:
    """Tell the version, and with --verbose what of it is installed and what is missing.

    Exit code 0.
    """
    from badge.cli import terminal

    own = installed(PACKAGE) or "not installed"
    extras = {name: dict.fromkeys(requirements(name)) for name in PURPOSES}
    found = {name: {one: installed(one) for one in ones} for name, ones in extras.items()}
    if as_json:
        terminal.print_json({"version": own, "python": platform.python_version(), "extras": found})
        return
    terminal.say(f"badge, version {own}")
    if not verbose:
        return
    terminal.say(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name, ones in found.items():
        missing = [one for one, there in ones.items() if there is None]
        state = f"missing: {', '.join(missing)}" if missing else "installed"
        terminal.say(f"\n[{name}] {PURPOSES[name]}")
        for one, there in ones.items():
            if there is not None:
                terminal.say(f"    {one} {there}")
        terminal.say(f"    {state}")
        if missing:
            terminal.say(f"    {line_of(name)}")
