"""docs/observe.md: every metric that a command sends, and no other."""

from __future__ import annotations

import re

from tests.paths import DOCS, ROOT

PAGE = DOCS / "observe.md"
TOLD = (
    "sim/ingest/http/telemetry.py",
    "sim/fleet/telemetry.py",
    "sim/fleet/upload/telemetry.py",
    "sim/load/report.py",
    "hil/app/telemetry.py",
)
_METRIC = re.compile(r'"((?:http|badge)\.[a-z_.]+)"[:,]\s*\(?\s*"')


def test_every_metric_is_on_the_page_and_no_other():
    text = PAGE.read_text("utf-8")
    sent = {name for file in TOLD for name in _METRIC.findall((ROOT / file).read_text("utf-8"))}
    rows = [row for row in text.splitlines() if row.startswith("| `")]
    attributes = {
        "badge.event.outcome",
        "badge.event.type",
        "http.response.status_code",
        "badge.toml",
    }
    told = set(re.findall(r"`((?:http|badge)\.[a-z_.]+)`", " ".join(rows))) - attributes
    assert sent - {"http.request.method"} == told
