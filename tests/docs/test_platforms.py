from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from queue import Queue
from random import Random

import pytest
import yaml

from sim.fleet.webhooks import truth as ledger
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.platforms import blecon, listen, peridio, send
from sim.platforms import open as registry
from sim.platforms.blecon import Device, Hotspot
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.simulation import Made
from sim.scenario.language.platforms import Platforms
from tests.command import call
from tests.docs.pages import commands
from tests.paths import DOCS
from tests.sim.platforms.cases import UTC_MS

PAGE = (DOCS / "platforms.md").read_text()


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


@pytest.mark.slow
def test_the_shell_lines_run_as_they_stand(tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.M | re.S)
    folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    said = []
    for line in [line for block in blocks for line in block.splitlines()]:
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        said.append(done.stdout)
    assert ["no fault in" in one for one in said] == [False, True, True, True, False]


def test_the_four_wires_run_as_they_stand(serve, tmp_path, monkeypatch):
    """The page's own line, at other ports, for two badges and the hour of the roll."""
    monkeypatch.chdir(tmp_path)
    asked = {words[1]: words[2:] for words in commands(DOCS / "platforms.md") if "--port" in words}
    (line,) = (words for words in commands(DOCS / "platforms.md") if "KEY" in words)
    with launch_ingest(rules=Rules()) as ingest:
        there = {"http://127.0.0.1:8080": ingest.url}
        for name, options in asked.items():
            secrets = [options[i + 1] for i, word in enumerate(options) if word == "--secret"]
            rules = listen.ReceiverRules(registry.platform(name), secrets)
            port = options[options.index("--port") + 1]
            there[f"http://127.0.0.1:{port}/"] = serve(listen.receiver_app(rules, Queue().put))
        there["KEY"] = ingest.ingest.new_service_keys()["provisioning"]
        words = [there.get(word, word) for word in line]
        said = call(*words, "--hours", "1", "--badges", "2", "--json", "--out", "four")
    assert said.code == 0, said.err
    assert json.loads(said.out)["delivered"] > 100


def test_the_words_of_a_scenario_are_those_that_are_understood():
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.M | re.S)
    own = yaml.safe_load(block)["platforms"]
    story = Platforms.model_validate(own)
    assert story.blecon.hotspots["truck"].accuracy_m == 5
    assert story.peridio.roll.ttl_s == 600


def test_every_column_of_the_truth_is_explained():
    table = PAGE.partition("| column | |")[2].partition("\n\n")[0]
    explained = set(
        re.findall(r"`(\w+)`", "\n".join(r.split("|")[1] for r in table.splitlines()[2:]))
    )
    cause = Cause(UTC_MS, "boot", "ACT-1")
    line = ledger.EventTruth("blecon", Made("k", "t", UTC_MS, cause))
    assert explained == set(ledger._row(line, UTC_MS, {}))


def test_the_lines_on_emitting_run_as_they_stand(serve):
    lines = PAGE.partition("## Emit their events yourself")[2].partition("## ")[0]
    code = "\n".join(line[4:] for line in lines.splitlines() if line.startswith("    "))
    given = {
        "blecon": blecon,
        "Random": Random,
        "post": send.post,
        "url": serve(
            listen.receiver_app(listen.ReceiverRules(blecon.PLATFORM, ["X-Key: abc"]), Queue().put)
        ),
        "now": UTC_MS,
        "device": Device("urn:uuid:9f3e2a1b-4c5d-6e7f-8a9b-0c1d2e3f4a5b", "net", "acc"),
        "hotspot": Hotspot(52.125039, -0.161111, 10.0, "ap_1"),
    }
    exec(code, given)
    assert given["outcome"].status == 200
