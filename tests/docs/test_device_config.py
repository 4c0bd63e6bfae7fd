"""docs/device-config.md: every key as the badge has it, and a sample that it takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jsonschema

from badge.config import BadgeConfig, config_schema, read_config
from tests.paths import DOCS, ROOT

PAGE = (DOCS / "device-config.md").read_text(encoding="utf-8")
SAMPLE = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.S)[0])


def test_the_tables_of_both_pages_are_those_of_the_configuration():
    done = subprocess.run(
        [sys.executable, "scripts/draw_config.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_key_is_in_the_table_once_and_says_what_it_means():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, re.M)
    assert [row[0] for row in rows] == list(BadgeConfig.model_fields)
    assert all(len(row[4]) > 10 for row in rows)


def test_the_sample_is_taken_by_the_badge_and_by_the_schema():
    assert read_config(SAMPLE).worker_ids == ["W-007", "W-042"]
    jsonschema.Draft202012Validator.check_schema(config_schema())
    jsonschema.validate(SAMPLE, config_schema())
