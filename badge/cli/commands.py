"""The one table that names other rooms in strings: each command, and what it loads.

A command's room is imported when the command is called and not before: `badge --help` imports
none of them, and a command's own libraries cost the others nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the job that it belongs to, where it lives, and its line in the help."""

    job: str
    name: str
    target: str  # "module:attribute", imported only when the command is called
    line: str
    hidden: bool = False  # an old name that goes on


_RUN, _DRIVE, _WIRES = "See it run", "Drive a badge", "Play the hardware"
_FLEET, _CHECK, _RECEIVE, _PROVE = "Simulate", "Check data", "Receive", "Judge and prove"
_TOOL = "About this tool"
COMMANDS = (
    Command(_RUN, "demo", "sim.demo.cli:demo", "a crew of five for a day, and the check"),
    Command(_RUN, "view", "sim.view.cli:view", "look at it in the browser: run, recordings, live"),
    Command(_RUN, "explain", "sim.view.cli:explain", "why an event was logged, in words"),
    Command(_RUN, "export", "sim.view.cli:export", "GPX, GeoJSON, CSV, Perfetto or MCAP of it"),
    Command(_DRIVE, "record", "sim.record.cli:record", "a badge through a real walk"),
    Command(_DRIVE, "replay", "badge.cli.replay:replay", "feed a recording again and compare"),
    Command(_DRIVE, "edit", "badge.cli.edit:edit", "a recording cut, moved, joined, nameless"),
    Command(
        _DRIVE,
        "reconstruct",
        "sim.reconstruct.cli:reconstruct_command",
        "a recording of what a backend holds",
    ),
    Command(_DRIVE, "run", "hil.app.cli:run", "this computer is the badge: card and radio"),
    Command(_DRIVE, "assign", "hil.app.cli:assign", "hand a running badge to a worker"),
    Command(_DRIVE, "unassign", "hil.app.cli:unassign", "end the shift of a running badge"),
    Command(_DRIVE, "probe", "hil.probe.cli:probe", "what is attached, changing nothing"),
    Command(
        _FLEET, "simulate", "sim.fleet.cli:simulate", "a crew on a site, alive, with the truth"
    ),
    Command(_FLEET, "scenario", "sim.scenario.cli:scenario", "make, check and list scenarios"),
    Command(_FLEET, "power", "sim.scenario.power:power", "a scenario's power budget and days"),
    Command(_FLEET, "calibrate", "sim.calibration.cli:calibrate", "which radio environment fits"),
    Command(_CHECK, "validate", "badge.cli.validate:validate", "events against the contract"),
    Command(_CHECK, "schema", "badge.cli.schema:schema", "the contract in JSON Schema or AsyncAPI"),
    Command(
        _CHECK,
        "conform",
        "sim.conformance.cli:conform_command",
        "is this backend right? a hundred checks",
    ),
    Command(_CHECK, "reconcile", "sim.reconcile.cli:reconcile", "a backend's store and the truth"),
    Command(_CHECK, "load", "sim.load.cli:load_command", "how much a backend takes, how fast"),
    Command(_RECEIVE, "serve", "sim.ingest.cli:serve", "the reference ingest API, here"),
    Command(_RECEIVE, "listen", "sim.platforms.cli:listen", "other platforms' webhooks"),
    Command(_RECEIVE, "send", "sim.platforms.cli:send", "one such webhook, right or wrong"),
    Command(_WIRES, "notecard", "sim.notecard.cli:notecard", "a virtual Notecard on a wire"),
    Command(_WIRES, "notehub", "sim.notecard.cli:notehub", "a virtual Notehub for several cards"),
    Command(_WIRES, "air", "sim.air.cli:air", "virtual Bluetooth for any program here"),
    Command(_PROVE, "judge", "hil.dut.cli:judge", "a device's events against the reference"),
    Command(_PROVE, "firmware", "badge.cli.firmware:firmware", "the badge in C, and test vectors"),
    Command(_PROVE, "gate", "hil.gates.cli:gate", "the exit gates: here, real, a device"),
    Command(_PROVE, "provision", "hil.dut.cli:provision", "write a device's configuration"),
    Command(_PROVE, "powercut", "sim.powercut.cli:powercut", "cuts at every byte of flash"),
    Command(_PROVE, "chaos", "sim.chaos.cli:chaos", "fleets under every fault, one seed each"),
    Command(_PROVE, "shrink", "sim.chaos.cli:shrink", "a smaller plan that still fails"),
    Command(_PROVE, "crashtest", "sim.crashtest.cli:crashtest", "the ingest killed under load"),
    Command(_TOOL, "mcp", "badge.cli.mcp.cli:mcp", "commands as tools for an AI assistant"),
    Command(_TOOL, "version", "badge.cli.program.version:version", "and what is installed of it"),
    Command(_TOOL, "config", "badge.cli.program.config:config", "settings, and their origin"),
    Command(_TOOL, "completion", "badge.cli.program.completion:completion", "for your shell"),
    Command(_TOOL, "man", "badge.cli.program.manual:man", "write the manual pages"),
    Command(_PROVE, "sweep", "sim.chaos.cli:chaos", "the old name of chaos", hidden=True),
    Command(
        _PROVE, "fire", "sim.crashtest.cli:crashtest", "the old name of crashtest", hidden=True
    ),
)

SCENARIO_NAMES = "sim.scenario.language.read:shipped_names"  # for completion

# What `validate` and `schema` know of the other platforms' webhooks.
PLATFORM_SCHEMA = "sim.platforms.schemas:schema"
PLATFORM_JUDGE = "sim.platforms.schemas:validate"
# What `replay --to` sends with.
TRAFFIC_REPLAY = "sim.traffic.replay:replay_to"
# What `replay --view` asks to write its picture.
KEEP_RECORDINGS = "sim.view.keep:keep_recordings"


def load(target: str) -> Any:
    """Import a module and return what "module:attribute" names in it."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
