"""Strangers' tools read what we publish: a linter is content, and generated clients upload."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.http.openapi import document
from sim.ingest.launch import launch_ingest
from tests.sim.ingest.site import BADGE, NOW_MS, ask_http, event

pytestmark = pytest.mark.slow
TIMEOUT_S = 300
ONE_OF_TWO = [event(1), event(2, "low_battery", payload={"battery_pct": 101})]


def node_tool(name):
    """A command of an npm package below NODE_PATH, as .ci/run installs it."""
    for folder in os.environ.get("NODE_PATH", "").split(os.pathsep):
        if folder and (tool := Path(folder) / ".bin" / name).exists():
            return str(tool)
    pytest.skip(f"no {name}: install it with npm, and let NODE_PATH lead to it")


def done(*command, cwd, **environment):
    result = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


@contextmanager
def provisioned():
    with launch_ingest(rules=Rules(), clock=lambda: NOW_MS) as server:
        headers = {"X-Actual-Api-Key": server.ingest.new_service_keys()["provisioning"]}
        body = {"device_id": BADGE, "company_id": "acme"}
        yield server, ask_http(server.url, "POST", "/api/devices", body, headers).body["api_key"]


@pytest.mark.parametrize("keys", [True, False])
def test_redocly_finds_nothing(tmp_path, keys):
    redocly = node_tool("redocly")
    (tmp_path / "openapi.json").write_text(json.dumps(document(keys=keys)))
    quiet = {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
    done(redocly, "lint", "--max-problems=1", "openapi.json", cwd=tmp_path, **quiet)
    found = done(redocly, "lint", "--format=json", "openapi.json", cwd=tmp_path, **quiet)
    totals = json.loads(found[found.index("{") :])["totals"]
    assert (totals["errors"], totals["warnings"]) == (0, 0)


POST = """
import json, sys
from badge_client import AuthenticatedClient
from badge_client.api.default import post_events
from badge_client.models import GpsEvent, LowBatteryEvent

url, key, events = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
client = AuthenticatedClient(url, key, prefix="", auth_header_name="X-Actual-Api-Key")
batch = [GpsEvent.from_dict(events[0]), LowBatteryEvent.from_dict(events[1])]
for sent in (batch, batch[:1]):
    answer = post_events.sync_detailed(client=client, body=sent)
    print(json.dumps([answer.status_code, answer.parsed.to_dict()]))
"""


def test_a_python_client_made_from_it_uploads_and_reads_who_was_refused(tmp_path):
    pytest.importorskip("openapi_python_client", reason="needs the extra [clients]")
    (tmp_path / "openapi.json").write_text(json.dumps(document(keys=True)))
    (tmp_path / "config.yml").write_text("package_name_override: badge_client\npost_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"]
    done(*command, "--config", "config.yml", "--output-path", "made", cwd=tmp_path)
    with provisioned() as (server, key):
        words = [sys.executable, "-c", POST, server.url, key, json.dumps(ONE_OF_TWO)]
        out = done(*words, cwd=tmp_path, PYTHONPATH=str(tmp_path / "made"))
        assert server.store.events() == ONE_OF_TWO[:1]
    (first, listed), (second, whole) = map(json.loads, out.splitlines())
    assert (first, listed["accepted"], listed["rejected"]) == (207, 1, 1)
    assert [one["sequence_number"] for one in listed["rejected_events"]] == [2]
    assert (second, whole["accepted"]) == (202, 1)


UPLOAD = """
import createClient from "openapi-fetch";
import type { paths, components } from "./api.js";

const [url, key, text] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { "X-Actual-Api-Key": key } });
const batch: components["schemas"]["Batch"] = JSON.parse(text);
const { data, response } = await client.POST("/api/events", { body: batch });
const refused = data && "rejected_events" in data ? data.rejected_events : [];
console.log(JSON.stringify([response.status, data?.accepted, refused]));
"""
OPTIONS = {
    "strict": True,
    "module": "nodenext",
    "target": "es2022",
    "skipLibCheck": True,
    "types": ["node"],
}


def test_a_typescript_client_made_from_it_compiles_strictly_and_uploads(tmp_path):
    made, compiler = node_tool("openapi-typescript"), node_tool("tsc")
    (tmp_path / "node_modules").symlink_to(Path(made).parents[1])
    (tmp_path / "openapi.json").write_text(json.dumps(document(keys=True)))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": OPTIONS, "files": ["upload.ts"]})
    )
    (tmp_path / "upload.ts").write_text(UPLOAD)
    done(made, "openapi.json", "-o", "api.d.ts", cwd=tmp_path)
    done(compiler, "-p", ".", cwd=tmp_path)
    with provisioned() as (server, key):
        out = done("node", "upload.js", server.url, key, json.dumps(ONE_OF_TWO), cwd=tmp_path)
        assert server.store.events() == ONE_OF_TWO[:1]
    status, accepted, refused = json.loads(out)
    assert (status, accepted, [one["sequence_number"] for one in refused]) == (207, 1, [2])
