"""`badge provision`: a device gets its device_config.json."""

from __future__ import annotations

from pathlib import Path

import click

from badge.cli import terminal

_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command()
@click.option("--port", required=True, help="The device's console: serial:/dev/ttyUSB1[:115200]")
@click.option("--config", "config_file", required=True, type=_INPUT, help="device_config.json")
def provision(port: str, config_file: Path) -> None:
    """Write a configuration to a device and check that it boots with it within 30 s.

    The api_key goes to the device and is printed nowhere.
    """
    from badge.host.config_file import read_config_file
    from hil.dut.provision import SerialConsole
    from hil.dut.provision import provision as write

    config = read_config_file(config_file)
    console = SerialConsole(port)
    try:
        with terminal.err().status("writing, then waiting for the reboot"):
            event = write(console, config)
    finally:
        console.close()
    terminal.out().print(
        f"{config.device_id} runs {event['firmware_version']} with this configuration; "
        f"it logged reboot as number {event['sequence_number']}"
    )
