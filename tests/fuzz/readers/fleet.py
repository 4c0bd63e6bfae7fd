"""What a fleet is run by: scenarios, parcels, keys, plans to resume, seeds, points, profiles."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

from badge.host.documents import read_json
from sim.chaos.plan.plan import draw_plan
from sim.chaos.plan.plan import read_plan as read_chaos_plan
from sim.chaos.plan.seeds import read_seeds
from sim.conformance.kit.profile import BackendProfile, read_profile
from sim.conformance.run import checks
from sim.fleet.output.folder import PLAN, STATE
from sim.fleet.output.part_files import SharedFiles
from sim.fleet.output.parts import BadgeResult, saved_results
from sim.fleet.resume import ResumePlan, read_plan
from sim.fleet.upload.keys import read_keys
from sim.powercut.cli import CutCampaign, _Proof
from sim.powercut.cut import parse_point
from sim.scenario.language.read import SHIPPED, parse_scenario
from sim.scenario.plan.parcels import read_parcels
from sim.scenario.plan.roster import Roster
from tests.fuzz.mutate import json_document, mixed, octets, text_lines, yaml_lines
from tests.fuzz.reader import Read, Reader, directly, from_file
from tests.sim.fleet.story import parameters
from tests.sim.scenario.plan.test_parcels import LARGER, PLANE, SMALLER, feature
from tests.sim.scenario.story import SMALL

PROFILE = """\
events_path = "/v1/ingest"
key_prefix = "Bearer "
patience_s = 3.5
[statuses]
202 = [200, 202]
[skip]
"takes a parcel" = "no parcels here"
"""


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _parcels(folder: Path) -> list[bytes]:
    named = feature("Polygon", SMALLER, properties={"name": "yard"}, id=7)
    pieces = feature("MultiPolygon", [SMALLER, LARGER], properties={"parcel_id": "14"})
    return _json({"type": "FeatureCollection", "features": [named, pieces]})


def _shipped(folder: Path) -> list[bytes]:
    return [SMALL.encode(), *(path.read_bytes() for path in sorted(SHIPPED.glob("*.yaml")))]


def _planned(content: bytes) -> object:
    """From the text to the plan of the day, of ten badges at most: a thousand take seconds."""
    story = parse_scenario(content, "s.yaml", Path("/nonexistent"))
    asked = parameters(story)
    if not 1 <= asked.badges <= 10:
        return None
    return Roster(story, asked).site_plan


def _resume_seeds(folder: Path) -> list[bytes]:
    plan = ResumePlan(
        scenario="small.yaml",
        digest="00000000",
        badges=2,
        hours=1.5,
        seed=3,
        start="2026-03-16T06:50:00Z",
        speed=None,
        url=None,
        out="out",
        split=False,
        batches=True,
        record=None,
        files={"p.geojson": "0" * 16},
    )
    return _json(asdict(plan))


def _resumed(folder: Path) -> Read:
    (folder / STATE).mkdir(exist_ok=True)

    def one(content: bytes) -> object:
        (folder / STATE / PLAN).write_bytes(content)
        return read_plan(folder).parameters

    return one


def _outcome_seeds(folder: Path) -> list[bytes]:
    tables = {"sessions": [{"worker_id": "W", "start": "2026-03-16T06:50:00Z"}]}
    files = SharedFiles(folder, 0, watched=False)
    kept = BadgeResult(0, "ACT-00000001", Counter(gps=3), Counter(), Counter(), tables)
    replace(kept, place=files.place).save(files)
    files.close()
    return [(folder / "000000.outcome").read_bytes()]


def _outcome(folder: Path) -> Read:
    def one(content: bytes) -> object:
        (folder / "000000.outcome").write_bytes(content)
        return saved_results(folder).get(0)

    return one


def _powercut(path: Path) -> object:
    return _Proof(CutCampaign(3, 10, 7, 1, ("torn",), path, False), 5).points_before


def _point(content: bytes) -> object:
    return str(parse_point(content.decode(errors="surrogateescape")))


def _toml(folder: Path) -> list[bytes]:
    return [PROFILE.encode()]


READERS = (
    Reader(
        "scenario",
        _shipped,
        directly(lambda content: parse_scenario(content, "s.yaml", Path()).files),
        yaml_lines,
        heavy=8,
    ),
    Reader("scenario-plan", lambda _: [SMALL.encode()], directly(_planned), yaml_lines, heavy=8),
    Reader(
        "parcels",
        _parcels,
        from_file(lambda path: read_parcels(path, PLANE), "p.geojson"),
        json_document,
    ),
    Reader("keys", lambda _: _json({"ACT-1": "ak"}), from_file(read_keys, "k"), json_document),
    Reader("resume-plan", _resume_seeds, _resumed, json_document),
    Reader("outcome", _outcome_seeds, _outcome, json_document, ()),
    Reader(
        "chaos-plan",
        lambda _: _json(draw_plan(1).document(), draw_plan(7).document()),
        from_file(lambda path: read_chaos_plan(read_json(path), "plan"), "plan.json"),
        json_document,
    ),
    Reader("chaos-seeds", lambda _: [b"1  # J1\n22\n"], from_file(read_seeds, "s"), text_lines),
    Reader(
        "powercut-resume",
        lambda _: _json(
            {"seed": 7, "damage": ["torn"], "batches": 1, "points": 9, "images": 2, "cpu_s": 0.5}
        ),
        from_file(_powercut, "proof.json"),
        json_document,
    ),
    Reader(
        "powercut-point", lambda _: [b"small/1/15:3:CLEAN/2:0:RANDOM"], directly(_point), text_lines
    ),
    Reader(
        "profile-toml",
        _toml,
        from_file(lambda path: read_profile(path, BackendProfile, checks()), "p.toml"),
        mixed((4, text_lines), (1, octets)),
    ),
    Reader(
        "profile-json",
        lambda _: _json({"old_firmware": "0.1.0", "statuses": {"202": [200]}}),
        from_file(lambda path: read_profile(path, BackendProfile, checks()), "p.json"),
        json_document,
    ),
)
