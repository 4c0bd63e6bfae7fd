from __future__ import annotations

import re
from pathlib import Path
from queue import Queue
from random import Random

from platform_cases import UTC_MS

from sim.platforms import blecon, listen, peridio, registry, send
from sim.platforms.blecon import Device, Hotspot

PAGE = (Path(__file__).parents[2] / "docs" / "platforms.md").read_text()


def test_the_table_of_types_says_of_each_how_sure_it_is():
    rows = re.findall(r"^\| `([^`]+)` \| (documented|third-party|unverified) \|", PAGE, flags=re.M)
    known = {
        kind.name: kind.evidence
        for name in registry.ROWS
        for kind in registry.platform(name).types()
    }
    openapi = peridio.PLATFORM.find("device.disconnected", "openapi")
    assert dict(rows) == known | {openapi.name: openapi.evidence}


def test_profiles_schemes_and_faults_are_all_explained():
    for name in registry.ROWS:
        platform = registry.platform(name)
        for word in (*platform.profiles, *platform.schemes):
            assert word == "default" or word in PAGE
    for fault in send.FAULTS:
        assert f"| {fault} |" in PAGE


def test_the_lines_on_emitting_run_as_they_stand(serve):
    lines = PAGE.partition("## Emit their events yourself")[2].partition("## ")[0]
    code = "\n".join(line[4:] for line in lines.splitlines() if line.startswith("    "))
    given = {
        "blecon": blecon,
        "Random": Random,
        "post": send.post,
        "url": serve(
            listen.receiver_app(listen.Rules(blecon.PLATFORM, ["X-Key: abc"]), Queue().put)
        ),
        "now": UTC_MS,
        "device": Device("urn:uuid:9f3e2a1b-4c5d-6e7f-8a9b-0c1d2e3f4a5b", "net", "acc"),
        "hotspot": Hotspot(52.125039, -0.161111, 10.0, "ap_1"),
    }
    exec(code, given)
    assert given["outcome"].status == 200
