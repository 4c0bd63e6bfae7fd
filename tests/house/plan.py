"""The plan of the house: each room and what it may import, as docs/design.md draws it."""

from __future__ import annotations

VOCABULARY = "badge"  # the modules that lie in badge/ itself, but for the object
OBJECT = "badge.badge"  # badge/badge.py, badge/__init__.py and badge/__main__.py

GROUND = ("badge.errors", "badge.exports", "badge.words")

_BADGE = (
    VOCABULARY,
    OBJECT,
    "badge.contract",
    "badge.storage",
    "badge.machines",
    "badge.recording",
    "badge.host",
    "badge.cli",
)
_SIM_ALL = "sim"

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    # badge: what the firmware decides
    VOCABULARY: ("badge.contract",),
    "badge.contract": GROUND,
    "badge.storage": (VOCABULARY, "badge.contract"),
    "badge.machines": (VOCABULARY, "badge.contract", "badge.storage"),
    OBJECT: (
        VOCABULARY,
        "badge.contract",
        "badge.storage",
        "badge.machines",
        "badge.cli.program.start",
    ),
    "badge.recording": _BADGE[:5],
    "badge.host": _BADGE[:6],
    "badge.cli": _BADGE[:7],
    # sim: everything that is not real
    "sim.engine": _BADGE,
    "sim.net": _BADGE,
    "sim.sources": _BADGE,
    "sim.world": (*_BADGE, "sim.engine"),
    "sim.compiled": (*_BADGE, "sim.world", "sim.engine"),
    "sim.calibration": (*_BADGE, "sim.world", "sim.engine", "sim.sources"),
    "sim.platforms": (*_BADGE, "sim.net"),
    "sim.ingest": (*_BADGE, "sim.net"),
    "sim.scenario": (*_BADGE, "sim.compiled", "sim.world", "sim.engine", "sim.sources"),
    "sim.record": (*_BADGE, "sim.engine", "sim.sources", "sim.net"),
    "sim.view": (*_BADGE, "sim.compiled", "sim.world", "sim.engine", "sim.net", "sim.chaos"),
    "sim.fleet": (
        *_BADGE,
        "sim.scenario",
        "sim.compiled",
        "sim.world",
        "sim.engine",
        "sim.platforms",
        "sim.net",
        "sim.view",
    ),
    "sim.demo": (
        *_BADGE,
        "sim.fleet",
        "sim.record",
        "sim.ingest",
        "sim.scenario",
        "sim.sources",
        "sim.net",
        "sim.reconcile",
        "sim.view",
    ),
    "sim.notecard": (
        *_BADGE,
        "sim.scenario",
        "sim.world",
        "sim.engine",
        "sim.sources",
        "sim.net",
    ),
    "sim.air": (*_BADGE, "sim.scenario", "sim.world", "sim.engine", "sim.sources"),
    "sim.reconcile": _BADGE,
    "sim.traffic": (*_BADGE, "sim.net", "sim.fleet", "sim.reconcile"),
    "sim.conformance": (*_BADGE, "sim.net", "sim.platforms", "sim.reconcile", "sim.view"),
    "sim.reconstruct": (*_BADGE, "sim.reconcile"),
    "sim.load": (*_BADGE, "sim.net", "sim.fleet", "sim.scenario", "sim.traffic", "sim.view"),
    "sim.powercut": (*_BADGE, "sim.engine"),
    "sim.chaos": (*_BADGE, "sim.engine", "sim.ingest"),
    "sim.crashtest": (*_BADGE, "sim.engine", "sim.net", "sim.conformance"),
    # hil: everything that touches a real wire
    "hil": _BADGE,
    "hil.card": (*_BADGE, "hil"),
    "hil.ble": (*_BADGE, "hil"),
    "hil.uplink": (*_BADGE, "hil", "hil.card"),
    "hil.app": (*_BADGE, "hil", "hil.card", "hil.ble", "hil.uplink"),
    "hil.probe": (*_BADGE, "hil", "hil.card", "hil.ble"),
    "hil.dut": (*_BADGE, "hil", "hil.card", _SIM_ALL),
    "hil.gates": (
        *_BADGE,
        "hil",
        "hil.card",
        "hil.ble",
        "hil.uplink",
        "hil.app",
        "hil.probe",
        "hil.dut",
        _SIM_ALL,
    ),
}
"""A room to the rooms (or single modules) that it may import beside itself."""

