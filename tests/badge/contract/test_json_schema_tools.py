"""Other people's tools read what we publish: validators agree with us, generators make types.

The programs of npm are looked for below NODE_PATH, as .ci/run installs them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from badge.contract.events import EVENT_TYPES
from badge.contract.validation import judge
from sim.conformance.kit.samples import (
    allowed_payloads,
    event,
    forbidden_envelopes,
    forbidden_payloads,
)
from tests.command import call

pytestmark = pytest.mark.slow
DEVICE = "ACT-3F8A21B4"
# A number written 7.0, a payload nested without end: what a schema cannot say is not among these.
SAMPLES = [
    *(event(DEVICE, 1, k, p) for k in EVENT_TYPES for _, p in allowed_payloads(k)),
    *(event(DEVICE, 1, k) | {"payload": p} for k in EVENT_TYPES for _, p in forbidden_payloads(k)),
    *(one | {"sequence_number": 1} for _, one in forbidden_envelopes(DEVICE)),
]
OURS = [not judge([one]).faults for one in SAMPLES]


def node(script: str, *arguments: object) -> str:
    """Run a script of Node; skips where Node or a package that it requires is not there."""
    if not os.environ.get("NODE_PATH"):
        pytest.skip("let NODE_PATH lead to ajv, @asyncapi/parser, json-schema-to-typescript, …")
    done = subprocess.run(
        ["node", "-e", script, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def schema(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "events.schema.json"
    assert call("schema", "--out", path).code == 0
    return path


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("samples") / "samples.json"
    path.write_text(json.dumps(SAMPLES))
    return path


def test_our_samples_are_right_and_wrong():
    assert 40 < sum(OURS) < len(OURS) - 200


AJV = """
const Ajv = require("ajv/dist/2020").default, fs = require("fs");
const [schema, samples] = process.argv.slice(1).map((f) => JSON.parse(fs.readFileSync(f)));
const check = new Ajv({ strict: STRICT, allowUnionTypes: true }).compile(
    { $ref: "#/$defs/Event", $defs: schema.$defs });
console.log(JSON.stringify(samples.map((one) => check(one))));
"""


def test_ajv_judges_as_we_do(schema, samples):
    assert json.loads(node(AJV.replace("STRICT", "false"), schema, samples)) == OURS


def test_jsonschema_rs_judges_as_we_do(schema):
    jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="needs the extra [clients]")
    definitions = json.loads(schema.read_text())["$defs"]
    check = jsonschema_rs.validator_for(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/$defs/Event",
            "$defs": definitions,
        }
    )
    assert [check.is_valid(one) for one in SAMPLES] == OURS


PLATFORMS = """
const Ajv = require("ajv/dist/2020").default, fs = require("fs");
const schema = JSON.parse(fs.readFileSync(process.argv[1]));
new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false, strictTypes: false,
    strictRequired: false, strictTuples: false }).compile(schema);
console.log("compiled");
"""


@pytest.mark.parametrize("platform", ["blecon", "grouplink", "peridio"])
def test_a_strict_ajv_knows_every_word_of_a_platforms_schema(tmp_path, platform):
    path = tmp_path / "schema.json"
    assert call("schema", "--platform", platform, "--out", path).code == 0
    assert node(PLATFORMS, path) == "compiled\n"


TYPESCRIPT = """
const { compileFromFile } = require("json-schema-to-typescript");
compileFromFile(process.argv[1]).then(console.log);
"""


def test_typescript_types_are_made_of_it(schema):
    made = node(TYPESCRIPT, schema)
    assert 'event_type: "gps"' in made


QUICKTYPE = """
const { quicktype, InputData, JSONSchemaInput, FetchingJSONSchemaStore } =
    require("quicktype-core");
const fs = require("fs");
(async () => {
    const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
    await input.addSource({ name: "Badge", schema: fs.readFileSync(process.argv[1], "utf8") });
    const inputData = new InputData();
    inputData.addInput(input);
    const made = await quicktype({ inputData, lang: "go" });
    console.log(made.lines.join("\\n"));
})();
"""


def test_quicktype_makes_go_of_it(schema):
    assert "sequence_number" in node(QUICKTYPE, schema)


def test_pydantic_models_are_made_of_it(schema, tmp_path):
    pytest.importorskip("datamodel_code_generator", reason="needs the extra [clients]")
    path = tmp_path / "models.py"
    command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(schema)]
    command += ["--input-file-type", "jsonschema", "--output", str(path)]
    command += ["--output-model-type", "pydantic_v2.BaseModel"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "class GpsEvent" in path.read_text()


ASYNCAPI = """
const { Parser } = require("@asyncapi/parser"), fs = require("fs");
new Parser().parse(fs.readFileSync(process.argv[1], "utf8")).then(({ document, diagnostics }) => {
    const wrong = diagnostics.filter((one) => one.severity === 0);
    console.log(JSON.stringify({ wrong, version: document && document.version() }));
});
"""


def test_asyncapis_own_parser_finds_no_error(tmp_path):
    path = tmp_path / "events.asyncapi.json"
    assert call("schema", "--format", "asyncapi", "--out", path).code == 0
    told = json.loads(node(ASYNCAPI, path))
    assert told["wrong"] == []
    assert told["version"].startswith("3.")
