"""Schemathesis against the running API, briefly: `scripts/schemathesis_run.py` takes longer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from tests.paths import ROOT
from tests.sim.ingest.site import ask_http

pytestmark = pytest.mark.slow

pytest.importorskip("schemathesis", reason="needs the extra [test]")

SCRIPT = ROOT / "scripts" / "schemathesis_run.py"


def test_every_answer_is_one_that_openapi_promises():
    done = subprocess.run(
        [sys.executable, SCRIPT, "--short"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_openapi_names_every_status_of_the_contract():
    with launch_ingest(rules=Rules()) as server:
        document = ask_http(server.url, "GET", "/openapi.json").body
    operation = document["paths"]["/api/events"]["post"]
    statuses = {"202", "207", "400", "401", "408", "413", "415", "422", "429", "503"}
    assert operation["responses"].keys() == statuses
    assert "Retry-After" in operation["responses"]["503"]["headers"]
    assert operation["security"] == [{"ApiKey": []}]
    key = document["components"]["securitySchemes"]["ApiKey"]
    assert (key["in"], key["name"]) == ("header", "X-Actual-Api-Key")
    assert set(document["paths"]) == {
        *("/api/events", "/api/devices", "/api/devices/{device_id}/status"),
        *("/api/equipment-tags", "/api/parcels", "/api/health", "/api/notehub"),
    }
