"""A verdict as JSON values, and as a page that shows both sides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from hil.dut.judge import Verdict


def findings_of(verdict: Verdict) -> list[dict[str, Any]]:
    """Give the findings as JSON values."""
    return [
        {
            "kind": one.kind,
            "event_type": one.event_type,
            "at": one.at,
            "ms": one.ms,
            "text": one.text,
            "wanted": one.wanted and dict(one.wanted),
            # A foreign event may hold NaN or Infinity, which JSON cannot say.
            "logged": from_json(to_json(one.logged, inf_nan_mode="strings")),
        }
        for one in verdict.findings
    ]


def keep_judged(verdict: Verdict, logged: Sequence[object], path: Path) -> None:
    """Write what a device logged beside what it should have, each finding marked, as one page."""
    from sim.view.keep import keep_verdict

    keep_verdict(verdict.expected, logged, findings_of(verdict), "judged", path)
