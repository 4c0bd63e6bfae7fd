"""What a shell is told when it completes: scenarios, devices and files, by what is asked for."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from badge.cli.commands import SCENARIO_NAMES, load

_YAML = (".yaml", ".yml")


def scenarios(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the shipped scenarios and the YAML files here."""
    try:
        names: Iterable[str] = load(SCENARIO_NAMES)()
    except ImportError:  # the extra is not installed
        names = ()
    found = [CompletionItem(name) for name in names if name.startswith(begun)]
    return [*found, *_files(begun, _YAML)]


def devices(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the serial ports and I2C buses of this computer, as our options write them."""
    ports = [f"serial:{path}" for path in _there("/dev/ttyACM*", "/dev/ttyUSB*", "/dev/cu.usb*")]
    buses = [f"i2c:{path}" for path in _there("/dev/i2c-*")]
    return [CompletionItem(one) for one in (*ports, *buses) if one.startswith(begun)]


def adapters(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the Bluetooth adapters of this computer."""
    names = [Path(path).name for path in _there("/sys/class/bluetooth/hci*")]
    found = ["bleak", *(f"bleak:{name}" for name in names)]
    return [CompletionItem(one) for one in found if one.startswith(begun)]


def _there(*patterns: str) -> list[str]:
    return sorted(path for pattern in patterns for path in glob.glob(pattern))


def _files(begun: str, suffixes: tuple[str, ...]) -> list[CompletionItem]:
    folder = Path(begun).parent if "/" in begun else Path()
    found = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        name = str(path)
        if name.startswith(begun) and path.is_dir() and not path.name.startswith("."):
            found.append(CompletionItem(f"{name}/"))
        elif name.startswith(begun) and path.suffix in suffixes:
            found.append(CompletionItem(name))
    return found


Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
# By the name of an argument, or of an option: a new command with one of these completes it, too.
COMPLETERS: dict[str, Completer] = {
    "scenario": scenarios,
    "--world": scenarios,
    "--from-scenario": scenarios,
    "--notecard": devices,
    "--serial": devices,
    "--scanner": adapters,
}


def complete(parameter: click.Parameter) -> None:
    """Let a parameter be completed by what its name says; by the shell, where it is a file."""
    names = parameter.opts if isinstance(parameter, click.Option) else [parameter.name or ""]
    for name in names:
        if name in COMPLETERS:
            parameter._custom_shell_complete = COMPLETERS[name]
