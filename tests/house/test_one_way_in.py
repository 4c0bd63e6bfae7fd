"""Every document from outside goes through one bounded reader, all text through one terminal.

`badge.contract.documents` and `badge.host.documents` read, `badge.host.files` writes,
`badge.cli.terminal` speaks.  Whoever goes around them is named here, with the reason.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.house.rules import HOUSE, House

PARSERS = {
    "json.load",
    "json.loads",
    "from_json",
    ".validate_json",
    ".model_validate_json",
    "yaml.load",
    "yaml.safe_load",
    "yaml.compose",
    "tomllib.load",
    "tomllib.loads",
    "cbor2.load",
    "cbor2.loads",
    "pickle.load",
    "pickle.loads",
    "eval",
    "exec",
}
READERS = {".read_text", ".read_bytes"}
WRITERS = {".write_text", ".write_bytes"}
SPEAKERS = {"print", "Console", "sys.stdout.write", "sys.stderr.write"}

OURS = "reads what this program wrote itself a moment ago, and nobody else's"
SHIPPED = "reads a file that is part of the package"
CBOR = "reads flash, whose records have a CRC, and takes any failure for damage"
PROC = "reads what the kernel writes"
FIGURES = "a program of the maintainers, run by hand"
LIVE = "draws a screen that stays"
AROUND: dict[str, dict[str, str]] = {
    "parse": {
        "badge.contract.documents": "the reader",
        "badge.contract.validation": "the reader of events: names the field of a wrong number",
        "badge.answers": "reads at most 1 MiB and takes any failure for an answer without a body",
        "badge.host.recording_file": "reads CBOR items, then judges them as JSON by the reader",
        "badge.storage.codec": CBOR,
        "badge.storage.config_slots": CBOR,
        "badge.host.c_core": CBOR,
        "badge.host.core.store": CBOR,
        "badge.host.core.tape": OURS,
        "badge.host.toml_file": "the reader of TOML",
        "sim.conformance.kit.profile": "reads TOML that the reader of files has bounded",
        "sim.ingest.api.ingest": "reads a body that the HTTP shell has bounded, and names fields",
        "sim.notecard.codec.arguments": "reads as a Notecard does, which forgives more",
        "sim.notecard.card.radio": "reads as a Notecard does",
        "sim.notecard.storage.state": "judges by the card's own limits first",
        "sim.notecard.transport.hub_link": OURS,
        "sim.notecard.transport.hub_server": OURS,
        "sim.reconcile.comparison.changes": "compares texts, and takes any failure for a text",
        "sim.powercut.core": "a core's own batch: whatever it raises is a finding about that core",
        "sim.record.session": "reads the last line of its own log, and refuses any other",
        "sim.chaos.rig.ingest": OURS,
        "sim.chaos.checks.patience": OURS,
        "sim.crashtest.account": OURS,
        "sim.fleet.columnar.truth": OURS,
        "sim.fleet.field.watched_core": "a core's batch, only to compare it with the reference's",
        "sim.fleet.upload.backend": OURS,
        "sim.fleet.webhooks.cause_files": OURS,
        "hil.uplink.note": OURS,
        "hil.dut.picture": OURS,
        "sim.world.cycle": SHIPPED,
        "sim.world.environments": SHIPPED,
        "sim.calibration.walks": SHIPPED,
    },
    "read": {
        "badge.host.firmware.export": SHIPPED,
        "badge.host.core.sources": SHIPPED,
        "sim.view.page": SHIPPED,
        "badge.host.core.store": SHIPPED,
        "sim.world.cycle": SHIPPED,
        "sim.world.environments": SHIPPED,
        "sim.compiled.library": SHIPPED,
        "sim.calibration.walks": SHIPPED,
        "sim.record.session": OURS,
        "sim.crashtest.interrupt": OURS,
        "sim.crashtest.server": PROC,
        "sim.air.dbus.machine": PROC,
        "sim.fleet.output.folder": OURS,
    },
    "write": {
        "sim.calibration.fit": FIGURES,
    },
    "speak": {
        "badge.cli.terminal": "the terminal",
        "sim.calibration.fit": FIGURES,
        "sim.ingest.progress": LIVE,
        "sim.notecard.cli": LIVE,
        "sim.air.offer": LIVE,
        "badge.cli.validate": LIVE,
    },
}
KINDS = {"parse": PARSERS, "read": READERS, "write": WRITERS, "speak": SPEAKERS}


@cache
def called(tree: ast.Module) -> set[str]:
    """What a module calls: `name`, `module.name`, and of any method `.name`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            names.add(_dotted(node.func))
            if isinstance(node.func, ast.Attribute):
                names.add(f".{node.func.attr}")
    return names


def _dotted(node: ast.expr) -> str:
    """`name` or `module.name`; what is asked of a value begins with a dot."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def going_around(house: House, kind: str) -> dict[str, list[str]]:
    return {
        name: sorted(found)
        for name, tree in house.trees.items()
        if (found := called(tree) & KINDS[kind])
    }


def test_nobody_goes_around_but_those_with_a_reason_and_no_reason_outlives_its_need():
    """One test: the sources are parsed and walked once for all kinds."""
    for kind in KINDS:
        found = going_around(HOUSE, kind)
        assert {name: found[name] for name in found if name not in AROUND[kind]} == {}, kind
        assert set(AROUND[kind]) - set(found) == set(), kind


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("parse", "import json\njson.loads(open('x').read())"),
        ("parse", "from pydantic_core import from_json\nfrom_json(b'')"),
        ("parse", "import yaml\nyaml.safe_load('')"),
        ("parse", "Model.model_validate_json('')"),
        ("read", "from pathlib import Path\nPath('x').read_text()"),
        ("write", "from pathlib import Path\n(Path('x') / 'y').write_bytes(b'')"),
        ("speak", "print('x')"),
        ("speak", "import sys\nsys.stdout.write('x')"),
        ("speak", "from rich.console import Console\nConsole(stderr=True)"),
    ],
)
def test_the_rule_sees_who_goes_around(tmp_path, kind, line):
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "reader.py").write_text(line)
    assert list(going_around(House(tmp_path), kind)) == ["sim.reader"]
