"""`badge calibrate`: which radio environment is most like a recording of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from badge.cli import terminal

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("recording", type=_FILE)
@click.option("--truth", type=_FILE, required=True, help="CSV of unix_ms,mac,metres,facing_deg.")
@click.option("-o", "--out", type=_FILE, help="Write the fit there, as YAML for a scenario.")
@click.option("--json", "as_json", is_flag=True, help="The fit as JSON.")
def calibrate(recording: Path, truth: Path, out: Path | None, as_json: bool) -> None:
    """Say which environment a RECORDING of tags at known places fits, as YAML for a scenario.

    RECORDING is btsnoop, pcap, pcapng, or CSV of unix_ms,mac,rssi.  A row of the truth holds for
    its tag until the next one; facing_deg is how far the wearer is turned away from the tag,
    empty where nobody wears the badge.  The recording is heard again in each environment of the
    world, at the same times and places; the one whose figures are nearest is named.
    """
    from badge.host.files import whole_file
    from sim.calibration import own

    fitted = own.fit(own.place(recording, truth))
    if out is not None:
        with whole_file(out) as written:
            written.write(fitted.yaml().encode())
    if as_json:
        terminal.print_json(
            {
                "like": fitted.like,
                "distances": fitted.distances,
                "figures_db": {key: round(value, 2) for key, value in fitted.figures.items()},
                "rssi_1m_dbm": fitted.environment.rssi_1m_dbm,
                "exponent": fitted.environment.exponent,
                "body_db": fitted.environment.body_db,
            }
        )
        return
    screen = terminal.out()
    rows = [(name, f"{value:.1f} dB") for name, value in fitted.figures.items()]
    screen.print(terminal.table(str(recording), ("figure", "measured"), rows))
    rows = sorted(((name, f"{value:.2f}") for name, value in fitted.distances.items()), key=_by)
    screen.print(terminal.table("", ("environment", "distance"), rows))
    for sentence in own.sentences(fitted):
        screen.print(sentence)
    click.echo(fitted.yaml() if out is None else f"{out}: for the site of a scenario")


def _by(row: tuple[str, str]) -> float:
    return float(row[1])
