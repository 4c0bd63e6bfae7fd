"""What a whole campaign has proven: sums that do not depend on the order of the runs."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import Any

from sim.chaos.plan.faults import HOUR_MS, KINDS
from sim.chaos.run import DELIVERY_MS, PlanResult, reachable_rows


class Proof:
    """Adds up results; `missing` names what a campaign of any size should have met and did not."""

    def __init__(self) -> None:
        self.runs = 0
        self.badge_ms = 0
        self.events = 0
        self.healed_after_ms = 0
        self.cpu_s = 0.0
        self.counts: Counter[str] = Counter()
        self.strikes: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.failures: dict[int, PlanResult] = {}
        self._digests: dict[int, str] = {}

    def add(self, result: PlanResult) -> None:
        """Take a run's result."""
        self.runs += 1
        self.badge_ms += result.badge_ms
        self.events += result.events
        self.healed_after_ms = max(self.healed_after_ms, result.healed_after_ms)
        self.cpu_s += result.cpu_s
        self.counts += result.counts
        self.strikes += result.strikes
        self.rows += result.rows
        self._digests[result.seed] = result.digest
        if result.failure is not None:
            self.failures[result.seed] = result

    @property
    def badge_hours(self) -> float:
        """Simulated hours, summed over badges; a run made twice counts once."""
        return self.badge_ms / HOUR_MS

    @property
    def digest(self) -> str:
        """One hash over the transcripts of all runs, by seed."""
        joined = "".join(f"{seed}:{digest}\n" for seed, digest in sorted(self._digests.items()))
        return blake2b(joined.encode(), digest_size=16).hexdigest()

    @property
    def missing_faults(self) -> list[str]:
        """Kinds of faults that never struck."""
        return [name for name in KINDS if not self.strikes[name]]

    @property
    def missing_rows(self) -> list[str]:
        """Rows of the badge's tables that were never used."""
        return [row for row in reachable_rows() if not self.rows[row]]

    def document(self) -> dict[str, Any]:
        """Return everything as JSON values; only `cpu_s` differs from one campaign to the next."""
        return {
            "runs": self.runs,
            "badge_hours": round(self.badge_hours, 1),
            "events": self.events,
            "healed_after_s": self.healed_after_ms // 1000,
            "healed_after_s_limit": DELIVERY_MS // 1000,
            "digest": self.digest,
            **dict(sorted(self.counts.items())),
            "strikes": {name: self.strikes[name] for name in KINDS},
            "rows_used": len(reachable_rows()) - len(self.missing_rows),
            "rows": len(reachable_rows()),
            "missing_faults": self.missing_faults,
            "missing_rows": self.missing_rows,
            "failures": {
                str(seed): result.failure.text
                for seed, result in sorted(self.failures.items())
                if result.failure
            },
            "cpu_s": round(self.cpu_s, 1),
        }
