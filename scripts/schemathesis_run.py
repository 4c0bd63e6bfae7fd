"""Schemathesis against the running ingest API: what OpenAPI promises is what is answered.

    python scripts/schemathesis_run.py            # long: all phases, with and without keys
    python scripts/schemathesis_run.py --short    # seconds: what every test run can afford

Options after `--` go to schemathesis, like `-- --seed 7 --max-examples 500`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest

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
CLOCK_MS = 1_773_477_135_000
SHORT = ("--phases", "examples,fuzzing", "--max-examples", "3")
LONG = ("--phases", "examples,coverage,fuzzing", "--max-examples", "100")


def run(rules: Rules, options: Sequence[str], folder: Path) -> int:
    """Start a server, let schemathesis ask it, return schemathesis' exit code."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG, "utf-8")
    with launch_ingest(rules=rules, clock=lambda: CLOCK_MS) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        fixed = ["--seed", "1", "--no-color", *options]
        url = f"{server.url}/openapi.json"
        return subprocess.run([*command, url, *fixed], cwd=folder, check=False).returncode


def main() -> None:
    """Run, and exit with 1 if an answer was not the one promised."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes")
    parser.add_argument("options", nargs="*", help="for schemathesis, after --")
    chosen = parser.parse_args()
    options = [*(SHORT if chosen.short else LONG), *chosen.options]
    servers = [Rules(open=True)] if chosen.short else [Rules(open=True), Rules()]
    with tempfile.TemporaryDirectory() as folder:
        codes = [run(rules, options, Path(folder)) for rules in servers]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
