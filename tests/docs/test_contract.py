"""docs/contract.md says what the code does: keys, events, statuses and gates."""

from __future__ import annotations

import re
from typing import get_type_hints

import pytest

from badge.config import BadgeConfig
from badge.contract.events import BATCH_EVENTS_LIMIT, EVENT_TYPES
from badge.contract.json_schema import json_schema_document
from hil.gates import law
from tests.paths import DOCS, ROOT

PAGE = (DOCS / "contract.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\d)\. .*?\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def test_it_has_the_six_sections_that_are_cited():
    assert list(SECTIONS) == list("123456")


def test_every_key_is_said_in_section_3_and_none_that_is_not_there():
    owners = list(BadgeConfig.model_fields)[:9]
    text = SECTIONS["3"].partition("<!-- keys end -->")[2]
    numbers = [name for name in BadgeConfig.model_fields if name.endswith(("_s", "_m", "_pct"))]
    numbers += [name for name in BadgeConfig.model_fields if name.endswith(("_max", "_threshold"))]
    for name in numbers:
        if name != "quarantine_events_max":
            assert f"`{name}`" in text, name
    assert set(numbers) - set(owners)
    said = set(re.findall(r"`([a-z]+(?:_[a-z]+)+_(?:s|m|max|pct|threshold))`", text))
    assert said - {"previous_uptime_s", "accuracy_m"} <= set(BadgeConfig.model_fields)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_event_is_there_with_its_whole_payload(kind):
    (row,) = re.findall(rf"^\| `{kind}` \| (.*?) \|", SECTIONS["2"], re.M)
    name = "".join(word.capitalize() for word in kind.split("_"))
    payload = json_schema_document()["$defs"][f"{name}Payload"]
    wanted = {
        field + ("" if field in payload.get("required", ()) else "?")
        for field in payload.get("properties", {})
    }
    assert set(re.findall(r"`([a-z_]+\??)`", row)) == wanted


def test_the_numbers_of_batches_and_gates_are_the_codes():
    assert f"1 to {BATCH_EVENTS_LIMIT} events" in PAGE
    gates = SECTIONS["5"]
    assert f"{law.HOURS:g} h: five badges" in gates
    assert f"of {law.GPS_SAMPLES} GPS samples 85 % lie within {law.NEAR_M:g} m" in gates
    assert f"of {law.CYCLES} scan cycles 85 % detect the tag at {law.SURE_M} m" in gates
    assert f"with {law.QUEUED} events waiting" in gates


def test_every_status_that_a_badge_meets_has_a_row():
    rows = set(re.findall(r"^\| ([\d, ]+)[ |]", SECTIONS["4"], re.M))
    named = {int(one) for row in rows for one in row.split(",") if one.strip()}
    assert {202, 207, 400, 401, 408, 413, 415, 422, 429, 503} <= named


def test_whoever_cites_a_section_can_find_it():
    cited = set()
    for folder in ("badge", "sim", "hil"):
        for path in (ROOT / folder).rglob("*.py"):
            cited |= set(re.findall(r"contract section (\d)", path.read_text(encoding="utf-8")))
    assert cited <= set(SECTIONS)
    assert get_type_hints(BadgeConfig)
