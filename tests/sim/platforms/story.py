"""A setting on which a platform can be played by hand, and the causes of one badge's day."""

from __future__ import annotations

from random import Random

from sim.platforms.kit.cause import Cause
from sim.platforms.kit.simulation import Setting

START_MS = 1_773_639_900_000  # 2026-03-16T05:45:00Z
BADGE = "ACT-00000001"


def setting(words, *, url="http://127.0.0.1:1/", secrets=()):
    return Setting(words, url, lambda *names: Random(repr(names)), "run 1", secrets)


class Day:
    """Hands causes to a platform a second apart, and keeps what it posts."""

    def __init__(self, simulation):
        self.simulation, self.now_ms, self.count = simulation, START_MS, 0
        self.posted = []

    def happens(self, kind, *, after_s=1, device=BADGE, first=None, **facts):
        self.now_ms += round(after_s * 1000)
        self.count += 1
        cause = Cause(self.now_ms, kind, device, "Ana", self.count, facts, first)
        self.simulation.happens(cause)
        return cause

    def heard(self, **more):
        facts = {"hotspot": "depot", "lat": 45.81, "lon": 15.98, "rssi_dbm": -60, "lasts": True}
        return self.happens("heard", **{**facts, **more})

    def boots(self, firmware="0.3.0", reason="power_on", **more):
        return self.happens("boot", reason=reason, firmware=firmware, last=1, first=1, **more)

    def uploads(self, firmware="0.3.0", certificate=None, body='[{"a":1}]', **more):
        facts = {"firmware": firmware, "certificate": certificate, "body": body, "last": 9}
        return self.happens("upload", first=5, **{**facts, **more})

    def post(self, status=200, body=b"{}", after_s=1):
        """Let everything out that is due, and answer it."""
        self.now_ms += round(after_s * 1000)
        for delivery in self.simulation.due(self.now_ms):
            self.posted.append(delivery)
            if self.simulation.waits_for(delivery):
                self.simulation.answered(delivery, status, body, self.now_ms)

    @property
    def types(self):
        return [one.type for one in self.simulation.made]