TABLE_OF_COMMANDS = "badge.cli.commands"  # the one table that names other rooms in strings
SISTERS = ("sim.platforms.blecon", "sim.platforms.grouplink", "sim.platforms.peridio")
"""Rooms of one role, whose classes of one role have one name."""

SAME_KIND: dict[str, str] = {
    "Answer": "what an HTTP server answered: status, headers, body",
    "Area": "a polygon of the site: as a scenario says it, and as the world knows it",
    "Battery": "the badge's battery: what it reads, and what it holds",
    "Capture": "packets that a scanner recorded: as a file has them, and as a scenario plays them",
    "Card": "a Notecard, as its user sees it",
    "Certificate": "a certificate that Peridio checks: as a scenario says it, and as it is sent",
    "Clock": "where the time comes from, so that tests can hold it",
    "Coverage": "the cellular network: as a scenario says it, and as the world knows it",
    "Difference": "two values that should be equal and are not, with their place",
    "Failure": "a promise that was broken, with the seed or the point that breaks it again",
    "Fault": "one thing wrong with what was sent, with its place",
    "Finding": "one thing that a check found, in words, with its place",
    "Firmware": "a device's firmware and its version",
    "Hotspot": "a Blecon hotspot: as a scenario says it, and as it reports",
    "Outage": "a time without network: as a scenario says it, and as the world knows it",
    "Position": "where something is: latitude and longitude",
    "Proof": "what a campaign has shown: how often each promise was tried",
    "Radio": "what 2.4 GHz brings to a scanner: a modelled air, or one real adapter's",
    "Route": "where a Blecon message goes: as a scenario says it, and as a router asks",
    "Sensors": "what a pump asks for fixes, scans and motion",
    "Sighting": "a tag, heard at a moment with an RSSI",
    "Site": "where it happens: as a scenario says it, and as the world knows it",
    "Tag": "a Bluetooth tag that advertises, known by its MAC and interval",
    "Track": "where a carrier was at which time",
    "Uplink": "what a pump sends batches through",
    "Verdict": "what a judge says of what it was given",
    "Zone": "a place with more or less network: as a scenario says it, and as the world knows it",
}
"""Class names that stand in several rooms, and the one thing that each means in all of them."""

NO_TESTS_OF_ITS_OWN: dict[str, str] = {
    "sim.load.connection": "a record; test_engine.py uses it",
    "sim.notecard.api.bench": "routes; tests/sim/notecard/api/test_app.py calls each",
    "sim.notecard.api.devices": "routes; test_app_notehub_py.py calls each",
    "sim.notecard.api.events": "routes; test_app_notehub_py.py calls each",
    "sim.notecard.api.project": "routes; test_app_notehub_py.py calls each",
    "sim.notecard.card.replies": "two records",
    "sim.notecard.model.exchange": "records and a protocol",
    "sim.notecard.model.outputs": "records",
    "sim.notecard.model.services": "a protocol",
    "sim.notecard.world.attached": "a record",
}
"""Modules without a test file, each with its reason."""

RETIRED = (
    *("Vessel", "Theatre", "Leash", "Witness", "Tally", "LiveCloud", "ModelCloud", "Neighbour"),
    *("AtOnce", "Terrain", "Conductor", "LiveCard", "PtyWire", "WireLoop", "HubPort", "I2cPort"),
    *("ScannerTags", "CertifiedRoster", "PowerPack", "Surroundings", "band_of", "Asked", "Wired"),
    *("badge fire", "badge sweep", "under fire", "leash", "vessel", "the door"),
)
"""Words that must not come back: each needed an explanation, or meant several things."""

MAY_NAME_THE_OLD = (
    "badge/cli/commands.py",
    "tests/badge/cli/test_commands.py",
    "tests/house/plan.py",
    "tests/house/test_rules.py",
)
"""Where an old name goes on for users, and where it is kept out."""
