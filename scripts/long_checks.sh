#!/usr/bin/env bash
# The checks that have commands of their own, at the length of .ci/run; with `whole` as the second
# word at the length of the figures in docs/reliability.md (twelve minutes more):
# bash scripts/long_checks.sh VENV/bin [whole]
set -euo pipefail
bin=${1:?usage: long_checks.sh VENV/bin [whole]}
if [ "${2:-}" = whole ]; then seeds=1000 kills=200; else seeds=250 kills=40; fi
say() { printf '\n-- %s\n' "$*"; }
say "fleets under every fault"
"$bin/badge" chaos --seeds "$seeds"
say "the ingest killed under load"
"$bin/badge" crashtest --kills "$kills"
say "the ingest against its own OpenAPI document"
"$bin/python" scripts/schemathesis_run.py
