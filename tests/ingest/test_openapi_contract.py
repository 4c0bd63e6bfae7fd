"""Schemathesis against the running API: what OpenAPI promises is what is answered."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ingest_site import NOW_MS, ask_http

from sim.ingest.api import Rules
from sim.ingest.embedded import embedded

pytest.importorskip("schemathesis")

# Two rules that no JSON Schema can say: a ring repeats its first position and encloses an area,
# a batch is of one device; such requests are valid by the schema and refused with 400.  And 207
# is a refusal of the invalid events.
CONFIG = """
[[operations]]
include-path = "/api/parcels"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "409"]
[[operations]]
include-path = "/api/events"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "413"]
checks.negative_data_rejection.expected-statuses = ["207", "400", "401", "405", "413"]
"""


@pytest.mark.parametrize(
    ("open_", "phases"), [(True, "examples,coverage,fuzzing"), (False, "examples")]
)
def test_every_answer_is_one_that_openapi_promises(tmp_path, open_, phases):
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    with embedded(rules=Rules(open=open_), clock=lambda: NOW_MS) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        options = ["--phases", phases, "--max-examples", "5", "--seed", "1", "--no-color"]
        done = subprocess.run(
            [*command, f"{server.url}/openapi.json", *options],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_openapi_names_every_status_of_the_contract():
    with embedded(rules=Rules()) as server:
        document = ask_http(server.url, "GET", "/openapi.json").body
    operation = document["paths"]["/api/events"]["post"]
    statuses = {"202", "207", "400", "401", "408", "413", "422", "429", "503"}
    assert operation["responses"].keys() == statuses
    assert "Retry-After" in operation["responses"]["503"]["headers"]
    assert operation["security"] == [{"ApiKey": []}]
    key = document["components"]["securitySchemes"]["ApiKey"]
    assert (key["in"], key["name"]) == ("header", "X-Actual-Api-Key")
    assert set(document["paths"]) == {
        *("/api/events", "/api/devices", "/api/devices/{device_id}/status"),
        *("/api/equipment-tags", "/api/parcels", "/api/health"),
    }
