"""What the tests of the platforms share: the documents' examples, every type, secrets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sim.platforms import open as registry
from tests.paths import SEEDS

UTC_MS = 1_767_623_650_044  # 2026-01-05T14:34:10.044Z
SECRET = "B284A51B143841695B2D7BF3B8554731"
SECRETS = {"blecon": "Blecon-Secret: abc", "grouplink": "X-Key: k e y", "peridio": SECRET}
# Every type of every profile: platform, profile, type.
ALL_TYPES = [
    pytest.param(name, profile, kind, id=f"{name}-{profile}-{kind.name}")
    for name in registry.ROWS
    for profile in registry.platform(name).profiles
    for kind in registry.platform(name).types(profile)
]


def seed_text(name: str) -> str:
    path = SEEDS / name
    if not path.exists():
        pytest.skip(f"the documents are not here: {path}")
    return path.read_text()


def json_examples(text: str) -> list[dict[str, Any]]:
    """Every whole JSON object that begins on a line of its own; abbreviated ones are left out."""
    found, end = [], 0
    for match in re.finditer(r"^\{$", text, flags=re.M):
        if match.start() < end:
            continue
        try:
            example, end = json.JSONDecoder().raw_decode(text, match.start())
        except ValueError:
            continue
        found.append(example)
    return found


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
