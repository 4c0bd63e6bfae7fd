"""Options that one would repeat, from the environment and from a file; and where each came from.

The order, the first that says something counts: the command line, the environment, the command's
own table of the file, the file's own keys, the default.  The file is `badge.toml`, or the table
`[tool.badge]` of `pyproject.toml`, in this folder or the nearest one above that has one, and of
two in a folder `badge.toml`.  `BADGE_SETTINGS=FILE` names another file, `BADGE_SETTINGS=` none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from badge.errors import InputError
from badge.words import near

ENVIRONMENT = "BADGE_SETTINGS"
FILES = ("badge.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class SharedOption:
    """An option (or argument) of several commands that a person would repeat each time."""

    name: str  # of the option, without its dashes: the key in the file
    meaning: str
    commands: tuple[str, ...] = ()  # only these; else all that have it and take a value
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"BADGE_{self.name.upper().replace('-', '_')}"


SETTINGS = (
    SharedOption("scenario", "the scenario: a YAML file, or the name of a shipped one"),
    SharedOption("seed", "from which everything random is drawn"),
    SharedOption("to", "the ingest that takes uploads", ("record", "simulate", "replay", "load")),
    SharedOption("api-key", "the device key of uploads", secret=True),
    SharedOption("provisioning-key", "the key that makes devices", secret=True),
    SharedOption("admin-key", "the key that asks for status, tags and parcels", secret=True),
    SharedOption("against", "the store that is compared"),
    SharedOption("jobs", "how many processes"),
    SharedOption("config", "the device_config.json", ("record", "run", "gate", "provision")),
    SharedOption("flash", "the badge's flash file", ("run", "assign", "unassign")),
    SharedOption("notecard", "the Notecard's port", ("run", "probe", "gate")),
    SharedOption("scanner", "the Bluetooth scanner"),
    SharedOption("uplink", "how a batch travels: web or note"),
    SharedOption("product", "the product UID in Notehub"),
    SharedOption("core", "the shared library of a C core"),
    SharedOption("telemetry", "where traces and metrics go, by OTLP"),
    SharedOption("log-level", "debug, info, warning or error"),
    SharedOption("log-file", "where the log goes, as JSON lines"),
)
# Options of which one is given: a setting yields to one that is typed.
ALONE: dict[str, tuple[tuple[str, ...], ...]] = {
    "chaos": (("seeds", "hours", "seed", "plan_file"),),
    "shrink": (("seed", "plan_file"),),
    "load": (("source", "scenario"), ("api_key", "provisioning_key")),
    "replay": (("api_key", "provisioning_key"),),
    "simulate": (("api_key", "provisioning_key"),),
}
KNOWN = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a settings file says: keys for all commands, tables for one; `label` names the place."""

    label: str
    everywhere: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]


NO_FILE = SettingsFile("", {}, {})


def find_file(folder: Path, environment: Mapping[str, str]) -> SettingsFile:
    """Find and read the settings file for a folder; InputError if it cannot be read."""
    named = environment.get(ENVIRONMENT)
    if named is not None:
        return _read(Path(named)) if named else NO_FILE
    for place in (folder, *folder.parents):
        for name in FILES:
            path = place / name
            if path.is_file() and (found := _read(path)) is not NO_FILE:
                return found
    return NO_FILE


def _read(path: Path) -> SettingsFile:
    from badge.host.toml_file import read_toml

    if path.name == FILES[1] and b"[tool.badge" not in _peeked(path):
        return NO_FILE
    try:
        document = read_toml(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; {ENVIRONMENT} names it") from None
    label = str(path)
    if path.name == FILES[1]:
        label, document = f"{path} [tool.badge]", document.get("tool", {}).get("badge", {})
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    everywhere = {key: value for key, value in document.items() if key not in tables}
    for key in everywhere:
        if key not in KNOWN:
            known = ", ".join(KNOWN)
            raise InputError(
                f"{label}: {key}: there is no such setting; there are {known}{near(key, KNOWN)}"
            )
    return SettingsFile(label, everywhere, tables)


def _peeked(path: Path) -> bytes:
    """Return a pyproject.toml's beginning: most have nothing of ours, and cost no parsing."""
    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


def applies(setting: SharedOption, command: str, parameter: click.Parameter) -> bool:
    """Tell whether a setting is for a parameter of a command."""
    if setting.commands and command.partition(" ")[0] not in setting.commands:
        return False
    if isinstance(parameter, click.Option):
        return f"--{setting.name}" in parameter.opts and not parameter.is_flag
    return parameter.name == setting.name


def setting_of(command: str, parameter: click.Parameter) -> SharedOption | None:
    """Return the setting that a parameter of a command takes; None if there is none."""
    return next((one for one in SETTINGS if applies(one, command, parameter)), None)


def option_key(parameter: click.Parameter) -> str:
    """Return the key under which a command's table of the file knows a parameter."""
    if isinstance(parameter, click.Option):
        names = [name for name in parameter.opts if name.startswith("--")]
        return max(names, key=len, default="").removeprefix("--")
    return parameter.name or ""


def old_keys(parameter: click.Parameter) -> list[str]:
    """Return the keys that a parameter had before, which go on."""
    return [name.removeprefix("--") for name in getattr(parameter, "old_names", ())]


def defaults_from(file: SettingsFile, command: str, found: click.Command) -> dict[str, Any]:
    """Return the defaults of a command's parameters that a file tells; InputError for unknown keys.

    `command` is its words, as `scenario check`; a table is called the same, with a dot between.
    """
    table: Mapping[str, Any] = file.tables
    for word in command.split():
        table = table.get(word, {})
        if not isinstance(table, dict):
            raise InputError(f"{file.label}: {command}: a table belongs here: [{command}]")
    values: dict[str, Any] = {}
    by_key = {key: one for one in found.params for key in (option_key(one), *old_keys(one))}
    for key, value in table.items():
        if key not in by_key:
            what = f"badge {command} has no such option{near(key, by_key)}"
            raise InputError(f"{file.label}: [{command}] {key}: {what}")
        values[by_key[key].name or ""] = _worded(value)
    for parameter in found.params:
        setting = setting_of(command, parameter)
        if setting is not None and setting.name in file.everywhere:
            values.setdefault(parameter.name or "", _worded(file.everywhere[setting.name]))
    return values


def _worded(value: Any) -> Any:
    """Return a value as the command line would give it; truth and lists stay what they are."""
    if isinstance(value, list):
        return [_worded(one) for one in value]
    return value if isinstance(value, bool) else str(value)


def told(file: SettingsFile, environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each setting with its value, hidden if it is a secret, and where it comes from."""
    for setting in SETTINGS:
        value, origin = None, "not set"
        if setting.variable in environment:
            value, origin = environment[setting.variable], setting.variable
        elif setting.name in file.everywhere:
            value, origin = str(file.everywhere[setting.name]), file.label
        shown = "" if value is None else "(hidden)" if setting.secret else value
        yield setting.name, shown, origin
    for name, table in file.tables.items():
        for key, value in table.items():
            hidden = any(word in key for word in ("key", "secret", "header"))
            yield f"{name} {key}", "(hidden)" if hidden else str(value), file.label


def here() -> SettingsFile:
    """Return the settings file for this process's folder."""
    return find_file(Path.cwd(), os.environ)
