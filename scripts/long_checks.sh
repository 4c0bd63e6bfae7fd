#!/usr/bin/env bash
# The checks that take minutes and have their own commands: bash scripts/long_checks.sh VENV/bin
set -euo pipefail
bin=${1:?usage: long_checks.sh VENV/bin}
say() { printf '\n-- %s\n' "$*"; }
say "the fleet under fire"
"$bin/badge" chaos --seeds 1000
say "the ingest under fire"
"$bin/badge" crashtest --kills 200
say "the ingest against its own OpenAPI document"
"$bin/python" scripts/schemathesis_run.py
